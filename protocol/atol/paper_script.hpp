// Lines and codes that belong to nothing fiscal, as the commands that print them; all of them are written
// before the first one is sent. Source: docs/sources.md#atol, sections 3.2 and 4.4.
#pragma once

#include "protocol/atol/commands.hpp"
#include "protocol/fiscal/request.hpp"

#include <variant>
#include <vector>

namespace kb::atol {

using PaperStep = std::variant<PrintLine, PrintQr>;

/// Long lines are wrapped to `line_characters`. Errc::not_representable for what these registers have no
/// known command for (bar codes other than QR) and for characters their page lacks, bad_encoding, bad_length.
Result<std::vector<PaperStep>> paper_script(const std::vector<fiscal::PrintItem>& items,
                                            std::size_t line_characters, const Dialect& dialect);

} // namespace kb::atol

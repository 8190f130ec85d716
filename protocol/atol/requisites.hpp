// Tags of a receipt as E8h commands: only those that are known to be taken.
// Source: docs/sources.md#atol, section 4.8.
#pragma once

#include "protocol/atol/sale_commands.hpp"
#include "protocol/fiscal/request_tlv.hpp"

#include <vector>

namespace kb::atol {

enum class RequisiteOf { receipt, item };

/// Errc::unsupported naming the tag and the cure for one that no document tells; not_representable for text
/// that the dialect's page of requisites lacks.
Result<std::vector<WriteRequisite>> requisites(const std::vector<fiscal::HostTag>& tags, RequisiteOf of,
                                               const Dialect& dialect);

} // namespace kb::atol

// The `.exchange` file: what passed a line, as test fixtures, support traces and recordings are kept.
//
//   # device: ШТРИХ-М-02Ф                      head: "# key: value" lines at the top
//   # origin: captured 2024-05-02
//   > 05                              # ENQ    written by the host; a comment follows '#'
//   < 15                                       by the device
//   # 12 ms: no_answer                         a note anywhere below: passed over
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kb {

struct ExchangeLine {
    bool from_host = true;
    Bytes bytes;
    std::string comment; ///< as it stands after '#'
};

struct ExchangeFile {
    std::vector<std::pair<std::string, std::string>> head; ///< in their order
    std::vector<ExchangeLine> lines;

    /// The value of a head line, "" when it has none.
    [[nodiscard]] std::string about(std::string_view key) const;
};

/// Errc::bad_value naming the line and what is wrong with it.
Result<ExchangeFile> parse_exchange(std::string_view text);
/// The text that parse_exchange reads back. Precondition: keys, values and comments hold no line end.
std::string write_exchange(const ExchangeFile& file);
/// One line of it, without its end.
std::string write_exchange_line(const ExchangeLine& line);

} // namespace kb

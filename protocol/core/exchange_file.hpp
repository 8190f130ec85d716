// The `.exchange` file: what passed a line, as test fixtures, support traces and recordings are kept.
//
//   # device: ШТРИХ-М-02Ф                      head: "# key: value" lines at the top
//   # origin: captured 2024-05-02
//   # lines: 2                                 how many of ">" and "<"; only recordings tell it
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
    std::string comment;    ///< as it stands after '#'
    std::size_t number = 0; ///< of its line in the text it was read from, from 1; 0: made, not read
};

struct ExchangeFile {
    std::vector<std::pair<std::string, std::string>> head; ///< in their order
    std::vector<ExchangeLine> lines;

    /// The value of a head line, "" when it has none.
    [[nodiscard]] std::string about(std::string_view key) const;
};

/// Errc::bad_value naming the line and what is wrong with it; also where the head tells of more lines or of
/// fewer ("# lines: 231") than there are, as a file that was cut off does.
Result<ExchangeFile> parse_exchange(std::string_view text);
/// The text that parse_exchange reads back. Precondition: keys, values and comments hold no line end.
std::string write_exchange(const ExchangeFile& file);
/// One line of it, without its end.
std::string write_exchange_line(const ExchangeLine& line);

} // namespace kb

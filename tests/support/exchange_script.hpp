// What the tests of wire protocols share: fixture rows, and a script to run an exchange against.
#pragma once

#include "protocol/core/exchange.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace kb::test {

/// One row of a fixture like shtrih/frames.txt: cells between bars, trimmed; missing ones are empty.
using Row = std::vector<std::string>;

inline std::vector<Row> load_rows(const std::string& name)
{
    std::vector<Row> rows;
    std::istringstream file(read_fixture(name));
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#')
            continue;
        Row row;
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, '|');) {
            const auto first = cell.find_first_not_of(' ');
            const auto last = cell.find_last_not_of(' ');
            row.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
        }
        row.resize(std::max<std::size_t>(row.size(), 8));
        rows.push_back(row);
    }
    return rows;
}

inline Bytes row_bytes(const std::string& file, const std::string& id, std::size_t column)
{
    for (const Row& row : load_rows(file))
        if (row[0] == id)
            return hex(row[column]);
    throw std::runtime_error("no row " + id + " in " + file);
}

/// How a conversation ended.
struct Ending {
    std::optional<Bytes> reply;
    std::optional<Error> error;
    Outcome if_lost = Outcome::not_done; ///< what outcome_if_lost() said at the break
    bool broken_off = false;             ///< the script ran out and the line was cut
};

/// Runs an exchange against the lines of a script from `at` on. A Read where the script wants the host to
/// write is a time-out. After line `cut` the device is silent (`hang_up` false) or the line goes away.
inline Ending run_script(Exchange& exchange, const std::vector<ExchangeLine>& lines, std::size_t& at,
                         std::size_t cut = SIZE_MAX, bool hang_up = false)
{
    Step step = exchange.begin();
    for (int steps = 0; steps < 1000; ++steps) {
        if (auto* done = std::get_if<Done>(&step))
            return {std::move(done->reply), {}, {}, false};
        if (auto* error = std::get_if<Error>(&step))
            return {{}, *error, {}, false};
        const bool silent = at >= std::min(cut, lines.size());
        if (silent && hang_up)
            return {{}, {}, exchange.outcome_if_lost(), true};
        if (auto* write = std::get_if<Write>(&step)) {
            if (!silent) {
                INFO("line " << at << " of the script");
                REQUIRE(lines[at].from_host);
                REQUIRE(to_hex(write->bytes) == to_hex(lines[at].bytes));
                ++at;
            }
            step = exchange.on_written();
        } else if (!silent && !lines[at].from_host) {
            step = exchange.on_bytes(lines[at++].bytes);
        } else {
            step = exchange.on_timeout();
        }
    }
    FAIL("the exchange does not end");
    return {};
}

} // namespace kb::test

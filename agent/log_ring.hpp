// The log's last lines, for whoever looks on from a browser: in memory, bounded, gone with the process. What
// is kept for longer is what systemd collects.
#pragma once

#include "agent/log.hpp"
#include "protocol/core/time.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace kb::agent::log {

enum class Level : std::uint8_t { debug, info, warning, error };
std::string_view to_string(Level level);
std::optional<Level> level_of(std::string_view word);

struct Line {
    /// Grows by one from line to line, and over a restart too, since it begins with the time: whoever asks on
    /// after one misses nothing.
    std::uint64_t id = 0;
    UtcMs at{};
    Level level = Level::info;
    std::string text;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// Any thread.
class Ring {
public:
    struct Limits {
        std::size_t lines = 1'000;
        std::size_t bytes = 512U << 10U;     ///< of texts and fields together
        std::size_t value_bytes = 2U << 10U; ///< of one text or field; what is longer is cut
    };
    Ring() : Ring(Limits()) {}
    explicit Ring(Limits limits) : limits_(limits) {}

    void add(UtcMs at, Level level, std::string_view text, Fields fields);

    struct Excerpt {
        std::vector<Line> lines;  ///< oldest first
        std::uint64_t next = 0;   ///< to ask on with; lines below the level count as seen
        std::uint64_t missed = 0; ///< lines behind `after` that are kept no more
    };
    /// The first `at_most` lines behind `after`, or the last ones there are when it is 0 or nobody's number.
    [[nodiscard]] Excerpt read(std::uint64_t after, Level from, std::size_t at_most) const;

private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::deque<Line> lines_;
    std::size_t bytes_ = 0;
    std::uint64_t first_ = 0; ///< id of the first line ever
    std::uint64_t last_ = 0;
};

/// Where everything goes that log.hpp writes.
const Ring& last_lines();

} // namespace kb::agent::log

// What to read from the FN next: the journal's gaps against the FN's last number, as pure code.
#pragma once

#include "storage/fd_ranges.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace kb::agent {

struct ReadItem {
    enum class What {
        document,     ///< never seen: the whole of it
        short_record, ///< never seen, in a long backlog: the record now, the body later
        body,         ///< the body of a short record
    };
    std::uint32_t fd_number = 0;
    What what = What::document;
    bool fresh = false;    ///< of today's sales: nobody should wait for it
    unsigned attempts = 0; ///< failed ones so far
    bool aside = false;    ///< set aside at an earlier time: one more attempt, without another alarm
};

/// The order of reading one FN. New documents go first, but every fifth item is of the backlog, so that
/// neither starves. A long backlog is read as short records, oldest first, and its bodies after.
class ReadingPlan {
public:
    struct Rules {
        std::uint64_t long_backlog = 100; ///< more missing than this: short records first
        std::uint32_t fresh_tail = 20;    ///< of a backlog, so many of the newest count as new
        unsigned fresh_per_old = 4;
        bool bodies = true; ///< false: this device gives short records only
    };

    explicit ReadingPlan(Rules rules) : rules_(rules) {}

    /// Starts over: the FN's last number and what of 1..last_fd the journal lacks.
    void begin(std::uint32_t last_fd, const std::vector<storage::FdRange>& missing);
    /// The FN told its last number; what is above the former one is new. A lower one changes nothing.
    void on_last_number(std::uint32_t last_fd);
    /// Short records whose body should be read, in the wanted order.
    void want_bodies(const std::vector<std::uint32_t>& numbers);

    /// Numbers that were set aside as unreadable: after all others, once.
    void try_again(const std::vector<std::uint32_t>& numbers);

    /// The next number to read; it leaves the plan. nullopt: nothing to do.
    std::optional<ReadItem> next();
    /// The next number never seen, while only short records can be had: no bodies, no repeated attempts.
    std::optional<ReadItem> next_unseen();
    /// It was not read: passing trouble (a sale began) comes back first, a failed attempt comes last.
    void put_back(const ReadItem& item, bool failed);

    [[nodiscard]] std::uint32_t last_fd() const { return last_fd_; }
    /// Documents that the journal still lacks, bodies not counted.
    [[nodiscard]] std::uint64_t behind() const { return fresh_.size() + backlog_.count() + again_missing(); }
    [[nodiscard]] bool has_fresh() const { return !fresh_.empty(); }
    /// All numbers are known and no body is planned: time to ask the journal for wanted bodies.
    [[nodiscard]] bool idle() const;

private:
    [[nodiscard]] std::uint64_t again_missing() const;
    std::optional<ReadItem> next_fresh();
    std::optional<ReadItem> next_of_backlog();
    std::optional<ReadItem> next_old();

    Rules rules_;
    std::uint32_t last_fd_ = 0;
    std::deque<ReadItem> fresh_; ///< ascending
    storage::FdRanges backlog_;
    bool short_first_ = false; ///< decided when the backlog begins, kept until it is empty
    std::deque<ReadItem> bodies_;
    std::deque<ReadItem> again_; ///< failed once, waiting for their next attempt
    unsigned fresh_in_a_row_ = 0;
};

} // namespace kb::agent

// The order of reading.
#include "agent/reconciliation.hpp"

#include <algorithm>

namespace kb::agent {

void ReadingPlan::begin(std::uint32_t last_fd, const std::vector<storage::FdRange>& missing)
{
    last_fd_ = last_fd;
    fresh_.clear();
    bodies_.clear();
    again_.clear();
    backlog_ = {};
    for (const storage::FdRange& range : missing) {
        backlog_.add(range);
    }
    const std::uint32_t tail = last_fd > rules_.fresh_tail ? last_fd - rules_.fresh_tail : 0;
    for (std::uint32_t number = tail + 1; number <= last_fd; ++number) {
        if (backlog_.contains(number)) {
            backlog_.remove({number, number});
            fresh_.push_back({number, ReadItem::What::document, true});
        }
    }
    short_first_ = backlog_.count() > rules_.long_backlog;
}

void ReadingPlan::on_last_number(std::uint32_t last_fd)
{
    if (last_fd <= last_fd_) {
        return;
    }
    // So many at once are no sales of the last seconds: the port was held by somebody else for long.
    const std::uint32_t gained = last_fd - last_fd_;
    const bool jump = gained > rules_.long_backlog && gained > rules_.fresh_tail;
    const std::uint32_t fresh_after = jump ? last_fd - rules_.fresh_tail : last_fd_;
    if (jump) {
        backlog_.add({last_fd_ + 1, fresh_after});
        short_first_ = true;
    }
    for (std::uint32_t number = fresh_after + 1; number <= last_fd; ++number) {
        fresh_.push_back({number, ReadItem::What::document, true});
    }
    last_fd_ = last_fd;
}

void ReadingPlan::want_bodies(const std::vector<std::uint32_t>& numbers)
{
    for (const std::uint32_t number : numbers) {
        bodies_.push_back({number, ReadItem::What::body});
    }
}

void ReadingPlan::try_again(const std::vector<std::uint32_t>& numbers)
{
    for (const std::uint32_t number : numbers) {
        ReadItem item{number, ReadItem::What::document};
        item.attempts = 1;
        item.aside = true;
        again_.push_back(item);
    }
}

std::optional<ReadItem> ReadingPlan::next_fresh()
{
    if (fresh_.empty()) {
        return std::nullopt;
    }
    ReadItem item = fresh_.front();
    fresh_.pop_front();
    if (!rules_.bodies) {
        item.what = ReadItem::What::short_record;
    }
    return item;
}

std::optional<ReadItem> ReadingPlan::next_of_backlog()
{
    if (backlog_.empty()) {
        return std::nullopt;
    }
    const std::uint32_t number = backlog_.runs().front().first;
    backlog_.remove({number, number});
    const bool record = short_first_ || !rules_.bodies;
    return ReadItem{number, record ? ReadItem::What::short_record : ReadItem::What::document};
}

std::optional<ReadItem> ReadingPlan::next_unseen()
{
    const auto item = next_fresh();
    return item ? item : next_of_backlog();
}

std::optional<ReadItem> ReadingPlan::next_old()
{
    if (const auto item = next_of_backlog()) {
        return item;
    }
    short_first_ = false;
    for (std::deque<ReadItem>* queue : {&bodies_, &again_}) {
        if (!queue->empty()) {
            const ReadItem item = queue->front();
            queue->pop_front();
            return item;
        }
    }
    return std::nullopt;
}

std::optional<ReadItem> ReadingPlan::next()
{
    if (fresh_in_a_row_ < rules_.fresh_per_old) {
        if (const auto item = next_fresh()) {
            ++fresh_in_a_row_;
            return item;
        }
    }
    fresh_in_a_row_ = 0;
    if (const auto item = next_old()) {
        return item;
    }
    return next_fresh();
}

void ReadingPlan::put_back(const ReadItem& item, bool failed)
{
    ReadItem again = item;
    if (failed) {
        ++again.attempts;
        again_.push_back(again);
    } else if (again.fresh) {
        fresh_.push_front(again);
    } else if (again.what == ReadItem::What::body) {
        bodies_.push_front(again);
    } else if (again.attempts > 0) {
        again_.push_front(again);
    } else {
        backlog_.add({again.fd_number, again.fd_number});
    }
}

bool ReadingPlan::idle() const
{
    return fresh_.empty() && backlog_.empty() && bodies_.empty() && again_.empty();
}

std::uint64_t ReadingPlan::again_missing() const
{
    return static_cast<std::uint64_t>(std::count_if(again_.begin(), again_.end(), [](const ReadItem& item) {
        return item.what != ReadItem::What::body && !item.aside;
    }));
}

} // namespace kb::agent

// The arithmetic of policy.hpp.
#include "agent/sync/policy.hpp"

#include <algorithm>

namespace kb::agent {

std::chrono::milliseconds Backoff::next(std::optional<std::chrono::seconds> retry_after)
{
    using std::chrono::milliseconds;
    constexpr unsigned kEnoughDoublings = 20; // far beyond any cap, far from overflow
    const milliseconds grown = limits_.base * (1LL << std::min(failures_, kEnoughDoublings));
    ++failures_;
    const milliseconds ceiling = std::max(std::min(grown, limits_.cap), limits_.floor);
    std::uniform_int_distribution<milliseconds::rep> chance(limits_.floor.count(), ceiling.count());
    const milliseconds wait{chance(random_)};
    if (!retry_after) {
        return wait;
    }
    // The jitter goes on top of the wish, so that those who got the same wish do not come together.
    return std::min<milliseconds>(*retry_after, kLongestWish) + wait;
}

void BatchSize::on_success(std::size_t sent, std::chrono::milliseconds elapsed)
{
    if (elapsed > limits_.slow) {
        now_ = std::max<std::size_t>(1, now_ / 2);
    } else if (elapsed <= limits_.quick && sent >= now_) {
        now_ = std::min(limits_.most, now_ * 2);
    }
}

void BatchSize::on_failure() { now_ = std::max<std::size_t>(1, now_ / 2); }

} // namespace kb::agent

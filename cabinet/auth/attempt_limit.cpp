#include "cabinet/auth/attempt_limit.hpp"

namespace kb::cabinet::auth {

namespace {
constexpr std::size_t kMaxKeys = 100'000; // a flood of made-up keys must not fill the memory
} // namespace

void AttemptLimit::forget_old(UtcMs now)
{
    for (auto each = attempts_.begin(); each != attempts_.end();)
        each = each->second.empty() || each->second.back() + window_ <= now ? attempts_.erase(each)
                                                                            : std::next(each);
}

bool AttemptLimit::allowed(const std::string& key, UtcMs now)
{
    const std::lock_guard lock(mutex_);
    const auto at = attempts_.find(key);
    if (at == attempts_.end())
        return true;
    while (!at->second.empty() && at->second.front() + window_ <= now)
        at->second.pop_front();
    return at->second.size() < failures_;
}

void AttemptLimit::failed(const std::string& key, UtcMs now)
{
    const std::lock_guard lock(mutex_);
    if (attempts_.size() >= kMaxKeys)
        forget_old(now);
    if (attempts_.size() >= kMaxKeys)
        attempts_.clear();
    auto& times = attempts_[key];
    times.push_back(now);
    if (times.size() > failures_)
        times.pop_front();
}

void AttemptLimit::succeeded(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    attempts_.erase(key);
}

} // namespace kb::cabinet::auth

#include "cabinet/live/hub.hpp"

#include <algorithm>

namespace kb::cabinet::live {

void Hub::subscribe(store::TenantId tenant, std::shared_ptr<http::Stream> stream)
{
    const std::lock_guard lock(mutex_);
    streams_[tenant].push_back(std::move(stream));
}

bool Hub::full(store::TenantId tenant)
{
    const std::lock_guard lock(mutex_);
    const auto at = streams_.find(tenant);
    return at != streams_.end() && at->second.size() >= kMaxStreams;
}

bool Hub::has_listeners(store::TenantId tenant)
{
    const std::lock_guard lock(mutex_);
    const auto at = streams_.find(tenant);
    return at != streams_.end() && !at->second.empty();
}

void Hub::publish(store::TenantId tenant, const std::string& event, const std::string& data)
{
    const std::lock_guard lock(mutex_);
    const auto at = streams_.find(tenant);
    if (at == streams_.end())
        return;
    const std::string text = "event: " + event + "\ndata: " + data + "\n\n";
    std::erase_if(at->second, [&](const auto& stream) { return !stream->write(text); });
}

void Hub::heartbeat()
{
    const std::lock_guard lock(mutex_);
    for (auto& [tenant, streams] : streams_)
        std::erase_if(streams, [](const auto& stream) { return !stream->write(": still here\n\n"); });
}

template <class Which>
void Hub::answer_where(Which which)
{
    std::vector<Waiting> due;
    {
        const std::lock_guard lock(mutex_);
        const auto first_due = std::stable_partition(waiting_.begin(), waiting_.end(),
                                                     [&](const Waiting& each) { return !which(each); });
        std::move(first_due, waiting_.end(), std::back_inserter(due));
        waiting_.erase(first_due, waiting_.end());
    }
    for (const Waiting& each : due)
        each.answer();
}

void Hub::wait(const std::string& agent_id, UtcMs deadline, std::function<void()> answer)
{
    const std::lock_guard lock(mutex_);
    waiting_.push_back({agent_id, deadline, std::move(answer)});
}

void Hub::wake(const std::string& agent_id)
{
    answer_where([&](const Waiting& each) { return each.agent_id == agent_id; });
}

void Hub::expire_waits(UtcMs now)
{
    answer_where([&](const Waiting& each) { return each.deadline <= now; });
}

void Hub::close()
{
    answer_where([](const Waiting&) { return true; });
    const std::lock_guard lock(mutex_);
    streams_.clear();
}

bool Hub::seen(const std::string& agent_id, UtcMs now, std::chrono::milliseconds note_every)
{
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = seen_.try_emplace(agent_id, Seen{now, now});
    at->second.last = now;
    if (is_new)
        return true;
    if (at->second.noted + note_every > now)
        return false;
    at->second.noted = now;
    return true;
}

std::optional<UtcMs> Hub::last_seen(const std::string& agent_id)
{
    const std::lock_guard lock(mutex_);
    const auto at = seen_.find(agent_id);
    return at == seen_.end() ? std::nullopt : std::optional(at->second.last);
}

} // namespace kb::cabinet::live

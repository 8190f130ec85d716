// What happens now, told to those who listen: owners' pages (server-sent events) and waiting agents (long
// poll).
#pragma once

#include "cabinet/store/types.hpp"
#include "http/message.hpp"
#include "protocol/core/time.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kb::cabinet::live {

class Hub {
public:
    /// Streams of one owner; more are refused so that one browser cannot hold all connections.
    static constexpr std::size_t kMaxStreams = 32;

    void subscribe(store::TenantId tenant, std::shared_ptr<http::Stream> stream);
    /// Whether the owner has kMaxStreams already.
    [[nodiscard]] bool full(store::TenantId tenant);
    [[nodiscard]] bool has_listeners(store::TenantId tenant);
    /// To this owner's streams only. `data` is one line of JSON. A stream that does not take it is dropped.
    void publish(store::TenantId tenant, const std::string& event, const std::string& data);
    /// A comment line to every stream: keeps proxies from closing it and finds the dead ones.
    void heartbeat();

    /// Runs `answer` once: when wake() is called for the agent or when the deadline has passed.
    void wait(const std::string& agent_id, UtcMs deadline, std::function<void()> answer);
    void wake(const std::string& agent_id);
    void expire_waits(UtcMs now);
    /// For shutdown: answers all that wait, lets all streams go.
    void close();

    /// Notes that an agent called; true when its last such call with true was `note_every` ago: time to store
    /// it.
    bool seen(const std::string& agent_id, UtcMs now, std::chrono::milliseconds note_every);
    /// When an agent last called.
    [[nodiscard]] std::optional<UtcMs> last_seen(const std::string& agent_id);

private:
    struct Waiting {
        std::string agent_id;
        UtcMs deadline;
        std::function<void()> answer;
    };
    template <class Which>
    void answer_where(Which which);

    std::mutex mutex_;
    std::map<store::TenantId, std::vector<std::shared_ptr<http::Stream>>> streams_;
    std::vector<Waiting> waiting_;
    struct Seen {
        UtcMs last;
        UtcMs noted;
    };
    std::map<std::string, Seen> seen_;
};

} // namespace kb::cabinet::live

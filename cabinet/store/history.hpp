// What became of a register's state: one row for each change, kept for a while.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

inline constexpr auto kHistoryKept = std::chrono::days(90);
inline constexpr std::size_t kHistoryMost = 2000; ///< rows of one register, however it flaps

/// One thing of a register that took another value.
struct StatusChange {
    UtcMs at{};
    std::string what;  ///< "agent", "register", "paper", "cover", "sd_card", "fn", "firmware"
    std::string value; ///< a word of what it is now, an FN's number, a firmware's name
    std::string was;   ///< empty: not known
};

/// Notes what differs from what was noted last; what the sample does not say stays as it was. For samples
/// newer than all before.
void note_changes(Connection& connection, TenantId tenant, const fiscal::DeviceSample& sample, UtcMs now);
/// The agent is back at `now` after it had been silent since it was last seen: noted for all its registers.
/// Before touch_agent, which forgets since when.
void note_silence(Connection& connection, TenantId tenant, const std::string& agent_id, UtcMs now);
/// Newest first.
std::vector<StatusChange> list_changes(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                       std::size_t limit);

} // namespace kb::cabinet::store

// Registers, what they last said, what is held of their drives; events of the agents.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// The newest sample of a register stays, with what changed by it in its history; an older one changes
/// nothing.
void put_sample(Connection& connection, TenantId tenant, const std::string& agent_id,
                const fiscal::DeviceSample& sample, UtcMs now);
/// Ordered by serial number; with the drives and the last document of each.
std::vector<Register> list_registers(Connection& connection, TenantId tenant);
std::optional<Register> find_register(Connection& connection, TenantId tenant, const std::string& kkt_serial);

/// False when the agent's event of this id was there already.
bool add_event(Connection& connection, TenantId tenant, const std::string& agent_id, const EventRow& event);
/// Newest first.
std::vector<EventRow> list_events(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                  std::size_t limit);

} // namespace kb::cabinet::store

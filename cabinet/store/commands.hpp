// Commands of owners to their registers: who may send them, which agent gets them, what became of them, who
// did it.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// nullopt: the owner has no such register.
std::optional<CommandPermission> command_permission(Connection& connection, TenantId tenant,
                                                    const std::string& kkt_serial);
/// False: no such register. Withdrawn, what no agent was given yet in its time is finished as refused. Leaves
/// its entry in the audit.
bool permit_commands(Connection& connection, TenantId tenant, const std::string& kkt_serial, bool permitted,
                     const std::string& who, const std::string& audit_id, UtcMs now);

/// Commands of one register that may be open at once.
inline constexpr std::int64_t kMaxOpenCommands = 20;

struct AddedCommand {
    enum class How {
        added,
        known,         ///< the key stands for this very command
        conflict,      ///< the key stands for another command
        no_register,   ///< the owner has no such register
        not_permitted, ///< he has not permitted it
        not_allowed,   ///< the register's own configuration does not allow it
        too_many,      ///< kMaxOpenCommands
    };
    How how = How::added;
    CommandRow command; ///< of added, known and conflict
};
/// Addressed to the agent that serves the register. Leaves its entry in the audit. `allowed`: by the
/// register's configuration. The same key gives the same id even where the store has lost the command (it was
/// restored from a backup, say): agents know by the id what they have done already.
AddedCommand add_command(Connection& connection, TenantId tenant, const NewCommand& command, bool allowed,
                         const std::string& audit_id, UtcMs now);

/// Which commands an agent asks for.
enum class Wanted {
    open, ///< may be begun, and the agent has not said that it has them
    /// And all that lack a result, their time over or not; also those that, as far as this store knows, were
    /// never given: it may have been restored from a backup.
    unanswered,
};
[[nodiscard]] bool has_commands(Connection& connection, TenantId tenant, const std::string& agent_id,
                                Wanted wanted, UtcMs now);
/// Oldest first, as many as fit into one answer; from now on they count as given. What was given to another
/// agent that served the register before is marked as taken: this one is not to begin it.
std::vector<cabinet_api::Command> give_commands(Connection& connection, TenantId tenant,
                                                const std::string& agent_id, Wanted wanted, UtcMs now);
/// What an agent told of a command.
struct ToldCommand {
    std::string kkt_serial;
    bool changed = false; ///< it stands otherwise than before
};
/// nullopt: the agent has no such command, and serves no register with one. The first result counts, but
/// "lost" gives way to one who knows; before it, CommandOutcome::taken tells how far it is. Of what another
/// agent was given, "lost" is heard only when that one cannot begin it any more.
std::optional<ToldCommand> finish_command(Connection& connection, TenantId tenant,
                                          const std::string& agent_id, const std::string& command_id,
                                          const cabinet_api::CommandResult& result, UtcMs now);

/// Newest first.
std::vector<CommandRow> list_commands(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                      std::size_t limit);
std::optional<CommandRow> find_command(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                       const std::string& command_id);
[[nodiscard]] bool is_known_key(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                const std::string& key);

/// Of one register, newest first.
std::vector<AuditEntry> list_audit(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                   std::size_t limit);

} // namespace kb::cabinet::store

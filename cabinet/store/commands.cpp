#include "cabinet/store/commands.hpp"

#include "cabinet/auth/secrets.hpp"
#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

constexpr std::size_t kMostGiven = 100;
constexpr std::size_t kMostGivenBytes = 2U << 20U; // an agent breaks off an answer of 16 MiB

constexpr const char* kColumns =
    "command_id, kind, kkt_serial, args, client_key, sent_by, expires_at_ms, agent_id, created_at_ms, "
    "given_at_ms, "
    "taken_at_ms, finished_at_ms, outcome, code, detail, fn_serial, fd_number, fiscal_sign";

std::optional<UtcMs> moment(const std::optional<Int>& ms)
{
    return ms ? std::optional(from_ms(*ms)) : std::nullopt;
}

/// Where a row of kColumns goes.
struct Columns {
    CommandRow row;
    std::optional<std::string> key;
    Int expires = 0;
    Int created = 0;
    std::optional<Int> given;
    std::optional<Int> taken;
    std::optional<Int> finished;
    std::optional<Int> fd_number;
    Int fiscal_sign = 0;

    CommandRow whole()
    {
        row.sent.key = key.value_or("");
        row.sent.expires_at = from_ms(expires);
        row.created_at = from_ms(created);
        row.given_at = moment(given);
        row.taken_at = moment(taken);
        row.finished_at = moment(finished);
        row.fd_number = fd_number ? std::optional(static_cast<std::uint32_t>(*fd_number)) : std::nullopt;
        row.fiscal_sign = static_cast<std::uint32_t>(fiscal_sign);
        return row;
    }
};

/// Binds the columns in the order of kColumns.
template <class Prepared>
auto& bind(Prepared& prepared, Columns& to)
{
    NewCommand& sent = to.row.sent;
    prepared, into(sent.id), into(sent.kind), into(sent.kkt_serial), into(sent.args_json), into(to.key),
        into(sent.sent_by), into(to.expires), into(to.row.agent_id), into(to.created), into(to.given),
        into(to.taken), into(to.finished), into(to.row.outcome), into(to.row.code), into(to.row.detail),
        into(to.row.fn_serial), into(to.fd_number), into(to.fiscal_sign);
    return prepared;
}

std::optional<CommandRow> find_by(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                  const char* column, const std::string& value)
{
    const Int id = tenant.value;
    Columns columns;
    auto prepared =
        (connection.sql().prepare << std::string("SELECT ") + kColumns +
                                         " FROM command WHERE tenant_id = :t AND kkt_serial = :k AND " +
                                         column + " = :v",
         use(id), use(kkt_serial), use(value));
    soci::statement rows = bind(prepared, columns);
    rows.execute();
    return rows.fetch() ? std::optional(columns.whole()) : std::nullopt;
}

void add_audit(Connection& connection, TenantId tenant, const AuditEntry& entry)
{
    const Int id = tenant.value;
    const Int at = to_ms(entry.at);
    connection.sql() << "INSERT INTO audit(tenant_id, audit_id, at_ms, who, what, kkt_serial, detail) "
                        "VALUES(:t, :i, :at, :w, :x, :k, :d)",
        use(id), use(entry.id), use(at), use(entry.who), use(entry.what), use(entry.kkt_serial),
        use(entry.detail);
}

std::string id_of(Connection& connection, TenantId tenant, const NewCommand& command)
{
    const Int id = tenant.value;
    std::string seed;
    connection.sql() << "SELECT id_seed FROM tenant WHERE tenant_id = :t", use(id), into(seed);
    constexpr std::size_t kDigits = 32;
    return "c-" +
           auth::sha256_hex(seed + '\n' + std::to_string(id) + '\n' + command.kkt_serial + '\n' + command.key)
               .substr(0, kDigits);
}

/// What may be given to an agent now, first its own. Then what another one was to do at a register that this
/// one serves now: the shop's computer was enrolled again, or the register stands at another computer. What
/// that one was given is only asked for, and as a rule once its time is over: until then that one may say.
/// Placeholders: tenant, agent, now, unanswered too, agent, agent, now, unanswered too.
constexpr const char* kGiveable =
    " FROM command c LEFT JOIN shop_register r ON r.tenant_id = c.tenant_id AND r.kkt_serial = c.kkt_serial "
    "WHERE c.tenant_id = :t AND c.finished_at_ms IS NULL AND "
    "((c.agent_id = :a AND ((c.expires_at_ms > :n AND c.taken_at_ms IS NULL AND "
    "COALESCE(r.commands_permitted, 0) = 1) OR :u = 1)) "
    "OR (c.agent_id <> :a2 AND r.agent_id = :a3 AND (c.expires_at_ms <= :n2 OR :u2 = 1 OR "
    "(c.given_at_ms IS NULL AND r.commands_permitted = 1))))";

} // namespace

std::optional<CommandPermission> command_permission(Connection& connection, TenantId tenant,
                                                    const std::string& kkt_serial)
{
    const Int id = tenant.value;
    soci::session& sql = connection.sql();
    std::optional<std::string> sample;
    Int permitted = 0;
    sql << "SELECT commands_permitted, sample FROM shop_register WHERE tenant_id = :t AND kkt_serial = :k",
        use(id), use(kkt_serial), into(permitted), into(sample);
    if (!sql.got_data())
        return std::nullopt;
    CommandPermission permission;
    permission.permitted = permitted != 0;
    if (sample)
        if (auto decoded = cabinet_api::decode_sample(*sample)) {
            permission.agent_allows = std::move(decoded->cabinet_commands);
            permission.ffd = decoded->info.ffd;
        }
    Int at = 0;
    std::string who;
    sql << "SELECT who, at_ms FROM audit WHERE tenant_id = :t AND kkt_serial = :k AND "
           "what IN ('commands_permitted', 'commands_forbidden') ORDER BY at_ms DESC, audit_id LIMIT 1",
        use(id), use(kkt_serial), into(who), into(at);
    if (sql.got_data()) {
        permission.who = who;
        permission.at = from_ms(at);
    }
    return permission;
}

bool permit_commands(Connection& connection, TenantId tenant, const std::string& kkt_serial, bool permitted,
                     const std::string& who, const std::string& audit_id, UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    const Int flag = permitted ? 1 : 0;
    soci::session& sql = connection.sql();
    soci::statement change =
        (sql.prepare
             << "UPDATE shop_register SET commands_permitted = :p WHERE tenant_id = :t AND kkt_serial = :k",
         use(flag), use(id), use(kkt_serial));
    change.execute(true);
    if (change.get_affected_rows() == 0)
        return false;
    if (!permitted)
        sql << "UPDATE command SET finished_at_ms = :n, outcome = 'refused', code = 'withdrawn' WHERE "
               "tenant_id = :t AND kkt_serial = :k AND finished_at_ms IS NULL AND given_at_ms IS NULL AND "
               "expires_at_ms > :m",
            use(now_ms), use(id), use(kkt_serial), use(now_ms);
    add_audit(connection, tenant,
              {audit_id, now, who, permitted ? "commands_permitted" : "commands_forbidden", kkt_serial, ""});
    return true;
}

AddedCommand add_command(Connection& connection, TenantId tenant, const NewCommand& command, bool allowed,
                         const std::string& audit_id, UtcMs now)
{
    using How = AddedCommand::How;
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    soci::session& sql = connection.sql();
    AddedCommand added;
    Int permitted = 0;
    sql << "SELECT commands_permitted, agent_id FROM shop_register WHERE tenant_id = :t AND kkt_serial = :k",
        use(id), use(command.kkt_serial), into(permitted), into(added.command.agent_id);
    if (!sql.got_data()) {
        added.how = How::no_register;
        return added;
    }
    if (auto known = find_by(connection, tenant, command.kkt_serial, "client_key", command.key)) {
        const bool same = known->sent.kind == command.kind && known->sent.args_json == command.args_json;
        added.how = same ? How::known : How::conflict;
        added.command = *std::move(known);
        return added;
    }
    if (permitted == 0 || !allowed) {
        added.how = permitted == 0 ? How::not_permitted : How::not_allowed;
        return added;
    }
    Int open = 0;
    sql << "SELECT COUNT(*) FROM command WHERE tenant_id = :t AND kkt_serial = :k AND finished_at_ms IS NULL "
           "AND "
           "expires_at_ms > :n",
        use(id), use(command.kkt_serial), use(now_ms), into(open);
    if (open >= kMaxOpenCommands) {
        added.how = How::too_many;
        return added;
    }
    added.command.sent = command;
    added.command.sent.id = id_of(connection, tenant, command);
    const std::string& command_id = added.command.sent.id;
    const Int expires = to_ms(command.expires_at);
    sql << "INSERT INTO command(tenant_id, command_id, agent_id, kind, kkt_serial, args, created_at_ms, "
           "expires_at_ms, outcome, detail, client_key, sent_by) "
           "VALUES(:t, :i, :a, :k, :s, :x, :c, :e, '', '', :ck, :by)",
        use(id), use(command_id), use(added.command.agent_id), use(command.kind), use(command.kkt_serial),
        use(command.args_json), use(now_ms), use(expires), use(command.key), use(command.sent_by);
    add_audit(connection, tenant,
              {audit_id, now, command.sent_by, "command_sent", command.kkt_serial,
               command.kind + " " + command_id});
    added.command.created_at = now;
    return added;
}

bool has_commands(Connection& connection, TenantId tenant, const std::string& agent_id, Wanted wanted,
                  UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    const Int unanswered = wanted == Wanted::unanswered ? 1 : 0;
    Int count = 0;
    connection.sql() << std::string("SELECT COUNT(*)") + kGiveable, use(id), use(agent_id), use(now_ms),
        use(unanswered), use(agent_id), use(agent_id), use(now_ms), use(unanswered), into(count);
    return count != 0;
}

std::vector<cabinet_api::Command> give_commands(Connection& connection, TenantId tenant,
                                                const std::string& agent_id, Wanted wanted, UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    const Int unanswered = wanted == Wanted::unanswered ? 1 : 0;
    soci::session& sql = connection.sql();
    std::vector<cabinet_api::Command> all;
    std::size_t bytes = 0;
    {
        cabinet_api::Command command;
        Int expires = 0;
        Int taken = 0;
        Int permitted = 0;
        soci::statement rows =
            (sql.prepare << std::string("SELECT c.command_id, c.kind, c.kkt_serial, c.args, c.expires_at_ms, "
                                        "CASE WHEN c.taken_at_ms IS NOT NULL OR (c.agent_id <> :me AND "
                                        "c.given_at_ms IS NOT NULL) THEN 1 ELSE 0 END, "
                                        "COALESCE(r.commands_permitted, 0)") +
                                kGiveable + " ORDER BY c.created_at_ms, c.command_id",
             use(agent_id), use(id), use(agent_id), use(now_ms), use(unanswered), use(agent_id),
             use(agent_id), use(now_ms), use(unanswered), into(command.id), into(command.kind),
             into(command.kkt_serial), into(command.args_json), into(expires), into(taken), into(permitted));
        rows.execute();
        while (all.size() < kMostGiven && rows.fetch()) {
            bytes += command.args_json.size();
            if (!all.empty() && bytes > kMostGivenBytes)
                break;
            command.expires_at = from_ms(expires);
            command.taken = taken != 0;
            command.may_begin = !command.taken && permitted != 0 && expires > now_ms;
            all.push_back(command);
        }
    }
    for (const cabinet_api::Command& command : all)
        sql << "UPDATE command SET given_at_ms = :n, agent_id = :a WHERE tenant_id = :t AND command_id = :i "
               "AND given_at_ms IS NULL",
            use(now_ms), use(agent_id), use(id), use(command.id);
    return all;
}

std::optional<ToldCommand> finish_command(Connection& connection, TenantId tenant,
                                          const std::string& agent_id, const std::string& command_id,
                                          const cabinet_api::CommandResult& result, UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    const std::string outcome(to_string(result.outcome));
    soci::session& sql = connection.sql();
    ToldCommand told;
    std::string given_to;
    Int expires = 0;
    sql << "SELECT c.kkt_serial, c.agent_id, c.expires_at_ms FROM command c LEFT JOIN shop_register r ON "
           "r.tenant_id = c.tenant_id AND r.kkt_serial = c.kkt_serial WHERE c.tenant_id = :t AND "
           "c.command_id = :i AND (c.agent_id = :a OR r.agent_id = :b)",
        use(id), use(command_id), use(agent_id), use(agent_id), into(told.kkt_serial), into(given_to),
        into(expires);
    if (!sql.got_data())
        return std::nullopt;
    if (result.outcome == cabinet_api::CommandOutcome::taken) {
        soci::statement note =
            (sql.prepare
                 << "UPDATE command SET taken_at_ms = COALESCE(taken_at_ms, :n), code = :c, detail = :d, "
                    "agent_id = :a WHERE tenant_id = :t AND command_id = :i AND finished_at_ms IS NULL AND "
                    "(taken_at_ms IS NULL OR code <> :c2 OR detail <> :d2 OR agent_id <> :a2)",
             use(now_ms), use(result.code), use(result.detail), use(agent_id), use(id), use(command_id),
             use(result.code), use(result.detail), use(agent_id));
        note.execute(true);
        told.changed = note.get_affected_rows() != 0;
        return told;
    }
    const bool lost = result.outcome == cabinet_api::CommandOutcome::unknown && result.code == "lost";
    if (lost && given_to != agent_id && now_ms < expires)
        return told; // the one it was given to may have it, and begin it yet
    const Int knows = lost ? 0 : 1;
    const std::optional<Int> fd_number = result.fd_number;
    const Int fiscal_sign = result.fiscal_sign;
    soci::statement finish =
        (sql.prepare
             << "UPDATE command SET finished_at_ms = :n, outcome = :o, code = :c, detail = :d, fn_serial = "
                ":f, fd_number = :fd, fiscal_sign = :fs WHERE tenant_id = :t AND command_id = :i AND "
                "(finished_at_ms IS NULL OR (:w = 1 AND outcome = 'unknown' AND code = 'lost'))",
         use(now_ms), use(outcome), use(result.code), use(result.detail), use(result.fn_serial),
         use(fd_number), use(fiscal_sign), use(id), use(command_id), use(knows));
    finish.execute(true);
    told.changed = finish.get_affected_rows() != 0;
    return told;
}

std::vector<CommandRow> list_commands(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                      std::size_t limit)
{
    const Int id = tenant.value;
    const Int most = static_cast<Int>(limit);
    Columns columns;
    auto prepared =
        (connection.sql().prepare
             << std::string("SELECT ") + kColumns +
                    " FROM command WHERE tenant_id = :t AND kkt_serial = :k ORDER BY created_at_ms DESC, "
                    "command_id LIMIT :l",
         use(id), use(kkt_serial), use(most));
    soci::statement rows = bind(prepared, columns);
    rows.execute();
    std::vector<CommandRow> all;
    while (rows.fetch())
        all.push_back(columns.whole());
    return all;
}

std::optional<CommandRow> find_command(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                       const std::string& command_id)
{
    return find_by(connection, tenant, kkt_serial, "command_id", command_id);
}

bool is_known_key(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                  const std::string& key)
{
    return find_by(connection, tenant, kkt_serial, "client_key", key).has_value();
}

std::vector<AuditEntry> list_audit(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                   std::size_t limit)
{
    const Int id = tenant.value;
    const Int most = static_cast<Int>(limit);
    std::vector<AuditEntry> all;
    AuditEntry entry;
    Int at = 0;
    soci::statement rows =
        (connection.sql().prepare
             << "SELECT audit_id, at_ms, who, what, kkt_serial, detail FROM audit WHERE tenant_id "
                "= :t AND kkt_serial = :k ORDER BY at_ms DESC, audit_id LIMIT :l",
         use(id), use(kkt_serial), use(most), into(entry.id), into(at), into(entry.who), into(entry.what),
         into(entry.kkt_serial), into(entry.detail));
    rows.execute();
    while (rows.fetch()) {
        entry.at = from_ms(at);
        all.push_back(entry);
    }
    return all;
}

} // namespace kb::cabinet::store

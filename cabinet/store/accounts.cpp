#include "cabinet/store/accounts.hpp"

#include "cabinet/auth/secrets.hpp"
#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

TenantId add_tenant(Connection& connection, const std::string& name, const std::string& email,
                    const std::string& password_hash)
{
    soci::session& sql = connection.sql();
    Int tenant = 0;
    sql << "SELECT COALESCE(MAX(tenant_id), 0) + 1 FROM tenant", into(tenant);
    const std::string seed = auth::make_id();
    sql << "INSERT INTO tenant(tenant_id, name, id_seed) VALUES(:t, :n, :s)", use(tenant), use(name),
        use(seed);
    sql << "INSERT INTO account(tenant_id, user_id, email, password_hash, role) VALUES(:t, 1, :e, :p, "
           "'owner')",
        use(tenant), use(email), use(password_hash);
    return {tenant};
}

std::optional<User> find_user(Connection& connection, const std::string& email)
{
    User user;
    Int tenant = 0;
    Int user_id = 0;
    soci::session& sql = connection.sql();
    sql << "SELECT a.tenant_id, a.user_id, t.name, a.email, a.password_hash, a.role FROM account a "
           "JOIN tenant t ON t.tenant_id = a.tenant_id WHERE a.email = :e",
        use(email), into(tenant), into(user_id), into(user.tenant_name), into(user.email),
        into(user.password_hash), into(user.role);
    if (!sql.got_data())
        return std::nullopt;
    user.tenant = {tenant};
    user.user_id = user_id;
    return user;
}

std::optional<TenantId> find_tenant(Connection& connection, const std::string& name)
{
    soci::session& sql = connection.sql();
    Int tenant = 0;
    Int count = 0;
    if (name.empty())
        sql << "SELECT COUNT(*), COALESCE(MIN(tenant_id), 0) FROM tenant", into(count), into(tenant);
    else
        sql << "SELECT COUNT(*), COALESCE(MIN(tenant_id), 0) FROM tenant WHERE name = :n", use(name),
            into(count), into(tenant);
    if (count != 1)
        return std::nullopt;
    return TenantId{tenant};
}

std::string tenant_name(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    std::string name;
    connection.sql() << "SELECT name FROM tenant WHERE tenant_id = :t", use(id), into(name);
    return name;
}

bool set_password(Connection& connection, const std::string& email, const std::string& password_hash)
{
    const auto user = find_user(connection, email);
    if (!user)
        return false;
    const Int tenant = user->tenant.value;
    const Int user_id = user->user_id;
    soci::session& sql = connection.sql();
    sql << "UPDATE account SET password_hash = :p WHERE tenant_id = :t AND user_id = :u", use(password_hash),
        use(tenant), use(user_id);
    sql << "DELETE FROM session WHERE tenant_id = :t AND user_id = :u", use(tenant), use(user_id);
    return true;
}

void add_session(Connection& connection, const User& user, const std::string& token_hash,
                 const std::string& csrf, UtcMs expires_at, UtcMs now)
{
    const Int tenant = user.tenant.value;
    const Int user_id = user.user_id;
    const Int expires = to_ms(expires_at);
    const Int now_ms = to_ms(now);
    soci::session& sql = connection.sql();
    sql << "DELETE FROM session WHERE expires_at_ms <= :now", use(now_ms);
    sql << "INSERT INTO session(token_hash, tenant_id, user_id, csrf, expires_at_ms) VALUES(:h, :t, :u, :c, "
           ":e)",
        use(token_hash), use(tenant), use(user_id), use(csrf), use(expires);
}

std::optional<Session> find_session(Connection& connection, const std::string& token_hash, UtcMs now)
{
    const Int now_ms = to_ms(now);
    Session session;
    Int tenant = 0;
    soci::session& sql = connection.sql();
    sql << "SELECT s.tenant_id, t.name, a.email, a.role, s.csrf FROM session s "
           "JOIN account a ON a.tenant_id = s.tenant_id AND a.user_id = s.user_id "
           "JOIN tenant t ON t.tenant_id = s.tenant_id WHERE s.token_hash = :h AND s.expires_at_ms > :now",
        use(token_hash), use(now_ms), into(tenant), into(session.tenant_name), into(session.email),
        into(session.role), into(session.csrf);
    if (!sql.got_data())
        return std::nullopt;
    session.tenant = {tenant};
    return session;
}

void remove_session(Connection& connection, const std::string& token_hash)
{
    connection.sql() << "DELETE FROM session WHERE token_hash = :h", use(token_hash);
}

void add_enrolment_code(Connection& connection, TenantId tenant, const std::string& code_hash,
                        UtcMs expires_at, UtcMs now)
{
    const Int id = tenant.value;
    const Int expires = to_ms(expires_at);
    const Int now_ms = to_ms(now);
    soci::session& sql = connection.sql();
    sql << "DELETE FROM enrolment_code WHERE expires_at_ms <= :now", use(now_ms);
    sql << "INSERT INTO enrolment_code(code_hash, tenant_id, expires_at_ms) VALUES(:h, :t, :e)",
        use(code_hash), use(id), use(expires);
}

std::optional<TenantId> use_enrolment_code(Connection& connection, const std::string& code_hash, UtcMs now)
{
    const Int now_ms = to_ms(now);
    Int tenant = 0;
    soci::session& sql = connection.sql();
    sql << "SELECT tenant_id FROM enrolment_code WHERE code_hash = :h AND expires_at_ms > :now",
        use(code_hash), use(now_ms), into(tenant);
    if (!sql.got_data())
        return std::nullopt;
    sql << "DELETE FROM enrolment_code WHERE code_hash = :h", use(code_hash);
    return TenantId{tenant};
}

void add_agent(Connection& connection, const Agent& agent, const std::string& token_hash)
{
    const Int tenant = agent.tenant.value;
    const Int now_ms = to_ms(agent.enrolled_at);
    connection.sql()
        << "INSERT INTO agent(tenant_id, agent_id, token_hash, hostname, agent_version, enrolled_at_ms, "
           "last_seen_ms) VALUES(:t, :a, :h, :n, :v, :e, :s)",
        use(tenant), use(agent.agent_id), use(token_hash), use(agent.hostname), use(agent.agent_version),
        use(now_ms), use(now_ms);
}

std::optional<Agent> find_agent(Connection& connection, const std::string& token_hash)
{
    Agent agent;
    Int tenant = 0;
    soci::session& sql = connection.sql();
    sql << "SELECT tenant_id, agent_id, hostname, agent_version FROM agent WHERE token_hash = :h",
        use(token_hash), into(tenant), into(agent.agent_id), into(agent.hostname), into(agent.agent_version);
    if (!sql.got_data())
        return std::nullopt;
    agent.tenant = {tenant};
    return agent;
}

std::vector<Agent> list_agents(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    std::vector<Agent> agents;
    Agent agent;
    Int enrolled = 0;
    std::optional<Int> seen;
    soci::session& sql = connection.sql();
    soci::statement rows =
        (sql.prepare << "SELECT agent_id, hostname, agent_version, enrolled_at_ms, last_seen_ms FROM agent "
                        "WHERE tenant_id = :t ORDER BY enrolled_at_ms DESC, agent_id",
         use(id), into(agent.agent_id), into(agent.hostname), into(agent.agent_version), into(enrolled),
         into(seen));
    rows.execute();
    while (rows.fetch()) {
        agent.tenant = tenant;
        agent.enrolled_at = from_ms(enrolled);
        agent.last_seen = seen ? std::optional(from_ms(*seen)) : std::nullopt;
        agents.push_back(agent);
    }
    std::string serial;
    std::string owner;
    soci::statement registers =
        (sql.prepare << "SELECT agent_id, kkt_serial FROM shop_register WHERE tenant_id = :t "
                        "ORDER BY kkt_serial",
         use(id), into(owner), into(serial));
    registers.execute();
    while (registers.fetch())
        for (Agent& each : agents)
            if (each.agent_id == owner)
                each.registers.push_back(serial);
    return agents;
}

void touch_agent(Connection& connection, TenantId tenant, const std::string& agent_id, UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    connection.sql() << "UPDATE agent SET last_seen_ms = :n WHERE tenant_id = :t AND agent_id = :a",
        use(now_ms), use(id), use(agent_id);
}

} // namespace kb::cabinet::store

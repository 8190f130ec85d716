// Owners, their sessions, their agents and how agents join. Hashes come in from auth/, secrets never do.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// Makes an owner with one account. Throws when the e-mail is taken.
TenantId add_tenant(Connection& connection, const std::string& name, const std::string& email,
                    const std::string& password_hash);
std::optional<User> find_user(Connection& connection, const std::string& email);
/// The only tenant, or the one with that name.
std::optional<TenantId> find_tenant(Connection& connection, const std::string& name);
std::string tenant_name(Connection& connection, TenantId tenant);
/// Replaces the password and ends all sessions of the account.
bool set_password(Connection& connection, const std::string& email, const std::string& password_hash);

void add_session(Connection& connection, const User& user, const std::string& token_hash,
                 const std::string& csrf, UtcMs expires_at, UtcMs now);
std::optional<Session> find_session(Connection& connection, const std::string& token_hash, UtcMs now);
void remove_session(Connection& connection, const std::string& token_hash);

void add_enrolment_code(Connection& connection, TenantId tenant, const std::string& code_hash,
                        UtcMs expires_at, UtcMs now);
/// Whose code it is; the code is used up by asking.
std::optional<TenantId> use_enrolment_code(Connection& connection, const std::string& code_hash, UtcMs now);

void add_agent(Connection& connection, const Agent& agent, const std::string& token_hash);
std::optional<Agent> find_agent(Connection& connection, const std::string& token_hash);
/// Latest enrolled first, with the serial numbers of their registers.
std::vector<Agent> list_agents(Connection& connection, TenantId tenant);
void touch_agent(Connection& connection, TenantId tenant, const std::string& agent_id, UtcMs now);

} // namespace kb::cabinet::store

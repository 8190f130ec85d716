// Documents that did not get in, each with its reason: refused here, or set aside by the agent.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

struct Rejection {
    std::string fn_serial;       ///< empty: the document does not say
    std::uint32_t fd_number = 0; ///< 0: the document does not say
    std::string kkt_serial;      ///< may be empty
    std::string code;            ///< Errc name
    std::string reason;          ///< for people
    RejectedBy by = RejectedBy::cabinet;
};

/// The same key with the same code again only counts.
void note_rejected(Connection& connection, TenantId tenant, const Rejection& rejection, UtcMs at);
/// The document is held now: nothing is left to say but a conflict.
void forget_rejected(Connection& connection, TenantId tenant, const std::string& fn_serial,
                     std::uint32_t fd_number);
[[nodiscard]] bool any_rejected(Connection& connection, TenantId tenant);
/// Latest first, at most 500.
std::vector<RejectedRow> list_rejected(Connection& connection, TenantId tenant);

} // namespace kb::cabinet::store

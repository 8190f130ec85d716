// What the handlers of both APIs work with.
#pragma once

#include "cabinet/auth/attempt_limit.hpp"
#include "cabinet/catalogue.hpp"
#include "cabinet/http/workers.hpp"
#include "cabinet/live/hub.hpp"
#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"
#include "cabinet/store/writer.hpp"
#include "http/router.hpp"
#include "protocol/core/time.hpp"

#include <chrono>

namespace kb::cabinet::api {

inline constexpr auto kSessionLife = std::chrono::hours(12);
inline constexpr auto kCodeLife = std::chrono::hours(2);
inline constexpr auto kOnlineFor = std::chrono::seconds(90);
/// Agents call twice a minute: after this long one was off, or had no network.
inline constexpr auto kSilentFor = std::chrono::minutes(15);
inline constexpr auto kAttemptWindow = std::chrono::minutes(15);

struct Context {
    store::Readers& readers;
    store::Writer& writer;
    live::Hub& hub;
    Workers& workers; ///< where what may take a while runs
    const Catalogue& catalogue;
    const Clock& clock;
    auth::AttemptLimit login_by_email{5, kAttemptWindow};
    auth::AttemptLimit login_by_address{20, kAttemptWindow};
    auth::AttemptLimit enrolment_by_address{20, kAttemptWindow};
    UtcMs started_at = clock.now(); ///< nobody could call before
};

/// The context must outlive the router.
void add_agent_routes(http::Router& router, Context& context);
void add_web_routes(http::Router& router, Context& context);
void add_totals_routes(http::Router& router, Context& context);
/// Commands of owners to their registers.
void add_command_routes(http::Router& router, Context& context);
/// Logging in and out.
void add_session_routes(http::Router& router, Context& context);
void add_health_route(http::Router& router, Context& context);

/// The session of a request, or what to answer instead. State changes also need the CSRF header.
struct WebCaller {
    std::optional<store::Session> session;
    http::Response refusal;
};
WebCaller web_caller(Context& context, const http::Request& request, bool changes_state);

/// A route for logged-in callers only; state changes also need the CSRF header.
using WebHandler =
    std::function<http::Response(const store::Session&, const http::Request&, const http::PathParts&)>;
void add_web_route(http::Router& router, Context& context, const std::string& method,
                   const std::string& pattern, WebHandler handler);

[[nodiscard]] bool agent_online(Context& context, const std::string& agent_id);

// After a commit: tells the owner's pages. Nothing is looked up while nobody listens.
void publish_register(Context& context, store::TenantId tenant, const std::string& kkt_serial,
                      bool with_state);

} // namespace kb::cabinet::api

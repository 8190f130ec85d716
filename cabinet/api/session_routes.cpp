// Logging in and out of the web pages, and the check every other web route begins with.
#include "kb_version.hpp"

#include "cabinet/api/context.hpp"
#include "cabinet/api/views.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/log.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/documents.hpp"
#include "http/problem.hpp"
#include "protocol/core/json_reader.hpp"

namespace kb::cabinet::api {

using http::PathParts;
using http::problem;
using http::Request;
using http::Response;

namespace {

constexpr const char* kCookie = "kkt_session";

std::string cookie(const std::string& token, std::chrono::seconds life)
{
    return std::string(kCookie) + "=" + token + "; Path=/; Max-Age=" + std::to_string(life.count()) +
           "; HttpOnly; Secure; SameSite=Strict";
}

Response log_in(Context& context, const Request& request)
{
    if (!request.header("content-type").starts_with("application/json"))
        return problem(415, Errc::bad_value, "want application/json", {"Content-Type", ""});
    const auto body = parse_json(request.body, cabinet_api::kMaxDepth);
    if (!body)
        return problem(body.error());
    std::optional<Error> failure;
    JsonReader from(*body, "", failure);
    const std::string email = store::fold_case(from.text("email", 254));
    const std::string password = from.text("password", 1024);
    if (failure)
        return problem(*failure);

    const UtcMs now = context.clock.now();
    if (!context.login_by_email.allowed(email, now) ||
        !context.login_by_address.allowed(request.remote_address, now))
        return problem(429, Errc::too_many, "too many failed logins", {"", "Подождите 15 минут"});
    std::optional<store::User> user;
    if (auto read = context.readers.run([&](store::Connection& db) { user = store::find_user(db, email); });
        !read)
        return problem(read.error());
    if (!user)
        auth::waste_time_on(password);
    if (!user || !auth::verify_password(user->password_hash, password)) {
        context.login_by_email.failed(email, now);
        context.login_by_address.failed(request.remote_address, now);
        log_warning("login refused");
        return problem(401, Errc::unauthorised, "wrong e-mail or password", {"", "Проверьте почту и пароль"});
    }
    context.login_by_email.succeeded(email);
    const std::string token = auth::make_token();
    const std::string csrf = auth::make_token();
    const auto stored = context.writer.run([&](store::Connection& db) {
        store::add_session(db, *user, auth::hash_secret(token), csrf, now + kSessionLife, now);
    });
    if (!stored)
        return problem(stored.error());
    Response response = http::json_response(
        dump_json(session_view({user->tenant, user->tenant_name, user->email, user->role, csrf})));
    response.headers.emplace_back("Set-Cookie", cookie(token, kSessionLife));
    return response;
}

Response log_out(Context& context, const Request& request)
{
    const WebCaller caller = web_caller(context, request, true);
    if (!caller.session)
        return caller.refusal;
    const std::string hash = auth::hash_secret(request.cookie(kCookie));
    const auto removed = context.writer.run([&](store::Connection& db) { store::remove_session(db, hash); });
    if (!removed)
        return problem(removed.error());
    Response response{204, {{"Cache-Control", "no-store"}}, {}};
    response.headers.emplace_back("Set-Cookie", cookie("", std::chrono::seconds(0)));
    return response;
}

} // namespace

WebCaller web_caller(Context& context, const Request& request, bool changes_state)
{
    WebCaller caller;
    const std::string_view token = request.cookie(kCookie);
    if (!token.empty()) {
        const std::string hash = auth::hash_secret(token);
        const auto read = context.readers.run([&](store::Connection& db) {
            caller.session = store::find_session(db, hash, context.clock.now());
        });
        if (!read) {
            caller.session.reset();
            caller.refusal = problem(read.error());
            return caller;
        }
    }
    if (!caller.session) {
        caller.refusal = problem(401, Errc::unauthorised, "no valid session", {"", "Войдите в кабинет"});
    } else if (changes_state && !auth::same_secret(request.header("x-csrf-token"), caller.session->csrf)) {
        caller.session.reset();
        caller.refusal = problem(403, Errc::unauthorised, "missing or wrong",
                                 {"X-CSRF-Token", "Обновите страницу и повторите"});
    }
    return caller;
}

void add_web_route(http::Router& router, Context& context, const std::string& method,
                   const std::string& pattern, WebHandler handler)
{
    router.add_plain(
        method, pattern,
        [&context, method, handler = std::move(handler)](const Request& request, const PathParts& parts) {
            const WebCaller caller = web_caller(context, request, method != "GET");
            return caller.session ? handler(*caller.session, request, parts) : caller.refusal;
        });
}

void add_session_routes(http::Router& router, Context& context)
{
    router.add_plain("POST", "/api/v1/login", [&context](const Request& request, const PathParts&) {
        return log_in(context, request);
    });
    router.add_plain("POST", "/api/v1/logout", [&context](const Request& request, const PathParts&) {
        return log_out(context, request);
    });
    router.add_plain("GET", "/api/v1/session", [&context](const Request& request, const PathParts&) {
        const WebCaller caller = web_caller(context, request, false);
        return caller.session ? http::json_response(dump_json(session_view(*caller.session)))
                              : caller.refusal;
    });
}

void add_health_route(http::Router& router, Context& context)
{
    router.add_plain("GET", "/health", [&context](const Request&, const PathParts&) {
        const auto read =
            context.readers.run([](store::Connection& db) { (void)store::find_tenant(db, ""); });
        const bool well = read && context.writer.alive();
        if (!well)
            return problem(503, read ? Errc::storage_failed : read.error().code, "the store does not answer");
        return http::json_response(
            dump_json({{"status", "ok"}, {"version", kVersion}, {"store", "ok"}, {"writer", "ok"}}));
    });
}

} // namespace kb::cabinet::api

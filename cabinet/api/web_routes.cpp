// What the owner's pages ask for. Each route begins with the caller's session; the tenant comes from nowhere
// else.
#include "cabinet/api/context.hpp"
#include "cabinet/api/views.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/documents.hpp"
#include "cabinet/store/history.hpp"
#include "cabinet/store/registers.hpp"
#include "cabinet/store/rejected.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "protocol/core/json_reader.hpp"

#include <algorithm>
#include <charconv>

namespace kb::cabinet::api {

using http::bad_parameter;
using http::PathParts;
using http::problem;
using http::Request;
using http::Response;
using nlohmann::json;

namespace {

constexpr std::size_t kRegisterEvents = 50;
constexpr std::size_t kRegisterChanges = 200;

std::optional<std::uint32_t> number_of(const std::string& text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0 ? std::optional(number)
                                                                                  : std::nullopt;
}

/// "1709284500-9999078900001234-3"
std::string cursor_of(const store::DocumentKey& key)
{
    return std::to_string(key.datetime.time_since_epoch().count()) + "-" + key.fn_serial + "-" +
           std::to_string(key.fd_number);
}

std::optional<store::DocumentKey> key_of(const std::string& cursor)
{
    const std::size_t first = cursor.find('-', 1); // a time before 1970 begins with a minus
    const std::size_t last = cursor.rfind('-');
    if (first == std::string::npos || last <= first + 1)
        return std::nullopt;
    std::int64_t time = 0;
    const char* end = cursor.data() + first;
    const auto [stop, error] = std::from_chars(cursor.data(), end, time);
    const auto fd_number = number_of(cursor.substr(last + 1));
    if (error != std::errc() || stop != end || !fd_number)
        return std::nullopt;
    return store::DocumentKey{LocalSeconds{std::chrono::seconds{time}},
                              cursor.substr(first + 1, last - first - 1), *fd_number};
}

std::optional<std::vector<int>> types_of(const std::string& list)
{
    std::vector<int> types;
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        const auto type = number_of(list.substr(at, end - at));
        if (!type || *type > 255 || types.size() == 20)
            return std::nullopt;
        types.push_back(static_cast<int>(*type));
        at = end + 1;
    }
    return types;
}

std::optional<int> operation_of(const std::string& word)
{
    constexpr std::array<std::string_view, 4> kWords{"sell", "sell_return", "buy", "buy_return"};
    const auto* const at = std::find(kWords.begin(), kWords.end(), word);
    return at == kWords.end() ? std::nullopt : std::optional(static_cast<int>(at - kWords.begin()) + 1);
}

Response documents(Context& context, const store::Session& session, const Request& request)
{
    constexpr std::int64_t kAnySum = 1'000'000'000'000'000;
    http::Query query(request.query);
    store::DocumentFilter filter;
    filter.kkt_serial = query.text("register", 64);
    filter.fn_serial = query.text("fn", 16);
    filter.from = query.local_time("from", false);
    filter.to = query.local_time("to", true);
    filter.min_sum = query.integer("min_sum", 0, kAnySum);
    filter.max_sum = query.integer("max_sum", 0, kAnySum);
    filter.text = query.text("text", 100);
    filter.limit = static_cast<std::size_t>(query.integer("limit", 1, 200).value_or(50));
    if (const auto types = query.text("type", 100)) {
        const auto numbers = types_of(*types);
        if (numbers)
            filter.types = *numbers;
        else
            query.complain("type", "not document codes with commas, like 3,31");
    }
    if (const auto word = query.text("operation", 20)) {
        filter.operation = operation_of(*word);
        if (!filter.operation)
            query.complain("operation", "not one of: sell, sell_return, buy, buy_return");
    }
    if (const auto cursor = query.text("before", 100)) {
        filter.before = key_of(*cursor);
        if (!filter.before)
            query.complain("before", "not a cursor of this list");
    }
    if (query.fault())
        return problem(*query.fault());
    store::DocumentPage page;
    const auto read = context.readers.run(
        [&](store::Connection& db) { page = store::list_documents(db, session.tenant, filter); });
    if (!read)
        return problem(read.error());
    json rows = json::array();
    for (const auto& head : page.documents)
        rows.push_back(head_view(head));
    return http::json_response(dump_json(
        {{"documents", std::move(rows)}, {"next", page.next ? json(cursor_of(*page.next)) : json(nullptr)}}));
}

/// The document of a path, or what to answer instead.
std::optional<store::DocumentHead> document_of(Context& context, const store::Session& session,
                                               const PathParts& parts, Response& refusal)
{
    const auto fd_number = number_of(parts.at("fd_number"));
    if (!fd_number) {
        refusal = bad_parameter("fd_number", "not a document number");
        return std::nullopt;
    }
    std::optional<store::DocumentHead> found;
    const auto read = context.readers.run([&](store::Connection& db) {
        found = store::find_document(db, session.tenant, parts.at("fn_serial"), *fd_number);
    });
    if (!read)
        refusal = problem(read.error());
    else if (!found)
        refusal = problem(404, Errc::not_found, "no such document");
    return read ? found : std::nullopt;
}

Response qr_code(Context& context, const store::Session& session, const PathParts& parts)
{
    Response refusal;
    const auto found = document_of(context, session, parts, refusal);
    if (!found)
        return refusal;
    const auto text = qr_of(*found);
    if (!text)
        return problem(404, Errc::not_found, "this document has no QR code");
    return {
        200, {{"Content-Type", "image/svg+xml"}, {"Cache-Control", "private, max-age=86400"}}, qr_svg(*text)};
}

Response registers(Context& context, const store::Session& session)
{
    std::vector<store::Register> all;
    const auto read =
        context.readers.run([&](store::Connection& db) { all = store::list_registers(db, session.tenant); });
    if (!read)
        return problem(read.error());
    json rows = json::array();
    for (const auto& each : all)
        rows.push_back(register_view(each, context.catalogue, agent_online(context, each.agent_id)));
    std::stable_sort(rows.begin(), rows.end(), [](const json& one, const json& other) {
        return one["model"].get_ref<const std::string&>() < other["model"].get_ref<const std::string&>();
    });
    return http::json_response(dump_json({{"registers", std::move(rows)}}));
}

Response one_register(Context& context, const store::Session& session, const std::string& kkt_serial)
{
    std::optional<store::Register> found;
    std::vector<store::EventRow> events;
    const auto read = context.readers.run([&](store::Connection& db) {
        found = store::find_register(db, session.tenant, kkt_serial);
        events = store::list_events(db, session.tenant, kkt_serial, kRegisterEvents);
    });
    if (!read)
        return problem(read.error());
    if (!found)
        return problem(404, Errc::not_found, "no such register");
    json view = register_view(*found, context.catalogue, agent_online(context, found->agent_id));
    view["fns"] = json::array();
    for (const auto& fn : found->fns)
        view["fns"].push_back(fn_holding_view(fn));
    view["events"] = json::array();
    for (const auto& event : events)
        view["events"].push_back(event_view(event));
    return http::json_response(dump_json(view));
}

Response history(Context& context, const store::Session& session, const std::string& kkt_serial)
{
    std::vector<store::StatusChange> changes;
    bool known = false;
    const auto read = context.readers.run([&](store::Connection& db) {
        changes = store::list_changes(db, session.tenant, kkt_serial, kRegisterChanges);
        known = !changes.empty() || store::find_register(db, session.tenant, kkt_serial);
    });
    if (!read)
        return problem(read.error());
    if (!known)
        return problem(404, Errc::not_found, "no such register");
    json rows = json::array();
    for (const auto& change : changes)
        rows.push_back(change_view(change));
    return http::json_response(dump_json({{"changes", std::move(rows)}}));
}

Response agents(Context& context, const store::Session& session)
{
    std::vector<store::Agent> all;
    const auto read =
        context.readers.run([&](store::Connection& db) { all = store::list_agents(db, session.tenant); });
    if (!read)
        return problem(read.error());
    json rows = json::array();
    for (auto& agent : all) {
        if (const auto seen = context.hub.last_seen(agent.agent_id))
            agent.last_seen = seen;
        rows.push_back(agent_view(agent, agent_online(context, agent.agent_id)));
    }
    return http::json_response(dump_json({{"agents", std::move(rows)}}));
}

Response enrolment_code(Context& context, const store::Session& session)
{
    const std::string code = auth::make_enrolment_code();
    const UtcMs now = context.clock.now();
    const UtcMs expires_at = now + kCodeLife;
    const auto stored = context.writer.run([&](store::Connection& db) {
        store::add_enrolment_code(db, session.tenant, auth::hash_secret(code), expires_at, now);
    });
    if (!stored)
        return problem(stored.error());
    return http::json_response(dump_json({{"code", code}, {"expires_at", to_text(expires_at)}}));
}

Response rejected(Context& context, const store::Session& session)
{
    std::vector<store::RejectedRow> all;
    const auto read =
        context.readers.run([&](store::Connection& db) { all = store::list_rejected(db, session.tenant); });
    if (!read)
        return problem(read.error());
    json rows = json::array();
    for (const auto& row : all)
        rows.push_back(rejected_view(row));
    return http::json_response(dump_json({{"rejected", std::move(rows)}}));
}

void open_events(Context& context, const Request& request, const http::ResponderPtr& responder)
{
    const WebCaller caller = web_caller(context, request, false);
    if (!caller.session)
        return responder->send(caller.refusal);
    if (context.hub.full(caller.session->tenant))
        return responder->send(problem(503, Errc::too_many, "too many open event streams"));
    auto stream = responder->open_stream(
        {200,
         {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
         {}});
    stream->write(": welcome\n\n");
    context.hub.subscribe(caller.session->tenant, std::move(stream));
}

} // namespace

void add_web_routes(http::Router& router, Context& context)
{
    add_web_route(
        router, context, "GET", "/api/v1/registers",
        [&context](const auto& session, const auto&, const auto&) { return registers(context, session); });
    add_web_route(router, context, "GET", "/api/v1/registers/{kkt_serial}",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      return one_register(context, session, parts.at("kkt_serial"));
                  });
    add_web_route(router, context, "GET", "/api/v1/registers/{kkt_serial}/history",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      return history(context, session, parts.at("kkt_serial"));
                  });
    add_web_route(router, context, "GET", "/api/v1/documents",
                  [&context](const auto& session, const auto& request, const auto&) {
                      return documents(context, session, request);
                  });
    add_web_route(router, context, "GET", "/api/v1/documents/{fn_serial}/{fd_number}",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      Response refusal;
                      const auto found = document_of(context, session, parts, refusal);
                      return found ? http::json_response(dump_json(document_view(*found))) : refusal;
                  });
    add_web_route(router, context, "GET", "/api/v1/documents/{fn_serial}/{fd_number}/qr.svg",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      return qr_code(context, session, parts);
                  });
    add_web_route(
        router, context, "GET", "/api/v1/agents",
        [&context](const auto& session, const auto&, const auto&) { return agents(context, session); });
    add_web_route(router, context, "POST", "/api/v1/enrolment-codes",
                  [&context](const auto& session, const auto&, const auto&) {
                      return enrolment_code(context, session);
                  });
    add_web_route(
        router, context, "GET", "/api/v1/rejected",
        [&context](const auto& session, const auto&, const auto&) { return rejected(context, session); });
    router.add("GET", "/api/v1/events",
               [&context](const Request& request, const PathParts&, const auto& responder) {
                   open_events(context, request, responder);
               });
}

} // namespace kb::cabinet::api

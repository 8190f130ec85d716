// What an owner has done at his registers from afar: his permission, his commands, what became of them.
#include "cabinet/api/context.hpp"
#include "cabinet/api/views.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/log.hpp"
#include "cabinet/store/commands.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "protocol/cabinet/command_request.hpp"
#include "protocol/core/json_reader.hpp"
#include "protocol/fiscal/request_checks.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <algorithm>

namespace kb::cabinet::api {

using cabinet_api::CommandKind;
using http::problem;
using http::Request;
using http::Response;
using nlohmann::json;

namespace {

constexpr std::size_t kListed = 50;
constexpr std::size_t kMostKeyBytes = 128;
/// A shift that was to be closed yesterday must not be closed today.
constexpr std::int64_t kUsualTime_s = std::int64_t{15} * 60;
constexpr std::int64_t kMostTime_s = std::int64_t{24} * 60 * 60;

Response no_register() { return problem(404, Errc::not_found, "no such register"); }

std::optional<Response> not_the_owner(const store::Session& session)
{
    if (session.role == "owner")
        return std::nullopt;
    return problem(403, Errc::unauthorised, "команды кассам отправляет только владелец",
                   {"", "Войдите под учётной записью владельца"});
}

/// The register's permission, or what to answer instead.
std::optional<store::CommandPermission> permission_of(Context& context, const store::Session& session,
                                                      const std::string& kkt_serial, Response& refusal)
{
    std::optional<store::CommandPermission> found;
    const auto read = context.readers.run(
        [&](store::Connection& db) { found = store::command_permission(db, session.tenant, kkt_serial); });
    if (!read)
        refusal = problem(read.error());
    else if (!found)
        refusal = no_register();
    return read ? found : std::nullopt;
}

Response commands(Context& context, const store::Session& session, const std::string& kkt_serial)
{
    std::optional<store::CommandPermission> permission;
    std::vector<store::CommandRow> rows;
    const auto read = context.readers.run([&](store::Connection& db) {
        permission = store::command_permission(db, session.tenant, kkt_serial);
        rows = store::list_commands(db, session.tenant, kkt_serial, kListed);
    });
    if (!read)
        return problem(read.error());
    if (!permission)
        return no_register();
    json view = permission_view(*permission);
    view["commands"] = json::array();
    for (const auto& row : rows)
        view["commands"].push_back(command_view(row, context.clock.now()));
    return http::json_response(dump_json(view));
}

Response one_command(Context& context, const store::Session& session, const http::PathParts& parts)
{
    std::optional<store::CommandRow> row;
    const auto read = context.readers.run([&](store::Connection& db) {
        row = store::find_command(db, session.tenant, parts.at("kkt_serial"), parts.at("id"));
    });
    if (!read)
        return problem(read.error());
    return row ? http::json_response(dump_json(command_view(*row, context.clock.now())))
               : problem(404, Errc::not_found, "no such command");
}

Response permit(Context& context, const store::Session& session, const Request& request,
                const std::string& kkt_serial)
{
    Response refusal;
    if (!permission_of(context, session, kkt_serial, refusal))
        return refusal;
    if (auto refused = not_the_owner(session))
        return *std::move(refused);
    const auto body = parse_json(request.body, cabinet_api::kMaxDepth);
    if (!body)
        return problem(body.error());
    std::optional<Error> failure;
    JsonReader from(*body, "", failure);
    const bool permitted = from.boolean("permitted");
    if (failure)
        return problem(*failure);
    const auto stored = context.writer.run([&](store::Connection& db) {
        (void)store::permit_commands(db, session.tenant, kkt_serial, permitted, session.email,
                                     auth::make_id(), context.clock.now());
    });
    if (!stored)
        return problem(stored.error());
    log_info("commands to register {} {}", {kkt_serial, permitted ? "permitted" : "forbidden"});
    context.hub.publish(session.tenant, "command", dump_json({{"kkt_serial", kkt_serial}, {"id", nullptr}}));
    return commands(context, session, kkt_serial);
}

/// What a register of this format can never do, found before anything is sent. The agent checks again, by the
/// register itself.
std::optional<Response> faults_of(CommandKind kind, const std::string& args, fiscal::FfdVersion ffd)
{
    auto request = cabinet_api::request_of(kind, args);
    if (request)
        if (const auto filled = fiscal::fill_in(*request); !filled)
            return problem(filled.error());
    if (!request)
        return problem(request.error());
    if (ffd == fiscal::FfdVersion::unknown && kind == CommandKind::print)
        return std::nullopt;
    fiscal::RequestLimits limits;
    if (ffd != fiscal::FfdVersion::unknown)
        limits.ffd = ffd;
    fiscal::fit_to(*request, limits.ffd);
    const auto faults = fiscal::check_request(*request, limits);
    if (faults.empty())
        return std::nullopt;
    json list = json::array();
    for (const auto& fault : faults)
        list.push_back({{"field", fault.path}, {"rule", fault.code}, {"ru", fault.ru}, {"en", fault.en}});
    http::ProblemText more;
    more.field = faults.front().path;
    more.members = {{"faults", dump_json(list)}};
    return problem(422, Errc::bad_value, fiscal::describe(faults, true), std::move(more));
}

/// Command and time as they came, checked; then stored, and its agent woken.
Response submit(Context& context, const store::Session& session, const Request& request,
                const store::CommandPermission& permission, const std::string& kkt_serial, CommandKind kind,
                std::string args)
{
    http::Query query(request.query);
    const auto expires_in = query.integer("expires_in", 30, kMostTime_s).value_or(kUsualTime_s);
    if (query.fault())
        return problem(*query.fault());
    const std::string key(request.header("idempotency-key"));
    if (key.empty() || key.size() > kMostKeyBytes)
        return problem(400, Errc::bad_value, "every command needs a key of its own, 1 to 128 bytes",
                       {"Idempotency-Key", "send one, and the same one when you ask again"});
    if (args.size() > cabinet_api::kMaxArgsBytes)
        return problem(413, Errc::too_many, "too long for one command", {"request", ""});
    // What was taken once is not judged again: by now the register may be of another format.
    bool known = false;
    const auto looked = context.readers.run(
        [&](store::Connection& db) { known = store::is_known_key(db, session.tenant, kkt_serial, key); });
    if (!looked)
        return problem(looked.error());
    if (!known)
        if (auto refused = faults_of(kind, args, permission.ffd))
            return *std::move(refused);
    const UtcMs now = context.clock.now();
    store::NewCommand command;
    command.kind = to_string(kind);
    command.kkt_serial = kkt_serial;
    command.args_json = std::move(args);
    command.key = key;
    command.sent_by = session.email;
    command.expires_at = now + std::chrono::seconds(expires_in);
    const auto& allows = permission.agent_allows;
    const bool allowed = std::find(allows.begin(), allows.end(), command.kind) != allows.end();
    store::AddedCommand added;
    const auto stored = context.writer.run([&](store::Connection& db) {
        added = store::add_command(db, session.tenant, command, allowed, auth::make_id(), now);
    });
    if (!stored)
        return problem(stored.error());
    using How = store::AddedCommand::How;
    switch (added.how) {
    case How::no_register:
        return no_register();
    case How::conflict:
        return problem(409, Errc::conflict, "the key stands for another command: " + added.command.sent.id,
                       {"Idempotency-Key", "a new command needs a new key"});
    case How::not_permitted:
        return problem(403, Errc::unauthorised, "команды этой кассе выключены",
                       {"", "Включите их на странице кассы"});
    case How::not_allowed:
        return problem(
            403, Errc::unauthorised, "команда «" + command.kind + "» не разрешена на кассе",
            {"kind", "Впишите её в ключ cabinet_commands этой кассы в agent.toml на компьютере магазина"});
    case How::too_many:
        return problem(429, Errc::too_many, "слишком много команд ждут эту кассу",
                       {"", "Дождитесь их выполнения"});
    case How::added:
        log_info("command {} ({}) sent to register {}", {added.command.sent.id, command.kind, kkt_serial});
        context.hub.wake(added.command.agent_id);
        context.hub.publish(session.tenant, "command",
                            dump_json({{"kkt_serial", kkt_serial}, {"id", added.command.sent.id}}));
        break;
    case How::known:
        break;
    }
    return http::json_response(dump_json(command_view(added.command, now)));
}

Response send(Context& context, const store::Session& session, const Request& request,
              const std::string& kkt_serial)
{
    Response refusal;
    const auto permission = permission_of(context, session, kkt_serial, refusal);
    if (!permission)
        return refusal;
    if (auto refused = not_the_owner(session))
        return *std::move(refused);
    const auto body = parse_json(request.body, cabinet_api::kMaxDepth);
    if (!body)
        return problem(body.error());
    std::optional<Error> failure;
    JsonReader from(*body, "", failure);
    const std::string word = from.name("kind", 32);
    const auto kind = cabinet_api::command_kind_of(word);
    std::string args = "{}";
    if (kind == CommandKind::message)
        args = cabinet_api::message_args(from.text("text", 8000));
    if (!failure && (!kind || kind == CommandKind::print))
        from.complain("kind", "not one of: x_report, close_shift, message; receipts go to .../print");
    if (failure)
        return problem(*failure);
    return submit(context, session, request, *permission, kkt_serial, *kind, std::move(args));
}

Response print(Context& context, const store::Session& session, const Request& request,
               const std::string& kkt_serial)
{
    Response refusal;
    const auto permission = permission_of(context, session, kkt_serial, refusal);
    if (!permission)
        return refusal;
    if (auto refused = not_the_owner(session))
        return *std::move(refused);
    // From the bytes as they came: a reader of numbers in between would round what nobody may round.
    const auto receipt = fiscal::request_from_json(request.body);
    if (!receipt)
        return problem(receipt.error());
    return submit(context, session, request, *permission, kkt_serial, CommandKind::print,
                  cabinet_api::print_args(*receipt));
}

} // namespace

void add_command_routes(http::Router& router, Context& context)
{
    const std::string base = "/api/v1/registers/{kkt_serial}/";
    add_web_route(router, context, "GET", base + "commands",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      return commands(context, session, parts.at("kkt_serial"));
                  });
    add_web_route(router, context, "GET", base + "commands/{id}",
                  [&context](const auto& session, const auto&, const auto& parts) {
                      return one_command(context, session, parts);
                  });
    add_web_route(router, context, "POST", base + "permission",
                  [&context](const auto& session, const auto& request, const auto& parts) {
                      return permit(context, session, request, parts.at("kkt_serial"));
                  });
    add_web_route(router, context, "POST", base + "commands",
                  [&context](const auto& session, const auto& request, const auto& parts) {
                      return send(context, session, request, parts.at("kkt_serial"));
                  });
    add_web_route(router, context, "POST", base + "print",
                  [&context](const auto& session, const auto& request, const auto& parts) {
                      return print(context, session, request, parts.at("kkt_serial"));
                  });
}

} // namespace kb::cabinet::api

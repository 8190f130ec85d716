// What agents call: documents, samples and events in, commands and configuration out.
#include "cabinet/api/context.hpp"
#include "cabinet/api/views.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/http/gzip.hpp"
#include "cabinet/ingest/digest.hpp"
#include "cabinet/log.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/commands.hpp"
#include "cabinet/store/documents.hpp"
#include "cabinet/store/history.hpp"
#include "cabinet/store/ingest.hpp"
#include "cabinet/store/registers.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "protocol/core/json_reader.hpp"

#include <set>

namespace kb::cabinet::api {

using http::PathParts;
using http::problem;
using http::Request;
using http::ResponderPtr;
using http::Response;

namespace {

constexpr std::size_t kMaxLiveDocuments = 20;
constexpr auto kTouchEvery = std::chrono::seconds(60);

/// nullopt: the token is nobody's. An error: the store cannot say, which must not look like a refused token,
/// for an agent with a refused token sends nothing until a person enrols it again.
Result<std::optional<store::Agent>> agent_of(Context& context, const Request& request)
{
    using Found = std::optional<store::Agent>;
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view header = request.header("authorization");
    if (!header.starts_with(kBearer))
        return Found();
    const std::string hash = auth::hash_secret(header.substr(kBearer.size()));
    Found agent;
    const auto read =
        context.readers.run([&](store::Connection& db) { agent = store::find_agent(db, hash); });
    if (!read)
        return pass(read);
    if (agent) {
        const UtcMs now = context.clock.now();
        const UtcMs before = context.hub.last_seen(agent->agent_id).value_or(context.started_at);
        if (context.hub.seen(agent->agent_id, now, kTouchEvery))
            (void)context.writer.post(
                [tenant = agent->tenant, id = agent->agent_id, now,
                 was_silent = now - before > kSilentFor](store::Connection& db) {
                    if (was_silent)
                        store::note_silence(db, tenant, id, now);
                    store::touch_agent(db, tenant, id, now);
                },
                [](const Result<void>&) {});
    }
    return agent;
}

Response not_an_agent()
{
    return problem(401, Errc::unauthorised, "unknown agent token",
                   {"Authorization", "Подключите агент заново: kktctl enroll"});
}

/// The body, inflated where it says so. Errors name the header.
Result<std::string> body_of(const Request& request)
{
    const std::string_view encoding = request.header("content-encoding");
    if (encoding.empty() || encoding == "identity")
        return request.body;
    if (encoding != "gzip")
        return fail(Errc::bad_value, "Content-Encoding: neither gzip nor identity");
    auto inflated = gunzip(request.body, cabinet_api::kMaxInflatedBytes);
    if (!inflated)
        return fail(inflated.error().code, "body: " + inflated.error().context);
    return inflated;
}

/// A handler for known agents, with the body at hand.
using AgentHandler = std::function<void(const store::Agent&, const Request&, const std::string& body,
                                        const PathParts&, const ResponderPtr&)>;
http::Handler for_agents(Context& context, AgentHandler handler)
{
    return [&context, handler = std::move(handler)](const Request& request, const PathParts& parts,
                                                    const ResponderPtr& responder) {
        const auto agent = agent_of(context, request);
        if (!agent)
            return responder->send(problem(agent.error()));
        if (!*agent)
            return responder->send(not_an_agent());
        const auto body = body_of(request);
        if (!body)
            return responder->send(problem(body.error()));
        handler(**agent, request, *body, parts, responder);
    };
}

/// Commits and answers after it; `answer` runs on the writer's thread.
void commit(Context& context, store::Writer::Work work, const ResponderPtr& responder,
            std::function<Response()> answer)
{
    const bool taken = context.writer.post(
        std::move(work), [responder, answer = std::move(answer)](const Result<void>& result) {
            responder->send(result ? answer() : problem(result.error()));
        });
    if (!taken)
        responder->send(problem(503, Errc::too_many, "the cabinet is overloaded", {"", "Повторите позже"}));
}

Response enroll(Context& context, const Request& request)
{
    const UtcMs now = context.clock.now();
    if (!context.enrolment_by_address.allowed(request.remote_address, now))
        return problem(429, Errc::too_many, "too many wrong codes", {"code", "Подождите 15 минут"});
    const auto body = body_of(request);
    if (!body)
        return problem(body.error());
    const auto message = cabinet_api::decode_enroll_request(*body);
    if (!message)
        return problem(message.error());
    const std::string token = auth::make_token();
    store::Agent agent;
    agent.agent_id = "a-" + auth::make_id();
    agent.hostname = message->hostname;
    agent.agent_version = message->agent_version;
    agent.enrolled_at = now;
    bool known = false;
    cabinet_api::EnrollResponse answer{agent.agent_id, token, {}};
    const std::string code_hash = auth::hash_secret(auth::normal_code(message->code));
    const auto stored = context.writer.run([&](store::Connection& db) {
        const auto tenant = store::use_enrolment_code(db, code_hash, now);
        if (!tenant)
            return;
        known = true;
        agent.tenant = *tenant;
        store::add_agent(db, agent, auth::hash_secret(token));
        answer.cabinet_name = store::tenant_name(db, *tenant);
    });
    if (!stored)
        return problem(stored.error());
    if (!known) {
        context.enrolment_by_address.failed(request.remote_address, now);
        return problem(401, Errc::unauthorised, "unknown, used or expired",
                       {"code", "Получите новый код в кабинете"});
    }
    log_info("agent {} enrolled", {agent.agent_id});
    return http::json_response(encode(answer));
}

/// Decoding and checks happen here, on a worker; the writer only stores.
std::shared_ptr<store::Batch> batch_of(const store::Agent& agent, cabinet_api::DecodedDocuments decoded,
                                       UtcMs now)
{
    auto batch = std::make_shared<store::Batch>();
    batch->tenant = agent.tenant;
    batch->agent_id = agent.agent_id;
    batch->received_at = now;
    for (const auto& bad : decoded.bad)
        batch->refused.push_back(
            {bad.index,
             {bad.fn_serial, bad.fd_number, bad.kkt_serial, std::string(to_string(bad.error.code)),
              bad.error.context, store::RejectedBy::cabinet}});
    batch->documents.reserve(decoded.documents.size());
    for (auto& message : decoded.documents) {
        auto digest = ingest::digest_of(message.document);
        if (digest)
            batch->documents.push_back({std::move(message), *std::move(digest)});
        else
            batch->refused.push_back({0,
                                      {message.document.fn_serial, message.document.fd_number,
                                       message.kkt_serial, std::string(to_string(digest.error().code)),
                                       digest.error().context, store::RejectedBy::cabinet}});
    }
    return batch;
}

void publish_batch(Context& context, const store::Batch& batch, const store::BatchResult& result)
{
    if (!context.hub.has_listeners(batch.tenant))
        return;
    for (const auto& alarm : result.alarms)
        context.hub.publish(batch.tenant, "alarm", dump_json(event_view(alarm)));
    std::set<std::string> registers;
    for (std::size_t i = 0; i < result.stored.size(); ++i) {
        const auto& stored = batch.documents[result.stored[i]];
        registers.insert(stored.message.kkt_serial);
        if (i + kMaxLiveDocuments < result.stored.size())
            continue;
        store::DocumentHead head;
        head.document = stored.message.document;
        head.digest = stored.digest;
        head.kkt_serial = stored.message.kkt_serial;
        head.source = stored.message.source;
        head.read_at = stored.message.read_at;
        head.received_at = batch.received_at;
        head.items_count = static_cast<std::int64_t>(stored.digest.items.size());
        head.findings_count = static_cast<std::int64_t>(stored.digest.findings.size());
        context.hub.publish(batch.tenant, "document", dump_json(head_view(head)));
    }
    for (const std::string& each : registers)
        publish_register(context, batch.tenant, each, false);
}

void take_documents(Context& context, const store::Agent& agent, const std::string& body,
                    const ResponderPtr& responder)
{
    auto decoded = cabinet_api::decode_documents_request(body);
    if (!decoded)
        return responder->send(problem(decoded.error()));
    const auto batch = batch_of(agent, *std::move(decoded), context.clock.now());
    const auto result = std::make_shared<store::BatchResult>();
    commit(
        context, [batch, result](store::Connection& db) { *result = store::take_in(db, *batch); }, responder,
        [&context, batch, result] {
            for (const auto& fn : result->answer.fns)
                if (!fn.rejected.empty())
                    log_warning("documents rejected: {} of FN {}",
                                {std::to_string(fn.rejected.size()), fn.fn_serial});
            if (const auto& unnamed = result->answer.unnamed; !unnamed.empty())
                log_warning("documents rejected: {} that do not say whose they are",
                            {std::to_string(unnamed.size())});
            context.workers.post([&context, batch, result] { publish_batch(context, *batch, *result); });
            return http::json_response(encode(result->answer));
        });
}

void take_status(Context& context, const store::Agent& agent, const std::string& body,
                 const ResponderPtr& responder)
{
    auto message = cabinet_api::decode_status_request(body);
    if (!message)
        return responder->send(problem(message.error()));
    const auto samples = std::make_shared<cabinet_api::StatusRequest>(*std::move(message));
    commit(
        context,
        [samples, agent, now = context.clock.now()](store::Connection& db) {
            for (const auto& sample : samples->samples)
                store::put_sample(db, agent.tenant, agent.agent_id, sample, now);
        },
        responder,
        [&context, samples, tenant = agent.tenant] {
            context.workers.post([&context, samples, tenant] {
                std::set<std::string> serials;
                for (const auto& sample : samples->samples)
                    serials.insert(sample.info.kkt_serial);
                for (const std::string& each : serials)
                    publish_register(context, tenant, each, true);
            });
            return http::json_response(
                encode(cabinet_api::AcceptedResponse{static_cast<std::uint32_t>(samples->samples.size())}));
        });
}

struct IncomingEvent {
    store::EventRow row;
    std::string set_aside_code; ///< empty: no document was set aside
};

/// What the agent could not take out of a register is shown with what the cabinet could not take.
void note_set_aside(store::Connection& db, store::TenantId tenant, const store::EventRow& row,
                    const std::string& code)
{
    if (code == "conflict" || !store::holds_document(db, tenant, row.fn_serial, row.fd_number))
        store::note_rejected(
            db, tenant,
            {row.fn_serial, row.fd_number, row.kkt_serial, code, row.text, store::RejectedBy::agent}, row.at);
}

void take_events(Context& context, const store::Agent& agent, const std::string& body,
                 const ResponderPtr& responder)
{
    auto message = cabinet_api::decode_events_request(body);
    if (!message)
        return responder->send(problem(message.error()));
    const auto accepted = static_cast<std::uint32_t>(message->events.size());
    const auto rows = std::make_shared<std::vector<IncomingEvent>>();
    for (auto& event : message->events) {
        auto about = cabinet_api::set_aside_of(event);
        rows->push_back({{std::move(event.id), event.at, std::move(event.kkt_serial), std::move(event.kind),
                          event.severity, std::move(event.text), std::move(event.data_json),
                          about ? about->fn_serial : "", about ? about->fd_number : 0},
                         about ? about->code : ""});
    }
    const auto fresh = std::make_shared<std::vector<store::EventRow>>();
    commit(
        context,
        [agent, rows, fresh](store::Connection& db) {
            for (const auto& [row, set_aside_code] : *rows) {
                if (!store::add_event(db, agent.tenant, agent.agent_id, row))
                    continue;
                fresh->push_back(row);
                if (!set_aside_code.empty())
                    note_set_aside(db, agent.tenant, row, set_aside_code);
            }
        },
        responder,
        [&context, tenant = agent.tenant, fresh, accepted] {
            for (const auto& row : *fresh)
                if (row.severity >= cabinet_api::Severity::error)
                    context.hub.publish(tenant, "alarm", dump_json(event_view(row)));
            return http::json_response(encode(cabinet_api::AcceptedResponse{accepted}));
        });
}

/// What is there for the agent: given and answered on the writer's thread, since it counts as given from then
/// on.
void answer_commands(Context& context, const store::Agent& agent, store::Wanted wanted,
                     const ResponderPtr& responder)
{
    const auto answer = std::make_shared<cabinet_api::CommandsResponse>();
    answer->now = context.clock.now();
    bool any = false;
    const auto read = context.readers.run([&](store::Connection& db) {
        any = store::has_commands(db, agent.tenant, agent.agent_id, wanted, *answer->now);
    });
    if (!read)
        return responder->send(problem(read.error()));
    if (!any)
        return responder->send(http::json_response(encode(*answer)));
    commit(
        context,
        [answer, agent, wanted](store::Connection& db) {
            answer->commands = store::give_commands(db, agent.tenant, agent.agent_id, wanted, *answer->now);
        },
        responder, [answer] { return http::json_response(encode(*answer)); });
}

void give_commands(Context& context, const store::Agent& agent, const Request& request,
                   const ResponderPtr& responder)
{
    http::Query query(request.query);
    const auto wait = query.integer("wait", 0, 30).value_or(0);
    const auto unanswered = query.text("unanswered", 8);
    if (unanswered && *unanswered != "true")
        query.complain("unanswered", "true, or not there at all");
    if (query.fault())
        return responder->send(problem(*query.fault()));
    const auto wanted = unanswered ? store::Wanted::unanswered : store::Wanted::open;
    const auto any = [&context, agent, wanted] {
        bool found = false;
        const auto read = context.readers.run([&](store::Connection& db) {
            found = store::has_commands(db, agent.tenant, agent.agent_id, wanted, context.clock.now());
        });
        return !read || found;
    };
    if (wait == 0 || any())
        return answer_commands(context, agent, wanted, responder);
    context.hub.wait(agent.agent_id, context.clock.now() + std::chrono::seconds(wait),
                     [&context, agent, wanted, responder] {
                         context.workers.post([&context, agent, wanted, responder] {
                             answer_commands(context, agent, wanted, responder);
                         });
                     });
    if (any()) // it came while this agent was not waiting yet
        context.hub.wake(agent.agent_id);
}

void take_command_result(Context& context, const store::Agent& agent, const std::string& body,
                         const std::string& command_id, const ResponderPtr& responder)
{
    auto result = cabinet_api::decode_command_result(body);
    if (!result)
        return responder->send(problem(result.error()));
    const auto told = std::make_shared<std::optional<store::ToldCommand>>();
    commit(
        context,
        [agent, command_id, told, result = *std::move(result),
         now = context.clock.now()](store::Connection& db) {
            *told = store::finish_command(db, agent.tenant, agent.agent_id, command_id, result, now);
        },
        responder,
        [&context, told, command_id, tenant = agent.tenant] {
            if (!*told)
                return problem(404, Errc::not_found, "no such command", {"id", ""});
            if ((*told)->changed)
                context.workers.post([&context, told, command_id, tenant] {
                    context.hub.publish(tenant, "command",
                                        dump_json({{"kkt_serial", (*told)->kkt_serial}, {"id", command_id}}));
                });
            return http::json_response(encode(cabinet_api::AcceptedResponse{1}));
        });
}

} // namespace

bool agent_online(Context& context, const std::string& agent_id)
{
    const auto seen = context.hub.last_seen(agent_id);
    return seen && *seen + kOnlineFor > context.clock.now();
}

void publish_register(Context& context, store::TenantId tenant, const std::string& kkt_serial,
                      bool with_state)
{
    if (!context.hub.has_listeners(tenant))
        return;
    std::optional<store::Register> found;
    if (!context.readers.run(
            [&](store::Connection& db) { found = store::find_register(db, tenant, kkt_serial); }) ||
        !found)
        return;
    if (with_state)
        context.hub.publish(
            tenant, "sample",
            dump_json(register_view(*found, context.catalogue, agent_online(context, found->agent_id))));
    else
        context.hub.publish(
            tenant, "register",
            dump_json({{"kkt_serial", kkt_serial}, {"completeness", completeness_view(found->fns)}}));
}

void add_agent_routes(http::Router& router, Context& context)
{
    router.add_plain("POST", "/api/agent/v1/enroll", [&context](const Request& request, const PathParts&) {
        return enroll(context, request);
    });
    router.add("POST", "/api/agent/v1/documents",
               for_agents(context, [&context](const auto& agent, const auto&, const auto& body, const auto&,
                                              const auto& responder) {
                   take_documents(context, agent, body, responder);
               }));
    router.add("POST", "/api/agent/v1/status",
               for_agents(context, [&context](const auto& agent, const auto&, const auto& body, const auto&,
                                              const auto& responder) {
                   take_status(context, agent, body, responder);
               }));
    router.add("POST", "/api/agent/v1/events",
               for_agents(context, [&context](const auto& agent, const auto&, const auto& body, const auto&,
                                              const auto& responder) {
                   take_events(context, agent, body, responder);
               }));
    router.add("GET", "/api/agent/v1/commands",
               for_agents(context, [&context](const auto& agent, const auto& request, const auto&,
                                              const auto&, const auto& responder) {
                   give_commands(context, agent, request, responder);
               }));
    router.add("POST", "/api/agent/v1/commands/{id}/result",
               for_agents(context, [&context](const auto& agent, const auto&, const auto& body,
                                              const auto& parts, const auto& responder) {
                   take_command_result(context, agent, body, parts.at("id"), responder);
               }));
    router.add(
        "GET", "/api/agent/v1/config",
        for_agents(context, [](const auto&, const auto&, const auto&, const auto&, const auto& responder) {
            // Nothing is desired of agents yet: version 0 of an empty configuration.
            const cabinet_api::ConfigResponse nothing{0, auth::sha256_hex("{}"), "{}"};
            responder->send(http::json_response(encode(nothing)));
        }));
}

} // namespace kb::cabinet::api

#include "agent/api/native_api.hpp"

#include "agent/api/job_json.hpp"
#include "agent/local_token.hpp"
#include "agent/log.hpp"
#include "http/query.hpp"
#include "protocol/core/json_reader.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <fstream>
#include <utility>

namespace kb::agent {

namespace {

using namespace std::chrono_literals;
using kb::http::json_response;
using kb::http::problem;
using kb::http::ProblemText;
using kb::http::Request;
using kb::http::Response;

constexpr auto kLongestWait = 60s;
constexpr std::chrono::seconds kLongestExpiry = std::chrono::days(30);
constexpr std::size_t kMostJobs = 500;
constexpr const char* kCaller = "native";
constexpr std::string_view kOneDevice = "/api/v1/devices/";
constexpr std::string_view kOneJob = "/api/v1/jobs/";
constexpr auto kHeartbeat = 15s;

/// Faults of a request one by one, each with its field, its rule and the cure in both languages.
Response refused(const JobRefusal& refusal)
{
    if (refusal.faults.empty())
        return problem(refusal.error);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const fiscal::RequestFault& fault : refusal.faults)
        list.push_back({{"field", fault.path}, {"rule", fault.code}, {"ru", fault.ru}, {"en", fault.en}});
    ProblemText more;
    more.field = refusal.faults.front().path;
    more.members = {{"faults", dump_json(list)}};
    return problem(422, Errc::bad_value, fiscal::describe(refusal.faults, false), std::move(more));
}

/// What stands behind `before`, when that is all there is: a name without a slash or an escape.
std::string_view name_behind(std::string_view before, std::string_view path)
{
    if (!path.starts_with(before))
        return {};
    const std::string_view name = path.substr(before.size());
    return name.find_first_of("/%") == std::string_view::npos ? name : std::string_view();
}

/// How one register or one job is, at this moment.
bool asks_for_state(const Request& request)
{
    return request.method == "GET" && request.query.empty() &&
           !(name_behind(kOneDevice, request.path).empty() && name_behind(kOneJob, request.path).empty());
}

int status_of(const storage::Job& job, bool is_new)
{
    if (!is_new)
        return 200;
    return storage::is_final(job.state) ? 201 : 202;
}

} // namespace

struct NativeApi::Events {
    explicit Events(const asio::any_io_executor& executor) : heartbeat(executor) {}
    std::vector<std::shared_ptr<kb::http::Stream>> streams;
    std::shared_ptr<void> listening;
    Timer heartbeat;
    bool stopped = false;
    bool beating = false;

    void tell(const std::string& text)
    {
        std::erase_if(streams, [&](const auto& stream) { return !stream->write(text); });
    }
    static asio::awaitable<void> beat(std::shared_ptr<Events> events)
    {
        while (!events->stopped && !events->streams.empty()) {
            events->heartbeat.expires_after(kHeartbeat);
            boost::system::error_code ignored;
            co_await events->heartbeat.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            events->tell(": still here\n\n");
        }
        events->beating = false;
    }
};

NativeApi::NativeApi(Services services)
    : services_(std::move(services)),
      origins_(services_.origins),
      events_(std::make_shared<Events>(services_.executor))
{
    add_job_routes();
    add_register_routes();
    add_document_routes();
    add_log_route();
    add_page_routes();
    router_.set_failure_log([](const Request& request, const std::string& pattern, std::string_view what) {
        log::error("api: a handler failed",
                   {{"method", request.method}, {"route", pattern}, {"error", std::string(what)}});
    });
}

NativeApi::~NativeApi() { stop(); }

void NativeApi::stop()
{
    events_->stopped = true;
    events_->listening.reset();
    events_->streams.clear();
    events_->heartbeat.cancel();
    if (hand_over_)
        hand_over_->stop();
}

std::function<void(const kb::http::Request&, const kb::http::ResponderPtr&)>
NativeApi::take_on(asio::any_io_executor server)
{
    HandOver::House house;
    house.executor = services_.executor;
    house.at_once = [this](const std::string& path) { return at_once(path); };
    house.handle = [this](const Request& request, const Responder& responder, Steady::time_point came) {
        came_ = came;
        router_.dispatch(request, responder);
        came_.reset();
    };
    hand_over_ = std::make_shared<HandOver>(std::move(house), std::move(server));
    return [way = hand_over_](const Request& request, const Responder& responder) {
        if (asks_for_state(request))
            way->ask(request.path, responder);
        else
            way->pass_on(request, responder);
    };
}

std::optional<std::string> NativeApi::at_once(const std::string& path)
{
    if (const auto name = name_behind(kOneDevice, path); !name.empty()) {
        const auto device = services_.desk.device(serial_of({{"serial", std::string(name)}}));
        return device ? std::optional(register_json(*device)) : std::nullopt;
    }
    const JobView* view = services_.desk.at_hand(std::string(name_behind(kOneJob, path)));
    return view != nullptr ? std::optional(job_json(*view)) : std::nullopt;
}

kb::http::Guard NativeApi::guard() const
{
    return [this](const Request& request) -> std::optional<Response> {
        if (!kb::http::is_loopback_name(request.header("host")))
            return problem(403, Errc::unauthorised, "not by this name",
                           {"Host", "ask for 127.0.0.1 or localhost"});
        if (auto preflight = origins_.preflight(request))
            return preflight;
        const auto origin = request.header("origin");
        const bool own_page = origin == "http://" + std::string(request.header("host"));
        if (!origin.empty() && !own_page && !origins_.allow(origin))
            return problem(403, Errc::unauthorised, "pages of this origin may not call",
                           {"Origin", "add it to origins in the section [api]"});
        const bool open = request.path == "/" || request.path == "/api/v1/openapi.yaml" ||
                          request.path.starts_with("/page/");
        if (!open && !kb::http::same_secret(kb::http::bearer_token(request), services_.token))
            return problem(
                401, Errc::unauthorised, "the token is missing or wrong",
                {"Authorization", "send \"Bearer\" and what stands in the file of api.token_file"});
        return std::nullopt;
    };
}

kb::http::Finish NativeApi::finish() const
{
    return [this](const Request& request, Response& response) {
        origins_.let_read(request, response);
        response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    };
}

std::string NativeApi::serial_of(const Parts& parts)
{
    const std::string& serial = parts.at("serial");
    return serial == "default" ? std::string() : serial;
}

void NativeApi::add_job_routes()
{
    router_.add("POST", "/api/v1/devices/{serial}/jobs",
                [this](const Request& request, const Parts& parts, const Responder& responder) {
                    spawn(post_job(request, serial_of(parts), came_.value_or(Steady::now()), responder));
                });
    router_.add("GET", "/api/v1/jobs",
                [this](const Request& request, const Parts&, const Responder& responder) {
                    spawn(list_jobs(request, "", responder));
                });
    router_.add("GET", "/api/v1/devices/{serial}/jobs",
                [this](const Request& request, const Parts& parts, const Responder& responder) {
                    spawn(list_jobs(request, serial_of(parts), responder));
                });
    router_.add("GET", "/api/v1/jobs/{id}",
                [this](const Request& request, const Parts& parts, const Responder& responder) {
                    kb::http::Query query(request.query);
                    const auto wait = query.integer("wait", 0, kLongestWait.count());
                    if (const auto& fault = query.fault()) {
                        responder->send(problem(*fault));
                        return;
                    }
                    spawn(get_job(parts.at("id"), std::chrono::seconds(wait.value_or(0)), responder));
                });
    const auto cancel = [this](const Request&, const Parts& parts, const Responder& responder) {
        auto work = [](JobDesk& desk, std::string id, Responder to) -> asio::awaitable<void> {
            const auto job = co_await desk.cancel(std::move(id));
            to->send(job ? json_response(job_json(*job)) : problem(job.error()));
        };
        spawn(work(services_.desk, parts.at("id"), responder));
    };
    router_.add("DELETE", "/api/v1/jobs/{id}", cancel);
    router_.add("POST", "/api/v1/jobs/{id}/cancel", cancel);
    router_.add("POST", "/api/v1/jobs/{id}/decision",
                [this](const Request& request, const Parts& parts, const Responder& responder) {
                    spawn(decide(parts.at("id"), request.body, responder));
                });
    router_.add("GET", "/api/v1/events",
                [this](const Request&, const Parts&, const Responder& responder) { open_events(responder); });
}

asio::awaitable<void> NativeApi::post_job(Request request, std::string serial, Steady::time_point came,
                                          Responder responder)
{
    kb::http::Query query(request.query);
    const auto wait = query.integer("wait", 0, kLongestWait.count());
    const auto priority = query.integer("priority", -100, 100);
    const auto expires_in = query.integer("expires_in", 1, kLongestExpiry.count());
    if (const auto& fault = query.fault()) {
        responder->send(problem(*fault));
        co_return;
    }
    AskedJob asked;
    asked.caller = kCaller;
    asked.key = request.header("idempotency-key");
    asked.kkt_serial = std::move(serial);
    asked.came = came;
    asked.priority = static_cast<std::int32_t>(priority.value_or(0));
    if (expires_in)
        asked.wait_at_most = std::chrono::seconds(*expires_in);
    if (asked.key.empty()) {
        responder->send(problem(400, Errc::bad_value, "every request needs a key of its own",
                                {"Idempotency-Key", "send one, and the same one when you ask again"}));
        co_return;
    }
    auto wanted = fiscal::request_from_json(request.body);
    if (!wanted) {
        responder->send(problem(wanted.error()));
        co_return;
    }
    asked.request = *std::move(wanted);
    auto answer = co_await services_.desk.accept(std::move(asked));
    if (!answer) {
        responder->send(refused(answer.error()));
        co_return;
    }
    auto view =
        co_await services_.desk.wait(answer->job.asked.job_id, std::chrono::seconds(wait.value_or(0)));
    if (!view) {
        responder->send(problem(view.error()));
        co_return;
    }
    Response response = json_response(job_json(*view), status_of(view->job, answer->is_new));
    response.headers.emplace_back("Location", "/api/v1/jobs/" + view->job.asked.job_id);
    responder->send(std::move(response));
}

asio::awaitable<void> NativeApi::list_jobs(Request request, std::string serial, Responder responder)
{
    kb::http::Query query(request.query);
    storage::JobFilter filter;
    filter.kkt_serial = std::move(serial);
    if (const auto device = query.text("device", 32))
        filter.kkt_serial = *device;
    if (const auto state = query.text("state", 16)) {
        if (*state == "open")
            filter.open_only = true;
        else if (const auto known = storage::job_state_of(*state))
            filter.state = known;
        else
            query.complain("state",
                           "open, or one of queued, printing, unknown, done, refused, cancelled, expired, "
                           "undecided");
    }
    filter.before_id = query.integer("before", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
    filter.at_most = static_cast<std::size_t>(
        query.integer("limit", 1, static_cast<std::int64_t>(kMostJobs)).value_or(100));
    if (const auto& fault = query.fault()) {
        responder->send(problem(*fault));
        co_return;
    }
    const std::size_t at_most = filter.at_most;
    const auto found = co_await services_.desk.list(std::move(filter));
    responder->send(found ? json_response(jobs_json(*found, at_most)) : problem(found.error()));
}

asio::awaitable<void> NativeApi::get_job(std::string id, std::chrono::seconds wait, Responder responder)
{
    const auto view = co_await services_.desk.wait(std::move(id), wait);
    responder->send(view ? json_response(job_json(*view)) : problem(view.error()));
}

asio::awaitable<void> NativeApi::decide(std::string id, std::string body, Responder responder)
{
    JobDesk::Decision decision;
    std::optional<Error> failure;
    const auto json = parse_json(body, 4);
    if (!json) {
        responder->send(problem(json.error()));
        co_return;
    }
    JsonReader reader(*json, "", failure);
    decision.made = reader.boolean("made");
    decision.name = reader.text("name", 200);
    decision.reason = reader.text("reason", 1000);
    if (reader.has("fd_number"))
        decision.fd_number = reader.u32("fd_number");
    if (failure) {
        responder->send(problem(*failure));
        co_return;
    }
    const auto view = co_await services_.desk.decide(std::move(id), std::move(decision));
    responder->send(view ? json_response(job_json(*view)) : problem(view.error()));
}

asio::awaitable<void> NativeApi::pause(std::string serial, std::string body, bool on, Responder responder)
{
    const auto device = services_.desk.device(serial);
    if (!device) {
        responder->send(problem(404, Errc::not_found, "no such register", {"serial", ""}));
        co_return;
    }
    const std::string known = device->sample().info.kkt_serial;
    Result<void> done;
    if (on) {
        std::optional<Error> failure;
        const auto json = parse_json(body.empty() ? "{}" : body, 4);
        std::string reason;
        if (json) {
            JsonReader reader(*json, "", failure);
            reason = reader.optional_text("reason", 500);
        }
        if (!json || failure) {
            responder->send(problem(json ? *failure : json.error()));
            co_return;
        }
        done = co_await services_.desk.pause(known, reason);
    } else {
        done = co_await services_.desk.resume(known);
    }
    responder->send(done ? json_response("{}\n") : problem(done.error()));
}

asio::awaitable<void> NativeApi::show_queue(std::string serial, Responder responder)
{
    if (serial.empty()) {
        if (const auto device = services_.desk.device(serial))
            serial = device->sample().info.kkt_serial;
    }
    if (serial.empty()) {
        responder->send(
            problem(404, Errc::not_found, "no such register", {"serial", "GET /api/v1/devices lists them"}));
        co_return;
    }
    struct Queue {
        std::optional<std::string> paused;
        storage::Jobs::Counts counts;
    };
    auto look = [serial](storage::Journal& journal) -> Result<Queue> {
        auto paused = journal.jobs().paused(serial);
        if (!paused)
            return pass(paused);
        auto counts = journal.jobs().counts(serial);
        if (!counts)
            return pass(counts);
        return Queue{*std::move(paused), *counts};
    };
    const auto queue = co_await in_journal(services_.journal, std::move(look));
    responder->send(queue ? json_response(queue_json(serial, queue->paused, queue->counts))
                          : problem(queue.error()));
}

void NativeApi::add_register_routes()
{
    const auto with_device = [this](auto show) {
        return [this, show](const Request&, const Parts& parts) -> Response {
            const auto device = services_.desk.device(serial_of(parts));
            if (!device)
                return problem(404, Errc::not_found, "no such register",
                               {"serial", "GET /api/v1/devices lists them"});
            return json_response(show(*device));
        };
    };
    router_.add_plain("GET", "/api/v1/devices", [this](const Request&, const Parts&) {
        return json_response(registers_json(services_.desk.devices()));
    });
    router_.add_plain("GET", "/api/v1/devices/{serial}", with_device(&register_json));
    router_.add_plain("GET", "/api/v1/devices/{serial}/known_state", with_device(&known_state_json));
    router_.add("GET", "/api/v1/devices/{serial}/queue",
                [this](const Request&, const Parts& parts, const Responder& responder) {
                    spawn(show_queue(serial_of(parts), responder));
                });
    for (const bool on : {true, false})
        router_.add("POST", std::string("/api/v1/devices/{serial}/queue/") + (on ? "pause" : "resume"),
                    [this, on](const Request& request, const Parts& parts, const Responder& responder) {
                        spawn(pause(serial_of(parts), request.body, on, responder));
                    });
}

void NativeApi::open_events(const Responder& responder)
{
    Response head;
    head.headers = {{"Content-Type", "text/event-stream; charset=utf-8"}, {"Cache-Control", "no-store"}};
    const auto stream = responder->open_stream(std::move(head));
    if (!stream->write("retry: 2000\n\n"))
        return;
    events_->streams.push_back(stream);
    if (!events_->listening)
        events_->listening = services_.desk.listen([events = std::weak_ptr(events_)](const JobView& view) {
            if (const auto to = events.lock()) {
                std::string data = job_json(view);
                data.pop_back(); // the end of the line
                to->tell("event: job\ndata: " + data + "\n\n");
            }
        });
    // One heart for all: who came back while it still waited needs no second one, they would wake each other.
    if (!std::exchange(events_->beating, true))
        spawn(Events::beat(events_));
}

Result<std::string> api_token(const std::filesystem::path& file)
{
    std::error_code error;
    if (std::filesystem::exists(file, error)) {
        std::ifstream in(file);
        std::string token;
        if (in && std::getline(in, token) && token.size() >= 16)
            return token;
        return fail(Errc::storage_failed,
                    file.string() +
                        ": no token of 16 characters or more can be read there; remove the file, and a "
                        "new one is made");
    }
    return make_token(file);
}

} // namespace kb::agent

// Start, stop and the housekeeping of the whole agent. One thread runs the io_context, one the journal, one
// the native API's connections; two more belong to the HTTP client once it is used.
#include "agent/application.hpp"

#include "kb_version.hpp"

#include "agent/api/atol/web_api.hpp"
#include "agent/api/http_server.hpp"
#include "agent/api/http_server_thread.hpp"
#include "agent/api/kkmserver/kkmserver_api.hpp"
#include "agent/api/local_server.hpp"
#include "agent/api/native_api.hpp"
#include "agent/clock.hpp"
#include "agent/device_manager.hpp"
#include "agent/http/client.hpp"
#include "agent/journal_care.hpp"
#include "agent/local_token.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "agent/pages.hpp"
#include "agent/recorder.hpp"
#include "agent/service/service.hpp"
#include "agent/sync/command_desk.hpp"
#include "agent/sync/sync.hpp"
#include "drivers/blocking_thread.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAtJournal = 15s;
constexpr auto kRetention = 1h;
constexpr auto kRetentionSlice = 2s;
// With kStopWithin before it, the agent is gone within the 5 s it promises.
constexpr auto kGoodbye = 500ms;

} // namespace

struct Application::Impl {
    explicit Impl(Config parsed) : config(std::move(parsed)), signals(io) {}

    Result<void> open_journal();
    Result<void> start();
    Result<void> listen();
    void prepare_jobs();
    void serve_apis();
    Result<void> serve_native_api();
    Result<void> serve_atol_api();
    Result<void> serve_kkmserver_api();
    void begin_stop();
    asio::awaitable<void> wait_for_end();
    asio::awaitable<void> watchdog(std::chrono::milliseconds every);
    asio::awaitable<void> housekeeping();
    asio::awaitable<void> look_at_journal();
    asio::awaitable<bool> retain();
    [[nodiscard]] Picture picture() const;

    Config config;
    SystemClock clock;
    asio::io_context io{1}; // declared early: what it still holds at the end is destroyed last
    asio::signal_set signals;
    UtcMs started_at = clock.now();
    Metrics metrics;
    std::optional<storage::Worker> journal;
    bool jobs_are_open = false; ///< taken by an earlier life: a receipt may stand open
    std::unique_ptr<http::Client> client;
    std::optional<Sync> sync;
    JobPolicy job_policy;
    std::optional<JobDesk> desk;         ///< where requests are carried out
    std::optional<CommandDesk> commands; ///< those of the cabinet
    std::optional<DeviceManager> devices;
    std::optional<Recorder> recorder;
    std::optional<LocalServer> server;
    std::optional<NativeApi> native_api;
    HttpServerThread native_server;
    std::uint16_t native_port = 0;
    std::optional<awr::AtolWebApi> atol_api;
    std::optional<HttpServer> atol_server;
    std::optional<KkmServerApi> kkmserver_api;
    std::optional<HttpServer> kkmserver_server;
    JournalPicture journal_picture;
    std::uint16_t port = 0;
    bool stopping = false;
};

Result<void> Application::Impl::open_journal()
{
    auto opened = storage::Journal::open(config.data_dir, clock.now());
    if (!opened) {
        return pass(opened);
    }
    journal_picture.file = opened->journal.file().string();
    if (opened->damaged) {
        log_damage(*opened->damaged);
        storage::EventRow row;
        row.at = clock.now();
        row.kind = "journal_damaged";
        row.severity = storage::Severity::error;
        row.text = text_of_damage(*opened->damaged);
        if (const auto told = opened->journal.telemetry().add_event(row); !told) {
            return pass(told);
        }
    }
    jobs_are_open = has_open_jobs(opened->journal);
    journal.emplace(std::move(opened->journal));
    return {};
}

Result<void> Application::Impl::start()
{
    if (auto opened = open_journal(); !opened) {
        return opened;
    }
    http::ClientOptions options;
    options.ca_file = config.cabinet.ca_file;
    client = http::make_client(std::move(options));
    const bool by_cabinet =
        std::any_of(config.devices.begin(), config.devices.end(),
                    [](const DeviceConfig& one) { return !one.cabinet_commands.empty(); });
    prepare_jobs();
    SyncServices sync_services{*client, *journal, clock, metrics, [this] { devices->compare_again(); }};
    if (!config.cabinet.url.empty()) { // also where nothing is allowed any more: of what was taken it tells
        commands.emplace(*desk, allowed_by_configuration(*desk), [this] { sync->on_command_news(); });
        sync_services.commands = &*commands;
    }
    sync.emplace(asio::make_strand(io), config.cabinet, config.data_dir, std::move(sync_services));
    DeviceServices device_services{*journal, clock, metrics, [this] { sync->on_documents(); },
                                   [this] { sync->on_telemetry(); }};
    if (config.api.enabled || by_cabinet || jobs_are_open) {
        device_services.jobs = &job_policy;
        device_services.on_job = [this](const std::string& job_id) { desk->on_job(job_id); };
    }
    devices.emplace(io, config.devices, device_services);
    recorder.emplace(io, *devices, clock);
    if (config.listen.port != 0) {
        if (auto listening = listen(); !listening) {
            return listening;
        }
    }
    if (config.api.enabled) {
        serve_apis();
    }
    signals.add(SIGTERM);
    signals.add(SIGINT);
    signals.async_wait([this](const boost::system::error_code& error, int number) {
        if (!error) {
            log::info("agent: asked to stop", {{"signal", number}});
            begin_stop();
        }
    });
    asio::co_spawn(io, housekeeping(), asio::detached);
    if (const auto interval = service::watchdog_interval()) {
        // Half of what the manager allows, as its documentation advises.
        asio::co_spawn(io, watchdog(std::chrono::duration_cast<std::chrono::milliseconds>(*interval / 2)),
                       asio::detached);
    }
    sync->start();
    devices->start();
    log::info("agent: started",
              {{"version", kVersion},
               {"devices", std::uint64_t{config.devices.size()}},
               {"cabinet", config.cabinet.url},
               {"journal", journal_picture.file},
               {"listen", port == 0 ? "off" : config.listen.host + ":" + std::to_string(port)}});
    service::notify("READY=1\nSTATUS=running");
    return {};
}

Result<void> Application::Impl::listen()
{
    auto token = make_local_token(config.data_dir);
    if (!token) {
        return pass(token);
    }
    LocalServer::Calls calls;
    calls.token = *std::move(token);
    calls.by_name = recorder->calls();
    server.emplace(io,
                   LocalServer::Pages{{"/health", [this] { return health_page(picture()); }},
                                      {"/status", [this] { return status_page(picture()); }},
                                      {"/metrics",
                                       [this] {
                                           return Page{200, "text/plain; version=0.0.4", metrics.text()};
                                       }}},
                   std::move(calls));
    const auto listening = server->start(config.listen.host, config.listen.port);
    if (!listening) {
        return pass(listening);
    }
    port = *listening;
    return {};
}

// A port that another program holds, its owner's old KkmServer perhaps, must not keep registers from being
// read.
void Application::Impl::serve_apis()
{
    const auto tell = [this](const char* section, const Result<void>& serving) {
        if (serving) {
            return;
        }
        log::error(
            "agent: an interface is not served; change its listen or stop the other program, then start "
            "the agent anew",
            {{"section", section}, {"error", serving.error().message()}});
        storage::EventRow row;
        row.at = clock.now();
        row.kind = "api_not_served";
        row.severity = storage::Severity::error;
        row.text = std::string("раздел [") + section +
                   "] настроек не работает: порт занят другой программой или "
                   "ключ не читается; исправьте настройки и перезапустите агента";
        journal->submit([row](storage::Journal& open) { return open.telemetry().add_event(row); },
                        [](const Result<storage::EventRow>&) {});
    };
    tell("api", serve_native_api());
    if (config.api.atol.enabled) {
        tell("api.atol", serve_atol_api());
    }
    if (config.api.kkmserver.enabled) {
        tell("api.kkmserver", serve_kkmserver_api());
    }
}

void Application::Impl::prepare_jobs()
{
    job_policy.open_shift = config.api.open_shift;
    job_policy.close_expired_shift = config.api.close_expired_shift;
    job_policy.mark_receipts = config.api.mark_receipts;
    JobDesk::Services services{
        io.get_executor(), *journal, clock,
        [this]() -> const std::vector<std::shared_ptr<Device>>& { return devices->devices(); }};
    JobDesk::Policy policy;
    policy.wait_at_most = config.api.wait;
    desk.emplace(std::move(services), policy);
}

Result<void> Application::Impl::serve_native_api()
{
    auto token = api_token(config.api.token_file.empty() ? config.data_dir / "api.token"
                                                         : std::filesystem::path(config.api.token_file));
    if (!token) {
        return pass(token);
    }
    native_api.emplace(
        NativeApi::Services{io.get_executor(), *desk, *journal, *std::move(token), config.api.origins});
    HttpServerOptions options;
    options.name = "native API";
    options.address = config.api.listen.host;
    options.port = config.api.listen.port;
    options.answer_within = std::chrono::seconds(75); // longer than the longest wait for a job
    options.guard = native_api->guard();
    options.finish = native_api->finish();
    options.take = native_api->take_on(native_server.executor());
    const auto listening = native_server.start(native_api->router(), std::move(options));
    if (!listening) {
        return pass(listening);
    }
    native_port = *listening;
    log::info("agent: native API", {{"listen", config.api.listen.host + ":" + std::to_string(native_port)}});
    return {};
}

Result<void> Application::Impl::serve_atol_api()
{
    const CompatibleApiConfig& wanted = config.api.atol;
    atol_api.emplace(awr::AtolWebApi::Services{io.get_executor(), *desk, *journal, clock, wanted.user,
                                               wanted.password, config.api.origins, kVersion});
    HttpServerOptions options;
    options.name = "ATOL Web Requests";
    options.address = wanted.listen.host;
    options.port = wanted.listen.port;
    options.guard = atol_api->guard();
    options.finish = atol_api->finish();
    atol_server.emplace(io, atol_api->router(), std::move(options));
    const auto listening = atol_server->start();
    if (!listening) {
        return pass(listening);
    }
    log::info("agent: ATOL Web Requests",
              {{"listen", wanted.listen.host + ":" + std::to_string(*listening)}});
    return {};
}

Result<void> Application::Impl::serve_kkmserver_api()
{
    const CompatibleApiConfig& wanted = config.api.kkmserver;
    kkmserver_api.emplace(KkmServerApi::Services{io.get_executor(), *desk, *journal, clock, wanted.user,
                                                 wanted.password, config.api.origins});
    HttpServerOptions options;
    options.name = "KkmServer interface";
    options.address = wanted.listen.host;
    options.port = wanted.listen.port;
    options.limits.body_bytes = KkmServerApi::kMostBytes;
    options.answer_within = KkmServerApi::kLongestWait + 15s;
    options.guard = kkmserver_api->guard();
    options.finish = kkmserver_api->finish();
    kkmserver_server.emplace(io, kkmserver_api->router(), std::move(options));
    const auto listening = kkmserver_server->start();
    if (!listening) {
        return pass(listening);
    }
    log::info("agent: KkmServer interface",
              {{"listen", wanted.listen.host + ":" + std::to_string(*listening)}});
    return {};
}

void Application::Impl::begin_stop()
{
    if (stopping) {
        return;
    }
    stopping = true;
    service::notify("STOPPING=1");
    boost::system::error_code ignored;
    signals.cancel(ignored);
    if (native_api) {
        native_api->stop();
    }
    native_server.stop();
    atol_server.reset();
    kkmserver_server.reset();
    server.reset();
    recorder->stop();
    devices->stop();
    sync->stop();
    client->stop();
    asio::co_spawn(io, wait_for_end(), asio::detached);
}

asio::awaitable<void> Application::Impl::wait_for_end()
{
    const auto end = Steady::now() + kStopWithin;
    Timer timer(io);
    while (!(devices->ended() && sync->ended()) && Steady::now() < end) {
        timer.expires_after(10ms);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (!devices->ended() || !sync->ended()) {
        log::warning("agent: something did not end in time and is broken off");
    }
    io.stop();
}

// A sign of life goes out only when both threads that matter have just moved.
asio::awaitable<void> Application::Impl::watchdog(std::chrono::milliseconds every)
{
    Timer timer(io);
    while (true) {
        auto work = [](storage::Journal&) -> Result<void> { return {}; };
        [[maybe_unused]] const auto alive = co_await in_journal(*journal, std::move(work));
        service::notify("WATCHDOG=1");
        timer.expires_after(every);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Application::Impl::housekeeping()
{
    Timer timer(io);
    auto retained = Steady::now(); // not at the start: others are in a hurry then
    bool starting = true;
    while (true) {
        co_await look_at_journal();
        timer.expires_after(kLookAtJournal);
        co_await timer.async_wait(asio::use_awaitable);
        if (std::exchange(starting, false)) {
            service::leave_start_behind();
        }
        if (Steady::now() - retained < kRetention) {
            continue;
        }
        retained = Steady::now();
        while (co_await retain()) {
            timer.expires_after(kRetentionSlice);
            co_await timer.async_wait(asio::use_awaitable);
        }
    }
}

asio::awaitable<void> Application::Impl::look_at_journal()
{
    auto work = [](storage::Journal& open) -> Result<JournalPicture> {
        if (const auto& closed = open.closed_because()) {
            take_care(open, Error(*closed)); // also with no register there that would miss it
        }
        JournalPicture picture;
        picture.file = open.file().string();
        picture.bytes = open.file_bytes().value_or(0);
        const auto counts = open.telemetry().counts();
        if (counts) {
            picture.unsent_events = counts->unsent_events;
            picture.unsent_samples = counts->unsent_samples;
        } else {
            picture.reason = to_string(counts.error().code);
            picture.detail = counts.error().details();
        }
        picture.state = storage::to_string(open.state()); // after the question, which may have changed it
        return picture;
    };
    const auto looked = co_await in_journal(*journal, std::move(work));
    if (looked) {
        journal_picture = *looked;
        metrics.journal_state(journal_picture.state);
    }
}

asio::awaitable<bool> Application::Impl::retain()
{
    storage::RetentionPolicy policy;
    policy.keep_documents = config.retention.keep_documents;
    policy.keep_telemetry = config.retention.keep_telemetry;
    policy.max_bytes = config.retention.max_bytes;
    policy.keep_jobs = config.api.keep_jobs;
    auto work = [policy, now = clock.now(), today = clock.local_now()](storage::Journal& open) {
        return open.retain(policy, now, today);
    };
    const auto report = co_await in_journal(*journal, std::move(work));
    if (!report) {
        log::error("journal: retention failed", {{"error", report.error().message()}});
        co_return false;
    }
    if (report->documents > 0) {
        log::info("journal: old documents removed", {{"documents", report->documents}});
    }
    co_return report->more;
}

Picture Application::Impl::picture() const
{
    Picture now;
    now.now = clock.now();
    now.started_at = started_at;
    for (const auto& device : devices->devices()) {
        DevicePicture one;
        one.name = device->config().name;
        one.configured_port = device->config().port;
        one.port = device->port();
        one.state_detail = device->state_detail();
        one.behind = device->behind();
        one.sample = device->sample();
        now.devices.push_back(std::move(one));
    }
    now.sync = sync->status();
    now.cabinet_url = config.cabinet.url;
    now.journal = journal_picture;
    return now;
}

Application::Application(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}

Application::~Application()
{
    if (impl_->client) {
        impl_->client->stop();
    }
}

Result<void> Application::start() { return impl_->start(); }

void Application::run()
{
    while (true) {
        try {
            impl_->io.run();
            break;
        } catch (const std::exception& error) {
            // Every conversation catches its own; what comes here belongs to nobody, and selling goes on.
            log::error("agent: an exception reached the top", {{"error", error.what()}});
        }
    }
    impl_->native_server.stop();
    impl_->atol_server.reset();
    impl_->kkmserver_server.reset();
    impl_->server.reset();
    // A maker's library closes its ports on a thread of its own.
    if (!wait_for_blocking_threads(kGoodbye)) {
        log::warning("agent: a maker's library does not come back; its port closes with this process");
    }
    log::info("agent: stopped");
}

void Application::request_stop()
{
    asio::post(impl_->io, [this] { impl_->begin_stop(); });
}

std::uint16_t Application::local_port() const { return impl_->port; }

std::uint16_t Application::native_port() const { return impl_->native_port; }

} // namespace kb::agent

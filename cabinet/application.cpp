#include "cabinet/application.hpp"

#include "cabinet/log.hpp"
#include "protocol/cabinet/messages.hpp"

#include <algorithm>
#include <thread>

namespace kb::cabinet {

namespace {

constexpr auto kHeartbeat = std::chrono::seconds(15);

std::size_t worker_count() { return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 8); }

} // namespace

void add_all_routes(http::Router& router, api::Context& context)
{
    api::add_health_route(router, context);
    api::add_agent_routes(router, context);
    api::add_session_routes(router, context);
    api::add_web_routes(router, context);
    api::add_totals_routes(router, context);
    api::add_command_routes(router, context);
}

Result<std::unique_ptr<Application>> Application::start(const Config& config, const Clock& clock)
{
    auto catalogue = Catalogue::load(config.catalogue);
    if (!catalogue)
        return pass(catalogue);
    if (auto prepared = store::prepare_database(database_file(config.data_dir)); !prepared)
        return pass(prepared);
    std::unique_ptr<Application> made;
    if (auto opened =
            store::guarded([&] { made.reset(new Application(config, clock, *std::move(catalogue))); });
        !opened)
        return pass(opened);
    ServerOptions options;
    options.address = config.address;
    options.port = config.port;
    options.certificate_file = config.tls_certificate;
    options.key_file = config.tls_key;
    options.max_body_bytes = cabinet_api::kMaxBodyBytes;
    auto server = Server::start(options, made->router_, made->workers_);
    if (!server)
        return pass(server);
    made->server_ = *std::move(server);
    log_info("serving on {}:{}", {config.address, std::to_string(made->port())});
    Result<std::unique_ptr<Application>> result(std::move(made));
    return result;
}

Application::Application(const Config& config, const Clock& clock, Catalogue catalogue)
    : clock_(clock),
      catalogue_(std::move(catalogue)),
      pages_(config.web_root),
      readers_(database_file(config.data_dir), worker_count()),
      writer_(database_file(config.data_dir)),
      workers_(worker_count()),
      context_(new api::Context{readers_, writer_, hub_, workers_, catalogue_, clock_}),
      last_heartbeat_(clock.now())
{
    add_all_routes(router_, *context_);
    router_.set_fallback(
        [this](const http::Request& request, const http::PathParts&) { return pages_.answer(request); });
    router_.set_failure_log(
        [](const http::Request& request, const std::string& pattern, std::string_view what) {
            log_error("handler of {} {} threw: {}", {request.method, pattern, what});
        });
}

Application::~Application()
{
    // Whatever still holds a connection has to let go of it before the server, which owns them all, is gone.
    if (server_)
        server_->stop();
    hub_.close();
    workers_.stop();
    writer_.stop();
    hub_.close(); // a stream that opened while the workers finished
    server_.reset();
}

void Application::tick()
{
    const UtcMs now = clock_.now();
    hub_.expire_waits(now);
    if (last_heartbeat_ + kHeartbeat > now)
        return;
    last_heartbeat_ = now;
    hub_.heartbeat();
}

} // namespace kb::cabinet

// The running cabinet: everything made in order, stopped in reverse.
#pragma once

#include "cabinet/api/context.hpp"
#include "cabinet/config.hpp"
#include "cabinet/http/server.hpp"
#include "cabinet/http/static_files.hpp"

#include <memory>

namespace kb::cabinet {

class Application {
public:
    /// Errors name the file or the address that cannot be used. `clock` must outlive the application.
    static Result<std::unique_ptr<Application>> start(const Config& config, const Clock& clock);
    ~Application();

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] const http::Router& router() const { return router_; }
    [[nodiscard]] api::Context& context() { return *context_; }
    /// To be called every second: heartbeats and long polls that have waited enough.
    void tick();

private:
    Application(const Config& config, const Clock& clock, Catalogue catalogue);

    const Clock& clock_;
    Catalogue catalogue_;
    StaticFiles pages_;
    store::Readers readers_;
    store::Writer writer_;
    live::Hub hub_;
    Workers workers_;
    std::unique_ptr<api::Context> context_;
    http::Router router_;
    std::unique_ptr<Server> server_;
    UtcMs last_heartbeat_{};
};

/// All routes of both APIs, as the program serves them.
void add_all_routes(http::Router& router, api::Context& context);

} // namespace kb::cabinet

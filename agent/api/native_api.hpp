// The native API under /api/v1: jobs, registers, documents, events. docs/local-api.yaml is the contract.
#pragma once

#include "agent/api/hand_over.hpp"
#include "agent/jobs/desk.hpp"
#include "agent/log_ring.hpp"
#include "http/access.hpp"
#include "http/router.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kb::agent {

class NativeApi {
public:
    struct Services {
        asio::any_io_executor executor;
        JobDesk& desk;
        storage::Worker& journal;
        std::string token;                ///< of `Authorization: Bearer`
        std::vector<std::string> origins; ///< pages that may call, besides the agent's own
        const log::Ring& last_lines = log::last_lines();
    };

    explicit NativeApi(Services services);
    ~NativeApi();
    NativeApi(const NativeApi&) = delete;
    NativeApi& operator=(const NativeApi&) = delete;

    [[nodiscard]] const kb::http::Router& router() const { return router_; }
    /// Who may ask: loopback names, this token, origins that were granted.
    [[nodiscard]] kb::http::Guard guard() const;
    [[nodiscard]] kb::http::Finish finish() const;
    /// HttpServerOptions::take for a server with a thread of its own, whose executor that is; once. Guard and
    /// finish may be called on that thread, everything else here is called on that of `Services::executor`.
    [[nodiscard]] std::function<void(const kb::http::Request&, const kb::http::ResponderPtr&)>
    take_on(asio::any_io_executor server);
    /// Streams end; what was accepted stays in the journal.
    void stop();

private:
    using Request = kb::http::Request;
    using Parts = kb::http::PathParts;
    using Responder = kb::http::ResponderPtr;

    void add_job_routes();
    void add_register_routes();
    void add_document_routes();
    void add_log_route();
    void add_page_routes();
    asio::awaitable<void> post_job(Request request, std::string serial, Steady::time_point came,
                                   Responder responder);
    asio::awaitable<void> list_jobs(Request request, std::string serial, Responder responder);
    asio::awaitable<void> get_job(std::string id, std::chrono::seconds wait, Responder responder);
    asio::awaitable<void> decide(std::string id, std::string body, Responder responder);
    asio::awaitable<void> show_queue(std::string serial, Responder responder);
    asio::awaitable<void> pause(std::string serial, std::string body, bool on, Responder responder);
    void open_events(const Responder& responder);
    /// The same that its route would answer, when that needs no wait.
    std::optional<std::string> at_once(const std::string& path);
    /// "default" stands for the only register.
    static std::string serial_of(const Parts& parts);

    template <class Work>
    void spawn(Work work)
    {
        asio::co_spawn(services_.executor, std::move(work), asio::detached);
    }

    Services services_;
    kb::http::Origins origins_;
    kb::http::Router router_;
    struct Events;
    std::shared_ptr<Events> events_;
    std::shared_ptr<HandOver> hand_over_;
    std::optional<Steady::time_point> came_; ///< the request whose handler is being called; nullopt: now
};

/// The token of a file; made there, for its owner alone to read, when there is none.
/// Errc::storage_failed when it can be neither read nor made.
Result<std::string> api_token(const std::filesystem::path& file);

} // namespace kb::agent

// The pages and calls as routes of an HttpServer, and who may ask for them.
#include "agent/api/local_server.hpp"

#include "agent/api/http_server.hpp"
#include "agent/log.hpp"
#include "drivers/asio.hpp"

#include <optional>
#include <set>
#include <utility>

namespace kb::agent {
namespace {

using kb::http::Fault;
using kb::http::Request;
using kb::http::Response;

Response response_of(Page page)
{
    return {page.status,
            {{"Content-Type", std::move(page.type)}, {"Cache-Control", "no-store"}},
            std::move(page.body)};
}

Response problem(int status, const std::string& title, const std::string& code, const std::string& cure)
{
    return response_of({status, "application/problem+json",
                        R"({"type":"about:blank","title":")" + title + R"(","status":)" +
                            std::to_string(status) + R"(,"code":")" + code + R"(","cure":")" + cure + "\"}"});
}

Response tell(const Fault& fault)
{
    if (fault.status == 404) {
        return problem(404, "No such page", "not_found", "ask for /health, /metrics or /status");
    }
    if (fault.status == 405 && fault.detail == "allowed: GET") {
        return problem(405, "Reading only", "unsupported", "use GET");
    }
    if (fault.status == 405) {
        return problem(405, "Not by this method", "unsupported", "use GET, POST or DELETE");
    }
    return kb::http::problem(fault);
}

} // namespace

struct LocalServer::Impl {
    Impl(asio::io_context& context, const Pages& pages, Calls calls);

    [[nodiscard]] std::optional<Response> refused(const Request& request) const;

    asio::io_context& io;
    std::string token;
    std::set<std::string> paths_of_calls;
    kb::http::Router router;
    std::optional<HttpServer> server;
};

LocalServer::Impl::Impl(asio::io_context& context, const Pages& pages, Calls calls)
    : io(context),
      token(std::move(calls.token))
{
    router.set_fault_writer(tell);
    router.set_failure_log([](const Request& request, const std::string& pattern, std::string_view what) {
        log::error("local pages: a handler threw",
                   {{"method", request.method}, {"path", pattern}, {"what", std::string(what)}});
    });
    for (const auto& [path, page] : pages) {
        router.add_plain("GET", path, [page = page](const Request&, const kb::http::PathParts&) {
            return response_of(page());
        });
    }
    for (auto& [name, call] : calls.by_name) {
        const std::size_t space = name.find(' ');
        const std::string path = name.substr(space + 1);
        paths_of_calls.insert(path);
        router.add_plain(name.substr(0, space), path,
                         [call = std::move(call)](const Request& request, const kb::http::PathParts&) {
                             return response_of(call(request.body));
                         });
    }
}

std::optional<Response> LocalServer::Impl::refused(const Request& request) const
{
    if (!kb::http::is_loopback_name(request.header("host"))) {
        return problem(403, "Not by this name", "unauthorised", "ask for localhost or 127.0.0.1");
    }
    if (paths_of_calls.contains(request.path) &&
        !kb::http::same_secret(kb::http::bearer_token(request), token)) {
        return problem(401, "Not with this key", "unauthorised",
                       "give the key in local.token of the data folder");
    }
    return std::nullopt;
}

LocalServer::LocalServer(asio::io_context& io, const Pages& pages, Calls calls)
    : impl_(std::make_unique<Impl>(io, pages, std::move(calls)))
{}

LocalServer::~LocalServer() = default;

Result<std::uint16_t> LocalServer::start(const std::string& address, std::uint16_t port)
{
    using namespace std::chrono_literals;
    HttpServerOptions options;
    options.name = "local pages";
    options.address = address;
    options.port = port;
    options.limits.body_bytes = 64U << 10U;
    options.idle_for = 10s;
    options.write_within = 5s;
    options.guard = [this](const Request& request) { return impl_->refused(request); };
    impl_->server.emplace(impl_->io, impl_->router, std::move(options));
    auto listening = impl_->server->start();
    if (!listening) {
        impl_->server.reset();
    }
    return listening;
}

void LocalServer::stop() { impl_->server.reset(); }

} // namespace kb::agent

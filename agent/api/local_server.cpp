// RESTinio behind local_server.hpp, on the agent's own io_context: no thread of its own.
#include "agent/api/local_server.hpp"

#include "drivers/asio.hpp"

#include <restinio/all.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace kb::agent {
namespace {

using Server = restinio::http_server_t<restinio::default_single_thread_traits_t>;

/// A page in the owner's browser must not read us through a name that it made point to 127.0.0.1.
bool asked_as_loopback(const std::string& host)
{
    const std::string name =
        host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

Page problem(int status, const std::string& title, const std::string& code, const std::string& cure)
{
    return {status, "application/problem+json",
            R"({"type":"about:blank","title":")" + title + R"(","status":)" + std::to_string(status) +
                R"(,"code":")" + code + R"(","cure":")" + cure + "\"}"};
}

/// Compared in a time that does not tell how much of it was right.
bool same(const std::string& a, const std::string& b)
{
    unsigned differs = a.size() == b.size() ? 0 : 1;
    for (std::size_t at = 0; at < a.size() && at < b.size(); ++at) {
        differs |= static_cast<unsigned>(a[at] != b[at]);
    }
    return differs == 0;
}

/// A call, when the path is one's: refused before anything else without the token.
std::optional<Page> call(const restinio::request_t& request, const LocalServer::Calls& calls)
{
    const std::string path(request.header().path());
    const bool known = std::any_of(calls.by_name.begin(), calls.by_name.end(), [&](const auto& one) {
        return one.first.substr(one.first.find(' ') + 1) == path;
    });
    if (!known) {
        return std::nullopt;
    }
    const std::string given = request.header().get_field_or(restinio::http_field::authorization, "");
    if (calls.token.empty() || !same(given, "Bearer " + calls.token)) {
        return problem(401, "Not with this key", "unauthorised",
                       "give the key in local.token of the data folder");
    }
    const auto found = calls.by_name.find(std::string(request.header().method().c_str()) + " " + path);
    if (found == calls.by_name.end()) {
        return problem(405, "Not by this method", "unsupported", "use GET, POST or DELETE");
    }
    return found->second(request.body());
}

Page answer(const restinio::request_t& request, const LocalServer::Pages& pages,
            const LocalServer::Calls& calls)
{
    if (!asked_as_loopback(request.header().get_field_or(restinio::http_field::host, ""))) {
        return problem(403, "Not by this name", "unauthorised", "ask for localhost or 127.0.0.1");
    }
    if (auto called = call(request, calls)) {
        return *std::move(called);
    }
    const auto found = pages.find(std::string(request.header().path()));
    if (found == pages.end()) {
        return problem(404, "No such page", "not_found", "ask for /health, /metrics or /status");
    }
    if (request.header().method() != restinio::http_method_get()) {
        return problem(405, "Reading only", "unsupported", "use GET");
    }
    return found->second();
}

} // namespace

struct LocalServer::Impl {
    Impl(asio::io_context& context, Pages all, Calls guarded)
        : io(context),
          pages(std::move(all)),
          calls(std::move(guarded))
    {}

    asio::io_context& io;
    Pages pages;
    Calls calls;
    std::optional<Server> server;
    std::uint16_t port = 0;
};

LocalServer::LocalServer(asio::io_context& io, Pages pages, Calls calls)
    : impl_(std::make_unique<Impl>(io, std::move(pages), std::move(calls)))
{}

LocalServer::~LocalServer() { stop(); }

Result<std::uint16_t> LocalServer::start(const std::string& address, std::uint16_t port)
{
    boost::system::error_code ec;
    const auto parsed = asio::ip::make_address(address, ec);
    if (ec || !parsed.is_loopback()) {
        return fail(Errc::bad_config, "local pages: \"" + address + "\" is not a loopback address");
    }
    try {
        impl_->server.emplace(
            restinio::external_io_context(impl_->io),
            restinio::server_settings_t<restinio::default_single_thread_traits_t>{}
                .address(address)
                .port(port)
                .read_next_http_message_timelimit(std::chrono::seconds(10))
                .write_http_response_timelimit(std::chrono::seconds(5))
                .handle_request_timeout(std::chrono::seconds(5))
                .buffer_size(4'096)
                .acceptor_post_bind_hook([this](restinio::asio_ns::ip::tcp::acceptor& acceptor) {
                    impl_->port = acceptor.local_endpoint().port();
                })
                .request_handler([this](const restinio::request_handle_t& request) {
                    Page page = answer(*request, impl_->pages, impl_->calls);
                    request
                        ->create_response(restinio::http_status_line_t{
                            restinio::http_status_code_t{static_cast<std::uint16_t>(page.status)},
                            page.status < 300 ? "OK" : "Error"})
                        .append_header(restinio::http_field::content_type, page.type)
                        .append_header(restinio::http_field::cache_control, "no-store")
                        .set_body(std::move(page.body))
                        .done();
                    return restinio::request_accepted();
                }));
        impl_->server->open_sync();
    } catch (const std::exception& error) {
        impl_->server.reset();
        return fail(Errc::port_busy,
                    "local pages on " + address + ":" + std::to_string(port) + ": " + error.what());
    }
    return impl_->port;
}

void LocalServer::stop()
{
    if (impl_->server) {
        impl_->server->close_sync();
        impl_->server.reset();
    }
}

} // namespace kb::agent

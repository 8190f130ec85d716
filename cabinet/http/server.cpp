#include "cabinet/http/server.hpp"

#include "cabinet/asio.hpp" // first: RESTinio includes Asio without <utility>
#include "cabinet/http/static_files.hpp"
#include "cabinet/log.hpp"
#include "http/problem.hpp"

#include <openssl/ssl.h>
#include <restinio/all.hpp>
#include <restinio/tls.hpp>

#include <atomic>
#include <chrono>
#include <thread>

namespace kb::cabinet {

using http::problem;
using http::Request;
using http::Response;
using http::Router;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxConnections = 1024;
constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxHeaderBytes = 16'384;
constexpr std::size_t kMaxStreamBacklog = 1U << 20U; // bytes written to a slow reader but not yet taken
constexpr auto kReadLimit = 60s;                     // a whole request, and how long an idle connection stays
constexpr auto kHandleLimit = 75s; // longer than the longest poll (30 s) and two heartbeats of a stream
constexpr auto kWriteLimit = 30s;

struct Traits : restinio::default_tls_traits_t {
    static constexpr bool use_connection_count_limiter = true;
};
using RestinioServer = restinio::http_server_t<Traits>;

restinio::http_status_line_t status_line(int status)
{
    const char* reason = status < 300 ? "OK" : status < 400 ? "Redirect" : "Error";
    return {restinio::http_status_code_t{static_cast<std::uint16_t>(status)}, reason};
}

/// One running stream. RESTinio's builder belongs to this object; its callbacks count what has left.
class OpenStream : public http::Stream, public std::enable_shared_from_this<OpenStream> {
public:
    using Builder = restinio::response_builder_t<restinio::chunked_output_t>;
    explicit OpenStream(Builder builder) : builder_(std::move(builder)) {}

    bool write(std::string text) override
    {
        const std::lock_guard lock(mutex_);
        if (gone_ || backlog_ > kMaxStreamBacklog)
            return false; // the write that hangs is cut off by its own time limit
        const std::size_t size = text.size();
        backlog_ += size;
        builder_.append_chunk(std::move(text));
        builder_.flush([weak = weak_from_this(), size](const auto& error) {
            if (const auto self = weak.lock())
                self->written(size, !error);
        });
        return true;
    }

private:
    void written(std::size_t size, bool well)
    {
        backlog_ -= size;
        if (!well)
            gone_ = true;
    }

    std::mutex mutex_;
    Builder builder_;
    std::atomic<std::size_t> backlog_ = 0;
    std::atomic<bool> gone_ = false;
};

class RestinioResponder : public http::Responder {
public:
    RestinioResponder(restinio::request_handle_t request, std::string pattern)
        : request_(std::move(request)),
          pattern_(std::move(pattern)),
          began_(Clock::now())
    {}

    void send(Response response) override
    {
        if (answered_.exchange(true))
            return;
        finish(response);
        const bool head = request_->header().method() == restinio::http_method_head();
        auto builder = request_->create_response(status_line(response.status));
        for (auto& [name, value] : response.headers)
            builder.append_header(std::move(name), std::move(value));
        if (!head)
            builder.set_body(std::move(response.body));
        if (!request_->header().should_keep_alive())
            builder.connection_close();
        builder.done();
    }

    std::shared_ptr<http::Stream> open_stream(Response response) override
    {
        answered_ = true;
        finish(response);
        auto builder = request_->create_response<restinio::chunked_output_t>(status_line(response.status));
        for (auto& [name, value] : response.headers)
            builder.append_header(std::move(name), std::move(value));
        return std::make_shared<OpenStream>(std::move(builder));
    }

private:
    void finish(Response& response)
    {
        add_security_headers(response);
        const std::chrono::duration<double, std::milli> took = Clock::now() - began_;
        log_access(restinio_method(), pattern_, response.status, response.body.size(), took.count());
    }
    [[nodiscard]] std::string_view restinio_method() const { return request_->header().method().c_str(); }

    restinio::request_handle_t request_;
    std::string pattern_;
    Clock::time_point began_;
    std::atomic<bool> answered_ = false;
};

Request request_of(const restinio::request_handle_t& from)
{
    Request request;
    const auto& header = from->header();
    request.method = header.method().c_str();
    request.path = std::string(header.path());
    request.query = std::string(header.query());
    for (const auto& field : header) {
        std::string name = field.name();
        for (char& c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        request.headers.emplace_back(std::move(name), field.value());
    }
    request.body = from->body();
    request.remote_address = from->remote_endpoint().address().to_string();
    return request;
}

asio::ssl::context tls_context(const ServerOptions& options)
{
    asio::ssl::context tls(asio::ssl::context::tls_server);
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                    asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.use_certificate_chain_file(options.certificate_file);
    tls.use_private_key_file(options.key_file, asio::ssl::context::pem);
    return tls;
}

class RunningServer : public Server {
public:
    RunningServer(const ServerOptions& options, const Router& router, Workers& workers)
        : server_(restinio::external_io_context(context_), settings(options, router, workers))
    {
        server_.open_sync();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RunningServer() override { stop(); }

    [[nodiscard]] std::uint16_t port() const override { return port_; }

    void stop() override
    {
        if (!thread_.joinable())
            return;
        asio::post(context_, [this] {
            server_.close_sync();
            context_.stop();
        });
        thread_.join();
    }

private:
    restinio::server_settings_t<Traits> settings(const ServerOptions& options, const Router& router,
                                                 Workers& workers)
    {
        restinio::server_settings_t<Traits> settings;
        settings.address(options.address)
            .port(options.port)
            .tls_context(tls_context(options))
            .buffer_size(std::size_t{64} * 1024)
            .max_parallel_connections(kMaxConnections)
            .read_next_http_message_timelimit(kReadLimit)
            .handle_request_timeout(kHandleLimit)
            .write_http_response_timelimit(kWriteLimit)
            .incoming_http_msg_limits(
                restinio::incoming_http_msg_limits_t{}
                    .max_url_size(kMaxUrl)
                    .max_field_count(kMaxHeaders)
                    .max_field_name_size(256)
                    .max_field_value_size(kMaxHeaderBytes)
                    // Up to here a body is read to be answered with 413; beyond, cut off.
                    .max_body_size(options.max_body_bytes * 2))
            .acceptor_post_bind_hook(
                [this](asio::ip::tcp::acceptor& acceptor) { port_ = acceptor.local_endpoint().port(); })
            .request_handler([&router, &workers,
                              limit = options.max_body_bytes](restinio::request_handle_t from) {
                auto request = std::make_shared<Request>(request_of(from));
                const auto responder =
                    std::make_shared<RestinioResponder>(std::move(from), router.pattern_of(*request));
                if (request->body.size() > limit) {
                    responder->send(problem(413, Errc::too_many,
                                            "more than " + std::to_string(limit) + " bytes", {"body", ""}));
                    return restinio::request_accepted();
                }
                const bool taken =
                    workers.try_post([&router, request, responder] { router.dispatch(*request, responder); });
                if (!taken)
                    responder->send(problem(503, Errc::too_many, "the cabinet is overloaded"));
                return restinio::request_accepted();
            });
        return settings;
    }

    asio::io_context context_{1};
    std::uint16_t port_ = 0;
    RestinioServer server_;
    std::thread thread_;
};

} // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, const Router& router,
                                              Workers& workers)
{
    try {
        Result<std::unique_ptr<Server>> server(std::make_unique<RunningServer>(options, router, workers));
        return server;
    } catch (const std::exception& error) {
        return fail(Errc::bad_config, "cannot serve on " + options.address + ":" +
                                          std::to_string(options.port) + " with " + options.certificate_file +
                                          ": " + error.what());
    }
}

} // namespace kb::cabinet

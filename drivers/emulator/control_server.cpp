#include "drivers/emulator/control_server.hpp"

#include <boost/beast.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <optional>

namespace kb::emulator {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kLargestRequest = 1U << 20U;
constexpr std::uint64_t kMostDrained = 16U
                                       << 20U; // of a refused request, so that its sender reads the answer
constexpr std::uint64_t kLargestAnswer = 2U << 30U;

Result<tcp::endpoint> endpoint_of(const std::string& address)
{
    const std::size_t colon = address.rfind(':');
    unsigned port = 0;
    boost::system::error_code bad;
    const auto host = asio::ip::make_address(colon == std::string::npos ? "" : address.substr(0, colon), bad);
    const char* end = address.data() + address.size();
    const char* digits = colon == std::string::npos ? end : address.data() + colon + 1;
    const auto parsed = std::from_chars(digits, end, port);
    if (bad || parsed.ec != std::errc{} || parsed.ptr != end || port > 65535)
        return fail(Errc::bad_config, "--control: \"" + address + "\", want 127.0.0.1:8410");
    return tcp::endpoint(host, static_cast<std::uint16_t>(port));
}

ControlAnswer refusal(int status, const std::string& error, const std::string& field, const std::string& cure)
{
    ControlAnswer out;
    out.status = status;
    out.body = nlohmann::json({{"error", error}, {"field", field}, {"cure", cure}}).dump();
    return out;
}

// "localhost", "127.0.0.1:8410", "[::1]:8410".
bool names_this_computer(std::string_view host)
{
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
        host = host.substr(0, colon);
    if (beast::iequals({host.data(), host.size()}, "localhost"))
        return true;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    boost::system::error_code bad;
    const auto address = asio::ip::make_address(std::string(host), bad);
    return !bad && address.is_loopback();
}

// One client's connection; keeps itself alive by its handlers.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, const ControlServer::Handler& handler)
        : stream_(std::move(socket)),
          handler_(handler)
    {}

    void read()
    {
        parser_.emplace();
        parser_->body_limit(kLargestRequest);
        stream_.expires_after(std::chrono::seconds{60});
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                             self->on_request(failed);
                         });
    }

private:
    void on_request(boost::system::error_code failed)
    {
        if (!failed) {
            const auto& request = parser_->get();
            send(answer(request), request.version(), request.keep_alive());
            return;
        }
        // What is no request cannot be followed by another: the connection ends after the answer.
        if (failed == http::error::body_limit)
            send(refusal(413, "the body is too large", "body",
                         "send at most " + std::to_string(kLargestRequest) + " bytes"),
                 11, false);
        else if (failed == http::error::header_limit)
            send(refusal(431, "the header is too large", "header", "send fewer header fields"), 11, false);
        else if (failed.category() == http::make_error_code(http::error::bad_method).category() &&
                 failed != http::error::end_of_stream && failed != http::error::partial_message)
            send(refusal(400, "not an HTTP request: " + failed.message(), "request", "speak HTTP/1.1"), 11,
                 false);
    }

    ControlAnswer answer(const http::request<http::string_body>& request)
    {
        const auto text = [&request](http::field field) { return std::string(request[field]); };
        const std::string host = text(http::field::host);
        if (!names_this_computer(host))
            return refusal(host.empty() ? 400 : 403, "not called by a name of this computer", "Host",
                           "write localhost, 127.0.0.1 or [::1] in the address");
        if (const std::string origin = text(http::field::origin);
            !origin.empty() && origin != "http://" + host)
            return refusal(403, "a page of another origin may not press keys", "Origin",
                           "open http://" + host + "/, or call from a program");
        return handler_(std::string(request.method_string()), std::string(request.target()), request.body());
    }

    void send(ControlAnswer done, unsigned version, bool keep_alive)
    {
        response_ = {};
        response_.version(version);
        response_.result(static_cast<unsigned>(done.status));
        response_.set(http::field::content_type, done.type);
        response_.set(http::field::cache_control, "no-store");
        response_.set(http::field::x_frame_options, "DENY");
        response_.keep_alive(keep_alive);
        response_.body() = std::move(done.body);
        response_.prepare_payload();
        http::async_write(stream_, response_,
                          [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                              if (failed)
                                  return;
                              if (self->response_.keep_alive())
                                  self->read();
                              else
                                  self->end();
                          });
    }

    // Closing with bytes unread would reset the connection, and the answer could be lost on its way.
    void end()
    {
        boost::system::error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        drain();
    }

    void drain()
    {
        stream_.expires_after(std::chrono::seconds{5});
        stream_.async_read_some(
            asio::buffer(waste_),
            [self = shared_from_this()](boost::system::error_code failed, std::size_t size) {
                self->drained_ += size;
                if (!failed && self->drained_ < kMostDrained)
                    self->drain();
            });
    }

    beast::tcp_stream stream_;
    const ControlServer::Handler& handler_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    std::array<char, 65536> waste_{};
    std::uint64_t drained_ = 0;
};

} // namespace

struct ControlServer::Impl {
    Impl(asio::io_context& context, Handler served) : acceptor(context), handler(std::move(served)) {}

    void accept()
    {
        acceptor.async_accept([this](boost::system::error_code failed, tcp::socket peer) {
            if (failed == asio::error::operation_aborted)
                return;
            if (!failed)
                std::make_shared<Session>(std::move(peer), handler)->read();
            accept();
        });
    }

    tcp::acceptor acceptor;
    Handler handler;
};

ControlServer::ControlServer(asio::io_context& context, Handler handler)
    : impl_(std::make_unique<Impl>(context, std::move(handler)))
{}

ControlServer::~ControlServer() = default;

Result<void> ControlServer::listen(const std::string& address)
{
    const auto endpoint = endpoint_of(address);
    if (!endpoint)
        return pass(endpoint);
    if (!endpoint->address().is_loopback())
        return fail(Errc::bad_config,
                    "--control: " + address + " is not a loopback address; control has no password");
    try {
        impl_->acceptor.open(endpoint->protocol());
        impl_->acceptor.set_option(tcp::acceptor::reuse_address(true));
        impl_->acceptor.bind(*endpoint);
        impl_->acceptor.listen();
    } catch (const boost::system::system_error& broken) {
        return fail(Errc::port_busy, "--control " + address + ": " + broken.what());
    }
    impl_->accept();
    return {};
}

std::string ControlServer::url() const
{
    const auto endpoint = impl_->acceptor.local_endpoint();
    return "http://" + endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

Result<ControlAnswer> control_call(const std::string& address, const std::string& method,
                                   const std::string& target, const std::string& body)
{
    const auto endpoint = endpoint_of(address);
    if (!endpoint)
        return pass(endpoint);
    try {
        asio::io_context context;
        beast::tcp_stream stream(context);
        stream.expires_after(std::chrono::seconds{60});
        stream.connect(*endpoint);
        http::request<http::string_body> request;
        request.method_string(method);
        request.target(target);
        request.version(11);
        request.set(http::field::host, address);
        request.set(http::field::content_type, "application/json");
        request.keep_alive(false);
        request.body() = body;
        request.prepare_payload();
        http::write(stream, request);
        beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.body_limit(kLargestAnswer);
        http::read(stream, buffer, parser);
        ControlAnswer out;
        out.status = static_cast<int>(parser.get().result_int());
        out.body = parser.get().body();
        return out;
    } catch (const boost::system::system_error& broken) {
        return fail(Errc::network_failed, "control " + address + ": " + broken.what());
    }
}

} // namespace kb::emulator

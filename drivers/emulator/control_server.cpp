#include "drivers/emulator/control_server.hpp"

#include <boost/beast.hpp>

#include <charconv>
#include <optional>

namespace kb::emulator {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kLargestRequest = 4U << 20U;
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

// One client's connection; keeps itself alive by its handlers.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, Control& control) : stream_(std::move(socket)), control_(control) {}

    void read()
    {
        parser_.emplace();
        parser_->body_limit(kLargestRequest);
        stream_.expires_after(std::chrono::seconds{60});
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                             if (!failed)
                                 self->answer();
                         });
    }

private:
    void answer()
    {
        const auto& request = parser_->get();
        ControlAnswer done = control_.handle(std::string(request.method_string()),
                                             std::string(request.target()), request.body());
        response_ = {};
        response_.version(request.version());
        response_.result(static_cast<unsigned>(done.status));
        response_.set(http::field::content_type, done.type);
        response_.set(http::field::cache_control, "no-store");
        response_.keep_alive(request.keep_alive());
        response_.body() = std::move(done.body);
        response_.prepare_payload();
        http::async_write(stream_, response_,
                          [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                              if (!failed && self->response_.keep_alive())
                                  self->read();
                          });
    }

    beast::tcp_stream stream_;
    Control& control_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
};

} // namespace

struct ControlServer::Impl {
    Impl(asio::io_context& context, Control& served) : acceptor(context), control(served) {}

    void accept()
    {
        acceptor.async_accept([this](boost::system::error_code failed, tcp::socket peer) {
            if (failed == asio::error::operation_aborted)
                return;
            if (!failed)
                std::make_shared<Session>(std::move(peer), control)->read();
            accept();
        });
    }

    tcp::acceptor acceptor;
    Control& control;
};

ControlServer::ControlServer(asio::io_context& context, Control& control)
    : impl_(std::make_unique<Impl>(context, control))
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

// The whole server over real TLS: one small client, real sockets, nothing timed.
#include "cabinet/asio.hpp"
#include "cabinet/http/gzip.hpp"
#include "cabinet/init.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <boost/asio/ssl.hpp>
#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using asio::ip::tcp;

namespace {

/// Init, configuration and server on a free port.
struct Running {
    Running()
    {
        InitOptions options;
        options.data_dir = dir.path() + "/cabinet";
        options.email = "owner@example.org";
        options.password = "right horse battery";
        options.catalogue = KB_CATALOGUE;
        options.self_signed = true;
        config = load_config(init_cabinet(options).value().config_file, Language::english).config;
        ca_file = options.data_dir + "/tls/ca.pem";
        config.port = 0;
        application = Application::start(config, clock).value();
    }
    std::string code() { return make_enrolment_code(config.data_dir, "").value(); }

    TempDir dir;
    SteppedClock clock;
    Config config;
    std::string ca_file;
    std::unique_ptr<Application> application;
};

/// Verifies the certificate against the private CA and the name localhost.
class Client {
public:
    explicit Client(Running& running)
        : tls_(asio::ssl::context::tls_client),
          socket_((trust(running), context_), tls_)
    {
        socket_.set_verify_mode(asio::ssl::verify_peer);
        socket_.set_verify_callback(asio::ssl::host_name_verification("localhost"));
        socket_.lowest_layer().connect({asio::ip::make_address("127.0.0.1"), running.application->port()});
        socket_.handshake(asio::ssl::stream_base::client);
    }
    void send(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }
    /// Reads until `end` has come; empty when the server closed before.
    std::string read_until(const std::string& end)
    {
        boost::system::error_code error;
        const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(buffer_), end, error);
        if (error)
            return {};
        std::string text = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return text;
    }
    /// Head and body of an answer with Content-Length.
    std::pair<std::string, std::string> answer()
    {
        const std::string head = read_until("\r\n\r\n");
        const std::size_t at = head.find("Content-Length: ");
        const std::size_t size = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
        boost::system::error_code error;
        if (buffer_.size() < size)
            asio::read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(size - buffer_.size()),
                       error);
        std::string body = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return {head, body};
    }
    std::pair<std::string, std::string> post(const std::string& path, const std::string& body,
                                             const std::string& headers = "")
    {
        send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers +
             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return answer();
    }
    std::pair<std::string, std::string> get(const std::string& path, const std::string& headers = "")
    {
        send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        return answer();
    }

private:
    void trust(Running& running) { tls_.load_verify_file(running.ca_file); }

    asio::io_context context_;
    asio::ssl::context tls_;
    asio::ssl::stream<tcp::socket> socket_;
    std::string buffer_;
};

} // namespace

TEST_CASE("an agent enrols and sends a gzip batch, the owner logs in and sees it live", "[cabinet][server]")
{
    Running running;
    Client agent(running);
    const auto [head, body] = agent.post(
        "/api/agent/v1/enroll", encode(cabinet_api::EnrollRequest{running.code(), "kassa-1", "0.1.0"}));
    const auto enrolled = cabinet_api::decode_enroll_response(body);
    REQUIRE(enrolled);

    Client owner(running);
    const auto login =
        owner.post("/api/v1/login", R"({"email":"owner@example.org","password":"right horse battery"})");
    REQUIRE_THAT(login.first, Catch::StartsWith("HTTP/1.1 200"));
    const std::size_t at = login.first.find("kkt_session=");
    const std::string cookie = "Cookie: " + login.first.substr(at, login.first.find(';', at) - at) + "\r\n";
    Client pages(running);
    pages.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + cookie + "\r\n");
    CHECK_THAT(pages.read_until(": welcome"), Catch::Contains("text/event-stream"));

    ReceiptPlan plan;
    const std::string batch = encode(cabinet_api::DocumentsRequest{{full_document(plan)}});
    const auto sent =
        agent.post("/api/agent/v1/documents", gzip(batch, 6),
                   "Content-Encoding: gzip\r\nAuthorization: Bearer " + enrolled->token + "\r\n");
    const auto answer = cabinet_api::decode_documents_response(sent.second);
    REQUIRE(answer);
    CHECK(answer->fns.at(0).contiguous_through == 1);
    CHECK_THAT(pages.read_until("event: document\ndata: {"), Catch::Contains("event: document"));
    CHECK_THAT(owner.get("/api/v1/documents", cookie).second, Catch::Contains(R"("fd_number":1)"));

    // What was acknowledged is there after a restart.
    running.application.reset();
    running.application = Application::start(running.config, running.clock).value();
    Client again(running);
    CHECK_THAT(again.get("/api/v1/documents", cookie).second, Catch::Contains(R"("fd_number":1)"));
}

TEST_CASE("answers carry the security headers", "[cabinet][server]")
{
    Running running;
    Client client(running);
    const auto [head, body] = client.get("/health");
    CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 200"));
    for (const auto* header :
         {"Content-Security-Policy: default-src 'self'", "X-Content-Type-Options: nosniff",
          "X-Frame-Options: DENY", "Referrer-Policy: no-referrer"})
        CHECK_THAT(head, Catch::Contains(header));
    CHECK_THAT(body, Catch::Contains(R"("status":"ok")"));
}

TEST_CASE("a body over the limit is answered, a broken request closes its own connection, others go on",
          "[cabinet][server][bad input]")
{
    Running running;
    Client others(running);
    CHECK_THAT(others.get("/health").first, Catch::StartsWith("HTTP/1.1 200"));
    Client big(running);
    const auto [head, body] =
        big.post("/api/agent/v1/documents", std::string(cabinet_api::kMaxBodyBytes + 1, ' '));
    CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 413"));
    CHECK_THAT(body, Catch::Contains(R"("field":"body")"));
    Client broken(running);
    broken.send("NONSENSE\r\n\r\n");
    CHECK(broken.read_until("HTTP/1.1 200").empty());
    Client half(running);
    half.send("POST /api/v1/login HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
    CHECK_THAT(others.get("/health").first, Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("what cannot be served is told at start", "[cabinet][server]")
{
    Running running;
    auto config = running.config;
    SECTION("no certificate") { config.tls_certificate += ".missing"; }
    SECTION("port taken") { config.port = running.application->port(); }
    SECTION("no address") { config.address = "300.1.1.1"; }
    const auto second = Application::start(config, running.clock);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::bad_config);
}

// The control server over a real socket: whom it serves, and what it does with what it cannot take.
#include "drivers/emulator/control_server.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace kb;
using namespace kb::emulator;

namespace {

// A server in a thread of its own, which tells what reached its handler.
struct Served {
    asio::io_context io{1};
    std::vector<std::string> seen;
    ControlServer server{
        io, [this](const std::string& method, const std::string& target, const std::string& body) {
            seen.push_back(method + " " + target + " " + body);
            ControlAnswer out;
            out.body = "{}";
            return out;
        }};
    std::string address;
    std::thread thread;

    Served()
    {
        REQUIRE(server.listen("127.0.0.1:0"));
        address = server.url().substr(7);
        thread = std::thread([this] { io.run(); });
    }
    ~Served()
    {
        io.stop();
        thread.join();
    }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    /// Sends these bytes and reads until the server ends the connection.
    std::string raw(const std::string& request) const
    {
        asio::io_context client_io;
        asio::ip::tcp::socket socket(client_io);
        const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        socket.connect({asio::ip::address_v4::loopback(), port});
        boost::system::error_code failed;
        asio::write(socket, asio::buffer(request), failed);
        std::string answer;
        asio::read(socket, asio::dynamic_buffer(answer), failed);
        return answer;
    }
    [[nodiscard]] std::string post(const std::string& headers, const std::string& body = "{}") const
    {
        return raw("POST /sale HTTP/1.1\r\n" + headers +
                   "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
};

} // namespace

TEST_CASE("a program on this computer is served by any of its names")
{
    Served served;
    const std::string port = served.address.substr(served.address.rfind(':'));
    for (const std::string host : {"127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.8.9.1"})
        for (const std::string& tail : {std::string{}, port}) {
            INFO(host << tail);
            CHECK_THAT(served.post("Host: " + host + tail + "\r\n"), Catch::StartsWith("HTTP/1.1 200"));
        }
    CHECK(served.seen.size() == 10);
    CHECK(served.seen.front() == "POST /sale {}");
}

TEST_CASE("a name that somebody bent to this computer is refused, and no key is pressed")
{
    Served served;
    for (const char* host : {"evil.example", "127.0.0.1.evil.example", "192.168.1.5",
                             "localhost.evil.example:8410", "[::1].evil.example", "[::2]"}) {
        INFO(host);
        const std::string answer = served.post("Host: " + std::string(host) + "\r\n");
        CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 403"));
        CHECK_THAT(answer, Catch::Contains(R"("field":"Host")"));
    }
    CHECK_THAT(served.post(""), Catch::StartsWith("HTTP/1.1 400"));
    CHECK(served.seen.empty());
}

TEST_CASE("another page in the same browser presses no key")
{
    Served served;
    const std::string host = "Host: " + served.address + "\r\n";
    for (const std::string& origin : {std::string("https://evil.example"), std::string("null"),
                                      std::string("http://127.0.0.1:1"), "https://" + served.address}) {
        INFO(origin);
        const std::string answer = served.post(host + "Origin: " + origin + "\r\n");
        CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 403"));
        CHECK_THAT(answer, Catch::Contains(R"("field":"Origin")"));
    }
    CHECK(served.seen.empty());
    CHECK_THAT(served.post(host + "Origin: http://" + served.address + "\r\n"),
               Catch::StartsWith("HTTP/1.1 200"));
    CHECK(served.seen.size() == 1);
}

TEST_CASE("a huge body is answered 413 and read by nobody, also when it is sent to its end")
{
    Served served;
    const std::string host = "Host: " + served.address + "\r\n";
    const std::string announced =
        served.raw("POST /sale HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n{");
    CHECK_THAT(announced, Catch::StartsWith("HTTP/1.1 413"));
    CHECK_THAT(announced, Catch::Contains("1048576 bytes"));
    CHECK_THAT(served.post(host, std::string(8U << 20U, 'x')), Catch::StartsWith("HTTP/1.1 413"));
    CHECK(served.seen.empty());
    CHECK_THAT(served.post(host, std::string(1U << 20U, 'x')), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("what is not HTTP is answered, and the next client is served")
{
    Served served;
    CHECK_THAT(served.raw("\x05\x02\x05\x10\r\n\r\n"), Catch::StartsWith("HTTP/1.1 400"));
    CHECK_THAT(served.raw("GET / HTTP/1.1\r\nX: " + std::string(64 << 10, 'x') + "\r\n\r\n"),
               Catch::StartsWith("HTTP/1.1 431"));
    CHECK_THAT(served.post("Host: localhost\r\n"), Catch::StartsWith("HTTP/1.1 200"));
}

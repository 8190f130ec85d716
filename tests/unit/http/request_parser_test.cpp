// Bytes to requests, by table: whole, in pieces, at the limits and over them, damaged.
#include "http/request_parser.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <random>

using namespace kb;
using namespace kb::http;

namespace {

RequestLimits small_limits()
{
    RequestLimits limits;
    limits.target_bytes = 40;
    limits.head_bytes = 120;
    limits.headers = 3;
    limits.body_bytes = 10;
    return limits;
}

/// All of it from an exactly sized block, so that reading past it is noticed; how much was taken.
std::size_t feed(RequestParser& parser, const std::string& text)
{
    const std::unique_ptr<char[]> exact(new char[text.size()]);
    std::copy(text.begin(), text.end(), exact.get());
    return parser.feed({exact.get(), text.size()});
}

/// The fault of what is sent with small limits; a status of 0 when there is none.
Fault fault_of(const std::string& text)
{
    RequestParser parser(small_limits());
    feed(parser, text);
    Fault none;
    none.status = 0;
    CHECK_FALSE((parser.done() && parser.fault()));
    return parser.fault().value_or(none);
}

const std::string kPost = "POST /a/b?x=1&y=2#z HTTP/1.1\r\nHost: localhost\r\nX-Two:  words here \r\n"
                          "Content-Length: 5\r\n\r\nhello";

void check_post(RequestParser& parser)
{
    REQUIRE(parser.done());
    CHECK(parser.keep_alive());
    CHECK(parser.takes_chunks());
    const Request request = parser.take();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a/b");
    CHECK(request.query == "x=1&y=2");
    CHECK(request.header("host") == "localhost");
    CHECK_THAT(std::string(request.header("x-two")), Catch::StartsWith("words here"));
    CHECK(request.body == "hello");
}

} // namespace

TEST_CASE("a request is read alike whole, byte by byte and cut anywhere", "[http][parser]")
{
    RequestParser parser({});
    CHECK(feed(parser, kPost) == kPost.size());
    check_post(parser);

    parser.reset();
    for (const char byte : kPost)
        REQUIRE(feed(parser, std::string(1, byte)) == 1);
    check_post(parser);

    for (std::size_t cut = 1; cut < kPost.size(); ++cut) {
        CAPTURE(cut);
        parser.reset();
        CHECK_FALSE(parser.begun());
        CHECK(feed(parser, kPost.substr(0, cut)) == cut);
        CHECK(parser.begun());
        CHECK_FALSE(parser.done());
        CHECK(feed(parser, kPost.substr(cut)) == kPost.size() - cut);
        check_post(parser);
    }
}

TEST_CASE("the bytes behind a request are left for the next one", "[http][parser]")
{
    RequestParser parser({});
    const std::string two = kPost + "GET /next HTTP/1.1\r\n\r\n";
    CHECK(feed(parser, two) == kPost.size());
    check_post(parser);
    CHECK(feed(parser, "more") == 0);
    parser.reset();
    CHECK(feed(parser, two.substr(kPost.size())) == two.size() - kPost.size());
    REQUIRE(parser.done());
    CHECK(parser.take().path == "/next");
}

TEST_CASE("line breaks before a request are none of it", "[http][parser]")
{
    RequestParser parser({});
    CHECK(feed(parser, "\r\n\n") == 3);
    CHECK_FALSE(parser.begun());
    CHECK(feed(parser, "\r\n" + kPost) == kPost.size() + 2);
    check_post(parser);
}

TEST_CASE("a body in chunks is put together, its trailers are dropped", "[http][parser]")
{
    RequestParser parser({});
    feed(parser, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n");
    REQUIRE(parser.done());
    const Request request = parser.take();
    CHECK(request.body == "hello");
    CHECK(request.headers.size() == 1);
}

TEST_CASE("old and new clients keep their connection as they say", "[http][parser]")
{
    const auto keeps = [](const std::string& text) {
        RequestParser parser({});
        feed(parser, text + "\r\n\r\n");
        REQUIRE(parser.done());
        return std::pair(parser.keep_alive(), parser.takes_chunks());
    };
    CHECK(keeps("GET / HTTP/1.1") == std::pair(true, true));
    CHECK(keeps("GET / HTTP/1.1\r\nConnection: close") == std::pair(false, true));
    CHECK(keeps("GET / HTTP/1.0") == std::pair(false, false));
    CHECK(keeps("GET / HTTP/1.0\r\nConnection: keep-alive") == std::pair(true, false));
}

TEST_CASE("an upgrade is not taken: the request is served as it is", "[http][parser]")
{
    RequestParser parser({});
    const std::string text = "POST /jobs HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                             "HTTP2-Settings: AAMAAABk\r\nContent-Length: 2\r\n\r\n{}";
    CHECK(feed(parser, text) == text.size());
    REQUIRE(parser.done());
    CHECK(parser.keep_alive());
    CHECK(parser.take().body == "{}");

    parser.reset();
    feed(parser, "GET /jobs HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    CHECK(parser.done());
}

TEST_CASE("a sender that waits for leave is found out once, one that does not wait is not", "[http][parser]")
{
    const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    RequestParser parser({});
    feed(parser, head);
    CHECK(parser.take_expectation());
    CHECK_FALSE(parser.take_expectation());
    feed(parser, "{}");
    CHECK(parser.done());
    parser.reset();
    feed(parser, head + "{");
    CHECK_FALSE(parser.take_expectation());
}

TEST_CASE("what is over a limit is refused where it goes over, by its name", "[http][parser]")
{
    CHECK(fault_of("GET /" + std::string(39, 'a') + " HTTP/1.1\r\n\r\n").status == 0);
    const Fault target = fault_of("GET /" + std::string(40, 'a'));
    CHECK(target.status == 414);
    CHECK(target.field == "path");
    CHECK(fault_of("GET / HTTP/1.1\r\nA: " + std::string(118, 'a') + "\r\n\r\n").status == 0);
    const Fault head = fault_of("GET / HTTP/1.1\r\nA: " + std::string(119, 'a') + "\r\n");
    CHECK(head.status == 431);
    CHECK(head.code == Errc::too_many);
    CHECK(fault_of("GET / HTTP/1.1\r\n" + std::string(200, 'a')).status == 431);
    CHECK(fault_of("GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n").status == 0);
    CHECK(fault_of("GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n").status == 431);

    CHECK(fault_of("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789").status == 0);
    // Known from the head: not one byte of the body is waited for.
    const Fault body = fault_of("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n");
    CHECK(body.status == 413);
    CHECK(body.field == "body");
    CHECK(body.cure == "send at most 10 bytes");
    CHECK(fault_of("POST / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n").status == 413);
    const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(fault_of(chunked + "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n").status == 0);
    CHECK(fault_of(chunked + "5\r\nhello\r\n6\r\nworld!").status == 413);
    CHECK(fault_of(chunked + "0\r\nX: " + std::string(200, 'a')).status == 431);
}

TEST_CASE("what is no request is refused with the reason", "[http][parser]")
{
    for (const auto* text :
         {"NONSENSE\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/one\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "GET / HTTP/1.1\r\na\x01: 1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "GET http://localhost/ HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n",
          "CONNECT localhost:80 HTTP/1.1\r\n\r\n"}) {
        CAPTURE(text);
        const Fault fault = fault_of(text);
        CHECK((fault.status == 400 || fault.status == 505));
        CHECK_FALSE(fault.detail.empty());
        CHECK_FALSE(fault.cure.empty());
    }
    CHECK(fault_of("GET / HTTP/2.0\r\n\r\n").status == 505);
    CHECK_THAT(fault_of("\x16\x03\x01\x02").cure, Catch::Contains("not https"));
}

TEST_CASE("nothing that is sent is neither a request, nor a fault, nor the begin of one", "[http][parser]")
{
    std::mt19937 random(1);
    for (int round = 0; round < 2'000; ++round) {
        std::string text = kPost + kPost;
        for (int damage = 0; damage < 3; ++damage)
            text[random() % text.size()] = static_cast<char>(random());
        RequestParser parser(small_limits());
        std::size_t taken = 0;
        while (taken < text.size() && !parser.fault()) {
            const std::size_t more = feed(parser, text.substr(taken, 1 + random() % 40));
            taken += more;
            if (parser.done())
                parser.reset();
            else if (!parser.fault())
                REQUIRE(more > 0);
        }
        if (parser.fault())
            CHECK(parser.fault()->status >= 400);
    }
}

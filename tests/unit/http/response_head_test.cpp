#include "http/response_head.hpp"

#include <catch2/catch.hpp>

using namespace kb::http;

TEST_CASE("the head of an answer tells its length and the fate of the connection", "[http][head]")
{
    CHECK(
        head_of({200, {{"Content-Type", "text/plain"}}, "hello"}, BodyForm::whole, true) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
    CHECK(head_of({404, {}, ""}, BodyForm::whole, false) ==
          "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(head_of({200, {}, "hello"}, BodyForm::none, true) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
    CHECK(head_of({204, {}, ""}, BodyForm::whole, true) ==
          "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    CHECK(head_of({200, {}, ""}, BodyForm::chunks, false) ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    CHECK(head_of({200, {}, ""}, BodyForm::until_close, false) ==
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a value with a line break begins no header of its own", "[http][head]")
{
    const std::string head =
        head_of({200, {{"X", "a\r\nSet-Cookie: evil\r\n\r\nbody"}}, ""}, BodyForm::whole, true);
    CHECK(head.find("\nSet-Cookie") == std::string::npos);
    CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

TEST_CASE("a chunk has its length in hexadecimal before it", "[http][head]")
{
    CHECK(chunk_of("data: 1\n\n") == "9\r\ndata: 1\n\n\r\n");
    CHECK(chunk_of(std::string(300, 'x')) == "12c\r\n" + std::string(300, 'x') + "\r\n");
    CHECK(chunk_of("") == "0\r\n\r\n");
}

// Answers that come later, come never, go on, or go nowhere; clients that hinder nobody but themselves.
#include "tests/unit/agent/http_support.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

namespace {

web::Router with_late(Held& held)
{
    web::Router router;
    router.add("GET", "/late", held.handler());
    router.add_plain("GET", "/now", [](const web::Request&, const web::PathParts&) { return text("now"); });
    return router;
}

} // namespace

TEST_CASE("a handler answers later, from any thread, and only once", "[http server]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    Serving serving(loop, router);
    Client client(serving.port);
    client.send("GET /late HTTP/1.1\r\n\r\n");
    const auto responder = held.take();
    CHECK(Client(serving.port).get("/now").body == "now");
    responder->send(text("first"));
    responder->send(text("second"));
    CHECK(client.reply().body == "first");
    responder->send(text("third"));
    CHECK_FALSE(responder->open_stream(text(""))->write("fourth"));
    CHECK(client.get("/now").body == "now");
}

TEST_CASE("an answer for a client that has left goes nowhere and harms nobody", "[http server]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    Serving serving(loop, router);
    Client client(serving.port);
    client.send("GET /late HTTP/1.1\r\n\r\n");
    const auto responder = held.take();
    SECTION("it closed") { client.close(); }
    SECTION("it died")
    {
        client.reset();
        serving.wait_for_connections(0);
    }
    responder->send(text("late"));
    serving.wait_for_connections(0);
    CHECK(Client(serving.port).get("/now").body == "now");
}

TEST_CASE("a client whose request nobody answers is told what to do", "[http server]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    HttpServerOptions options;
    SECTION("the handler takes too long")
    {
        options.answer_within = 50ms;
        Serving serving(loop, router, options);
        Client client(serving.port);
        const Reply told = client.get("/late");
        CHECK(told.status == 504);
        CHECK_THAT(told.body, Catch::Contains(R"("code":"timed_out")") &&
                                  Catch::Contains("ask what became of it before sending it again"));
        held.take()->send(text("too late"));
        CHECK(client.rest().empty());
    }
    SECTION("the handler lets go of it")
    {
        Serving serving(loop, router, options);
        Client client(serving.port);
        client.send("GET /late HTTP/1.1\r\n\r\n");
        held.take().reset();
        CHECK(client.reply().status == 500);
        CHECK(client.get("/now").body == "now");
    }
}

TEST_CASE("a stop ends the requests that wait and the streams, and what they are told later goes nowhere",
          "[http server]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    auto serving = std::make_unique<Serving>(loop, router);
    Client client(serving->port);
    Client idle(serving->port);
    CHECK(idle.get("/now").body == "now");
    client.send("GET /late HTTP/1.1\r\n\r\n");
    const auto responder = held.take();
    SECTION("an answer")
    {
        serving->stop();
        CHECK(serving->connections() == 0);
        CHECK(client.rest().empty());
        CHECK(idle.rest().empty());
        serving.reset();
        responder->send(text("late"));
    }
    SECTION("a stream")
    {
        const auto stream = responder->open_stream(text(""));
        CHECK(stream->write("one"));
        client.read_until("one\r\n");
        serving->stop();
        CHECK_FALSE(stream->write("two"));
        CHECK(client.rest().empty());
        serving.reset();
        CHECK_FALSE(stream->write("three"));
    }
}

TEST_CASE("a stream reaches its reader piece by piece, until its owner lets go of it",
          "[http server][stream]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    Serving serving(loop, router);
    Client client(serving.port);
    std::string pieces;
    std::string end;
    SECTION("in chunks")
    {
        client.send("GET /late HTTP/1.1\r\n\r\n");
        pieces = "9\r\ndata: 1\n\n\r\n";
        end = "0\r\n\r\n";
    }
    SECTION("to an old client without them")
    {
        client.send("GET /late HTTP/1.0\r\n\r\n");
        pieces = "data: 1\n\n";
    }
    auto stream = held.take()->open_stream({200, {{"Content-Type", "text/event-stream"}}, ""});
    const std::string head = client.read_until("\r\n\r\n");
    CHECK_THAT(head, Catch::Contains("text/event-stream") && Catch::Contains("Connection: close"));
    CHECK(head.find("Content-Length") == std::string::npos);
    CHECK(stream->write("data: 1\n\n"));
    CHECK(client.read_until(pieces) == pieces);
    CHECK(stream->write("data: 1\n\n"));
    CHECK(client.read_until(pieces) == pieces);
    stream.reset();
    CHECK(client.rest() == end);
    client.close();
    serving.wait_for_connections(0);
}

TEST_CASE("a stream outlives the deadline of answers", "[http server][stream]")
{
    Loop loop;
    std::promise<std::shared_ptr<web::Stream>> opened;
    web::Router router;
    router.add("GET", "/events",
               [&](const web::Request&, const web::PathParts&, const web::ResponderPtr& responder) {
                   opened.set_value(responder->open_stream(text("")));
               });
    HttpServerOptions options;
    options.answer_within = options.write_within = 100ms;
    Serving serving(loop, router, options);
    HttpServerOptions as_a_clock;
    as_a_clock.idle_for = 300ms;
    Serving clock(loop, router, as_a_clock);
    Client client(serving.port);
    client.send("GET /events HTTP/1.1\r\n\r\n");
    const auto stream = opened.get_future().get();
    CHECK(stream->write("one"));
    CHECK_THAT(client.read_until("one\r\n"), Catch::EndsWith("one\r\n"));
    CHECK(Client(clock.port).rest().empty());
    CHECK(stream->write("two"));
    CHECK_THAT(client.read_until("two\r\n"), Catch::EndsWith("two\r\n"));
}

TEST_CASE("the writer of a stream learns that its reader has gone", "[http server][stream]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    Serving serving(loop, router);
    Client client(serving.port);
    client.send("GET /late HTTP/1.1\r\n\r\n");
    const auto stream = held.take()->open_stream(text(""));
    CHECK(stream->write("one"));
    client.read_until("one\r\n");
    SECTION("it closed") { client.close(); }
    SECTION("it died") { client.reset(); }
    serving.wait_for_connections(0);
    CHECK_FALSE(stream->write("two"));
}

TEST_CASE("a reader too far behind is cut off, and no more is kept for it than the limit",
          "[http server][stream]")
{
    Loop loop;
    Held held;
    const web::Router router = with_late(held);
    HttpServerOptions options;
    options.max_stream_backlog = 100'000;
    options.write_within = 10min;
    Serving serving(loop, router, options);
    Client client(serving.port);
    client.send("GET /late HTTP/1.1\r\n\r\n");
    const auto stream = held.take()->open_stream(text(""));
    while (stream->write(std::string(10'000, 'x'))) {
    }
    CHECK_FALSE(stream->write("more"));
    serving.wait_for_connections(0);
    CHECK(Client(serving.port).get("/now").body == "now");
}

TEST_CASE("a reader that takes nothing any more is cut off", "[http server]")
{
    Loop loop;
    web::Router router;
    router.add_plain("GET", "/big", [](const web::Request&, const web::PathParts&) {
        return text(std::string(20'000'000, 'x'));
    });
    HttpServerOptions options;
    options.write_within = 100ms;
    Serving serving(loop, router, options);
    Client client(serving.port);
    client.send("GET /big HTTP/1.1\r\n\r\n");
    client.read_until("\r\n\r\n");
    serving.wait_for_connections(0);
    CHECK(client.rest().size() < 20'000'000);
}

TEST_CASE("one client's slow reading delays no other, and it gets all in the end", "[http server]")
{
    Loop loop;
    web::Router router;
    std::string big;
    for (int i = 0; big.size() < 8'000'000; ++i)
        big += std::to_string(i) + "\n";
    router.add_plain("GET", "/big", [&](const web::Request&, const web::PathParts&) { return text(big); });
    router.add_plain("GET", "/now", [](const web::Request&, const web::PathParts&) { return text("now"); });
    HttpServerOptions options;
    options.write_within = 10min;
    Serving serving(loop, router, options);
    Client slow(serving.port);
    slow.send("GET /big HTTP/1.1\r\n\r\n");
    slow.read_until("\r\n\r\n");
    Client quick(serving.port);
    for (int i = 0; i < 20; ++i)
        CHECK(quick.get("/now").body == "now");
    slow.send("GET /big HTTP/1.1\r\nConnection: close\r\n\r\n");
    const std::string all = slow.rest();
    CHECK(all.substr(0, big.size()) == big);
    CHECK((all.size() > 2 * big.size() && all.substr(all.size() - big.size()) == big));
}

TEST_CASE("when all places are taken, the idle give way and the others are waited for", "[http server]")
{
    Loop loop;
    Held held;
    Held another;
    web::Router router = with_late(held);
    router.add("GET", "/later", another.handler());
    HttpServerOptions options;
    options.max_connections = 2;
    Serving serving(loop, router, options);
    Client first(serving.port);
    CHECK(first.get("/now").body == "now");
    Client second(serving.port);
    CHECK(second.get("/now").body == "now");
    Client third(serving.port);
    CHECK(third.get("/now").body == "now");
    CHECK(first.rest().empty()); // it was idle the longest

    second.send("GET /late HTTP/1.1\r\n\r\n");
    const auto late = held.take();
    third.send("GET /later HTTP/1.1\r\n\r\n");
    const auto later = another.take();
    Client fourth(serving.port);
    Client fifth(serving.port);
    fourth.send("GET /now HTTP/1.1\r\nConnection: close\r\n\r\n");
    fifth.send("GET /now HTTP/1.1\r\nConnection: close\r\n\r\n");
    late->send(text("late"));
    later->send(text("later"));
    CHECK(second.reply().body == "late");
    CHECK(third.reply().body == "later");
    CHECK(fourth.reply().body == "now");
    CHECK(fifth.reply().body == "now");
}

// Questions go from a server's thread to the house's and back: all of them are answered, none with something
// older than itself, and the house is asked once however many ask the same.
#include "agent/api/hand_over.hpp"
#include "agent/api/http_server_thread.hpp"
#include "tests/unit/agent/http_support.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <stdexcept>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;

namespace {

/// Keeps what it is told.
class Kept final : public web::Responder {
public:
    void send(web::Response response) override { got = std::move(response); }
    std::shared_ptr<web::Stream> open_stream(web::Response /*head*/) override { return nullptr; }
    std::optional<web::Response> got;
};

/// Both sides in one thread, each run by hand.
struct Sides {
    Sides()
    {
        HandOver::House to;
        to.executor = house.get_executor();
        to.at_once = [this](const std::string& path) -> std::optional<std::string> {
            asked.push_back(path);
            if (path == "/throws")
                throw std::runtime_error("as ordered");
            return path == "/slow" ? std::nullopt : std::optional(path + " " + std::to_string(state));
        };
        to.handle = [this](const web::Request& request, const web::ResponderPtr& responder,
                           Steady::time_point came) {
            came_last = came;
            handled.push_back(request.method + " " + request.path);
            if (answers_handled)
                responder->send(text("handled", 404));
        };
        way = std::make_shared<HandOver>(std::move(to), server.get_executor());
    }

    std::shared_ptr<Kept> ask(const std::string& path)
    {
        auto kept = std::make_shared<Kept>();
        way->ask(path, kept);
        return kept;
    }
    void run_server() { run(server); }
    void run_house() { run(house); }
    void run_all()
    {
        while (run(server) + run(house) > 0) {
        }
    }

    asio::io_context server;
    asio::io_context house;
    int state = 1;
    bool answers_handled = true;
    std::vector<std::string> asked;
    std::vector<std::string> handled;
    Steady::time_point came_last;
    std::shared_ptr<HandOver> way;

private:
    static std::size_t run(asio::io_context& io)
    {
        io.restart();
        return io.poll();
    }
};

} // namespace

TEST_CASE("what many ask at the same time is asked of the house once, and all are told", "[hand over]")
{
    Sides sides;
    const auto first = sides.ask("/a");
    const auto second = sides.ask("/a");
    const auto other = sides.ask("/b");
    sides.run_all();
    CHECK(sides.asked == std::vector<std::string>{"/a", "/b"});
    CHECK(sides.handled.empty());
    REQUIRE(first->got);
    CHECK(first->got->status == 200);
    CHECK(first->got->body == "/a 1");
    CHECK(first->got->headers == web::json_response("").headers);
    CHECK(second->got->body == "/a 1");
    CHECK(other->got->body == "/b 1");
}

TEST_CASE("no answer is older than its question, at whatever moment of a round it is asked", "[hand over]")
{
    // After so many steps of the round that is under way, the state changes and is asked for.
    for (int steps = 0; steps < 6; ++steps) {
        Sides sides;
        const auto before = sides.ask("/a");
        for (int step = 0; step < steps; ++step) {
            asio::io_context& side = step % 2 == 0 ? sides.server : sides.house;
            side.restart();
            side.poll_one();
        }
        sides.state = 2;
        const auto after = sides.ask("/a");
        sides.run_all();
        INFO("after " << steps << " steps");
        REQUIRE(before->got);
        REQUIRE(after->got);
        CHECK(after->got->body == "/a 2");
        const auto much_later = sides.ask("/a");
        sides.run_all();
        CHECK(much_later->got->body == "/a 2");
    }
}

TEST_CASE("what is not at hand is handled once for all who ask, while others are answered", "[hand over]")
{
    Sides sides;
    const auto slow = sides.ask("/slow");
    const auto also = sides.ask("/slow");
    const auto quick = sides.ask("/a");
    sides.run_all();
    CHECK(sides.handled == std::vector<std::string>{"GET /slow"});
    REQUIRE(slow->got);
    CHECK(slow->got->status == 404);
    CHECK(slow->got->body == "handled");
    CHECK(also->got->body == "handled");
    CHECK(quick->got->body == "/a 1");

    SECTION("nobody who goes without an answer keeps the next ones from theirs")
    {
        sides.answers_handled = false;
        const auto never = sides.ask("/slow");
        sides.run_all();
        CHECK_FALSE(never->got);
        CHECK(never.use_count() == 1); // let go of: its client is told
        const auto next = sides.ask("/a");
        sides.run_all();
        CHECK(next->got);
    }
}

TEST_CASE("an answer that fails is let go of, and the next round comes", "[hand over]")
{
    Sides sides;
    const auto fails = sides.ask("/throws");
    const auto beside = sides.ask("/a");
    sides.run_all();
    CHECK_FALSE(fails->got);
    CHECK(fails.use_count() == 1);
    CHECK(beside->got);
    const auto next = sides.ask("/a");
    sides.run_all();
    CHECK(next->got);
}

TEST_CASE("whatever else is asked reaches its handler whole", "[hand over]")
{
    Sides sides;
    web::Request request;
    request.method = "POST";
    request.path = "/jobs";
    const auto kept = std::make_shared<Kept>();
    sides.way->pass_on(request, kept);
    const auto handed_over = Steady::now();
    sides.run_all();
    CHECK(sides.handled == std::vector<std::string>{"POST /jobs"});
    CHECK(sides.came_last <= handed_over); // the way to the house counts
    CHECK(kept->got);
}

TEST_CASE("after a stop the house is left alone, and who asks is let go of", "[hand over]")
{
    Sides sides;
    const auto under_way = sides.ask("/a");
    sides.run_server();
    sides.way->stop();
    const auto late = sides.ask("/b");
    const auto handed = std::make_shared<Kept>();
    sides.way->pass_on({}, handed);
    sides.run_all();
    CHECK(sides.asked.empty());
    CHECK(sides.handled.empty());
    CHECK(under_way.use_count() == 1);
    CHECK(late.use_count() == 1);
    CHECK(handed.use_count() == 1);
}

TEST_CASE("a server on its own thread serves while the house is busy, and its stop waits for nobody",
          "[hand over]")
{
    Loop house;
    Held held;
    web::Router router;
    router.add("GET", "/late", held.handler());
    std::atomic<int> state = 1;
    HandOver::House to;
    to.executor = house.io.get_executor();
    to.at_once = [&](const std::string&) { return std::optional("state " + std::to_string(state)); };
    to.handle = [&](const web::Request& request, const web::ResponderPtr& responder, Steady::time_point) {
        router.dispatch(request, responder);
    };
    HttpServerThread server;
    const auto way = std::make_shared<HandOver>(std::move(to), server.executor());
    HttpServerOptions options;
    options.guard = [](const web::Request& request) -> std::optional<web::Response> {
        return request.header("x-key") == "wrong" ? std::optional(text("no", 401)) : std::nullopt;
    };
    options.take = [way](const web::Request& request, const web::ResponderPtr& responder) {
        if (request.path == "/state")
            way->ask(request.path, responder);
        else
            way->pass_on(request, responder);
    };
    const auto port = server.start(router, std::move(options));
    REQUIRE(port);
    Client one(*port);
    Client two(*port);
    for (int round = 0; round < 100; ++round) {
        state = round;
        const std::string now = "state " + std::to_string(round);
        CHECK(one.get("/state").body == now);
        two.send("GET /state HTTP/1.1\r\n\r\nGET /state HTTP/1.1\r\n\r\n");
        CHECK(two.reply().body == now);
        CHECK(two.reply().body == now);
    }
    CHECK(one.get("/nothing").status == 404);
    CHECK(one.get("/state", "X-Key: wrong\r\n").status == 401);
    one.send("GET /late HTTP/1.1\r\n\r\n");
    const auto late = held.take();
    SECTION("answered from anywhere")
    {
        late->send(text("at last"));
        CHECK(one.reply().body == "at last");
        server.stop();
        CHECK(two.rest().empty());
    }
    SECTION("while one of the house's handlers works")
    {
        std::promise<void> go_on;
        std::promise<void> works;
        asio::post(house.io, [&] {
            works.set_value();
            go_on.get_future().wait();
        });
        works.get_future().wait();
        CHECK(two.get("/state", "X-Key: wrong\r\n").status == 401);
        two.send("GET /state HTTP/1.1\r\n\r\n");
        server.stop();
        CHECK(two.rest().empty());
        CHECK(one.rest().empty());
        go_on.set_value();
        house.on_it([] {});
        late->send(text("too late"));
    }
}

TEST_CASE("an address that another server has is told, and no thread is left", "[hand over]")
{
    const web::Router router;
    HttpServerThread first;
    const auto port = first.start(router, {});
    REQUIRE(port);
    HttpServerOptions same;
    same.port = *port;
    HttpServerThread second;
    const auto listening = second.start(router, std::move(same));
    REQUIRE_FALSE(listening);
    CHECK(listening.error().code == Errc::port_busy);
}

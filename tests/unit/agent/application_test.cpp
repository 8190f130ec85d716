// The whole agent: it stops when asked, is alone on its journal, and tells of itself on loopback.
#include "agent/application.hpp"
#include "agent/enrolment.hpp"
#include "agent/http/client.hpp"
#include "agent/pages.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_cabinet.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;
using kb::agent::test::Answer;
using kb::agent::test::Asked;
using kb::agent::test::FakeCabinet;

TEST_CASE("the agent stops while the cabinet hangs", "[application]")
{
    std::atomic<bool> asked = false;
    FakeCabinet cabinet([&](const Asked&) {
        asked = true;
        asked.notify_all();
        return Answer{Answer::How::hang};
    });
    kb::test::TempDir dir;
    Config config;
    config.data_dir = dir.path();
    config.listen.port = 0;
    config.cabinet.url = cabinet.url();
    config.cabinet.request_timeout = 1h;
    REQUIRE(save_enrolment(dir.path(), {"a", "t", "c", cabinet.url()}));
    Application application(config);
    REQUIRE(application.start());
    std::thread stopper([&] {
        asked.wait(false);
        application.request_stop();
        application.request_stop(); // more than once is no harm
    });
    application.run();
    stopper.join();
}

TEST_CASE("a second agent on the same journal is refused with the reason", "[application]")
{
    kb::test::TempDir dir;
    Config config;
    config.data_dir = dir.path();
    config.listen.port = 0;
    Application first(config);
    REQUIRE(first.start());
    Application second(config);
    const auto started = second.start();
    REQUIRE_FALSE(started);
    first.request_stop();
    first.run();
}

TEST_CASE("the local pages answer on loopback and under no other name", "[pages]")
{
    asio::io_context io;
    LocalServer server(io, {{"/health", [] { return Page{503, "text/plain", "failing"}; }}}, {});
    CHECK(server.start("192.168.1.5", 0).error().code == Errc::bad_config);
    const auto port = server.start("127.0.0.1", 0);
    REQUIRE(port);
    const auto client = http::make_client({});
    const auto get = [&](const std::string& path, const std::string& host) {
        http::Request request;
        request.url = "http://127.0.0.1:" + std::to_string(*port) + path;
        request.headers = {{"Host", host}};
        std::atomic<bool> done = false;
        http::Reply reply{fail(Errc::no_answer, ""), std::nullopt};
        client->send(request, [&](http::Reply answer) {
            reply = std::move(answer);
            done = true;
        });
        while (!done) {
            io.run_one_for(10ms);
        }
        return reply.result ? reply.result->status : reply.result.error().device_code.value_or(0);
    };
    CHECK(get("/health", "localhost") == 503);
    CHECK(get("/nothing", "127.0.0.1:8761") == 404);
    CHECK(get("/health", "evil.example") == 403);
    server.stop();
}

TEST_CASE("health is progress", "[pages]")
{
    Picture picture;
    picture.now = *utc_from_text("2024-03-01T12:00:00Z");
    picture.sync.state = SyncStatus::State::online;
    CHECK(health_page(picture).status == 200);
    CHECK(health_page(picture).body.find(R"("ok")") != std::string::npos);
    picture.sync.state = SyncStatus::State::waiting;
    picture.sync.outbox.unsent = 3;
    picture.sync.outbox.oldest_unsent_at = *utc_from_text("2024-03-01T11:30:00Z");
    CHECK(health_page(picture).status == 200);
    CHECK(health_page(picture).body.find(R"("warning")") != std::string::npos);
    picture.sync.outbox.oldest_unsent_at = *utc_from_text("2024-03-01T10:30:00Z");
    CHECK(health_page(picture).status == 503);
    picture.sync.state = SyncStatus::State::off; // nobody is waiting for them
    CHECK(health_page(picture).status == 200);
    picture.journal.state = "damaged";
    picture.journal.reason = "storage_full";
    picture.journal.detail = "database or disk is full";
    CHECK(health_page(picture).status == 503);
    CHECK(health_page(picture).body.find(
              "journal: storage is damaged (storage_full): database or disk is full") != std::string::npos);
    CHECK(status_page(picture).body.find(R"("reason": "storage_full")") != std::string::npos);
    CHECK(status_page(picture).body.find(R"("oldest_unsent_at": "2024-03-01T10:30:00.000Z")") !=
          std::string::npos);
}

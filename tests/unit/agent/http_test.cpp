// The HTTP client against a real socket: every way a peer can fail has its name.
#include "agent/http/client.hpp"
#include "agent/http/gzip.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_cabinet.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace kb;
using namespace kb::agent::http;
using kb::agent::test::Answer;
using kb::agent::test::Asked;
using kb::agent::test::FakeCabinet;

namespace {

Reply ask_now(Client& client, Request request)
{
    std::promise<Reply> promise;
    auto future = promise.get_future();
    client.send(std::move(request), [&promise](Reply reply) { promise.set_value(std::move(reply)); });
    return future.get();
}

Request get(const std::string& url)
{
    Request request;
    request.url = url;
    return request;
}

Answer status(int code, std::vector<std::pair<std::string, std::string>> headers = {})
{
    Answer answer;
    answer.status = code;
    answer.headers = std::move(headers);
    return answer;
}

} // namespace

TEST_CASE("a request arrives as it was made, and its answer comes back", "[http]")
{
    Asked seen;
    FakeCabinet cabinet([&](const Asked& asked) {
        seen = asked;
        return Answer{Answer::How::send, 200, "да"};
    });
    const auto client = make_client({});
    Request request = get(cabinet.url() + "/api/x?wait=25");
    request.method = "POST";
    request.headers = {{"Authorization", "Bearer abc"}, {"Content-Encoding", "gzip"}};
    request.body = std::string("\x1f\x8b\x00\xff", 4);
    const Reply reply = ask_now(*client, request);
    REQUIRE(reply.result);
    CHECK(reply.result->status == 200);
    CHECK(reply.result->body == "да");
    CHECK(seen.method == "POST");
    CHECK(seen.target == "/api/x?wait=25");
    CHECK(seen.header("authorization") == "Bearer abc");
    CHECK(seen.header("content-encoding") == "gzip");
    CHECK(seen.body == request.body);
}

TEST_CASE("every refusal of a peer has its own name", "[http]")
{
    int code = 0;
    FakeCabinet cabinet([&](const Asked&) { return status(code); });
    const auto client = make_client({});
    const auto ask_for = [&](int wanted) {
        code = wanted;
        return ask_now(*client, get(cabinet.url() + "/")).result.error();
    };
    CHECK(ask_for(401).code == Errc::unauthorised);
    CHECK(ask_for(403).code == Errc::unauthorised);
    CHECK(ask_for(413).code == Errc::too_many);
    CHECK(ask_for(429).code == Errc::too_many);
    CHECK(ask_for(400).code == Errc::peer_refused);
    CHECK(ask_for(400).outcome == Outcome::refused);
    CHECK(ask_for(503).code == Errc::peer_refused);
    CHECK(ask_for(503).outcome == Outcome::unknown);
    CHECK(ask_for(503).device_code == 503);
}

TEST_CASE("a wish to wait comes back with the refusal", "[http]")
{
    std::string wish;
    FakeCabinet cabinet([&](const Asked&) { return status(503, {{"Retry-After", wish}}); });
    const auto client = make_client({});
    const auto wish_of = [&](const std::string& text) {
        wish = text;
        return ask_now(*client, get(cabinet.url() + "/")).retry_after;
    };
    CHECK(wish_of("7") == std::chrono::seconds(7));
    CHECK(wish_of("soon") == std::nullopt);
    CHECK(wish_of("-5") == std::nullopt);
    CHECK(wish_of("99999999999999999999") == std::nullopt);
}

TEST_CASE("nobody listening is a failure of the network", "[http]")
{
    std::string url;
    {
        FakeCabinet gone([](const Asked&) { return Answer{}; });
        url = gone.url();
    }
    const auto client = make_client({});
    CHECK(ask_now(*client, get(url + "/")).result.error().code == Errc::network_failed);
}

TEST_CASE("a lost answer is an unknown outcome", "[http]")
{
    FakeCabinet cabinet([](const Asked&) { return Answer{Answer::How::drop}; });
    const auto client = make_client({});
    const auto error = ask_now(*client, get(cabinet.url() + "/")).result.error();
    CHECK(error.code == Errc::network_failed);
    CHECK(error.outcome == Outcome::unknown);
}

TEST_CASE("a silent peer ends with the deadline, a stop ends at once", "[http]")
{
    FakeCabinet cabinet([](const Asked&) { return Answer{Answer::How::hang}; });
    const auto client = make_client({});
    Request request = get(cabinet.url() + "/");
    request.at_most = std::chrono::milliseconds(50);
    CHECK(ask_now(*client, request).result.error().code == Errc::timed_out);

    request.at_most = std::chrono::hours(1);
    std::promise<Reply> promise;
    client->send(request, [&](Reply reply) { promise.set_value(std::move(reply)); });
    client->stop();
    CHECK(promise.get_future().get().result.error().code == Errc::cancelled);
    CHECK(ask_now(*client, request).result.error().code == Errc::cancelled);
}

TEST_CASE("an answer without end is broken off", "[http]")
{
    FakeCabinet cabinet([](const Asked&) {
        Answer answer;
        answer.body.assign(1U << 20U, 'x');
        return answer;
    });
    ClientOptions options;
    options.max_answer = 10'000;
    const auto client = make_client(options);
    CHECK(ask_now(*client, get(cabinet.url() + "/")).result.error().code == Errc::too_many);
}

TEST_CASE("a certificate is believed only when its authority is", "[http][tls]")
{
    FakeCabinet cabinet([](const Asked&) { return Answer{}; }, true);
    SECTION("unknown to the system")
    {
        const auto client = make_client({});
        const auto error = ask_now(*client, get(cabinet.url() + "/")).result.error();
        CHECK(error.code == Errc::tls_untrusted);
        CHECK(error.outcome == Outcome::not_done);
    }
    SECTION("named in the configuration")
    {
        kb::test::TempDir dir;
        kb::test::write_file(dir / "ca.pem", cabinet.certificate());
        ClientOptions options;
        options.ca_file = (dir / "ca.pem").string();
        const auto client = make_client(options);
        CHECK(ask_now(*client, get(cabinet.url() + "/")).result);
    }
    SECTION("another one in the configuration")
    {
        FakeCabinet other([](const Asked&) { return Answer{}; }, true);
        kb::test::TempDir dir;
        kb::test::write_file(dir / "ca.pem", other.certificate());
        ClientOptions options;
        options.ca_file = (dir / "ca.pem").string();
        const auto client = make_client(options);
        CHECK(ask_now(*client, get(cabinet.url() + "/")).result.error().code == Errc::tls_untrusted);
    }
    SECTION("a file that is not there")
    {
        ClientOptions options;
        options.ca_file = "/nowhere/ca.pem";
        const auto client = make_client(options);
        CHECK_FALSE(ask_now(*client, get(cabinet.url() + "/")).result);
    }
}

TEST_CASE("plain http leaves this computer never", "[http]")
{
    CHECK(check_url("https://cabinet.example.ru"));
    CHECK(check_url("https://cabinet.example.ru:8443/base"));
    CHECK(check_url("http://127.0.0.1:8080"));
    CHECK(check_url("http://localhost:8080"));
    CHECK(check_url("http://[::1]:8080"));
    for (const std::string url :
         {"http://cabinet.example.ru", "http://192.168.1.5", "http://127.0.0.1.example.ru", "ftp://127.0.0.1",
          "cabinet.example.ru", "", "https://", "https://[", "https://[::1", "https://[cabinet]/"}) {
        INFO(url);
        const auto checked = check_url(url);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == Errc::bad_config);
    }
    const auto client = make_client({});
    CHECK(ask_now(*client, get("http://cabinet.example.ru/")).result.error().code == Errc::bad_config);
}

TEST_CASE("gzip goes there and back, and damage is noticed", "[gzip]")
{
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += "молоко " + std::to_string(i % 17) + "\n";
    }
    const auto packed = gzip(text);
    REQUIRE(packed);
    CHECK(packed->size() < text.size() / 5);
    CHECK(gunzip(*packed, text.size()) == text);
    CHECK(gunzip(*gzip(""), 0) == std::string());
    CHECK(gunzip(*packed, text.size() - 1).error().code == Errc::too_many);
    CHECK(gunzip(packed->substr(0, packed->size() - 1), text.size()).error().code == Errc::bad_value);
    CHECK(gunzip(*packed + "x", text.size()).error().code == Errc::bad_value);
    CHECK(gunzip("no gzip at all", 100).error().code == Errc::bad_value);
    CHECK(gunzip("", 100).error().code == Errc::bad_value);
}

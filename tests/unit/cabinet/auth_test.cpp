#include "cabinet/auth/secrets.hpp"
#include "cabinet/store/accounts.hpp"
#include "tests/unit/cabinet/api_support.hpp"

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

TEST_CASE("login opens a session, logout ends it", "[cabinet][auth]")
{
    TestCabinet cabinet;
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_tenant(db, "ООО Ромашка", "owner@example.org", auth::hash_password("right horse battery"));
    }));
    const auto login = cabinet.call(request(
        "POST", "/api/v1/login", R"({"email":"Owner@Example.org","password":"right horse battery"})"));
    REQUIRE(login.status == 200);
    CHECK(body_of(login)["tenant"]["name"] == "ООО Ромашка");
    const std::string cookie = header_of(login, "Set-Cookie");
    for (const auto* flag : {"HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=43200"})
        CHECK_THAT(cookie, Catch::Contains(flag));
    TestCabinet::Owner owner;
    owner.cookie = cookie.substr(0, cookie.find(';'));
    owner.csrf = body_of(login)["csrf"].get<std::string>();
    CHECK(body_of(cabinet.get(owner, "/api/v1/session"))["user"]["email"] == "owner@example.org");

    auto without_csrf = owner;
    without_csrf.csrf = "";
    check_problem(cabinet.post(without_csrf, "/api/v1/enrolment-codes"), 403, "unauthorised", "X-CSRF-Token");
    without_csrf.csrf = owner.csrf + "x";
    check_problem(cabinet.post(without_csrf, "/api/v1/logout"), 403, "unauthorised", "X-CSRF-Token");
    CHECK(cabinet.post(owner, "/api/v1/logout").status == 204);
    CHECK(cabinet.get(owner, "/api/v1/session").status == 401);
}

TEST_CASE("a session ends by itself after twelve hours", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    cabinet.clock.step(std::chrono::hours(12) - std::chrono::seconds(1));
    CHECK(cabinet.get(alice, "/api/v1/session").status == 200);
    cabinet.clock.step(std::chrono::seconds(1));
    CHECK(cabinet.get(alice, "/api/v1/session").status == 401);
}

TEST_CASE("after five failed logins even the right password waits", "[cabinet][auth]")
{
    TestCabinet cabinet;
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_tenant(db, "A", "owner@example.org", auth::hash_password("right horse battery"));
    }));
    const std::string wrong = R"({"email":"owner@example.org","password":"guess"})";
    const std::string right = R"({"email":"owner@example.org","password":"right horse battery"})";
    for (int i = 0; i < 5; ++i)
        check_problem(cabinet.call(request("POST", "/api/v1/login", wrong)), 401, "unauthorised", "");
    const auto refused = cabinet.call(request("POST", "/api/v1/login", right));
    check_problem(refused, 429, "too_many", "");
    CHECK_FALSE(header_of(refused, "Retry-After").empty());
    cabinet.clock.step(std::chrono::minutes(15));
    CHECK(cabinet.call(request("POST", "/api/v1/login", right)).status == 200);
}

TEST_CASE("an enrolment code enrols one agent, for two hours", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto enroll = [&](const std::string& code) {
        return cabinet.call(request("POST", "/api/agent/v1/enroll",
                                    encode(cabinet_api::EnrollRequest{code, "kassa-1", "0.1.0"})));
    };
    const auto code = body_of(cabinet.post(alice, "/api/v1/enrolment-codes"))["code"].get<std::string>();
    CHECK(code.size() == 8);
    std::string lower = code.substr(0, 4) + "-" + code.substr(4);
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto enrolled = cabinet_api::decode_enroll_response(enroll(lower).body);
    REQUIRE(enrolled);
    CHECK(enrolled->cabinet_name == "alice");
    CHECK(enrolled->token.size() == 43);
    check_problem(enroll(code), 401, "unauthorised", "code");
    auto agent = alice;
    agent.token = enrolled->token;
    CHECK(cabinet.agent_post(agent, "/api/agent/v1/events", R"({"events":[]})").status == 200);
    CHECK(body_of(cabinet.get(alice, "/api/v1/agents"))["agents"].size() == 2);

    const auto late = body_of(cabinet.post(alice, "/api/v1/enrolment-codes"))["code"].get<std::string>();
    cabinet.clock.step(std::chrono::hours(2));
    check_problem(enroll(late), 401, "unauthorised", "code");
}

TEST_CASE("guessing enrolment codes is slowed down", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto guess = [&] {
        return cabinet.call(request("POST", "/api/agent/v1/enroll",
                                    R"({"code":"AAAA2222","hostname":"h","agent_version":"1"})"));
    };
    for (int i = 0; i < 20; ++i)
        CHECK(guess().status == 401);
    check_problem(guess(), 429, "too_many", "code");
}

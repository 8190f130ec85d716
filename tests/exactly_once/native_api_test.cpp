// The native API at its border: what is asked, what is answered, and what the register's FN says of it.
#include "agent/api/native_api.hpp"
#include "tests/exactly_once/shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <set>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

class Answer final : public http::Responder {
public:
    void send(http::Response response) override { got = std::move(response); }
    std::shared_ptr<http::Stream> open_stream(http::Response head) override
    {
        struct Lines final : http::Stream {
            explicit Lines(std::string& out) : all(out) {}
            bool write(std::string text) override
            {
                all += text;
                return true;
            }
            std::string& all;
        };
        got = std::move(head);
        return std::make_shared<Lines>(stream);
    }
    std::optional<http::Response> got;
    std::string stream;
};

struct Desk {
    explicit Desk(std::vector<std::string> origins = {})
        : shop("shtrih v1"),
          api({shop.agent->io().get_executor(), shop.agent->desk(), shop.agent->journal(), kToken,
               std::move(origins), log})
    {
        REQUIRE(shop.run_until([this] { return shop.agent->device().state() == agent::DeviceState::ready; },
                               60s));
    }

    /// As a server would: the guard first, then the route, until it is answered.
    http::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                       std::vector<std::pair<std::string, std::string>> headers = {}, bool with_token = true)
    {
        http::Request request;
        request.method = method;
        request.path = target.substr(0, target.find('?'));
        request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
        request.body = body;
        request.headers = std::move(headers);
        if (request.header("host").empty())
            request.headers.emplace_back("host", "127.0.0.1:8760");
        if (with_token)
            request.headers.emplace_back("authorization", std::string("Bearer ") + kToken);
        if (auto refused = api.guard()(request))
            return *refused;
        const auto answer = std::make_shared<Answer>();
        api.router().dispatch(request, answer);
        REQUIRE(shop.run_until([&] { return answer->got.has_value(); }, 10min));
        return *answer->got;
    }

    http::Response post(const Json& request, const std::string& key, const std::string& query = "?wait=60")
    {
        return ask("POST", "/api/v1/devices/default/jobs" + query, request.dump(),
                   {{"idempotency-key", key}});
    }

    Json get(const std::string& target) { return Json::parse(ask("GET", target).body); }

    Shop shop;
    agent::log::Ring log;
    agent::NativeApi api;
};

Json tea(const std::string& price = "12.50")
{
    return {{"kind", "receipt"},
            {"operation", "sell"},
            {"cashier", "Иванова А.А."},
            {"items", {{{"name", "Чай"}, {"price", price}, {"quantity", 2}, {"vat", "none"}}}},
            {"payments", {{"electronic", "25.00"}}}};
}

std::string code_of(const http::Response& response) { return Json::parse(response.body).value("code", ""); }

} // namespace

TEST_CASE("a receipt is made and told with its fiscal sign", "[native-api]")
{
    Desk desk;
    const auto answer = desk.post(tea(), "first");
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    const Json job = Json::parse(answer.body);
    CHECK(job["state"] == "done");
    CHECK(job["final"] == true);
    const auto& fn = desk.shop.device.kkt().fn();
    CHECK(job["document"]["fd_number"] == fn.last_fd());
    CHECK(job["document"]["fiscal_sign"] == fn.find(fn.last_fd())->sign);
    CHECK(job["document"]["fn_serial"] == fn.serial);
    CHECK_THAT(job["document"]["qr"].get<std::string>(), Catch::StartsWith("t=20260325T"));
    CHECK(desk.shop.device.documents(fn.last_fd()).front().total == Kopecks{2'500});

    SECTION("the same key leads to the same receipt, whatever its spelling")
    {
        Json again = tea();
        again["items"][0]["price"] = 12.5;
        const auto second = desk.post(again, "first");
        CHECK(second.status == 200);
        CHECK(Json::parse(second.body)["id"] == job["id"]);
        CHECK(fn.last_fd() == job["document"]["fd_number"]);
    }
    SECTION("another request under the key is a conflict that names the first")
    {
        const auto other = desk.post(tea("12.49"), "first");
        CHECK(other.status == 409);
        CHECK(code_of(other) == "conflict");
        CHECK_THAT(other.body, Catch::Contains(job["id"].get<std::string>()));
        CHECK(fn.last_fd() == job["document"]["fd_number"]);
    }
    SECTION("it is found by its id and in the list")
    {
        const auto one = desk.ask("GET", "/api/v1/jobs/" + job["id"].get<std::string>());
        CHECK(one.status == 200);
        CHECK(Json::parse(one.body)["document"] == job["document"]);
        const auto list = Json::parse(desk.ask("GET", "/api/v1/jobs?state=done").body);
        REQUIRE(list["jobs"].size() == 1);
        CHECK(list["jobs"][0]["id"] == job["id"]);
        CHECK(Json::parse(desk.ask("GET", "/api/v1/jobs?state=open").body)["jobs"].empty());
    }
    SECTION("its document is in the journal")
    {
        const std::string path = "/api/v1/documents/" + fn.serial + "/" + std::to_string(fn.last_fd());
        REQUIRE(desk.shop.run_until([&] { return desk.ask("GET", path).status == 200; }, 60s));
        CHECK(Json::parse(desk.ask("GET", path).body)["qr"] == job["document"]["qr"]);
    }
}

TEST_CASE("who may not ask is told so, and nothing is printed", "[native-api]")
{
    Desk desk({"https://pos.example"});
    const auto last = desk.shop.device.kkt().fn().last_fd();
    const std::string path = "/api/v1/devices/default/jobs";
    CHECK(desk.ask("POST", path, tea().dump(), {{"idempotency-key", "k"}}, false).status == 401);
    CHECK(desk.ask("POST", path, tea().dump(), {{"authorization", "Bearer 0123"}, {"idempotency-key", "k"}},
                   false)
              .status == 401);
    CHECK(desk.ask("POST", path, tea().dump(), {{"host", "evil.example"}, {"idempotency-key", "k"}}).status ==
          403);
    CHECK(desk.ask("POST", path, tea().dump(), {{"origin", "https://evil.example"}, {"idempotency-key", "k"}})
              .status == 403);
    CHECK(desk.ask("GET", "/api/v1/devices", "", {{"origin", "https://pos.example"}}).status == 200);
    CHECK(desk.ask("GET", "/api/v1/openapi.yaml", "", {}, false).status == 200);
    CHECK(desk.shop.device.kkt().fn().last_fd() == last);
}

TEST_CASE("what is wrong is named, and nothing is printed", "[native-api]")
{
    Desk desk;
    const auto last = desk.shop.device.kkt().fn().last_fd();
    const std::string path = "/api/v1/devices/default/jobs";
    const auto with_key = [&](const std::string& body) {
        return desk.ask("POST", path, body, {{"idempotency-key", "k"}});
    };
    CHECK(desk.ask("POST", path, tea().dump()).status == 400); // no key
    CHECK(with_key("{").status == 400);
    CHECK(with_key("[]").status == 400);
    CHECK(with_key("{\"kind\":\"receipt\",\"items\":[{\"name\":\"\xFF\"}]}").status == 400);
    CHECK(with_key(R"({"kind":"lottery"})").status == 400);
    Json misspelt = tea();
    misspelt["itmes"] = Json::array();
    CHECK_THAT(with_key(misspelt.dump()).body, Catch::Contains("itmes"));
    const auto negative = with_key(tea("-1").dump());
    CHECK(negative.status == 422);
    const Json told = Json::parse(negative.body);
    REQUIRE_FALSE(told["faults"].empty());
    CHECK(told["faults"][0]["field"] == "items[0].price");
    CHECK_FALSE(told["faults"][0]["ru"].get<std::string>().empty());
    CHECK(desk.ask("POST", "/api/v1/devices/0000/jobs", tea().dump(), {{"idempotency-key", "k"}}).status ==
          404);
    CHECK(desk.ask("GET", "/api/v1/jobs/nobody").status == 404);
    CHECK(desk.ask("GET", "/api/v1/jobs?limit=0").status == 400);
    CHECK(desk.shop.device.kkt().fn().last_fd() == last);
    // None of it has spent the key.
    CHECK(desk.post(tea(), "k").status == 201);
}

TEST_CASE("a job that waits is taken back, and a paused queue begins nothing", "[native-api]")
{
    Desk desk;
    const auto last = desk.shop.device.kkt().fn().last_fd();
    REQUIRE(desk.ask("POST", "/api/v1/devices/default/queue/pause", R"({"reason":"лента"})").status == 200);
    const auto waiting = desk.post(tea(), "waits", "?wait=1");
    INFO(waiting.body);
    REQUIRE(waiting.status == 202);
    const Json job = Json::parse(waiting.body);
    CHECK(job["state"] == "queued");
    CHECK_THAT(job["waits_for"]["detail"].get<std::string>(), Catch::Contains("лента"));
    const auto cancelled = desk.ask("DELETE", "/api/v1/jobs/" + job["id"].get<std::string>());
    CHECK(Json::parse(cancelled.body)["state"] == "cancelled");
    REQUIRE(desk.ask("POST", "/api/v1/devices/default/queue/resume").status == 200);
    CHECK(desk.post(tea(), "prints").status == 201);
    CHECK(desk.ask("DELETE", "/api/v1/jobs/" + job["id"].get<std::string>()).status == 409);
    CHECK(Json::parse(desk.post(tea(), "waits").body)["state"] == "cancelled"); // for ever
    CHECK(desk.shop.device.documents(last + 1).back().total == Kopecks{2'500});
}

TEST_CASE("a request that waited too long for a register that is away is told as expired", "[native-api]")
{
    Desk desk;
    const auto last = desk.shop.device.kkt().fn().last_fd();
    desk.shop.agent->line().hang_up(10min);
    REQUIRE(desk.shop.run_until(
        [&] { return desk.shop.agent->device().state() != agent::DeviceState::ready; }, 60s));
    const Json job = Json::parse(desk.post(tea(), "late", "?expires_in=30").body);
    CHECK(job["state"] == "queued");
    desk.shop.clock.jump(31s);
    CHECK(desk.get("/api/v1/jobs/" + job["id"].get<std::string>())["state"] == "expired");
    REQUIRE(desk.shop.run_until(
        [&] { return desk.shop.agent->device().state() == agent::DeviceState::ready; }, 20min));
    CHECK(Json::parse(desk.post(tea(), "late").body)["state"] == "expired"); // and is not printed now
    CHECK(desk.shop.device.kkt().fn().last_fd() == last);
}

TEST_CASE("a job is told by what was asked for and what the FN held before, so that people know it again",
          "[native-api]")
{
    Desk desk;
    const auto last = desk.shop.device.kkt().fn().last_fd();
    const Json job = Json::parse(desk.post(tea(), "told").body);
    CHECK(job["asked"]["operation"] == "sell");
    CHECK(job["asked"]["sum"] == "25.00");
    CHECK(job["asked"]["positions"] == 1);
    CHECK(job["asked"]["first_position"] == "Чай");
    CHECK(job["asked"]["cashier"] == "Иванова А.А.");
    CHECK(job["before"]["fn_serial"] == desk.shop.device.kkt().fn().serial);
    CHECK(job["before"]["last_fd_number"] == last + 1); // the shift was opened for it
    const Json cash = Json::parse(desk.post({{"kind", "cash_in"}, {"sum", "100.00"}}, "cash").body);
    CHECK(cash["asked"]["sum"] == "100.00");
}

TEST_CASE("a queue tells that it is paused, why, and what is in it", "[native-api]")
{
    Desk desk;
    const std::string path = "/api/v1/devices/default/queue";
    CHECK(desk.get(path)["paused"].is_null());
    CHECK(desk.get(path)["queued"] == 0);
    REQUIRE(desk.ask("POST", path + "/pause", R"({"reason":"обед"})").status == 200);
    CHECK(desk.get(path)["paused"]["reason"] == "обед"); // with nothing in it, too
    REQUIRE(desk.post(tea(), "waits", "?wait=1").status == 202);
    const Json held = desk.get(path);
    CHECK(held["queued"] == 1);
    CHECK(held["under_way"] == 0);
    CHECK(held["device"] == desk.shop.agent->device().sample().info.kkt_serial);
    REQUIRE(desk.ask("POST", path + "/resume").status == 200);
    CHECK(desk.get(path)["paused"].is_null());
    REQUIRE(desk.shop.run_until([&] { return desk.get(path)["queued"] == 0; }, 10min));
}

TEST_CASE("what keeps a register away is told with its cause and cure", "[native-api]")
{
    Desk desk;
    CHECK(desk.get("/api/v1/devices/default")["trouble"].is_null());
    Cut now;
    now.to_host = 0;
    desk.shop.agent->line().cut_at(now);
    Json trouble;
    REQUIRE(desk.shop.run_until(
        [&] {
            trouble = desk.get("/api/v1/devices/default")["trouble"];
            return !trouble.is_null();
        },
        10min));
    CHECK(trouble["code"] == desk.shop.agent->device().sample().state_reason);
    CHECK_FALSE(trouble["cause_ru"].get<std::string>().empty());
    CHECK_FALSE(trouble["cure_ru"].get<std::string>().empty());
    CHECK_FALSE(trouble["cure"].get<std::string>().empty());
}

TEST_CASE("a person decides only where the FN is gone, with name and reason, and both are kept",
          "[native-api]")
{
    Desk desk;
    REQUIRE(desk.post(tea(), "opens the shift").status == 201);
    // The FN has the document, the agent was not told, and nobody can be asked: the power stays off.
    desk.shop.device.kkt().on_power_lost = [] {};
    desk.shop.device.kkt().arm_power_cut(emulator::PowerCut::after_fn_commit);
    const Json first = Json::parse(desk.post(tea(), "whose", "?wait=0").body);
    const std::string path = "/api/v1/jobs/" + first["id"].get<std::string>();
    REQUIRE(desk.shop.run_until(
        [&] { return desk.shop.stored("whose")->state == storage::JobState::unknown; }, 10min));
    CHECK(desk.get(path)["person_may_decide"] == false);
    const auto decide = [&](const Json& said) { return desk.ask("POST", path + "/decision", said.dump()); };
    const Json word{{"made", true}, {"name", "Петрова"}, {"reason", "чек у покупателя"}, {"fd_number", 7}};
    CHECK(decide(word).status == 409); // the FN can still be asked
    const std::string gone = desk.shop.device.kkt().fn().serial;
    desk.shop.device.kkt().replace_fn("9999078900009999",
                                      desk.shop.device.kkt().now() + std::chrono::days(400));
    desk.shop.device.power_on();
    REQUIRE(desk.shop.run_until([&] { return desk.get(path)["person_may_decide"] == true; }, 60min));
    const Json open = desk.get(path);
    CHECK(open["waits_for"]["code"] == "wrong_device");
    CHECK(open["before"]["fn_serial"] == gone);
    REQUIRE_FALSE(open["evidence"].empty());
    CHECK_FALSE(open["evidence"][0]["cause_ru"].get<std::string>().empty());

    for (const char* missing : {"name", "reason", "made"}) {
        Json less = word;
        less.erase(missing);
        INFO(missing);
        const auto refused = decide(less);
        CHECK(refused.status == 400);
        CHECK(Json::parse(refused.body)["field"] == missing);
    }
    Json blank = word;
    blank["name"] = "";
    CHECK(decide(blank).status == 400);

    SECTION("it was made")
    {
        const auto answer = decide(word);
        REQUIRE(answer.status == 200);
        const Json job = Json::parse(answer.body);
        CHECK(job["state"] == "done");
        CHECK(job["document"]["fn_serial"] == gone);
        CHECK(job["document"]["fd_number"] == 7);
        CHECK_THAT(job["evidence"].back()["saw"].get<std::string>(),
                   Catch::Contains("Петрова") && Catch::Contains("чек у покупателя"));
        CHECK(decide(word).status == 409); // once
    }
    SECTION("it was not made")
    {
        const auto answer = decide({{"made", false}, {"name", "Петрова"}, {"reason", "бумага пуста"}});
        REQUIRE(answer.status == 200);
        const Json job = Json::parse(answer.body);
        CHECK(job["state"] == "refused");
        CHECK(job["error"]["code"] == "decided_not_made");
        CHECK(job["document"].is_null());
    }
    // The queue goes on, in the new FN.
    CHECK(desk.post(tea(), "next").status == 201);
}

TEST_CASE("the log is told from where one was, from a level on", "[native-api]")
{
    Desk desk;
    CHECK(desk.get("/api/v1/log")["lines"].empty());
    const UtcMs at{std::chrono::milliseconds(1'774'400'000'000)};
    desk.log.add(at, agent::log::Level::info, "jobs: ended", {{"job", "a"}, {"fd_number", 7}});
    desk.log.add(at, agent::log::Level::warning, "port \xFF", {});
    const Json all = desk.get("/api/v1/log");
    REQUIRE(all["lines"].size() == 2);
    CHECK(all["lines"][0]["at"] == "2026-03-25T00:53:20.000Z");
    CHECK(all["lines"][0]["level"] == "info");
    CHECK(all["lines"][0]["text"] == "jobs: ended");
    CHECK(all["lines"][0]["fields"] == Json{{"job", "a"}, {"fd_number", "7"}});
    CHECK(all["missed"] == 0);
    desk.log.add(at, agent::log::Level::error, "the last", {});
    const std::string after = "after=" + all["next"].dump();
    CHECK(desk.get("/api/v1/log?" + after)["lines"][0]["text"] == "the last");
    CHECK(desk.get("/api/v1/log?" + after)["lines"].size() == 1);
    CHECK(desk.get("/api/v1/log?level=warning")["lines"].size() == 2);
    CHECK(desk.get("/api/v1/log?limit=1")["lines"][0]["text"] == "the last");
    for (const char* wrong : {"level=loud", "after=-1", "limit=0", "limit=100000", "text=a"})
        CHECK(desk.ask("GET", std::string("/api/v1/log?") + wrong).status == 400);
    CHECK(desk.ask("GET", "/api/v1/log", "", {}, false).status == 401);
}

TEST_CASE("the page is served without the token to this computer alone, and nothing foreign runs in it",
          "[native-api]")
{
    Desk desk;
    const auto open = [&](const std::string& path) { return desk.ask("GET", path, "", {}, false); };
    CHECK(desk.ask("GET", "/", "", {{"host", "evil.example"}}, false).status == 403);
    CHECK(desk.ask("GET", "/page/main.js", "", {{"host", "evil.example"}}, false).status == 403);
    CHECK(open("/page/api.token").status == 404);

    std::set<std::string> to_look_at{"/"};
    std::set<std::string> seen;
    while (!to_look_at.empty()) {
        const std::string path = *to_look_at.begin();
        to_look_at.erase(to_look_at.begin());
        if (!seen.insert(path).second)
            continue;
        INFO(path);
        http::Response file = open(path);
        REQUIRE(file.status == 200);
        desk.api.finish()(http::Request{}, file);
        std::string policy;
        std::string sniff;
        for (const auto& [name, value] : file.headers) {
            if (name == "Content-Security-Policy")
                policy = value;
            if (name == "X-Content-Type-Options")
                sniff = value;
        }
        CHECK(sniff == "nosniff");
        CHECK_THAT(policy, Catch::StartsWith("default-src 'none'; script-src 'self';") &&
                               !Catch::Contains("unsafe") && !Catch::Contains("http"));
        // Whatever a file names is there as well, and none of it is elsewhere.
        const std::regex named(R"re((?:src|href|from)(?:=| )["']([^"'#]+)["'])re");
        for (auto at = std::sregex_iterator(file.body.begin(), file.body.end(), named);
             at != std::sregex_iterator(); ++at) {
            const std::string name = (*at)[1];
            REQUIRE((name.starts_with("/page/") || name.starts_with("./")));
            to_look_at.insert("/page/" + name.substr(name.rfind('/') + 1));
        }
        CHECK_FALSE(
            std::regex_search(file.body, std::regex("<script(?![^>]*src=)|<style|innerHTML|insertAdjacent")));
    }
    CHECK(seen.size() > 8);
}

TEST_CASE("the agent's own page may call, a page of another port may not", "[native-api]")
{
    Desk desk;
    const std::string path = "/api/v1/devices/default/queue/resume";
    CHECK(desk.ask("POST", path, "", {{"origin", "http://127.0.0.1:8760"}}).status == 200);
    CHECK(desk.ask("POST", path, "", {{"origin", "http://127.0.0.1:8761"}}).status == 403);
    CHECK(desk.ask("POST", path, "", {{"origin", "https://127.0.0.1:8760"}}).status == 403);
    CHECK(desk.ask("POST", path, "", {{"origin", "http://evil.example"}, {"host", "evil.example"}}).status ==
          403);
}

TEST_CASE("shift, cash and reports are requests like any other", "[native-api]")
{
    Desk desk;
    const auto state_after = [&](const Json& request, const std::string& key) {
        return Json::parse(desk.post(request, key).body).value("state", "");
    };
    CHECK(state_after({{"kind", "shift_open"}, {"cashier", "Иванова А.А."}}, "1") == "done");
    CHECK(state_after({{"kind", "cash_in"}, {"sum", "100.00"}}, "2") == "done");
    CHECK(desk.shop.device.kkt().cash() == 10'000);
    CHECK(state_after({{"kind", "cash_out"}, {"sum", "100.01"}}, "3") == "refused");
    CHECK(state_after({{"kind", "x_report"}}, "4") == "done");
    CHECK(desk.shop.device.kkt().x_reports() == 1);
    CHECK(state_after({{"kind", "shift_close"}}, "5") == "done");
    CHECK(state_after({{"kind", "shift_close"}}, "6") == "refused");
}

TEST_CASE("whoever listens hears of every job", "[native-api]")
{
    Desk desk;
    http::Request request;
    request.method = "GET";
    request.path = "/api/v1/events";
    const auto listener = std::make_shared<Answer>();
    desk.api.router().dispatch(request, listener);
    REQUIRE(listener->got);
    const Json job = Json::parse(desk.post(tea(), "heard").body);
    CHECK_THAT(listener->stream, Catch::Contains(job["id"].get<std::string>()));
    // The answer may be first.
    CHECK(desk.shop.run_until(
        [&] { return listener->stream.find("\"state\":\"done\"") != std::string::npos; }, 60s));
    desk.api.stop();
}

TEST_CASE("the description names every route and no other, and is what is served", "[native-api]")
{
    Desk desk;
    std::set<std::string> served;
    for (const auto& route : desk.api.router().routes())
        served.insert(route.method + " " + route.pattern);
    std::set<std::string> written;
    std::ifstream yaml(KB_LOCAL_API_YAML);
    REQUIRE(yaml);
    std::string whole;
    std::string path;
    bool in_paths = false;
    for (std::string line; std::getline(yaml, line);) {
        whole += line + "\n";
        if (!line.empty() && line.front() != ' ' && line.front() != '#')
            in_paths = line == "paths:";
        if (in_paths && line.starts_with("  /"))
            path = line.substr(2, line.size() - 3);
        for (const char* method : {"get", "post", "delete"})
            if (in_paths && line == std::string("    ") + method + ":") {
                std::string upper = method;
                for (char& c : upper)
                    c = static_cast<char>(c - 32);
                written.insert(upper + " " + path);
            }
    }
    CHECK(served == written);
    CHECK(desk.ask("GET", "/api/v1/openapi.yaml").body == whole);
}

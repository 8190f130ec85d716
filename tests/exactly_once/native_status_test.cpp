// How jobs and registers are, told to many at once: the same that is told to one, and never what was.
#include "agent/api/native_api.hpp"
#include "tests/exactly_once/shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

class Answer final : public http::Responder {
public:
    void send(http::Response response) override { got = std::move(response); }
    std::shared_ptr<http::Stream> open_stream(http::Response /*head*/) override { return nullptr; }
    std::optional<http::Response> got;
};

http::Request get(const std::string& path)
{
    http::Request request;
    request.method = "GET";
    request.path = path;
    return request;
}

struct Counter {
    Counter()
        : shop("shtrih v1"),
          api({shop.agent->io().get_executor(), shop.agent->desk(), shop.agent->journal(), "a token", {}}),
          take(api.take_on(shop.agent->io().get_executor()))
    {
        REQUIRE(shop.run_until([this] { return shop.agent->device().state() == agent::DeviceState::ready; },
                               60s));
    }

    /// As a server with a thread of its own hands it over.
    std::shared_ptr<Answer> begin(const std::string& path) const
    {
        auto answer = std::make_shared<Answer>();
        take(get(path), answer);
        return answer;
    }
    http::Response ask(const std::string& path)
    {
        const auto answer = begin(path);
        REQUIRE(shop.run_until([&] { return answer->got.has_value(); }, 10min));
        return *answer->got;
    }
    /// As its route answers it.
    http::Response by_route(const std::string& path)
    {
        const auto answer = std::make_shared<Answer>();
        api.router().dispatch(get(path), answer);
        REQUIRE(shop.run_until([&] { return answer->got.has_value(); }, 10min));
        return *answer->got;
    }
    /// The state of a job in the journal, now.
    std::optional<storage::Job> in_journal(const std::string& job_id)
    {
        std::optional<storage::Job> found;
        shop.agent->journal().submit([&](storage::Journal& journal) { return journal.jobs().find(job_id); },
                                     [&](Result<std::optional<storage::Job>> job) { found = job.value(); });
        return found;
    }
    std::string hand_in(const std::string& key)
    {
        Shop::Caller caller;
        caller.asked.caller = "native";
        caller.asked.key = key;
        caller.asked.request = Shop::receipt(1);
        shop.ask(caller);
        REQUIRE(shop.run_until([&] { return caller.answer.has_value(); }, 1min));
        REQUIRE(*caller.answer);
        return (*caller.answer)->job.asked.job_id;
    }

    Shop shop;
    agent::NativeApi api;
    std::function<void(const http::Request&, const http::ResponderPtr&)> take;
};

void pause_queue(Counter& counter)
{
    bool paused = false;
    asio::co_spawn(
        counter.shop.agent->io(),
        [](agent::JobDesk& desk, std::string serial, bool& done) -> asio::awaitable<void> {
            done = (co_await desk.pause(std::move(serial), "as ordered")).has_value();
        }(counter.shop.agent->desk(), counter.shop.agent->device().sample().info.kkt_serial, paused),
        asio::detached);
    REQUIRE(counter.shop.run_until([&] { return paused; }, 1min));
}

} // namespace

TEST_CASE("what many are told at once is what one would be told, to the byte", "[native-api]")
{
    Counter counter;
    const std::string id = counter.hand_in("first");
    const std::string serial = counter.shop.agent->device().sample().info.kkt_serial;
    REQUIRE(counter.shop.run_until([&] { return storage::is_final(counter.in_journal(id)->state); }, 1min));
    const std::vector<std::string> paths{
        "/api/v1/jobs/" + id,
        "/api/v1/devices/default",
        "/api/v1/devices/" + serial,
        "/api/v1/jobs/nobody-knows-it",
        "/api/v1/devices/00000000",
        "/api/v1/jobs/%2e",
        "/api/v1/jobs/%zz",
        "/api/v1/jobs/",
        "/api/v1/devices/" + serial + "/jobs",
        "/api/v1/devices/" + serial + "/known_state",
        "/api/v1/jobs",
        "/nothing",
    };
    for (const std::string& path : paths) {
        INFO(path);
        // Twice: found in the journal, and at hand.
        for (int again = 0; again < 2; ++again) {
            // The register goes on being asked: at one moment both are the same.
            http::Response told;
            http::Response known;
            do {
                known = counter.by_route(path);
                told = counter.ask(path);
            } while (known.body != counter.by_route(path).body);
            CHECK(told.status == known.status);
            CHECK(told.headers == known.headers);
            CHECK(told.body == known.body);
        }
    }
}

TEST_CASE("a job at hand is never what it was, at any step of a receipt's way", "[native-api]")
{
    Counter counter;
    const std::string id = counter.hand_in("first");
    const std::string path = "/api/v1/jobs/" + id;
    std::set<std::string> states;
    std::size_t at_hand = 0;
    auto asked_at = Steady::now();
    auto asked = counter.begin(path);
    // On after its end as well: the document is read then, and its row knows of the ticket.
    const auto until = [&] { return Steady::now() + 20s; };
    auto end = until();
    bool ended = false;
    while (!ended || Steady::now() < end) {
        counter.shop.step();
        const auto row = counter.in_journal(id);
        REQUIRE(row);
        if (!ended && storage::is_final(row->state)) {
            ended = true;
            end = until();
        }
        if (const agent::JobView* view = counter.shop.agent->desk().at_hand(id)) {
            ++at_hand;
            states.emplace(storage::to_string(view->job.state));
            REQUIRE(view->job.state == row->state);
            REQUIRE(view->job.evidence == row->evidence);
            REQUIRE(view->job.attempts == row->attempts);
            REQUIRE(view->job.updated_at == row->updated_at);
            REQUIRE(view->job.outcome.fd_number == row->outcome.fd_number);
            REQUIRE(view->job.ticket == row->ticket);
        }
        // Asked again at each moment, so that it is at hand again soon; not oftener, or no time would pass.
        if (asked->got && Steady::now() > asked_at) {
            CHECK(asked->got->status == 200);
            asked_at = Steady::now();
            asked = counter.begin(path);
        }
    }
    CHECK(at_hand > 20);
    CHECK(states == std::set<std::string>{"queued", "printing", "done"});
}

TEST_CASE("a register that has lost its paper is told so at the next question", "[native-api]")
{
    Counter counter;
    const auto paper = [&] {
        return Json::parse(counter.ask("/api/v1/devices/default").body)["sample"]["status"]["paper"]
            .get<std::string>();
    };
    const auto& device = counter.shop.agent->device();
    REQUIRE(paper() == "present");
    counter.shop.device.kkt().set_paper(false);
    REQUIRE(
        counter.shop.run_until([&] { return device.sample().status.paper == fiscal::Paper::absent; }, 1min));
    CHECK(paper() == "absent");
}

TEST_CASE("a job at hand whose time is over is told as expired, though its register is away", "[native-api]")
{
    Counter counter;
    counter.shop.agent->line().hang_up(10min);
    REQUIRE(counter.shop.run_until(
        [&] { return counter.shop.agent->device().state() != agent::DeviceState::ready; }, 60s));
    Shop::Caller caller;
    caller.asked.caller = "native";
    caller.asked.key = "late";
    caller.asked.request = Shop::receipt(1);
    caller.asked.wait_at_most = 30s;
    counter.shop.ask(caller);
    REQUIRE(counter.shop.run_until([&] { return caller.answer.has_value(); }, 1min));
    REQUIRE(*caller.answer);
    const std::string id = (*caller.answer)->job.asked.job_id;
    const auto state = [&] { return Json::parse(counter.ask("/api/v1/jobs/" + id).body)["state"]; };
    CHECK(state() == "queued");
    REQUIRE(counter.shop.agent->desk().at_hand(id) != nullptr);
    counter.shop.clock.jump(31s);
    CHECK(state() == "expired");
}

TEST_CASE("of long requests only as many are kept at hand as there is room for, and all are found",
          "[native-api]")
{
    Counter counter;
    pause_queue(counter);
    agent::JobDesk& desk = counter.shop.agent->desk();
    storage::NewJob job;
    job.caller = "native";
    job.kkt_serial = counter.shop.agent->device().sample().info.kkt_serial;
    job.kind = "text";
    job.request = R"({"kind":"text","lines":[{"text":")" + std::string(1'000'000, 'x') + R"("}]})";
    job.created_at = counter.shop.clock.now();
    const std::vector<std::string> ids{"one", "two", "three", "four", "five", "six"};
    for (const std::string& id : ids) {
        job.job_id = job.key = id;
        counter.shop.agent->journal().submit(
            [job](storage::Journal& journal) { return journal.jobs().add(job); },
            [](const auto& added) { REQUIRE(added); });
    }
    for (const std::string& id : ids) {
        CHECK(Json::parse(counter.ask("/api/v1/jobs/" + id).body)["id"] == id);
        CHECK(desk.at_hand(id) != nullptr);
        CHECK((id != "four" || desk.at_hand("one") != nullptr));
    }
    CHECK(desk.at_hand("one") == nullptr);
    CHECK(desk.at_hand("five") != nullptr);
    CHECK(Json::parse(counter.ask("/api/v1/jobs/one").body)["id"] == "one");
}

TEST_CASE("more jobs than are kept at hand are all found", "[native-api]")
{
    Counter counter;
    pause_queue(counter);
    std::vector<std::string> ids;
    for (int number = 0; number < 270; ++number) {
        ids.push_back(counter.hand_in("receipt " + std::to_string(number)));
        CHECK(Json::parse(counter.ask("/api/v1/jobs/" + ids.back()).body)["id"] == ids.back());
    }
    CHECK(Json::parse(counter.ask("/api/v1/jobs/" + ids.front()).body)["id"] == ids.front());
    CHECK(Json::parse(counter.ask("/api/v1/jobs/" + ids.back()).body)["state"] == "queued");
}

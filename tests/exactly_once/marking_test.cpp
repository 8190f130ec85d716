// A marked sale from the request to the answer: what the register said of the mark is with the job, and the
// sale is made once wherever the agent dies.
#include "agent/api/job_json.hpp"
#include "tests/exactly_once/promise.hpp"
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <functional>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using emulator::MarkAnswer;
using storage::JobState;

namespace {

constexpr auto kPatienceOfCaller = 60min;

fiscal::Request marked_receipt()
{
    fiscal::Request request = Shop::receipt(0);
    fiscal::Position& position = request.receipt->positions.at(0);
    position.marking = fiscal::Marking{"0104600439931256215000000000001\x1D"
                                       "93dGVz",
                                       0};
    return request;
}

Shop::Caller caller_of(const std::string& key, fiscal::Request request)
{
    Shop::Caller caller;
    caller.asked.caller = "native";
    caller.asked.key = key;
    caller.asked.request = std::move(request);
    return caller;
}

/// A shop with its shift open.
struct Open {
    explicit Open(const std::string& make = "shtrih v1") : shop(make)
    {
        Shop::Caller opens = caller_of("opens", Shop::receipt(1));
        REQUIRE(shop.final_state(opens, kPatienceOfCaller));
        REQUIRE(opens.seen->job.state == JobState::done);
    }
    Shop shop;
};

nlohmann::json told(const Shop::Caller& caller)
{
    return nlohmann::json::parse(agent::job_json(*caller.seen));
}

} // namespace

TEST_CASE("a job tells what the register said of its marks", "[exactly-once][marking]")
{
    Open open;
    emulator::VirtualKkt& kkt = open.shop.device.kkt();
    Shop::Caller sale = caller_of("marked", marked_receipt());
    SECTION("passed")
    {
        REQUIRE(open.shop.final_state(sale, kPatienceOfCaller));
        CHECK(sale.seen->job.state == JobState::done);
        const auto json = told(sale);
        REQUIRE(json["marks"].size() == 1);
        CHECK(json["marks"][0]["position"] == 0);
        CHECK(json["marks"][0]["state"] == "passed");
        CHECK(json["marks"][0]["result"] == 0x0F);
        CHECK(json["evidence"].back()["marks"] == json["marks"]);
    }
    SECTION("nobody answered: it is sold")
    {
        kkt.marking().say({MarkAnswer::Fn::right, MarkAnswer::System::silent});
        REQUIRE(open.shop.final_state(sale, kPatienceOfCaller));
        CHECK(sale.seen->job.state == JobState::done);
        CHECK(told(sale)["marks"][0]["state"] == "offline");
    }
    SECTION("refused: there is no document, and the caller is told which position")
    {
        const std::uint32_t before = kkt.fn().last_fd();
        kkt.marking().say({MarkAnswer::Fn::right, MarkAnswer::System::suspended});
        REQUIRE(open.shop.final_state(sale, kPatienceOfCaller));
        CHECK(sale.seen->job.state == JobState::refused);
        CHECK(kkt.fn().last_fd() == before);
        const auto json = told(sale);
        CHECK(json["error"]["code"] == "bad_value");
        CHECK_THAT(json["error"]["detail"].get<std::string>(), Catch::StartsWith("items[0].marking: "));
        CHECK(json["marks"][0]["state"] == "refused");
        CHECK(json["marks"][0]["status_answer"] == 3);
        CHECK(kkt.marking().kept().empty());
        // The next sale is not held up.
        Shop::Caller next = caller_of("next", Shop::receipt(2));
        REQUIRE(open.shop.final_state(next, kPatienceOfCaller));
        CHECK(next.seen->job.state == JobState::done);
        CHECK(told(next)["marks"].is_null());
    }
}

namespace {

/// Once for each step of a marked sale, on v1 and v2: there `happens`, and the sale is made once all the
/// same. `happens` tells how many documents it has made itself; the sum of them.
std::uint32_t at_each_step(const std::function<std::uint32_t(Shop&)>& happens)
{
    std::uint32_t foreign = 0;
    for (const Make& make : makes()) {
        if (!make.name.starts_with("shtrih"))
            continue;
        std::size_t steps = 0;
        {
            Open open(make.name);
            Shop::Caller sale = caller_of("undisturbed", marked_receipt());
            REQUIRE(open.shop.final_state(sale, kPatienceOfCaller, [&] { ++steps; }));
            REQUIRE(sale.seen->job.state == JobState::done);
        }
        REQUIRE(steps > 10);
        for (const std::size_t at : places(make, steps, 12)) {
            INFO(make.name << ", step " << at);
            Open open(make.name);
            emulator::VirtualKkt& kkt = open.shop.device.kkt();
            const std::uint32_t before = kkt.fn().last_fd();
            Shop::Caller sale = caller_of("marked", marked_receipt());
            std::size_t step = 0;
            std::uint32_t own = 0;
            REQUIRE(open.shop.final_state(sale, kPatienceOfCaller, [&] {
                if (step++ == at)
                    own = happens(open.shop);
            }));
            CHECK(sale.seen->job.state == JobState::done);
            CHECK(kkt.fn().last_fd() == before + 1 + own);
            CHECK_FALSE(kkt.receipt());
            foreign += own;
        }
    }
    return foreign;
}

} // namespace

TEST_CASE("a marked sale is made once wherever the agent dies", "[exactly-once][marking]")
{
    CHECK(at_each_step([](Shop& shop) {
              shop.kill();
              shop.start();
              return 0U;
          }) == 0);
}

TEST_CASE("a marked sale is made once when another is rung by hand and empties the table of codes",
          "[exactly-once][marking]")
{
    CHECK(at_each_step([](Shop& shop) { return shop.ring_same() ? 1U : 0U; }) > 0);
}

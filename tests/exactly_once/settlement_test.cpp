// What an unknown outcome is settled by when the register was used by hand meanwhile.
#include "tests/exactly_once/promise.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using storage::JobState;

namespace {

constexpr auto kLongPatience = 60min;

agent::AskedJob asked_for(const std::string& key, fiscal::Request request)
{
    agent::AskedJob job;
    job.caller = "native";
    job.key = key;
    job.request = std::move(request);
    return job;
}

fiscal::Request cash_in(std::int64_t kopecks)
{
    fiscal::Request request;
    request.kind = fiscal::RequestKind::cash_in;
    request.sum = Kopecks{kopecks};
    return request;
}

/// A shop with an open shift, and one job under way at most.
struct UnderWay {
    explicit UnderWay(const std::string& make) : shop(make)
    {
        Shop::Caller opens;
        opens.asked = asked_for("opens", Shop::receipt(1));
        REQUIRE(shop.final_state(opens, kLongPatience));
        REQUIRE(opens.seen->job.state == JobState::done);
    }

    /// Steps until `seen`, with the job handed in; the agent dies there.
    void until_then_kill(fiscal::Request request, const std::function<bool()>& seen)
    {
        caller.asked = asked_for("job", std::move(request));
        shop.ask(caller);
        REQUIRE(shop.run_until(seen, kLongPatience));
        shop.kill();
    }
    JobState end()
    {
        shop.start();
        REQUIRE(shop.run_until(
            [&] {
                const auto job = shop.stored("job");
                return job && storage::is_final(job->state);
            },
            kLongPatience));
        return shop.stored("job")->state;
    }
    bool under_way()
    {
        const auto job = shop.stored("job");
        return job && job->state == JobState::printing;
    }

    Shop shop;
    Shop::Caller caller;
};

void ring_by_hand(emulator::VirtualKkt& kkt)
{
    emulator::Item item;
    item.name = "Хлеб";
    item.price = 5'000;
    item.quantity = Quantity::units(1);
    item.sum = 5'000;
    emulator::Receipt receipt;
    receipt.items.push_back(item);
    emulator::Closing closing;
    closing.payments[0] = receipt.total();
    REQUIRE(kkt.ring(std::move(receipt), closing));
}

} // namespace

TEST_CASE("a receipt is found in the FN, however many were rung by hand after it", "[exactly-once]")
{
    constexpr int kByHand = 250;
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            UnderWay work(make.name);
            auto& kkt = work.shop.device.kkt();
            const std::uint32_t before = kkt.fn().last_fd();
            work.until_then_kill(Shop::receipt(4), [&] { return kkt.fn().last_fd() > before; });
            for (int sale = 0; sale < kByHand; ++sale) {
                ring_by_hand(kkt);
            }
            CHECK(work.end() == JobState::done);
            CHECK(work.shop.stored("job")->outcome.fd_number == before + 1);
            CHECK(kkt.fn().last_fd() == before + 1 + kByHand);
        }
    }
}

TEST_CASE("money put in by hand is not taken for the job's, nor the job's done twice", "[exactly-once]")
{
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            UnderWay work(make.name);
            auto& kkt = work.shop.device.kkt();
            const auto before = kkt.cash();
            SECTION("nothing of the job's was sent, somebody put another sum in")
            {
                work.until_then_kill(cash_in(10'000), [&] { return work.under_way(); });
                REQUIRE(kkt.cash() == before);
                REQUIRE(kkt.cash_in(5'000));
                CHECK(work.end() == JobState::undecided);
                CHECK(kkt.cash() == before + 5'000);
            }
            SECTION("it was done, and its answer lost")
            {
                work.until_then_kill(cash_in(10'000), [&] { return kkt.cash() != before; });
                CHECK(work.end() == JobState::done);
                CHECK(kkt.cash() == before + 10'000);
            }
            SECTION("nothing was done")
            {
                work.until_then_kill(cash_in(10'000), [&] { return work.under_way(); });
                CHECK(work.end() == JobState::done);
                CHECK(kkt.cash() == before + 10'000);
            }
        }
    }
}

TEST_CASE("nobody may decide on a receipt while its register is only switched off", "[exactly-once]")
{
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            UnderWay work(make.name);
            Shop& shop = work.shop;
            const std::uint32_t before = shop.device.kkt().fn().last_fd();
            work.until_then_kill(Shop::receipt(4), [&] { return shop.device.kkt().fn().last_fd() > before; });
            shop.start();
            shop.agent->line().hang_up(10min);
            REQUIRE_FALSE(shop.run_until([&] { return false; }, 1min));
            std::optional<Result<agent::JobView>> told;
            asio::co_spawn(
                shop.agent->io(),
                [](agent::JobDesk& desk,
                   std::optional<Result<agent::JobView>>& view) -> asio::awaitable<void> {
                    auto found = co_await desk.find_by_key("native", "job");
                    view.emplace(std::move(found));
                }(shop.agent->desk(), told),
                asio::detached);
            REQUIRE(shop.run_until([&] { return told.has_value(); }, 1min));
            REQUIRE(*told);
            CHECK_FALSE(storage::is_final((*told)->job.state));
            CHECK_FALSE((*told)->person_may_decide);
            shop.kill();
            CHECK(work.end() == JobState::done);
            CHECK(shop.device.kkt().fn().last_fd() == before + 1);
        }
    }
}

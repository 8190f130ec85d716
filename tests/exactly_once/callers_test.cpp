// One small sale whose caller repeats himself, contradicts himself, goes away, or finds the journal's disk
// full. The rows are those of docs/exactly-once.md.
#include "protocol/fiscal/request_json.hpp"
#include "tests/exactly_once/native_server.hpp"
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;

namespace {

/// Another caller with the same key, or the same one again, at that step of the sale.
Begin second_caller(std::size_t at, std::uint32_t receipt, std::shared_ptr<Shop::Caller> second)
{
    return [at, receipt, second = std::move(second)](Shop& shop, Shop::Caller& first) {
        second->asked = first.asked;
        second->asked.request = Shop::receipt(receipt);
        const auto ask = [&shop, second] { shop.ask(second); };
        Trouble trouble = at_step(at, ask);
        trouble.struck = [&shop, second, asked = trouble.struck] {
            return asked() && shop.run_until([&] { return second->answer.has_value(); }, 60s);
        };
        return trouble;
    };
}

} // namespace

TEST_CASE("a caller who repeats his request under its key is told the first one's job", "[exactly-once]")
{
    over_all_ways("caller repeats with the same key", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 5)) {
            const auto second = std::make_shared<Shop::Caller>();
            if (!trials.sell("again at step " + std::to_string(at), second_caller(at, 4, second))) {
                continue;
            }
            REQUIRE(*second->answer);
            CHECK((*second->answer)->job.asked.job_id == trials.job().asked.job_id);
        }
    });
}

TEST_CASE("another request under a key that is taken is refused, and prints nothing", "[exactly-once]")
{
    over_all_ways("caller repeats with the same key and another body", Ends::all_made,
                  [](const Make& make, Tally& tally) {
                      const std::size_t steps = extent_of(make).steps;
                      Trials trials(make, tally);
                      for (const std::size_t at : places(make, steps, 5)) {
                          const auto second = std::make_shared<Shop::Caller>();
                          const std::uint32_t before = trials.shop().device.kkt().fn().last_fd();
                          const std::string what = "another body at step " + std::to_string(at);
                          if (!trials.sell(what, second_caller(at, 5, second))) {
                              continue;
                          }
                          REQUIRE_FALSE(*second->answer);
                          const Error& why = second->answer->error().error;
                          CHECK(why.code == Errc::conflict);
                          CHECK_THAT(why.context, Catch::Contains(trials.job().asked.job_id));
                          CHECK(trials.shop().device.kkt().fn().last_fd() <= before + 1);
                      }
                  });
}

TEST_CASE("of two callers with one key at the same moment one is first, and there is one receipt",
          "[exactly-once]")
{
    for (const bool same : {true, false}) {
        const std::string row = same ? "two callers with one key" : "two callers with one key and two bodies";
        over_all_ways(row, Ends::all_made, [&](const Make& make, Tally& tally) {
            Trials trials(make, tally);
            for (const std::size_t apart : places(make, 12, 6)) {
                const std::uint32_t before = trials.shop().device.kkt().fn().last_fd();
                Shop::Caller rival;
                const std::string what = std::to_string(apart) + " steps apart";
                trials.sell(what, [&](Shop& shop, Shop::Caller& caller) {
                    rival.asked = caller.asked;
                    shop.ask(rival);
                    for (std::size_t step = 0; step < apart; ++step) {
                        shop.step();
                    }
                    if (!same) {
                        // Whoever comes second, hears so; it is the other's receipt then that is made.
                        caller.asked.request = Shop::receipt(5);
                        shop.ask(caller);
                        REQUIRE(shop.run_until([&] { return caller.answer && rival.answer; }, 60s));
                        CHECK((*caller.answer).has_value() != (*rival.answer).has_value());
                        const auto& second = *caller.answer ? *rival.answer : *caller.answer;
                        CHECK(second.error().error.code == Errc::conflict);
                        if (!*caller.answer) {
                            caller.asked = rival.asked;
                            caller.answer = rival.answer;
                        }
                    }
                    Trouble trouble;
                    trouble.struck = [&rival] { return rival.answer.has_value(); };
                    return trouble;
                });
                if (same) {
                    REQUIRE(rival.answer);
                    REQUIRE(*rival.answer);
                    CHECK((*rival.answer)->job.asked.job_id == trials.job().asked.job_id);
                }
                CHECK(trials.shop().device.kkt().fn().last_fd() == before + 1);
            }
        });
    }
}

TEST_CASE("a caller whose connection breaks at any step finds his receipt made once when he asks again",
          "[exactly-once]")
{
    over_all_ways("caller gone", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 4)) {
            trials.sell("gone at step " + std::to_string(at), [&](Shop& shop, Shop::Caller& caller) {
                const auto server = std::make_shared<NativeServer>(shop);
                auto gone = server->client();
                gone->send(
                    NativeServer::post(fiscal::request_to_json(caller.asked.request), caller.asked.key));
                for (std::size_t step = 0; step < at; ++step) {
                    shop.step();
                }
                gone->reset();
                Trouble trouble = has_happened();
                trouble.between = [server] {}; // it serves until the sale is over
                return trouble;
            });
        }
    });
}

TEST_CASE("a caller who asks while the journal's disk is full is refused, and the register is not touched",
          "[exactly-once]")
{
    over_all_ways("journal's disk full before the sale", Ends::all_made, [](const Make& make, Tally& tally) {
        Trials trials(make, tally);
        trials.sell("no room at all", [](Shop& shop, Shop::Caller& caller) {
            shop.disk.fill_up_after(0);
            const std::uint32_t last = shop.device.kkt().fn().last_fd();
            shop.ask(caller);
            REQUIRE(shop.run_until([&caller] { return caller.answer.has_value(); }, 60s));
            REQUIRE_FALSE(*caller.answer);
            CHECK(caller.answer->error().error.code == Errc::storage_full);
            static_cast<void>(shop.run_until([] { return false; }, 60s));
            CHECK(shop.device.kkt().fn().last_fd() == last);
            CHECK_FALSE(shop.device.kkt().receipt());
            shop.disk.free_up();
            return has_happened();
        });
    });
}

TEST_CASE("a sale is in the FN once, whichever write to the journal finds the disk full", "[exactly-once]")
{
    over_all_ways("journal's disk full from a write on", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t writes = extent_of(make).writes;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, writes, 7)) {
            trials.sell("no room from write " + std::to_string(at), [&](Shop& shop, Shop::Caller&) {
                shop.disk.fill_up_after(at);
                const auto full_since = std::make_shared<std::optional<Steady::time_point>>();
                const auto was_full = std::make_shared<bool>(false);
                Trouble trouble;
                trouble.between = [&shop, full_since, was_full] {
                    if (shop.disk.refused() == 0 || *was_full) {
                        return;
                    }
                    if (!*full_since) {
                        *full_since = Steady::now();
                    } else if (Steady::now() - **full_since > 20s) {
                        shop.disk.free_up(); // somebody has made room
                        *was_full = true;
                    }
                };
                trouble.struck = [was_full, full_since] { return full_since->has_value(); };
                return trouble;
            });
        }
    });
}

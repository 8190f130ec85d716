// One small sale while the power goes: the computer's, the register's, or everybody's. The rows are those of
// docs/exactly-once.md.
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace kb;
using namespace kb::test;
using power_cut::Unsynced;

namespace {

/// The register's power goes when its FN has come so far with the receipt.
Trouble register_dark(Shop& shop, emulator::PowerCut when)
{
    emulator::VirtualKkt& kkt = shop.device.kkt();
    kkt.arm_power_cut(when);
    Trouble trouble;
    trouble.struck = [&kkt] { return kkt.power_cut_armed() == emulator::PowerCut::none; };
    return trouble;
}

} // namespace

TEST_CASE("a sale is in the FN once, whenever the computer's power is cut", "[exactly-once]")
{
    over_all_ways("computer's power cut at a step", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        std::mt19937 random(54);
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 10)) {
            for (const Unsynced unsynced : {Unsynced::lost, Unsynced::kept, Unsynced::some}) {
                if (!long_form() && at % 3 != static_cast<std::size_t>(unsynced)) {
                    continue;
                }
                // One that was promised and is gone is an exception, and so is a damaged journal.
                trials.sell("power cut at step " + std::to_string(at), [&, at](Shop& shop, Shop::Caller&) {
                    return at_step(at, [&] { shop.cut_power(unsynced, random); });
                });
            }
        }
    });
}

TEST_CASE("a sale is in the FN once, whenever the power of computer and register is cut", "[exactly-once]")
{
    over_all_ways("everybody's power cut at a step", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        std::mt19937 random(55);
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 6)) {
            trials.sell("all dark at step " + std::to_string(at), [&, at](Shop& shop, Shop::Caller&) {
                return at_step(at, [&] {
                    shop.device.kkt().power_off(); // and on again with the computer
                    shop.cut_power(Unsynced::some, random);
                });
            });
        }
    });
}

TEST_CASE("what was told of a sale is told after a power cut", "[exactly-once]")
{
    over_all_ways("computer's power cut after the answer", Ends::all_made,
                  [](const Make& make, Tally& tally) {
                      std::mt19937 random(56);
                      Trials trials(make, tally);
                      // The cut comes after the sale, below.
                      trials.sell("told, then dark", [](Shop&, Shop::Caller&) { return has_happened(); });
                      const auto told = trials.job();
                      REQUIRE(told.state == storage::JobState::done);
                      trials.shop().cut_power(Unsynced::lost, random);
                      const auto now = trials.shop().stored(told.asked.key);
                      REQUIRE(now);
                      CHECK(now->state == told.state);
                      CHECK(now->outcome.fd_number == told.outcome.fd_number);
                      CHECK(now->outcome.fiscal_sign == told.outcome.fiscal_sign);
                  });
}

TEST_CASE("a sale is in the FN once, whenever the register's power is cut", "[exactly-once]")
{
    over_all_ways("register's power cut at a step", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 8)) {
            trials.sell("register dark at step " + std::to_string(at), [at](Shop& shop, Shop::Caller&) {
                return at_step(at, [&shop] { shop.device.kkt().power_off(); });
            });
        }
    });
}

TEST_CASE("a power cut of the register before the FN takes the receipt is no receipt, and it is made anew",
          "[exactly-once]")
{
    over_all_ways("register's power cut before the FN commit", Ends::all_made,
                  [](const Make& make, Tally& tally) {
                      Trials trials(make, tally);
                      trials.sell("dark before the commit", [](Shop& shop, Shop::Caller&) {
                          return register_dark(shop, emulator::PowerCut::before_fn_commit);
                      });
                      CHECK(trials.job().attempts == 2);
                  });
}

TEST_CASE("a power cut of the register after the FN took the receipt is found to be the receipt",
          "[exactly-once]")
{
    for (const auto& [row, when] :
         {std::pair{"register's power cut after the FN commit", emulator::PowerCut::after_fn_commit},
          std::pair{"register's power cut while it prints", emulator::PowerCut::during_print}}) {
        over_all_ways(row, Ends::all_made, [when = when](const Make& make, Tally& tally) {
            Trials trials(make, tally);
            trials.sell("dark after the commit",
                        [when](Shop& shop, Shop::Caller&) { return register_dark(shop, when); });
            CHECK(trials.job().attempts == 1);
        });
    }
}

// One small sale while the world around the register changes: paper, shift, FN, clocks, somebody at the
// keypad. The rows are those of docs/exactly-once.md.
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using storage::JobState;

namespace {

/// Paper is put in ten seconds after it was seen to be missing.
std::function<void()> paper_comes_back(Shop& shop)
{
    const auto missing_since = std::make_shared<std::optional<Steady::time_point>>();
    return [&shop, missing_since] {
        emulator::VirtualKkt& kkt = shop.device.kkt();
        if (kkt.paper_present()) {
            missing_since->reset();
        } else if (!*missing_since) {
            *missing_since = Steady::now();
        } else if (Steady::now() - **missing_since > 10s) {
            kkt.set_paper(true);
        }
    };
}

/// What happens at each step of a sale, and must not hinder it.
void at_each_step(const std::string& row, std::size_t some, const std::function<void(Shop&)>& happens)
{
    over_all_ways(row, Ends::all_made, [&](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, some)) {
            trials.sell(row + " " + std::to_string(at),
                        [&](Shop& shop, Shop::Caller&) { return at_step(at, [&] { happens(shop); }); });
        }
    });
}

} // namespace

TEST_CASE("paper that ends at the closing leaves the receipt made once, and it is printed when paper is back",
          "[exactly-once]")
{
    over_all_ways("paper out at the closing", Ends::all_made, [](const Make& make, Tally& tally) {
        Trials trials(make, tally);
        trials.sell("paper ends at the closing", [](Shop& shop, Shop::Caller&) {
            shop.device.kkt().arm_paper_out();
            Trouble trouble;
            const auto ended = std::make_shared<bool>(false);
            trouble.between = [&shop, ended, back = paper_comes_back(shop)] {
                *ended = *ended || !shop.device.kkt().paper_present();
                back();
            };
            trouble.struck = [ended] { return *ended; };
            return trouble;
        });
        CHECK(trials.job().attempts == 1);
        // The next one finds the printer waiting: that paper is printed to its end first.
        trials.sell("the next", [](Shop& shop, Shop::Caller&) {
            Trouble trouble;
            trouble.struck = [&shop] {
                return shop.device.kkt().printing() != emulator::Printing::waits_for_continue;
            };
            return trouble;
        });
        CHECK(trials.job().attempts == 1);
    });
}

TEST_CASE("paper that ends at any step of a sale is waited for", "[exactly-once]")
{
    over_all_ways("paper out at a step", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 6)) {
            trials.sell("no paper from step " + std::to_string(at), [&](Shop& shop, Shop::Caller&) {
                Trouble trouble = at_step(at, [&shop] { shop.device.kkt().set_paper(false); });
                trouble.between = [ends = trouble.between, back = paper_comes_back(shop)] {
                    ends();
                    back();
                };
                return trouble;
            });
        }
    });
}

TEST_CASE("a shift that expires in mid-receipt is closed, another is opened, and the receipt made once",
          "[exactly-once]")
{
    over_all_ways("shift expired in mid-receipt", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        std::size_t closed = 0;
        for (const std::size_t at : places(make, steps, 6)) {
            const std::uint32_t before = trials.shop().device.kkt().fn().last_fd();
            trials.sell("shift expired at step " + std::to_string(at), [&](Shop& shop, Shop::Caller&) {
                return at_step(at, [&shop] {
                    shop.device.jump_clock(25h);
                    shop.clock.jump(25h);
                });
            });
            for (const TestRegister::Fiscal& document : trials.shop().device.documents(before + 1)) {
                closed += document.type == static_cast<unsigned>(fiscal::DocumentType::shift_close) ? 1 : 0;
            }
        }
        CHECK(closed > 0);
    });
}

TEST_CASE("a full FN refuses a sale, or has it: never anything between", "[exactly-once]")
{
    over_all_ways("FN full before the sale", Ends::none_made, [](const Make& make, Tally& tally) {
        Trials trials(make, tally);
        trials.sell("the FN is full", [](Shop& shop, Shop::Caller&) {
            shop.device.kkt().fill_fn();
            return has_happened();
        });
        CHECK(trials.job().state == JobState::refused);
        CHECK_FALSE(trials.job().outcome.error_text.empty());
        CHECK_FALSE(trials.shop().device.kkt().receipt()); // nothing is left open
    });
    over_all_ways("FN full from a step on", Ends::either, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        for (const std::size_t at : places(make, steps, 4)) {
            Trials trials(make, tally);
            trials.sell("the FN is full from step " + std::to_string(at), [&](Shop& shop, Shop::Caller&) {
                return at_step(at, [&shop] { shop.device.kkt().fill_fn(); });
            });
            CHECK_FALSE(trials.shop().device.kkt().receipt());
        }
    });
}

TEST_CASE("a sale does not mind the computer's clock", "[exactly-once]")
{
    SECTION("set back")
    {
        at_each_step("computer's clock set back by three hours", 3, [](Shop& shop) { shop.clock.jump(-3h); });
    }
    SECTION("without its battery")
    {
        at_each_step("computer's clock at the year 2000", 3, [](Shop& shop) {
            shop.clock.jump(std::chrono::duration_cast<std::chrono::seconds>(
                *utc_from_text("2000-01-01T00:00:00Z") - shop.clock.now()));
        });
    }
    SECTION("set forward")
    {
        at_each_step("computer's clock set forward by ten days", 3,
                     [](Shop& shop) { shop.clock.jump(240h); });
    }
}

TEST_CASE("the same sale rung on the keypad at any step is not taken for the job's", "[exactly-once]")
{
    over_all_ways("same sale rung on the keypad", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        std::size_t rung = 0; // nobody can ring while a receipt is open
        for (const std::size_t at : places(make, steps, 6)) {
            trials.sell("rung at step " + std::to_string(at), [&](Shop& shop, Shop::Caller&) {
                return at_step(at, [&] { rung += shop.ring_same() ? 1U : 0U; });
            });
        }
        CHECK(rung > 0);
    });
}

// One small sale, with the line cut at every byte and the agent killed at every step. The rows are those of
// docs/exactly-once.md.
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

/// The line is lost when so many bytes, or commands of a library, have passed.
Begin cut(Cut at)
{
    return [at](Shop& shop, Shop::Caller&) {
        TestLine& line = shop.agent->line();
        line.cut_at(at);
        Trouble trouble;
        trouble.struck = [&line] { return line.was_cut(); };
        return trouble;
    };
}

} // namespace

TEST_CASE("a sale is in the FN once, wherever the line breaks on the way to the register", "[exactly-once]")
{
    over_all_ways("line lost after a byte to the register", Ends::all_made,
                  [](const Make& make, Tally& tally) {
                      const std::size_t bytes = extent_of(make).to_device;
                      Trials trials(make, tally);
                      for (const std::size_t at : places(make, bytes, 10)) {
                          trials.sell("cut at byte " + std::to_string(at) + " to the register",
                                      cut({at, std::nullopt}));
                      }
                  });
}

TEST_CASE("a sale is in the FN once, wherever the line breaks on the way back", "[exactly-once]")
{
    over_all_ways("line lost after a byte to the agent", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t bytes = extent_of(make).to_host;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, bytes, 10)) {
            trials.sell("cut at byte " + std::to_string(at) + " to the agent", cut({std::nullopt, at}));
        }
    });
}

TEST_CASE("a sale is in the FN once, whenever the agent is killed", "[exactly-once]")
{
    over_all_ways("agent killed at a step", Ends::all_made, [](const Make& make, Tally& tally) {
        const std::size_t steps = extent_of(make).steps;
        Trials trials(make, tally);
        for (const std::size_t at : places(make, steps, 10)) {
            trials.sell("killed at step " + std::to_string(at), [at](Shop& shop, Shop::Caller&) {
                return at_step(at, [&shop] {
                    shop.kill();
                    shop.start();
                });
            });
        }
    });
}

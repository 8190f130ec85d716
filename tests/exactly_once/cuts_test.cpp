// One small sale, broken at every byte of the line and at every step of the agent. The rows are those of
// docs/exactly-once.md.
#include "tests/exactly_once/promise.hpp"

#include <catch2/catch.hpp>

#include <iostream>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using storage::JobState;

namespace {

constexpr auto kPatience = 30min;

struct Sale {
    explicit Sale(const std::string& make) : shop(make)
    {
        // The shift is open and the register known: what follows is the sale alone.
        caller.asked = asked("opens", 1);
        REQUIRE(shop.final_state(caller, kPatience));
        REQUIRE(caller.seen->job.state == JobState::done);
        first = shop.device.kkt().fn().last_fd() + 1;
        caller = {};
        caller.asked = asked("sale", 4);
    }

    static agent::AskedJob asked(const std::string& key, std::uint32_t number)
    {
        agent::AskedJob job;
        job.caller = "native";
        job.key = key;
        job.request = Shop::receipt(number);
        return job;
    }

    void end(Tally& tally, const std::string& what)
    {
        shop.final_state(caller, kPatience);
        if (!shop.agent) {
            shop.start();
        }
        const auto job = shop.stored("sale");
        REQUIRE(job);
        tally_up(tally, shop.device, first, {*job}, what);
        ++tally.faults;
    }

    Shop shop;
    Shop::Caller caller;
    std::uint32_t first = 0;
};

/// Bytes of the undisturbed sale in each direction.
std::pair<std::size_t, std::size_t> bytes_of_sale(const std::string& make)
{
    Sale sale(make);
    const std::size_t out = sale.shop.agent->line().passed_to_device();
    const std::size_t in = sale.shop.agent->line().passed_to_host();
    REQUIRE(sale.shop.final_state(sale.caller, kPatience));
    REQUIRE(sale.caller.seen->job.state == JobState::done);
    return {sale.shop.agent->line().passed_to_device() - out, sale.shop.agent->line().passed_to_host() - in};
}

void report(const std::string& row, const Tally& tally)
{
    std::cout << row << ": " << tally.line() << '\n';
    for (std::size_t i = 0; i < tally.complaints.size() && i < 5; ++i) {
        WARN(tally.complaints[i]);
    }
    CHECK(tally.kept());
}

/// Every one in the long form, some in the short one.
std::size_t stride(std::size_t all)
{
    const char* form = std::getenv("KB_CAMPAIGN");
    const bool whole = form != nullptr && std::string(form) == "long";
    return whole ? 1 : std::max<std::size_t>(1, all / 40);
}

} // namespace

TEST_CASE("a sale is in the FN once, wherever the line breaks on the way to the register", "[exactly-once]")
{
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            const std::size_t bytes = bytes_of_sale(make.name).first;
            Tally tally;
            for (std::size_t at = 0; at < bytes; at += stride(bytes)) {
                Sale sale(make.name);
                Cut cut;
                cut.to_device = at;
                sale.shop.agent->line().cut_at(cut);
                sale.end(tally, "cut after byte " + std::to_string(at) + " to the register");
            }
            report("line cut towards the register, " + make.name, tally);
        }
    }
}

TEST_CASE("a sale is in the FN once, wherever the line breaks on the way back", "[exactly-once]")
{
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            const std::size_t bytes = bytes_of_sale(make.name).second;
            Tally tally;
            for (std::size_t at = 0; at < bytes; at += stride(bytes)) {
                Sale sale(make.name);
                Cut cut;
                cut.to_host = at;
                sale.shop.agent->line().cut_at(cut);
                sale.end(tally, "cut after byte " + std::to_string(at) + " to the host");
            }
            report("line cut towards the agent, " + make.name, tally);
        }
    }
}

TEST_CASE("a sale is in the FN once, whenever the agent is killed", "[exactly-once]")
{
    for (const Make& make : makes()) {
        DYNAMIC_SECTION(make.name)
        {
            std::size_t steps = 0;
            {
                Sale sale(make.name);
                sale.shop.final_state(sale.caller, kPatience, [&] { ++steps; });
            }
            Tally tally;
            for (std::size_t at = 0; at < steps; at += stride(steps)) {
                Sale sale(make.name);
                std::size_t step = 0;
                sale.shop.final_state(sale.caller, kPatience, [&] {
                    if (step++ == at) {
                        sale.shop.kill();
                        sale.shop.start();
                    }
                });
                sale.end(tally, "killed at step " + std::to_string(at));
            }
            report("agent killed, " + make.name, tally);
        }
    }
}

#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>

namespace kb::test {

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 2h;
constexpr auto kRest = 60s;
constexpr std::size_t kSalesOfAShop = 25;
constexpr int kUndisturbed = 3;
constexpr std::size_t kManyCommands = 100'000; // more than a sale has

std::size_t commands_left(Shop& shop) { return shop.device.faults().list().front().after; }

Extent so_far(Shop& shop)
{
    Extent passed;
    passed.commands = kManyCommands - commands_left(shop);
    passed.to_device = shop.agent->line().passed_to_device();
    passed.to_host = shop.agent->line().passed_to_host();
    passed.writes = shop.disk.writes();
    return passed;
}

Extent between(const Extent& begin, const Extent& end, std::size_t steps)
{
    return {steps, end.commands - begin.commands, end.to_device - begin.to_device,
            end.to_host - begin.to_host, end.writes - begin.writes};
}

Extent least(const Extent& a, const Extent& b)
{
    return {std::min(a.steps, b.steps), std::min(a.commands, b.commands), std::min(a.to_device, b.to_device),
            std::min(a.to_host, b.to_host), std::min(a.writes, b.writes)};
}

} // namespace

Trouble has_happened()
{
    Trouble trouble;
    trouble.struck = [] { return true; };
    return trouble;
}

Trouble no_trouble(Shop& /*shop*/, Shop::Caller& /*caller*/) { return {}; }

Trouble at_step(std::size_t step, std::function<void()> action)
{
    const auto taken = std::make_shared<std::size_t>(0);
    Trouble trouble;
    trouble.between = [taken, step, action = std::move(action)] {
        if ((*taken)++ == step) {
            action();
        }
    };
    trouble.struck = [taken, step] { return *taken > step; };
    return trouble;
}

Trouble at_command(Shop& shop, emulator::FaultKind kind, std::size_t command,
                   std::chrono::milliseconds duration, std::uint32_t count)
{
    emulator::Fault fault;
    fault.kind = kind;
    fault.after = static_cast<std::uint32_t>(command);
    fault.duration = duration;
    fault.count = count;
    shop.device.faults().add(fault);
    Trouble trouble;
    trouble.struck = [&shop, count] {
        const auto& left = shop.device.faults().list();
        return left.empty() || left.front().count < count;
    };
    return trouble;
}

Trials::Trials(const Make& make, Tally& tally) : make_(make), tally_(tally) {}

Trials::~Trials()
{
    if (std::uncaught_exceptions() == 0) {
        end_shop();
    }
}

Shop& Trials::shop()
{
    if (!shop_) {
        open_shop();
    }
    return *shop_;
}

void Trials::open_shop()
{
    shop_ = std::make_unique<Shop>(make_.name);
    Shop::Caller opens;
    opens.asked.caller = "native";
    opens.asked.key = "opens the shift";
    opens.asked.request = Shop::receipt(1);
    REQUIRE(shop_->final_state(opens, kPatience));
    REQUIRE(opens.seen->job.state == storage::JobState::done);
    first_ = shop_->device.kkt().fn().last_fd() + 1;
}

void Trials::end_shop()
{
    if (!shop_) {
        return;
    }
    // What was told before is told still, and is in the FN still.
    std::vector<storage::Job> jobs;
    for (const storage::Job& told : jobs_) {
        const auto now = shop_->stored(told.asked.key);
        if (!now || now->state != told.state || now->outcome.fd_number != told.outcome.fd_number) {
            ++tally_.lost;
            tally_.complaints.push_back(told.asked.key + " is told in another way now");
        }
        jobs.push_back(now.value_or(told));
    }
    tally_up(tally_, shop_->device, first_, jobs, shop_->rung_by_hand, make_.name);
    jobs_.clear();
    shop_.reset();
}

bool Trials::sell(const std::string& what, const Begin& begin)
{
    if (jobs_.size() >= kSalesOfAShop) {
        end_shop();
    }
    Shop& at = shop();
    INFO(make_.name << ": " << what);
    // What is between two sales belongs to neither, unless it stays: a printer that waits, say.
    static_cast<void>(at.run_until(
        [&at] {
            const agent::Device& device = at.agent->device();
            return device.state() == agent::DeviceState::ready && device.behind().value_or(1) == 0;
        },
        kRest));
    Shop::Caller caller;
    caller.asked.caller = "native";
    caller.asked.key = what + ", sale " + std::to_string(jobs_.size());
    caller.asked.request = Shop::receipt(4);
    bool struck = false;
    steps_ = 0;
    {
        const Trouble trouble = begin(at, caller);
        at.final_state(caller, kPatience, [&] {
            ++steps_;
            trouble.between();
        });
        struck = trouble.struck();
    }
    at.device.faults().clear();
    at.device.kkt().arm_power_cut(emulator::PowerCut::none);
    at.device.kkt().set_paper(true);
    at.agent->line().cut_at({});
    at.disk.free_up();
    job_ = at.stored(caller.asked.key);
    REQUIRE(job_);
    jobs_.push_back(*job_);
    tally_.faults += struck ? 1 : 0;
    return struck;
}

Extent extent_of(const Make& make)
{
    Tally tally;
    Trials trials(make, tally);
    std::optional<Extent> shortest;
    for (int sale = 0; sale < kUndisturbed; ++sale) {
        std::optional<Extent> whole;
        trials.sell("undisturbed", [&whole](Shop& shop, Shop::Caller& caller) {
            Trouble trouble = at_command(shop, emulator::FaultKind::lose_answer, kManyCommands);
            trouble.struck = [] { return false; };
            trouble.between = [&shop, &caller, &whole, begin = so_far(shop),
                               steps = std::size_t{0}]() mutable {
                ++steps;
                const auto job = shop.stored(caller.asked.key);
                if (!whole && job && storage::is_final(job->state)) {
                    whole = between(begin, so_far(shop), steps);
                }
            };
            return trouble;
        });
        REQUIRE(trials.job().state == storage::JobState::done);
        REQUIRE(whole);
        shortest = shortest ? least(*shortest, *whole) : *whole;
    }
    return *shortest;
}

void over_all_ways(const std::string& row, Ends ends, const std::function<void(const Make&, Tally&)>& tries,
                   Ways ways)
{
    Tally all;
    for (const Make& make : makes()) {
        if (ways == Ways::raw_lines && !make.raw_line) {
            continue;
        }
        INFO(row << ", " << make.name);
        Tally tally;
        tries(make, tally);
        for (std::size_t i = 0; i < tally.complaints.size() && i < 5; ++i) {
            WARN(tally.complaints[i]);
        }
        CHECK(tally.kept());
        CHECK(tally.receipts > 0);
        CHECK(tally.faults * 5 >= tally.receipts * 4); // the rest came too late for its sale
        if (ends == Ends::all_made) {
            for (std::size_t i = 0; i < tally.not_made.size() && i < 5; ++i) {
                WARN(tally.not_made[i]);
            }
            CHECK(tally.made == tally.receipts);
        } else if (ends == Ends::none_made) {
            CHECK(tally.made == 0);
        }
        all.add(tally);
    }
    std::cout << "row: " << row << ": " << all.line() << '\n';
}

bool long_form()
{
    const char* form = std::getenv("KB_CAMPAIGN");
    return form != nullptr && std::string(form) == "long";
}

std::vector<std::size_t> places(const Make& make, std::size_t all, std::size_t some)
{
    const std::size_t stride =
        long_form() ? 1 : std::max<std::size_t>(1, all / std::max<std::size_t>(1, some));
    const auto way = static_cast<std::size_t>(&make - makes().data());
    std::vector<std::size_t> chosen;
    for (std::size_t at = way % stride; at < all; at += stride) {
        chosen.push_back(at);
    }
    return chosen;
}

} // namespace kb::test

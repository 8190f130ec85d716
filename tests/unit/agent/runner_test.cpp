// How often a register is asked, by the runner of its jobs alone.
#include "agent/clock.hpp"
#include "agent/jobs/runner.hpp"
#include "protocol/fiscal/request_json.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_register.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;
using kb::agent::test::FakeDriver;
using kb::agent::test::Register;
using storage::JobState;

namespace {

/// Says no to whatever it is asked for, though its status holds nothing against it.
class Stubborn final : public FakeDriver {
public:
    Stubborn(asio::any_io_executor executor, Register& device, int& asked)
        : FakeDriver(std::move(executor), device),
          asked_(asked)
    {}
    Task<Performed> perform(fiscal::Request /*request*/) override
    {
        ++asked_;
        if (asked_ <= refusals) {
            co_return fail(reason, "not now", Outcome::refused, 0x50);
        }
        co_return Performed{};
    }
    Task<void> continue_printing() override
    {
        ++continued;
        if (continue_helps) {
            refusals = 0;
        }
        co_return Result<void>{};
    }
    int refusals = 1'000'000;
    Errc reason = Errc::device_busy;
    bool continue_helps = false;
    int continued = 0;

private:
    int& asked_;
};

struct Bench {
    Bench()
    {
        fiscal::Request request;
        request.kind = fiscal::RequestKind::x_report;
        storage::NewJob job;
        job.job_id = job.key = "x";
        job.caller = "native";
        job.kkt_serial = device.kkt_serial;
        job.kind = "x_report";
        job.request = fiscal::request_to_json(request);
        journal.submit([job](storage::Journal& open) { return open.jobs().add(job); },
                       [](const Result<storage::Jobs::Accepted>& added) { REQUIRE(added); });
        runner.serve(device.kkt_serial);
    }

    /// One look at the register, as a device takes it at each poll.
    bool step()
    {
        std::optional<Result<bool>> worked;
        asio::co_spawn(
            io,
            [](JobRunner& by, Driver& with, std::optional<Result<bool>>& told) -> asio::awaitable<void> {
                fiscal::DeviceStatus status;
                status.mode = fiscal::DeviceStatus::Mode::shift_open;
                status.paper = fiscal::Paper::present;
                auto result = co_await by.step(with, status);
                told.emplace(std::move(result));
            }(runner, driver, worked),
            asio::detached);
        while (!worked) {
            REQUIRE(time.run_one_step(io));
        }
        return worked->value_or(false);
    }
    void pass(std::chrono::milliseconds by)
    {
        Timer timer(io);
        timer.expires_after(by);
        bool passed = false;
        timer.async_wait([&](boost::system::error_code) { passed = true; });
        while (!passed) {
            REQUIRE(time.run_one_step(io));
        }
    }
    storage::Job job()
    {
        std::optional<storage::Job> found;
        journal.submit([](storage::Journal& open) { return open.jobs().find_by_key("native", "x"); },
                       [&](Result<std::optional<storage::Job>> row) { found = *std::move(row); });
        return *found;
    }

    SteppedTime time;
    kb::test::TempDir folder;
    asio::io_context io;
    SystemClock clock;
    storage::Worker journal{storage::test::open_journal(folder.path()), storage::Worker::Thread::callers};
    Register device;
    int asked = 0;
    Stubborn driver{io.get_executor(), device, asked};
    JobRunner runner{{journal, clock, [](const std::string&) {}}, JobPolicy{}, "till"};
};

} // namespace

TEST_CASE("a register that says no for a reason of the moment is asked again, less and less often", "[jobs]")
{
    Bench bench;
    for (int poll = 0; poll < 100; ++poll) {
        CHECK_FALSE(bench.step()); // true would mean: go on at once
    }
    CHECK(bench.asked == 1);
    for (int second = 0; second < 600; ++second) {
        bench.pass(1s);
        bench.step();
    }
    CHECK(bench.asked >= 20);
    CHECK(bench.asked <= 30);
    CHECK(bench.job().state == JobState::queued);
    REQUIRE(bench.runner.obstacle());
    CHECK(bench.runner.obstacle()->code == Errc::device_busy);

    bench.driver.refusals = bench.asked;
    bench.pass(30s);
    CHECK(bench.step());
    CHECK(bench.job().state == JobState::done);
}

TEST_CASE("a register that says it waits for continue, though its status does not, is told to go on",
          "[jobs]")
{
    Bench bench;
    bench.driver.reason = Errc::waits_for_continue;
    bench.driver.continue_helps = true;
    CHECK_FALSE(bench.step());
    CHECK(bench.asked == 1);
    CHECK(bench.driver.continued == 0);
    CHECK(bench.step()); // there may be more at once
    CHECK(bench.driver.continued == 1);
    bench.pass(1s);
    CHECK(bench.step());
    CHECK(bench.job().state == JobState::done);
    CHECK(bench.driver.continued == 1);
}

TEST_CASE("a register that waits for continue whatever it is told is asked less and less often", "[jobs]")
{
    Bench bench;
    bench.driver.reason = Errc::waits_for_continue;
    for (int second = 0; second < 600; ++second) {
        bench.step();
        bench.step();
        bench.pass(1s);
    }
    CHECK(bench.asked >= 20);
    CHECK(bench.asked <= 30);
    CHECK(bench.driver.continued <= bench.asked);
    CHECK(bench.job().state == JobState::queued);
    REQUIRE(bench.runner.obstacle());
    CHECK(bench.runner.obstacle()->code == Errc::waits_for_continue);
}

// The life of a device against a register in memory and a real journal.
#include "agent/async.hpp"
#include "agent/clock.hpp"
#include "agent/device.hpp"
#include "agent/metrics.hpp"
#include "protocol/cabinet/messages.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_register.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;
using kb::agent::test::FakeDriver;
using kb::agent::test::Register;

namespace {

class Counter {
public:
    explicit Counter(std::chrono::seconds sample_every = 300s, std::chrono::milliseconds poll_every = 1ms)
    {
        DeviceConfig config;
        config.sample_every = sample_every;
        config.port = "tcp:127.0.0.1:7778";
        config.poll_busy = poll_every;
        config.poll_quiet = poll_every;
        const DeviceServices services{worker_, clock_, metrics_, [this] { ++notified; }, [] {}};
        device = std::make_shared<Device>(
            io_.get_executor(), config.port, config,
            [this]() -> Task<Reached> {
                if (!reg.plugged) {
                    co_return fail(Errc::port_not_found, "unplugged");
                }
                Reached reached;
                reached.driver = std::make_unique<FakeDriver>(io_.get_executor(), reg);
                reached.port = "tcp:127.0.0.1:7778";
                co_return reached;
            },
            services);
    }

    ~Counter()
    {
        device->stop();
        run_until([&] { return device->ended(); });
        device.reset(); // its timers belong to io_, which ends before the public members
    }

    template <class Condition>
    void run_until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) {
                FAIL_CHECK("it did not come to pass");
                return;
            }
            io_.run_one_for(20ms);
        }
    }

    void until_ready()
    {
        run_until([&] { return device->state() == DeviceState::ready && device->behind() == 0U; });
    }

    template <class Work>
    auto journal(Work work)
    {
        std::promise<std::invoke_result_t<Work&, storage::Journal&>> promise;
        worker_.submit(work, [&](auto value) { promise.set_value(std::move(value)); });
        return promise.get_future().get();
    }

    std::uint64_t documents()
    {
        return *journal([](storage::Journal& open) { return open.documents().count(); });
    }

    std::vector<std::string> events(const std::string& kind)
    {
        std::vector<std::string> texts;
        const auto rows = journal([](storage::Journal& open) { return open.telemetry().recent_events(100); });
        for (const auto& event : *rows) {
            if (event.kind == kind) {
                texts.insert(texts.begin(), event.data);
            }
        }
        return texts;
    }

    [[nodiscard]] const std::filesystem::path& data_dir() const { return dir_.path(); }

    Register reg;
    int notified = 0;
    std::shared_ptr<Device> device;

private:
    kb::test::TempDir dir_;
    SystemClock clock_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    Metrics metrics_;
    storage::Worker worker_{storage::test::open_journal(dir_.path())};
};

} // namespace

TEST_CASE("a register is read out whole and then watched", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 300;
    counter.device->start();
    counter.until_ready();
    CHECK(counter.documents() == 300);
    CHECK(counter.notified > 0);
    counter.reg.last_fd = 302;
    counter.run_until([&] { return counter.documents() == 302; });
    CHECK(counter.device->sample().info.kkt_serial == counter.reg.kkt_serial);
    const auto moves = counter.events("device_state");
    REQUIRE(moves.size() >= 4);
    CHECK(moves[0].find(R"("to":"connecting")") != std::string::npos);
    CHECK(moves[1].find(R"("to":"identifying")") != std::string::npos);
    CHECK(moves[2].find(R"("to":"reconciling")") != std::string::npos);
    CHECK(moves[3].find(R"("to":"ready")") != std::string::npos);
    counter.run_until([&] {
        return counter
            .journal([&](storage::Journal& open) {
                return open.documents().wanted_bodies(counter.reg.fn_serial, 10);
            })
            ->empty();
    });
}

TEST_CASE("while a receipt is open the register is left alone", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 5;
    counter.reg.receipt_open = true;
    counter.device->start();
    counter.run_until([&] { return counter.device->state() == DeviceState::busy; });
    CHECK(counter.reg.read.empty());
    counter.reg.receipt_open = false;
    counter.until_ready();
    CHECK(counter.documents() == 5);
}

TEST_CASE("a document whose reading the next receipt broke off is read without waiting for another poll",
          "[device]")
{
    Counter counter(300s, 1h);
    counter.reg.last_fd = 5;
    counter.device->start();
    counter.until_ready();
    counter.reg.last_fd = 6;
    counter.reg.refused_readings = 3;
    counter.device->look_now();
    counter.run_until([&] { return counter.documents() == 6; });
    CHECK(counter.reg.refused_readings == 0);
}

TEST_CASE("what is sold while the paper runs out is known at once, and read in full after \"continue\"",
          "[device]")
{
    Counter counter;
    counter.reg.last_fd = 5;
    counter.device->start();
    counter.until_ready();
    counter.reg.half_printed = Errc::no_paper;
    counter.reg.last_fd = 6;
    counter.run_until([&] { return counter.documents() == 6; });
    counter.run_until([&] { return counter.device->sample().unread_documents == 1U; });
    CHECK(counter.device->state() == DeviceState::busy);
    CHECK(counter.device->sample().state_reason == "no_paper");
    CHECK(counter.device->sample().fn->last_fd_number == 6);
    CHECK(counter.device->behind() == 0U);
    CHECK(counter.reg.read.count(6) == 0); // the register is not taken out of its sub-mode
    CHECK(counter.reg.records.count(6) == 1);

    counter.reg.half_printed = Errc::waits_for_continue;
    counter.run_until([&] { return counter.device->sample().state_reason == "waits_for_continue"; });
    counter.reg.half_printed.reset();
    counter.run_until([&] { return counter.device->sample().unread_documents == 0U; });
    CHECK(counter.device->state() == DeviceState::ready);
    CHECK(counter.device->sample().state_reason.empty());
    CHECK(counter.reg.read.count(6) == 1);
    const auto document = counter.journal(
        [&](storage::Journal& open) { return open.documents().find(counter.reg.fn_serial, 6); });
    REQUIRE(document);
    CHECK(document->document.form == fiscal::DocumentForm::full);
    CHECK(counter.documents() == 6);
}

TEST_CASE("a register that gives no records while it waits is told as such, nothing is set aside", "[device]")
{
    Counter counter;
    counter.reg.gives_records = false;
    counter.reg.last_fd = 5;
    counter.device->start();
    counter.until_ready();
    counter.reg.half_printed = Errc::waits_for_continue;
    counter.reg.last_fd = 7;
    counter.run_until([&] { return counter.device->sample().unread_documents == 2U; });
    CHECK(counter.device->state() == DeviceState::busy);
    CHECK(counter.device->sample().state_reason == "waits_for_continue");
    CHECK(counter.documents() == 5);
    // The journal by itself says so, too: kktctl reads it when no agent runs.
    const auto progress = counter.journal(
        [&](storage::Journal& open) { return open.documents().fn_progress(counter.reg.fn_serial); });
    REQUIRE(progress);
    CHECK(progress->last_fd_number == 7);
    CHECK(progress->known == 5);
    CHECK(counter.journal([](storage::Journal& open) { return open.documents().rejected(); })->empty());
    counter.reg.half_printed.reset();
    counter.run_until([&] { return counter.documents() == 7; });
    counter.until_ready();
    CHECK(counter.reg.connections == 1);
}

TEST_CASE("an agent that starts while the register waits reads what can be read", "[device]")
{
    Counter counter;
    counter.reg.half_printed = Errc::no_paper;
    counter.reg.last_fd = 3;
    counter.device->start();
    counter.run_until(
        [&] { return counter.device->sample().unread_documents == 3U && counter.documents() == 3; });
    CHECK(counter.reg.read.empty());
    CHECK(counter.device->state() == DeviceState::busy);
    const auto told = counter.events("device_state");
    REQUIRE_FALSE(told.empty());
    CHECK_THAT(told.back(), Catch::Contains(R"("reason":"no_paper")"));
    counter.reg.half_printed.reset();
    counter.run_until([&] { return counter.device->sample().unread_documents == 0U; });
    CHECK(counter.documents() == 3);
}

TEST_CASE("a register without a factory number is read, and its documents wait on the PC", "[device]")
{
    const std::string number = "0000000001011546";
    Counter counter(1s);
    counter.reg.kkt_serial = "0000000000000000"; // as it comes from the factory
    counter.reg.last_fd = 3;
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] { return counter.documents() == 3; });
    CHECK(counter.device->sample().info.kkt_serial.empty());
    CHECK(counter.device->sample().state_reason == "no_kkt_serial");
    const auto next_batch = [](storage::Journal& open) { return open.outbox().next_batch({}); };
    CHECK(counter.journal(next_batch)->empty());

    // Entered by an engineer: found without plugging anything, nothing read again.
    counter.reg.kkt_serial = number;
    counter.run_until([&] { return counter.device->sample().info.kkt_serial == number; });
    counter.run_until([&] { return counter.journal(next_batch)->items.size() == 3; });
    counter.run_until([&] { return counter.device->sample().state_reason.empty(); });
    CHECK(counter.device->state() == DeviceState::ready);
    CHECK(counter.journal(next_batch)->items[0].document.kkt_serial == number);
    CHECK(counter.reg.read.size() == 3);
    CHECK(counter.reg.connections == 1);
    CHECK(counter.events("device_replaced").empty());
}

TEST_CASE("a lost register comes back and only the rest is read", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 5;
    counter.device->start();
    counter.until_ready();
    counter.reg.plugged = false;
    counter.run_until([&] { return counter.device->state() == DeviceState::absent; });
    CHECK(counter.device->sample().state_reason == "port_lost");
    counter.reg.last_fd = 7;
    counter.reg.plugged = true;
    counter.until_ready();
    CHECK(counter.documents() == 7);
    CHECK(counter.reg.connections == 2);
    CHECK(counter.reg.read.size() == 7);
}

TEST_CASE("a document that is none is set aside, the others go on", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 6;
    counter.reg.unsound = {3};
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] { return counter.documents() == 5; });
    const auto aside = *counter.journal([](storage::Journal& open) { return open.documents().rejected(); });
    REQUIRE(aside.size() == 1);
    CHECK(aside[0].fd_number == 3);
    CHECK(aside[0].code == "bad_tlv");
    CHECK(counter.reg.read.count(3) == 3);
    REQUIRE(counter.events("document_set_aside").size() == 1);
    cabinet_api::EventMessage event; // as the cabinet gets it, which shows the document from it
    event.kind = "document_set_aside";
    event.data_json = counter.events(event.kind).front();
    const auto document = cabinet_api::set_aside_of(event);
    REQUIRE(document);
    CHECK(document->fn_serial == counter.reg.fn_serial);
    CHECK(document->fd_number == 3);
    CHECK(document->code == "bad_tlv");
}

TEST_CASE("what was set aside is asked for once more when the register comes back", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 6;
    counter.reg.unsound = {3};
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] { return counter.documents() == 5; });
    counter.reg.plugged = false;
    counter.run_until([&] { return counter.device->state() == DeviceState::absent; });
    counter.reg.unsound.clear();
    counter.reg.plugged = true;
    counter.run_until([&] { return counter.documents() == 6; });
    CHECK(counter.journal([](storage::Journal& open) { return open.documents().rejected(); })->empty());
}

TEST_CASE("a body that cannot be read is not asked for without end", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 300;
    counter.reg.unsound = {5};
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] {
        return counter
            .journal([&](storage::Journal& open) {
                return open.documents().wanted_bodies(counter.reg.fn_serial, 10);
            })
            ->empty();
    });
    counter.reg.last_fd = 301;
    counter.run_until([&] { return counter.documents() == 301; });
    CHECK(counter.reg.read.count(5) == 3);
    CHECK(counter.events("document_set_aside").size() == 1);
}

TEST_CASE("a journal found damaged while running is filled from the FN again", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 6;
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] { return counter.documents() == 6; });
    REQUIRE(counter.journal([](storage::Journal& open) -> Result<void> {
        take_care(open, Error{Errc::storage_damaged, Outcome::not_done, "as the sender met it", {}});
        return {};
    }));
    counter.run_until([&] { return counter.documents() == 6; });
    CHECK(counter.reg.connections == 1);
}

TEST_CASE("a damaged journal that cannot be begun anew is begun as soon as it can be", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 6;
    counter.device->start();
    counter.until_ready();
    counter.run_until([&] { return counter.documents() == 6; });
    const auto lock = counter.data_dir() / "journal.db.lock";
    std::filesystem::remove(lock);
    std::filesystem::create_directory(lock); // in the way of the new one
    REQUIRE(counter.journal([](storage::Journal& open) -> Result<void> {
        take_care(open, Error{Errc::storage_damaged, Outcome::not_done, "as the sender met it", {}});
        return {};
    }));
    counter.reg.last_fd = 7;
    counter.run_until([&] { return counter.device->sample().state_reason == "storage_failed"; });
    const auto state =
        counter.journal([](storage::Journal& open) -> Result<storage::StoreState> { return open.state(); });
    CHECK(*state == storage::StoreState::damaged);
    std::filesystem::remove(lock);
    counter.run_until([&] {
        return counter.journal([](storage::Journal& open) { return open.documents().count(); }).value_or(0) ==
               7;
    });
    counter.until_ready();
    CHECK(counter.device->sample().state_reason.empty());
    CHECK(counter.events("journal_damaged").size() == 1);
    CHECK(counter.reg.connections == 1);
}

TEST_CASE("records read while the FN was replaced are not taken for the old one's", "[device]")
{
    Counter counter;
    const std::string old_fn = counter.reg.fn_serial;
    counter.reg.last_fd = 300;
    counter.reg.replaced_at = 150;
    counter.device->start();
    counter.run_until([&] { return counter.events("fn_replaced").size() == 1; });
    counter.until_ready();
    counter.run_until([&] { return counter.documents() >= 150; });
    CHECK_FALSE(counter.journal([&](storage::Journal& open) { return open.documents().find(old_fn, 150); }));
    CHECK(counter.journal(
        [&](storage::Journal& open) { return open.documents().find(counter.reg.fn_serial, 150); }));
}

TEST_CASE("a new FN in the same register begins a new range", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 4;
    counter.device->start();
    counter.until_ready();
    counter.reg.fn_serial = "9999078900005678";
    counter.reg.last_fd = 2;
    counter.run_until([&] { return counter.documents() == 6; });
    CHECK(counter.events("fn_replaced").size() == 1);
}

TEST_CASE("a device stops in the middle of reading", "[device]")
{
    Counter counter;
    counter.reg.last_fd = 4;
    counter.reg.hangs = true;
    counter.device->start();
    counter.run_until([&] { return !counter.reg.read.empty(); });
} // ~Counter stops and waits

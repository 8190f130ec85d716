// The driver over the stand-in of the maker's library: what the common scenarios cannot know of.
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "tests/emulator/atol_fptr/rig.hpp"

#include <set>
#include <thread>

using namespace kb;
using namespace kb::test;
using Catch::Matchers::Contains;

TEST_CASE("the register is told as an ATOL behind its library", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    const auto info = run_now(rig.io, rig.driver->identify());
    REQUIRE(info);
    CHECK(info->family == "atol");
    CHECK(info->firmware_version == "5.8");
    CHECK(info->firmware_build == 100);
    CHECK(info->protocol == "libfptr10 10.10.7.0, platform 50");
    CHECK(info->address == rig.device.kkt().identity().address);
    CHECK(rig.library.settings()["OfdChannel"] == "2");
    CHECK(rig.driver->port_name() == rig.device.url().text());
    CHECK(rig.driver->line_counters().exchanges > 0);
}

TEST_CASE("the archive's records are those of the documents, whatever their type", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    emulator::VirtualKkt& kkt = rig.device.kkt();
    REQUIRE(kkt.make_state_report());
    std::set<fiscal::DocumentType> seen;
    for (std::uint32_t number = 1; number <= kkt.fn().last_fd(); ++number) {
        const auto whole = run_now(rig.io, rig.driver->read_document(number));
        const auto record = run_now(rig.io, rig.driver->read_short_record(number));
        INFO("fd " << number << (record ? "" : record.error().message()));
        REQUIRE(whole);
        REQUIRE(record);
        const auto document = fiscal::decode(whole->raw);
        REQUIRE(document);
        const auto expected = fiscal::short_record_of(*document, whole->ticket_received);
        REQUIRE(expected);
        seen.insert(record->type);
        if (record->type == fiscal::DocumentType::state_report) {
            continue; // the register's record tells another first unsent document than the report
        }
        const auto raw = fiscal::write_short_record(*expected);
        REQUIRE(raw);
        CHECK(to_hex(record->raw) == to_hex(*raw));
    }
    CHECK(seen.size() >= 5); // registration, shift open, receipt, shift close, state report
}

TEST_CASE("what the drive has not is told as no data, and a new drive has no last document", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    const auto record = run_now(rig.io, rig.driver->read_short_record(9'999));
    REQUIRE_FALSE(record);
    CHECK(record.error().code == Errc::no_data);
    CHECK(record.error().device_code == 123);
    rig.library.misbehave(R"({"function":"fn_query_data","error":123})");
    const auto last = run_now(rig.io, rig.driver->last_document());
    REQUIRE(last);
    CHECK_FALSE(*last);
}

TEST_CASE("a list that ends early is no document", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    // "No more data" after three records, once: as if the drive had to break off.
    rig.library.misbehave(R"({"function":"read_next_record","error":123,"after":3})");
    const auto cut = run_now(rig.io, rig.driver->read_document(5));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Errc::bad_length);
    const auto whole = run_now(rig.io, rig.driver->read_document(5));
    REQUIRE(whole);
    CHECK(whole->form == fiscal::DocumentForm::full);
    CHECK(whole->raw.size() == rig.device.kkt().body(5).size() + 4);
}

TEST_CASE("the library's errors are told with its words, its number and what was done", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    rig.library.misbehave(R"({"function":"query_data","error":115,"text":"Ошибка обмена с ФН"})");
    const auto status = run_now(rig.io, rig.driver->status());
    REQUIRE_FALSE(status);
    CHECK(status.error().code == Errc::device_refused);
    CHECK(status.error().device_code == 115);
    CHECK_THAT(status.error().context, Contains("Ошибка обмена с ФН") && Contains("status"));
    CHECK(run_now(rig.io, rig.driver->status()));
}

TEST_CASE("each step of a reading may fail, and the next reading is whole", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    const int records = 12;
    for (const int error : {2, 55, 115, 178, 241}) {
        for (int step = 0; step < records; ++step) {
            const nlohmann::json how = {{"function", "read_next_record"}, {"error", error}, {"after", step}};
            rig.library.misbehave(how.dump().c_str());
            const auto broken = run_now(rig.io, rig.driver->read_document(5));
            INFO("error " << error << " after " << step << " records");
            REQUIRE_FALSE(broken);
            CHECK(broken.error().device_code == error);
            rig.library.misbehave("{}");
            const auto whole = run_now(rig.io, rig.driver->read_document(5));
            REQUIRE(whole);
            CHECK(whole->raw.size() == rig.device.kkt().body(5).size() + 4);
            CHECK_FALSE(rig.device.kkt().reading());
        }
    }
}

TEST_CASE("a port that another program holds is told as busy", "[atol-fptr]")
{
    Rig rig;
    rig.library.misbehave(R"({"function":"open","error":3,"text":"Порт занят"})");
    const auto busy = rig.try_to_connect();
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == Errc::port_busy);
    CHECK_THAT(busy.error().context, Contains("Порт занят"));
    rig.connect();
}

TEST_CASE("a silent register is no answer, and is reached when it is back", "[atol-fptr]")
{
    Rig rig;
    rig.device.kkt().power_off();
    const auto silent = rig.try_to_connect();
    REQUIRE_FALSE(silent);
    CHECK(silent.error().code == Errc::no_answer);
    rig.device.power_on();
    rig.connect();
}

TEST_CASE("a closed driver gives the port back, and a new one takes it over", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    rig.driver->close();
    const auto late = run_now(rig.io, rig.driver->status());
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::port_lost);
    rig.driver.reset();
    rig.connect(); // the stand-in gives no port twice
    rig.driver.reset();
    REQUIRE(wait_for_blocking_threads(std::chrono::seconds(60)));
    CHECK(rig.library.handles() == 0);
}

TEST_CASE("a call that hangs is given up on request, the port stays taken until it returns", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    rig.library.misbehave(R"({"function":"query_data","hang":true})");
    while_waiting(rig.io, [&] {
        while (rig.library.hanging() == 0) {
            std::this_thread::yield();
        }
        rig.driver->cancel();
    });
    const auto stopped = run_now(rig.io, rig.driver->status());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);

    // Every further call is answered at once, without the library.
    const auto next = run_now(rig.io, rig.driver->fn_status(true));
    REQUIRE_FALSE(next);
    CHECK(next.error().code == Errc::timed_out);
    rig.driver.reset();
    CHECK(rig.library.handles() == 1);

    rig.library.release();
    REQUIRE(wait_for_blocking_threads(std::chrono::seconds(60)));
    CHECK(rig.library.handles() == 0);
    rig.connect();
}

TEST_CASE("nothing is used after its time when the program stops in the middle of a call", "[atol-fptr]")
{
    const StandIn library;
    {
        Rig rig;
        rig.connect();
        library.misbehave(R"({"function":"query_data","hang":true})");
        asio::co_spawn(rig.io, rig.driver->status(), asio::detached);
        while (library.hanging() == 0) {
            rig.io.poll();
        }
        rig.driver.reset();
        library.release(); // only now may the register of this test go
    }
    REQUIRE(wait_for_blocking_threads(std::chrono::seconds(60)));
    CHECK(library.handles() == 0);
}

TEST_CASE("the clock is set with the shift closed, and never before the last document", "[atol-fptr]")
{
    Rig rig;
    rig.connect();
    const auto now = run_now(rig.io, rig.driver->clock());
    REQUIRE(now);
    const LocalSeconds later = *now + std::chrono::seconds(90);
    REQUIRE(run_now(rig.io, rig.driver->set_clock(later)));
    CHECK(*run_now(rig.io, rig.driver->clock()) == later);

    const auto before = run_now(rig.io, rig.driver->set_clock(*now - std::chrono::days(400)));
    REQUIRE_FALSE(before);
    CHECK(before.error().code == Errc::bad_value);

    REQUIRE(rig.device.kkt().open_shift("Кассир", {}));
    const auto open = run_now(rig.io, rig.driver->set_clock(later));
    REQUIRE_FALSE(open);
    CHECK(open.error().code == Errc::wrong_mode);
}

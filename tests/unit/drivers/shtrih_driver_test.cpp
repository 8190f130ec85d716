#include "drivers/registry.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/drivers/scripted_transport.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

struct Script {
    std::vector<ExchangeLine> lines;
    Script& say(const std::string& request, const std::string& answer)
    {
        lines.push_back({true, {0x05}, ""});
        lines.push_back({false, {0x15}, ""});
        lines.push_back({true, shtrih::v1::encode_frame(hex(request)), ""});
        lines.push_back({false, {0x06}, ""});
        lines.push_back({false, shtrih::v1::encode_frame(hex(answer)), ""});
        lines.push_back({true, {0x06}, ""});
        return *this;
    }
    Script& mode(const std::string& mode_and_submode)
    {
        return say("10 1E000000", "10 00 1E 9002" + mode_and_submode + "00 99 49 00 00 00 FFFFFF");
    }
    Script& table(const std::string& place, const std::string& answer)
    {
        return say("1F 1E000000" + place, "1F" + answer);
    }
};

Bytes text_bytes(const std::string& ascii, std::size_t size)
{
    Bytes bytes(ascii.begin(), ascii.end());
    bytes.resize(size);
    return bytes;
}

struct Rig {
    explicit Rig(std::vector<ExchangeLine> script)
    {
        auto made = make_driver("shtrih", std::make_unique<ScriptedTransport>(std::move(script), log), {});
        REQUIRE(made);
        driver = *std::move(made);
    }
    explicit Rig(const Script& script) : Rig(script.lines) {}
    ~Rig()
    {
        INFO(log.mismatch);
        CHECK(log.mismatch.empty());
        CHECK(log.exhausted);
    }

    asio::io_context io;
    ScriptLog log;
    std::unique_ptr<Driver> driver;
};

const std::string kFnState = "FF01 00 03 00 00 01 04 1103181435 39393939303738393030303032323730 A4000000";

} // namespace

TEST_CASE("a register is identified by its own words", "[drivers][shtrih]")
{
    Rig rig(load_exchange("shtrih/driver-identify.exchange"));
    const auto info = run_now(rig.io, rig.driver->identify());
    INFO(rig.log.mismatch);
    REQUIRE(info);
    CHECK(info->family == "shtrih");
    CHECK(info->model == "ШТРИХ-М-02Ф");
    CHECK(info->kkt_serial == "0000000008012345");
    CHECK(info->kkt_reg_number == "0000001358026131");
    CHECK(info->firmware_version == "C.2");
    CHECK(info->firmware_build == 34865);
    REQUIRE(info->firmware_date);
    CHECK(*info->firmware_date == std::chrono::year(2019) / 6 / 13);
    CHECK(info->protocol == "shtrih v1 1.14");
    CHECK(info->inn == "5024054445");
    CHECK(info->user == "ООО \"РОМАШКА\"");
    CHECK(info->address == "г. Москва, ул. Правды, 1");
    CHECK(info->ffd == fiscal::FfdVersion::v1_2);
    CHECK_FALSE(info->ffd_assumed);
    CHECK(info->tax_systems == 1);
    CHECK(rig.driver->capabilities().sd_card);
    CHECK(rig.driver->line_counters().exchanges == 14); // and FC, by which the framing was found
}

TEST_CASE("ЭЛВЕС-МФ tells its number by the full status, keeps its РНМ elsewhere and no FFD version",
          "[drivers][shtrih]")
{
    Script script;
    script
        .say("FC", "FC 00 00 00 01 0E 99 00 D8 D2 D0 C8 D5 2D DD CB C2 C5 D1 2D 4D D4") // a Latin M
        .mode("0400")
        .say("F7 01", "F7 37")
        .say("11 1E000000",
             "11 00 1E 4332 3188 0D0613 01 1000 9000 02 00 80 4E41 0000 010110 020813 131238 00"
             "E8930400 0100 0000 00 00 D25801CD0100 00 00 0000")
        .table("0B 0100 02", "00" + to_hex(text_bytes("0000000001037562", 20)))
        .table("12 0100 07", "5D")
        .table("12 0100 09", "5D")
        .table("13 0100 01", "5D")
        .table("13 0100 02", "5D")
        .say("FF09 1E000000", "FF09 02")
        .say("FF01 1E000000", kFnState);
    Rig rig(script);
    const auto info = run_now(rig.io, rig.driver->identify());
    INFO(rig.log.mismatch);
    REQUIRE(info);
    CHECK(info->family == "elves");
    CHECK(info->model == "ЭЛВЕС-МФ");
    CHECK(info->kkt_serial == "300008");
    CHECK(info->kkt_reg_number == "0000000001037562");
    CHECK(info->ffd == fiscal::FfdVersion::v1_05);
    CHECK(info->ffd_assumed);
    CHECK_FALSE(rig.driver->capabilities().sd_card);
}

TEST_CASE("a model that only its number tells is asked where that model keeps things", "[drivers][shtrih]")
{
    // The name says nothing, digits 9 and 10 say ЭЛВЕС-МФ: the РНМ is asked for in table 11.
    const std::string serial = to_hex(text_bytes("0049361230000001", 20));
    Script script;
    script.say("FC", "FC 00 00 00 01 0E C8 00 CA CA D2")
        .mode("0400")
        .say("F7 01", "F7 37")
        .say("11 1E000000",
             "11 00 1E 4332 3188 0D0613 01 1000 9000 02 00 80 4E41 0000 010110 020813 131238 00"
             "E8930400 0100 0000 00 00 D25801CD0100 00 00 0000")
        .table("12 0100 01", "00" + serial)
        .table("12 0100 03", "5D")
        .table("12 0100 07", "5D")
        .table("12 0100 09", "5D")
        .table("11 0100 11", "5D")
        .table("15 0100 02", "5D")
        .table("13 0100 01", "5D")
        .table("13 0100 02", "5D")
        .table("0B 0100 02", "00" + to_hex(text_bytes("0000000001037562", 20)))
        .table("12 0100 07", "5D")
        .table("12 0100 09", "5D")
        .table("13 0100 01", "5D")
        .table("13 0100 02", "5D")
        .say("FF09 1E000000", "FF09 02")
        .say("FF01 1E000000", kFnState);
    Rig rig(script);
    const auto info = run_now(rig.io, rig.driver->identify());
    INFO(rig.log.mismatch);
    REQUIRE(info);
    CHECK(info->family == "elves");
    CHECK(info->model == "ККТ");
    CHECK(info->kkt_serial == "0049361230000001");
    CHECK(info->kkt_reg_number == "0000000001037562");
}

TEST_CASE("mode and paper are told in the house's words", "[drivers][shtrih]")
{
    using Mode = fiscal::DeviceStatus::Mode;
    struct Row {
        const char* bytes;
        Mode mode;
        fiscal::Paper paper;
        bool may_read;
        bool may_read_records;
    };
    const Row rows[] = {
        {"0200", Mode::shift_open, fiscal::Paper::present, true, true},
        {"0201", Mode::shift_open, fiscal::Paper::absent, true, true},
        {"0300", Mode::shift_expired, fiscal::Paper::present, true, true},
        {"0400", Mode::shift_closed, fiscal::Paper::present, true, true},
        {"0800", Mode::receipt_open, fiscal::Paper::present, false, false},
        {"0802", Mode::receipt_open, fiscal::Paper::absent, false, false},
        {"0205", Mode::printing, fiscal::Paper::present, false, false},
        {"0202", Mode::shift_open, fiscal::Paper::absent, false, true},
        {"0203", Mode::shift_open, fiscal::Paper::present, false, true},
        {"0403", Mode::shift_closed, fiscal::Paper::present, false, true},
        {"0900", Mode::blocked, fiscal::Paper::present, false, false},
    };
    for (const Row& row : rows) {
        Script script;
        script.mode(row.bytes);
        Rig rig(script);
        const auto status = run_now(rig.io, rig.driver->status());
        INFO(row.bytes);
        REQUIRE(status);
        CHECK(status->mode == row.mode);
        CHECK(status->paper == row.paper);
        CHECK(status->may_read_archive == row.may_read);
        CHECK(status->may_read_records == row.may_read_records);
    }
}

TEST_CASE("a status taken in data output first ends what somebody left open", "[drivers][shtrih]")
{
    Script script;
    script.mode("0100")
        .say("FF3B 1E000000", "FF3B 00 FC030200204E")
        .say("FF3B 1E000000", "FF3B 08")
        .mode("0400");
    Rig rig(script);
    const auto status = run_now(rig.io, rig.driver->status());
    REQUIRE(status);
    CHECK(status->mode == fiscal::DeviceStatus::Mode::shift_closed);
}

TEST_CASE("shift and cash are read", "[drivers][shtrih]")
{
    Script script;
    script.say("FF40 1E000000", "FF40 00 01 1100 0500")
        .mode("0300")
        .say("1A 1E000000 F1", "1A 00 1E 40E201000000");
    Rig rig(script);
    const auto shift = run_now(rig.io, rig.driver->shift_state());
    REQUIRE(shift);
    CHECK(shift->open);
    CHECK(shift->over_24h);
    CHECK(shift->shift_number == 17);
    CHECK(shift->receipt_number == 5);
    const auto cash = run_now(rig.io, rig.driver->cash_in_drawer());
    REQUIRE(cash);
    CHECK(cash->count() == 123456);
}

TEST_CASE("the drive's state is one command, the complete one leaves out what firmware does not know",
          "[drivers][shtrih]")
{
    Script script;
    script.say("FF01 1E000000", kFnState)
        .say("FF01 1E000000", kFnState)
        .say("FF03 1E000000", "FF03 00 180201 1D 01")
        .say("FF04 1E000000", "FF04 37")
        .say("FF63 1E000000", "FF63 00 E8030000 00040000");
    Rig rig(script);
    const auto brief = run_now(rig.io, rig.driver->fn_status(false));
    REQUIRE(brief);
    CHECK(brief->fn_serial == "9999078900002270");
    CHECK(brief->phase == 3);
    CHECK(brief->last_fd_number == 164);
    CHECK(brief->shift_open);
    CHECK(brief->warnings == 4);
    REQUIRE(brief->last_document_at);
    CHECK(to_text(*brief->last_document_at) == "2017-03-24T20:53:00");
    CHECK_FALSE(brief->expires_on);
    const auto complete = run_now(rig.io, rig.driver->fn_status(true));
    REQUIRE(complete);
    REQUIRE(complete->expires_on);
    CHECK(*complete->expires_on == std::chrono::year(2024) / 2 / 1);
    CHECK(complete->registrations_left == 29U);
    CHECK(complete->version.empty());
    CHECK(complete->documents_left == 1000U);
    CHECK(complete->kilobytes_left == 1024U);
}

TEST_CASE("the exchange with the OFD is told, by the count alone where the register refuses more",
          "[drivers][shtrih]")
{
    Script script;
    script.say("FF39 1E000000", "FF39 00 03 00 0400 A0000000 1A0319 0A00")
        .table("14 0100 07", "00 0E")
        .say("FF39 1E000000", "FF39 73")
        .say("FF3F 1E000000", "FF3F 00 8500")
        .table("14 0100 07", "5D")
        .say("FF39 1E000000", "FF39 00 0000000000000000000000000000");
    Rig rig(script);
    const auto full = run_now(rig.io, rig.driver->ofd_status());
    REQUIRE(full);
    CHECK(full->unsent_documents == 4);
    CHECK(full->first_unsent_fd == 160U);
    REQUIRE(full->first_unsent_at);
    CHECK(to_text(*full->first_unsent_at) == "2026-03-25T10:00:00");
    CHECK(full->connected);
    CHECK(full->last_ofd_code == 14U);
    const auto counted = run_now(rig.io, rig.driver->ofd_status());
    REQUIRE(counted);
    CHECK(counted->unsent_documents == 133);
    CHECK_FALSE(counted->first_unsent_fd);
    const auto without_table = run_now(rig.io, rig.driver->ofd_status());
    REQUIRE(without_table);
    CHECK(without_table->unsent_documents == 0);
}

TEST_CASE("the clock is read, and set only with the shift closed and never before the last document",
          "[drivers][shtrih]")
{
    const auto at = *local_from_text("2026-03-25T14:05:00");
    SECTION("set")
    {
        Script script;
        script.mode("0400")
            .say("FF01 1E000000", kFnState)
            .say("21 1E000000 0E0500", "21 00")
            .say("22 1E000000 19031A", "22 00")
            .say("23 1E000000 19031A", "23 00");
        Rig rig(script);
        CHECK(run_now(rig.io, rig.driver->set_clock(at)));
    }
    SECTION("shift open")
    {
        Script script;
        script.mode("0200");
        Rig rig(script);
        const auto refused = run_now(rig.io, rig.driver->set_clock(at));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::wrong_mode);
    }
    SECTION("before the last document")
    {
        Script script;
        script.mode("0400").say("FF01 1E000000", kFnState);
        Rig rig(script);
        const auto refused = run_now(rig.io, rig.driver->set_clock(*local_from_text("2017-03-24T20:52:00")));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::bad_value);
    }
    SECTION("date not confirmed")
    {
        Script script;
        script.mode("0400")
            .say("FF01 1E000000", kFnState)
            .say("21 1E000000 0E0500", "21 00")
            .say("22 1E000000 19031A", "22 00")
            .say("23 1E000000 19031A", "23 7C");
        Rig rig(script);
        const auto refused = run_now(rig.io, rig.driver->set_clock(at));
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().context, Catch::Contains("confirmed"));
    }
}

TEST_CASE("the last document settles what the FN holds", "[drivers][shtrih]")
{
    SECTION("in a receipt, by its record")
    {
        Script script;
        script
            .say("FF01 1E000000",
                 "FF01 00 03 04 01 01 00 1103181435 39393939303738393030303032323730 A3000000")
            .mode("0800")
            .say("FF0A 1E000000 A3000000", "FF0A 00 03 00 1103181435 A3000000 EBEA4B2E 01 204E000000");
        Rig rig(script);
        const auto last = run_now(rig.io, rig.driver->last_document());
        REQUIRE(last);
        REQUIRE(*last);
        CHECK((*last)->fd_number == 163);
        CHECK((*last)->form == fiscal::DocumentForm::short_record);
    }
    SECTION("an empty drive holds none")
    {
        Script script;
        script.say("FF01 1E000000",
                   "FF01 00 01 00 00 00 00 0000000000 39393939303738393030303032323730 00000000");
        Rig rig(script);
        const auto last = run_now(rig.io, rig.driver->last_document());
        REQUIRE(last);
        CHECK_FALSE(*last);
    }
}

TEST_CASE("a closed driver is a lost port", "[drivers][shtrih]")
{
    Rig rig(Script{});
    rig.driver->close();
    const auto status = run_now(rig.io, rig.driver->status());
    REQUIRE_FALSE(status);
    CHECK(status.error().code == Errc::port_lost);
    CHECK(rig.driver->port_name() == "script");
}

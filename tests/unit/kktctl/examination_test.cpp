// The doctor's verdicts: healthy evidence is ok, each fault has its level, cause and cure.
#include "agent/kktctl/examination.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::kktctl;

namespace {

const UtcMs kNow = UtcMs{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

DeviceEvidence healthy()
{
    DeviceEvidence device;
    device.name = "Касса 1";
    device.port = "serial:/dev/ttyACM0";
    device.state = "ready";
    fiscal::DeviceSample sample;
    sample.info.kkt_serial = "0000000001011546";
    sample.info.model = "ШТРИХ-М-02Ф";
    sample.info.family = "shtrih";
    sample.info.protocol = "shtrih v1 1.14";
    sample.info.ffd = fiscal::FfdVersion::v1_2;
    sample.status.mode = fiscal::DeviceStatus::Mode::shift_open;
    sample.status.paper = fiscal::Paper::present;
    sample.shift = fiscal::ShiftState{true, 5, 10, false};
    sample.fn = fiscal::FnStatus{};
    sample.fn->fn_serial = "9999078900001234";
    sample.fn->phase = 3;
    sample.fn->expires_on = std::chrono::year{2028} / 1 / 1;
    sample.ofd = fiscal::OfdStatus{};
    sample.sd_card = fiscal::SdCard{};
    sample.sd_card->state = fiscal::SdCard::State::present;
    sample.clock_drift_s = 2;
    device.sample = sample;
    return device;
}

Verdict verdict_of(const DeviceEvidence& device, const std::string& check)
{
    for (Verdict& verdict : examine_device(Console{}, device, kNow))
        if (verdict.check == check)
            return verdict;
    FAIL("no check " << check);
    return {};
}

} // namespace

TEST_CASE("a healthy register is ok in every check", "[doctor]")
{
    for (const Verdict& verdict : examine_device(Console{}, healthy(), kNow)) {
        INFO(verdict.check);
        CHECK(verdict.level == Level::ok);
        CHECK(verdict.cause.empty());
    }
}

TEST_CASE("each fault of a register has its verdict", "[doctor]")
{
    struct Row {
        std::string check;
        void (*spoil)(DeviceEvidence&);
        Level level;
        std::string cause;
    };
    const Row row = GENERATE(values<Row>({
        {"port", [](DeviceEvidence& d) { d.reason = "port_denied"; }, Level::problem, "нет прав"},
        {"port", [](DeviceEvidence& d) { d.state = "absent"; }, Level::warning, "молчит"},
        {"register",
         [](DeviceEvidence& d) {
             d.sample.reset();
             d.reason = "wrong_password";
         },
         Level::problem, "пароль"},
        {"register",
         [](DeviceEvidence& d) {
             d.sample.reset();
             d.reason = "port_busy";
         },
         Level::unknown, ""},
        {"register", [](DeviceEvidence& d) { d.sample->status.paper = fiscal::Paper::absent; },
         Level::problem, "нет бумаги"},
        {"register", [](DeviceEvidence& d) { d.sample->status.cover = fiscal::Cover::open; }, Level::problem,
         "крышка"},
        {"register", [](DeviceEvidence& d) { d.sample->shift->over_24h = true; }, Level::problem, "24 часов"},
        {"register", [](DeviceEvidence& d) { d.sample->status.waits_for_continue = true; }, Level::warning,
         "продолжения"},
        {"register", [](DeviceEvidence& d) { d.sample->info.kkt_serial.clear(); }, Level::warning,
         "не введён заводской номер"},
        {"register", [](DeviceEvidence& d) { d.state = "blocked"; }, Level::problem, "заблокирована"},
        {"register", [](DeviceEvidence& d) { d.reason = "duplicate_serial"; }, Level::warning,
         "один заводской номер"},
        {"port",
         [](DeviceEvidence& d) {
             d.state = "absent";
             d.reason = "in_boot_loader";
         },
         Level::warning, "загрузчик"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn.reset(); }, Level::unknown, ""},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->warnings = 0x01; }, Level::problem, "3 дней"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->warnings = 0x02; }, Level::warning, "30 дней"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->warnings = 0x04; }, Level::problem, "99 %"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->warnings = 0x08; }, Level::problem, "ОФД"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->warnings = 0x80; }, Level::problem, "критическая"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->phase = 15; }, Level::problem, "закрыт"},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->expires_on = std::chrono::year{2026} / 12 / 1; },
         Level::warning, "8 дн."},
        {"fn", [](DeviceEvidence& d) { d.sample->fn->expires_on = std::chrono::year{2026} / 11 / 1; },
         Level::problem, "истёк"},
        {"fn", [](DeviceEvidence& d) { d.sample->ofd->unsent_documents = 500; }, Level::warning,
         "непереданные"},
        {"fn",
         [](DeviceEvidence& d) {
             d.sample->unread_documents = 3;
             d.reason = "waits_for_continue";
         },
         Level::warning, "не читаются: касса ждёт продолжения печати"},
        {"fn",
         [](DeviceEvidence& d) {
             d.sample->info.warnings = {fiscal::DeviceWarning::ofd_needs_vendor_driver};
         },
         Level::problem, "через драйвер производителя"},
        {"sd", [](DeviceEvidence& d) { d.sample->sd_card.reset(); }, Level::unknown, ""},
        {"sd", [](DeviceEvidence& d) { d.sample->sd_card->state = fiscal::SdCard::State::missing; },
         Level::warning, "архив"},
        {"sd", [](DeviceEvidence& d) { d.sample->sd_card->state = fiscal::SdCard::State::failing; },
         Level::problem, "ошибок"},
        {"sd", [](DeviceEvidence& d) { d.sample->sd_card->io_errors = 3; }, Level::warning, "ошибок"},
        {"clock", [](DeviceEvidence& d) { d.sample->clock_drift_s = -120; }, Level::warning, "расходятся"},
        {"clock", [](DeviceEvidence& d) { d.sample->clock_drift_s = 3600; }, Level::problem, "расходятся"},
        {"clock", [](DeviceEvidence& d) { d.sample->clock_drift_s.reset(); }, Level::unknown, ""},
    }));
    DeviceEvidence device = healthy();
    row.spoil(device);
    const Verdict verdict = verdict_of(device, row.check);
    INFO(row.check << " " << row.cause);
    CHECK(verdict.level == row.level);
    CHECK_THAT(verdict.cause, Catch::Contains(row.cause));
    if (row.level > Level::unknown)
        CHECK_FALSE(verdict.cure.empty());
}

TEST_CASE("a verdict tells the stable name of its cause, where that has one", "[doctor]")
{
    CHECK(verdict_of(healthy(), "port").code.empty());
    DeviceEvidence device = healthy();
    device.sample->status.cover = fiscal::Cover::open;
    CHECK(verdict_of(device, "register").code.empty());
    device.sample->status.cover = fiscal::Cover::closed;
    device.sample->status.waits_for_continue = true;
    CHECK(verdict_of(device, "register").code == "waits_for_continue");
    // What is worse is what is told, and its name with it.
    device.sample->status.paper = fiscal::Paper::absent;
    CHECK(verdict_of(device, "register").code == "no_paper");
    device.state = "absent";
    device.reason = "wrong_speed";
    CHECK(verdict_of(device, "port").code == "wrong_speed");
}

TEST_CASE("the maker's driver is told with file and version, or with where it was looked for", "[doctor]")
{
    LibraryEvidence library;
    library.name = "Касса 1";
    library.path = "/usr/lib/libfptr10.so";
    library.version = "10.10.7.0";
    const Verdict fine = examine_library(Console{}, library);
    CHECK(fine.check == "library");
    CHECK(fine.level == Level::ok);
    CHECK(fine.found == "/usr/lib/libfptr10.so, версия 10.10.7.0");
    CHECK(fine.cure.empty());

    library.reason = "library_missing";
    library.detail = "looked for: libfptr10.so";
    const Verdict absent = examine_library(Console{}, library);
    CHECK(absent.level == Level::problem);
    CHECK(absent.found == "драйвер производителя не найден");
    CHECK_THAT(absent.details, Catch::Contains("libfptr10.so"));
    CHECK_THAT(absent.cure, Catch::Contains("device.library"));

    library.reason = "unsupported";
    CHECK(examine_library(Console{}, library).found == "драйвер производителя не подходит");
}

TEST_CASE("PC, cabinet and journal have their own verdicts", "[doctor]")
{
    const Console console{Language::english, false, false, false};
    PcEvidence pc{"/d", true, std::uint64_t{10} << 30, true, "", "", kNow};
    CHECK(examine_pc(console, pc).level == Level::ok);
    pc.free_bytes = 1024;
    CHECK(examine_pc(console, pc).level == Level::problem);
    pc.free_bytes.reset();
    pc.agent_running = false;
    CHECK(examine_pc(console, pc).level == Level::warning);
    pc.now = UtcMs{};
    CHECK_THAT(examine_pc(console, pc).cause, Catch::Contains("in the past"));

    CHECK(examine_cabinet(console, {}).level == Level::unknown);
    CHECK(examine_cabinet(console, {"https://c.ru", true, "online", "", ""}).level == Level::ok);
    CHECK(examine_cabinet(console, {"https://c.ru", false, "", "", ""}).level == Level::problem);
    const Verdict untrusted =
        examine_cabinet(console, {"https://c.ru", true, "offline", "tls_untrusted", "self-signed"});
    CHECK(untrusted.level == Level::problem);
    CHECK_THAT(untrusted.cure, Catch::Contains("ca_file"));

    JournalEvidence journal;
    CHECK(examine_journal(console, journal, true).level == Level::warning);
    journal.exists = true;
    CHECK(examine_journal(console, journal, true).level == Level::ok);
    journal.set_aside = 1;
    CHECK(examine_journal(console, journal, true).level == Level::warning);
    journal.oldest_unsent_age_s = 100'000;
    CHECK(examine_journal(console, journal, true).level == Level::problem);
    journal.oldest_unsent_age_s.reset();
    journal.state = "full";
    CHECK_THAT(examine_journal(console, journal, true).cause, Catch::Contains("disk is full"));
    journal.state = "damaged"; // as a running agent tells it
    journal.reason = "storage_full";
    const Verdict closed = examine_journal(console, journal, true);
    CHECK(closed.level == Level::problem);
    CHECK_THAT(closed.cause, Catch::Contains("disk is full"));
    CHECK_THAT(closed.cure, Catch::Contains("by itself"));
    journal.state = "ready"; // as kktctl finds it alone
    journal.reason = "storage_damaged";
    CHECK_THAT(examine_journal(console, journal, true).cure, Catch::Contains("restart"));
}

// One function a check; each failure has its cause and its cure in both languages.
#include "agent/kktctl/examination.hpp"

#include "agent/kktctl/abilities.hpp"

#include <algorithm>

namespace kb::agent::kktctl {

using fiscal::DeviceStatus;

namespace {

/// A verdict in the making: the worst that is so is what it says.
class Examination {
public:
    Examination(const Console& console, std::string check, std::string subject = "") : console_(console)
    {
        verdict_.check = std::move(check);
        verdict_.subject = std::move(subject);
        verdict_.level = Level::ok;
    }

    [[nodiscard]] std::string say(Text text) const { return console_.say(text); }
    void append(const std::string& text) { verdict_.found += text; }
    void found(Text text) { append(say(text)); }

    void judge(bool so, Level level, const std::string& cause, const std::string& cure,
               const std::string& details = "", std::string_view code = "")
    {
        if (!so || level <= verdict_.level)
            return;
        verdict_.code = code;
        verdict_.level = level;
        verdict_.cause = cause;
        verdict_.cure = cure;
        verdict_.details = details;
    }
    void when(bool so, Level level, Text cause, Text cure) { judge(so, level, say(cause), say(cure)); }
    void when(bool so, Level level, Errc what)
    {
        const Explanation why = explain(what);
        judge(so, level, say(why.cause), say(why.cure), "", to_string(what));
    }
    /// A failure by its name; the words of the layers below stay as a detail.
    void failed(Level level, std::string_view reason, const std::string& details)
    {
        tell(level, reason, console_.words_for(reason), details);
    }
    /// The same of a register.
    void failed_there(Level level, std::string_view reason, const std::string& details)
    {
        tell(level, reason, console_.words_for_register(reason), details);
    }

    Verdict unknown(Text why)
    {
        verdict_.level = Level::unknown;
        verdict_.found = say(why);
        return done();
    }
    Verdict done() { return std::move(verdict_); }

private:
    void tell(Level level, std::string_view reason, const Words& words, const std::string& details)
    {
        judge(true, level, words.headline, words.cure, details, reason);
    }

    const Console& console_;
    Verdict verdict_;
};

bool is_way_reason(std::string_view reason)
{
    return reason.starts_with("port_") || reason == to_string(Errc::network_failed);
}

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string date_text(std::chrono::year_month_day date)
{
    return to_text(LocalSeconds{std::chrono::local_days{date}}).substr(0, 10);
}

Verdict examine_port(const Console& console, const DeviceEvidence& device)
{
    Examination port(console, "port", device.name);
    if (device.reason == to_string(Errc::library_missing))
        return port.unknown({"порт не открывался: нет драйвера производителя",
                             "the port was not opened: the maker's driver is missing"});
    if (is_way_reason(device.reason)) {
        port.found({"порт не открылся: ", "the port did not open: "});
        port.failed_there(Level::problem, device.reason, device.detail);
    } else if (device.state == "absent" || device.state == "connecting") {
        port.found({"кассы нет на связи: ", "no register there: "});
        port.failed_there(Level::warning, device.reason.empty() ? "no_answer" : device.reason, device.detail);
    }
    port.append(device.port);
    return port.done();
}

Verdict examine_register(const Console& console, const DeviceEvidence& device)
{
    Examination kkt(console, "register", device.name);
    constexpr Text kNotAsked{"касса не опрошена", "the register was not asked"};
    if (!device.sample || (device.sample->info.kkt_serial.empty() && device.sample->info.model.empty())) {
        if (device.reason.empty() || is_way_reason(device.reason))
            return kkt.unknown(kNotAsked);
        kkt.found(kNotAsked);
        kkt.failed_there(Level::problem, device.reason, device.detail);
        return kkt.done();
    }
    const auto& sample = *device.sample;
    const auto& status = sample.status;
    const bool nameless = sample.info.kkt_serial.empty();
    kkt.append(sample.info.model + ", " +
               (nameless ? kkt.say({"без заводского номера", "without a factory number"})
                         : "№ " + sample.info.kkt_serial) +
               ", " + kkt.say({"прошивка ", "firmware "}) + sample.info.firmware_version + "." +
               number(sample.info.firmware_build));
    const std::string ffd = ffd_text(console, sample.info);
    kkt.append(ffd.empty() ? kkt.say({", ФФД не известен", ", FFD not known"})
                           : kkt.say({", ФФД ", ", FFD "}) + ffd);
    kkt.when(status.paper == fiscal::Paper::absent, Level::problem, Errc::no_paper);
    kkt.when(status.cover == fiscal::Cover::open, Level::problem, {"открыта крышка", "the cover is open"},
             {"закройте крышку", "close the cover"});
    kkt.judge(status.mode == DeviceStatus::Mode::blocked || device.state == "blocked", Level::problem,
              kkt.say({"касса заблокирована", "the register is blocked"}),
              kkt.say({"нужен специалист ЦТО; режим ", "a service engineer is needed; mode "}) +
                  number(status.vendor_mode));
    kkt.when(status.mode == DeviceStatus::Mode::shift_expired || (sample.shift && sample.shift->over_24h),
             Level::problem, {"смена открыта больше 24 часов", "the shift is open for over 24 hours"},
             {"закройте смену на кассе", "close the shift on the register"});
    kkt.when(status.waits_for_continue, Level::warning, Errc::waits_for_continue);
    kkt.when(nameless, Level::warning, Errc::no_kkt_serial);
    kkt.when(device.reason == to_string(Errc::duplicate_serial), Level::warning, Errc::duplicate_serial);
    return kkt.done();
}

Verdict examine_fn(const Console& console, const DeviceEvidence& device, UtcMs now)
{
    Examination drive(console, "fn", device.name);
    if (!device.sample || !device.sample->fn)
        return drive.unknown({"ФН не опрошен", "the FN was not asked"});
    constexpr Text kReplace{"закажите замену ФН в ЦТО", "order a new FN from the service centre"};
    constexpr Text kCheckOfd{"проверьте интернет на кассе и договор с ОФД",
                             "check the register's network and the contract with the OFD"};
    const auto& fn = *device.sample->fn;
    const auto warns = [&fn](std::uint8_t flag) { return (fn.warnings & flag) != 0; };
    const std::uint32_t unsent = device.sample->ofd ? device.sample->ofd->unsent_documents : 0;

    const std::uint64_t unread = unread_documents(device);

    drive.append("ФН " + fn.fn_serial + drive.say({", документов ", ", documents "}) +
                 number(fn.last_fd_number));
    if (unread > 0)
        drive.append(drive.say({", ещё не прочитано полностью ", ", not yet read in full "}) +
                     number(unread));
    drive.when(warns(0x80), Level::problem, {"критическая ошибка ФН", "critical error of the FN"}, kReplace);
    drive.when(fn.phase == 1, Level::warning, {"ФН не активирован", "the FN is not activated"},
               {"зарегистрируйте кассу", "register the register"});
    drive.when(fn.phase != 3 && fn.phase > 1, Level::problem,
               {"архив ФН закрыт, чеки невозможны", "the FN's archive is closed"}, kReplace);
    drive.when(warns(0x01), Level::problem,
               {"до конца срока ФН меньше 3 дней", "the FN expires within 3 days"}, kReplace);
    drive.when(warns(0x04), Level::problem, {"память ФН заполнена на 99 %", "the FN's memory is 99 % full"},
               kReplace);
    if (fn.expires_on) {
        drive.append(drive.say({", срок до ", ", valid until "}) + date_text(*fn.expires_on));
        const auto days =
            (std::chrono::sys_days{*fn.expires_on} - std::chrono::floor<std::chrono::days>(now)).count();
        drive.when(days < 0, Level::problem, {"срок ФН истёк", "the FN has expired"}, kReplace);
        drive.judge(days < 30, Level::warning,
                    drive.say({"срок ФН истекает через ", "the FN expires in "}) + std::to_string(days) +
                        drive.say({" дн.", " days"}),
                    drive.say(kReplace));
    }
    drive.when(warns(0x02), Level::warning,
               {"до конца срока ФН меньше 30 дней", "the FN expires within 30 days"}, kReplace);
    drive.when(warns(0x08), Level::problem, {"ОФД давно не отвечает", "the OFD's answer is overdue"},
               kCheckOfd);
    const auto& warnings = device.sample->info.warnings;
    drive.when(std::find(warnings.begin(), warnings.end(), fiscal::DeviceWarning::ofd_needs_vendor_driver) !=
                   warnings.end(),
               Level::problem,
               {"касса отдаёт документы в ОФД только через драйвер производителя, а подключена напрямую: "
                "документы не уходят, через 30 дней касса остановится",
                "the register hands documents to the OFD only through its maker's driver, and is connected "
                "without it: they do not leave, and after 30 days the register stops"},
               {"настройте кассу на свой канал ОФД (Ethernet, EoU) или подключите её через драйвер "
                "производителя: device.family = \"atol-fptr\"",
                "give the register an OFD channel of its own (Ethernet, EoU), or connect it through its "
                "maker's driver: device.family = \"atol-fptr\""});
    if (unsent > 0)
        drive.append(drive.say({", не передано в ОФД ", ", not sent to the OFD "}) + number(unsent));
    if (unread > 0 && (device.reason == to_string(Errc::no_paper) ||
                       device.reason == to_string(Errc::waits_for_continue))) {
        const Words why = console.words_for(device.reason);
        drive.judge(true, Level::warning,
                    drive.say({"документы не читаются: ", "documents cannot be read: "}) + why.headline,
                    why.cure, "", device.reason);
    }
    drive.when(unsent > 100, Level::warning,
               {"копятся непереданные документы; через 30 дней касса остановится",
                "documents pile up; after 30 days the register stops"},
               kCheckOfd);
    return drive.done();
}

Verdict examine_sd(const Console& console, const DeviceEvidence& device)
{
    using State = fiscal::SdCard::State;
    Examination sd(console, "sd", device.name);
    if (!device.sample)
        return sd.unknown({"касса не опрошена", "the register was not asked"});
    if (!device.sample->sd_card || device.sample->sd_card->state == State::unknown)
        return sd.unknown({"касса не сообщает о SD-карте", "the register tells nothing of an SD card"});
    const auto& card = *device.sample->sd_card;
    constexpr Text kReplace{"замените карту памяти внутри кассы (ЦТО)",
                            "replace the memory card inside the register"};
    sd.found(card.state == State::present   ? Text{"SD-карта на месте", "the SD card is in place"}
             : card.state == State::missing ? Text{"SD-карты нет", "there is no SD card"}
                                            : Text{"SD-карта неисправна", "the SD card fails"});
    if (card.state == State::present && card.total_sectors != 0)
        sd.append(sd.say({", свободно ", ", free "}) +
                  number(std::uint64_t{card.free_sectors} * 100 / card.total_sectors) + " %");
    sd.when(card.state == State::missing, Level::warning,
            {"обновление и часть архива кассы недоступны", "updates and a part of the archive do not work"},
            kReplace);
    sd.judge(card.state == State::failing || (card.state == State::present && card.io_errors > 0),
             card.state == State::failing ? Level::problem : Level::warning,
             sd.say({"ошибок чтения-записи: ", "I/O errors: "}) + number(card.io_errors), sd.say(kReplace));
    return sd.done();
}

Verdict examine_clock(const Console& console, const DeviceEvidence& device)
{
    Examination clock(console, "clock", device.name);
    if (!device.sample || !device.sample->clock_drift_s)
        return clock.unknown({"часы кассы не опрошены", "the clock was not asked"});
    const std::int64_t drift = *device.sample->clock_drift_s;
    const std::int64_t size = drift < 0 ? -drift : drift;
    clock.append(clock.say({"часы кассы минус часы ПК: ", "register's clock minus PC's: "}) +
                 std::to_string(drift) + clock.say({" с", " s"}));
    clock.when(size > 60, size > 300 ? Level::problem : Level::warning,
               {"часы расходятся; в чеках неверное время", "the clocks differ; receipts carry a wrong time"},
               {"проверьте часы ПК, затем при закрытой смене установите время на кассе",
                "check the PC's clock, then set the register's with the shift closed"});
    return clock.done();
}

constexpr Text kStartAgent{"запустите: systemctl start kkt-agent", "start it: systemctl start kkt-agent"};

} // namespace

std::string_view to_string(Level level)
{
    switch (level) {
    case Level::ok:
        return "ok";
    case Level::unknown:
        return "unknown";
    case Level::warning:
        return "warning";
    case Level::problem:
        return "problem";
    }
    return "unknown";
}

std::uint64_t unread_documents(const DeviceEvidence& device)
{
    return device.sample ? device.sample->unread_documents.value_or(0) : 0;
}

Verdict examine_pc(const Console& console, const PcEvidence& pc)
{
    constexpr std::uint64_t kMegabyte = 1ULL << 20;
    constexpr Text kFreeRoom{"освободите место", "free some room"};
    Examination computer(console, "pc");
    computer.append(computer.say({"папка данных ", "data folder "}) + pc.data_dir);
    if (pc.free_bytes)
        computer.append(computer.say({", свободно ", ", free "}) + number(*pc.free_bytes / kMegabyte) +
                        computer.say({" МБ", " MB"}));
    // Made before this program was: such a clock breaks certificates and the comparison with the register.
    computer.judge(pc.now < UtcMs{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}, Level::problem,
                   computer.say({"часы ПК стоят в прошлом: ", "the PC's clock is in the past: "}) +
                       to_text(pc.now),
                   computer.say({"установите дату и время", "set date and time"}));
    computer.when(pc.free_bytes && *pc.free_bytes < 50 * kMegabyte, Level::problem,
                  {"на диске почти нет места", "the disk is almost full"}, kFreeRoom);
    if (!pc.agent_running && !pc.agent_reason.empty())
        computer.failed(Level::warning, pc.agent_reason, pc.agent_detail);
    computer.when(!pc.agent_running, Level::warning,
                  {"служба kkt-agent не отвечает", "kkt-agent does not answer"}, kStartAgent);
    computer.when(pc.free_bytes && *pc.free_bytes < 500 * kMegabyte, Level::warning,
                  {"на диске мало места", "there is little room on the disk"}, kFreeRoom);
    return computer.done();
}

std::vector<Verdict> examine_device(const Console& console, const DeviceEvidence& device, UtcMs now)
{
    return {examine_port(console, device),    examine_register(console, device),
            examine_fn(console, device, now), examine_sd(console, device),
            examine_clock(console, device),   examine_abilities(console, device)};
}

Verdict examine_library(const Console& console, const LibraryEvidence& library)
{
    Examination driver(console, "library", library.name);
    if (library.reason.empty()) {
        driver.append(library.path + driver.say({", версия ", ", version "}) +
                      (library.version.empty() ? driver.say({"не названа", "not told"}) : library.version));
        return driver.done();
    }
    const bool absent = library.reason == to_string(Errc::library_missing);
    driver.found(absent ? Text{"драйвер производителя не найден", "the maker's driver was not found"}
                        : Text{"драйвер производителя не подходит", "the maker's driver cannot be used"});
    driver.judge(
        true, Level::problem,
        driver.say(absent
                       ? Text{"касса настроена через драйвер производителя, а его на этом ПК нет",
                              "the register is configured through the maker's driver, and this PC has none"}
                       : Text{"файл есть, но не загружается или слишком старый",
                              "the file is there, but does not load or is too old"}),
        driver.say(
            {"установите «Драйвер ККТ» версии 10 с сайта производителя для этой системы или укажите файл "
             "ключом "
             "device.library; затем перезапустите kkt-agent",
             "install the maker's driver, version 10, for this system, or name its file in device.library; "
             "then restart kkt-agent"}),
        library.detail, library.reason);
    return driver.done();
}

Verdict examine_cabinet(const Console& console, const CabinetEvidence& cabinet)
{
    Examination far(console, "cabinet");
    if (cabinet.url.empty()) {
        Verdict verdict = far.unknown({"кабинет не настроен, документы остаются на этом ПК",
                                       "no cabinet is configured, documents stay on this PC"});
        verdict.cure = far.say({"укажите cabinet.url в настройках", "set cabinet.url in the configuration"});
        return verdict;
    }
    far.append(cabinet.url);
    far.when(!cabinet.enrolled, Level::problem,
             {"этот ПК не привязан к кабинету", "this PC is not enrolled in the cabinet"},
             {"получите код в кабинете и выполните: kktctl enroll КОД",
              "get a code in the cabinet and run: kktctl enroll CODE"});
    if (!cabinet.reason.empty())
        far.failed(Level::problem, cabinet.reason, cabinet.detail);
    return far.done();
}

Verdict examine_journal(const Console& console, const JournalEvidence& journal, bool has_cabinet)
{
    Examination file(console, "journal");
    if (!journal.exists) {
        file.found({"журнала ещё нет", "there is no journal yet"});
        file.when(true, Level::warning,
                  {"служба kkt-agent ни разу не запускалась с этими настройками",
                   "kkt-agent never ran with this configuration"},
                  kStartAgent);
        return file.done();
    }
    if (journal.state == "damaged") {
        const std::string reason = journal.reason.empty() ? "storage_damaged" : journal.reason;
        const Words why = console.words_for(reason);
        file.found({"журнал повреждён и закрыт, новый пока не начат",
                    "the journal is damaged and closed, no new one is begun yet"});
        file.judge(true, Level::problem, why.headline,
                   why.cure + file.say({"; агент сам начнёт новый и перечитает документы из ФН",
                                        "; the agent begins a new one by itself and reads the FN again"}),
                   journal.detail, reason);
        return file.done();
    }
    if (!journal.reason.empty()) {
        file.found({"журнал не открылся", "the journal did not open"});
        file.failed(Level::problem, journal.reason, journal.detail);
        return file.done();
    }
    file.append(file.say({"документов ", "documents "}) + number(journal.documents) +
                file.say({", не отправлено ", ", unsent "}) + number(journal.unsent));
    if (journal.state != "ready")
        file.failed(Level::problem, "storage_" + journal.state, "");
    const std::int64_t age = has_cabinet ? journal.oldest_unsent_age_s.value_or(0) : 0;
    file.judge(age > 900, age > 86'400 ? Level::problem : Level::warning,
               file.say({"старейший документ ждёт отправки ", "the oldest document has waited for "}) +
                   duration_text(console, age),
               file.say({"смотрите строку «кабинет»", "see the line \"cabinet\""}));
    file.judge(journal.set_aside > 0, Level::warning,
               file.say({"отложено с ошибкой: ", "set aside with a reason: "}) + number(journal.set_aside),
               file.say({"причины покажет: kktctl queue ls", "the reasons: kktctl queue ls"}));
    file.judge(journal.missing > 0, Level::warning,
               file.say({"ещё не прочитано из ФН: ", "not yet read out of the FN: "}) +
                   number(journal.missing),
               file.say({"агент дочитает их сам, касса должна быть включена",
                         "the agent reads them by itself while the register is on"}));
    return file.done();
}

} // namespace kb::agent::kktctl

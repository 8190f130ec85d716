// One function a check; each failure has its cause and its cure in both languages.
#include "agent/kktctl/examination.hpp"

#include <array>

namespace kb::agent::kktctl {

using fiscal::DeviceStatus;

namespace {

struct Explanation {
    std::string_view reason; ///< Errc name
    const char* cause_ru;
    const char* cause_en;
    const char* cure_ru;
    const char* cure_en;
};

constexpr std::array kExplanations{
    Explanation{
        "port_not_found", "такого порта нет: касса выключена, отключён кабель или изменилось имя порта",
        "there is no such port: the register is off, the cable is out, or the port's name has changed",
        "включите кассу, проверьте кабель; какие порты есть: kktctl devices",
        "switch the register on, check the cable; the ports there are: kktctl devices"},
    Explanation{"port_denied", "у пользователя нет прав на порт", "this user may not open the port",
                "добавьте пользователя службы в группу dialout или установите правила udev из пакета",
                "put the service's user into the group dialout, or install the package's udev rules"},
    Explanation{"port_busy", "порт занят другой программой", "another program holds the port",
                "закройте кассовую программу или тест драйвера; запущенный kkt-agent тоже держит порт",
                "close the POS program or the driver's test; a running kkt-agent holds the port, too"},
    Explanation{"port_lost", "связь с портом оборвалась", "the line was lost",
                "проверьте кабель и питание кассы", "check the cable and the register's power"},
    Explanation{"no_answer", "порт открыт, но касса молчит", "the port is open, but the register is silent",
                "проверьте, включена ли касса, скорость порта и протокол в её настройках",
                "check that the register is on, its speed and its protocol setting"},
    Explanation{"bad_frame", "с порта идут не те байты", "the bytes on the line are not the protocol's",
                "проверьте скорость порта и что на нём именно касса",
                "check the speed, and that it is a register"},
    Explanation{"bad_checksum", "данные приходят искажёнными", "data arrive corrupted",
                "замените кабель, уведите его от силовых линий",
                "replace the cable, keep it off power lines"},
    Explanation{"wrong_password", "касса не приняла пароль", "the register refused the password",
                "укажите пароль системного администратора в ключе device.password",
                "give the system administrator's password in device.password"},
    Explanation{"wrong_device", "на порту другое устройство", "another device is on the port",
                "укажите порт кассы в ключе device.port", "give the register's port in device.port"},
    Explanation{
        "in_boot_loader", "вместо кассы отвечает её загрузчик: идёт или прервано обновление прошивки",
        "the register's boot loader is there instead of the register: a firmware update runs or broke "
        "off",
        "дождитесь конца обновления; если его никто не начинал, выключите и включите кассу, не поможет "
        "— нужен ЦТО",
        "let the update end; if nobody began one, switch the register off and on, and if that does not "
        "help call the service centre"},
    Explanation{"duplicate_device", "эта касса уже работает через другой порт",
                "this register is served on another port already",
                "уберите один из двух разделов [[device]] или укажите в нём порт другой кассы",
                "remove one of the two [[device]] sections, or give it the other register's port"},
    Explanation{
        "duplicate_serial",
        "у двух касс один заводской номер; документы обеих читаются и не смешиваются, ФН у них разные",
        "two registers tell the same factory number; the documents of both are read and kept apart by "
        "their FNs",
        "сверьте номера на шильдиках и вызовите ЦТО: номер в одной из касс введён неверно",
        "compare the name plates and call the service centre: one of the numbers is entered wrongly"},
    Explanation{"wrong_mode", "касса в режиме, где чтение невозможно",
                "the register is in a mode without reading", "завершите чек или операцию на кассе",
                "finish the receipt or operation on the register"},
    Explanation{"device_busy", "касса занята печатью или обменом с ОФД",
                "the register prints or talks to the OFD", "подождите, проверка повторится сама",
                "wait, it is asked again"},
    Explanation{"network_failed", "нет связи с кабинетом: имя, маршрут или соединение",
                "the cabinet cannot be reached: name, route or connection",
                "проверьте интернет и адрес cabinet.url", "check the network and cabinet.url"},
    Explanation{"tls_untrusted", "сертификату кабинета нет доверия",
                "the cabinet's certificate is not trusted",
                "проверьте дату на ПК; для своего удостоверяющего центра укажите cabinet.ca_file",
                "check the PC's date; for a private authority set cabinet.ca_file"},
    Explanation{"unauthorised", "кабинет не принял ключ этого ПК", "the cabinet refused this PC's token",
                "получите новый код в кабинете и выполните: kktctl enroll КОД",
                "get a new code in the cabinet and run: kktctl enroll CODE"},
    Explanation{"timed_out", "ответ не пришёл вовремя", "the answer did not come in time",
                "проверьте скорость и устойчивость связи", "check speed and stability of the connection"},
    Explanation{"peer_refused", "кабинет ответил ошибкой", "the cabinet answered with an error",
                "подробности в журнале службы; если повторяется, обратитесь в поддержку кабинета",
                "see the service's log; if it persists, ask the cabinet's support"},
    Explanation{"storage_full", "на диске нет места", "the disk is full",
                "освободите место; запись продолжится сама", "free some room; writing goes on by itself"},
    Explanation{"storage_damaged", "файл журнала повреждён", "the journal's file is damaged",
                "перезапустите kkt-agent: он отложит файл и перечитает документы из ФН",
                "restart kkt-agent: it sets the file aside and reads the documents out of the FN again"},
    Explanation{"storage_failed", "журнал не читается", "the journal cannot be read",
                "проверьте права на папку agent.data_dir и запускайте kktctl тем же пользователем или root",
                "check the rights on agent.data_dir, and run kktctl as the same user or root"},
};

void explain(const Console& console, Verdict& verdict, std::string_view reason, const std::string& detail)
{
    for (const Explanation& one : kExplanations) {
        if (one.reason == reason) {
            verdict.cause = console.say(one.cause_ru, one.cause_en);
            verdict.cure = console.say(one.cure_ru, one.cure_en);
        }
    }
    if (verdict.cause.empty())
        verdict.cause = reason;
    if (!detail.empty())
        verdict.cause += " (" + detail + ")";
}

bool is_port_reason(std::string_view reason) { return reason.starts_with("port_"); }

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string date_text(std::chrono::year_month_day date)
{
    return to_text(LocalSeconds{std::chrono::local_days{date}}).substr(0, 10);
}

/// The worse of what was found and this, with its texts.
void worsen(Verdict& verdict, Level level, const std::string& cause, const std::string& cure)
{
    if (level > verdict.level) {
        verdict.level = level;
        verdict.cause = cause;
        verdict.cure = cure;
    }
}

Verdict examine_port(const Console& console, const DeviceEvidence& device)
{
    Verdict verdict{"port", device.name, Level::ok, device.port, "", ""};
    if (is_port_reason(device.reason)) {
        verdict.level = Level::problem;
        verdict.found = console.say("порт не открылся: ", "the port did not open: ") + device.port;
        explain(console, verdict, device.reason, device.detail);
    } else if (device.state == "absent" || device.state == "connecting") {
        verdict.level = Level::warning;
        verdict.found = console.say("кассы нет на связи: ", "no register there: ") + device.port;
        explain(console, verdict, device.reason.empty() ? "no_answer" : device.reason, device.detail);
    }
    return verdict;
}

Verdict examine_register(const Console& console, const DeviceEvidence& device)
{
    Verdict verdict{"register", device.name, Level::ok, "", "", ""};
    if (!device.sample || device.sample->info.kkt_serial.empty()) {
        verdict.level =
            device.reason.empty() || is_port_reason(device.reason) ? Level::unknown : Level::problem;
        verdict.found = console.say("касса не опрошена", "the register was not asked");
        if (verdict.level == Level::problem)
            explain(console, verdict, device.reason, device.detail);
        return verdict;
    }
    const auto& sample = *device.sample;
    verdict.found = sample.info.model + ", № " + sample.info.kkt_serial + ", " +
                    console.say("прошивка ", "firmware ") + sample.info.firmware_version + "." +
                    number(sample.info.firmware_build);
    if (device.reason == to_string(Errc::duplicate_serial)) {
        Verdict told;
        explain(console, told, device.reason, "");
        worsen(verdict, Level::warning, told.cause, told.cure);
    }
    const auto& status = sample.status;
    if (status.paper == fiscal::Paper::absent)
        worsen(verdict, Level::problem, console.say("нет бумаги", "no paper"),
               console.say("вставьте чековую ленту", "put a paper roll in"));
    if (status.cover == fiscal::Cover::open)
        worsen(verdict, Level::problem, console.say("открыта крышка", "the cover is open"),
               console.say("закройте крышку", "close the cover"));
    if (status.mode == DeviceStatus::Mode::blocked || device.state == "blocked")
        worsen(verdict, Level::problem, console.say("касса заблокирована", "the register is blocked"),
               console.say("нужен специалист ЦТО; режим " + number(status.vendor_mode),
                           "a service engineer is needed; mode " + number(status.vendor_mode)));
    if (status.mode == DeviceStatus::Mode::shift_expired || (sample.shift && sample.shift->over_24h))
        worsen(verdict, Level::problem,
               console.say("смена открыта больше 24 часов", "the shift is open for over 24 hours"),
               console.say("закройте смену на кассе", "close the shift on the register"));
    if (status.waits_for_continue)
        worsen(verdict, Level::warning,
               console.say("касса ждёт продолжения печати", "the register waits to go on printing"),
               console.say("нажмите на кассе «продолжить печать»",
                           "press \"continue printing\" on the register"));
    return verdict;
}

Verdict examine_fn(const Console& console, const DeviceEvidence& device, UtcMs now)
{
    Verdict verdict{"fn", device.name, Level::unknown, console.say("ФН не опрошен", "the FN was not asked"),
                    "",   ""};
    if (!device.sample || !device.sample->fn)
        return verdict;
    const auto& fn = *device.sample->fn;
    verdict.level = Level::ok;
    verdict.found =
        "ФН " + fn.fn_serial + console.say(", документов ", ", documents ") + number(fn.last_fd_number);
    const std::string replace =
        console.say("закажите замену ФН в ЦТО", "order a new FN from the service centre");
    if ((fn.warnings & 0x80) != 0)
        worsen(verdict, Level::problem, console.say("критическая ошибка ФН", "critical error of the FN"),
               replace);
    if (fn.phase != 3 && fn.phase != 0)
        worsen(verdict, fn.phase == 1 ? Level::warning : Level::problem,
               fn.phase == 1 ? console.say("ФН не активирован", "the FN is not activated")
                             : console.say("архив ФН закрыт, чеки невозможны", "the FN's archive is closed"),
               fn.phase == 1 ? console.say("зарегистрируйте кассу", "register the register") : replace);
    if ((fn.warnings & 0x01) != 0)
        worsen(verdict, Level::problem,
               console.say("до конца срока ФН меньше 3 дней", "the FN expires within 3 days"), replace);
    if ((fn.warnings & 0x04) != 0)
        worsen(verdict, Level::problem,
               console.say("память ФН заполнена на 99 %", "the FN's memory is 99 % full"), replace);
    if ((fn.warnings & 0x02) != 0)
        worsen(verdict, Level::warning,
               console.say("до конца срока ФН меньше 30 дней", "the FN expires within 30 days"), replace);
    if (fn.expires_on) {
        verdict.found += console.say(", срок до ", ", valid until ") + date_text(*fn.expires_on);
        const auto days = std::chrono::sys_days{*fn.expires_on} - std::chrono::floor<std::chrono::days>(now);
        if (days.count() < 0)
            worsen(verdict, Level::problem, console.say("срок ФН истёк", "the FN has expired"), replace);
        else if (days.count() < 30)
            worsen(verdict, Level::warning,
                   console.say("срок ФН истекает через " + std::to_string(days.count()) + " дн.",
                               "the FN expires in " + std::to_string(days.count()) + " days"),
                   replace);
    }
    const std::string check_ofd = console.say("проверьте интернет на кассе и договор с ОФД",
                                              "check the register's network and the contract with the OFD");
    if ((fn.warnings & 0x08) != 0)
        worsen(verdict, Level::problem, console.say("ОФД давно не отвечает", "the OFD's answer is overdue"),
               check_ofd);
    if (device.sample->ofd && device.sample->ofd->unsent_documents > 0) {
        verdict.found += console.say(", не передано в ОФД ", ", not sent to the OFD ") +
                         number(device.sample->ofd->unsent_documents);
        if (device.sample->ofd->unsent_documents > 100)
            worsen(verdict, Level::warning,
                   console.say("копятся непереданные документы; через 30 дней касса остановится",
                               "documents pile up; after 30 days the register stops"),
                   check_ofd);
    }
    return verdict;
}

Verdict examine_sd(const Console& console, const DeviceEvidence& device)
{
    Verdict verdict{"sd",
                    device.name,
                    Level::unknown,
                    console.say("касса не сообщает о SD-карте", "the register tells nothing of an SD card"),
                    "",
                    ""};
    if (!device.sample || !device.sample->sd_card)
        return verdict;
    const auto& card = *device.sample->sd_card;
    const std::string replace = console.say("замените карту памяти внутри кассы (ЦТО)",
                                            "replace the memory card inside the register");
    switch (card.state) {
    case fiscal::SdCard::State::present:
        verdict.level = Level::ok;
        verdict.found = console.say("SD-карта на месте", "the SD card is in place");
        if (card.total_sectors != 0)
            verdict.found += console.say(", свободно ", ", free ") +
                             number(std::uint64_t{card.free_sectors} * 100 / card.total_sectors) + " %";
        if (card.io_errors > 0)
            worsen(verdict, Level::warning,
                   console.say("ошибок чтения-записи: ", "I/O errors: ") + number(card.io_errors), replace);
        break;
    case fiscal::SdCard::State::missing:
        verdict.level = Level::warning;
        verdict.found = console.say("SD-карты нет", "there is no SD card");
        verdict.cause = console.say("обновление и часть архива кассы недоступны",
                                    "updates and a part of the archive do not work");
        verdict.cure = replace;
        break;
    case fiscal::SdCard::State::failing:
        verdict.level = Level::problem;
        verdict.found = console.say("SD-карта неисправна", "the SD card fails");
        verdict.cause = console.say("ошибок чтения-записи: ", "I/O errors: ") + number(card.io_errors);
        verdict.cure = replace;
        break;
    case fiscal::SdCard::State::unknown:
        break;
    }
    return verdict;
}

Verdict examine_clock(const Console& console, const DeviceEvidence& device)
{
    Verdict verdict{"clock",
                    device.name,
                    Level::unknown,
                    console.say("часы кассы не опрошены", "the clock was not asked"),
                    "",
                    ""};
    if (!device.sample || !device.sample->clock_drift_s)
        return verdict;
    const std::int64_t drift = *device.sample->clock_drift_s;
    verdict.level = Level::ok;
    verdict.found = console.say("часы кассы минус часы ПК: ", "register's clock minus PC's: ") +
                    std::to_string(drift) + console.say(" с", " s");
    const std::int64_t size = drift < 0 ? -drift : drift;
    if (size > 60)
        worsen(verdict, size > 300 ? Level::problem : Level::warning,
               console.say("часы расходятся; в чеках неверное время",
                           "the clocks differ; receipts carry a wrong time"),
               console.say("проверьте часы ПК, затем при закрытой смене установите время на кассе",
                           "check the PC's clock, then set the register's with the shift closed"));
    return verdict;
}

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

Verdict examine_pc(const Console& console, const PcEvidence& pc)
{
    Verdict verdict{"pc", "", Level::ok, "", "", ""};
    verdict.found = console.say("папка данных ", "data folder ") + pc.data_dir;
    constexpr std::uint64_t kMegabyte = 1ULL << 20;
    if (pc.free_bytes)
        verdict.found += console.say(", свободно ", ", free ") + number(*pc.free_bytes / kMegabyte) +
                         console.say(" МБ", " MB");
    // Made before this program was: such a clock breaks certificates and the comparison with the register.
    if (pc.now < UtcMs{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}})
        worsen(verdict, Level::problem,
               console.say("часы ПК стоят в прошлом: ", "the PC's clock is in the past: ") + to_text(pc.now),
               console.say("установите дату и время", "set date and time"));
    if (pc.free_bytes && *pc.free_bytes < 50 * kMegabyte)
        worsen(verdict, Level::problem, console.say("на диске почти нет места", "the disk is almost full"),
               console.say("освободите место", "free some room"));
    if (!pc.agent_running)
        worsen(verdict, Level::warning,
               console.say("служба kkt-agent не отвечает", "kkt-agent does not answer") +
                   (pc.agent_detail.empty() ? "" : " (" + pc.agent_detail + ")"),
               console.say("запустите: systemctl start kkt-agent", "start it: systemctl start kkt-agent"));
    if (pc.free_bytes && *pc.free_bytes < 500 * kMegabyte)
        worsen(verdict, Level::warning,
               console.say("на диске мало места", "there is little room on the disk"),
               console.say("освободите место", "free some room"));
    return verdict;
}

std::vector<Verdict> examine_device(const Console& console, const DeviceEvidence& device, UtcMs now)
{
    return {examine_port(console, device), examine_register(console, device),
            examine_fn(console, device, now), examine_sd(console, device), examine_clock(console, device)};
}

Verdict examine_cabinet(const Console& console, const CabinetEvidence& cabinet)
{
    Verdict verdict{"cabinet", "", Level::ok, cabinet.url, "", ""};
    if (cabinet.url.empty()) {
        verdict.level = Level::unknown;
        verdict.found = console.say("кабинет не настроен, документы остаются на этом ПК",
                                    "no cabinet is configured, documents stay on this PC");
        verdict.cure =
            console.say("укажите cabinet.url в настройках", "set cabinet.url in the configuration");
        return verdict;
    }
    if (!cabinet.reason.empty()) {
        verdict.level = Level::problem;
        explain(console, verdict, cabinet.reason, cabinet.detail);
    }
    if (!cabinet.enrolled) {
        verdict.level = Level::problem;
        verdict.cause =
            console.say("этот ПК не привязан к кабинету", "this PC is not enrolled in the cabinet");
        verdict.cure = console.say("получите код в кабинете и выполните: kktctl enroll КОД",
                                   "get a code in the cabinet and run: kktctl enroll CODE");
    }
    return verdict;
}

Verdict examine_journal(const Console& console, const JournalEvidence& journal, bool has_cabinet)
{
    Verdict verdict{"journal", "", Level::ok, "", "", ""};
    if (!journal.exists) {
        verdict.level = Level::warning;
        verdict.found = console.say("журнала ещё нет", "there is no journal yet");
        verdict.cause = console.say("kkt-agent ни разу не запускался с этими настройками",
                                    "kkt-agent never ran with this configuration");
        verdict.cure =
            console.say("запустите: systemctl start kkt-agent", "start it: systemctl start kkt-agent");
        return verdict;
    }
    if (!journal.reason.empty()) {
        verdict.level = Level::problem;
        verdict.found = console.say("журнал не открылся", "the journal did not open");
        explain(console, verdict, journal.reason, journal.detail);
        return verdict;
    }
    verdict.found = console.say("документов ", "documents ") + number(journal.documents) +
                    console.say(", не отправлено ", ", unsent ") + number(journal.unsent);
    if (journal.state != "ready") {
        verdict.level = Level::problem;
        explain(console, verdict, "storage_" + journal.state, "");
    }
    if (has_cabinet && journal.oldest_unsent_age_s && *journal.oldest_unsent_age_s > 900)
        worsen(verdict, *journal.oldest_unsent_age_s > 86'400 ? Level::problem : Level::warning,
               console.say("старейший документ ждёт отправки ", "the oldest document has waited for ") +
                   duration_text(console, *journal.oldest_unsent_age_s),
               console.say("смотрите строку «кабинет»", "see the line \"cabinet\""));
    if (journal.set_aside > 0)
        worsen(verdict, Level::warning,
               console.say("отложено с ошибкой: ", "set aside with a reason: ") + number(journal.set_aside),
               console.say("причины покажет: kktctl queue ls", "the reasons: kktctl queue ls"));
    if (journal.missing > 0)
        worsen(verdict, Level::warning,
               console.say("ещё не прочитано из ФН: ", "not yet read out of the FN: ") +
                   number(journal.missing),
               console.say("агент дочитает их сам, касса должна быть включена",
                           "the agent reads them by itself while the register is on"));
    return verdict;
}

} // namespace kb::agent::kktctl

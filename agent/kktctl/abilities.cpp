#include "agent/kktctl/abilities.hpp"

#include "drivers/registry.hpp"
#include "protocol/cabinet/messages.hpp"

#include <algorithm>

namespace kb::agent::kktctl {

using fiscal::Abilities;
using fiscal::Ability;
using fiscal::OfdSender;

namespace {

constexpr auto kTooLongUnsent = std::chrono::hours{24};

/// The way of documents to the OFD, as far as the register tells it.
enum class OfdPath { unknown, itself, host_program, vendor_driver };

std::string_view to_string(OfdPath path)
{
    switch (path) {
    case OfdPath::itself:
        return "itself";
    case OfdPath::host_program:
        return "host_program";
    case OfdPath::vendor_driver:
        return "vendor_driver";
    case OfdPath::unknown:
        break;
    }
    return "unknown";
}

OfdPath path_of(const fiscal::DeviceSample& sample)
{
    const auto& warnings = sample.info.warnings;
    if (std::find(warnings.begin(), warnings.end(), fiscal::DeviceWarning::ofd_needs_vendor_driver) !=
        warnings.end())
        return OfdPath::vendor_driver;
    const OfdSender sender = sample.ofd ? sample.ofd->sender : OfdSender::unknown;
    return sender == OfdSender::itself         ? OfdPath::itself
           : sender == OfdSender::host_program ? OfdPath::host_program
                                               : OfdPath::unknown;
}

Text ofd_text(const fiscal::DeviceSample& sample, bool through_library)
{
    switch (path_of(sample)) {
    case OfdPath::itself:
        return {"документы передаёт сама касса", "the register sends its documents itself"};
    case OfdPath::host_program:
        return {"документы передаёт программа на ПК; KKT Bridge этого не делает",
                "a program on the PC sends its documents; KKT Bridge does not"};
    case OfdPath::vendor_driver:
        return {"документы передаёт только драйвер производителя",
                "only the maker's driver sends its documents"};
    case OfdPath::unknown:
        break;
    }
    if (through_library)
        return {"касса сама или драйвер производителя: через него касса и подключена",
                "the register itself or the maker's driver, which it is connected through"};
    if (!sample.ofd)
        return {"кто передаёт документы, касса ещё не опрошена",
                "the register was not yet asked who sends its documents"};
    return {"кто передаёт документы, касса не сообщает", "the register does not tell who sends them"};
}

Text confidence_text(const Abilities& abilities)
{
    if (!abilities.known_model)
        return {"этой модели нет в таблице, остальное предположения",
                "this model is not in the table, what follows is assumed"};
    switch (abilities.confidence) {
    case fiscal::Confidence::field_tested:
        return {"проверено на настоящих кассах этой модели", "tried with real registers of this model"};
    case fiscal::Confidence::emulated:
        return abilities.through_library
                   ? Text{"проверено на заглушке драйвера производителя, на настоящих кассах ещё нет",
                          "tried with a stand-in of the maker's driver, not yet with real registers"}
                   : Text{"проверено на эмуляторе этой модели, на настоящих кассах ещё нет",
                          "tried with an emulator of this model, not yet with real registers"};
    case fiscal::Confidence::documents:
        return {"по документам, испытаний не было", "by documents, never tried"};
    case fiscal::Confidence::guess:
        break;
    }
    return {"догадка: модель известна только по спискам и каталогам",
            "a guess: the model is known by lists and catalogues only"};
}

std::string_view name_of(fiscal::UpdateWay way)
{
    switch (way) {
    case fiscal::UpdateWay::dfu:
        return "DFU";
    case fiscal::UpdateWay::sd_card:
        return "SD";
    case fiscal::UpdateWay::xmodem:
        return "XModem";
    }
    return "";
}

std::string updates_text(const Console& console, const Abilities& abilities)
{
    if (abilities.updates.empty())
        return console.say("о способах обновления нет сведений", "nothing is known of ways to update it");
    std::string ways;
    for (const fiscal::UpdateWay way : abilities.updates)
        ways += (ways.empty() ? "" : ", ") + std::string(name_of(way));
    return console.say("программы производителя меняют её через ", "the maker's programs change it by ") +
           ways + console.say("; KKT Bridge её не меняет", "; KKT Bridge does not");
}

/// What this unit told counts for more than the row of its model.
void put_right(Abilities& abilities, const fiscal::DeviceSample& sample)
{
    const auto& info = sample.info;
    abilities.set(Ability::ffd_version, info.ffd != fiscal::FfdVersion::unknown && !info.ffd_assumed);
    if (sample.ofd)
        abilities.set(Ability::ofd_sender, path_of(sample) != OfdPath::unknown);
    const bool card_told = sample.sd_card && sample.sd_card->state != fiscal::SdCard::State::unknown;
    // The card is asked for after the clock: without one the asking has not come so far.
    if (card_told || sample.device_clock)
        abilities.set(Ability::sd_card, card_told);
    // A unit with a drive that goes by the name of a model from before it is another model.
    if (sample.fn && !abilities.can(Ability::fn)) {
        abilities.known_model = false;
        abilities.confidence = fiscal::Confidence::guess;
        for (const Ability of_the_drive :
             {Ability::full_documents, Ability::short_records, Ability::fn, Ability::ofd_queue})
            abilities.set(of_the_drive, true);
    }
}

/// The old ones of the register's own clock: the FN counts by it as well.
bool wait_too_long(const fiscal::DeviceSample& sample)
{
    return sample.ofd && sample.ofd->first_unsent_at && sample.device_clock &&
           *sample.device_clock - *sample.ofd->first_unsent_at > kTooLongUnsent;
}

struct Fault {
    Level level = Level::ok;
    Text cause{"", ""};
    Text cure{"", ""};
};

Fault fault_of(const Abilities& abilities, const fiscal::DeviceSample& sample)
{
    constexpr Text kTellModel{"сообщите разработчикам модель и прошивку этой кассы",
                              "tell the developers the model and firmware of this register"};
    constexpr Text kRecord{"запишите обмен с кассой (kktctl record) и передайте файл разработчикам: личных "
                           "данных в нём нет",
                           "record the register's traffic (kktctl record) and give the file to the "
                           "developers: it holds no personal data"};
    if (!abilities.can(Ability::full_documents))
        return {Level::warning,
                {"это касса без фискального накопителя: документов в ней нет",
                 "this register has no fiscal drive: there are no documents in it"},
                {"подключите кассу с ФН", "connect a register that has an FN"}};
    const auto& lacks = abilities.lacks;
    if (sample.info.ffd == fiscal::FfdVersion::v1_2 &&
        std::find(lacks.begin(), lacks.end(), Ability::platform_5) != lacks.end())
        return {Level::warning,
                {"прямой протокол АТОЛ с ФФД 1.2 не проверен",
                 "ATOL's own protocol was never tried with FFD 1.2"},
                {"подключите кассу через драйвер производителя: device.family = \"atol-fptr\"",
                 "connect the register through its maker's driver: device.family = \"atol-fptr\""}};
    if (path_of(sample) == OfdPath::host_program && wait_too_long(sample))
        return {
            Level::warning,
            {"документы в ОФД передаёт программа на ПК, и старейший ждёт больше суток",
             "a program on the PC sends the documents to the OFD, and the oldest has waited for over a day"},
            {"запустите эту программу и дайте ей свой канал к кассе (порт занят агентом) или включите в "
             "кассе передачу в ОФД ею самой",
             "start that program and give it a channel of its own (the agent has this port), or have the "
             "register send to the OFD itself"}};
    if (!abilities.known_model)
        return {Level::unknown,
                {"модель неизвестна: что с ней работает, видно только на деле",
                 "the model is unknown: what works with it, only use can tell"},
                abilities.can(Ability::recording) ? kRecord : kTellModel};
    if (abilities.confidence == fiscal::Confidence::guess)
        return {Level::unknown,
                {"с этой моделью ничего не проверено", "nothing was tried with this model"},
                abilities.can(Ability::recording) ? kRecord : kTellModel};
    return {};
}

std::string joined(const Console& console, const std::vector<Ability>& abilities, Text AbilityWords::*words)
{
    std::string text;
    for (const Ability ability : abilities)
        text += (text.empty() ? "" : "; ") + console.say(words_of(ability).*words);
    return text.empty() ? console.say("ничего", "nothing") : text;
}

AbilityFacts facts_of(const Abilities& abilities, const fiscal::DeviceSample& sample)
{
    AbilityFacts facts;
    facts.model_known = abilities.known_model;
    facts.confidence = cabinet_api::to_string(abilities.confidence);
    for (const Ability ability : abilities.works)
        facts.works.emplace_back(fiscal::to_string(ability));
    for (const Ability ability : abilities.lacks)
        facts.lacks.emplace_back(fiscal::to_string(ability));
    for (const fiscal::UpdateWay way : abilities.updates)
        facts.firmware_update.emplace_back(fiscal::to_string(way));
    facts.ffd = fiscal::to_text(sample.info.ffd);
    facts.ffd_assumed = sample.info.ffd_assumed;
    facts.ofd_path = to_string(path_of(sample));
    return facts;
}

} // namespace

AbilityWords words_of(Ability ability)
{
    constexpr Text kNotDone{"", ""}; // lacks only
    switch (ability) {
    case Ability::full_documents:
        return {{"документы целиком (ФН хранит их около 30 дней)",
                 "documents in full (the FN keeps them some 30 days)"},
                {"документы целиком", "documents in full"}};
    case Ability::short_records:
        return {{"краткие записи документов (весь срок ФН)",
                 "short records of documents (as long as the FN lives)"},
                {"краткие записи документов", "short records of documents"}};
    case Ability::shift:
        return {{"смена", "shift"}, {"смена", "shift"}};
    case Ability::fn:
        return {{"состояние ФН", "state of the FN"}, {"ФН: его в кассе нет", "FN: the register has none"}};
    case Ability::ofd_queue:
        return {{"очередь в ОФД", "queue to the OFD"}, {"очередь в ОФД", "queue to the OFD"}};
    case Ability::clock:
        return {{"часы", "clock"}, {"часы", "clock"}};
    case Ability::cash_in_drawer:
        return {{"деньги в ящике", "cash in the drawer"}, {"деньги в ящике", "cash in the drawer"}};
    case Ability::paper:
        return {{"бумага", "paper"}, {"бумага", "paper"}};
    case Ability::sd_card:
        return {{"SD-карта", "SD card"},
                {"SD-карта: касса о ней не сообщает", "SD card: the register tells nothing of it"}};
    case Ability::ffd_version:
        return {{"версия ФФД", "FFD version"},
                {"версия ФФД: касса её не сообщает", "FFD version: the register does not tell it"}};
    case Ability::ofd_sender:
        return {{"кто передаёт документы в ОФД", "who sends documents to the OFD"},
                {"кто передаёт документы в ОФД: не видно", "who sends documents to the OFD: not visible"}};
    case Ability::recording:
        return {{"запись обмена для разбора (kktctl record)", "recording of the traffic (kktctl record)"},
                {"запись обмена: с кассой говорит драйвер производителя",
                 "recording of the traffic: it is the maker's driver that talks"}};
    case Ability::cash_commands:
        return {kNotDone,
                {"внесение и выплата по команде с ПК при ФФД 1.2",
                 "cash in and out by a command of the PC with FFD 1.2"}};
    case Ability::ofd_through_pc:
        return {kNotDone,
                {"передача документов в ОФД через компьютер", "documents to the OFD by way of the PC"}};
    case Ability::platform_5:
        return {kNotDone,
                {"платформа 5 (её требует ФФД 1.2): только через драйвер производителя, device.family = "
                 "\"atol-fptr\"",
                 "platform 5 (FFD 1.2 wants it): through the maker's driver only, device.family = "
                 "\"atol-fptr\""}};
    }
    return {kNotDone, kNotDone};
}

std::string ffd_text(const Console& console, const fiscal::DeviceInfo& info)
{
    std::string text(fiscal::to_text(info.ffd));
    if (!text.empty() && info.ffd_assumed)
        text += console.say(" (касса не сообщает, принято)", " (the register does not tell, assumed)");
    return text;
}

Verdict examine_abilities(const Console& console, const DeviceEvidence& device)
{
    Verdict verdict;
    verdict.check = "abilities";
    verdict.subject = device.name;
    if (!device.sample || device.sample->info.model.empty()) {
        verdict.found = console.say("касса не опознана", "the register was not identified");
        return verdict;
    }
    const auto& sample = *device.sample;
    auto abilities = abilities_of(sample.info);
    if (!abilities) {
        verdict.found =
            console.say("протокол этой программе не знаком: ", "a protocol unknown to this program: ") +
            sample.info.protocol;
        return verdict;
    }
    put_right(*abilities, sample);
    const Fault fault = fault_of(*abilities, sample);
    verdict.level = fault.level;
    verdict.cause = console.say(fault.cause);
    verdict.cure = console.say(fault.cure);
    verdict.found = sample.info.model + ", " + console.say(confidence_text(*abilities));
    const std::string ffd = ffd_text(console, sample.info);
    verdict.notes = {
        console.say("работает: ", "works: ") + joined(console, abilities->works, &AbilityWords::works),
        console.say("не работает: ", "does not work: ") +
            joined(console, abilities->lacks, &AbilityWords::lacks),
        console.say("ФФД: ", "FFD: ") + (ffd.empty() ? console.say("не известен", "not known") : ffd),
        console.say("в ОФД: ", "to the OFD: ") + console.say(ofd_text(sample, abilities->through_library)),
        console.say("прошивка: ", "firmware: ") + updates_text(console, *abilities),
    };
    verdict.abilities = facts_of(*abilities, sample);
    return verdict;
}

} // namespace kb::agent::kktctl

// What the doctor says of a model: in words, for programs, and in docs/devices.md.
#include "agent/kktctl/abilities.hpp"
#include "agent/kktctl/verdict_words.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::kktctl;
using fiscal::FfdVersion;
using Facts = nlohmann::ordered_json;

namespace {

DeviceEvidence identified(const std::string& model, const std::string& protocol,
                          FfdVersion ffd = FfdVersion::v1_05)
{
    DeviceEvidence device;
    device.name = "Касса 1";
    device.state = "ready";
    fiscal::DeviceSample sample;
    sample.info.model = model;
    sample.info.protocol = protocol;
    sample.info.kkt_serial = "0000000001011546";
    sample.info.ffd = ffd;
    sample.fn = fiscal::FnStatus{};
    sample.fn->phase = 3;
    sample.ofd = fiscal::OfdStatus{};
    sample.device_clock = *local_from_text("2026-03-25T14:05:00");
    device.sample = sample;
    return device;
}

/// A Shtrih that tells everything: card, sender, FFD.
DeviceEvidence complete_shtrih()
{
    DeviceEvidence device = identified("ШТРИХ-М-02Ф", "shtrih v1 1.14", FfdVersion::v1_2);
    device.sample->sd_card = fiscal::SdCard{};
    device.sample->sd_card->state = fiscal::SdCard::State::present;
    device.sample->ofd->sender = fiscal::OfdSender::itself;
    return device;
}

Verdict told(const DeviceEvidence& device, Language language = Language::russian)
{
    return examine_abilities(Console{language, false, false, false}, device);
}

std::string notes_of(const Verdict& verdict)
{
    std::string all;
    for (const std::string& note : verdict.notes)
        all += note + "\n";
    return all;
}

bool has(const Facts& list, const char* name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

TEST_CASE("a register that does everything is told so, with how its documents get to the OFD", "[doctor]")
{
    const Verdict verdict = told(complete_shtrih());
    CHECK(verdict.check == "abilities");
    CHECK(verdict.level == Level::ok);
    CHECK(verdict.cause.empty());
    CHECK(verdict.cure.empty());
    CHECK(verdict.found == "ШТРИХ-М-02Ф, проверено на эмуляторе этой модели, на настоящих кассах ещё нет");
    CHECK(verdict.notes ==
          std::vector<std::string>{
              "работает: документы целиком (ФН хранит их около 30 дней); краткие записи документов (весь "
              "срок ФН); смена; состояние ФН; очередь в ОФД; часы; деньги в ящике; бумага; SD-карта; "
              "версия ФФД; кто передаёт документы в ОФД; запись обмена для разбора (kktctl record)",
              "не работает: ничего",
              "ФФД: 1.2",
              "в ОФД: документы передаёт сама касса",
              "прошивка: программы производителя меняют её через DFU, SD, XModem; KKT Bridge её не меняет",
          });
    const Facts json = verdicts_json({verdict})[0];
    CHECK(json["check"] == "abilities");
    CHECK(json["verdict"] == "ok");
    CHECK(json["lacks"] == Facts::array());
    CHECK(json["works"].size() == 12);
    CHECK(has(json["works"], "sd_card"));
    CHECK(json["ffd"] == "1.2");
    CHECK(json["ffd_assumed"] == false);
    CHECK(json["ofd_path"] == "itself");
    CHECK(json["firmware_update"] == Facts{"dfu", "sd_card", "xmodem"});
    CHECK(json["model_known"] == true);
    CHECK(json["confidence"] == "emulated");
    CHECK(json["notes"].size() == 5);
    CHECK_THAT(notes_of(told(complete_shtrih(), Language::english)),
               Catch::Contains("works: documents in full") && Catch::Contains("does not work: nothing") &&
                   Catch::Contains("to the OFD: the register sends its documents itself"));
}

TEST_CASE("what MOBILE-Ф keeps to itself is told, and its FFD as assumed", "[doctor]")
{
    DeviceEvidence device = identified("ШТРИХ-MOBILE-Ф", "shtrih v2 1.14");
    device.sample->info.ffd_assumed = true;
    const Verdict verdict = told(device);
    CHECK(verdict.level == Level::ok);
    CHECK_THAT(notes_of(verdict), Catch::Contains("SD-карта: касса о ней не сообщает") &&
                                      Catch::Contains("версия ФФД: касса её не сообщает") &&
                                      Catch::Contains("ФФД: 1.05 (касса не сообщает, принято)") &&
                                      Catch::Contains("в ОФД: кто передаёт документы, касса не сообщает") &&
                                      Catch::Contains("прошивка: о способах обновления нет сведений"));
    const Facts json = verdicts_json({verdict})[0];
    CHECK(json["lacks"] == Facts{"sd_card", "ffd_version", "ofd_sender"});
    CHECK(has(json["works"], "full_documents"));
    CHECK(json["ffd"] == "1.05");
    CHECK(json["ffd_assumed"] == true);
    CHECK(json["ofd_path"] == "unknown");
    CHECK(json["firmware_update"] == Facts::array());
    CHECK_THAT(examine_device(Console{}, device, UtcMs{})[1].found,
               Catch::EndsWith("ФФД 1.05 (касса не сообщает, принято)"));
}

TEST_CASE("a model that is a guess is told as one, with how to make it more", "[doctor]")
{
    const Verdict verdict = told(identified("РИТЕЙЛ-02Ф", "shtrih v1 1.14"));
    CHECK(verdict.level == Level::unknown);
    CHECK_THAT(verdict.found, Catch::Contains("догадка"));
    CHECK_THAT(verdict.cause, Catch::Contains("ничего не проверено"));
    CHECK_THAT(verdict.cure, Catch::Contains("kktctl record"));
    CHECK(verdict.abilities->confidence == "guess");
    CHECK(verdict.abilities->model_known);
}

TEST_CASE("an ATOL over its own protocol is told its limits and their cure", "[doctor]")
{
    DeviceEvidence device = identified("АТОЛ 30Ф", "atol v2");
    device.sample->ofd->sender = fiscal::OfdSender::itself;
    const Verdict verdict = told(device);
    CHECK(verdict.level == Level::ok);
    CHECK_THAT(verdict.found, Catch::Contains("на эмуляторе"));
    CHECK_THAT(notes_of(verdict), Catch::Contains("платформа 5") && Catch::Contains("\"atol-fptr\""));
    CHECK(verdict.abilities->lacks == std::vector<std::string>{"sd_card", "platform_5"});

    device.sample->info.ffd = FfdVersion::v1_2;
    const Verdict newer = told(device);
    CHECK(newer.level == Level::warning);
    CHECK_THAT(newer.cure, Catch::Contains("device.family = \"atol-fptr\""));
}

TEST_CASE("an OFD that needs the maker's driver is one problem, of the FN, and told here as a fact",
          "[doctor]")
{
    DeviceEvidence device = identified("АТОЛ 30Ф", "atol v2");
    device.sample->ofd->sender = fiscal::OfdSender::host_program;
    device.sample->info.warnings = {fiscal::DeviceWarning::ofd_needs_vendor_driver};
    const Verdict verdict = told(device);
    CHECK(verdict.level == Level::ok);
    CHECK(verdict.abilities->ofd_path == "vendor_driver");
    CHECK_THAT(notes_of(verdict), Catch::Contains("только драйвер производителя"));
}

TEST_CASE("an ATOL through the maker's library is told what that adds and takes", "[doctor]")
{
    const Verdict verdict =
        told(identified("АТОЛ 27Ф", "libfptr10 10.10.7.0, platform 50", FfdVersion::v1_2));
    CHECK(verdict.level == Level::ok);
    CHECK_THAT(verdict.found, Catch::Contains("на заглушке драйвера производителя"));
    CHECK_THAT(notes_of(verdict), Catch::Contains("через него касса и подключена"));
    CHECK(verdict.abilities->confidence == "emulated");
    CHECK(verdict.abilities->lacks == std::vector<std::string>{"sd_card", "ofd_sender", "recording"});
    // It cannot be recorded, so nobody is told to.
    CHECK_THAT(told(identified("АТОЛ 99Ф", "libfptr10 10.10.7.0")).cure, !Catch::Contains("kktctl record"));
}

TEST_CASE("a model without a row is told as unknown, by what the unit itself tells, with the cure",
          "[doctor]")
{
    DeviceEvidence device = complete_shtrih();
    device.sample->info.model = "ПРОРЫВ-05Ф";
    const Verdict verdict = told(device);
    CHECK(verdict.level == Level::unknown);
    CHECK_THAT(verdict.found, Catch::StartsWith("ПРОРЫВ-05Ф, этой модели нет в таблице"));
    CHECK_THAT(verdict.cause, Catch::Contains("модель неизвестна"));
    CHECK_THAT(verdict.cure, Catch::Contains("kktctl record"));
    CHECK_FALSE(verdict.abilities->model_known);
    CHECK(verdict.abilities->confidence == "guess");
    CHECK(verdict.abilities->firmware_update.empty()); // nobody shall change it by a guess
    CHECK(std::count(verdict.abilities->works.begin(), verdict.abilities->works.end(), "sd_card") == 1);
}

TEST_CASE("what the unit told counts for more than its model's row", "[doctor]")
{
    DeviceEvidence device = complete_shtrih();
    device.sample->sd_card.reset();
    device.sample->ofd->sender = fiscal::OfdSender::unknown;
    CHECK(told(device).abilities->lacks == std::vector<std::string>{"sd_card", "ofd_sender"});
    // Not asked yet: the row is believed.
    device.sample->device_clock.reset();
    device.sample->ofd.reset();
    CHECK(told(device).abilities->lacks.empty());
    CHECK_THAT(notes_of(told(device)),
               Catch::Contains("в ОФД: кто передаёт документы, касса ещё не опрошена"));
}

TEST_CASE("a program on the PC that lets documents wait for over a day is a warning", "[doctor]")
{
    DeviceEvidence device = complete_shtrih();
    device.sample->ofd->sender = fiscal::OfdSender::host_program;
    CHECK(told(device).level == Level::ok);
    CHECK(told(device).abilities->ofd_path == "host_program");
    device.sample->ofd->unsent_documents = 3;
    device.sample->ofd->first_unsent_at = *local_from_text("2026-03-24T15:00:00");
    CHECK(told(device).level == Level::ok);
    device.sample->ofd->first_unsent_at = *local_from_text("2026-03-24T14:00:00");
    CHECK(told(device).level == Level::warning);
    CHECK_FALSE(told(device).cure.empty());
}

TEST_CASE("a register without a fiscal drive is told to hold no documents", "[doctor]")
{
    DeviceEvidence device = identified("ШТРИХ-ФР-К", "shtrih v1 1.10");
    device.sample->fn.reset();
    const Verdict old = told(device);
    CHECK(old.level == Level::warning);
    CHECK_THAT(old.cause, Catch::Contains("без фискального накопителя"));
    // With a drive in it, it is another model that goes by the code of the old one.
    device.sample->fn = fiscal::FnStatus{};
    CHECK(told(device).level == Level::unknown);
    CHECK_FALSE(told(device).abilities->model_known);
}

TEST_CASE("of a register that was not reached nothing is claimed", "[doctor]")
{
    DeviceEvidence device;
    device.name = "Касса 1";
    device.reason = "port_busy";
    CHECK(told(device).level == Level::unknown);
    CHECK_FALSE(told(device).abilities);
    CHECK_FALSE(verdicts_json({told(device)})[0].contains("works"));
    CHECK(told(identified("Новая", "another 1.0")).found == "протокол этой программе не знаком: another 1.0");
}

TEST_CASE("docs/devices.md has a row for every ability, with the doctor's own words", "[doctor]")
{
    const std::string document = kb::test::read_file(KB_DEVICES_DOCUMENT);
    const Console console;
    for (const fiscal::Ability ability : fiscal::all_abilities()) {
        const AbilityWords words = words_of(ability);
        const std::string works = console.say(words.works);
        const std::string line = "| `" + std::string(fiscal::to_string(ability)) + "` | " +
                                 (works.empty() ? "нет" : works) + " | " + console.say(words.lacks) + " |";
        UNSCOPED_INFO("docs/devices.md lacks the line\n" << line);
        CHECK(document.find("\n" + line + "\n") != std::string::npos);
        for (const Text& text : {words.works, words.lacks})
            CHECK(console.say(text).empty() == text.in(Language::english).empty());
    }
}

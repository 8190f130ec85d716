#include "agent/kktctl/verdict_words.hpp"

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;

namespace {

std::string check_text(const Console& console, const std::string& check)
{
    if (console.language == Language::english)
        return check;
    return check == "pc"          ? "ПК"
           : check == "library"   ? "драйвер"
           : check == "port"      ? "порт"
           : check == "register"  ? "касса"
           : check == "fn"        ? "ФН"
           : check == "sd"        ? "SD-карта"
           : check == "clock"     ? "часы"
           : check == "abilities" ? "возможности"
           : check == "cabinet"   ? "кабинет"
                                  : "журнал";
}

std::string level_text(const Console& console, Level level)
{
    switch (level) {
    case Level::ok:
        return console.paint(Colour::green, console.say("норма    ", "ok     "));
    case Level::unknown:
        return console.paint(Colour::grey, console.say("неизвестно", "unknown"));
    case Level::warning:
        return console.paint(Colour::yellow, console.say("внимание ", "warning"));
    case Level::problem:
        return console.paint(Colour::red, console.say("проблема ", "problem"));
    }
    return "";
}

Json verdict_json(const Verdict& verdict)
{
    Json json{{"check", verdict.check}, {"subject", verdict.subject}, {"verdict", to_string(verdict.level)},
              {"code", verdict.code},   {"found", verdict.found},     {"cause", verdict.cause},
              {"cure", verdict.cure},   {"details", verdict.details}};
    if (!verdict.notes.empty())
        json["notes"] = verdict.notes;
    if (verdict.abilities) {
        const AbilityFacts& facts = *verdict.abilities;
        json["works"] = facts.works;
        json["lacks"] = facts.lacks;
        json["ffd"] = facts.ffd;
        json["ffd_assumed"] = facts.ffd_assumed;
        json["ofd_path"] = facts.ofd_path;
        json["firmware_update"] = facts.firmware_update;
        json["model_known"] = facts.model_known;
        json["confidence"] = facts.confidence;
    }
    return json;
}

} // namespace

Json verdicts_json(const std::vector<Verdict>& verdicts)
{
    Json list = Json::array();
    for (const Verdict& verdict : verdicts)
        list.push_back(verdict_json(verdict));
    return list;
}

void tell_verdicts(const Console& console, const std::vector<Verdict>& verdicts)
{
    std::string subject;
    for (const Verdict& one : verdicts) {
        if (one.subject != subject && !one.subject.empty())
            console.line(console.paint(Colour::grey, one.subject));
        subject = one.subject;
        console.line(level_text(console, one.level) + "  " + check_text(console, one.check) + ": " +
                     one.found);
        for (const std::string& note : one.notes)
            console.line(console.say("           ", "         ") + note);
        if (!one.cause.empty())
            console.line(console.say("           причина: ", "         cause: ") + one.cause);
        if (!one.cure.empty())
            console.line(console.say("           что делать: ", "         cure: ") + one.cure);
        if (!one.details.empty())
            console.line(console.paint(
                Colour::grey, console.say("           подробности: ", "         details: ") + one.details));
    }
}

} // namespace kb::agent::kktctl

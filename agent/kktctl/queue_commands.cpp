// queue ls, queue show, journal check: what has not reached the cabinet, and whether the file is sound.
#include "agent/clock.hpp"
#include "agent/kktctl/commands.hpp"
#include "storage/journal.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using storage::FdRange;
using storage::Journal;
using storage::RejectedDocument;

namespace {

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

Json ranges_json(const std::vector<FdRange>& ranges)
{
    Json list = Json::array();
    for (const FdRange& range : ranges)
        list.push_back({range.first, range.last});
    return list;
}

std::string ranges_text(const std::vector<FdRange>& ranges)
{
    std::string text;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (i == 8)
            return text + ", …";
        text += (text.empty() ? "" : ", ") + std::to_string(ranges[i].first);
        if (ranges[i].last != ranges[i].first)
            text += "–" + std::to_string(ranges[i].last);
    }
    return text;
}

Json rejected_json(const RejectedDocument& one, bool with_raw)
{
    Json json{{"id", one.id},
              {"fn_serial", one.fn_serial},
              {"fd_number", one.fd_number},
              {"kkt_serial", one.kkt_serial},
              {"origin", storage::to_string(one.origin)},
              {"code", one.code},
              {"reason", one.reason},
              {"first_at", to_text(one.first_at)},
              {"last_at", to_text(one.last_at)},
              {"times", one.times}};
    if (with_raw)
        json["raw_hex"] = to_hex(one.raw);
    return json;
}

std::string origin_text(const Console& console, RejectedDocument::Origin origin)
{
    switch (origin) {
    case RejectedDocument::Origin::reading:
        return console.say("касса отдала негодный документ", "the register gave no sound document");
    case RejectedDocument::Origin::journal:
        return console.say("под этим номером уже есть другой", "another is held under this number");
    case RejectedDocument::Origin::cabinet:
        return console.say("не принял кабинет", "the cabinet refused it");
    }
    return "";
}

int failed(const Console& console, const Error& error)
{
    if (error.code == Errc::not_found)
        return console.fail(error,
                            {console.say("журнала ещё нет", "there is no journal yet"),
                             console.say("Проверьте: kktctl doctor", "Look with: kktctl doctor")},
                            kNotFound);
    return console.fail(error);
}

} // namespace

int queue_ls(const Context& context)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return failed(console, journal.error());
    const auto state = journal->outbox().state();
    const auto rejected = journal->documents().rejected();
    const auto fns = journal->documents().fns();
    const auto telemetry = journal->telemetry().counts();
    if (!state || !rejected || !fns || !telemetry)
        return failed(console, !state      ? state.error()
                               : !rejected ? rejected.error()
                               : !fns      ? fns.error()
                                           : telemetry.error());
    const auto age =
        state->oldest_unsent_at
            ? std::chrono::duration_cast<std::chrono::seconds>(SystemClock().now() - *state->oldest_unsent_at)
                  .count()
            : 0;
    Json fn_list = Json::array();
    std::vector<std::vector<std::string>> rows{
        {console.say("ФН", "FN"), console.say("не отправлены ФД", "unsent FD")}};
    for (const auto& fn : *fns) {
        const auto unsent = journal->outbox().unsent(fn.fn_serial);
        if (!unsent)
            return failed(console, unsent.error());
        fn_list.push_back({{"fn_serial", fn.fn_serial}, {"unsent", ranges_json(*unsent)}});
        if (!unsent->empty())
            rows.push_back({fn.fn_serial, ranges_text(*unsent)});
    }
    if (console.json) {
        Json list = Json::array();
        for (const auto& one : *rejected)
            list.push_back(rejected_json(one, false));
        console.line(
            dump({{"unsent", state->unsent},
                  {"oldest_unsent_at",
                   state->oldest_unsent_at ? Json(to_text(*state->oldest_unsent_at)) : Json(nullptr)},
                  {"oldest_unsent_age_s", age},
                  {"fns", fn_list},
                  {"unsent_events", telemetry->unsent_events},
                  {"unsent_samples", telemetry->unsent_samples},
                  {"rejected", list}}));
        return kDone;
    }
    if (state->unsent == 0)
        console.line(console.say("Все документы отправлены.", "All documents are sent."));
    else {
        console.line(
            console.say("Не отправлено документов: ", "Unsent documents: ") + std::to_string(state->unsent) +
            console.say(", старейший ждёт ", ", the oldest waits for ") + duration_text(console, age));
        console.table(rows);
    }
    if (!rejected->empty()) {
        console.line();
        console.line(console.paint(Colour::yellow,
                                   console.say("Отложены с причиной (подробно: kktctl queue show НОМЕР):",
                                               "Set aside with a reason (more: kktctl queue show NUMBER):")));
        std::vector<std::vector<std::string>> list{{"№", console.say("ФН", "FN"), console.say("ФД", "FD"),
                                                    console.say("откуда", "origin"),
                                                    console.say("причина", "reason")}};
        for (const auto& one : *rejected)
            list.push_back({std::to_string(one.id), one.fn_serial, std::to_string(one.fd_number),
                            origin_text(console, one.origin), one.code + ": " + one.reason});
        console.table(list);
    }
    return kDone;
}

int queue_show(const Context& context, std::int64_t id)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return failed(console, journal.error());
    const auto one = journal->documents().rejected(id);
    if (!one && one.error().code == Errc::not_found)
        return console.fail(one.error(),
                            {console.say("отложенного документа " + std::to_string(id) + " нет",
                                         "no document " + std::to_string(id) + " is set aside"),
                             console.say("Номера покажет: kktctl queue ls", "The numbers: kktctl queue ls")},
                            kNotFound);
    if (!one)
        return console.fail(one.error());
    if (console.json) {
        console.line(dump(rejected_json(*one, true)));
        return kDone;
    }
    console.line(console.say("ФН ", "FN ") + one->fn_serial + console.say(", ФД ", ", FD ") +
                 std::to_string(one->fd_number) + console.say(", ККТ ", ", register ") + one->kkt_serial);
    console.line(origin_text(console, one->origin) + ": " + one->code);
    console.line(one->reason);
    console.line(console.say("впервые ", "first ") + to_text(one->first_at) +
                 console.say(", в последний раз ", ", last ") + to_text(one->last_at) +
                 console.say(", всего раз: ", ", times: ") + std::to_string(one->times));
    if (!one->raw.empty())
        console.line(to_hex(one->raw));
    return kDone;
}

int journal_check(const Context& context)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal && journal.error().code != Errc::storage_damaged)
        return failed(console, journal.error());
    Journal::CheckReport report;
    if (!journal) {
        report.sound = false;
        report.problems.push_back(journal.error().context);
    } else {
        Progress progress(console, console.say("Проверка журнала", "Checking the journal"));
        auto checked = journal->check([&](double part) { progress.show(part); });
        if (!checked)
            return failed(console, checked.error());
        report = *std::move(checked);
    }
    const std::string cure =
        report.sound ? ""
        : report.problems.empty()
            ? console.say("Агент сам перечитает эти документы из ФН перед отправкой.",
                          "The agent reads these documents out of the FN again before it sends them.")
            : console.say("Перезапустите kkt-agent: он отложит файл и перечитает документы из ФН.",
                          "Restart kkt-agent: it sets the file aside and reads the documents again.");
    if (console.json) {
        Json fns = Json::array();
        for (const auto& fn : report.fns)
            fns.push_back({{"fn_serial", fn.fn_serial},
                           {"kkt_serial", fn.kkt_serial},
                           {"last_fd_number", fn.last_fd_number},
                           {"contiguous_through", fn.contiguous_through},
                           {"missing", ranges_json(fn.missing)}});
        console.line(dump({{"sound", report.sound},
                           {"documents", report.documents},
                           {"problems", report.problems},
                           {"bad_documents", report.bad_documents},
                           {"fns", fns},
                           {"cure", cure}}));
        return report.sound ? kDone : kProblems;
    }
    console.line(report.sound
                     ? console.paint(Colour::green, console.say("Журнал исправен", "The journal is sound"))
                     : console.paint(Colour::red, console.say("Журнал повреждён", "The journal is damaged")));
    console.line(console.say("Документов проверено: ", "Documents checked: ") +
                 std::to_string(report.documents));
    for (const std::vector<std::string>* found : {&report.problems, &report.bad_documents})
        for (const std::string& one : *found)
            console.line(console.paint(Colour::grey, console.say("  подробности: ", "  details: ") + one));
    if (!cure.empty())
        console.line(console.say("Что делать: ", "Cure: ") + cure);
    for (const auto& fn : report.fns)
        console.line(console.say("ФН ", "FN ") + fn.fn_serial + ": " +
                     (fn.missing.empty() ? console.say("без пропусков до ФД ", "no gaps up to FD ") +
                                               std::to_string(fn.contiguous_through)
                                         : console.say("ещё не прочитаны ФД ", "not yet read FD ") +
                                               ranges_text(fn.missing)));
    return report.sound ? kDone : kProblems;
}

} // namespace kb::agent::kktctl

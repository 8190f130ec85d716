// journal check, queue check: whether the file is sound, and what waits in it can be sent.
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "storage/journal.hpp"

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using storage::Journal;

namespace {

/// What is wrong with a waiting document, in the words of the layer that says so; empty: nothing.
std::string fault_of(const storage::JournalDocument& entry)
{
    const fiscal::FiscalDocument& document = entry.document;
    if (entry.damaged)
        return "does not match its checksum";
    if (document.form == fiscal::DocumentForm::short_record) {
        const auto record = fiscal::read_short_record(document.raw);
        return record ? "" : record.error().message();
    }
    const auto head = fiscal::head_of(document.raw);
    if (!head)
        return head.error().message();
    if (head->fn_serial != document.fn_serial || head->fd_number != document.fd_number)
        return "is FD " + std::to_string(head->fd_number) + " of FN " + head->fn_serial;
    return "";
}

} // namespace

int queue_check(const Context& context)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    const auto state = journal->outbox().state();
    const auto orphans = journal->outbox().orphans();
    if (!state || !orphans)
        return journal_failed(console, !state ? state.error() : orphans.error());
    std::vector<std::string> problems;
    if (*orphans > 0)
        problems.push_back("rows without a document: " + std::to_string(*orphans));
    std::uint64_t checked = 0;
    std::uint64_t nameless = 0;
    {
        Progress progress(console, console.say("Проверка очереди", "Checking the queue"));
        const auto read = journal->outbox().for_each_waiting(0, [&](const storage::WaitingDocument& one) {
            const auto& document = one.document.document;
            if (const std::string fault = fault_of(one.document); !fault.empty())
                problems.push_back(document.fn_serial + " " + std::to_string(document.fd_number) + ": " +
                                   fault);
            nameless += one.document.kkt_serial.empty() ? 1U : 0U;
            if (++checked % 1000 == 0 && state->unsent != 0)
                progress.show(
                    std::min(1.0, static_cast<double>(checked) / static_cast<double>(state->unsent)));
            return true;
        });
        if (!read)
            return journal_failed(console, read.error());
    }
    const bool sound = problems.empty();
    const std::string cure =
        sound ? ""
              : console.say(
                    "Негодные строки агент сам заменит, перечитав документы из ФН; весь журнал проверит: "
                    "kktctl journal check",
                    "The agent replaces such rows by itself, reading the FN again; the whole journal is "
                    "checked by: kktctl journal check");
    if (console.json) {
        console.line(dump({{"sound", sound},
                           {"documents", checked},
                           {"without_kkt_serial", nameless},
                           {"problems", problems},
                           {"cure", cure}}));
        return sound ? kDone : kProblems;
    }
    console.line(sound ? console.paint(Colour::green, console.say("Очередь исправна", "The queue is sound"))
                       : console.paint(Colour::red, console.say("В очереди есть негодные строки",
                                                                "The queue has rows that are not sound")));
    console.line(console.say("Ждут отправки и проверены: ", "Waiting and checked: ") +
                 std::to_string(checked));
    if (nameless > 0)
        console.line(console.say("Из них ждут заводского номера кассы: ",
                                 "Of them waiting for their register's number: ") +
                     std::to_string(nameless));
    for (const std::string& one : problems)
        console.line(console.paint(Colour::grey, console.say("  подробности: ", "  details: ") + one));
    if (!cure.empty())
        console.line(console.say("Что делать: ", "Cure: ") + cure);
    return sound ? kDone : kProblems;
}

int journal_check(const Context& context)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal && journal.error().code != Errc::storage_damaged)
        return journal_failed(console, journal.error());
    Journal::CheckReport report;
    if (!journal) {
        report.sound = false;
        report.problems.push_back(journal.error().context);
    } else {
        Progress progress(console, console.say("Проверка журнала", "Checking the journal"));
        auto checked = journal->check([&](double part) { progress.show(part); });
        if (!checked)
            return journal_failed(console, checked.error());
        report = *std::move(checked);
    }
    const std::string cure =
        report.sound ? ""
        : report.problems.empty() && report.bad_documents.empty()
            ? console.say("Сравните эти запросы с документами в ФН: их записи на диске изменены.",
                          "Compare these requests with the documents in the FN: their rows were changed.")
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
                           {"jobs", report.jobs},
                           {"bad_jobs", report.bad_jobs},
                           {"fns", fns},
                           {"cure", cure}}));
        return report.sound ? kDone : kProblems;
    }
    console.line(report.sound
                     ? console.paint(Colour::green, console.say("Журнал исправен", "The journal is sound"))
                     : console.paint(Colour::red, console.say("Журнал повреждён", "The journal is damaged")));
    console.line(console.say("Документов проверено: ", "Documents checked: ") +
                 std::to_string(report.documents));
    if (report.jobs > 0)
        console.line(console.say("Запросов к кассам проверено: ", "Requests to registers checked: ") +
                     std::to_string(report.jobs));
    for (const std::vector<std::string>* found : {&report.problems, &report.bad_documents, &report.bad_jobs})
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

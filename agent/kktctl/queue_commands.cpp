// queue ls, show, check: what has not reached the cabinet, why it waits, and what was set aside.
#include "agent/clock.hpp"
#include "agent/kktctl/agent_page.hpp"
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "storage/journal.hpp"

#include <algorithm>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using storage::FdRange;
using storage::Journal;
using storage::RejectedDocument;
using storage::WaitingDocument;
using storage::WaitingFn;

namespace {

constexpr std::size_t kRunsTold =
    100; // of unsent numbers, per FN; as long as there are few gaps, all of them

std::int64_t age_s(UtcMs since)
{
    return std::chrono::duration_cast<std::chrono::seconds>(SystemClock().now() - since).count();
}

/// Why nothing, or nothing more, goes to the cabinet now.
struct Delay {
    std::string state;  ///< of the sync, as the agent says; no_agent, no_cabinet
    std::string reason; ///< Errc name, may be empty
    Words words;        ///< both empty: it is being sent
    std::string details;
    std::optional<UtcMs> retry_at;
};

Delay why_it_waits(const Context& context)
{
    const Console& console = context.console;
    Delay delay;
    if (context.config.cabinet.url.empty()) {
        delay.state = "no_cabinet";
        delay.words = {
            console.say("кабинет не настроен, документы остаются на этом ПК",
                        "no cabinet is configured, documents stay on this PC"),
            console.say("укажите cabinet.url в настройках", "set cabinet.url in the configuration")};
        return delay;
    }
    const auto page = ask_agent(context.config);
    if (!page) {
        delay.state = "no_agent";
        delay.words = {
            console.say("служба kkt-agent не отвечает", "kkt-agent does not answer"),
            console.say("запустите: systemctl start kkt-agent", "start it: systemctl start kkt-agent")};
        delay.details = page.error().details();
        return delay;
    }
    delay.state = text_at(*page, "/sync/state");
    delay.reason = text_at(*page, "/sync/reason");
    delay.details = text_at(*page, "/sync/detail");
    if (const auto retry_at = utc_from_text(text_at(*page, "/sync/retry_at")))
        delay.retry_at = *retry_at;
    if (!delay.reason.empty())
        delay.words = console.words_for(delay.reason);
    return delay;
}

Json delay_json(const Delay& delay)
{
    return {{"state", delay.state},
            {"reason", delay.reason},
            {"cause", delay.words.headline},
            {"cure", delay.words.cure},
            {"details", delay.details},
            {"retry_at", delay.retry_at ? Json(to_text(*delay.retry_at)) : Json(nullptr)}};
}

void tell_delay(const Console& console, const Delay& delay)
{
    if (delay.words.headline.empty()) {
        console.line(console.say("Отправка идёт.", "They are being sent."));
        return;
    }
    console.line(console.say("Почему ждут: ", "Why they wait: ") + delay.words.headline +
                 (delay.reason.empty() ? "" : " [" + delay.reason + "]"));
    console.line(console.say("Что делать: ", "Cure: ") + delay.words.cure);
    if (delay.retry_at)
        console.line(console.say("Следующая попытка через ", "The next attempt in ") +
                     duration_text(console, std::max<std::int64_t>(0, -age_s(*delay.retry_at))));
    if (!delay.details.empty())
        console.line(console.paint(Colour::grey, console.say("Подробности: ", "Details: ") + delay.details));
}

Json waiting_json(const WaitingDocument& one)
{
    const auto& document = one.document.document;
    return {{"fn_serial", document.fn_serial},
            {"fd_number", document.fd_number},
            {"kkt_serial", one.document.kkt_serial},
            {"type", static_cast<int>(document.type)},
            {"datetime", to_text(document.datetime)},
            {"form", document.form == fiscal::DocumentForm::full ? "full" : "short"},
            {"queued_at", to_text(one.queued_at)},
            {"waits_s", age_s(one.queued_at)}};
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

void tell_rejected(const Console& console, const RejectedDocument& one)
{
    console.line(console.say("ФН ", "FN ") + one.fn_serial + console.say(", ФД ", ", FD ") +
                 std::to_string(one.fd_number) + console.say(", ККТ ", ", register ") + one.kkt_serial);
    console.line(console.say("Отложен: ", "Set aside: ") + origin_text(console, one.origin) + ": " +
                 console.words_for(one.code).headline + " [" + one.code + "]");
    console.line(console.say("Подробности: ", "Details: ") + one.reason);
    console.line(console.say("впервые ", "first ") + to_text(one.first_at) +
                 console.say(", в последний раз ", ", last ") + to_text(one.last_at) +
                 console.say(", всего раз: ", ", times: ") + std::to_string(one.times));
    if (!one.raw.empty())
        console.line(to_hex(one.raw));
}

/// What queue ls tells, of either language and form.
struct Queue {
    storage::OutboxState state;
    std::vector<WaitingFn> fns;
    std::vector<std::vector<FdRange>> numbers; ///< unsent ones, for each FN
    std::vector<WaitingDocument> oldest;       ///< the first ones of the queue
    std::vector<RejectedDocument> rejected;
    storage::Telemetry::Counts telemetry;
};

Result<Queue> look(Journal& journal, std::size_t at_most)
{
    Queue queue;
    const auto state = journal.outbox().state();
    auto fns = journal.outbox().waiting_fns();
    auto rejected = journal.documents().rejected();
    const auto telemetry = journal.telemetry().counts();
    if (!state)
        return pass(state);
    if (!fns)
        return pass(fns);
    if (!rejected)
        return pass(rejected);
    if (!telemetry)
        return pass(telemetry);
    queue.state = *state;
    queue.fns = *std::move(fns);
    queue.rejected = *std::move(rejected);
    queue.telemetry = *telemetry;
    for (const WaitingFn& fn : queue.fns) {
        auto numbers = journal.outbox().unsent(fn.fn_serial);
        if (!numbers)
            return pass(numbers);
        queue.numbers.push_back(*std::move(numbers));
    }
    const auto listed = journal.outbox().for_each_waiting(at_most, [&](const WaitingDocument& one) {
        queue.oldest.push_back(one);
        return true;
    });
    if (!listed)
        return pass(listed);
    return queue;
}

int tell_json(const Console& console, const Queue& queue, const Delay& delay, std::size_t at_most)
{
    Json fns = Json::array();
    for (std::size_t i = 0; i < queue.fns.size(); ++i) {
        const WaitingFn& fn = queue.fns[i];
        fns.push_back(
            {{"fn_serial", fn.fn_serial},
             {"kkt_serial", fn.kkt_serial},
             {"documents", fn.documents},
             {"oldest_at", to_text(fn.oldest_at)},
             {"reason", fn.kkt_serial.empty() ? to_string(Errc::no_kkt_serial) : std::string_view{}},
             {"unsent", ranges_json(queue.numbers[i], kRunsTold)},
             {"more_ranges", queue.numbers[i].size() - std::min(kRunsTold, queue.numbers[i].size())}});
    }
    Json waiting = Json::array();
    for (const WaitingDocument& one : queue.oldest)
        waiting.push_back(waiting_json(one));
    Json rejected = Json::array();
    for (const RejectedDocument& one : queue.rejected) {
        if (at_most != 0 && rejected.size() == at_most)
            break;
        rejected.push_back(rejected_json(one, false));
    }
    const auto& oldest = queue.state.oldest_unsent_at;
    console.line(dump({{"unsent", queue.state.unsent},
                       {"oldest_unsent_at", oldest ? Json(to_text(*oldest)) : Json(nullptr)},
                       {"oldest_unsent_age_s", oldest ? age_s(*oldest) : 0},
                       {"delay", delay_json(delay)},
                       {"fns", fns},
                       {"waiting", waiting},
                       {"unsent_events", queue.telemetry.unsent_events},
                       {"unsent_samples", queue.telemetry.unsent_samples},
                       {"set_aside", queue.rejected.size()},
                       {"rejected", rejected}}));
    return kDone;
}

void tell_waiting(const Console& console, const Queue& queue)
{
    std::vector<std::vector<std::string>> fns{
        {console.say("ФН", "FN"), console.say("ККТ", "register"), console.say("ждут", "waiting"),
         console.say("дольше всех", "longest"), console.say("номера ФД", "FD numbers")}};
    for (std::size_t i = 0; i < queue.fns.size(); ++i) {
        const WaitingFn& fn = queue.fns[i];
        fns.push_back({fn.fn_serial,
                       fn.kkt_serial.empty() ? console.say("без номера", "no number") : fn.kkt_serial,
                       std::to_string(fn.documents), duration_text(console, age_s(fn.oldest_at)),
                       ranges_text(queue.numbers[i])});
    }
    console.table(fns);
    for (const WaitingFn& fn : queue.fns)
        if (fn.kkt_serial.empty()) {
            const Explanation why = explain(Errc::no_kkt_serial);
            console.line(console.say("ФН ", "FN ") + fn.fn_serial + ": " + console.say(why.cause) + "; " +
                         console.say(why.cure));
        }
    if (queue.oldest.empty())
        return;
    console.line();
    std::vector<std::vector<std::string>> documents{
        {console.say("ФН", "FN"), console.say("ФД", "FD"), console.say("документ", "document"),
         console.say("время", "time"), console.say("ждёт", "waits")}};
    for (const WaitingDocument& one : queue.oldest) {
        const auto& document = one.document.document;
        documents.push_back({document.fn_serial, std::to_string(document.fd_number), type_text(document.type),
                             to_text(document.datetime), duration_text(console, age_s(one.queued_at))});
    }
    console.table(documents);
    if (queue.oldest.size() < queue.state.unsent)
        console.line(console.say("… и ещё ", "… and ") +
                     std::to_string(queue.state.unsent - queue.oldest.size()) +
                     console.say("; все: --limit 0", " more; all of them: --limit 0"));
}

void tell_set_aside(const Console& console, const Queue& queue, std::size_t at_most)
{
    console.line();
    console.line(console.paint(Colour::yellow,
                               console.say("Отложены с причиной (подробно: kktctl queue show НОМЕР):",
                                           "Set aside with a reason (more: kktctl queue show NUMBER):")));
    std::vector<std::vector<std::string>> list{{"№", console.say("ФН", "FN"), console.say("ФД", "FD"),
                                                console.say("откуда", "origin"),
                                                console.say("причина", "reason")}};
    for (const RejectedDocument& one : queue.rejected) {
        if (at_most != 0 && list.size() > at_most)
            break;
        list.push_back({std::to_string(one.id), one.fn_serial, std::to_string(one.fd_number),
                        origin_text(console, one.origin),
                        console.words_for(one.code).headline + " [" + one.code + "]"});
    }
    console.table(list);
    if (list.size() - 1 < queue.rejected.size())
        console.line(console.say("… и ещё ", "… and ") +
                     std::to_string(queue.rejected.size() - (list.size() - 1)) +
                     console.say("; все: --limit 0", " more; all of them: --limit 0"));
}

} // namespace

int queue_ls(const Context& context, std::size_t at_most)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    const auto queue = look(*journal, at_most);
    if (!queue)
        return journal_failed(console, queue.error());
    const Delay delay = queue->state.unsent > 0 ? why_it_waits(context) : Delay{};
    if (console.json)
        return tell_json(console, *queue, delay, at_most);
    if (queue->state.unsent == 0) {
        console.line(console.say("Все документы отправлены.", "All documents are sent."));
    } else {
        console.line(
            console.say("Не отправлено документов: ", "Unsent documents: ") +
            std::to_string(queue->state.unsent) +
            console.say(", старейший ждёт ", ", the oldest waits for ") +
            duration_text(console, age_s(queue->state.oldest_unsent_at.value_or(SystemClock().now()))));
        tell_delay(console, delay);
        tell_waiting(console, *queue);
    }
    if (!queue->rejected.empty())
        tell_set_aside(console, *queue, at_most);
    return kDone;
}

int queue_show(const Context& context, std::int64_t id)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    const auto one = journal->documents().rejected(id);
    if (!one && one.error().code == Errc::not_found)
        return console.fail(one.error(),
                            {console.say("отложенного документа " + std::to_string(id) + " нет",
                                         "no document " + std::to_string(id) + " is set aside"),
                             console.say("Номера покажет: kktctl queue ls", "The numbers: kktctl queue ls")},
                            kNotFound);
    if (!one)
        return console.fail(one.error());
    if (console.json)
        console.line(dump(rejected_json(*one, true)));
    else
        tell_rejected(console, *one);
    return kDone;
}

int queue_show_document(const Context& context, const std::string& fn_serial, std::uint32_t fd_number)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    const auto waiting = journal->outbox().find(fn_serial, fd_number);
    const auto held = journal->documents().find(fn_serial, fd_number);
    auto rejected = journal->documents().rejected();
    if (!waiting || !rejected)
        return journal_failed(console, !waiting ? waiting.error() : rejected.error());
    std::erase_if(*rejected, [&](const RejectedDocument& one) {
        return one.fn_serial != fn_serial || one.fd_number != fd_number;
    });
    const bool known = *waiting || held || held.error().code != Errc::not_found || !rejected->empty();
    if (!known)
        return console.fail(
            held.error(),
            {console.say("ФД " + std::to_string(fd_number) + " из ФН " + fn_serial +
                             " не ждёт отправки и не отложен: в журнале его нет",
                         "FD " + std::to_string(fd_number) + " of FN " + fn_serial +
                             " neither waits nor is set aside: the journal lacks it"),
             console.say("Что прочитано, покажет: kktctl status", "What is read: kktctl status")},
            kNotFound);
    const bool refused = std::any_of(rejected->begin(), rejected->end(), [](const RejectedDocument& one) {
        return one.origin != RejectedDocument::Origin::journal;
    });
    const std::string_view place = *waiting ? "waiting" : refused ? "set_aside" : "delivered";
    const Delay delay = *waiting ? why_it_waits(context) : Delay{};
    if (console.json) {
        Json list = Json::array();
        for (const RejectedDocument& one : *rejected)
            list.push_back(rejected_json(one, true));
        console.line(dump({{"fn_serial", fn_serial},
                           {"fd_number", fd_number},
                           {"place", place},
                           {"waiting", *waiting ? waiting_json(**waiting) : Json(nullptr)},
                           {"delay", *waiting ? delay_json(delay) : Json(nullptr)},
                           {"rejected", list}}));
        return kDone;
    }
    if (*waiting) {
        const auto& document = (*waiting)->document.document;
        console.line(console.say("ФН ", "FN ") + fn_serial + console.say(", ФД ", ", FD ") +
                     std::to_string(fd_number) + ", " + type_text(document.type) + ", " +
                     to_text(document.datetime));
        console.line(console.say("Ждёт отправки ", "Waits to be sent for ") +
                     duration_text(console, age_s((*waiting)->queued_at)));
        tell_delay(console, delay);
    } else if (!refused) {
        console.line(console.say("Кабинет его получил.", "The cabinet has it."));
    }
    for (const RejectedDocument& one : *rejected)
        tell_rejected(console, one);
    return kDone;
}

} // namespace kb::agent::kktctl

// receipt, shift, cash, report and job: requests to a register through the agent's native API.
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/native_calls.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <sstream>

namespace kb::agent::kktctl {

using Json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

std::string random_key()
{
    std::random_device random;
    std::ostringstream text;
    text << "kktctl-" << std::hex;
    for (int i = 0; i < 4; ++i)
        text << random();
    return text.str();
}

int exit_code_of(const Json& job)
{
    const std::string state = job.value("state", "");
    if (state == "done")
        return kDone;
    if (state == "unknown" || state == "printing" || state == "undecided")
        return kUnknown;
    return state == "queued" ? kWaiting : kFailed;
}

std::string state_words(const Console& console, const std::string& state)
{
    const std::pair<const char*, Text> words[] = {
        {"queued", {"ждёт", "waits"}},
        {"printing", {"печатается", "is being printed"}},
        {"unknown", {"исход пока неизвестен", "its outcome is not known yet"}},
        {"done", {"сделано", "done"}},
        {"refused", {"отказано", "refused"}},
        {"cancelled", {"отменено", "cancelled"}},
        {"expired", {"время вышло, ничего не сделано", "its time has passed, nothing was done"}},
        {"undecided",
         {"исход неизвестен и узнать его не у кого: посмотрите на бумагу",
          "its outcome is not known and nobody can be asked: look at the paper"}},
    };
    for (const auto& [word, text] : words)
        if (state == word)
            return console.say(text);
    return state;
}

std::string kind_words(const Console& console, const std::string& kind)
{
    const std::pair<const char*, Text> words[] = {
        {"receipt", {"чек", "receipt"}},
        {"shift_open", {"открытие смены", "opening of the shift"}},
        {"shift_close", {"закрытие смены", "closing of the shift"}},
        {"x_report", {"X-отчёт", "X report"}},
        {"state_report", {"отчёт о состоянии расчётов", "report of settlements"}},
        {"cash_in", {"внесение", "cash in"}},
        {"cash_out", {"выплата", "cash out"}},
        {"copy", {"копия документа", "copy of a document"}},
        {"text", {"текст", "text"}},
        {"cash_drawer", {"открыть ящик", "drawer"}},
        {"beep", {"гудок", "beep"}},
        {"cut", {"отрезать ленту", "cut"}},
        {"set_time", {"установка часов", "setting of the clock"}},
        {"known_state", {"приведение кассы в порядок", "to a known state"}},
        {"continue_printing", {"продолжение печати", "printing goes on"}},
    };
    for (const auto& [word, text] : words)
        if (kind == word)
            return console.say(text);
    return kind;
}

Colour colour_of(const std::string& state)
{
    return state == "done"                            ? Colour::green
           : state == "queued" || state == "printing" ? Colour::yellow
                                                      : Colour::red;
}

void show(const Console& console, const Json& job)
{
    const std::string state = job.value("state", "");
    console.line(console.paint(colour_of(state), state_words(console, state)) + "  " +
                 kind_words(console, job.value("kind", "")) + "  " + job.value("id", ""));
    if (job.contains("document") && job["document"].is_object()) {
        const Json& document = job["document"];
        console.line(console.say("ФН ", "FN ") + document.value("fn_serial", "") +
                     console.say(", ФД ", ", FD ") + std::to_string(document.value("fd_number", 0U)) +
                     console.say(", ФП ", ", sign ") + std::to_string(document.value("fiscal_sign", 0U)) +
                     ", " +
                     (document["datetime"].is_string() ? document["datetime"].get<std::string>() : ""));
        if (const std::string qr = document.value("qr", ""); !qr.empty())
            console.line(qr);
        if (!document.value("printed", true))
            console.line(console.say("Документ в ФН есть, бумага не вышла: вставьте ленту.",
                                     "The document is in the FN, its paper is not out: load paper."));
    }
    for (const char* what : {"error", "waits_for"})
        if (job.contains(what) && job[what].is_object()) {
            const Json& trouble = job[what];
            const bool russian = console.language == Language::russian;
            console.line(trouble.value(russian ? "cause_ru" : "cause", trouble.value("code", "")) + ": " +
                         trouble.value("detail", ""));
            if (const std::string cure = trouble.value(russian ? "cure_ru" : "cure", ""); !cure.empty())
                console.line(cure);
        }
    if (job.contains("evidence") &&
        (state == "unknown" || state == "undecided" || job.value("attempts", 0U) > 1))
        for (const Json& entry : job["evidence"])
            console.line(console.paint(Colour::grey, entry.value("at", "") + "  " + entry.value("saw", "") +
                                                         " -> " + entry.value("concluded", "")));
}

/// The agent on this computer is who was asked: neither a register nor the cabinet.
int failed(const Context& context, const Error& error)
{
    const Console& console = context.console;
    const std::string listen = context.config.api.listen.text();
    Words words;
    switch (error.code) {
    case Errc::network_failed:
    case Errc::timed_out:
        words = {console.say("агент не отвечает на ", "the agent does not answer on ") + listen,
                 console.say("Посмотрите: systemctl status kkt-agent; запускали его с разделом [api]?",
                             "Look at: systemctl status kkt-agent; was it started with the section [api]?")};
        break;
    case Errc::unauthorised:
        words = {console.say("агент работает с другим ключом, чем в файле token_file",
                             "the agent works with another token than the file token_file holds"),
                 console.say("Перезапустите агента: systemctl restart kkt-agent",
                             "Start the agent anew: systemctl restart kkt-agent")};
        break;
    case Errc::bad_config:
        if (!context.config.api.enabled)
            words = {console.say("в настройках нет раздела [api], чеки по запросу выключены",
                                 "the configuration has no section [api], receipts on request are off"),
                     console.say("Добавьте раздел [api] и перезапустите агента.",
                                 "Add the section [api] and start the agent anew.")};
        break;
    case Errc::conflict:
        words = {console.say("так нельзя: задание уже другое или в другом состоянии",
                             "it cannot be: the job is another one, or in another state"),
                 console.say("Посмотрите его: kktctl job show ЗАДАНИЕ (все: kktctl job ls --all)",
                             "Look at it: kktctl job show JOB (all: kktctl job ls --all)")};
        break;
    case Errc::bad_value:
    case Errc::peer_refused:
        words = {console.say("агент не принял задание", "the agent did not take the request"),
                 console.say("Исправьте то, что названо в подробностях.", "Correct what the details name.")};
        break;
    default:
        break;
    }
    return console.fail(error, words, error.code == Errc::not_found ? kNotFound : kFailed);
}

int told(const Context& context, const Result<Json>& job)
{
    const Console& console = context.console;
    if (!job)
        return failed(context, job.error());
    if (console.json)
        console.line(job->dump(2, ' ', false, Json::error_handler_t::replace));
    else
        show(console, *job);
    return exit_code_of(*job);
}

std::string device_path(const JobOptions& options)
{
    return "/devices/" + (options.device.empty() ? "default" : options.device) + "/jobs";
}

int hand_in(const Context& context, const Json& request, const JobOptions& options)
{
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    const std::string key = options.key.empty() ? random_key() : options.key;
    const std::chrono::seconds wait(options.wait);
    const int code =
        told(context, calls->ask("POST", device_path(options) + "?wait=" + std::to_string(options.wait),
                                 request.dump(-1, ' ', false, Json::error_handler_t::replace), key, wait));
    if (code != kDone && !context.console.json)
        context.console.complain(context.console.say("Повторить, не получив второго: --key ",
                                                     "To repeat without making a second one: --key ") +
                                 key);
    return code;
}

Json with_cashier(Json request, const JobOptions& options)
{
    if (!options.cashier.empty())
        request["cashier"] = options.cashier;
    return request;
}

} // namespace

int receipt(const Context& context, const std::string& file, const JobOptions& options)
{
    std::string text;
    if (file == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        std::error_code no_file;
        const bool is_file = std::filesystem::is_regular_file(file, no_file);
        std::ifstream in;
        if (is_file)
            in.open(file, std::ios::binary);
        if (in.is_open())
            text.assign(std::istreambuf_iterator<char>(in), {});
        else
            return context.console.fail(
                Errc::not_found,
                {context.console.say("файл не открывается: ", "cannot open: ") + file,
                 context.console.say("Укажите файл с чеком в JSON, или - для ввода.",
                                     "Name a file with a receipt as JSON, or - for the input.")},
                kBadUsage);
    }
    Json request = Json::parse(text, nullptr, false);
    if (!request.is_object())
        return context.console.fail(
            Errc::bad_json,
            {context.console.say("это не объект JSON: ", "this is no JSON object: ") + file,
             context.console.say("Проверьте кавычки, скобки и запятые; пример: "
                                 "docs/local-api.md.",
                                 "Check quotes, brackets and commas; an example: "
                                 "docs/local-api.md.")},
            kBadUsage);
    if (!request.contains("kind"))
        request["kind"] = "receipt";
    return hand_in(context, with_cashier(std::move(request), options), options);
}

int shift(const Context& context, bool open, const JobOptions& options)
{
    return hand_in(context, with_cashier({{"kind", open ? "shift_open" : "shift_close"}}, options), options);
}

int cash(const Context& context, bool in, const std::string& sum, const JobOptions& options)
{
    return hand_in(context, with_cashier({{"kind", in ? "cash_in" : "cash_out"}, {"sum", sum}}, options),
                   options);
}

int report(const Context& context, const std::string& which, const JobOptions& options)
{
    return hand_in(context, with_cashier({{"kind", which == "x" ? "x_report" : "state_report"}}, options),
                   options);
}

int job_ls(const Context& context, bool all, const JobOptions& options)
{
    const Console& console = context.console;
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    const auto jobs = calls->ask("GET", std::string("/jobs?limit=100") + (all ? "" : "&state=open") +
                                            (options.device.empty() ? "" : "&device=" + options.device));
    if (!jobs)
        return failed(context, jobs.error());
    if (console.json) {
        console.line(jobs->dump(2, ' ', false, Json::error_handler_t::replace));
        return kDone;
    }
    std::vector<std::vector<std::string>> rows{{console.say("задание", "job"), console.say("что", "kind"),
                                                console.say("состояние", "state"), console.say("ФД", "FD"),
                                                console.say("когда", "when")}};
    for (const Json& job : (*jobs)["jobs"])
        rows.push_back(
            {job.value("id", ""), kind_words(console, job.value("kind", "")),
             state_words(console, job.value("state", "")),
             job["document"].is_object() ? std::to_string(job["document"].value("fd_number", 0U)) : "",
             job.value("updated_at", "")});
    if (rows.size() == 1)
        console.line(console.say("Ничего не ждёт.", "Nothing waits."));
    else
        console.table(rows);
    return kDone;
}

int job_show(const Context& context, const std::string& id)
{
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    return told(context, calls->ask("GET", "/jobs/" + id));
}

int job_cancel(const Context& context, const std::string& id)
{
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    const auto job = calls->ask("POST", "/jobs/" + id + "/cancel", "{}");
    const int code = told(context, job);
    return job && job->value("state", "") == "cancelled" ? kDone : code;
}

int job_decide(const Context& context, const std::string& id, const JobDecision& decision)
{
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    Json body{{"made", decision.made}, {"name", decision.name}, {"reason", decision.reason}};
    if (decision.fd_number != 0)
        body["fd_number"] = decision.fd_number;
    const auto job = calls->ask("POST", "/jobs/" + id + "/decision", body.dump());
    const int code = told(context, job);
    return job ? kDone : code;
}

int queue_switch(const Context& context, bool on, const std::string& reason, const std::string& device)
{
    const Console& console = context.console;
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return failed(context, calls.error());
    const std::string path = "/devices/" + (device.empty() ? "default" : device) + "/queue/";
    const auto done = calls->ask("POST", path + (on ? "resume" : "pause"), Json{{"reason", reason}}.dump());
    if (!done)
        return failed(context, done.error());
    if (console.json)
        console.line(done->dump());
    else
        console.line(
            on ? console.say("Очередь кассы снова печатается.", "The register's queue is printed again.")
               : console.say("Очередь кассы стоит; задания принимаются и ждут. Дальше: kktctl job resume",
                             "The register's queue is paused; requests are taken and wait. To go on: "
                             "kktctl job resume"));
    return kDone;
}

} // namespace kb::agent::kktctl

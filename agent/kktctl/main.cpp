// kktctl: the technician's tool beside the agent.
#include "kb_version.hpp"

#include "agent/kktctl/commands.hpp"
#include "agent/service/terminal.hpp"
#include "drivers/blocking_thread.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>

namespace {

using namespace kb::agent;
using namespace kb::agent::kktctl;

struct Command {
    std::function<int(const Context&)> run;
    bool needs_config = true;
};

int with_config(const Context& given, const std::function<int(const Context&)>& run)
{
    Context context = given;
    ConfigResult config = load_config(context.config_file, context.console.language);
    if (!config.ok()) {
        if (context.console.json)
            return config_check(context);
        for (const ConfigProblem& problem : config.problems)
            context.console.complain(problem.text(context.config_file));
        return kBadUsage;
    }
    context.config = std::move(config.config);
    return run(context);
}

void add_query(CLI::App& command, DocumentQuery& query, const Console& console)
{
    command.add_option("--fn", query.fn_serial, console.say("Только этот ФН", "Only this FN"));
    command.add_option("--type", query.type,
                       console.say("Только этот код документа: 3 чек, 5 закрытие смены …",
                                   "Only this document code: 3 receipt, 5 shift close …"));
    command.add_option("--from", query.from,
                       console.say("С этого дня, ГГГГ-ММ-ДД", "From this day, YYYY-MM-DD"));
    command.add_option("--to", query.to, console.say("По этот день включительно", "Through this day"));
}

/// Arguments of the commands that ask a register for something.
struct JobRequests {
    JobOptions options;
    std::string file;
    std::string sum;
    std::string which;
    std::string id;
    bool all = false;
    JobDecision decision;
    std::string reason; ///< why the queue is paused
};

using Choose = std::function<std::function<void()>(std::function<int(const Context&)>, bool)>;

void add_job_commands(CLI::App& app, const Console& console, JobRequests& requests, const Choose& choose)
{
    const auto add = [&](CLI::App& parent, const char* name, const char* russian, const char* english) {
        return parent.add_subcommand(name, console.say(russian, english));
    };
    const auto with_options = [&](CLI::App* command) {
        command->add_option("--device", requests.options.device,
                            console.say("Заводской номер кассы, если их несколько",
                                        "The register's factory number, where there are several"));
        command
            ->add_option("--key", requests.options.key,
                         console.say("Ключ задания: тот же ключ ведёт к тому же чеку",
                                     "Key of the request: the same key leads to the same receipt"))
            ->check([](const std::string& key) {
                // An order's number that a script did not fill in would make each of its receipts a new one.
                return key.empty() ? std::string("an empty key is none") : std::string();
            });
        command->add_option("--cashier", requests.options.cashier, console.say("Кассир", "Cashier"));
        command
            ->add_option("--wait", requests.options.wait,
                         console.say("Сколько секунд ждать, до 60", "How many seconds to wait, up to 60"))
            ->check(CLI::Range(0, 60))
            ->capture_default_str();
        return command;
    };
    CLI::App* made =
        with_options(add(app, "receipt", "Пробить чек из файла JSON", "Make a receipt of a JSON file"));
    made->add_option("file", requests.file,
                     console.say("Файл, или - для ввода", "The file, or - for the input"))
        ->required();
    made->footer(
        console.say("Пример: kktctl receipt chek.json --key 1042   (как устроен файл: docs/local-api.md)",
                    "Example: kktctl receipt order.json --key 1042   (what it holds: docs/local-api.md)"));
    made->callback(
        choose([&](const Context& with) { return receipt(with, requests.file, requests.options); }, true));

    CLI::App* shifts = add(app, "shift", "Смена: открыть, закрыть", "The shift: open, close");
    shifts->require_subcommand(1);
    for (const bool open : {true, false})
        with_options(open ? add(*shifts, "open", "Открыть смену", "Open the shift")
                          : add(*shifts, "close", "Закрыть смену", "Close the shift"))
            ->callback(
                choose([&requests, open](const Context& with) { return shift(with, open, requests.options); },
                       true));

    CLI::App* drawer = add(app, "cash", "Деньги в ящике: внести, выплатить", "Cash in the drawer: in, out");
    drawer->require_subcommand(1);
    for (const bool in : {true, false}) {
        CLI::App* moved = with_options(in ? add(*drawer, "in", "Внести", "Put in")
                                          : add(*drawer, "out", "Выплатить", "Take out"));
        moved->add_option("sum", requests.sum, console.say("Рублей: 100 или 100.50", "Rubles: 100 or 100.50"))
            ->required();
        moved->callback(choose(
            [&requests, in](const Context& with) { return cash(with, in, requests.sum, requests.options); },
            true));
    }

    CLI::App* reports = with_options(add(app, "report", "Отчёт: x без гашения, state о состоянии расчётов",
                                         "A report: x, or state of settlements"));
    reports->add_option("which", requests.which, "x, state")
        ->required()
        ->check(CLI::IsMember({"x", "state"}));
    reports->callback(
        choose([&](const Context& with) { return report(with, requests.which, requests.options); }, true));

    CLI::App* jobs = add(app, "job", "Задания кассе", "Requests to the register");
    jobs->require_subcommand(1);
    CLI::App* list = with_options(add(*jobs, "ls", "Что ждёт", "What waits"));
    list->add_flag("--all", requests.all, console.say("И законченные", "Finished ones, too"));
    list->callback(
        choose([&](const Context& with) { return job_ls(with, requests.all, requests.options); }, true));
    const auto with_id = [&](const char* name, const char* russian, const char* english) {
        CLI::App* command = add(*jobs, name, russian, english);
        command
            ->add_option("id", requests.id, console.say("Номер из kktctl job ls", "An id of kktctl job ls"))
            ->required();
        return command;
    };
    with_id("show", "Одно задание со всем, что о нём известно", "One request with all that is known of it")
        ->callback(choose([&](const Context& with) { return job_show(with, requests.id); }, true));
    with_id("cancel", "Отменить, пока ждёт", "Take back while it waits")
        ->callback(choose([&](const Context& with) { return job_cancel(with, requests.id); }, true));
    CLI::App* pause = with_options(add(*jobs, "pause", "Остановить очередь кассы: задания ждут",
                                       "Pause the register's queue: requests wait"));
    pause
        ->add_option("--reason", requests.reason, console.say("Почему; увидят все", "Why; everybody sees it"))
        ->required();
    pause->footer(console.say("Пример: kktctl job pause --reason \"меняю ленту\"",
                              "Example: kktctl job pause --reason \"new paper\""));
    CLI::App* resume = with_options(add(*jobs, "resume", "Печатать дальше", "Go on with the queue"));
    for (const bool on : {false, true})
        (on ? resume : pause)
            ->callback(choose(
                [&requests, on](const Context& with) {
                    return queue_switch(with, on, requests.reason, requests.options.device);
                },
                true));
    CLI::App* decide = with_id("decide", "Решить за ФН, которого больше нельзя спросить",
                               "Decide for an FN that can no longer be asked");
    decide
        ->add_flag("--made,!--not-made", requests.decision.made,
                   console.say("Чек был / не был", "It was made / it was not"))
        ->required();
    decide->add_option("--name", requests.decision.name, console.say("Кто решает", "Who decides"))
        ->required();
    decide->add_option("--reason", requests.decision.reason, console.say("Почему", "Why"))->required();
    decide->add_option("--fd", requests.decision.fd_number,
                       console.say("Номер ФД, если известен", "FD number, if known"));
    decide->footer(console.say(
        "Пример: kktctl job decide ЗАДАНИЕ --made --fd 163 --name \"Иванова\" --reason \"чек на руках\"",
        "Example: kktctl job decide JOB --not-made --name Smith --reason \"no paper came\""));
    decide->callback(
        choose([&](const Context& with) { return job_decide(with, requests.id, requests.decision); }, true));
}

/// What CLI11 says in English with its own classes, in the user's words.
std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error, const Console& console)
{
    const std::vector<std::string> strangers = app.remaining(true);
    if (!strangers.empty())
        return console.say("неизвестное или лишнее слово: ", "an unknown or superfluous word: ") +
               CLI::detail::join(strangers, " ");
    std::string text = error.what();
    const std::string subject = text.substr(0, text.find(": "));
    switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
    case CLI::ExitCodes::RequiredError:
        if (text.starts_with("A subcommand"))
            return console.say("не сказано, что сделать", "what to do is not said");
        return console.say("не указано: ", "missing: ") + text.substr(0, text.find(" is required"));
    case CLI::ExitCodes::ConversionError:
        return console.say("не подходит: ", "does not fit: ") + text.substr(text.find(": ") + 2);
    case CLI::ExitCodes::ArgumentMismatch:
        return console.say("нужно другое число значений: ", "another number of values is wanted: ") + subject;
    case CLI::ExitCodes::ValidationError:
        return console.say("не подходит: ", "does not fit: ") + subject;
    default:
        return text;
    }
}

/// What was said is out before anything else can go wrong. The HTTP library's threads and statics are not
/// ended with the program: they may be in the middle of something, and a crash there would take an answer
/// along that was not written yet.
[[noreturn]] void end_with(const Console& console, int result)
{
    std::cout.flush();
    const bool said = std::cout.good() && std::fflush(stdout) == 0;
    if (!said && result != kFailed) {
        result = console.fail(
            kb::Errc::storage_failed,
            {console.say("вывод прерван", "the output broke off"),
             console.say("Проверьте место там, куда идёт вывод.", "Check the room where the output goes.")});
    }
    std::fflush(nullptr);
    // A maker's library closes its port on a thread of its own, and is not torn away at it at once.
    static_cast<void>(kb::wait_for_blocking_threads(std::chrono::seconds(2)));
    std::_Exit(result);
}

} // namespace

int main(int argc, char** argv)
{
    Context context;
    Console& console = context.console;
    console.language = choose_language(argc, argv);
    console.progress = service::errors_are_terminal();
    context.config_file = "/etc/kkt-bridge/agent.toml";

    CLI::App app(console.say("kktctl: проверка и настройка KKT Bridge на кассовом ПК",
                             "kktctl: looks after KKT Bridge on the shop's PC"),
                 "kktctl");
    app.fallthrough();
    app.require_subcommand(1);
    app.add_option("--config", context.config_file,
                   console.say("Файл настроек агента", "The agent's configuration"))
        ->capture_default_str();
    app.add_flag("--json", console.json,
                 console.say("Ответ в JSON, для программ", "Answer in JSON, for programs"));
    std::string language;
    app.add_option("--lang", language, console.say("Язык: ru, en", "Language: ru, en"))
        ->check(CLI::IsMember({"ru", "en"}));
    app.set_version_flag("--version", std::string("kktctl ") + kb::kVersion);
    app.footer(console.say(
        "Примеры:\n"
        "  kktctl doctor                       что не так и что делать\n"
        "  kktctl enroll 7KQ2M9XA              привязать этот ПК к кабинету\n"
        "  kktctl documents ls --type 3        последние чеки\n"
        "  kktctl documents show 163           чек как на бумаге\n"
        "  kktctl documents export --json      все документы, по одному в строке\n"
        "  kktctl record \"Касса 1\" --for 2m     записать обмен, без личных данных\n"
        "  kktctl replay kassa1.exchange       что понятно в записи\n"
        "  kktctl receipt chek.json --key 1042  пробить чек; тот же ключ даёт тот же чек\n"
        "  kktctl shift close                  закрыть смену\n"
        "  kktctl page                         адрес страницы с очередью печати, для браузера\n"
        "  kktctl --config agent.toml config check\n"
        "Код возврата: 0 сделано, 1 не удалось, 2 неверные аргументы или настройки,\n"
        "3 найдены проблемы (doctor, status, journal check, queue check, replay), 4 не найдено,\n"
        "5 исход задания пока неизвестен (не повторяйте, спросите снова), 6 задание ждёт кассу.",
        "Examples:\n"
        "  kktctl doctor                       what is wrong and what to do\n"
        "  kktctl enroll 7KQ2M9XA              enrol this PC in the cabinet\n"
        "  kktctl documents ls --type 3        the latest receipts\n"
        "  kktctl documents show 163           a receipt as on paper\n"
        "  kktctl documents export --json      all documents, one a line\n"
        "  kktctl record \"Till 1\" --for 2m      record the traffic, without personal data\n"
        "  kktctl replay till1.exchange        what is understood of a recording\n"
        "  kktctl receipt receipt.json --key 1042  make a receipt; the same key gives the same one\n"
        "  kktctl shift close                  close the shift\n"
        "  kktctl page                         the address of the page with the print queue, for a browser\n"
        "  kktctl --config agent.toml config check\n"
        "Exit code: 0 done, 1 failed, 2 wrong arguments or configuration,\n"
        "3 problems found (doctor, status, journal check, queue check, replay), 4 not found,\n"
        "5 a request's outcome is not known yet (ask again, do not repeat it), 6 it waits for the "
        "register."));

    Command chosen;
    const auto choose = [&chosen](std::function<int(const Context&)> run, bool needs_config = true) {
        return [&chosen, run = std::move(run), needs_config] { chosen = {run, needs_config}; };
    };
    const auto add = [&](CLI::App& parent, const char* name, const std::string& russian,
                         const std::string& english) {
        return parent.add_subcommand(name, console.say(russian, english));
    };
    const auto group = [&](const char* name, const std::string& russian, const std::string& english) {
        CLI::App* made = add(app, name, russian, english);
        made->require_subcommand(1);
        return made;
    };

    add(app, "doctor", "Проверить ПК, драйвер, порт, кассу, ФН, SD-карту, часы, кабинет и журнал",
        "Check PC, maker's driver, port, register, FN, SD card, clock, cabinet and journal")
        ->callback(choose(doctor));
    add(app, "devices", "Кассы из настроек и журнала, порты этого ПК",
        "Registers configured and remembered, ports of this PC")
        ->callback(choose(devices));
    add(app, "status", "Что делает агент, сколько прочитано и отправлено",
        "What the agent does, how much is read and sent")
        ->callback(choose(status));
    add(app, "page", "Адрес страницы агента: кассы, очередь печати, журнал службы",
        "The address of the agent's page: registers, print queue, log")
        ->callback(choose(page));

    DocumentQuery query;
    CLI::App* documents = group("documents", "Документы в журнале", "Documents of the journal");
    CLI::App* ls = add(*documents, "ls", "Список, новые первыми", "List, newest first");
    add_query(*ls, query, console);
    ls->add_option("--limit", query.at_most, console.say("Сколько показать; 0: все", "How many; 0: all"))
        ->capture_default_str();
    ls->callback(choose([&](const Context& with) { return documents_ls(with, query); }));
    CLI::App* show = add(*documents, "show", "Один документ, как на бумаге", "One document, as on paper");
    std::vector<std::string> which;
    show->add_option("which", which, console.say("[ФН] ФД", "[FN] FD"))->expected(1, 2)->required();
    show->callback(choose([&](const Context& with) {
        std::uint32_t number = 0;
        if (!CLI::detail::lexical_cast(which.back(), number) || number == 0)
            return with.console.fail(
                kb::Errc::bad_value,
                {with.console.say("это не номер ФД: ", "this is no FD number: ") + which.back(),
                 with.console.say("Номер документа: целое число от 1.", "A document number: whole, from 1.")},
                kBadUsage);
        return documents_show(with, which.size() == 2 ? which.front() : "", number);
    }));
    CLI::App* dump = add(*documents, "export", "Все документы, по одному JSON в строке, старые первыми",
                         "All documents, one JSON a line, oldest first");
    add_query(*dump, query, console);
    dump->callback(choose([&](const Context& with) { return documents_export(with, query); }));

    CLI::App* queue = group("queue", "Что ещё не в кабинете", "What is not yet in the cabinet");
    CLI::App* queue_list = add(*queue, "ls", "Что ждёт отправки и почему; что отложено и почему",
                               "What waits and why; what was set aside and why");
    std::size_t listed = 20;
    queue_list->add_option("--limit", listed, console.say("Сколько показать; 0: все", "How many; 0: all"))
        ->capture_default_str();
    queue_list->callback(choose([&](const Context& with) { return queue_ls(with, listed); }));
    CLI::App* queue_one =
        add(*queue, "show", "Отложенный документ по его номеру из queue ls, или любой по ФН и ФД",
            "A document set aside, by its number in queue ls, or any by FN and FD");
    std::vector<std::string> queued;
    queue_one->add_option("number", queued, console.say("НОМЕР или ФН ФД", "NUMBER or FN FD"))
        ->expected(1, 2)
        ->required();
    queue_one->callback(choose([&](const Context& with) {
        std::uint32_t number = 0;
        if (!CLI::detail::lexical_cast(queued.back(), number) || number == 0)
            return with.console.fail(
                kb::Errc::bad_value,
                {with.console.say("не подходит: ", "does not fit: ") + queued.back(),
                 with.console.say("Нужен номер из kktctl queue ls, или номер ФН и номер ФД.",
                                  "A number of kktctl queue ls is wanted, or FN and FD number.")},
                kBadUsage);
        return queued.size() == 2 ? queue_show_document(with, queued.front(), number)
                                  : queue_show(with, number);
    }));
    add(*queue, "check", "Проверить, что ждущие документы целы", "Check that what waits is sound")
        ->callback(choose(queue_check));

    CLI::App* journal = group("journal", "Файл журнала", "The journal's file");
    add(*journal, "check", "Проверить целость, контрольные суммы и пропуски",
        "Check structure, checksums and gaps")
        ->callback(choose(journal_check));
    CLI::App* config = group("config", "Настройки", "The configuration");
    add(*config, "check", "Проверить файл настроек", "Check the configuration file")
        ->callback(choose(config_check, false));

    CLI::App* enrolment =
        add(app, "enroll", "Привязать этот ПК к кабинету по коду", "Enrol this PC in the cabinet by a code");
    std::string code;
    enrolment->add_option("code", code, console.say("Код из кабинета", "Code from the cabinet"))->required();
    enrolment->callback(choose([&](const Context& with) { return enroll(with, code); }));

    RecordQuery recording;
    CLI::App* recorder =
        add(app, "record", "Записать обмен с кассой в файл, без личных данных: для того, кто пишет драйвер",
            "Record a register's traffic into a file, without personal data: for whoever writes its driver");
    recorder->add_option("device", recording.device,
                         console.say("Касса: имя, номер в настройках, порт или заводской номер",
                                     "Register: name, place in the configuration, port or factory number"));
    recorder->add_option("--port", recording.port,
                         console.say("Порт не из настроек: serial:/dev/ttyACM0, tcp:192.168.137.111:7778",
                                     "A port out of no configuration: serial:/dev/ttyACM0"));
    recorder
        ->add_option("--family", recording.family,
                     console.say("Семейство кассы, если агент не запущен",
                                 "The register's family, where no agent runs"))
        ->capture_default_str();
    recorder
        ->add_option("--for", recording.duration,
                     console.say("Сколько записывать, до 10m", "For how long, up to 10m"))
        ->capture_default_str();
    recorder->add_option("--out", recording.out,
                         console.say("Файл; без него имя по времени", "The file; else named by the time"));
    recorder->footer(console.say("Пример: kktctl record \"Касса 1\" --for 2m --out kassa1.exchange",
                                 "Example: kktctl record \"Till 1\" --for 2m --out till1.exchange"));
    recorder->callback([&] {
        chosen = {[&](const Context& with) { return record(with, recording); }, recording.port.empty()};
    });

    CLI::App* player = add(app, "replay", "Показать, что понятно в записанном обмене",
                           "Show what is understood of a recording");
    std::filesystem::path played;
    std::string family;
    player->add_option("file", played, console.say("Файл .exchange", "An .exchange file"))->required();
    player->add_option("--family", family,
                       console.say("Семейство, если файл его не называет: shtrih, atol",
                                   "The family, where the file does not tell it: shtrih, atol"));
    player->footer(
        console.say("Пример: kktctl replay kassa1.exchange", "Example: kktctl replay till1.exchange"));
    player->callback(choose([&](const Context& with) { return replay(with, played, family); }, false));

    JobRequests requests;
    add_job_commands(app, console, requests, choose);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);
        console.json = std::find(argv + 1, argv + argc, std::string_view("--json")) != argv + argc;
        const std::string wrong =
            console.say("неверная команда: ", "wrong command: ") + what_is_wrong(app, error, console);
        return console.fail(
            kb::Errc::bad_value,
            {wrong, console.say("Какие бывают: kktctl --help", "Which there are: kktctl --help")}, kBadUsage);
    }
    console.colours = !console.json && service::output_is_terminal() && std::getenv("NO_COLOR") == nullptr;
    end_with(console, chosen.needs_config ? with_config(context, chosen.run) : chosen.run(context));
}

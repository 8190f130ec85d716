// record: by the agent where it runs, for it has the port; else over the port itself.
#include "kb_version.hpp"

#include "agent/clock.hpp"
#include "agent/kktctl/agent_page.hpp"
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/direct_recording.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "agent/local_token.hpp"
#include "drivers/registry.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <thread>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

namespace {

constexpr auto kLongest = 600s; // as the agent takes it
constexpr auto kLookEvery = 300ms;

/// A recording as it will be written, and who made it.
struct Made {
    std::string text;
    bool full = false;
    bool by_agent = false;
};

/// "60s", "60 с", "2m", "2м", "90": nullopt when it is nothing of the kind, or not 1 s to kLongest.
std::optional<std::chrono::seconds> read_duration(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    std::int64_t in_seconds = 0;
    if (unit.empty() || unit == "s" || unit == "с")
        in_seconds = 1;
    else if (unit == "m" || unit == "м")
        in_seconds = 60;
    if (in_seconds == 0 || number < 1 || number > kLongest.count() / in_seconds)
        return std::nullopt;
    return std::chrono::seconds(number * in_seconds);
}

/// What kktctl says of the failures that a recording has of its own.
Words words_of(const Console& console, Errc code)
{
    switch (code) {
    case Errc::unsupported:
        return {
            console.say(
                "обмен этой кассы записать нельзя: как убрать из него личные данные и коды маркировки, "
                "неизвестно, а с ними он не записывается никогда",
                "the traffic of this register cannot be recorded: how to take personal data and marking "
                "codes out of it is not known, and with them it is never written down"),
            console.say(
                "Записываются кассы с протоколом Штрих-М (Штрих-М, Элвес, Ритейл, РР) и АТОЛ (family = "
                "\"atol\"). Драйвер производителя ведёт свой журнал.",
                "Registers with the protocols of Shtrih-M (Shtrih-M, Elves, Retail, RR) and ATOL (family = "
                "\"atol\") can be recorded. A maker's library keeps a log of its own.")};
    case Errc::conflict:
        return {console.say("агент уже записывает обмен", "the agent is recording already"),
                console.say("Дождитесь конца той записи, она не дольше 10 минут.",
                            "Wait for the end of that recording, it is no longer than 10 minutes.")};
    case Errc::not_found:
    case Errc::no_data:
        return {console.say("за это время касса ни разу не ответила, записывать нечего",
                            "the register has not answered in that time, there is nothing to record"),
                console.say("Почему, скажет kktctl doctor.", "Why, kktctl doctor tells.")};
    case Errc::unauthorised:
    case Errc::storage_failed:
        return {console.say("агент отвечает только тому, кто может читать его папку данных",
                            "the agent answers only those who may read its data folder"),
                console.say("Запустите от имени root или пользователя службы.",
                            "Run as root or as the service's user.")};
    default:
        return {};
    }
}

/// The agent's own name of a refusal, which the HTTP client gives as a part of its context.
Error own_error(Error error)
{
    const std::string_view mark = R"("code":")";
    const std::size_t at = error.context.find(mark);
    if (error.code != Errc::peer_refused || at == std::string::npos)
        return error;
    const std::string rest = error.context.substr(at + mark.size());
    if (const auto code = errc_of(rest.substr(0, rest.find('"'))))
        error.code = *code;
    return error;
}

/// The calls of agent/recorder.hpp.
class AgentCalls {
public:
    AgentCalls(const Config& config, std::string token) : token_(std::move(token))
    {
        const bool v6 = config.listen.host.find(':') != std::string::npos;
        base_ = "http://" + (v6 ? "[" + config.listen.host + "]" : config.listen.host) + ":" +
                std::to_string(config.listen.port) + "/recording";
    }

    [[nodiscard]] Result<std::string> ask(const char* method, const char* path, const std::string& body) const
    {
        auto answer = fetch(method, base_ + path, "", token_, body, 10s);
        if (!answer)
            return tl::unexpected<Error>(own_error(answer.error()));
        return answer;
    }

    [[nodiscard]] Result<nlohmann::json> ask_json(const char* method, const std::string& body) const
    {
        const auto answer = ask(method, "", body);
        if (!answer)
            return pass(answer);
        nlohmann::json json = nlohmann::json::parse(*answer, nullptr, false);
        if (!json.is_object() || text_at(json, "/state").empty())
            return fail(Errc::bad_json, "the agent's answer has no state");
        return json;
    }

private:
    std::string base_;
    std::string token_;
};

Result<Made> record_by_agent(const Context& context, std::size_t place, std::chrono::seconds length)
{
    auto token = load_local_token(context.config.data_dir);
    if (!token)
        return fail(Errc::storage_failed, token.error().context);
    const AgentCalls agent(context.config, *std::move(token));
    const Json request{{"device", place}, {"seconds", length.count()}};
    auto state = agent.ask_json("POST", request.dump());
    Progress progress(context.console, context.console.say("Запись", "Recording"));
    const auto end = std::chrono::steady_clock::now() + length + 60s;
    while (state && text_at(*state, "/state") == "recording") {
        if (std::chrono::steady_clock::now() > end)
            return fail(Errc::timed_out, "the recording does not end");
        const auto left = std::chrono::seconds(state->value("seconds_left", std::int64_t{0}));
        progress.show(1.0 - std::chrono::duration<double>(left) / length);
        std::this_thread::sleep_for(kLookEvery);
        state = agent.ask_json("GET", "");
    }
    if (!state)
        return pass(state);
    if (text_at(*state, "/state") != "done") {
        const auto code = errc_of(text_at(*state, "/code"));
        return fail(code.value_or(Errc::no_data), text_at(*state, "/reason"));
    }
    auto text = agent.ask("GET", "/file", "");
    if (!text)
        return pass(text);
    return Made{*std::move(text), state->value("full", false), true};
}

Result<Made> record_by_port(const Context& context, const DeviceConfig& device, std::chrono::seconds length)
{
    Progress progress(context.console, context.console.say("Запись", "Recording"));
    auto heard = record_directly(device, length, [&](double part) { progress.show(part); });
    if (!heard)
        return pass(heard);
    heard->origin.made = "recorded " + to_text(SystemClock().now()) + " by kktctl " + kVersion + ", " +
                         std::to_string(length.count()) + " s" +
                         (heard->full ? ", broken off at its greatest size" : "");
    const auto file = make_recording(std::move(heard->heard), heard->origin);
    if (!file)
        return pass(file);
    return Made{write_exchange(*file), heard->full, false};
}

/// What a person may call a register.
struct Named {
    std::string name;
    std::string port;
    std::string configured_port;
    std::string kkt_serial;
    [[nodiscard]] bool is(const std::string& text) const
    {
        return !text.empty() &&
               (text == name || text == port || text == configured_port || text == kkt_serial);
    }
};

std::vector<Named> names_of(const nlohmann::json& page)
{
    std::vector<Named> all;
    for (const auto& device : page["devices"])
        all.push_back({text_at(device, "/name"), text_at(device, "/port"),
                       text_at(device, "/configured_port"), text_at(device, "/sample/device/kkt_serial")});
    return all;
}

std::vector<Named> names_of(const Config& config)
{
    std::vector<Named> all;
    all.reserve(config.devices.size());
    for (const DeviceConfig& device : config.devices)
        all.push_back({device.name, device.port, device.port, ""});
    return all;
}

/// Its place, from 0; nullopt: no such one, or nobody can tell which.
std::optional<std::size_t> find_named(const std::vector<Named>& all, const std::string& wanted)
{
    if (wanted.empty())
        return all.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.is(wanted); });
    if (found != all.end())
        return static_cast<std::size_t>(found - all.begin());
    std::size_t place = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), place);
    const bool number = error == std::errc() && end == wanted.data() + wanted.size();
    return number && place >= 1 && place <= all.size() ? std::optional(place - 1) : std::nullopt;
}

int no_such_device(const Console& console, const std::vector<Named>& all, const std::string& wanted)
{
    std::string known;
    for (std::size_t at = 0; at < all.size(); ++at)
        known += (at == 0 ? "" : ", ") + std::to_string(at + 1) + " " +
                 (all[at].name.empty() ? all[at].configured_port : all[at].name);
    if (all.empty())
        known = console.say("ни одной", "none");
    return console.fail(
        Errc::not_found,
        {wanted.empty()
             ? console.say("не сказано, какую кассу записать", "which register to record is not said")
             : console.say("такой кассы нет: ", "there is no such register: ") + wanted,
         console.say("Кассы в настройках: ", "Configured registers: ") + known +
             console.say(". Или порт: kktctl record --port serial:/dev/ttyACM0",
                         ". Or a port: kktctl record --port serial:/dev/ttyACM0")},
        kNotFound);
}

std::filesystem::path file_for(const RecordQuery& query)
{
    if (!query.out.empty())
        return query.out;
    std::string time = to_text(SystemClock().now()).substr(0, 19); // 2024-03-01T09:15:00
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    return "kkt-" + time + ".exchange";
}

/// Before the register is troubled: 0, or the exit code of what was told.
int check_place(const Console& console, const std::filesystem::path& file)
{
    std::error_code error;
    if (std::filesystem::exists(file, error))
        return console.fail(Errc::conflict,
                            {console.say("файл уже есть: ", "the file is there already: ") + file.string(),
                             console.say("Дайте другое имя: --out ФАЙЛ", "Give another name: --out FILE")});
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::is_directory(folder, error))
        return console.fail(Errc::not_found,
                            {console.say("нет папки: ", "there is no folder: ") + folder.string(),
                             console.say("Создайте её или дайте другое имя: --out ФАЙЛ",
                                         "Make it, or give another name: --out FILE")});
    return kDone;
}

int keep(const Console& console, const Made& made, const std::filesystem::path& file)
{
    const auto whole = parse_exchange(made.text);
    if (!whole)
        return console.fail(whole.error());
    const std::size_t lines = whole->lines.size();
    std::ofstream out(file, std::ios::binary);
    out << made.text << std::flush;
    out.close();
    if (!out) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        return console.fail(Errc::storage_failed,
                            {console.say("файл не записан: ", "the file was not written: ") + file.string(),
                             console.say("Проверьте права и место в этой папке.",
                                         "Check the rights and the room in that folder.")});
    }
    if (console.json) {
        console.line(dump({{"file", file.string()},
                           {"lines", lines},
                           {"full", made.full},
                           {"by", made.by_agent ? "agent" : "port"}}));
        return kDone;
    }
    console.line(console.paint(Colour::green, console.say("Записано: ", "Recorded: ")) + file.string() +
                 ", " + std::to_string(lines) + console.say(" строк", " lines"));
    if (made.full)
        console.line(console.paint(Colour::yellow,
                                   console.say("Запись достигла наибольшего размера и кончилась раньше.",
                                               "The recording reached its greatest size and ended early.")));
    console.line(
        console.say("Имена, телефоны, почта, ИНН людей, названия товаров, коды маркировки и пароли заменены; "
                    "номера кассы и ФН, даты и суммы остались.",
                    "Names, phones, e-mails, people's INNs, names of goods, marking codes and passwords are "
                    "replaced; numbers of register and FN, dates and sums are as they were."));
    console.line(
        console.say("Что в ней понятно: kktctl replay ", "What is understood of it: kktctl replay ") +
        file.string());
    return kDone;
}

} // namespace

int record(const Context& given, const RecordQuery& query)
{
    Context context = given;
    const Console& console = context.console;
    const auto length = read_duration(query.duration);
    if (!length)
        return console.fail(Errc::bad_value,
                            {console.say("не длительность: ", "no duration: ") + query.duration,
                             console.say("От 1s до 10m: --for 60s", "From 1s to 10m: --for 60s")},
                            kBadUsage);
    if (const auto known = check_family(query.family); !known)
        return console.fail(
            known.error(),
            {console.say("нет такого семейства: ", "there is no such family: ") + query.family, ""},
            kBadUsage);
    const std::filesystem::path file = file_for(query);
    if (const int wrong = check_place(console, file); wrong != kDone)
        return wrong;
    if (!query.port.empty())
        if (ConfigResult config = load_config(context.config_file, console.language); config.ok())
            context.config = std::move(config.config); // it tells where the agent is, if one runs

    const auto page = ask_agent(context.config);
    const std::vector<Named> all = page ? names_of(*page) : names_of(context.config);
    const auto place = find_named(all, query.port.empty() ? query.device : query.port);
    if (!place && query.port.empty())
        return no_such_device(console, all, query.device);
    DeviceConfig device;
    if (place && !page) {
        device = context.config.devices[*place];
    } else {
        device.port = query.port;
    }
    if (query.family != "auto")
        device.family = query.family;
    const auto made = page && place ? record_by_agent(context, *place + 1, *length)
                                    : record_by_port(context, device, *length);
    if (!made)
        return console.fail(made.error(), words_of(console, made.error().code));
    return keep(console, *made, file);
}

} // namespace kb::agent::kktctl

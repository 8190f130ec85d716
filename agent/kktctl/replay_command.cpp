// replay: what the decoder makes of a recording command by command, and the driver of it as a whole.
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "drivers/recording.hpp"
#include "drivers/registry.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

namespace {

using End = TrafficCommand::End;

struct ReadDocument {
    std::uint32_t fd_number = 0;
    Result<fiscal::FiscalDocument> document = fail(Errc::no_answer, "");
};

/// What the driver found out, speaking to the recording instead of a register.
struct Understood {
    Result<fiscal::DeviceInfo> info = fail(Errc::timed_out, "");
    Result<fiscal::DeviceStatus> status = fail(Errc::no_answer, "");
    Result<fiscal::FnStatus> fn = fail(Errc::no_answer, "");
    std::vector<ReadDocument> documents;
};

asio::awaitable<void> ask(Driver& driver, std::set<std::uint32_t> numbers, Understood& understood)
{
    understood.info = co_await driver.identify();
    if (!understood.info)
        co_return;
    understood.status = co_await driver.status();
    understood.fn = co_await driver.fn_status(true);
    for (const std::uint32_t number : numbers) {
        ReadDocument one;
        one.fd_number = number;
        one.document = co_await driver.read_document(number);
        understood.documents.push_back(std::move(one));
    }
}

/// What a recording is, and what was made of it.
struct Replayed {
    ExchangeFile file;
    const Vendor* vendor = nullptr;
    std::vector<TrafficCommand> commands;
    std::vector<TrafficItem> noise;
    std::size_t frames = 0;
    Understood understood;

    [[nodiscard]] std::ptrdiff_t count(End end) const
    {
        return std::count_if(commands.begin(), commands.end(),
                             [end](const TrafficCommand& command) { return command.end == end; });
    }
    /// Of the register. The PC's are those of another protocol, by which it found out which one is spoken.
    [[nodiscard]] std::size_t noise_bytes() const
    {
        std::size_t bytes = 0;
        for (const TrafficItem& item : noise)
            bytes += item.from_host ? 0 : item.body.size();
        return bytes;
    }
    [[nodiscard]] bool fine() const
    {
        return understood.info.has_value() && count(End::not_understood) == 0 && noise_bytes() == 0 &&
               std::all_of(understood.documents.begin(), understood.documents.end(),
                           [](const ReadDocument& one) { return one.document.has_value(); });
    }
};

Replayed replay_file(ExchangeFile file, const Vendor& vendor)
{
    Replayed replayed;
    replayed.file = std::move(file);
    replayed.vendor = &vendor;
    replayed.commands = vendor.traffic->commands(replayed.file);
    for (TrafficItem& item : vendor.traffic->read(replayed.file)) {
        if (item.kind == TrafficItem::Kind::frame)
            ++replayed.frames;
        else if (item.kind == TrafficItem::Kind::noise)
            replayed.noise.push_back(std::move(item));
    }
    std::set<std::uint32_t> numbers;
    for (const TrafficCommand& command : replayed.commands)
        if (command.fd_number)
            numbers.insert(*command.fd_number);
    // The password of a masked recording is the factory's, which is the default.
    const auto driver = vendor.make(vendor.traffic->replay(replayed.file), DriverOptions{});
    asio::io_context io;
    asio::co_spawn(io, ask(*driver, std::move(numbers), replayed.understood), asio::detached);
    io.run_for(120s); // a recording answers at once; this is for a driver that waits for something else
    return replayed;
}

std::string end_text(const Console& console, End end)
{
    switch (end) {
    case End::done:
        return console.say("да", "done");
    case End::refused:
        return console.paint(Colour::yellow, console.say("отказ", "refused"));
    case End::not_understood:
        return console.paint(Colour::red, console.say("не понят", "not understood"));
    case End::no_answer:
        break;
    }
    return console.paint(Colour::yellow, console.say("нет ответа", "no answer"));
}

std::string_view name_of(End end)
{
    constexpr std::array kNames = {"no_answer", "done", "refused", "not_understood"};
    return kNames[static_cast<std::size_t>(end)];
}

/// "строка 12  120 ms"
std::string place_text(const ExchangeFile& file, std::size_t line)
{
    return std::to_string(file.lines[line].number);
}

void tell_commands(const Console& console, const Replayed& replayed)
{
    std::vector<std::vector<std::string>> rows{
        {console.say("строка", "line"), console.say("время", "time"), console.say("команда", "command"),
         console.say("ответ", "answer"), console.say("что понято", "what is understood")}};
    for (const TrafficCommand& command : replayed.commands)
        rows.push_back({place_text(replayed.file, command.line), replayed.file.lines[command.line].comment,
                        command.name, end_text(console, command.end), command.answer});
    console.table(rows);
    for (const TrafficItem& item : replayed.noise)
        console.line(console.say("строка ", "line ") + place_text(replayed.file, item.line) +
                     (item.from_host ? console.say(", от ПК: ", ", from the PC: ")
                                     : console.say(", от кассы: ", ", from the register: ")) +
                     console.say("байтов не разобрано: ", "bytes that make no sense: ") +
                     std::to_string(item.body.size()));
}

void tell_driver(const Console& console, const Understood& understood)
{
    console.line();
    if (!understood.info) {
        const Words why = console.words_for(to_string(understood.info.error().code));
        console.line(console.paint(Colour::red, console.say("Драйвер кассу не опознал: ",
                                                            "The driver did not identify it: ")) +
                     why.headline + " [" + std::string(to_string(understood.info.error().code)) + "] " +
                     understood.info.error().details());
        return;
    }
    const fiscal::DeviceInfo& info = *understood.info;
    console.line(console.say("Драйвер понял: ", "The driver understood: ") + info.model + " № " +
                 info.kkt_serial + console.say(", прошивка ", ", firmware ") + info.firmware_version + "." +
                 std::to_string(info.firmware_build) + ", " + info.protocol);
    if (understood.fn)
        console.line(console.say("ФН ", "FN ") + understood.fn->fn_serial +
                     console.say(", последний ФД ", ", last FD ") +
                     std::to_string(understood.fn->last_fd_number));
    for (const ReadDocument& one : understood.documents) {
        std::string text = console.say("ФД ", "FD ") + std::to_string(one.fd_number) + ": ";
        if (one.document) {
            const auto total = total_of(*one.document);
            text += type_text(one.document->type) + ", " + to_text(one.document->datetime) +
                    (total ? ", " + total->to_rubles() : "");
        } else {
            text += console.paint(Colour::yellow, console.say("не прочитан: ", "not read: ")) +
                    one.document.error().message();
        }
        console.line(text);
    }
}

Json driver_json(const Understood& understood)
{
    if (!understood.info)
        return {{"error", to_string(understood.info.error().code)},
                {"details", understood.info.error().details()}};
    const fiscal::DeviceInfo& info = *understood.info;
    Json documents = Json::array();
    for (const ReadDocument& one : understood.documents) {
        Json json{{"fd_number", one.fd_number}};
        if (one.document) {
            const auto total = total_of(*one.document);
            json["type"] = static_cast<int>(one.document->type);
            json["datetime"] = to_text(one.document->datetime);
            json["fiscal_sign"] = one.document->fiscal_sign;
            json["total"] = total ? Json(total->count()) : Json(nullptr);
        } else {
            json["error"] = to_string(one.document.error().code);
            json["details"] = one.document.error().details();
        }
        documents.push_back(std::move(json));
    }
    return {{"error", nullptr},
            {"family", info.family},
            {"model", info.model},
            {"kkt_serial", info.kkt_serial},
            {"firmware_version", info.firmware_version},
            {"firmware_build", info.firmware_build},
            {"protocol", info.protocol},
            {"fn_serial", understood.fn ? Json(understood.fn->fn_serial) : Json(nullptr)},
            {"last_fd_number", understood.fn ? Json(understood.fn->last_fd_number) : Json(nullptr)},
            {"documents", documents}};
}

void tell_json(const Console& console, const std::filesystem::path& path, const Replayed& replayed)
{
    Json head = Json::object();
    for (const auto& [key, value] : replayed.file.head)
        head[key] = value;
    Json commands = Json::array();
    for (const TrafficCommand& command : replayed.commands)
        commands.push_back({{"line", replayed.file.lines[command.line].number},
                            {"at", replayed.file.lines[command.line].comment},
                            {"name", command.name},
                            {"end", name_of(command.end)},
                            {"answer", command.answer}});
    Json noise = Json::array();
    for (const TrafficItem& item : replayed.noise)
        noise.push_back({{"line", replayed.file.lines[item.line].number},
                         {"from_host", item.from_host},
                         {"bytes", item.body.size()}});
    console.line(dump({{"file", path.string()},
                       {"head", head},
                       {"vendor", replayed.vendor->name},
                       {"commands", commands},
                       {"noise", noise},
                       {"frames", replayed.frames},
                       {"done", replayed.count(End::done)},
                       {"refused", replayed.count(End::refused)},
                       {"no_answer", replayed.count(End::no_answer)},
                       {"not_understood", replayed.count(End::not_understood)},
                       {"noise_bytes", replayed.noise_bytes()},
                       {"driver", driver_json(replayed.understood)}}));
}

void tell(const Console& console, const Replayed& replayed)
{
    for (const auto& [key, value] : replayed.file.head)
        console.line(console.paint(Colour::grey, std::string(key).append(": ").append(value)));
    tell_commands(console, replayed);
    const auto number = [&](End end) { return std::to_string(replayed.count(end)); };
    console.line(console.say("Итого команд: ", "Commands: ") + std::to_string(replayed.commands.size()) +
                 console.say("; выполнено ", "; done ") + number(End::done) +
                 console.say(", отказов ", ", refused ") + number(End::refused) +
                 console.say(", без ответа ", ", without an answer ") + number(End::no_answer) +
                 console.say(", не понято ", ", not understood ") + number(End::not_understood) +
                 console.say("; не разобрано байтов: ", "; bytes without sense: ") +
                 std::to_string(replayed.noise_bytes()));
    tell_driver(console, replayed.understood);
}

} // namespace

int replay(const Context& context, const std::filesystem::path& path, const std::string& family)
{
    const Console& console = context.console;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        return console.fail(Errc::not_found,
                            {console.say("файл не читается: ", "the file cannot be read: ") + path.string(),
                             console.say("Проверьте имя и права.", "Check the name and the rights.")},
                            kNotFound);
    auto file = parse_exchange(text.str());
    if (!file)
        return console.fail(
            file.error(),
            {console.say("это не целая запись обмена", "this is no whole recording"),
             console.say("Возьмите файл, как его записал kktctl record, и передайте его целиком.",
                         "Take the file as kktctl record wrote it, and pass it on whole.")});
    const Vendor* vendor = family.empty() ? vendor_of_recording(*file) : find_vendor(family);
    if (vendor == nullptr && !family.empty())
        return console.fail(Errc::bad_value,
                            {console.say("нет такого семейства: ", "there is no such family: ") + family,
                             console.say("Есть: shtrih (Штрих-М, Элвес, Ритейл, РР), atol",
                                         "There are: shtrih (Shtrih-M, Elves, Retail, RR), atol")},
                            kBadUsage);
    if (vendor == nullptr || vendor->traffic == nullptr)
        return console.fail(Errc::unsupported,
                            {console.say("непонятно, на каком протоколе эта запись",
                                         "in which protocol this recording is cannot be told"),
                             console.say("Назовите семейство: --family shtrih или --family atol",
                                         "Name the family: --family shtrih or --family atol")});
    const Replayed replayed = replay_file(*std::move(file), *vendor);
    if (console.json)
        tell_json(console, path, replayed);
    else
        tell(console, replayed);
    return replayed.fine() ? kDone : kProblems;
}

} // namespace kb::agent::kktctl

// doctor, devices, status: gathers what is known, from the running agent first, and has it judged.
#include "agent/clock.hpp"
#include "agent/enrolment.hpp"
#include "agent/kktctl/abilities.hpp"
#include "agent/kktctl/agent_page.hpp"
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/direct.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "agent/kktctl/verdict_words.hpp"
#include "drivers/registry.hpp"
#include "drivers/transport/hotplug.hpp"
#include "storage/journal.hpp"

#include <algorithm>
#include <set>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using storage::Journal;

namespace {

PcEvidence look_at_pc(const Config& config, const Result<nlohmann::json>& page)
{
    PcEvidence pc;
    pc.data_dir = config.data_dir.string();
    pc.now = SystemClock().now();
    std::error_code error;
    pc.data_dir_exists = std::filesystem::is_directory(config.data_dir, error);
    // The room of the nearest folder that is there: the data folder may be yet to be made.
    auto folder = config.data_dir;
    while (!std::filesystem::exists(folder, error) && folder.has_relative_path())
        folder = folder.parent_path();
    const auto space = std::filesystem::space(folder, error);
    if (!error)
        pc.free_bytes = space.available;
    pc.agent_running = page.has_value();
    if (!page && page.error().code != Errc::network_failed) {
        pc.agent_reason = to_string(page.error().code);
        pc.agent_detail = page.error().details();
    }
    return pc;
}

JournalEvidence look_at_journal(const Config& config, const Result<nlohmann::json>& page)
{
    JournalEvidence evidence;
    evidence.exists = true;
    if (page && !text_at(*page, "/journal/state").empty()) {
        evidence.state = text_at(*page, "/journal/state");
        evidence.reason = text_at(*page, "/journal/reason");
        evidence.detail = text_at(*page, "/journal/detail");
    }
    if (evidence.state == "damaged" || !evidence.reason.empty())
        return evidence; // its owner knows better than a reader who finds no file
    auto journal = Journal::open_read_only(config.data_dir);
    if (!journal) {
        evidence.exists = journal.error().code != Errc::not_found;
        evidence.reason = to_string(journal.error().code);
        evidence.detail = journal.error().details();
        return evidence;
    }
    const auto state = journal->outbox().state();
    const auto fns = journal->documents().fns();
    if (!state || !fns) {
        const Error& error = !state ? state.error() : fns.error();
        evidence.reason = to_string(error.code);
        evidence.detail = error.details();
        return evidence;
    }
    evidence.unsent = state->unsent;
    evidence.set_aside = state->rejected;
    if (state->oldest_unsent_at)
        evidence.oldest_unsent_age_s =
            std::chrono::duration_cast<std::chrono::seconds>(SystemClock().now() - *state->oldest_unsent_at)
                .count();
    for (const auto& fn : *fns) {
        evidence.documents += fn.known;
        for (const auto& gap : fn.missing)
            evidence.missing += gap.size();
    }
    return evidence;
}

CabinetEvidence look_at_cabinet(const Config& config, const Result<nlohmann::json>& page)
{
    using namespace std::chrono_literals;
    CabinetEvidence evidence;
    evidence.url = config.cabinet.url;
    if (evidence.url.empty())
        return evidence;
    const auto enrolment = load_enrolment(config.data_dir);
    const bool file_is_ours = enrolment && *enrolment && (*enrolment)->cabinet_url == evidence.url;
    evidence.enrolled = file_is_ours;
    if (page) {
        evidence.state = text_at(*page, "/sync/state");
        evidence.enrolled = file_is_ours || evidence.state == "online";
        evidence.reason = text_at(*page, "/sync/reason");
        evidence.detail = text_at(*page, "/sync/detail");
        return evidence;
    }
    const std::string token = file_is_ours ? (*enrolment)->token : "";
    const auto answer =
        fetch("GET", evidence.url + "/api/agent/v1/config", config.cabinet.ca_file, token, "", 10s);
    // Without a token a refusal is what a healthy cabinet answers.
    if (!answer && (evidence.enrolled || answer.error().code != Errc::unauthorised)) {
        evidence.reason = to_string(answer.error().code);
        evidence.detail = answer.error().details();
    }
    return evidence;
}

/// What the agent remembers of the registers; nothing where it has not run yet.
KnownDevices known_devices(const Config& config)
{
    auto journal = Journal::open_read_only(config.data_dir);
    if (!journal)
        return {};
    const auto setting = journal->settings().get(kKnownDevicesSetting);
    return setting && *setting ? decode_known_devices(**setting) : KnownDevices{};
}

std::vector<PortUrl> usb_registers_without_port()
{
    const PortPicture around = list_everything();
    const KnownPlaces& known = known_places();
    std::vector<PortUrl> urls;
    for (const Candidate& place :
         candidates({}, Surroundings{around.ports, around.usb, known.registers, known.boot_loaders, {}}))
        if (place.url.kind == PortUrl::Kind::usb)
            urls.push_back(place.url);
    return urls;
}

std::vector<DeviceEvidence> look_at_devices(const Context& context, const Result<nlohmann::json>& page)
{
    if (page)
        return devices_of(*page);
    std::vector<DeviceEvidence> all;
    const KnownDevices known = known_devices(context.config);
    const std::vector<std::string> sections = section_names(context.config.devices);
    std::set<std::string> taken;
    Progress progress(context.console, context.console.say("Опрос касс", "Asking the registers"));
    for (std::size_t i = 0; i < context.config.devices.size(); ++i) {
        progress.show(static_cast<double>(i) / static_cast<double>(context.config.devices.size()));
        const auto met = known.find(sections[i]);
        all.push_back(
            ask_device(context.config.devices[i], met == known.end() ? KnownDevice{} : met->second, taken));
    }
    return all;
}

// Asked here and not of the agent: where it is missing, no register tells anything.
std::vector<LibraryEvidence> look_at_libraries(const Config& config)
{
    std::vector<LibraryEvidence> all;
    for (const DeviceConfig& device : config.devices) {
        const auto found = find_library(device.family, device.library);
        if (found && !*found)
            continue;
        LibraryEvidence evidence;
        evidence.name = device.name.empty() ? device.port : device.name;
        if (found) {
            evidence.path = (*found)->path;
            evidence.version = (*found)->version;
        } else {
            evidence.reason = to_string(found.error().code);
            evidence.detail = found.error().context;
        }
        all.push_back(std::move(evidence));
    }
    return all;
}

Json sample_json(const DeviceEvidence& device)
{
    Json json{
        {"name", device.name}, {"port", device.port}, {"state", device.state}, {"reason", device.reason}};
    if (device.sample) {
        const auto& sample = *device.sample;
        json["kkt_serial"] = sample.info.kkt_serial;
        json["model"] = sample.info.model;
        json["firmware"] = sample.info.firmware_version + "." + std::to_string(sample.info.firmware_build);
        json["ffd"] = fiscal::to_text(sample.info.ffd);
        json["ffd_assumed"] = sample.info.ffd_assumed;
        if (sample.fn)
            json["fn_serial"] = sample.fn->fn_serial;
    }
    return json;
}

std::string device_state_text(const Console& console, const std::string& state)
{
    if (console.language == Language::english || state.empty())
        return state.empty() ? "unknown" : state;
    return state == "ready"         ? "на связи"
           : state == "busy"        ? "на связи, занята"
           : state == "reconciling" ? "сверяет документы"
           : state == "identifying" ? "опознаётся"
           : state == "connecting"  ? "подключается"
           : state == "absent"      ? "нет на связи"
           : state == "blocked"     ? "заблокирована"
                                    : state;
}

std::string sync_state_text(const Console& console, const std::string& state)
{
    if (console.language == Language::english)
        return state;
    return state == "online"         ? "на связи"
           : state == "waiting"      ? "нет связи, будет повтор"
           : state == "connecting"   ? "подключается"
           : state == "not_enrolled" ? "этот ПК не привязан"
           : state == "off"          ? "не настроен"
                                     : state;
}

/// "<state>: <why> [name]", and under it what to do; the state alone when there is no reason.
void tell_state(const Console& console, const std::string& state, const std::string& reason,
                const Words& words, const std::string& details)
{
    if (reason.empty()) {
        console.line(state);
        return;
    }
    console.line(state + ": " + words.headline + " [" + reason + "]");
    console.line(console.say("      что делать: ", "      cure: ") + words.cure);
    if (!details.empty())
        console.line(
            console.paint(Colour::grey, console.say("      подробности: ", "      details: ") + details));
}

void tell_device(const Console& console, const DeviceEvidence& device)
{
    tell_state(console, "  " + device.name + ": " + device_state_text(console, device.state), device.reason,
               console.words_for_register(device.reason), "");
    if (const std::uint64_t unread = unread_documents(device); unread > 0)
        console.line(console.say("      ещё не прочитано полностью документов: ",
                                 "      documents not yet read in full: ") +
                     std::to_string(unread));
}

} // namespace

int doctor(const Context& context)
{
    const Console& console = context.console;
    const auto page = ask_agent(context.config);
    const UtcMs now = SystemClock().now();
    std::vector<Verdict> verdicts{examine_pc(console, look_at_pc(context.config, page))};
    for (const LibraryEvidence& library : look_at_libraries(context.config))
        verdicts.push_back(examine_library(console, library));
    const auto found = look_at_devices(context, page);
    for (const DeviceEvidence& device : found) {
        auto more = examine_device(console, device, now);
        std::move(more.begin(), more.end(), std::back_inserter(verdicts));
    }
    if (found.empty())
        verdicts.push_back(
            {"port", "", Level::problem,
             console.say("в настройках нет ни одной кассы", "no register is configured"),
             console.say("нет раздела [[device]]", "there is no section [[device]]"),
             console.say("какие порты есть: kktctl devices", "the ports there are: kktctl devices"), "", ""});
    verdicts.push_back(examine_cabinet(console, look_at_cabinet(context.config, page)));
    verdicts.push_back(
        examine_journal(console, look_at_journal(context.config, page), !context.config.cabinet.url.empty()));

    Level worst = Level::ok;
    for (const Verdict& verdict : verdicts)
        worst = std::max(worst, verdict.level);
    if (console.json)
        console.line(dump({{"worst", to_string(worst)},
                           {"agent_running", page.has_value()},
                           {"verdicts", verdicts_json(verdicts)}}));
    else
        tell_verdicts(console, verdicts);
    return worst >= Level::warning ? (worst == Level::problem ? kProblems : kDone) : kDone;
}

int devices(const Context& context)
{
    const Console& console = context.console;
    const auto page = ask_agent(context.config);
    std::vector<DeviceEvidence> known;
    if (page) {
        known = devices_of(*page);
    } else {
        for (const DeviceConfig& device : context.config.devices) {
            DeviceEvidence evidence;
            evidence.name = device.name.empty() ? device.port : device.name;
            evidence.port = device.port;
            known.push_back(std::move(evidence));
        }
    }
    const auto ports = list_serial_ports();
    const auto registers_without_port = usb_registers_without_port();
    std::vector<storage::DeviceRow> remembered;
    if (auto journal = Journal::open_read_only(context.config.data_dir))
        if (auto rows = journal->documents().devices())
            remembered = *std::move(rows);
    if (console.json) {
        Json configured = Json::array();
        for (const DeviceEvidence& device : known)
            configured.push_back(sample_json(device));
        Json seen = Json::array();
        for (const auto& row : remembered)
            seen.push_back({{"kkt_serial", row.kkt_serial},
                            {"name", row.name},
                            {"model", row.model},
                            {"first_seen", to_text(row.first_seen)},
                            {"last_seen", to_text(row.last_seen)}});
        Json listed = Json::array();
        if (ports)
            for (const ListedPort& port : *ports)
                listed.push_back({{"port", "serial:" + port.path},
                                  {"description", port.description},
                                  {"usb", port.usb ? to_string(*port.usb) : ""},
                                  {"usb_serial", port.usb_serial}});
        for (const PortUrl& url : registers_without_port)
            listed.push_back({{"port", url.text()},
                              {"description", ""},
                              {"usb", to_string(url.usb)},
                              {"usb_serial", url.usb_serial}});
        console.line(dump({{"agent_running", page.has_value()},
                           {"configured", configured},
                           {"journal", seen},
                           {"ports", listed}}));
        return kDone;
    }
    std::vector<std::vector<std::string>> rows{
        {console.say("касса", "register"), console.say("порт", "port"), console.say("состояние", "state"),
         console.say("модель", "model"), console.say("ФФД", "FFD"), console.say("заводской №", "serial")}};
    for (const DeviceEvidence& device : known)
        rows.push_back({device.name, device.port,
                        page ? device_state_text(console, device.state)
                             : console.say("агент не запущен", "agent not running"),
                        device.sample ? device.sample->info.model : "",
                        device.sample ? ffd_text(console, device.sample->info) : "",
                        device.sample ? device.sample->info.kkt_serial : ""});
    if (known.empty())
        console.line(console.say("В настройках нет ни одной кассы.", "No register is configured."));
    else
        console.table(rows);
    if (!remembered.empty()) {
        console.line();
        console.line(console.say("В журнале:", "In the journal:"));
        for (const auto& row : remembered)
            console.line("  № " + row.kkt_serial + " " + row.model + " " + row.name +
                         console.say(", последний раз ", ", last seen ") + to_text(row.last_seen));
    }
    console.line();
    console.line(console.say("Порты этого ПК:", "Ports of this PC:"));
    if ((!ports || ports->empty()) && registers_without_port.empty())
        console.line(console.say("  не найдены", "  none"));
    if (ports)
        for (const ListedPort& port : *ports)
            console.line("  serial:" + port.path + "  " + port.description);
    for (const PortUrl& url : registers_without_port)
        console.line(
            "  " + url.text() +
            console.say("  касса на USB без драйвера порта", "  a register on USB without a serial driver"));
    return kDone;
}

int status(const Context& context)
{
    const Console& console = context.console;
    const auto page = ask_agent(context.config);
    const JournalEvidence journal = look_at_journal(context.config, page);
    Json fns = Json::array();
    std::vector<std::vector<std::string>> rows{
        {console.say("ФН", "FN"), console.say("ККТ", "register"), console.say("в ФН", "in FN"),
         console.say("прочитано", "read"), console.say("подряд до", "gapless to")}};
    if (auto opened = Journal::open_read_only(context.config.data_dir))
        if (const auto all = opened->documents().fns())
            for (const auto& fn : *all) {
                fns.push_back({{"fn_serial", fn.fn_serial},
                               {"kkt_serial", fn.kkt_serial},
                               {"last_fd_number", fn.last_fd_number},
                               {"known", fn.known},
                               {"contiguous_through", fn.contiguous_through}});
                rows.push_back(
                    {fn.fn_serial,
                     fn.kkt_serial.empty() ? console.say("без номера", "no number") : fn.kkt_serial,
                     std::to_string(fn.last_fd_number), std::to_string(fn.known),
                     std::to_string(fn.contiguous_through)});
            }
    if (console.json) {
        console.line(dump({{"agent_running", page.has_value()},
                           {"agent", page ? Json::parse(page->dump(-1, ' ', false,
                                                                   nlohmann::json::error_handler_t::replace))
                                          : Json(nullptr)},
                           {"journal",
                            {{"exists", journal.exists},
                             {"reason", journal.reason},
                             {"documents", journal.documents},
                             {"missing", journal.missing},
                             {"unsent", journal.unsent},
                             {"set_aside", journal.set_aside},
                             {"oldest_unsent_age_s", journal.oldest_unsent_age_s.value_or(0)}}},
                           {"fns", fns}}));
        return page ? kDone : kProblems;
    }
    if (!page) {
        console.line(
            console.paint(Colour::yellow, console.say("Агент не запущен: ", "The agent does not run: ")) +
            console.say("на ", "nobody answers on ") + context.config.listen.text() +
            console.say(" никто не отвечает.", "."));
    } else {
        console.line(console.say("Агент работает, версия ", "The agent runs, version ") +
                     text_at(*page, "/agent/version"));
        for (const DeviceEvidence& device : devices_of(*page))
            tell_device(console, device);
        tell_state(console,
                   console.say("Кабинет: ", "Cabinet: ") +
                       sync_state_text(console, text_at(*page, "/sync/state")),
                   text_at(*page, "/sync/reason"), console.words_for(text_at(*page, "/sync/reason")),
                   text_at(*page, "/sync/detail"));
    }
    if (!journal.exists)
        console.line(console.say("Журнала ещё нет.", "There is no journal yet."));
    else if (!journal.reason.empty())
        tell_state(console, console.say("Журнал не читается", "The journal cannot be read"), journal.reason,
                   console.words_for(journal.reason), journal.detail);
    else
        console.line(console.say("Журнал: документов ", "Journal: documents ") +
                     std::to_string(journal.documents) + console.say(", не отправлено ", ", unsent ") +
                     std::to_string(journal.unsent) + console.say(", отложено ", ", set aside ") +
                     std::to_string(journal.set_aside));
    if (rows.size() > 1)
        console.table(rows);
    return page ? kDone : kProblems;
}

} // namespace kb::agent::kktctl

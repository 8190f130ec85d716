// Registers, their queues, what is set for the server, and questions that are answered at once.
#include "agent/api/atol/readings.hpp"
#include "agent/api/atol/results.hpp"
#include "agent/api/atol/tasks.hpp"
#include "agent/api/atol/web_api.hpp"
#include "agent/api/atol/web_error.hpp"
#include "agent/api/atol/web_query.hpp"
#include "drivers/transport/port_url.hpp"
#include "protocol/core/json_reader.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kb::agent::awr {

namespace {

constexpr const char* kSettingsKey = "atol_web.settings";
constexpr const char* kDefaultDeviceKey = "atol_web.default_device";
/// The reason of a queue that was paused from here; nobody else's pause is lifted from here.
constexpr const char* kPausedHere = "ATOL Web Requests: deactivateDevice";
constexpr std::size_t kMostCounted = 1'000;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string id_of(const Device& device)
{
    const std::string& serial = device.sample().info.kkt_serial;
    if (!serial.empty())
        return serial;
    return device.config().name.empty() ? device.port() : device.config().name;
}

// ---- settings

Json settings_json(const WebSettings& settings)
{
    return {{"deleteRequestsAfter", settings.delete_requests_after},
            {"blockQueueOnPrintErrors", settings.block_queue_on_print_errors},
            {"validateRequestsOnAdd", settings.validate_requests_on_add},
            {"scriptsPath", ""},
            {"invertCashDrawerStatus", false},
            {"additionalHeaderLines", ""},
            {"additionalFooterLines", ""}};
}

/// Takes over the members that are there; the name of the first one of a wrong type.
std::optional<std::string> take_settings(const nlohmann::json& json, WebSettings& settings)
{
    for (auto [key, place] : {std::pair{"blockQueueOnPrintErrors", &settings.block_queue_on_print_errors},
                              std::pair{"validateRequestsOnAdd", &settings.validate_requests_on_add}}) {
        const auto at = json.find(key);
        if (at == json.end())
            continue;
        if (!at->is_boolean())
            return key;
        *place = at->get<bool>();
    }
    if (const auto at = json.find("deleteRequestsAfter"); at != json.end()) {
        if (!at->is_number_unsigned() || at->get<std::uint64_t>() > 0xFFFF'FFFFU)
            return "deleteRequestsAfter";
        settings.delete_requests_after = at->get<std::uint32_t>();
    }
    return std::nullopt;
}

WebSettings settings_of(const std::optional<std::string>& stored)
{
    WebSettings settings;
    if (!stored)
        return settings;
    const auto json = parse_json(*stored, 4);
    if (json && json->is_object())
        take_settings(*json, settings);
    return settings;
}

// ---- registers

Json connection_json(const Device& device)
{
    const auto url = parse_port_url(device.port());
    const bool is_tcp = url && url->kind == PortUrl::Kind::tcp;
    const bool is_usb = url && url->kind == PortUrl::Kind::usb;
    const bool is_serial = url && url->kind == PortUrl::Kind::serial;
    const auto channel = device.config().ofd_channel;
    return {{"model", 500},
            {"port", is_tcp   ? "tcp"
                     : is_usb ? "usb"
                              : "com"},
            {"com", is_serial ? url->path : ""},
            {"baudRate", is_serial ? url->baud.value_or(kDefaultBaud) : kDefaultBaud},
            {"usbDevice", "auto"},
            {"ipAddress", is_tcp ? url->host : ""},
            {"ipPort", is_tcp ? url->port : 0},
            {"mac", ""},
            {"ofdChannel", channel == DriverOptions::OfdChannel::none ? "none" : "auto"},
            {"accessPassword", ""},
            {"userPassword", ""}};
}

Json other_json()
{
    return {{"useGlobalScriptsSettings", true},
            {"scriptsPath", ""},
            {"useGlobalInvertCashDrawerStatusFlag", true},
            {"invertCashDrawerStatus", false},
            {"useGlobalAdditionalHeaderLines", true},
            {"additionalHeaderLines", ""},
            {"useGlobalAdditionalFooterLines", true},
            {"additionalFooterLines", ""}};
}

std::string name_of(const Device& device)
{
    return device.config().name.empty() ? "ККТ " + id_of(device) : device.config().name;
}

/// Why the queue does not go on, in ATOL's words; empty: it does, or will by itself.
std::string block_reason(const JobView& view)
{
    const bool unknown = view.job.state == storage::JobState::unknown;
    if (!view.obstacle)
        return unknown ? "connectionError" : "";
    switch (view.obstacle->code) {
    case Errc::no_paper:
    case Errc::waits_for_continue:
        return "paperError";
    case Errc::wrong_device: // the FN it was printed with is gone
        return "fnError";
    case Errc::device_busy:
    case Errc::wrong_mode:
    case Errc::cancelled: // paused
        return unknown ? "connectionError" : "";
    default:
        return "connectionError";
    }
}

std::string id_of_body(const std::string& body, const char* key)
{
    const auto json = parse_json(body, 4); // often there is none, or a form
    if (!json || !json->is_object())
        return {};
    const auto id = json->find(key);
    if (id == json->end())
        return {};
    return id->is_string() ? id->get<std::string>() : id->is_number_integer() ? id->dump() : std::string();
}

} // namespace

asio::awaitable<Result<AtolWebApi::Looked>> AtolWebApi::look(std::string uuid)
{
    std::vector<std::string> serials;
    for (const DevicePtr& device : services_.desk.devices())
        if (const std::string& serial = device->sample().info.kkt_serial; !serial.empty())
            serials.push_back(serial);
    auto work = [uuid = std::move(uuid),
                 serials = std::move(serials)](storage::Journal& journal) -> Result<Looked> {
        Looked looked;
        const auto stored = journal.settings().get(kSettingsKey);
        if (!stored)
            return pass(stored);
        looked.settings = settings_of(*stored);
        auto device = journal.settings().get(kDefaultDeviceKey);
        if (!device)
            return pass(device);
        looked.default_device = device->value_or("");
        if (!uuid.empty()) {
            const auto known = journal.jobs().find_by_key(kCaller, uuid);
            if (!known)
                return pass(known);
            looked.uuid_known = known->has_value();
        }
        for (const std::string& serial : serials) {
            auto paused = journal.jobs().paused(serial);
            if (!paused)
                return pass(paused);
            if (*paused)
                looked.paused[serial] = **std::move(paused);
        }
        return looked;
    };
    co_return co_await in_journal(services_.journal, std::move(work));
}

AtolWebApi::DevicePtr AtolWebApi::device_of(const std::string& id, const Looked& looked) const
{
    const auto& all = services_.desk.devices();
    const std::string& wanted = id.empty() ? looked.default_device : id;
    if (id.empty() && all.size() == 1) // also when it took the place of the one that was the default
        return all.front();
    if (wanted.empty()) // with several, none is better than the wrong one
        return nullptr;
    for (const DevicePtr& device : all)
        if (device->sample().info.kkt_serial == wanted || device->config().name == wanted)
            return device;
    return nullptr;
}

std::optional<kb::http::Response> AtolWebApi::why_not(const DevicePtr& device, const std::string& id,
                                                      const Looked& looked) const
{
    if (!device && !id.empty())
        return web_error(404, "Устройство с ID [" + id + "] не найдено");
    if (!device)
        return web_error(404, (looked.default_device.empty()
                                   ? "Устройство по умолчанию не задано: касс несколько"
                                   : "Устройство по умолчанию [" + looked.default_device + "] не найдено") +
                                  "; укажите deviceID или вызовите setDefaultDevice");
    const std::string named = "ККТ [" + id_of(*device) + "]";
    if (!device->reached() || device->sample().info.kkt_serial.empty())
        return web_error(409, named + " не подключена" +
                                  (device->state_detail().empty() ? "" : ": " + device->state_detail()));
    if (const auto paused = looked.paused.find(device->sample().info.kkt_serial);
        paused != looked.paused.end())
        return web_error(409, named + " не активна: " + paused->second);
    return std::nullopt;
}

asio::awaitable<Result<AtolWebApi::QueueStatus>> AtolWebApi::queue_status(std::string kkt_serial,
                                                                          bool block_on_paper)
{
    if (kkt_serial.empty()) // not reached since the agent was started; an empty filter is that of all
        co_return QueueStatus{};
    storage::JobFilter filter;
    filter.kkt_serial = kkt_serial;
    filter.open_only = true;
    filter.at_most = kMostCounted;
    const auto open = co_await services_.desk.list(filter);
    if (!open)
        co_return pass(open);
    filter.open_only = false;
    auto work = [serial = kkt_serial](storage::Journal& journal) {
        return journal.jobs().ended(serial, kMostCounted);
    };
    const auto ended = co_await in_journal(services_.journal, std::move(work));
    if (!ended)
        co_return pass(ended);
    QueueStatus status;
    status.ready = ended->done;
    status.canceled = ended->cancelled;
    const auto request_of = [](const storage::Job& job) {
        return job.asked.caller == kCaller ? uuid_of(job.asked.key, job.asked.after_job_id.empty())
                                           : job.asked.job_id;
    };
    std::set<std::string> requests;
    for (const JobView& view : *open) { // newest first: the one that holds up the queue comes last
        requests.insert(request_of(view.job));
        if (const std::string reason = block_reason(view); !reason.empty()) {
            status.block_reason = reason;
            status.blocked_uuid = request_of(view.job);
        }
    }
    status.open = requests.size();
    const DevicePtr device = services_.desk.device(kkt_serial);
    if (status.block_reason.empty() && !open->empty() && !(device && device->reached())) {
        status.block_reason = "connectionError";
        status.blocked_uuid = request_of(open->back().job);
    }
    if (status.block_reason.empty() && block_on_paper && device) {
        const std::string& reason = device->sample().state_reason;
        if (reason == to_string(Errc::no_paper) || reason == to_string(Errc::waits_for_continue))
            status.block_reason = "paperError";
    }
    co_return status;
}

asio::awaitable<kb::http::Response> AtolWebApi::queue_response(Request request)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const std::string id = device_id_of(request, "");
    const DevicePtr device = device_of(id, *looked);
    if (!device)
        co_return *why_not(device, id, *looked);
    const auto queue =
        co_await queue_status(device->sample().info.kkt_serial, looked->settings.block_queue_on_print_errors);
    if (!queue)
        co_return web_error(queue.error());
    const Json json{{"number", queue->open},
                    {"ready", queue->ready},
                    {"canceled", queue->canceled},
                    {"isBlocked", !queue->block_reason.empty()},
                    {"blockedUUID", queue->blocked_uuid},
                    {"blockReason", queue->block_reason}};
    co_return web_answer(dumped(json));
}

// Version 1 knows one queue: that of all registers.
asio::awaitable<kb::http::Response> AtolWebApi::old_queue_response()
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    QueueStatus all;
    const auto devices = services_.desk.devices();
    for (const DevicePtr& device : devices) {
        const auto one = co_await queue_status(device->sample().info.kkt_serial,
                                               looked->settings.block_queue_on_print_errors);
        if (!one)
            co_return web_error(one.error());
        all.open += one->open;
        all.ready += one->ready;
        all.canceled += one->canceled;
        if (all.block_reason.empty() && !one->block_reason.empty()) {
            all.block_reason = one->block_reason;
            all.blocked_uuid = one->blocked_uuid;
        }
    }
    const Json json{{"ready_count", all.ready},
                    {"not_ready_count", all.open},
                    {"canceled_count", all.canceled},
                    {"is_blocked", !all.block_reason.empty()},
                    {"block_request_uuid", all.blocked_uuid}};
    co_return web_answer(dumped(json));
}

asio::awaitable<Result<std::string>> AtolWebApi::device_json(DevicePtr device, Looked looked)
{
    const std::string serial = device->sample().info.kkt_serial;
    bool blocked = false;
    if (!serial.empty()) {
        const auto queue = co_await queue_status(serial, looked.settings.block_queue_on_print_errors);
        if (!queue)
            co_return pass(queue);
        blocked = !queue->block_reason.empty();
    }
    const Json json{{"id", id_of(*device)},
                    {"name", name_of(*device)},
                    {"isActive", !why_not(device, id_of(*device), looked).has_value()},
                    {"isDefault", device_of("", looked) == device},
                    {"isLock", blocked},
                    {"hasLicense", true},
                    {"connectionSettings", connection_json(*device)},
                    {"otherSettings", other_json()},
                    {"lastError", device->state_detail()}};
    co_return dumped(json);
}

asio::awaitable<kb::http::Response> AtolWebApi::list_devices()
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    std::string list;
    const auto devices = services_.desk.devices();
    for (const DevicePtr& device : devices) {
        const auto one = co_await device_json(device, *looked);
        if (!one)
            co_return web_error(one.error());
        list += (list.empty() ? "" : ",") + *one;
    }
    co_return web_answer("[" + list + "]");
}

asio::awaitable<kb::http::Response> AtolWebApi::get_device(std::string id)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    if (id == "default")
        id.clear();
    const DevicePtr device = device_of(id, *looked);
    if (!device)
        co_return *why_not(device, id, *looked);
    const auto json = co_await device_json(device, *looked);
    co_return json ? web_answer(*json) : web_error(json.error());
}

asio::awaitable<kb::http::Response> AtolWebApi::add_device(Request request)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const std::string id = id_of_body(request.body, "id");
    if (!id.empty() && device_of(id, *looked))
        co_return web_error(409, "Устройство с ID [" + id + "] уже есть");
    co_return web_error(501,
                        "Кассы задаются в файле настроек агента (раздел [[device]]), а не через этот метод",
                        error::unsupported);
}

asio::awaitable<kb::http::Response> AtolWebApi::activate(Request request, bool on)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const std::string id = device_id_of(request, id_of_body(request.body, "deviceID"));
    const DevicePtr device = device_of(id, *looked);
    if (!device)
        co_return *why_not(device, id, *looked);
    const std::string serial = device->sample().info.kkt_serial;
    if (serial.empty())
        co_return *why_not(device, id, *looked);
    const auto paused = looked->paused.find(serial);
    const bool is_paused = paused != looked->paused.end();
    if (on == !is_paused)
        co_return on && !device->reached() ? *why_not(device, id, *looked) : web_answer("{}");
    if (on && paused->second != kPausedHere)
        co_return *why_not(device, id, *looked); // a person has paused it, and knows why
    Result<void> done;
    if (on)
        done = co_await services_.desk.resume(serial, kPausedHere);
    else
        done = co_await services_.desk.pause(serial, kPausedHere);
    co_return done ? web_answer("{}") : web_error(done.error());
}

asio::awaitable<kb::http::Response> AtolWebApi::set_default(Request request)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const std::string id = id_of_body(request.body, "id");
    const DevicePtr device = id.empty() ? nullptr : device_of(id, *looked);
    if (!device || device->sample().info.kkt_serial.empty())
        co_return web_error(404, "Устройство с ID [" + id + "] не найдено");
    auto work = [serial = device->sample().info.kkt_serial](storage::Journal& journal) {
        return journal.settings().set(kDefaultDeviceKey, serial);
    };
    const auto stored = co_await in_journal(services_.journal, std::move(work));
    co_return stored ? web_answer("{}") : web_error(stored.error());
}

asio::awaitable<kb::http::Response> AtolWebApi::get_settings()
{
    const auto looked = co_await look("");
    co_return looked ? web_answer(dumped(settings_json(looked->settings))) : web_error(looked.error());
}

asio::awaitable<kb::http::Response> AtolWebApi::put_settings(Request request)
{
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const auto json = parse_json(request.body, 8);
    if (!json || !json->is_object())
        co_return web_error(400, "Ожидается объект с настройками");
    WebSettings settings = looked->settings;
    if (const auto wrong = take_settings(*json, settings))
        co_return web_error(400, "Некорректное значение или тип поля '" + *wrong + "'");
    auto work = [text = dumped(settings_json(settings))](storage::Journal& journal) {
        return journal.settings().set(kSettingsKey, text);
    };
    const auto stored = co_await in_journal(services_.journal, std::move(work));
    co_return stored ? web_answer("{}") : web_error(stored.error());
}

asio::awaitable<kb::http::Response> AtolWebApi::query(Request request, std::string operation)
{
    TaskPlan task;
    task.reading = reading_of_operation(operation);
    if (!task.reading)
        co_return web_error(501, "Операция " + operation + " не поддерживается", error::unsupported);
    const auto looked = co_await look("");
    if (!looked)
        co_return web_error(looked.error());
    const std::string id = device_id_of(request, id_of_body(request.body, "deviceID"));
    const DevicePtr device = device_of(id, *looked);
    if (!device || !device->reached() || device->sample().info.kkt_serial.empty())
        co_return *why_not(device, id, *looked);
    co_await looked_at(device, Steady::now());
    const auto answer = co_await answer_reading(task, device);
    if (!answer)
        co_return web_error(answer.error());
    co_return answer->status == TaskStatus::ready
        ? web_answer(dumped(answer->result))
        : web_error(409, answer->error.description, answer->error.code);
}

kb::http::Response AtolWebApi::server_info() const
{
    const LocalTime time = local_time(services_.clock);
#ifdef _WIN32
    const char* system = "windows";
#else
    const char* system = "linux";
#endif
    const Json json{{"product", "KKT Bridge"},
                    {"serverVersion", services_.version},
                    {"driverVersion", services_.version},
                    {"os", system},
                    {"currentDateTime", time.text(time.now)}};
    return web_answer(dumped(json));
}

} // namespace kb::agent::awr

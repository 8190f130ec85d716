#include "agent/api/atol/tasks.hpp"

#include "agent/api/atol/receipt_task.hpp"
#include "protocol/core/json_reader.hpp"

#include <algorithm>
#include <limits>

namespace kb::agent::awr {

namespace {

using Kind = fiscal::RequestKind;
using fiscal::Operation;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMostTasks = 100;
constexpr std::size_t kLongestUuid = 120; // a job's key has 128 bytes, and "#100" behind it

// ---- by type

struct ReceiptWord {
    std::string_view task;
    Operation operation;
    bool correction;
};
constexpr ReceiptWord kReceipts[] = {
    {"sell", Operation::sell, false},
    {"sellReturn", Operation::sell_return, false},
    {"buy", Operation::buy, false},
    {"buyReturn", Operation::buy_return, false},
    {"sellCorrection", Operation::sell, true},
    {"sellReturnCorrection", Operation::sell_return, true},
    {"buyCorrection", Operation::buy, true},
    {"buyReturnCorrection", Operation::buy_return, true},
};

struct KindWord {
    std::string_view task;
    Kind kind;
};
constexpr KindWord kKinds[] = {
    {"openShift", Kind::shift_open},
    {"closeShift", Kind::shift_close},
    {"reportX", Kind::x_report},
    {"reportOfdExchangeStatus", Kind::state_report},
    {"cashIn", Kind::cash_in},
    {"cashOut", Kind::cash_out},
    {"nonFiscal", Kind::text},
    {"printFnDocument", Kind::copy},
    {"printLastReceiptCopy", Kind::copy},
    {"openCashDrawer", Kind::cash_drawer},
    {"setDateTime", Kind::set_time},
    {"continuePrint", Kind::continue_printing},
};

template <class Table>
auto row_of(const Table& table, std::string_view type)
{
    return std::find_if(std::begin(table), std::end(table),
                        [&](const auto& row) { return row.task == type; });
}

fiscal::Request request_of(TaskReader& task, Kind kind)
{
    fiscal::Request request;
    request.kind = kind;
    read_operator(task, request);
    switch (kind) {
    case Kind::cash_in:
    case Kind::cash_out:
        if (const auto sum = task.money("cashSum"))
            request.sum = *sum;
        else
            task.complain("cashSum", "не указана сумма");
        break;
    case Kind::text:
        request.lines = read_lines(task, "items");
        if (request.lines.empty())
            task.complain("items", "нечего печатать: нет ни текста, ни штрихкодов (картинки не печатаются)");
        break;
    case Kind::copy:
        request.fd_number =
            task.number("fiscalDocumentNumber", std::numeric_limits<std::uint32_t>::max()).value_or(0);
        break;
    case Kind::set_time:
        request.time = task.time("dateTime");
        break;
    default:
        break;
    }
    return request;
}

AtolTask task_of(TaskReader& reader)
{
    AtolTask task;
    task.plan.type = reader.text("type");
    const std::string& type = task.plan.type;
    if (const auto reading = reading_of_task(type)) {
        task.plan.reading = reading;
        if (reading == Reading::fn_document) {
            task.plan.fd_number =
                reader.number("fiscalDocumentNumber", std::numeric_limits<std::uint32_t>::max()).value_or(0);
            task.plan.raw = reader.flag("withRawData");
            if (task.plan.fd_number == 0)
                reader.complain("fiscalDocumentNumber", "не указан номер документа");
        }
        if (reading == Reading::last_fiscal_params && reader.has("forReceipt"))
            task.plan.for_receipt = reader.flag("forReceipt");
    } else if (const auto* receipt = row_of(kReceipts, type); receipt != std::end(kReceipts)) {
        task.request.emplace();
        task.request->kind = Kind::receipt;
        read_operator(reader, *task.request);
        read_receipt(reader, *task.request, receipt->operation, receipt->correction);
    } else if (const auto* kind = row_of(kKinds, type); kind != std::end(kKinds)) {
        task.request = request_of(reader, kind->kind);
        task.of_last_receipt = type == "printLastReceiptCopy";
        if (kind->kind == Kind::copy && !task.of_last_receipt && task.request->fd_number == 0)
            reader.complain("fiscalDocumentNumber", "не указан номер документа");
    } else if (type.empty()) {
        reader.complain("type", "не указано, что сделать");
    } else {
        reader.complain("type", "«" + type + "» не поддерживается", error::unsupported);
    }
    return task;
}

// ---- whole requests

std::optional<TaskRefusal> fault_of_all(const std::vector<AtolTask>& tasks)
{
    const auto fiscal = std::count_if(tasks.begin(), tasks.end(), is_fiscal);
    if (fiscal > 1)
        return TaskRefusal{0,
                           {error::bad_data, "request",
                            "фискальных операций " + std::to_string(fiscal) +
                                ", а в одном задании может быть одна; пошлите отдельными заданиями"}};
    bool receipt_before = false;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (tasks[i].of_last_receipt && receipt_before)
            return TaskRefusal{i,
                               {error::unsupported, "request[" + std::to_string(i) + "]",
                                "копия чека, который пробивается этим же заданием, не поддерживается; "
                                "запросите её отдельным заданием"}};
        receipt_before = receipt_before || (tasks[i].request && tasks[i].request->kind == Kind::receipt);
    }
    return std::nullopt;
}

} // namespace

tl::expected<Envelope, std::string> read_envelope(const std::string& body)
{
    std::string_view text = body;
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3); // some programs begin with the mark of UTF-8
    const auto parsed = parse_json(text, kMaxDepth);
    if (!parsed)
        return tl::unexpected<std::string>("Не удалось разобрать JSON: " + parsed.error().context);
    if (!parsed->is_object())
        return tl::unexpected<std::string>("Ожидается объект с полями uuid и request");
    Envelope envelope;
    const auto uuid = parsed->find("uuid");
    if (uuid == parsed->end() || !uuid->is_string() || uuid->get_ref<const std::string&>().empty())
        return tl::unexpected<std::string>("Поле 'uuid' не задано или не строка");
    envelope.uuid = uuid->get<std::string>();
    if (envelope.uuid.size() > kLongestUuid)
        return tl::unexpected<std::string>("Поле 'uuid' длиннее " + std::to_string(kLongestUuid) + " байт");
    const auto device = parsed->find("deviceID");
    if (device != parsed->end() && device->is_string())
        envelope.device_id = device->get<std::string>();
    else if (device != parsed->end() && device->is_number_integer())
        envelope.device_id = device->dump();
    const auto request = parsed->find("request");
    if (request == parsed->end() || request->is_null() || (!request->is_object() && !request->is_array()) ||
        request->empty())
        return tl::unexpected<std::string>("Поле 'request' не задано или пустое");
    if (request->is_object())
        envelope.tasks.push_back(*request);
    else
        envelope.tasks.assign(request->begin(), request->end());
    if (envelope.tasks.size() > kMostTasks)
        return tl::unexpected<std::string>("Задач " + std::to_string(envelope.tasks.size()) +
                                           ", в одном задании можно " + std::to_string(kMostTasks));
    return envelope;
}

tl::expected<std::vector<AtolTask>, TaskRefusal> read_tasks(const std::vector<nlohmann::json>& tasks)
{
    std::vector<AtolTask> read;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        std::optional<TaskFault> fault;
        TaskReader reader(tasks[i], "request[" + std::to_string(i) + "]", fault);
        AtolTask task = task_of(reader);
        if (fault)
            return tl::unexpected<TaskRefusal>(TaskRefusal{i, *std::move(fault)});
        read.push_back(std::move(task));
    }
    if (auto refusal = fault_of_all(read))
        return tl::unexpected<TaskRefusal>(*std::move(refusal));
    return read;
}

bool is_fiscal(const AtolTask& task) { return task.request && fiscal::makes_document(task.request->kind); }

} // namespace kb::agent::awr

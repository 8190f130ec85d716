#include "drivers/atol_fptr/tasks.hpp"

#include "drivers/atol_fptr/task_parts.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace kb::atol_fptr {
namespace {

using Kind = fiscal::RequestKind;

const char* type_word(Kind kind)
{
    switch (kind) {
    case Kind::shift_open:
        return "openShift";
    case Kind::shift_close:
        return "closeShift";
    case Kind::x_report:
        return "reportX";
    case Kind::state_report:
        return "reportOfdExchangeStatus";
    case Kind::cash_in:
        return "cashIn";
    case Kind::cash_out:
        return "cashOut";
    case Kind::copy:
        return "printFnDocument";
    case Kind::text:
        return "nonFiscal";
    case Kind::cash_drawer:
        return "openCashDrawer";
    default:
        return nullptr;
    }
}

const char* alignment_word(fiscal::PrintItem::Align align)
{
    switch (align) {
    case fiscal::PrintItem::Align::left:
        return "left";
    case fiscal::PrintItem::Align::center:
        return "center";
    case fiscal::PrintItem::Align::right:
        break;
    }
    return "right";
}

std::string print_item(const fiscal::PrintItem& item)
{
    JsonObject json;
    if (item.kind == fiscal::PrintItem::Kind::text) {
        json.contents("type", "text").contents("text", item.text);
        json.contents("alignment", alignment_word(item.align)).contents("wrap", "words");
        if (item.wide) {
            json.flag("doubleWidth", true);
        }
        return json.json();
    }
    const bool qr = item.kind == fiscal::PrintItem::Kind::qr;
    json.contents("type", "barcode").contents("barcode", item.text);
    json.contents("barcodeType", qr ? "QR" : item.barcode_type);
    json.contents("alignment", alignment_word(item.align));
    return json.json();
}

std::optional<std::uint32_t> number_in(const nlohmann::json& value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return number <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(number)) : std::nullopt;
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    const auto& text = value.get_ref<const std::string&>();
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

} // namespace

void put_operator(JsonObject& json, const fiscal::Request& request)
{
    if (request.cashier.empty()) {
        return; // the library wants a name wherever it gets an operator
    }
    JsonObject cashier;
    cashier.contents("name", request.cashier).text("vatin", request.cashier_inn);
    json.object("operator", cashier);
}

std::vector<std::string> print_items(const std::vector<fiscal::PrintItem>& items)
{
    std::vector<std::string> all;
    all.reserve(items.size());
    for (const fiscal::PrintItem& item : items) {
        all.push_back(print_item(item));
    }
    return all;
}

std::string task_date(LocalSeconds time) { return task_time(time).substr(0, 10); }

std::string task_time(LocalSeconds time)
{
    std::string text = to_text(time); // "2026-03-25T14:05:00"
    text[4] = '.';
    text[7] = '.';
    text[10] = ' ';
    return text;
}

Result<LibraryTask> task_of(const fiscal::Request& request, const TaskFacts& facts)
{
    if (request.kind == Kind::receipt) {
        return receipt_task(request, facts);
    }
    const char* type = type_word(request.kind);
    if (type == nullptr) {
        return fail(Errc::unsupported,
                    "the library has no task " + std::string(fiscal::to_string(request.kind)));
    }
    JsonObject json;
    json.contents("type", type);
    switch (request.kind) {
    case Kind::copy:
        json.number("fiscalDocumentNumber", request.fd_number);
        break;
    case Kind::text:
        json.raw("items", json_array(print_items(request.lines)));
        break;
    case Kind::cash_drawer:
        break;
    case Kind::cash_in:
    case Kind::cash_out:
        put_operator(json, request);
        json.money("cashSum", request.sum);
        break;
    default:
        put_operator(json, request);
        break;
    }
    return LibraryTask{type, json.json(), kLongestTask};
}

// {"fiscalParams":{"fiscalDocumentNumber":138,"fiscalDocumentSign":"2917556123",…},"warnings":{"notPrinted":true}}
TaskAnswer answer_of(const std::string& text)
{
    TaskAnswer answer;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return answer;
    }
    if (const auto params = json.find("fiscalParams"); params != json.end() && params->is_object()) {
        if (const auto number = params->find("fiscalDocumentNumber"); number != params->end()) {
            answer.fd_number = number_in(*number);
        }
        if (const auto sign = params->find("fiscalDocumentSign"); sign != params->end()) {
            answer.fiscal_sign = number_in(*sign).value_or(0);
        }
    }
    if (const auto warnings = json.find("warnings"); warnings != json.end() && warnings->is_object()) {
        const auto not_printed = warnings->find("notPrinted");
        answer.printed = not_printed == warnings->end() || *not_printed != true;
    }
    return answer;
}

} // namespace kb::atol_fptr

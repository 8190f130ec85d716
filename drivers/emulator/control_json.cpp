#include "drivers/emulator/control_json.hpp"

#include "protocol/core/money.hpp"

#include <algorithm>

namespace kb::emulator {

namespace {

using nlohmann::json;

constexpr std::int64_t kMostMoney = 9'999'999'999;

[[noreturn]] void bad(const std::string& error, const std::string& field, const std::string& cure)
{
    throw BadRequest{400, error, field, cure};
}

const json& member(const json& in, const std::string& field)
{
    const auto at = in.find(field);
    if (at == in.end())
        bad("missing", field, "give \"" + field + "\"");
    return *at;
}

Correction correction_from_json(const json& in)
{
    Correction out;
    out.type = static_cast<std::uint8_t>(number_of(in, "type", 0, 1));
    std::string date = text_of(in, "date", "");
    if (date.size() == 10)
        date += "T00:00:00";
    const auto parsed = local_from_text(date);
    if (!parsed)
        bad("not a date", "correction.date", "write 2026-03-01");
    out.date = *parsed;
    out.number = text_of(in, "number", "");
    if (out.type == 1 && out.number.empty())
        bad("missing", "correction.number", "a correction by order needs the number of the order");
    return out;
}

} // namespace

bool flag_of(const json& in, const std::string& field)
{
    const json& value = member(in, field);
    if (!value.is_boolean())
        bad("not a boolean", field, "write true or false");
    return value.get<bool>();
}

bool flag_of(const json& in, const std::string& field, bool otherwise)
{
    return in.contains(field) ? flag_of(in, field) : otherwise;
}

std::int64_t number_of(const json& in, const std::string& field, std::int64_t least, std::int64_t most)
{
    const json& value = member(in, field);
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    if (!value.is_number_integer() || value < least || value > most)
        bad("not a whole number in range", field, "write a number from " + range);
    return value.get<std::int64_t>();
}

std::int64_t number_of(const json& in, const std::string& field, std::int64_t least, std::int64_t most,
                       std::int64_t otherwise)
{
    return in.contains(field) ? number_of(in, field, least, most) : otherwise;
}

std::string text_of(const json& in, const std::string& field, const std::string& otherwise)
{
    if (!in.contains(field))
        return otherwise;
    if (!in[field].is_string())
        bad("not a text", field, "write it in quotes");
    return in[field].get<std::string>();
}

std::string word_of(const json& in, const std::string& field, std::initializer_list<const char*> words)
{
    std::string word = member(in, field).is_string() ? in[field].get<std::string>() : std::string{};
    std::string cure = "one of:";
    for (const char* known : words) {
        if (word == known)
            return word;
        cure += std::string(" ") + known;
    }
    bad("unknown word", field, cure);
}

void only_fields(const json& in, std::initializer_list<const char*> fields)
{
    for (const auto& [name, value] : in.items()) {
        if (std::none_of(fields.begin(), fields.end(), [&n = name](const char* f) { return n == f; })) {
            std::string cure = "known fields:";
            for (const char* field : fields)
                cure += std::string(" ") + field;
            bad("unknown field", name, cure);
        }
    }
}

Item item_from_json(const json& in, const std::string& where)
{
    if (!in.is_object())
        bad("not an object", where, R"(write {"name":"Чай","price":9900})");
    Item item;
    try {
        only_fields(in, {"name", "price", "quantity", "sum", "vat", "item_kind", "payment_method", "unit",
                         "department"});
        item.name = text_of(in, "name", "");
        if (item.name.empty())
            bad("missing", "name", "give the name of the goods");
        item.price = static_cast<std::uint64_t>(number_of(in, "price", 0, kMostMoney));
        const auto quantity = in.find("quantity");
        if (quantity != in.end()) {
            const std::string text = quantity->is_string() ? quantity->get<std::string>() : quantity->dump();
            const auto parsed = Quantity::from_text(text);
            if (!parsed || parsed->millionths() <= 0)
                bad("not a quantity above zero", "quantity", R"(write it as "1.5", at most six decimals)");
            item.quantity = *parsed;
        }
        const auto product = cost(Kopecks{static_cast<std::int64_t>(item.price)}, item.quantity);
        if (!product || product->count() > kMostMoney)
            bad("price x quantity is too big", "price", "sell less");
        item.sum = static_cast<std::uint64_t>(number_of(in, "sum", 0, kMostMoney, product->count()));
        item.vat = static_cast<std::uint8_t>(number_of(in, "vat", 1, 12, 6));
        item.item_kind = static_cast<std::uint8_t>(number_of(in, "item_kind", 1, 33, 1));
        item.payment_method = static_cast<std::uint8_t>(number_of(in, "payment_method", 1, 7, 4));
        item.unit = static_cast<std::uint8_t>(number_of(in, "unit", 0, 255, 0));
        item.department = static_cast<std::uint8_t>(number_of(in, "department", 0, 16, 1));
    } catch (BadRequest& broken) {
        broken.field = where + "." + broken.field;
        throw;
    }
    return item;
}

SaleRequest sale_from_json(const json& in, std::uint8_t tax_systems)
{
    only_fields(in, {"operation", "correction", "items", "payments", "cashier", "tax_system"});
    SaleRequest out;
    if (in.contains("operation")) {
        const std::string word = word_of(in, "operation", {"sell", "sell_return", "buy", "buy_return"});
        out.receipt.operation = word == "sell" ? 1 : word == "sell_return" ? 2 : word == "buy" ? 3 : 4;
    }
    if (in.contains("correction") && !in["correction"].is_null()) {
        if (!in["correction"].is_object())
            bad("not an object", "correction", R"(write {"type":0,"date":"2026-03-01","number":""})");
        out.receipt.is_correction = true;
        out.receipt.correction = correction_from_json(in["correction"]);
    }
    const json& items = member(in, "items");
    if (!items.is_array() || items.empty() || items.size() > 400)
        bad("not a list of 1 to 400 items", "items", R"(write [{"name":"Чай","price":9900}])");
    for (std::size_t i = 0; i < items.size(); ++i)
        out.receipt.items.push_back(item_from_json(items[i], "items[" + std::to_string(i) + "]"));
    out.closing.cashier = text_of(in, "cashier", "Кассир 1");
    out.closing.tax_system = static_cast<std::uint8_t>(
        number_of(in, "tax_system", 1, 32, static_cast<std::int64_t>(tax_systems & (~tax_systems + 1U))));
    const unsigned tax = out.closing.tax_system;
    if ((tax & (tax - 1)) != 0 || (tax & tax_systems) == 0)
        bad("not a tax system of this register", "tax_system",
            "one bit of " + std::to_string(static_cast<unsigned>(tax_systems)));
    if (!in.contains("payments")) {
        out.closing.payments[0] = out.receipt.total();
        return out;
    }
    const json& payments = in["payments"];
    if (!payments.is_object())
        bad("not an object", "payments", R"(write {"cash":10000})");
    only_fields(payments, {"cash", "electronic", "advance", "credit", "counter"});
    auto& slots = out.closing.payments;
    slots[0] = static_cast<std::uint64_t>(number_of(payments, "cash", 0, kMostMoney, 0));
    slots[1] = static_cast<std::uint64_t>(number_of(payments, "electronic", 0, kMostMoney, 0));
    slots[13] = static_cast<std::uint64_t>(number_of(payments, "advance", 0, kMostMoney, 0));
    slots[14] = static_cast<std::uint64_t>(number_of(payments, "credit", 0, kMostMoney, 0));
    slots[15] = static_cast<std::uint64_t>(number_of(payments, "counter", 0, kMostMoney, 0));
    return out;
}

} // namespace kb::emulator

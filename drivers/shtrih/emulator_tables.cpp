#include "drivers/shtrih/emulator_tables.hpp"

#include "drivers/emulator/tlv_out.hpp"
#include "protocol/core/cp1251.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace kb::shtrih {

using emulator::SdState;

namespace {

constexpr std::uint8_t kFnTable = 18;
constexpr std::uint8_t kOfdTable = 19;
constexpr std::uint8_t kSdTable = 14;
constexpr std::uint8_t kExchangeTable = 20;

std::uint64_t to_number(std::string_view text)
{
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string_view next_part(std::string_view& line)
{
    const std::size_t bar = line.find('|');
    const std::string_view part = line.substr(0, bar);
    line = bar == std::string_view::npos ? std::string_view{} : line.substr(bar + 1);
    return part;
}

std::vector<Table> parse(std::string_view all)
{
    std::vector<Table> tables;
    while (!all.empty()) {
        const std::size_t end = all.find('\n');
        std::string_view line = all.substr(0, end);
        all = end == std::string_view::npos ? std::string_view{} : all.substr(end + 1);
        if (line.starts_with('T')) {
            Table table;
            table.number = static_cast<std::uint8_t>(to_number(next_part(line).substr(1)));
            table.rows = static_cast<std::uint16_t>(to_number(next_part(line)));
            table.name = line;
            tables.push_back(std::move(table));
        } else if (!line.empty()) {
            next_part(line); // its number is its place
            TableField field;
            const std::string_view type = next_part(line);
            field.text = type[0] == 'C';
            field.size = static_cast<std::uint8_t>(to_number(type.substr(1)));
            field.min = to_number(next_part(line));
            field.max = to_number(next_part(line));
            field.initial = next_part(line);
            field.name = line;
            tables.back().fields.push_back(std::move(field));
        }
    }
    return tables;
}

constexpr std::array<const char*, 16> kPayments = {"НАЛИЧНЫМИ",
                                                   "CREDIT",
                                                   "КАРТА",
                                                   "СКИДКА",
                                                   "РАСШИРЕННАЯ ОПЛАТА 1",
                                                   "РАСШИРЕННАЯ ОПЛАТА 2",
                                                   "РАСШИРЕННАЯ ОПЛАТА 3",
                                                   "РАСШИРЕННАЯ ОПЛАТА 4",
                                                   "РАСШИРЕННАЯ ОПЛАТА 5",
                                                   "РАСШИРЕННАЯ ОПЛАТА 6",
                                                   "РАСШИРЕННАЯ ОПЛАТА 7",
                                                   "РАСШИРЕННАЯ ОПЛАТА 8",
                                                   "РАСШИРЕННАЯ ОПЛАТА 9",
                                                   "ПРЕДВАРИТЕЛЬНАЯ ОПЛАТА (АВАНС)",
                                                   "ПОСЛЕДУЮЩАЯ ОПЛАТА (КРЕДИТ)",
                                                   "ИНАЯ ФОРМА ОПЛАТЫ"};

struct VatRow {
    std::uint64_t rate;
    const char* name;
};
constexpr std::array<VatRow, 12> kVatRows = {{{2000, "НДС 20%"},
                                              {1000, "НДС 10%"},
                                              {0, "НДС 0%"},
                                              {0, "БЕЗ НДС"},
                                              {2000, "НДС 20/120"},
                                              {1000, "НДС 10/110"},
                                              {500, "НДС 5%"},
                                              {700, "НДС 7%"},
                                              {500, "НДС 5/105%"},
                                              {700, "НДС 7/107%"},
                                              {2200, "НДС 22%"},
                                              {2200, "НДС 22/122"}}};

// Where each row of a table has a value of its own.
std::string row_value(std::uint8_t table, std::uint16_t row, std::uint8_t field, const std::string& initial)
{
    if (table == 2 && field == 1)
        return std::to_string(row);
    if (table == 2)
        return row == 30 ? "СИС. АДМИНИСТРАТОР" : row == 29 ? "АДМИНИСТРАТОР" : fmt::format("КАССИР {}", row);
    if (table == 5 && row <= kPayments.size())
        return kPayments[row - 1U];
    if (table == 6 && row <= kVatRows.size())
        return field == 1 ? std::to_string(kVatRows[row - 1U].rate) : kVatRows[row - 1U].name;
    if (table == 7)
        return std::to_string(row);
    return initial;
}

bool tells(const Cell& cell, const Table& table, std::uint8_t field)
{
    return cell.table != 0 && cell.table == table.number && cell.field == field;
}

// Settings are kept under the dictionary's numbers, a firmware's own tables under theirs.
std::string key_of(const Table& table, std::uint16_t row, std::uint8_t field)
{
    return fmt::format("T{}.{}.{}", table.origin != 0 ? table.origin : table.number, row, field);
}

} // namespace

EmulatorTables::EmulatorTables(emulator::VirtualKkt& kkt, const EmulatorClass& firmware)
    : kkt_(kkt),
      firmware_(firmware)
{
    std::vector<Table> own = parse(firmware.own_tables);
    const auto replaced = [&](std::uint8_t number) {
        const auto& gone = firmware.without;
        return std::find(gone.begin(), gone.end(), number) != gone.end() ||
               std::any_of(own.begin(), own.end(), [&](const Table& t) { return t.number == number; });
    };
    for (Table& table : parse(kTableDictionary)) {
        table.origin = table.number;
        if (table.origin == kFnTable)
            table.number = firmware.fn_table;
        else if (table.origin == kOfdTable)
            table.number = firmware.ofd_table;
        else if (table.origin == kSdTable)
            table.number = firmware.sd_table;
        else if (table.number == firmware.fn_table || table.number == firmware.ofd_table)
            continue;
        if (table.number != 0 && !replaced(table.number))
            tables_.push_back(std::move(table));
    }
    std::move(own.begin(), own.end(), std::back_inserter(tables_));
    for (Table& table : tables_) {
        const auto [number, field] = firmware.ffd;
        if (table.number != number || table.fields.size() >= field)
            continue;
        // Vector R4: where a cash core tells the version, and under which name.
        table.fields.resize(field, {"Зарезервировано", false, 1, 0, 255, "0"});
        table.fields.back() = {"1209: ФФД, 0NA - 1.0, 2 - 1.05, 4 - 1.2", false, 1, 0, 4, "0"};
    }
}

const Table* EmulatorTables::table(std::uint8_t number) const
{
    const auto at = std::find_if(tables_.begin(), tables_.end(),
                                 [number](const Table& table) { return table.number == number; });
    return at == tables_.end() ? nullptr : &*at;
}

std::optional<std::string> EmulatorTables::live_text(const Table& table, std::uint8_t field) const
{
    const auto& who = kkt_.identity();
    if (tells(firmware_.reg_number, table, field))
        return who.reg_number;
    if (table.origin == kFnTable) {
        switch (field) {
        case 1:
            return firmware_.serial_in_fn_table ? who.kkt_serial : std::string{};
        case 2:
            return who.inn;
        case 4:
            return kkt_.fn().serial;
        case 7:
            return who.user;
        case 9:
            return who.address;
        case 10:
            return who.ofd_name;
        case 12:
            return who.ofd_inn;
        case 13:
            return who.fns_site;
        case 14:
            return who.place;
        case 15:
            return who.sender_email;
        default:
            return std::nullopt;
        }
    }
    if (table.origin == kOfdTable && field == 1)
        return who.ofd_host;
    if (table.origin == kExchangeTable && field == 5) {
        const auto* first = kkt_.fn().find(kkt_.fn().tickets_through() + 1);
        return first == nullptr ? std::string{} : to_text(first->datetime());
    }
    return std::nullopt;
}

std::optional<std::uint64_t> EmulatorTables::live_number(const Table& table, std::uint8_t field) const
{
    if (tells(firmware_.ffd, table, field))
        return kkt_.identity().ffd;
    const auto& fn = kkt_.fn();
    const auto& sd = kkt_.sd();
    switch (table.origin * 100 + field) {
    case 1401:
        return sd.card == SdState::Card::missing ? 0xFE : sd.card == SdState::Card::failing ? 5 : 0;
    case 1402:
        return sd.card == SdState::Card::missing ? 0 : 512;
    case 1403:
        return sd.card == SdState::Card::missing ? 0 : 15'523'840;
    case 1404:
        return sd.card == SdState::Card::missing || sd.card == SdState::Card::full ? 0 : 14'100'000;
    case 1405:
        return sd.io_errors;
    case 1406:
        return sd.io_errors * 3;
    case 1717:
        return kkt_.identity().ffd;
    case 1805:
        return kkt_.identity().tax_systems;
    case 1806:
        return 0;
    case 1902:
        return kkt_.identity().ofd_port;
    case 2001:
        return fn.unsent() == 0 ? 0 : 2;
    case 2002:
        return 0;
    case 2003:
        return fn.unsent();
    case 2004:
        return fn.unsent() == 0 ? 0 : fn.tickets_through() + 1;
    default:
        return std::nullopt;
    }
}

Bytes EmulatorTables::read(const Table& table, std::uint16_t row, std::uint8_t field) const
{
    const TableField& what = table.fields[field - 1U];
    const auto set = kkt_.settings().find(key_of(table, row, field));
    Bytes value;
    if (what.text) {
        if (const auto live = live_text(table, field); live && set == kkt_.settings().end())
            value = emulator::cp1251_lossy(*live);
        else if (set != kkt_.settings().end())
            value = from_hex(set->second).value_or(Bytes{});
        else
            value = emulator::cp1251_lossy(row_value(table.origin, row, field, what.initial));
        value.resize(what.size, 0);
        return value;
    }
    if (const auto live = live_number(table, field))
        return ByteWriter().uint(*live, what.size).take();
    if (set != kkt_.settings().end()) {
        value = from_hex(set->second).value_or(Bytes{});
        value.resize(what.size, 0);
        return value;
    }
    return ByteWriter().uint(to_number(row_value(table.origin, row, field, what.initial)), what.size).take();
}

std::uint8_t EmulatorTables::write(const Table& table, std::uint16_t row, std::uint8_t field, BytesView value)
{
    const TableField& what = table.fields[field - 1U];
    if (value.size() > what.size || value.empty())
        return 0x7E;
    if (live_number(table, field) || table.origin == kSdTable || table.origin == kExchangeTable ||
        (table.origin == kFnTable && field <= 6) || tells(firmware_.reg_number, table, field))
        return 0x7A;
    Bytes padded(value.begin(), value.end());
    padded.resize(what.size, 0);
    if (!what.text) {
        const std::uint64_t wanted = ByteReader(padded).uint(what.size);
        if (wanted > what.max || wanted < what.min)
            return 0x33;
    }
    kkt_.set_setting(key_of(table, row, field), to_hex(padded));
    return 0;
}

std::uint64_t EmulatorTables::number(std::uint8_t number, std::uint16_t row, std::uint8_t field) const
{
    const Table* where = table(number);
    if (where == nullptr || field > where->fields.size())
        return 0;
    const Bytes value = read(*where, row, field);
    return ByteReader(value).uint(value.size());
}

std::string EmulatorTables::text(std::uint8_t number, std::uint16_t row, std::uint8_t field) const
{
    const Table* where = table(number);
    if (where == nullptr || field > where->fields.size())
        return {};
    Bytes value = read(*where, row, field);
    value.erase(std::find(value.begin(), value.end(), 0), value.end());
    return from_cp1251(value);
}

std::uint8_t EmulatorTables::operator_of(std::uint32_t password) const
{
    for (std::uint8_t row = 1; row <= 30; ++row)
        if (number(2, row, 1) == password)
            return row;
    return 0;
}

} // namespace kb::shtrih

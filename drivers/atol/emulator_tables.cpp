#include "drivers/atol/emulator_tables.hpp"

#include "drivers/atol/emulator_models.hpp"
#include "drivers/atol/emulator_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kb::emulator::atol {

namespace {

enum class Kind { byte, bcd, binary, text };

struct Fields {
    std::uint8_t table;
    std::uint16_t rows;
    std::uint8_t first, last;
    Kind kind;
    std::uint8_t width;
};

constexpr std::uint8_t kTextWidth = 64;
constexpr std::uint8_t kUsers = 30;
constexpr std::uint8_t kSystemUser = 30;

// Unverified: the widths of texts, and that every field of table 2 is there, known or not.
constexpr std::array<Fields, 14> kFields = {{{2, 1, 1, 150, Kind::byte, 1},
                                             {3, kUsers, 1, 1, Kind::bcd, 4},
                                             {3, kUsers, 2, 2, Kind::text, kTextWidth},
                                             {3, kUsers, 3, 3, Kind::text, 12},
                                             {6, 20, 1, 1, Kind::text, kTextWidth},
                                             {7, 30, 1, 1, Kind::text, kTextWidth},
                                             {8, 6, 1, 1, Kind::bcd, 2},
                                             {12, 10, 1, 1, Kind::text, kTextWidth},
                                             {13, 6, 1, 1, Kind::text, kTextWidth},
                                             {13, 6, 2, 2, Kind::bcd, 2},
                                             {15, 1, 1, 1, Kind::byte, 1},
                                             {19, 1, 1, 1, Kind::text, kTextWidth},
                                             {19, 1, 2, 2, Kind::binary, 2},
                                             {22, 1, 1, 2, Kind::byte, 1}}};

struct FirstValue {
    std::uint8_t field;
    std::uint8_t value;
};

// Of table 2; the others are 0.
constexpr std::array<FirstValue, 13> kTable2 = {{{1, 1},
                                                 {3, 2},
                                                 {4, 2},
                                                 {5, 2},
                                                 {11, 2},
                                                 {14, 1},
                                                 {18, 3},
                                                 {24, 1},
                                                 {26, 1},
                                                 {36, 6},
                                                 {51, 1},
                                                 {106, 1},
                                                 {112, 1}}};

struct Tax {
    const char* name;
    std::uint16_t rate;
};

// The unified table of taxes (docs/sources.md#atol, section 4.6).
constexpr std::array<Tax, 6> kTaxes = {{{"НДС 20%", 2000},
                                        {"НДС 10%", 1000},
                                        {"НДС 20/120", 2000},
                                        {"НДС 10/110", 1000},
                                        {"НДС 0%", 0},
                                        {"БЕЗ НДС", 0}}};

constexpr std::array<const char*, 5> kPayments = {"НАЛИЧНЫМИ", "БЕЗНАЛИЧНЫМИ", "ПРЕДОПЛАТА (АВАНС)",
                                                  "ПОСТОПЛАТА (КРЕДИТ)", "ИНАЯ ФОРМА ОПЛАТЫ"};

const Fields* find_fields(Cell cell)
{
    const auto found = std::find_if(kFields.begin(), kFields.end(), [cell](const Fields& f) {
        return f.table == cell.table && cell.row >= 1 && cell.row <= f.rows && cell.field >= f.first &&
               cell.field <= f.last;
    });
    return found == kFields.end() ? nullptr : &*found;
}

std::string key_of(Cell cell) { return fmt::format("atol:{}.{}.{}", cell.table, cell.row, cell.field); }

std::string first_text(Cell cell, const Identity& who)
{
    switch (cell.table) {
    case 3:
        if (cell.field == 3)
            return {};
        if (cell.row == kSystemUser)
            return "Сист.администратор";
        return cell.row == kSystemUser - 1 ? "Администратор" : fmt::format("Кассир {}", cell.row);
    case 6:
        return cell.row == 1 ? who.user : cell.row == 2 ? who.place : std::string{};
    case 7:
        return fmt::format("Секция {}", cell.row);
    case 12:
        return cell.row <= kPayments.size() ? kPayments[cell.row - 1U] : "";
    case 13:
        return kTaxes[cell.row - 1U].name;
    case 19:
        return who.ofd_host;
    default:
        return {};
    }
}

std::uint64_t first_number(Cell cell, const Identity& who, const Model& model)
{
    switch (cell.table) {
    case 2:
        if (cell.field == 55) // characters per line: BCD in a byte of bits
            return model.line / 10U * 16U + model.line % 10U;
        for (const FirstValue& known : kTable2)
            if (known.field == cell.field)
                return known.value;
        return 0;
    case 3: // a user's first password is its number
        return cell.row;
    case 8:
    case 13:
        return kTaxes[cell.row - 1U].rate;
    case 15:
        return 2;
    case 19:
        return who.ofd_port;
    default:
        return 0;
    }
}

} // namespace

std::uint8_t Tables::missing(Cell cell) const
{
    std::uint16_t rows = 0;
    for (const Fields& f : kFields)
        if (f.table == cell.table)
            rows = f.rows;
    if (rows == 0)
        return 0x91;
    if (cell.row < 1 || cell.row > rows)
        return 0x92;
    return find_fields(cell) == nullptr ? std::uint8_t{0x93} : std::uint8_t{0};
}

Bytes Tables::read(Cell cell) const
{
    const Fields& field = *find_fields(cell);
    if (const auto set = kkt_.settings().find(key_of(cell)); set != kkt_.settings().end())
        return from_hex(set->second).value_or(Bytes(field.width, 0));
    const Identity& who = kkt_.identity();
    if (field.kind == Kind::text) {
        Bytes text = to_wire_page(first_text(cell, who));
        text.resize(field.width, 0);
        return text;
    }
    const std::uint64_t value = first_number(cell, who, model_);
    return field.kind == Kind::bcd ? Out().bcd(value, field.width).take()
                                   : Out().be(value, field.width).take();
}

std::uint8_t Tables::write(Cell cell, BytesView value)
{
    const Fields& field = *find_fields(cell);
    if (value.size() > field.width || (field.kind != Kind::text && value.size() != field.width))
        return 0x14;
    if (field.kind == Kind::bcd) {
        In digits(value);
        digits.bcd(field.width);
        if (const std::uint8_t wrong = digits.error(); wrong != 0)
            return wrong;
    }
    Bytes stored(value.begin(), value.end());
    stored.resize(field.width, 0);
    kkt_.set_setting(key_of(cell), to_hex(stored));
    return 0;
}

void Tables::reset()
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : kkt_.settings())
        if (key.starts_with("atol:"))
            keys.push_back(key);
    for (const std::string& key : keys)
        kkt_.drop_setting(key);
}

std::uint64_t Tables::number(Cell cell) const
{
    const Bytes bytes = read(cell);
    return In(bytes).bcd(bytes.size());
}

std::string Tables::text(Cell cell) const
{
    Bytes bytes = read(cell);
    while (!bytes.empty() && (bytes.back() == 0 || bytes.back() == ' '))
        bytes.pop_back();
    return from_wire_page(bytes);
}

std::uint8_t Tables::user_of(std::uint64_t password) const
{
    for (std::uint8_t user = kUsers; user >= 1; --user)
        if (number({3, user, 1}) == password)
            return user;
    return 0;
}

bool Tables::empties_drawer(const VirtualKkt& kkt)
{
    const auto set = kkt.settings().find(key_of({2, 1, 18}));
    if (set == kkt.settings().end())
        return false; // the first value, 3
    const auto bytes = from_hex(set->second);
    return bytes && !bytes->empty() && (bytes->front() & 4U) != 0;
}

} // namespace kb::emulator::atol

// The base commands of the emulator: identity, status, tables, clock, registers, lines of text.
// Source: docs/sources.md#shtrih, sections 3.1 to 3.4.
#include "drivers/emulator/tlv_out.hpp"
#include "drivers/shtrih/emulator_commands.hpp"
#include "protocol/core/cp1251.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

namespace kb::shtrih {

using emulator::cp1251_lossy;

namespace {

constexpr std::uint8_t kBadParameter = 0x33;
constexpr std::uint8_t kUnknownCommand = 0x37;
constexpr std::array<std::uint32_t, 10> kBauds = {2400,  4800,   9600,   19200,  38400,
                                                  57600, 115200, 230400, 460800, 921600};
// Registers count sale, purchase, sale return, purchase return; tag 1054 sale, sale return, purchase, return.
constexpr std::array<std::size_t, 4> kOperationOfSlot = {0, 2, 1, 3};
// Taxes А..Г are rows 1..4 of T6; tag 1199 has other numbers.
constexpr std::array<std::size_t, 4> kVatOfTax = {1, 2, 5, 6};

tl::unexpected<std::uint8_t> error(unsigned code) { return tl::unexpected(static_cast<std::uint8_t>(code)); }

void put_dmy(ByteWriter& out, LocalSeconds time)
{
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.day())))
        .u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.month())))
        .u8(static_cast<std::uint8_t>(static_cast<int>(date.year()) - 2000));
}

std::uint64_t digits_of(std::string_view text)
{
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint16_t kkt_flags(const emulator::VirtualKkt& kkt)
{
    // 4 two decimals, 7 receipt paper, 9 receipt lever down, 10 cover open.
    unsigned flags = 0x0210;
    if (kkt.paper_present())
        flags |= 0x0080U;
    if (kkt.cover_open())
        flags |= 0x0400U;
    return static_cast<std::uint16_t>(flags);
}

} // namespace

EmulatorCommands::Reply EmulatorCommands::device_type(ByteReader&)
{
    ByteWriter out;
    out.u8(0).u8(0).u8(model_.protocol).u8(model_.subversion).u8(model_.code).u8(0);
    return out.bytes(cp1251_lossy(model_.name)).take();
}

EmulatorCommands::Reply EmulatorCommands::model_parameters(ByteReader& in)
{
    if (in.u8() != 1 || in.overrun())
        return error(kBadParameter);
    if (model_.parameters == nullptr)
        return error(kUnknownCommand);
    const EmulatorParameters& told = *model_.parameters;
    const EmulatorClass& firmware = *model_.firmware;
    ByteWriter out;
    out.u64(told.flags).u8(told.font1).u8(told.font2).u8(1).u8(12).u8(told.rnm_digits).u8(0).u8(0);
    out.u32(0).u32(30).u8(told.bluetooth_table).u8(told.tax_field).u16(firmware.longest_command);
    out.u8(told.barcode_bytes).u8(told.graphics_bytes).u16(told.graphics_height);
    out.u8(firmware.fn_table).u8(firmware.ofd_table);
    if (told.end == ParametersEnd::ffd_field)
        out.u8(firmware.embedded_table).u8(firmware.ffd.table).u8(firmware.ffd.field);
    return out.take();
}

// op | flags | mode | submode | ops low | battery | supply | FM | EKLZ | ops high | reserved 3 [| last print
// result]
EmulatorCommands::Reply EmulatorCommands::short_status(ByteReader&)
{
    const std::size_t count = kkt_.receipt() ? kkt_.receipt()->items.size() : 0;
    ByteWriter out;
    out.u8(operator_).u16(kkt_flags(kkt_)).u8(mode()).u8(sub_mode()).u8(static_cast<std::uint8_t>(count));
    out.u8(0x99).u8(0x49).u8(0).u8(0).u8(static_cast<std::uint8_t>(count >> 8U)).u8(0xFF).u8(0xFF).u8(0xFF);
    if (model_.has(emulator_flag::kLastPrintResult))
        out.u8(sub_mode() == 5 ? 5 : sub_mode() == 1 || sub_mode() == 2 ? 1 : 0);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::full_status(ByteReader&)
{
    const auto now = kkt_.now();
    const std::chrono::hh_mm_ss time{now - std::chrono::floor<std::chrono::days>(now)};
    const auto& who = kkt_.identity();
    const auto& shift = kkt_.shift();
    ByteWriter out;
    out.u8(operator_).u8(static_cast<std::uint8_t>(model_.release->version[0]));
    out.u8(static_cast<std::uint8_t>(model_.release->version[1])).u16(model_.release->build);
    out.bytes(model_.release->date).u8(static_cast<std::uint8_t>(tables_.number(1, 1, 1)));
    out.u16(kkt_.through_number()).u16(kkt_flags(kkt_)).u8(mode()).u8(sub_mode());
    out.u8(over_tcp_ ? 128 : 0).u8('N').u8('A').u16(0).u8(1).u8(1).u8(16);
    put_dmy(out, now);
    out.u8(static_cast<std::uint8_t>(time.hours().count()));
    out.u8(static_cast<std::uint8_t>(time.minutes().count()));
    out.u8(static_cast<std::uint8_t>(time.seconds().count()));
    out.u8(0);
    // The short factory number: the last six digits.
    out.u32(static_cast<std::uint32_t>(digits_of(who.kkt_serial) % 1'000'000));
    out.u16(static_cast<std::uint16_t>(shift.open ? shift.number - 1 : shift.number)).u16(0);
    out.u8(kkt_.fn().registrations).u8(29).uint(digits_of(who.inn), 6).u8(0).u8(0);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::error_text(ByteReader& in)
{
    if (!model_.has(emulator_flag::kErrorText))
        return error(kUnknownCommand);
    const std::uint8_t code = in.left() == 0 ? last_error_ : in.u8();
    return cp1251_lossy(error_text_of(code));
}

// Unverified: whether the new byte time-out binds at once; here it only is told back by 15h.
EmulatorCommands::Reply EmulatorCommands::set_port(ByteReader& in)
{
    const std::uint8_t port = in.u8();
    const std::uint8_t baud = in.u8();
    const std::uint8_t timeout = in.u8();
    if (in.overrun() || (port != 128 && baud >= kBauds.size()))
        return error(kBadParameter);
    byte_timeout_code_ = timeout;
    protocol_reset_ = true;
    if (port != 128) {
        baud_code_ = baud;
        new_baud_ = kBauds[baud];
    }
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::read_port(ByteReader& in)
{
    const std::uint8_t port = in.u8();
    if (in.overrun())
        return error(kBadParameter);
    // 39h codes TCP port 12345; a desktop's 7778 does not fit the code and is told as FFh here (unverified).
    return Bytes{port == 128 ? model_.firmware->tcp_port_code : baud_code_, byte_timeout_code_};
}

EmulatorCommands::Reply EmulatorCommands::cash_register(ByteReader& in)
{
    const std::size_t number = in.left() >= 2 ? in.u16() : in.u8();
    if (in.overrun())
        return error(kBadParameter);
    const auto& sums = kkt_.shift().registers;
    const auto& receipt = kkt_.receipt();
    const auto in_receipt = [&](auto&& matches) {
        std::uint64_t sum = 0;
        if (receipt)
            for (const auto& item : receipt->items)
                if (matches(item))
                    sum += item.sum;
        return sum;
    };
    std::uint64_t value = 0;
    const std::size_t op = kOperationOfSlot[number % 4];
    const std::size_t op_from_1 =
        kOperationOfSlot[(number + 3) % 4]; // groups that start at 121, 185, 193 ...
    if (number < 64) {
        if (receipt && receipt->operation == op + 1)
            value = in_receipt([&](const auto& item) { return item.department == number / 4 + 1; });
    } else if (number >= 88 && number < 104) {
        if (receipt && receipt->operation == op + 1)
            value = in_receipt([&](const auto& item) { return item.vat == kVatOfTax[(number - 88) / 4]; });
    } else if (number == 120 || number == 241) {
        value = static_cast<std::uint64_t>(std::max<std::int64_t>(kkt_.cash(), 0));
    } else if (number >= 121 && number < 185) {
        value = sums.departments[(number - 121) / 4 + 1][op_from_1];
    } else if (number >= 193 && number < 209) {
        value = sums.payments[(number - 193) / 4][op_from_1];
    } else if (number >= 209 && number < 225) {
        value = sums.vat_turnover[kVatOfTax[(number - 209) / 4]][op_from_1];
    } else if (number >= 225 && number < 241) {
        value = sums.vat[kVatOfTax[(number - 225) / 4]][op_from_1];
    } else if (number == 242) {
        value = sums.cash_in;
    } else if (number == 243) {
        value = sums.cash_out;
    } else if (number >= 249 && number < 253) {
        value = sums.annulled_sum[op_from_1];
    } else if (number >= 4144 && number < 4144 + 48) {
        value = sums.payments[4 + (number - 4144) / 4][op];
    } else if (number > 252) {
        return error(kBadParameter);
    }
    return ByteWriter().u8(operator_).uint(value, 6).take();
}

EmulatorCommands::Reply EmulatorCommands::operation_register(ByteReader& in)
{
    const std::size_t number = in.u8();
    if (in.overrun())
        return error(kBadParameter);
    const auto& sums = kkt_.shift().registers;
    const std::size_t op = kOperationOfSlot[number % 4];
    const auto& annulled = sums.annulled;
    std::uint32_t value = 0;
    if (number >= 72 && number < 136)
        value = sums.department_counts[(number - 72) / 4 + 1][op];
    else if (number >= 144 && number < 148)
        value = sums.receipts[op];
    else if (number >= 148 && number < 152)
        value = kkt_.receipt_numbers()[op];
    else if (number == 152 || number == 185)
        value = kkt_.through_number();
    else if (number == 153 || number == 155)
        value = sums.cash_in_count;
    else if (number == 154 || number == 156)
        value = sums.cash_out_count;
    else if (number == 157 || number == 166)
        value = std::accumulate(annulled.begin(), annulled.end(), std::uint32_t{0});
    else if (number == 158)
        value = kkt_.x_reports();
    else if (number >= 179 && number < 183)
        value = annulled[kOperationOfSlot[number - 179]];
    return ByteWriter().u8(operator_).u16(static_cast<std::uint16_t>(value)).take();
}

EmulatorCommands::Reply EmulatorCommands::write_table(ByteReader& in)
{
    const Table* table = tables_.table(in.u8());
    const std::uint16_t row = in.u16();
    const std::uint8_t field = in.u8();
    if (in.overrun())
        return error(kBadParameter);
    if (table == nullptr || row < 1 || row > table->rows || field < 1 || field > table->fields.size())
        return error(0x5D);
    if (const auto refused = tables_.write(*table, row, field, in.rest()); refused != 0)
        return error(refused);
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::read_table(ByteReader& in)
{
    const Table* table = tables_.table(in.u8());
    const std::uint16_t row = in.u16();
    const std::uint8_t field = in.u8();
    if (in.overrun())
        return error(kBadParameter);
    if (table == nullptr || row < 1 || row > table->rows || field < 1 || field > table->fields.size())
        return error(0x5D);
    return tables_.read(*table, row, field);
}

EmulatorCommands::Reply EmulatorCommands::table_structure(ByteReader& in)
{
    const Table* table = tables_.table(in.u8());
    if (in.overrun())
        return error(kBadParameter);
    if (table == nullptr)
        return error(0x5D);
    Bytes name = cp1251_lossy(table->name);
    name.resize(40, 0);
    return ByteWriter()
        .bytes(name)
        .u16(table->rows)
        .u8(static_cast<std::uint8_t>(table->fields.size()))
        .take();
}

EmulatorCommands::Reply EmulatorCommands::field_structure(ByteReader& in)
{
    const Table* table = tables_.table(in.u8());
    const std::uint8_t number = in.u8();
    if (in.overrun())
        return error(kBadParameter);
    if (table == nullptr || number < 1 || number > table->fields.size())
        return error(0x5D);
    const TableField& field = table->fields[number - 1U];
    Bytes name = cp1251_lossy(field.name);
    name.resize(40, 0);
    ByteWriter out;
    out.bytes(name).u8(field.text ? 1 : 0).u8(field.size);
    if (!field.text)
        out.uint(field.min, field.size).uint(field.max, field.size);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::init_tables(ByteReader&)
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : kkt_.settings())
        keys.push_back(key);
    for (const auto& key : keys)
        kkt_.drop_setting(key);
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::set_time(ByteReader& in)
{
    const unsigned hour = in.u8();
    const unsigned minute = in.u8();
    const unsigned second = in.u8();
    if (in.overrun() || hour > 23 || minute > 59 || second > 59)
        return error(kBadParameter);
    const auto now = kkt_.now();
    const LocalSeconds wanted = std::chrono::floor<std::chrono::days>(now) + std::chrono::hours{hour} +
                                std::chrono::minutes{minute} + std::chrono::seconds{second};
    kkt_.set_drift(kkt_.drift() + (wanted - now).count());
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::set_date(ByteReader& in)
{
    const unsigned day = in.u8();
    const unsigned month = in.u8();
    const int year = 2000 + in.u8();
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (in.overrun() || !date.ok())
        return error(0x7D);
    date_to_confirm_ = std::chrono::local_days{date};
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::confirm_date(ByteReader& in)
{
    const unsigned day = in.u8();
    const unsigned month = in.u8();
    const int year = 2000 + in.u8();
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (in.overrun() || !date.ok() || std::chrono::local_days{date} != *date_to_confirm_)
        return error(0x7C);
    const auto* last = kkt_.fn().find(kkt_.fn().last_fd());
    if (last != nullptr && *date_to_confirm_ < std::chrono::floor<std::chrono::days>(last->datetime()))
        return error(0xCF);
    const auto days = *date_to_confirm_ - std::chrono::floor<std::chrono::days>(kkt_.now());
    kkt_.set_drift(kkt_.drift() + std::chrono::seconds{days}.count());
    date_to_confirm_.reset();
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::font(ByteReader& in)
{
    const std::uint8_t number = in.u8();
    if (in.overrun() || number < 1 || number > model_.fonts)
        return error(kBadParameter);
    const bool wide = number == 2;
    const auto width = static_cast<std::uint8_t>(model_.char_width * (wide ? 2 : 1));
    return ByteWriter().u16(model_.print_width).u8(width).u8(model_.char_height).u8(model_.fonts).take();
}

EmulatorCommands::Reply EmulatorCommands::print_line(ByteReader& in)
{
    in.u8(); // where to: journal or receipt, all one here
    if (in.overrun())
        return error(kBadParameter);
    const BytesView text = in.rest();
    const auto end = std::find(text.begin(), text.end(), 0);
    return op_or_refusal(
        kkt_.print_text(from_cp1251(text.first(static_cast<std::size_t>(end - text.begin())))));
}

EmulatorCommands::Reply EmulatorCommands::print_line_in_font(ByteReader& in)
{
    in.u8();
    in.u8();
    if (in.overrun())
        return error(kBadParameter);
    const BytesView text = in.rest();
    const auto end = std::find(text.begin(), text.end(), 0);
    return op_or_refusal(
        kkt_.print_text(from_cp1251(text.first(static_cast<std::size_t>(end - text.begin())))));
}

// Beeps, drawers, feeds, graphics: nothing of it shows on a virtual strip.
EmulatorCommands::Reply EmulatorCommands::accept(ByteReader&) { return op_only(); }

EmulatorCommands::Reply EmulatorCommands::cut(ByteReader& in)
{
    if (!model_.has(emulator_flag::kCutter))
        return error(kUnknownCommand);
    if (in.u8() > 1 || in.overrun())
        return error(kBadParameter);
    return op_only();
}

EmulatorCommands::Reply EmulatorCommands::continue_printing(ByteReader&)
{
    return op_or_refusal(kkt_.continue_printing());
}

EmulatorCommands::Reply EmulatorCommands::technological_reset(ByteReader&)
{
    return model_.firmware->technological_reset_always ? Reply(Bytes{}) : Reply(error(0x73));
}

} // namespace kb::shtrih

// What the register tells of itself, its tables and its clock. Source: docs/sources.md#atol, sections 4.1
// to 4.3.
#include "drivers/atol/emulator_commands.hpp"

#include <algorithm>
#include <charconv>

namespace kb::emulator::atol {

namespace {

constexpr std::uint8_t kLanguage = 0;        // Russian
constexpr std::string_view kFirmware = "50"; // 5.0, as 9Dh tells it
constexpr std::uint8_t kProtocol = 1;
constexpr std::uint8_t kType = 1;       // a fiscal register
constexpr std::size_t kShortSerial = 8; // digits
constexpr std::uint8_t kInternalFirmware = 0x91;

// The digits of a text as a number; 0 for anything else.
std::uint64_t digits_of(std::string_view text)
{
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// 92h's types of the four operations of tag 1054, and those of their corrections.
constexpr std::array<std::uint8_t, 5> kReceiptState = {0, 1, 2, 4, 5};
constexpr std::uint8_t kFirstCorrection = 6; // 7 is the correction of operation 1

} // namespace

std::uint16_t Commands::last_closed_shift() const
{
    return static_cast<std::uint16_t>(kkt_.shift().number - (kkt_.shift().open ? 1 : 0));
}

std::uint8_t Commands::receipt_state() const
{
    const auto& receipt = kkt_.receipt();
    if (!receipt)
        return 0;
    return receipt->is_correction ? static_cast<std::uint8_t>(kFirstCorrection + receipt->operation)
                                  : kReceiptState[receipt->operation];
}

// 44 | cashier | number in the hall | YY MM DD hh mm ss | flags | serial 4 | model | firmware 2 | mode |
// receipt 2 | last closed shift 2 | receipt state | sum 5 | decimals | port
Commands::Done Commands::status(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    unsigned flags = 0x01U;
    if (kkt_.shift().open)
        flags |= 0x02U;
    if (options_.drawer_bit_inverted)
        flags |= 0x04U;
    if (kkt_.paper_present() != options_.paper_bit_is_absence)
        flags |= 0x08U;
    if (kkt_.cover_open())
        flags |= 0x20U;
    if (kkt_.fn().phase == 3)
        flags |= 0x40U;
    const std::string& serial = kkt_.identity().kkt_serial;
    const auto& receipt = kkt_.receipt();
    const LocalSeconds now = kkt_.now();
    return Out(Bytes{0x44})
        .bcd(user_, 1)
        .u8(tables_.read({2, 1, 1})[0])
        .yymmdd(now)
        .hhmmss(now)
        .u8(flags)
        .bcd(digits_of(serial.substr(serial.size() - std::min(serial.size(), kShortSerial))), 4)
        .u8(model_.code)
        .ascii(kFirmware, 2)
        .u8(mode())
        .bcd(kkt_.shift().receipts, 2)
        .bcd(last_closed_shift(), 2)
        .u8(receipt_state())
        .bcd(receipt ? receipt->total() : 0, 5)
        .u8(2)
        .u8(options_.over_tcp ? 6 : 4)
        .take();
}

Commands::Done Commands::state_code(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return Out(Bytes{0x55}).u8(mode()).u8(kkt_.paper_present() ? 0 : 1).take();
}

// error | protocol | type | model | mode 2 | version 5 | name
Commands::Done Commands::device_type(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return Out(Bytes{0x00})
        .u8(kProtocol)
        .u8(kType)
        .u8(model_.code)
        .be(0, 2)
        .bcd(5, 1)
        .bcd(0, 1)
        .bcd(kLanguage, 1)
        .bcd(model_.build, 2)
        .bytes(to_wire_page(model_.name))
        .take();
}

// 55 00 | version | subversion | language | build 2
Commands::Done Commands::version(In& in)
{
    const std::uint8_t source = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if ((source < 1 || source > 3) && source != kInternalFirmware)
        return error(0x7A);
    Out out = options_.long_version_head ? Out(done()) : data();
    return out.bcd(5, 1).bcd(source == 1 ? 0 : 1, 1).bcd(kLanguage, 1).bcd(model_.build, 2).take();
}

Commands::Done Commands::register_value(In& in)
{
    const std::uint8_t number = in.u8();
    const std::uint8_t p1 = in.u8();
    const std::uint8_t p2 = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const auto value = register_bytes(number, p1, p2);
    if (!value)
        return error(0x6C);
    return data().bytes(*value).take();
}

Commands::Done Commands::read_table(In& in)
{
    Cell cell;
    cell.table = in.u8();
    cell.row = static_cast<std::uint16_t>(in.be(2));
    cell.field = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (const std::uint8_t missing = tables_.missing(cell); missing != 0)
        return error(missing);
    return data().bytes(tables_.read(cell)).take();
}

Commands::Done Commands::write_table(In& in)
{
    Cell cell;
    cell.table = in.u8();
    cell.row = static_cast<std::uint16_t>(in.be(2));
    cell.field = in.u8();
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    if (const std::uint8_t missing = tables_.missing(cell); missing != 0)
        return error(missing);
    const std::uint8_t wrong = tables_.write(cell, in.rest());
    return wrong != 0 ? Done(error(wrong)) : Done(done());
}

// 6Bh, 71h, 77h: the FN keeps what it holds, only the settings go.
Commands::Done Commands::init_tables(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (kkt_.shift().open)
        return error(0x9C);
    tables_.reset();
    return done();
}

// 4D | sum 7
Commands::Done Commands::cash(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return Out(Bytes{0x4D}).bcd(static_cast<std::uint64_t>(std::max<std::int64_t>(kkt_.cash(), 0)), 7).take();
}

// Unverified: income is what came in (sales and returned purchases), outcome what went out.
Commands::Done Commands::last_shift(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const FnTotals& totals = kkt_.last_shift_totals();
    const auto sum = [&totals](std::size_t operation) {
        return totals.receipts[operation - 1].total + totals.corrections[operation - 1].total;
    };
    return data().bcd(sum(1) + sum(4), 7).bcd(sum(2) + sum(3), 7).take();
}

Commands::Done Commands::last_error(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return Bytes{0x55, last_error_.code, 0x00};
}

// 74h tells that a security code is there; 6Dh takes none.
Commands::Done Commands::licence(In& in)
{
    if (command_ != 0x74)
        return error(0xAE);
    in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return Bytes{0x4C, 0x01};
}

// A date beyond the FN's last document must be told twice, else a slip of the finger blocks the FN.
Commands::Done Commands::move_clock(LocalSeconds to)
{
    if (kkt_.shift().open)
        return error(0x9C);
    const auto* last = kkt_.fn().find(kkt_.fn().last_fd());
    if (last != nullptr && to < last->datetime())
        return error(0x20);
    const auto today = std::chrono::floor<std::chrono::days>(kkt_.now());
    const auto day = std::chrono::floor<std::chrono::days>(to);
    if (day > today && date_to_confirm_ != day) {
        date_to_confirm_ = day;
        return error(0x16);
    }
    date_to_confirm_.reset();
    kkt_.set_drift(kkt_.drift() + (to - kkt_.now()).count());
    return done();
}

Commands::Done Commands::set_date(In& in)
{
    const auto day = static_cast<int>(in.bcd(1));
    const auto month = static_cast<int>(in.bcd(1));
    const auto year = static_cast<int>(in.bcd(1));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const auto date = local_from_parts(2000 + year, month, day, 0, 0, 0, "64h");
    if (!date)
        return error(0x94);
    const LocalSeconds now = kkt_.now();
    return move_clock(*date + (now - std::chrono::floor<std::chrono::days>(now)));
}

Commands::Done Commands::set_time(In& in)
{
    const auto hour = static_cast<int>(in.bcd(1));
    const auto minute = static_cast<int>(in.bcd(1));
    const auto second = static_cast<int>(in.bcd(1));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const auto time = local_from_parts(2000, 1, 1, hour, minute, second, "4Bh");
    if (!time)
        return error(0x95);
    const LocalSeconds midnight = std::chrono::floor<std::chrono::days>(kkt_.now());
    return move_clock(midnight + (*time - std::chrono::floor<std::chrono::days>(*time)));
}

Commands::Done Commands::set_date_time(In& in)
{
    const auto day = static_cast<int>(in.bcd(1));
    const auto month = static_cast<int>(in.bcd(1));
    const auto year = static_cast<int>(in.bcd(1));
    const auto hour = static_cast<int>(in.bcd(1));
    const auto minute = static_cast<int>(in.bcd(1));
    const auto second = static_cast<int>(in.bcd(1));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const auto date = local_from_parts(2000 + year, month, day, 0, 0, 0, "EDh");
    if (!date)
        return error(0x94);
    const auto time = local_from_parts(2000 + year, month, day, hour, minute, second, "EDh");
    return time ? move_clock(*time) : Done(error(0x95));
}

} // namespace kb::emulator::atol

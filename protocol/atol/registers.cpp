#include "protocol/atol/registers.hpp"

#include "protocol/atol/bcd.hpp"

namespace kb::atol {

namespace {

const Dialect kAnyDialect; // nothing in the registers depends on it

} // namespace

Result<ShiftRegister> read_shift_register(BytesView value)
{
    // state 1 | DD MM YY hh mm ss
    LayoutReader reader(value, "atol register 12", kAnyDialect);
    ShiftRegister shift;
    std::uint8_t state = 0;
    Bytes moment;
    reader.u8(state);
    reader.bytes_rest(moment);
    if (const auto ok = reader.rest_ok(); !ok)
        return pass(ok);
    if (state > static_cast<std::uint8_t>(ShiftRegister::State::over_24h))
        return fail(Errc::bad_value, "atol register 12: state " + std::to_string(state));
    shift.state = static_cast<ShiftRegister::State>(state);
    Date date;
    TimeOfDay time;
    LayoutReader when(moment, "atol register 12", kAnyDialect);
    when.dmy(date);
    when.hms(time);
    if (when.rest_ok())
        shift.moment = to_local(date, time);
    return shift;
}

Result<ReceiptAndShift> read_receipt_and_shift(BytesView value)
{
    LayoutReader reader(value, "atol register 35", kAnyDialect);
    ReceiptAndShift numbers;
    reader.bcd(numbers.receipt_number, 3);
    reader.bcd(numbers.shift_number, 3);
    if (const auto ok = reader.rest_ok(); !ok)
        return pass(ok);
    return numbers;
}

Result<ExtendedError> read_extended_error(BytesView value)
{
    // command 2, binary, highest byte first | error 2 | more 4
    LayoutReader reader(value, "atol register 37", kAnyDialect);
    ExtendedError error;
    reader.u16_be(error.command);
    reader.u16_be(error.error);
    if (const auto ok = reader.rest_ok(); !ok)
        return pass(ok);
    return error;
}

Result<std::string> read_serial(BytesView value)
{
    if (value.empty() || !from_bcd(value.first(std::min<std::size_t>(value.size(), 9))))
        return fail(Errc::bad_value, "atol register 16: " + to_hex(value) + " is no number");
    return to_hex(value);
}

Result<std::uint64_t> read_number(BytesView value, std::string_view what)
{
    const auto number = value.size() <= 9 ? from_bcd(value) : std::nullopt;
    if (!number || value.empty())
        return fail(Errc::bad_value, std::string(what) + ": " + to_hex(value) + " is no number");
    return *number;
}

fiscal::OfdSender ofd_sender(std::uint8_t channel)
{
    switch (channel) {
    case ofd_channel::kEthernet:
        return fiscal::OfdSender::itself;
    case ofd_channel::kOverTransport:
        return fiscal::OfdSender::host_program;
    default:
        return fiscal::OfdSender::unknown;
    }
}

Result<fiscal::FfdVersion> read_ffd(BytesView value)
{
    if (value.empty())
        return fail(Errc::bad_length, "atol register 36: empty");
    switch (value[0]) {
    case 0:
    case 1:
        return fiscal::FfdVersion::v1_0;
    case 2:
        return fiscal::FfdVersion::v1_05;
    case 3:
        return fiscal::FfdVersion::v1_1;
    case 4:
        return fiscal::FfdVersion::v1_2;
    default:
        return fiscal::FfdVersion::unknown;
    }
}

Result<std::uint8_t> read_line_width(BytesView value)
{
    if (value.empty() || value[0] == 0)
        return fail(Errc::bad_value, "atol register 18: no line width");
    return std::uint8_t{value[0]};
}

} // namespace kb::atol

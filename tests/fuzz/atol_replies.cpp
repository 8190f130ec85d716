// Answers of any bytes to any command, as the host reads them: a reply that comes back the same, or an error;
// and the values of registers.
#include "protocol/atol/codec.hpp"
#include "protocol/atol/modes.hpp"
#include "protocol/atol/registers.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::atol;

namespace {

template <class C>
void try_one(std::uint16_t code, BytesView answer, const Dialect& dialect)
{
    if (code != static_cast<std::uint16_t>(C::kCommand))
        return;
    const auto reply = decode_reply<C>(answer, dialect);
    if (!reply) {
        if (reply.error().context.empty())
            std::abort();
        return;
    }
    const auto again = encode_reply<C>(*reply, dialect);
    if (!again)
        return; // a text with a byte that has no character
    const auto twice = decode_reply<C>(*again, dialect);
    if (!twice || !(*twice == *reply))
        std::abort();
}

template <class... C>
void try_all(CommandList<C...>, std::uint16_t code, BytesView answer, const Dialect& dialect)
{
    (try_one<C>(code, answer, dialect), ...);
}

void read_registers(BytesView value)
{
    if (const auto shift = read_shift_register(value); !shift && shift.error().context.empty())
        std::abort();
    if (const auto numbers = read_receipt_and_shift(value); !numbers && numbers.error().context.empty())
        std::abort();
    if (const auto extended = read_extended_error(value); !extended && extended.error().context.empty())
        std::abort();
    if (const auto serial = read_serial(value); serial && serial->size() != 2 * value.size())
        std::abort();
    (void)read_number(value, "fuzz");
    (void)read_ffd(value);
    (void)read_line_width(value);
}

} // namespace

/// The first two bytes choose the command, the rest is its answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const auto code = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const BytesView answer(data + 2, size - 2);
    Dialect other;
    other.fn_numbers = NumberForm::bcd;
    other.status_numbers = DigitOrder::little_endian;
    other.paper_absent_flag = FlagMeaning::yes_when_set;
    try_all(AllCommands{}, code, answer, Dialect{});
    try_all(AllCommands{}, code, answer, other);
    read_registers(answer);
    if (const auto full = decode_reply<FullStatus>(answer, other)) {
        (void)to_device_status(*full, nullptr, other);
        (void)closed_shift(*full, other);
    }
    return 0;
}

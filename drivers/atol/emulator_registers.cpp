// The registers of 91h. Source: docs/sources.md#atol, section 5.
#include "drivers/atol/emulator_commands.hpp"

#include <charconv>

namespace kb::emulator::atol {

namespace {

// Receipt types of 92h as operations of tag 1054; 0: neither.
constexpr std::array<std::size_t, 6> kOperation = {0, 1, 2, 0, 3, 4};
// Payment types as the register counts them: cash, electronic, advance, credit, other.
constexpr std::array<std::size_t, 6> kSlot = {0, 0, 1, 13, 14, 15};

std::size_t operation_of(std::uint8_t type) { return type < kOperation.size() ? kOperation[type] : 0; }

std::uint64_t digits_of(std::string_view text)
{
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

template <std::size_t rows>
std::uint64_t column(const std::array<std::array<std::uint64_t, 4>, rows>& table, std::size_t operation)
{
    std::uint64_t sum = 0;
    for (const auto& row : table)
        sum += row[operation - 1];
    return sum;
}

// Two BCD fields: digits longer than a 64-bit number can hold.
Out& put_digits(Out& out, const std::string& digits, std::size_t width)
{
    const std::string padded = std::string(width * 2 - std::min(width * 2, digits.size()), '0') + digits;
    for (std::size_t i = 0; i < width * 2; i += 2)
        out.bcd(digits_of(padded.substr(i, 2)), 1);
    return out;
}

std::uint64_t trimmed(std::int64_t sum) { return sum < 0 ? 0 : static_cast<std::uint64_t>(sum); }

} // namespace

std::optional<Bytes> Commands::register_bytes(std::uint8_t number, std::uint8_t p1, std::uint8_t p2) const
{
    const Shift& shift = kkt_.shift();
    const ShiftRegisters& sums = shift.registers;
    const std::size_t operation = operation_of(p1);
    Out out;
    switch (number) {
    case 0x01:
        return operation == 0 ? std::nullopt
                              : std::optional(out.bcd(column(sums.departments, operation), 6).take());
    case 0x02:
    case 0x07:
        return out.bcd(0, number == 0x02 ? 6 : 2).take(); // nothing is ever stornoed here
    case 0x03:
        if (operation == 0 || p2 >= kSlot.size())
            return std::nullopt;
        if (p2 == 0) // all of them
            return out.bcd(column(sums.payments, operation), 6).take();
        return out.bcd(sums.payments[kSlot[p2]][operation - 1], 6).take();
    case 0x04:
        return out.bcd(sums.cash_in, 6).take();
    case 0x05:
        return out.bcd(sums.cash_out, 6).take();
    case 0x06: {
        if (operation == 0)
            return std::nullopt;
        std::uint64_t count = 0;
        for (const auto& row : sums.department_counts)
            count += row[operation - 1];
        return out.bcd(count, 2).take();
    }
    case 0x08:
        return out.bcd(sums.cash_in_count, 2).take();
    case 0x09:
        return out.bcd(sums.cash_out_count, 2).take();
    case 0x0A:
        return out.bcd(trimmed(kkt_.cash()), 7).take();
    case 0x0C:
        return operation == 0 ? std::nullopt
                              : std::optional(out.bcd(column(sums.payments, operation), 7).take());
    case 0x0D:
    case 0x28: {
        const std::size_t of = number == 0x0D ? 1 : operation;
        if (of == 0)
            return std::nullopt;
        std::uint64_t sum = 0;
        for (const std::uint64_t slot : kkt_.all_time()[of - 1])
            sum += slot;
        return out.bcd(sum, 7).take();
    }
    case 0x0F:
        return out.bcd(30U - kkt_.fn().registrations, 1).take();
    case 0x10:
        return out.bcd(0, 2).take();
    case 0x11:
        return out.ddmmyy(kkt_.now()).hhmmss(kkt_.now()).take();
    case 0x12: {
        const unsigned state = !shift.open ? 0 : kkt_.shift_expired() ? 2 : 1;
        LocalSeconds moment = shift.opened_at + std::chrono::hours{24};
        if (!shift.open) {
            moment = kkt_.now();
            for (std::uint32_t fd = kkt_.fn().last_fd(); fd > 0; --fd)
                if (kkt_.fn().find(fd)->type == 5) {
                    moment = kkt_.fn().find(fd)->datetime();
                    break;
                }
        }
        return out.u8(state).ddmmyy(moment).hhmmss(moment).take();
    }
    case 0x14:
        return out.bcd(kkt_.receipt() ? kkt_.receipt()->total() : 0, 5).take();
    case 0x15:
        return out.bcd(last_closed_shift() + 1U, 2).take();
    case 0x16:
        return put_digits(out, kkt_.identity().kkt_serial, 7).take();
    case 0x18:
        return out.bcd(model_.line, 1).take();
    case 0x1B: {
        put_digits(out, kkt_.identity().inn, 6);
        return put_digits(out, kkt_.identity().reg_number, 10).take();
    }
    case 0x2C:
        return out.bcd(kkt_.fn().unsent(), 3).take();
    case 0x2F:
        return out.ascii(kkt_.fn().serial, 16).take();
    case 0x33:
    case 0x34: {
        // Unverified: the tail, date and time and the fiscal sign in five bytes of digits.
        std::uint32_t fd = kkt_.fn().last_fd();
        while (number == 0x33 && fd > 0 && kkt_.fn().find(fd)->type != 3 && kkt_.fn().find(fd)->type != 31)
            --fd;
        const FnDocument* document = kkt_.fn().find(fd);
        out.bcd(fd, 5);
        if (number == 0x33) {
            constexpr std::array<std::uint8_t, 5> kType = {0, 1, 2, 4, 5};
            out.u8(document == nullptr ? 0 : kType[document->operation])
                .bcd(document == nullptr ? 0 : document->sum, 7);
        }
        const LocalSeconds at = document == nullptr ? kkt_.now() : document->datetime();
        return out.ddmmyy(at).hhmmss(at).bcd(document == nullptr ? 0 : document->sign, 5).take();
    }
    case 0x35:
        return out.bcd(shift.receipts, 3).bcd(shift.number, 3).take();
    case 0x36: {
        // 2 = 1.05, 3 = 1.1, 4 = 1.2, as in tag 1209; the FN knows the same.
        const std::uint8_t ffd = kkt_.identity().ffd;
        return out.u8(ffd).u8(ffd).be(0, 4).take();
    }
    case 0x37:
        return out.be(extended_command_, 2).be(extended_error_, 2).be(0, 4).take();
    case 0x41:
        if (operation == 0)
            return std::nullopt;
        return out.bcd(sums.receipts[operation - 1], 5).bcd(sums.annulled[operation - 1], 5).take();
    default:
        return std::nullopt;
    }
}

} // namespace kb::emulator::atol

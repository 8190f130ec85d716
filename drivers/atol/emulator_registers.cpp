// The registers of 91h. Source: docs/sources.md#atol, section 5; what only the maker's library asks for, as
// it reads it: docs/sources.md#atol-registers.
#include "drivers/atol/emulator_commands.hpp"

#include <algorithm>
#include <charconv>

namespace kb::emulator::atol {

namespace {

// Receipt types of 92h as operations of tag 1054; 0: neither.
constexpr std::array<std::size_t, 6> kOperation = {0, 1, 2, 0, 3, 4};
// Types of the FN's documents.
constexpr std::uint8_t kRegistration = 1, kReceiptDocument = 3, kShiftClose = 5, kReRegistration = 11,
                       kCorrection = 31;
constexpr unsigned kDots = 12; // of a character

constexpr std::array<std::size_t, 4> kOperationOfTotal = {1, 3, 2, 4};
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

/// Number of the last document of one of two types; 0: there is none.
std::uint32_t last_of(const VirtualFn& fn, std::uint8_t type, std::uint8_t or_type)
{
    std::uint32_t fd = fn.last_fd();
    while (fd > 0 && fn.find(fd)->type != type && fn.find(fd)->type != or_type)
        --fd;
    return fd;
}

// What came in for goods less what went out for them; unverified: which payments a register counts.
std::int64_t revenue_of(const ShiftRegisters& sums)
{
    std::int64_t revenue = 0;
    for (const auto& row : sums.payments)
        revenue += static_cast<std::int64_t>(row[0] + row[3]) - static_cast<std::int64_t>(row[1] + row[2]);
    return revenue;
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
    case 0x0C: // of all registers the one that counts sell, buy, sell_return, buy_return from 0
        return p1 >= kOperationOfTotal.size()
                   ? std::nullopt
                   : std::optional(out.bcd(column(sums.payments, kOperationOfTotal[p1]), 7).take());
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
            const FnDocument* closed = kkt_.fn().find(last_of(kkt_.fn(), kShiftClose, kShiftClose));
            moment = closed == nullptr ? kkt_.now() : closed->datetime();
        }
        return out.u8(state).ddmmyy(moment).hhmmss(moment).take();
    }
    case 0x15:
        return out.bcd(last_closed_shift() + 1U, 2).take();
    case 0x16:
        return put_digits(out, kkt_.identity().kkt_serial, 7).take();
    case 0x1B: {
        put_digits(out, kkt_.identity().inn, 6);
        return put_digits(out, kkt_.identity().reg_number, 10).take();
    }
    case 0x2C:
        return out.bcd(kkt_.fn().unsent(), 3).take();
    case 0x2F:
        return out.ascii(kkt_.fn().serial, 16).take();
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
        return sum_register(number, p1, p2);
    }
}

// Sums a host asks for by operation (p1) or by a row of the tax table.
std::optional<Bytes> Commands::sum_register(std::uint8_t number, std::uint8_t p1, std::uint8_t p2) const
{
    const ShiftRegisters& sums = kkt_.shift().registers;
    const std::size_t operation = operation_of(p1);
    Out out;
    switch (number) {
    case 0x0B: { // sign, 01 is minus | sum 6
        const std::int64_t revenue = revenue_of(sums);
        return out.u8(revenue < 0 ? 1 : 0)
            .bcd(static_cast<std::uint64_t>(revenue < 0 ? -revenue : revenue), 6)
            .take();
    }
    case 0x14:
        return receipt_sums();
    case 0x2E:
        return operation == 0 ? std::nullopt
                              : std::optional(out.bcd(sums.annulled_sum[operation - 1], 7).take());
    case 0x3C: {
        const auto vat = vat_of(p2);
        return operation == 0 || !vat ? std::nullopt
                                      : std::optional(out.bcd(sums.vat[*vat][operation - 1], 6).take());
    }
    case 0x3D:
        return receipt_tax_sum(p1);
    default:
        return state_register(number);
    }
}

// sum 5 | what is still to be paid 5 | what is to be given back 5
Bytes Commands::receipt_sums() const
{
    if (!kkt_.receipt())
        return Bytes(15, 0);
    const std::uint64_t sum = due();
    const std::uint64_t given = paid();
    return Out()
        .bcd(kkt_.receipt()->total(), 5)
        .bcd(sum - std::min(sum, given), 5)
        .bcd(given - std::min(sum, given), 5)
        .take();
}

std::optional<Bytes> Commands::receipt_tax_sum(std::uint8_t index) const
{
    const auto vat = vat_of(index);
    if (!vat)
        return std::nullopt;
    std::uint64_t tax = 0;
    if (kkt_.receipt())
        for (const Item& item : kkt_.receipt()->items)
            if (item.vat == *vat)
                tax += item.vat_given.value_or(contained_vat(item.sum, item.vat));
    return Out().bcd(tax, 5).take();
}

// Numbers and moments: of documents, the FN, the OFD and the register itself. Dates of what never was are
// zeros.
std::optional<Bytes> Commands::state_register(std::uint8_t number) const
{
    const VirtualFn& fn = kkt_.fn();
    const Shift& shift = kkt_.shift();
    Out out;
    switch (number) {
    case 0x13: { // a receipt is open (unverified) | type | number in the shift 2 | number of the document 4
        const unsigned open = kkt_.receipt() ? 1U : 0U;
        return out.u8(open)
            .u8(receipt_state())
            .bcd(shift.receipts + open, 2)
            .bcd(kkt_.through_number() + open, 4)
            .take();
    }
    case 0x18: // characters | dots 2
        return out.bcd(model_.line, 1).bcd(std::uint64_t{model_.line} * kDots, 2).take();
    case 0x1A: // registrations made | left | last day of the FN
        return out.bcd(fn.registrations, 1).bcd(30U - fn.registrations, 1).ddmmyy(fn.expires).take();
    case 0x27: // degrees; there is no thermometer
        return out.bcd(0, 1).take();
    case 0x2B: // errors of network, OFD, FN | document 5 | command; the exchange here never fails for long
        return out.be(0, 3).bcd(0, 5).be(0, 1).take();
    case 0x30: { // number 5 | DD MM YY hh mm
        const std::uint32_t fd = last_of(fn, kRegistration, kReRegistration);
        const FnDocument* document = fn.find(fd);
        const LocalSeconds at = document == nullptr ? kkt_.now() : document->datetime();
        return out.bcd(fd, 5).ddmmyy(at).hhmm(at).take();
    }
    case 0x33:
    case 0x34: { // number 5 | of a receipt: type, sum 7 | DD MM YY hh mm | sign 5
        const std::uint32_t fd = number == 0x34 ? fn.last_fd() : last_of(fn, kReceiptDocument, kCorrection);
        const FnDocument* document = fn.find(fd);
        out.bcd(fd, 5);
        if (number == 0x33) {
            constexpr std::array<std::uint8_t, 5> kType = {0, 1, 2, 4, 5};
            out.u8(document == nullptr ? 0 : kType[document->operation])
                .bcd(document == nullptr ? 0 : document->sum, 7);
        }
        const LocalSeconds at = document == nullptr ? kkt_.now() : document->datetime();
        return out.ddmmyy(at).hhmm(at).bcd(document == nullptr ? 0 : document->sign, 5).take();
    }
    case 0x39: { // DD MM YY hh mm ss of the last document the OFD has confirmed
        const FnDocument* sent = fn.find(fn.tickets_through());
        if (sent == nullptr)
            return out.be(0, 6).take();
        const LocalSeconds at = from_ffd_unixtime(sent->ticket_at);
        return out.ddmmyy(at).hhmmss(at).take();
    }
    case 0x3A: // unknown 5 | documents in the shift 5
        return out.bcd(0, 5).bcd(shift.open ? fn.last_fd() - shift.first_fd + 1 : 0, 5).take();
    case 0x43: // seconds since the power came
        return out
            .bcd(static_cast<std::uint64_t>(
                     std::chrono::floor<std::chrono::seconds>(kkt_.steady() - up_since_).count()),
                 5)
            .take();
    default:
        return std::nullopt;
    }
}

} // namespace kb::emulator::atol

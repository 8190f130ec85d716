// A4h: the FN's own commands passed through, numbers binary and lowest byte first.
// Source: docs/sources.md#atol, section 6.
#include "drivers/atol/emulator_commands.hpp"
#include "drivers/emulator/ticket.hpp"
#include "drivers/emulator/tlv_out.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr unsigned kReadingInterrupted = 0x0303;
constexpr std::uint8_t kEthernetOverTransport = 5;
constexpr Cell kOfdChannel = {15, 1, 1};

} // namespace

bool Commands::talks_to_ofd_itself() const { return tables_.read(kOfdChannel)[0] != kEthernetOverTransport; }

Commands::Done Commands::fn(In& in)
{
    const std::uint8_t sub = in.u8();
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    if (sub == 0x40)
        return fn_document(in);
    if (sub == 0x41)
        return fn_ticket(in);
    if (sub == 0x45)
        return fn_open_document(in);
    if (sub == 0x43 && in.left() == 1)
        in.u8(); // the registration's number; there is one in force
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    switch (sub) {
    case 0x10:
        return fn_shift();
    case 0x20:
        return fn_exchange();
    case 0x30:
        return fn_status();
    case 0x31:
        return data().ascii(kkt_.fn().serial, 16).take();
    case 0x32:
        return fn_expiry();
    case 0x33:
        return fn_version();
    case 0x43:
        return fn_registration();
    case 0x46:
        return fn_next_piece();
    default:
        return error(0xF2); // unverified: the FN has more, nobody has shown that they are passed through
    }
}

// state | shift 2 | receipt in the shift 2
Commands::Done Commands::fn_shift()
{
    const Shift& shift = kkt_.shift();
    return data().u8(shift.open ? 1 : 0).le(shift.number, 2).le(shift.receipts, 2).take();
}

// flags | reading | unsent 2 | first unsent 4 | its minute 5
Commands::Done Commands::fn_exchange()
{
    const VirtualFn& fn = kkt_.fn();
    const FnDocument* first = fn.find(fn.tickets_through() + 1);
    unsigned flags = kkt_.ofd_silent() ? 0U : 1U;
    if (first != nullptr)
        flags |= 2U;
    Out out = data().u8(flags).u8(0).le(std::min<std::uint32_t>(fn.unsent(), 0xFFFF), 2);
    if (first == nullptr)
        return out.le(0, 4).le(0, 5).take();
    return out.le(fn.tickets_through() + 1, 4).fn_minute(first->datetime()).take();
}

// phase | document | its data | shift | warnings | minute 5 | number 16 | last document 4
Commands::Done Commands::fn_status()
{
    const VirtualFn& fn = kkt_.fn();
    const FnDocument* last = fn.find(fn.last_fd());
    return data()
        .u8(fn.phase)
        .u8(0)
        .u8(0)
        .u8(kkt_.shift().open ? 1 : 0)
        .u8(fn.warnings(kkt_.now()))
        .fn_minute(last == nullptr ? kkt_.now() : last->datetime())
        .ascii(fn.serial, 16)
        .le(fn.last_fd(), 4)
        .take();
}

Commands::Done Commands::fn_expiry()
{
    const std::uint8_t made = kkt_.fn().registrations;
    return data().fn_date(kkt_.fn().expires).u8(30U - made).u8(made).take();
}

Commands::Done Commands::fn_version()
{
    // A debug drive: nobody shall take its numbers for real ones.
    return data().ascii(kkt_.identity().ffd == 4 ? "fn debug v 1.2" : "fn debug v 1.1", 16).u8(0).take();
}

// Unverified through A4h: the FN's short record of a document.
// type | ticket | minute 5 | number 4 | sign 4 | what the type has
Commands::Done Commands::fn_document(In& in)
{
    const auto number = static_cast<std::uint32_t>(in.le(4));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const FnDocument* document = kkt_.fn().find(number);
    if (document == nullptr)
        return error(0xDA);
    const Identity& who = kkt_.identity();
    Out out = data();
    out.u8(document->type)
        .u8(document->ticket_at != 0 ? 1 : 0)
        .fn_minute(document->datetime())
        .le(number, 4)
        .le(document->sign, 4);
    switch (document->type) {
    case 1:
    case 11:
        out.ascii(who.inn, 12).ascii(who.reg_number, 20).u8(who.tax_systems).u8(0);
        if (document->type == 11)
            out.u8(document->number);
        break;
    case 2:
    case 5:
    case 6:
        out.le(document->number, 2);
        break;
    case 21:
        out.le(document->sum, 4).fn_date(document->datetime());
        break;
    default:
        out.u8(document->operation).le(document->sum, 5);
        break;
    }
    return out.take();
}

// minute 5 | the operator's sign 18 | document 4
Commands::Done Commands::fn_ticket(In& in)
{
    const auto number = static_cast<std::uint32_t>(in.le(4));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const FnDocument* document = kkt_.fn().find(number);
    if (document == nullptr || document->ticket_at == 0)
        return error(0xDA);
    return data()
        .fn_minute(from_ffd_unixtime(document->ticket_at))
        .bytes(ticket_sign(*document))
        .le(number, 4)
        .take();
}

// minute 5 | INN 12 | registration number 20 | tax systems | modes | document 4 | sign 4
Commands::Done Commands::fn_registration()
{
    const FnDocument* document = kkt_.fn().find(1);
    if (document == nullptr)
        return error(0xDA);
    const Identity& who = kkt_.identity();
    Out out = data();
    out.fn_minute(document->datetime())
        .ascii(who.inn, 12)
        .ascii(who.reg_number, 20)
        .u8(who.tax_systems)
        .u8(0);
    if (document->type == 11)
        out.u8(document->number);
    return out.le(1, 4).le(document->sign, 4).take();
}

// type 2 | length 2
Commands::Done Commands::fn_open_document(In& in)
{
    const auto number = static_cast<std::uint32_t>(in.le(4));
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    tlv_rest_.clear();
    if (const auto opened = kkt_.begin_reading(number); !opened)
        return error(code_of(opened.error()));
    return data().le(kkt_.fn().find(number)->type, 2).le(kkt_.body(number).size(), 2).take();
}

// One TLV, or the next part of a long one.
Commands::Done Commands::fn_next_piece()
{
    if (tlv_rest_.empty()) {
        auto tlv = kkt_.read_piece(0, true);
        if (!tlv && tlv.error().why == Why::fn_wrong_state)
            return extended(kReadingInterrupted);
        if (!tlv)
            return error(code_of(tlv.error()));
        tlv_rest_ = std::move(*tlv);
    }
    const std::size_t limit = options_.tlv_piece == 0 ? tlv_rest_.size() : options_.tlv_piece;
    const std::size_t size = std::min(limit, tlv_rest_.size());
    Bytes piece(tlv_rest_.begin(), tlv_rest_.begin() + static_cast<std::ptrdiff_t>(size));
    tlv_rest_.erase(tlv_rest_.begin(), tlv_rest_.begin() + static_cast<std::ptrdiff_t>(size));
    return data().bytes(piece).take();
}

} // namespace kb::emulator::atol

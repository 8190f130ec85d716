// The FN commands of the emulator: state, archive, exchange with the OFD; and the FE service commands.
// Source: docs/sources.md#shtrih, sections 4.1, 4.5 and 4.7.
#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/ticket.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "drivers/shtrih/emulator_commands.hpp"
#include "protocol/core/crc.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::uint8_t kBadParameter = 0x33;
constexpr std::uint8_t kNoData = 0x08;
constexpr std::uint8_t kUnknownCommand = 0x37;
constexpr std::size_t kPiece = 200;        // bytes a desktop gives out per FF3B
constexpr std::size_t kOfdBlock = 0xF0;    // vector C55
constexpr std::size_t kOfdWriteBlock = 64; // vector C59
constexpr std::size_t kSessionHeader = 30;
constexpr std::size_t kContainerHeader = 32;

tl::unexpected<std::uint8_t> error(unsigned code) { return tl::unexpected(static_cast<std::uint8_t>(code)); }

// The FN's dates: YY MM DD, with HH MM where the time belongs to it.
void put_ymd(ByteWriter& out, LocalSeconds time)
{
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
    out.u8(static_cast<std::uint8_t>(static_cast<int>(date.year()) - 2000))
        .u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.month())))
        .u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.day())));
}

void put_ymdhm(ByteWriter& out, LocalSeconds time)
{
    const std::chrono::hh_mm_ss clock{time - std::chrono::floor<std::chrono::days>(time)};
    put_ymd(out, time);
    out.u8(static_cast<std::uint8_t>(clock.hours().count()));
    out.u8(static_cast<std::uint8_t>(clock.minutes().count()));
}

void put_padded(ByteWriter& out, std::string_view text, std::size_t width)
{
    out.padded(as_bytes(text), width, ' ');
}

} // namespace

// phase | document | data | shift | warnings | ymdhm | FN number 16 | last FD u32
EmulatorCommands::Reply EmulatorCommands::fn_status(ByteReader&)
{
    const auto& fn = kkt_.fn();
    std::uint8_t current = 0;
    switch (begun_document_) {
    case 0xFF41:
        current = 0x02;
        break;
    case 0xFF42:
        current = 0x08;
        break;
    case 0xFF35:
        current = 0x14;
        break;
    case 0xFF37:
        current = 0x17;
        break;
    case 0xFF3D:
        current = 0x10;
        break;
    default:
        break;
    }
    ByteWriter out;
    out.u8(fn.phase).u8(current).u8(0).u8(kkt_.shift().open ? 1 : 0).u8(fn.warnings(kkt_.now()));
    const auto* last = fn.find(fn.last_fd());
    put_ymdhm(out, last == nullptr ? kkt_.now() : last->datetime());
    put_padded(out, fn.serial, 16);
    return out.u32(fn.last_fd()).take();
}

EmulatorCommands::Reply EmulatorCommands::fn_number(ByteReader&)
{
    ByteWriter out;
    put_padded(out, kkt_.fn().serial, 16);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::fn_expiry(ByteReader&)
{
    ByteWriter out;
    put_ymd(out, kkt_.fn().expires);
    return out.u8(static_cast<std::uint8_t>(30 - kkt_.fn().registrations)).u8(kkt_.fn().registrations).take();
}

EmulatorCommands::Reply EmulatorCommands::fn_version(ByteReader&)
{
    ByteWriter out;
    put_padded(out, kkt_.identity().ffd == 4 ? "fn debug v 1.2" : "fn debug v 1.1", 16);
    return out.u8(0).take(); // a debug drive: nobody shall take its numbers for real ones
}

EmulatorCommands::Reply EmulatorCommands::fiscalisation(ByteReader&)
{
    const auto& who = kkt_.identity();
    const auto* document = kkt_.fn().find(1);
    if (document == nullptr)
        return error(kNoData);
    ByteWriter out;
    put_ymdhm(out, document->datetime());
    put_padded(out, who.inn, 12);
    put_padded(out, who.reg_number, 20);
    out.u8(who.tax_systems).u8(0);
    if (who.ffd >= 3) {
        out.u8(0);
        put_padded(out, who.ofd_inn, 12);
        out.u32(document->type == 11 ? 1 : 0);
    }
    return out.u32(1).u32(document->sign).take();
}

EmulatorCommands::Reply EmulatorCommands::find_document(ByteReader& in)
{
    const std::uint32_t number = in.u32();
    if (in.overrun())
        return error(kBadParameter);
    const auto* document = kkt_.fn().find(number);
    if (document == nullptr)
        return error(kNoData);
    const auto& who = kkt_.identity();
    ByteWriter out;
    out.u8(document->type).u8(document->ticket_at != 0 ? 1 : 0);
    put_ymdhm(out, document->datetime());
    out.u32(number).u32(document->sign);
    switch (document->type) {
    case 1:
    case 11:
        put_padded(out, who.inn, 12);
        put_padded(out, who.reg_number, 20);
        out.u8(who.tax_systems).u8(0);
        if (document->type == 11)
            out.u8(static_cast<std::uint8_t>(document->number));
        break;
    case 2:
    case 5:
    case 6:
        out.u16(document->number);
        break;
    case 21: {
        out.u32(static_cast<std::uint32_t>(document->sum));
        put_ymd(out, document->datetime());
        break;
    }
    default:
        out.u8(document->operation).uint(document->sum, 5);
        break;
    }
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::registration_parameter(ByteReader& in)
{
    const std::uint8_t report = in.u8();
    const std::uint16_t tag = in.u16();
    if (in.overrun())
        return error(kBadParameter);
    // Unverified: F0h is taken for "the report in force"; there is only one here.
    if (report != 1 && report != 0xF0 && report != 0)
        return error(kNoData);
    if (tag == 0xFFFF) {
        if (const auto opened = kkt_.begin_reading(1); !opened)
            return error(refusal_code(opened.error()));
        return Bytes{};
    }
    const BytesView value = emulator::find_tag(kkt_.body(1), tag);
    if (value.data() == nullptr)
        return error(kNoData);
    return emulator::TlvOut().raw(tag, value).bytes();
}

EmulatorCommands::Reply EmulatorCommands::open_document(ByteReader& in)
{
    const std::uint32_t number = in.u32();
    if (in.overrun())
        return error(kBadParameter);
    if (const auto opened = kkt_.begin_reading(number); !opened)
        return error(refusal_code(opened.error()));
    return ByteWriter()
        .u16(kkt_.fn().find(number)->type)
        .u16(static_cast<std::uint16_t>(kkt_.body(number).size()))
        .take();
}

EmulatorCommands::Reply EmulatorCommands::next_piece(ByteReader&)
{
    const auto piece = kkt_.read_piece(kPiece, model_.firmware->one_tlv_a_piece);
    if (!piece)
        return error(refusal_code(piece.error()));
    return *piece;
}

// ymdhm | operator's sign 18 | FD u32
EmulatorCommands::Reply EmulatorCommands::ticket(ByteReader& in)
{
    const std::uint32_t number = in.u32();
    if (in.overrun())
        return error(kBadParameter);
    const auto* document = kkt_.fn().find(number);
    if (document == nullptr || document->ticket_at == 0)
        return error(kNoData);
    ByteWriter out;
    put_ymdhm(out, from_ffd_unixtime(document->ticket_at));
    return out.bytes(ticket_sign(*document)).u32(number).take();
}

EmulatorCommands::Reply EmulatorCommands::unsent_count(ByteReader&)
{
    return ByteWriter().u16(static_cast<std::uint16_t>(std::min(kkt_.fn().unsent(), 0xFFFFU))).take();
}

EmulatorCommands::Reply EmulatorCommands::shift_parameters(ByteReader&)
{
    const auto& shift = kkt_.shift();
    return ByteWriter().u8(shift.open ? 1 : 0).u16(shift.number).u16(shift.receipts).take();
}

EmulatorCommands::Reply EmulatorCommands::free_memory(ByteReader&)
{
    const auto& fn = kkt_.fn();
    const std::uint32_t left = fn.full() ? 0 : fn.capacity - fn.last_fd();
    return ByteWriter().u32(left).u32(left / 2).take();
}

// status | read state | messages u16 | first FD u32 | its ymdhm
EmulatorCommands::Reply EmulatorCommands::exchange_status(ByteReader&)
{
    const auto& fn = kkt_.fn();
    ByteWriter out;
    const auto* first = fn.find(fn.tickets_through() + 1);
    out.u8(first == nullptr ? 0 : 2).u8(0);
    out.u16(static_cast<std::uint16_t>(std::min(fn.unsent(), 0xFFFFU)));
    if (first == nullptr)
        return out.u32(0).uint(0, 5).take();
    out.u32(fn.tickets_through() + 1);
    put_ymdhm(out, first->datetime());
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::state_report(ByteReader&)
{
    begun_document_ = 0;
    const auto* first = kkt_.fn().find(kkt_.fn().tickets_through() + 1);
    const LocalSeconds since = first == nullptr ? kkt_.now() : first->datetime();
    const std::uint32_t unsent = kkt_.fn().unsent();
    const auto done = kkt_.make_state_report();
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u32(done->fd_number).u32(done->fiscal_sign).u32(unsent);
    if (unsent == 0)
        out.u8(0).u8(0).u8(0);
    else
        put_ymd(out, since);
    if (extended_answers())
        put_extended(out, *done);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::close_fn(ByteReader&)
{
    if (begun_document_ != 0xFF3D)
        return error(0x02);
    begun_document_ = 0;
    const auto done = kkt_.close_fn(cashier());
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u32(done->fd_number).u32(done->fiscal_sign);
    if (extended_answers())
        put_extended(out, *done);
    return out.take();
}

// A whole message to the OFD: session header 30, container header 32, STLV, 8 bytes of the FN's own sign.
Bytes EmulatorCommands::ofd_message() const
{
    const auto& fn = kkt_.fn();
    const std::uint32_t number = fn.tickets_through() + 1;
    const BytesView body = kkt_.body(number);
    if (talks_to_ofd_itself() || body.empty())
        return {};
    const auto* document = fn.find(number);
    ByteWriter data;
    data.u16(document->type)
        .u16(static_cast<std::uint16_t>(body.size()))
        .bytes(body)
        .u32(document->sign)
        .u32(number);
    ByteWriter container; // everything the container's CRC covers
    container.u8(0xA5).u8(document->type).u8(1).u8(0x10).u8(0x09);
    for (std::size_t i = 0; i + 1 < fn.serial.size() && i < 16; i += 2)
        container.u8(static_cast<std::uint8_t>(((fn.serial[i] - '0') << 4) | (fn.serial[i + 1] - '0')));
    container.u8(static_cast<std::uint8_t>(number >> 16U)).u8(static_cast<std::uint8_t>(number >> 8U));
    container.u8(static_cast<std::uint8_t>(number)).padded({}, 12, 0).bytes(data.view());
    const auto size = static_cast<std::uint16_t>(container.view().size() + 4);
    ByteWriter sized;
    sized.u16(size).bytes(container.view());
    const std::uint8_t version = kkt_.identity().ffd == 2 ? 0x05 : kkt_.identity().ffd == 3 ? 0x10 : 0x20;
    ByteWriter out;
    out.u8(0x2A).u8(0x08).u8(0x41).u8(0x0A).u8(0x81).u8(0xA2).u8(1).u8(version);
    put_padded(out, fn.serial, 16);
    out.u16(size).u16(0x0014).u16(0);
    return out.u16(size).u16(crc16_ccitt(sized.view())).bytes(container.view()).take();
}

EmulatorCommands::Reply EmulatorCommands::ofd_size(ByteReader&)
{
    if (!model_.has(emulator_flag::kOfdRelay))
        return error(kUnknownCommand);
    return ByteWriter().u16(static_cast<std::uint16_t>(ofd_message().size())).u8(kOfdBlock).take();
}

EmulatorCommands::Reply EmulatorCommands::ofd_read(ByteReader& in)
{
    if (!model_.has(emulator_flag::kOfdRelay))
        return error(kUnknownCommand);
    const std::size_t offset = in.u16();
    const std::size_t size = in.u8();
    const Bytes message = ofd_message();
    if (in.overrun() || size > kOfdBlock || offset + size > message.size())
        return error(kBadParameter);
    const auto from = message.begin() + static_cast<std::ptrdiff_t>(offset);
    return Bytes(from, from + static_cast<std::ptrdiff_t>(size));
}

EmulatorCommands::Reply EmulatorCommands::ofd_begin_write(ByteReader& in)
{
    if (!model_.has(emulator_flag::kOfdRelay))
        return error(kUnknownCommand);
    ofd_answer_size_ = in.u16();
    ofd_answer_.clear();
    if (in.overrun() || ofd_answer_size_ < kSessionHeader)
        return error(kBadParameter);
    return Bytes{kOfdWriteBlock};
}

// The last block makes the ticket count: its 1040 must be the document that waits, its 1041 this FN.
EmulatorCommands::Reply EmulatorCommands::ofd_write(ByteReader& in)
{
    if (!model_.has(emulator_flag::kOfdRelay))
        return error(kUnknownCommand);
    const std::size_t offset = in.u16();
    const std::size_t size = in.u8();
    const BytesView block = in.take(size);
    if (in.overrun() || offset != ofd_answer_.size() || offset + size > ofd_answer_size_)
        return error(kBadParameter);
    ofd_answer_.insert(ofd_answer_.end(), block.begin(), block.end());
    if (ofd_answer_.size() < ofd_answer_size_)
        return Bytes{};
    const Bytes answer = std::exchange(ofd_answer_, {});
    if (answer.size() < kSessionHeader + kContainerHeader + 4)
        return error(0x20);
    const BytesView stlv = BytesView(answer).subspan(kSessionHeader + kContainerHeader);
    const std::size_t whole = emulator::first_tlv_size(stlv);
    if (whole == 0 || stlv[0] != 7)
        return error(0x20);
    const BytesView inner = stlv.subspan(4, whole - 4);
    const BytesView number = emulator::find_tag(inner, emulator::tag::fd_number);
    const BytesView serial = emulator::find_tag(inner, emulator::tag::fn_serial);
    const std::uint32_t waiting = kkt_.fn().tickets_through() + 1;
    if (number.size() != 4 || ByteReader(number).u32() != waiting || as_text(serial) != kkt_.fn().serial)
        return error(0x20);
    kkt_.give_tickets_through(waiting);
    return Bytes{};
}

// FE | function | u32; the answer does not echo the function.
std::optional<Bytes> EmulatorCommands::service(BytesView command)
{
    ByteReader in(command);
    in.u8();
    const std::uint8_t function = in.u8();
    const std::uint32_t parameter = in.u32();
    ByteWriter out;
    out.u8(0xFE).u8(0);
    switch (function) {
    case 0xEB:
        return out.u32(1).take();
    case 0xEC:
        return out.u32(133).take();
    case 0xF0:
        return out.u64(0x4B4B542D454D554CULL).u64(0x41544F5230303031ULL).take();
    case 0xF2:
        return out.u8(0).take();
    case 0xF3:
        return std::nullopt;
    case 0xF4: {
        const auto& sums = kkt_.all_time();
        if (parameter == 0) {
            for (const auto& row : sums) {
                std::uint64_t total = 0;
                for (const auto slot : row)
                    total += slot;
                out.u64(total);
            }
        } else if (parameter <= 4) {
            for (const auto slot : sums[parameter - 1])
                out.u64(slot);
        } else if (parameter == 5) {
            for (const auto sum : kkt_.all_time_corrections())
                out.u64(sum);
        } else {
            return Bytes{0xFE, kBadParameter};
        }
        return out.take();
    }
    default:
        return Bytes{0xFE, 0x37};
    }
}

} // namespace kb::shtrih

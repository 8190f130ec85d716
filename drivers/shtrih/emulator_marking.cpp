// Marking codes on the emulator: FF61, FF67, FF69 of a register with FFD 1.2.
// Source: docs/sources.md#shtrih, section 4.6.
#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "drivers/shtrih/emulator_commands.hpp"

namespace kb::shtrih {

namespace {

constexpr std::uint8_t kFfd12 = 4;
constexpr unsigned kBadParameter = 0x33;
constexpr unsigned kUnknownCommand = 0x37;
constexpr unsigned kWrongSequence = 0xA1;
constexpr unsigned kTableFull = 0xA3;
constexpr unsigned kNotChecked = 0xAC;
constexpr std::uint8_t kSystemSilent = 0xFF;
constexpr std::uint8_t kNoKey = 2;
constexpr std::uint8_t kGs1 = 4; // tag 2100: check code of 44 characters, checked in the FN
constexpr std::uint8_t kWaitField = 8;

using System = emulator::MarkAnswer::System;

tl::unexpected<std::uint8_t> error(unsigned code) { return tl::unexpected(static_cast<std::uint8_t>(code)); }

std::string text(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

// FN's answer | result | what the state system sent: 2105, 2109
Bytes online_part(const emulator::MarkAnswer& said)
{
    ByteWriter out;
    if (said.system == System::silent)
        return out.u8(kSystemSilent).u8(said.result()).take();
    emulator::TlvOut tags;
    tags.byte(emulator::tag::request_code, said.system == System::no_code ? 2 : 0);
    if (said.system != System::no_code)
        tags.byte(emulator::tag::oism_status, said.system == System::right       ? 1
                                              : said.system == System::suspended ? 3
                                                                                 : 2);
    return out.u8(0).u8(said.result()).bytes(tags.bytes()).take();
}

void put_check(ByteWriter& out, const emulator::MarkAnswer& said)
{
    const Bytes online = online_part(said);
    out.u8(said.local_result()).u8(said.fn == emulator::MarkAnswer::Fn::no_key ? kNoKey : 0).u8(kGs1);
    out.u8(static_cast<std::uint8_t>(online.size())).bytes(online);
}

} // namespace

// planned status u8 | mode u8 | code length u8 | TLV length u8 | code | TLV
EmulatorCommands::Reply EmulatorCommands::check_mark(ByteReader& in)
{
    if (kkt_.identity().ffd != kFfd12)
        return error(kUnknownCommand);
    emulator::CheckedMark mark;
    mark.planned_status = in.u8();
    const std::uint8_t mode = in.u8();
    const std::size_t code_size = in.u8();
    const std::size_t tlv_size = in.u8();
    mark.code = text(in.take(code_size));
    const BytesView tlv = in.take(tlv_size);
    const bool status_known =
        (mark.planned_status >= 1 && mark.planned_status <= 4) || mark.planned_status == 0xFF;
    if (in.overrun() || in.left() != 0 || mode != 0 || code_size == 0 || !status_known ||
        !emulator::well_formed(tlv))
        return error(kBadParameter);
    const emulator::MarkAnswer said = kkt_.marking().answer(mark.code);
    if (said.system == System::silent)
        own_time_ = std::chrono::seconds(tables_.number(model_.firmware->ofd_table, 1, kWaitField));
    mark.result = said.result();
    kkt_.marking().check(std::move(mark));
    ByteWriter out;
    put_check(out, said);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::accept_mark(ByteReader& in)
{
    const std::uint8_t action = in.u8();
    emulator::MarkingDesk& desk = kkt_.marking();
    if (kkt_.identity().ffd != kFfd12)
        return error(kUnknownCommand);
    if (in.overrun() || action > 2)
        return error(kBadParameter);
    if (action == 2) {
        desk.clear();
        return Bytes{};
    }
    if (!desk.pending())
        return error(kWrongSequence);
    const std::uint8_t result = desk.pending()->result;
    if (action == 0) {
        desk.reject();
        return Bytes{result};
    }
    if (desk.kept().size() >= emulator::MarkingDesk::kMostKept)
        return error(kTableFull);
    desk.accept();
    return Bytes{result};
}

// length u8 | code [| FFh]
EmulatorCommands::Reply EmulatorCommands::bind_mark(ByteReader& in)
{
    const std::size_t size = in.u8();
    const std::string code = text(in.take(size));
    if (kkt_.identity().ffd != kFfd12)
        return error(kUnknownCommand);
    if (in.overrun() || size == 0)
        return error(kBadParameter);
    const emulator::CheckedMark* mark = kkt_.marking().find(code);
    if (mark == nullptr)
        return error(kNotChecked);
    // The code without its check part: up to the first separator.
    const std::string product = code.substr(0, code.find('\x1D'));
    emulator::TlvOut inner;
    inner.text(emulator::tag::code_gs1m, product, 38);
    emulator::TlvOut tags;
    tags.structure(emulator::tag::product_code, inner)
        .byte(emulator::tag::marking_mode, 0)
        .byte(emulator::tag::marking_check, mark->result);
    if (const auto done = kkt_.add_item_tags(tags.bytes()); !done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u16(0x444D).u8(3);
    put_check(out, kkt_.marking().answer(code));
    return out.take();
}

} // namespace kb::shtrih

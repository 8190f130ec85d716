#include "drivers/shtrih/emulator_commands.hpp"

#include <algorithm>

namespace kb::shtrih {

using emulator::Printing;
using emulator::Why;

namespace {

constexpr std::uint16_t bit(unsigned mode) { return static_cast<std::uint16_t>(1U << mode); }
constexpr std::uint16_t kAny = 0xFFFF;
constexpr std::uint16_t kNotReading = static_cast<std::uint16_t>(kAny & ~bit(1));
constexpr std::uint16_t kClosed = bit(4);
constexpr std::uint16_t kOpen = bit(2);
constexpr std::uint16_t kOpenOrOver = bit(2) | bit(3);
constexpr std::uint16_t kShift = bit(2) | bit(3) | bit(4);
constexpr std::uint16_t kReceipt = bit(8);

bool two_bytes(std::uint8_t first) { return first == 0xFF; }

} // namespace

std::string command_name(BytesView command)
{
    if (command.empty())
        return {};
    return to_hex(command.first(two_bytes(command[0]) && command.size() > 1 ? 2 : 1));
}

EmulatorCommands::EmulatorCommands(emulator::VirtualKkt& kkt, const EmulatorModel& model, bool over_tcp)
    : kkt_(kkt),
      model_(model),
      over_tcp_(over_tcp),
      tables_(kkt, *model.firmware)
{
    kkt.empties_drawer = [&kkt] {
        const auto setting = kkt.settings().find("T1.1.2");
        return setting != kkt.settings().end() && setting->second == "01";
    };
}

// The matrix of docs/sources.md#shtrih, section 2.4.
const std::vector<EmulatorCommands::Rule>& EmulatorCommands::rules()
{
    using C = EmulatorCommands;
    constexpr auto kNobody = Who::nobody;
    constexpr auto kAnyone = Who::anyone;
    constexpr auto kAdmin = Who::administrator;
    constexpr auto kSystem = Who::system;
    static const std::vector<Rule> kRules = {
        {0xFC, kNobody, kAny, false, &C::device_type},
        {0xF7, kNobody, kAny, false, &C::model_parameters},
        {0x6B, kNobody, kAny, false, &C::error_text},
        {0x10, kAnyone, kAny, false, &C::short_status},
        {0x11, kAnyone, kAny, false, &C::full_status},
        {0x13, kAnyone, kAny, false, &C::accept},
        {0x14, kSystem, kAny, false, &C::set_port},
        {0x15, kSystem, kAny, false, &C::read_port},
        {0x16, kNobody, kAny, false, &C::technological_reset},
        {0x1A, kAnyone, kAny, false, &C::cash_register},
        {0x1B, kAnyone, kAny, false, &C::operation_register},
        {0x1E, kSystem, static_cast<std::uint16_t>(kNotReading & ~kReceipt), false, &C::write_table},
        {0x1F, kSystem, kAny, false, &C::read_table},
        {0x2D, kSystem, kAny, false, &C::table_structure},
        {0x2E, kSystem, kAny, false, &C::field_structure},
        {0x24, kSystem, kClosed, false, &C::init_tables},
        {0x21, kSystem, kClosed, false, &C::set_time},
        {0x22, kSystem, kClosed, false, &C::set_date},
        {0x23, kSystem, bit(6), false, &C::confirm_date},
        {0x26, kSystem, kAny, false, &C::font},
        {0x12, kAnyone, kNotReading, true, &C::print_line},
        {0x17, kAnyone, kNotReading, true, &C::print_line},
        {0x2F, kAnyone, kNotReading, true, &C::print_line_in_font},
        {0x25, kAnyone, static_cast<std::uint16_t>(kNotReading & ~kReceipt), true, &C::cut},
        {0x28, kAnyone, kAny, false, &C::accept},
        {0x29, kAnyone, kNotReading, true, &C::accept},
        {0x18, kAnyone, kShift, true, &C::accept},
        {0x52, kAnyone, kNotReading, true, &C::accept},
        {0x53, kAnyone, kNotReading, true, &C::accept},
        {0x54, kAnyone, kNotReading, true, &C::accept},
        {0xC0, kAnyone, kNotReading, false, &C::accept},
        {0xC1, kAnyone, kNotReading, true, &C::accept},
        {0xC3, kAnyone, kNotReading, true, &C::accept},
        {0xC4, kAnyone, kNotReading, false, &C::accept},
        {0xC5, kAnyone, kNotReading, true, &C::accept},
        {0xC2, kAnyone, kNotReading, true, &C::accept},
        {0x4D, kAnyone, kNotReading, true, &C::accept},
        {0x4E, kAnyone, kNotReading, false, &C::accept},
        {0x4F, kAnyone, kNotReading, true, &C::accept},
        {0xDD, kAnyone, kNotReading, false, &C::accept},
        {0xDE, kAnyone, kNotReading, true, &C::accept},
        {0xB0, kAnyone, kAny, false, &C::continue_printing},
        {0xE0, kAnyone, kClosed, true, &C::open_shift},
        {0x40, kAdmin, kShift, true, &C::x_report},
        {0x41, kAdmin, kOpenOrOver, true, &C::close_shift},
        {0x50, kAnyone, kShift, true, &C::cash_in},
        {0x51, kAnyone, kShift, true, &C::cash_out},
        {0x8D, kAnyone, kShift, true, &C::open_receipt},
        {0x80, kAnyone, kOpen | kReceipt, true, &C::old_sale},
        {0x81, kAnyone, kOpen | kReceipt, true, &C::old_sale},
        {0x82, kAnyone, kOpen | kReceipt, true, &C::old_sale},
        {0x83, kAnyone, kOpen | kReceipt, true, &C::old_sale},
        {0x85, kAnyone, kReceipt, true, &C::old_close},
        {0x86, kAnyone, kReceipt, true, &C::informative},
        {0x87, kAnyone, kReceipt, true, &C::informative},
        {0x88, kAnyone, kReceipt, false, &C::cancel_receipt},
        {0x89, kAnyone, kReceipt, false, &C::subtotal},
        {0x8C, kAnyone, kShift, true, &C::copy},
        {0xFF01, kAnyone, kAny, false, &C::fn_status},
        {0xFF02, kAnyone, kAny, false, &C::fn_number},
        {0xFF03, kAnyone, kAny, false, &C::fn_expiry},
        {0xFF04, kAnyone, kAny, false, &C::fn_version},
        {0xFF08, kAnyone, kNotReading, false, &C::cancel_document},
        {0xFF09, kAnyone, kAny, false, &C::fiscalisation},
        {0xFF0A, kAnyone, kAny, false, &C::find_document},
        {0xFF0B, kAnyone, kClosed, true, &C::fn_open_shift},
        {0xFF0C, kAnyone, kAny, false, &C::document_tlv},
        {0xFF0E, kAnyone, kNotReading, false, &C::registration_parameter},
        {0xFF30, kAnyone, kNotReading, false, &C::ofd_size},
        {0xFF31, kAnyone, kNotReading, false, &C::ofd_read},
        {0xFF32, kAnyone, kNotReading, false, &C::ofd_begin_write},
        {0xFF33, kAnyone, kNotReading, false, &C::ofd_write},
        {0xFF35, kAnyone, bit(2) | bit(4), false, &C::begin_document},
        {0xFF37, kAnyone, bit(2) | bit(4), false, &C::begin_document},
        {0xFF38, kAnyone, bit(2) | bit(4), true, &C::state_report},
        {0xFF39, kAnyone, kAny, false, &C::exchange_status},
        {0xFF3A, kAnyone, static_cast<std::uint16_t>(kAny & ~kReceipt), false, &C::open_document},
        {0xFF3B, kAnyone, kAny, false, &C::next_piece},
        {0xFF3C, kAnyone, kNotReading, false, &C::ticket},
        {0xFF3D, kSystem, kClosed, false, &C::begin_document},
        {0xFF3E, kSystem, kClosed, true, &C::close_fn},
        {0xFF3F, kAnyone, kAny, false, &C::unsent_count},
        {0xFF40, kAnyone, kAny, false, &C::shift_parameters},
        {0xFF41, kAnyone, kClosed, false, &C::begin_document},
        {0xFF42, kAnyone, kOpenOrOver, false, &C::begin_document},
        {0xFF43, kAnyone, kOpenOrOver, true, &C::fn_close_shift},
        {0xFF45, kAnyone, kReceipt, true, &C::close_v2},
        {0xFF46, kAnyone, kOpen | kReceipt, true, &C::operation_v2},
        {0xFF4A, kAnyone, kOpen, true, &C::correction_v2},
        {0xFF4D, kAnyone, kOpen | kReceipt, false, &C::item_tlv},
        {0xFF61, kAnyone, kNotReading, false, &C::check_mark},
        {0xFF67, kAnyone, kReceipt, false, &C::bind_mark},
        {0xFF69, kAnyone, kNotReading, false, &C::accept_mark},
        {0xFF63, kAnyone, kNotReading, false, &C::free_memory},
    };
    return kRules;
}

const EmulatorCommands::Rule* EmulatorCommands::find_rule(std::uint16_t code)
{
    const auto& all = rules();
    const auto at = std::find_if(all.begin(), all.end(), [code](const Rule& r) { return r.code == code; });
    return at == all.end() ? nullptr : &*at;
}

Bytes EmulatorCommands::error_answer(BytesView command, std::uint8_t error) const
{
    Bytes out = {command[0]};
    if (two_bytes(command[0]) && command.size() > 1)
        out.push_back(command[1]);
    out.push_back(error);
    return out;
}

std::optional<Bytes> EmulatorCommands::execute(BytesView command)
{
    if (command.empty())
        return Bytes{};
    if (command[0] == 0xFE)
        return service(command);
    ByteReader in(command);
    code_ = in.u8();
    if (two_bytes(command[0]))
        code_ = static_cast<std::uint16_t>(0xFF00U | in.u8());
    const Rule* rule = find_rule(code_);
    const Reply reply = rule == nullptr ? Reply(tl::unexpected(std::uint8_t{0x37})) : dispatch(*rule, in);
    if (!kkt_.powered())
        return std::nullopt;
    if (!reply) {
        if (reply.error() != 0x08 || code_ != 0xFF3B) // the normal end of a reading is no error
            last_error_ = reply.error();
        return error_answer(command, reply.error());
    }
    Bytes out = error_answer(command, 0);
    out.insert(out.end(), reply->begin(), reply->end());
    return out;
}

EmulatorCommands::Reply EmulatorCommands::dispatch(const Rule& rule, ByteReader& in)
{
    if (rule.who != Who::nobody) {
        const std::uint32_t password = in.u32();
        if (in.overrun())
            return tl::unexpected(std::uint8_t{0x33});
        operator_ = tables_.operator_of(password);
        const bool system = operator_ == 30;
        if (operator_ == 0 || (rule.who == Who::system && !system) ||
            (rule.who == Who::administrator && operator_ < 28))
            return tl::unexpected(std::uint8_t{0x4F});
    }
    if ((rule.modes & bit(mode() & 0x0FU)) == 0) {
        const unsigned low = mode() & 0x0FU;
        if (low == 8 && rule.code != 0xFF3A)
            return tl::unexpected(
                static_cast<std::uint8_t>(rule.code == 0x8D || rule.code == 0x41 ? 0x4A : 0x73));
        if (low == 3 && (rule.code == 0x8D || rule.code == 0xFF46 || (rule.code & 0xFFFCU) == 0x80))
            return tl::unexpected(std::uint8_t{0x4E});
        if (low == 2 && rule.code == 0xE0)
            return tl::unexpected(std::uint8_t{0x3C});
        if (low == 4 && rule.code == 0x41)
            return tl::unexpected(std::uint8_t{0x3D});
        return tl::unexpected(std::uint8_t{0x73});
    }
    if (rule.prints) {
        switch (kkt_.printing()) {
        case Printing::busy:
            return tl::unexpected(std::uint8_t{0x50});
        case Printing::waits_for_continue:
            return tl::unexpected(std::uint8_t{0x58});
        case Printing::no_paper:
        case Printing::broken_off:
            return tl::unexpected(std::uint8_t{0x6B});
        case Printing::idle:
            break;
        }
    }
    return (this->*rule.handler)(in);
}

std::uint8_t EmulatorCommands::mode() const
{
    if (kkt_.reading())
        return 1;
    if (date_to_confirm_)
        return 6;
    if (kkt_.receipt()) {
        // 8.x: 0 sale, 1 purchase, 2 sale return, 3 purchase return; tag 1054 counts otherwise.
        constexpr std::array<std::uint8_t, 5> kStatus = {0, 0, 2, 1, 3};
        return static_cast<std::uint8_t>(8U | static_cast<unsigned>(kStatus[kkt_.receipt()->operation] << 4));
    }
    if (!kkt_.shift().open)
        return 4;
    return kkt_.shift_expired() ? 3 : 2;
}

std::uint8_t EmulatorCommands::sub_mode() const
{
    switch (kkt_.printing()) {
    case Printing::idle:
        return 0;
    case Printing::no_paper:
        return 1;
    case Printing::broken_off:
        return 2;
    case Printing::waits_for_continue:
        return 3;
    case Printing::busy:
        return 5;
    }
    return 0;
}

std::uint8_t EmulatorCommands::refusal_code(const emulator::Refusal& refusal)
{
    switch (refusal.why) {
    case Why::shift_is_open:
        return 0x3C;
    case Why::shift_is_closed:
        return 0x3D;
    case Why::shift_expired:
        return 0x4E;
    case Why::receipt_is_open:
        return 0x4A;
    case Why::receipt_is_closed:
        return 0x55;
    case Why::other_operation:
        return 0x72;
    case Why::other_operator:
        return 0x59;
    case Why::no_paper:
        return 0x6B;
    case Why::still_printing:
        return 0x50;
    case Why::waits_for_continue:
        return 0x58;
    case Why::payments_short:
        return 0x45;
    case Why::cashless_too_big:
        return 0x4D;
    case Why::zero_total:
        return 0x8E;
    case Why::no_cash:
        return 0x46;
    case Why::bad_value:
        return 0x33;
    case Why::too_long:
        return 0x4B;
    case Why::fn_wrong_state:
        return 0x02;
    case Why::fn_expired:
        return 0x05;
    case Why::fn_full:
        return 0x06;
    case Why::ofd_wait_exceeded:
        return 0x15;
    case Why::clock_behind_fn:
        return 0x07;
    case Why::clock_jumped:
        return 0x17;
    case Why::no_data:
        return 0x08;
    case Why::nothing_to_repeat:
        return 0x56;
    case Why::powered_off:
        return 0x75;
    }
    return 0x39;
}

void EmulatorCommands::put_extended(ByteWriter& out, const emulator::Closed& done) const
{
    const std::chrono::local_days day = std::chrono::floor<std::chrono::days>(done.at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{done.at - day};
    out.u8(static_cast<std::uint8_t>(static_cast<int>(date.year()) - 2000))
        .u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.month())))
        .u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.day())))
        .u8(static_cast<std::uint8_t>(time.hours().count()))
        .u8(static_cast<std::uint8_t>(time.minutes().count()));
}

} // namespace kb::shtrih

#include "protocol/shtrih/command_codes.hpp"

#include <algorithm>
#include <array>

namespace kb::shtrih {

namespace {

using namespace std::chrono_literals;

constexpr auto kUsual = 30s;
constexpr auto kMarking = 40s; // the register waits for the state system, up to 30 s of it by our own setting

// Source of the time-outs: docs/sources.md#shtrih, section 1.5. Reports and the shift take longest: the drive
// renews its keys over the network when a shift is opened.
constexpr std::array kCommands = {
    CommandInfo{Command::short_status, "10 short status", Effect::reads, 3s},
    CommandInfo{Command::full_status, "11 full status", Effect::reads, 3s},
    CommandInfo{Command::beep, "13 beep", Effect::changes, kUsual},
    CommandInfo{Command::set_port, "14 set port", Effect::changes, kUsual},
    CommandInfo{Command::read_port, "15 read port", Effect::reads, kUsual},
    CommandInfo{Command::print_string, "17 print string", Effect::changes, kUsual},
    CommandInfo{Command::read_cash_register, "1A read cash register", Effect::reads, kUsual},
    CommandInfo{Command::read_operation_register, "1B read operation register", Effect::reads, kUsual},
    CommandInfo{Command::write_table, "1E write table", Effect::changes, kUsual},
    CommandInfo{Command::read_table, "1F read table", Effect::reads, kUsual},
    CommandInfo{Command::set_time, "21 set time", Effect::changes, kUsual},
    CommandInfo{Command::set_date, "22 set date", Effect::changes, kUsual},
    CommandInfo{Command::confirm_date, "23 confirm date", Effect::changes, kUsual},
    CommandInfo{Command::cut, "25 cut", Effect::changes, kUsual},
    CommandInfo{Command::read_font, "26 font parameters", Effect::reads, 5s},
    CommandInfo{Command::open_drawer, "28 open drawer", Effect::changes, kUsual},
    CommandInfo{Command::feed, "29 feed", Effect::changes, kUsual},
    CommandInfo{Command::table_structure, "2D table structure", Effect::reads, kUsual},
    CommandInfo{Command::field_structure, "2E field structure", Effect::reads, kUsual},
    CommandInfo{Command::print_string_in_font, "2F print string in font", Effect::changes, kUsual},
    CommandInfo{Command::x_report, "40 X report", Effect::changes, 30s},
    CommandInfo{Command::z_report, "41 Z report", Effect::changes, 65s},
    CommandInfo{Command::cash_in, "50 cash in", Effect::changes, kUsual},
    CommandInfo{Command::cash_out, "51 cash out", Effect::changes, kUsual},
    CommandInfo{Command::error_text, "6B error text", Effect::reads, kUsual},
    CommandInfo{Command::cancel_receipt, "88 cancel receipt", Effect::changes, kUsual},
    CommandInfo{Command::subtotal, "89 subtotal", Effect::reads, kUsual},
    CommandInfo{Command::repeat_document, "8C repeat document", Effect::changes, kUsual},
    CommandInfo{Command::open_receipt, "8D open receipt", Effect::changes, kUsual},
    CommandInfo{Command::continue_printing, "B0 continue printing", Effect::changes, kUsual},
    CommandInfo{Command::print_ean13, "C2 print EAN-13", Effect::changes, kUsual},
    CommandInfo{Command::load_block, "DD load block", Effect::changes, kUsual},
    CommandInfo{Command::print_barcode_2d, "DE print 2-D barcode", Effect::changes, kUsual},
    CommandInfo{Command::open_shift, "E0 open shift", Effect::changes, 120s},
    CommandInfo{Command::model_parameters, "F7 model parameters", Effect::reads, kUsual},
    CommandInfo{Command::device_type, "FC device type", Effect::reads, kUsual},
    CommandInfo{Command::service_loader_version, "FE EC loader version", Effect::reads, kUsual},
    CommandInfo{Command::service_ping_ofd, "FE F2 ping OFD", Effect::reads, kUsual},
    CommandInfo{Command::service_reboot, "FE F3 reboot", Effect::changes, kUsual, false},
    CommandInfo{Command::service_totals, "FE F4 non-nullable totals", Effect::reads, kUsual},
    CommandInfo{Command::fn_status, "FF01 FN status", Effect::reads, kUsual},
    CommandInfo{Command::fn_number, "FF02 FN number", Effect::reads, kUsual},
    CommandInfo{Command::fn_expiry, "FF03 FN expiry", Effect::reads, kUsual},
    CommandInfo{Command::fn_version, "FF04 FN version", Effect::reads, kUsual},
    CommandInfo{Command::cancel_fn_document, "FF08 cancel FN document", Effect::changes, kUsual},
    CommandInfo{Command::fiscalisation_result, "FF09 fiscalisation result", Effect::reads, kUsual},
    CommandInfo{Command::find_document, "FF0A find document", Effect::reads, kUsual},
    CommandInfo{Command::open_shift_in_fn, "FF0B open shift in FN", Effect::changes, 120s},
    CommandInfo{Command::send_tlv, "FF0C send TLV", Effect::changes, kUsual},
    CommandInfo{Command::registration_parameter, "FF0E registration parameter", Effect::moves_cursor, kUsual},
    CommandInfo{Command::ofd_data_size, "FF30 OFD data size", Effect::reads, kUsual},
    CommandInfo{Command::read_ofd_block, "FF31 read OFD block", Effect::reads, kUsual},
    CommandInfo{Command::begin_ofd_write, "FF32 begin OFD write", Effect::changes, kUsual},
    CommandInfo{Command::write_ofd_block, "FF33 write OFD block", Effect::changes, kUsual},
    CommandInfo{Command::begin_correction, "FF35 begin correction", Effect::changes, kUsual},
    CommandInfo{Command::begin_state_report, "FF37 begin state report", Effect::changes, kUsual},
    CommandInfo{Command::do_state_report, "FF38 state report", Effect::changes, kUsual},
    CommandInfo{Command::ofd_status, "FF39 OFD status", Effect::reads, kUsual},
    CommandInfo{Command::open_document, "FF3A open document", Effect::moves_cursor, kUsual},
    CommandInfo{Command::read_document_piece, "FF3B read document piece", Effect::moves_cursor, kUsual},
    CommandInfo{Command::ofd_ticket, "FF3C OFD ticket", Effect::reads, kUsual},
    CommandInfo{Command::unsent_count, "FF3F unsent count", Effect::reads, kUsual},
    CommandInfo{Command::shift_parameters, "FF40 shift parameters", Effect::reads, kUsual},
    CommandInfo{Command::begin_open_shift, "FF41 begin opening shift", Effect::changes, kUsual},
    CommandInfo{Command::begin_close_shift, "FF42 begin closing shift", Effect::changes, kUsual},
    CommandInfo{Command::close_shift_in_fn, "FF43 close shift in FN", Effect::changes, 65s},
    CommandInfo{Command::close_receipt, "FF45 close receipt", Effect::changes, kUsual},
    CommandInfo{Command::operation, "FF46 operation", Effect::changes, kUsual},
    CommandInfo{Command::correction, "FF4A correction", Effect::changes, kUsual},
    CommandInfo{Command::receipt_discount, "FF4B receipt discount", Effect::changes, kUsual},
    CommandInfo{Command::send_operation_tlv, "FF4D send operation TLV", Effect::changes, kUsual},
    CommandInfo{Command::write_sd_block, "FF4E write SD block", Effect::changes, kUsual},
    CommandInfo{Command::registration_parameter_alternative, "FF60 registration parameter",
                Effect::moves_cursor, kUsual},
    CommandInfo{Command::check_mark, "FF61 check marking code", Effect::changes, kMarking},
    CommandInfo{Command::fn_free_memory, "FF63 FN free memory", Effect::reads, kUsual},
    CommandInfo{Command::bind_mark, "FF67 bind marking code", Effect::changes, kMarking},
    CommandInfo{Command::accept_mark, "FF69 accept marking code", Effect::changes, kUsual},
};

static_assert(std::is_sorted(kCommands.begin(), kCommands.end(),
                             [](const auto& a, const auto& b) { return a.command < b.command; }));

/// Commands the house does not send itself, but may pass through.
std::chrono::milliseconds timeout_of_other(std::uint16_t code)
{
    switch (code) {
    case 0x16:
        return 60s;
    case 0x61:
    case 0x67:
    case 0xB2:
        return 20s;
    case 0x66:
        return 35s;
    case 0xB4:
    case 0xB5:
    case 0xBA:
        return 40s;
    case 0xB6:
    case 0xB7:
        return 150s;
    case 0xB8:
    case 0xB9:
        return 100s;
    default:
        return kUsual;
    }
}

} // namespace

std::span<const CommandInfo> all_commands() { return kCommands; }

const CommandInfo* find_command(std::uint16_t code)
{
    const auto at = std::lower_bound(kCommands.begin(), kCommands.end(), code,
                                     [](const CommandInfo& info, std::uint16_t wanted) {
                                         return static_cast<int>(info.command) < wanted;
                                     });
    return at != kCommands.end() && static_cast<std::uint16_t>(at->command) == code ? &*at : nullptr;
}

const CommandInfo& info(Command command) { return *find_command(static_cast<std::uint16_t>(command)); }

std::chrono::milliseconds answer_timeout(std::uint16_t code)
{
    const CommandInfo* known = find_command(code);
    return known != nullptr ? known->timeout : timeout_of_other(code);
}

Effect effect_of(std::uint16_t code)
{
    const CommandInfo* known = find_command(code);
    return known != nullptr ? known->effect : Effect::changes;
}

Result<std::uint16_t> request_code(BytesView request)
{
    if (request.empty())
        return fail(Errc::bad_length, "shtrih request: empty");
    const unsigned first = request[0];
    if (first < 0xFE)
        return static_cast<std::uint16_t>(first);
    if (request.size() < 2)
        return fail(Errc::bad_length, "shtrih request: one byte of a two-byte code");
    return static_cast<std::uint16_t>(first << 8U | request[1]);
}

std::size_t request_code_size(std::uint16_t code) { return code > 0xFF ? 2 : 1; }

std::size_t answer_code_size(std::uint16_t code) { return code >= 0xFF00 ? 2 : 1; }

bool answers_to(std::uint16_t code, BytesView answer)
{
    if (code <= 0xFF)
        return answer.size() >= 2 && answer[0] == code;
    if (code < 0xFF00)
        return answer.size() >= 2 && answer[0] == 0xFE;
    if (answer.size() < 2 || answer[0] != 0xFF)
        return false;
    const bool short_refusal = answer.size() == 2 && answer[1] != 0;
    return short_refusal || (answer.size() >= 3 && answer[1] == (code & 0xFF));
}

} // namespace kb::shtrih

// Requests: what a register is asked to do beyond being read. Receipts are in printing_receipt.cpp, reports
// and cash in printing_reports.cpp. Source: docs/sources.md#atol, sections 3.3, 3.4, 4.3, 4.4 and 13.
#include "drivers/atol/printing.hpp"

#include "protocol/atol/text.hpp"
#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/receipt_text.hpp"

#include <algorithm>
#include <array>

namespace kb::atol {
namespace {

using Kind = fiscal::RequestKind;

constexpr std::size_t kFallbackLine = 32; // the narrowest of the models
constexpr std::size_t kLongestLine = 72;  // that one command prints
constexpr std::uint8_t kFallbackFeed = 3;
constexpr std::uint32_t kMostUsers = 30; // whose first passwords are their numbers
// Five bytes of digits: kopecks of a payment, thousandths of a quantity.
constexpr std::int64_t kMostDigits = 9'999'999'999;
constexpr std::int64_t kThousandth = Quantity::kScale / 1000;

// Names go in the register's page and reach the OFD in CP866: what either lacks cannot be sold.
bool can_print(char32_t character)
{
    if (character < 0x80) {
        return character >= ' ';
    }
    std::string utf8;
    if (character < 0x800) {
        utf8 = {static_cast<char>(0xC0U | (character >> 6U)), static_cast<char>(0x80U | (character & 0x3FU))};
    } else if (character < 0x10000) {
        utf8 = {static_cast<char>(0xE0U | (character >> 12U)),
                static_cast<char>(0x80U | ((character >> 6U) & 0x3FU)),
                static_cast<char>(0x80U | (character & 0x3FU))};
    } else {
        return false;
    }
    return to_wire(utf8).has_value() && to_cp866(utf8).has_value();
}

} // namespace

fiscal::RequestLimits AtolDriver::request_limits() const
{
    constexpr std::array<std::uint8_t, 4> kFiveSeven{7, 8, 9, 10};
    constexpr std::array<std::uint8_t, 2> kTwentyTwo{11, 12};
    fiscal::RequestLimits limits;
    limits.ffd = ffd_;
    limits.tax_systems = tax_systems_;
    limits.name_characters = 128;
    limits.line_characters = line_characters_;
    limits.max_sum = Kopecks{kMostDigits};
    limits.quantity_step = kThousandth;
    limits.max_quantity = Quantity::from_millionths(kMostDigits * kThousandth);
    limits.vat_5_7 = vat_.has_any(kFiveSeven);
    limits.vat_22 = vat_.has_any(kTwentyTwo);
    limits.marking_check = false; // FFD 1.2 by these commands: nobody has shown it
    limits.barcodes = {};         // of C1h only the type of a QR code is known
    limits.cut = model_ == nullptr || model_->cutter != Has::no;
    limits.can_print = &can_print;
    return limits;
}

Task<void> AtolDriver::identify_limits()
{
    const auto width = co_await table_value(place::kLineWidth);
    if (!width) {
        co_return pass(width);
    }
    const auto told = read_number(*width, "atol table 2.1.55");
    line_characters_ = told && *told != 0 ? std::min<std::size_t>(*told, kLongestLine)
                       : model_ != nullptr && model_->line_width != 0 ? model_->line_width
                                                                      : kFallbackLine;
    // Whatever the number of rows: the first one that is missing is refused.
    constexpr std::uint16_t kMostRows = 20;
    std::vector<TaxRow> rows;
    for (std::uint16_t number = 1; number <= kMostRows; ++number) {
        TablePlace rate = place::kTaxRate;
        rate.row = number;
        const auto digits = co_await table_value(rate);
        if (!digits) {
            co_return pass(digits);
        }
        if (digits->empty()) {
            break;
        }
        TablePlace name = place::kTaxName;
        name.row = number;
        const auto text = co_await table_value(name);
        if (!text) {
            co_return pass(text);
        }
        if (const auto value = read_number(*digits, "atol table 13"); value && *value <= 0xFFFF) {
            rows.push_back(
                {static_cast<std::uint8_t>(number), static_cast<std::uint16_t>(*value), from_wire(*text)});
        }
    }
    vat_ = VatTable(rows);
    co_return Result<void>{};
}

Task<Performed> AtolDriver::perform(fiscal::Request request)
{
    if (const auto set_right = co_await begin(); !set_right) {
        co_return nothing_made(set_right.error());
    }
    auto done = co_await carry_out(request);
    if (done || done.error().outcome != Outcome::unknown) {
        // What is certain does not depend on it; the next call finds its footing in any mode.
        [[maybe_unused]] const auto back = co_await return_to_mode();
    }
    full_.reset(); // nothing is read out of the drive on the strength of a state before this
    co_return done;
}

Task<Performed> AtolDriver::carry_out(const fiscal::Request& request)
{
    switch (request.kind) {
    case Kind::receipt:
        return print_receipt(request);
    case Kind::shift_open:
        return open_shift(request);
    case Kind::shift_close:
        return close_shift(request);
    case Kind::x_report:
    case Kind::state_report:
        return print_report(request);
    case Kind::cash_in:
    case Kind::cash_out:
        return move_cash(request);
    case Kind::copy:
        return print_copy(request.fd_number);
    case Kind::text:
        return print_lines(request.lines);
    case Kind::cash_drawer:
    case Kind::beep:
    case Kind::cut:
    case Kind::set_time:
    case Kind::known_state:
    case Kind::continue_printing:
        break;
    }
    return do_small(request);
}

Task<Performed> AtolDriver::do_small(const fiscal::Request& request)
{
    Result<void> done;
    if (request.kind == Kind::set_time) {
        if (!request.time) {
            co_return fail(Errc::bad_value, "set time: no time given");
        }
        done = co_await set_clock(*request.time);
    } else if (request.kind == Kind::known_state) {
        done = co_await continue_printing();
        if (done) {
            done = co_await cancel_receipt();
        }
    } else if (request.kind == Kind::continue_printing) {
        done = co_await continue_printing();
    } else if (request.kind == Kind::cash_drawer) {
        const OpenDrawer open;
        done = co_await give(open);
    } else if (request.kind == Kind::beep) {
        const Beep beep;
        done = co_await give(beep);
    } else {
        if (const auto idle = co_await ready(true); !idle) {
            co_return pass(idle);
        }
        done = co_await finish_strip();
    }
    if (!done) {
        co_return pass(done);
    }
    co_return Performed{};
}

// The last lines lie between head and blade: they are pushed out before the cut, or for the hand to tear.
Task<void> AtolDriver::finish_strip()
{
    const bool feeds = model_ != nullptr && model_->feed != 0;
    PrintLine blank;
    blank.text = " ";
    for (std::uint8_t i = feeds ? model_->feed : kFallbackFeed; i > 0; --i) {
        if (const auto fed = co_await give(blank); !fed) {
            co_return fed;
        }
    }
    if (model_ != nullptr && model_->cutter == Has::no) {
        co_return Result<void>{};
    }
    const Cut cut;
    co_return co_await give(cut);
}

Task<Performed> AtolDriver::print_lines(const std::vector<fiscal::PrintItem>& lines)
{
    const auto steps = paper_script(lines, line_characters_, line_.dialect());
    if (!steps) {
        co_return pass(steps);
    }
    const auto full = co_await ready(true);
    if (!full) {
        co_return pass(full);
    }
    bool begun = false;
    bool left_mode = false;
    for (const PaperStep& step : *steps) {
        auto given = co_await give_step(step);
        if (!given && given.error().device_code == kWrongMode && !std::exchange(left_mode, true)) {
            // Lines are printed in any mode; some registers want to leave theirs first.
            found_ = found_.value_or(Found{full->mode, full->cashier});
            if (const auto left = co_await leave_mode(); !left) {
                co_return nothing_made(left.error());
            }
            given = co_await give_step(step);
        }
        if (!given) {
            Error error = given.error();
            // Half of the lines are out: to begin again would print them twice.
            error.outcome = begun ? Outcome::unknown : error.outcome;
            co_return tl::unexpected<Error>(std::move(error));
        }
        begun = true;
    }
    [[maybe_unused]] const auto finished = co_await finish_strip(); // the lines are out, with or without it
    co_return Performed{};
}

Task<Performed> AtolDriver::print_copy(std::uint32_t fd_number)
{
    const auto document = co_await read_document(fd_number);
    if (!document) {
        co_return pass(document);
    }
    if (document->form != fiscal::DocumentForm::full) {
        co_return fail(Errc::no_data,
                       "copy of " + std::to_string(fd_number) + ": the FN keeps only its short record, " +
                           port_name(),
                       Outcome::refused);
    }
    const auto decoded = fiscal::decode(document->raw);
    if (!decoded) {
        co_return pass(decoded);
    }
    std::vector<fiscal::PrintItem> lines;
    fiscal::PrintItem head;
    head.text = "КОПИЯ ДОКУМЕНТА";
    head.align = fiscal::PrintItem::Align::center;
    lines.push_back(std::move(head));
    for (std::string& text : fiscal::receipt_text(*decoded, line_characters_)) {
        fiscal::PrintItem line;
        line.text = std::move(text);
        lines.push_back(std::move(line));
    }
    co_return co_await print_lines(lines);
}

Task<FullStatusReply> AtolDriver::ready(bool wants_paper)
{
    auto full = co_await wait_for_printing(kPaperWait);
    if (!full) {
        co_return nothing_made(full.error());
    }
    const auto status = to_device_status(*full, nullptr, line_.dialect());
    if (!status.may_read_archive) { // idle: neither a receipt nor a mode that waits for a person
        const ReceiptType receipt = open_receipt(*full);
        co_return fail(Errc::wrong_mode,
                       "atol: " +
                           std::string(receipt != ReceiptType::none ? receipt_text_ru(receipt)
                                                                    : mode_text_ru(full->mode)) +
                           ", " + port_name());
    }
    if (wants_paper) {
        if (const auto there = co_await paper_is_there(*full); !there) {
            co_return nothing_made(there.error());
        }
    }
    co_return full;
}

// By the state code: the full status' own bit is read either way by published programs.
Task<void> AtolDriver::paper_is_there(const FullStatusReply& full)
{
    if (full.has(status_flag::kCoverOpen)) {
        co_return fail(Errc::no_paper, "atol: the cover is open, " + port_name());
    }
    const StateCode question;
    const auto state = co_await line_.ask(question);
    if (!state && state.error().outcome != Outcome::refused) {
        co_return pass(state);
    }
    if (state && state->has(state_flag::kNoPaper)) {
        co_return fail(Errc::no_paper, "atol: there is no paper, " + port_name());
    }
    co_return Result<void>{};
}

std::optional<std::uint8_t> AtolDriver::our_operator() const
{
    if (operator_) {
        return operator_;
    }
    const std::uint32_t password = line_.password();
    return password >= 1 && password <= kMostUsers ? std::optional(static_cast<std::uint8_t>(password))
                                                   : std::nullopt;
}

// Entering works from mode 0 only (quirk: what refuses it wants one more "leave").
Task<void> AtolDriver::be_in(Mode mode, FullStatusReply full)
{
    if (!found_) {
        found_ = Found{full.mode, full.cashier};
    }
    const auto wanted = static_cast<std::uint8_t>(mode);
    if (full.mode == wanted && full.cashier == our_operator()) {
        co_return Result<void>{};
    }
    EnterMode enter;
    enter.mode = wanted;
    enter.password = line_.password();
    Result<void> entered;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (full.mode != 0 || attempt != 0) {
            if (const auto left = co_await leave_mode(); !left) {
                co_return nothing_made(left.error());
            }
        }
        entered = co_await give(enter);
        if (entered || entered.error().device_code != kWrongMode) {
            break;
        }
    }
    if (!entered) {
        co_return nothing_made(entered.error());
    }
    if (!operator_) {
        const auto now = co_await read_full();
        if (!now) {
            co_return nothing_made(now.error());
        }
        operator_ = now->cashier;
    }
    co_return Result<void>{};
}

Task<void> AtolDriver::return_to_mode()
{
    if (!found_) {
        co_return Result<void>{};
    }
    const auto full = co_await read_full();
    if (!full || open_receipt(*full) != ReceiptType::none) {
        co_return without_value(full);
    }
    const Found before = *found_;
    if (full->mode != before.mode || full->cashier != before.cashier) {
        if (full->mode != 0) {
            if (const auto left = co_await leave_mode(); !left) {
                co_return left;
            }
        }
        // Somebody else's login cannot be given back: by mode 0 he sees that he has to log in again.
        if (before.mode == static_cast<std::uint8_t>(Mode::registration) &&
            before.cashier == our_operator()) {
            if (const auto entered = co_await enter_mode(before.mode); !entered) {
                co_return entered;
            }
        }
    }
    found_.reset();
    co_return Result<void>{};
}

// Taken with no receipt open, it stands for the next report. Unverified: one program does so.
Task<void> AtolDriver::write_cashier(const fiscal::Request& request)
{
    const auto commands = cashier_script(request, line_.dialect());
    if (!commands) {
        co_return pass(commands);
    }
    for (const WriteRequisite& command : *commands) {
        if (const auto written = co_await give(command); !written) {
            Error error = written.error();
            error.context += "; this register takes no cashier for its reports: leave the cashier out, it "
                             "then names the operator of its table 3";
            co_return nothing_made(std::move(error));
        }
    }
    co_return Result<void>{};
}

} // namespace kb::atol

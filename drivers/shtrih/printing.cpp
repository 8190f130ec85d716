// Requests: what a register is asked to do beyond being read. Receipts are in printing_receipt.cpp.
// Source: docs/sources.md#shtrih, sections 2.3, 2.4, 3.4, 3.5 and 8.
#include "drivers/shtrih/printing.hpp"

#include "protocol/core/cp1251.hpp"
#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/receipt_text.hpp"

#include <array>

namespace kb::shtrih {
namespace {

using std::chrono::milliseconds;
using Kind = fiscal::RequestKind;

constexpr milliseconds kPaperWait{15'000};
constexpr std::size_t kFallbackLine = 36; // the narrowest of the usual models
constexpr std::uint8_t kUsualFont = 1;
// The most that five bytes hold is taken for "count it yourself".
constexpr std::int64_t kMostMoney = 0xFF'FFFF'FFFE;
constexpr std::int64_t kMostQuantity = 0xFFFF'FFFF'FFFF;

// Operation registers (docs/sources.md#shtrih, section 3.3).
constexpr std::uint8_t kCashIns = 153;
constexpr std::uint8_t kCashOuts = 154;
constexpr std::uint8_t kXReports = 158;

// Names go in CP1251 and reach the OFD in CP866: what either lacks cannot be sold.
bool can_print(char32_t character)
{
    if (character < 0x80) {
        return true;
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
    return to_cp1251(utf8).has_value() && to_cp866(utf8).has_value();
}

Performed made(const DocumentMade& document)
{
    Performed done;
    done.fd_number = document.fd_number;
    done.fiscal_sign = document.fiscal_sign;
    return done;
}

} // namespace

fiscal::RequestLimits ShtrihDriver::request_limits() const
{
    fiscal::RequestLimits limits;
    limits.ffd = ffd_;
    limits.tax_systems = tax_systems_;
    limits.line_characters = line_characters_.value_or(kFallbackLine);
    limits.max_sum = Kopecks{kMostMoney};
    limits.max_quantity = Quantity::from_millionths(kMostQuantity);
    limits.max_department = 16;
    limits.cash_moves = identity_.device_class.cash_commands || ffd_ != fiscal::FfdVersion::v1_2;
    limits.cut = identity_.device_class.cutter;
    limits.electronic_only = identity_.device_class.no_paper.table != 0;
    limits.barcodes = "EAN13"; // C2h; the layout of CBh is not published
    limits.marking_check = ffd_ == fiscal::FfdVersion::v1_2;
    limits.can_print = &can_print;
    return limits;
}

Task<Performed> ShtrihDriver::perform(fiscal::Request request)
{
    mark_checks_.clear();
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    if (marks_left_) {
        if (const auto cleared = co_await clear_marks(); !cleared) {
            co_return tl::unexpected<Error>(no_document(cleared.error()));
        }
    }
    auto done = co_await carry_out(request);
    mode_.reset();
    co_return done;
}

Task<Performed> ShtrihDriver::carry_out(const fiscal::Request& request)
{
    switch (request.kind) {
    case Kind::receipt:
        if (request.receipt->correction && ffd_ != fiscal::FfdVersion::v1_2) {
            return print_correction(request);
        }
        return print_receipt(request);
    case Kind::shift_open:
    case Kind::shift_close:
    case Kind::x_report:
    case Kind::state_report:
        return make_report(request);
    case Kind::cash_in:
    case Kind::cash_out:
        return move_cash(request);
    case Kind::copy:
        return print_copy(request.fd_number);
    case Kind::text:
        return print_lines(request.lines);
    case Kind::known_state:
        return to_known_state();
    case Kind::cash_drawer:
    case Kind::beep:
    case Kind::cut:
    case Kind::set_time:
    case Kind::continue_printing:
        break;
    }
    return do_small(request);
}

Task<Performed> ShtrihDriver::do_small(const fiscal::Request& request)
{
    Result<void> done;
    if (request.kind == Kind::set_time) {
        if (!request.time) {
            co_return fail(Errc::bad_value, "set time: no time given");
        }
        done = co_await set_clock(*request.time);
    } else if (request.kind == Kind::continue_printing) {
        done = co_await continue_printing();
    } else if (request.kind == Kind::cash_drawer) {
        const OpenDrawer open;
        done = without_value(co_await ask_when_free(open));
    } else if (request.kind == Kind::cut) {
        const Cut cut;
        done = without_value(co_await ask_when_free(cut));
    } else {
        const Beep beep;
        done = without_value(co_await ask_when_free(beep));
    }
    if (!done) {
        co_return pass(done);
    }
    co_return Performed{};
}

Task<ShortStatusReply> ShtrihDriver::may_print(bool wants_paper)
{
    const auto mode = co_await wait_for_printing(kPaperWait);
    if (!mode) {
        co_return mode;
    }
    const auto status = to_device_status(mode->mode, mode->submode, mode->flags, has_cover_sensor_);
    const std::string now = std::string(mode_text_ru(mode->mode)) + ", " +
                            std::string(submode_text_ru(mode->submode)) + ", " + port_name();
    const Mode seen = mode_of(mode->mode);
    if (seen != Mode::shift_open && seen != Mode::shift_over_24h && seen != Mode::shift_closed) {
        co_return fail(Errc::wrong_mode, "print: " + now);
    }
    if (status.waits_for_continue) {
        co_return fail(Errc::waits_for_continue, "print: " + now);
    }
    if (wants_paper && status.paper == fiscal::Paper::absent) {
        co_return fail(Errc::no_paper, "print: " + now);
    }
    co_return mode;
}

Task<bool> ShtrihDriver::printed()
{
    const auto mode = co_await wait_for_printing(kPaperWait);
    if (!mode) {
        co_return pass(mode);
    }
    const auto submode = static_cast<Submode>(mode->submode);
    co_return submode != Submode::paper_out_printing&& submode != Submode::waits_for_continue;
}

Task<ScriptFacts> ShtrihDriver::script_facts()
{
    if (!line_characters_) {
        ReadFont question;
        question.font = kUsualFont;
        const auto font = co_await line_.ask(question);
        if (font && font->char_width != 0) {
            line_characters_ = font->print_width / font->char_width;
        } else if (!font && font.error().outcome != Outcome::refused) {
            co_return pass(font);
        } else {
            line_characters_ = kFallbackLine;
        }
    }
    ScriptFacts facts;
    facts.item_tlv = identity_.device_class.item_tlv;
    facts.nano_vat_codes = identity_.device_class.nano_vat_codes;
    facts.tax_systems = tax_systems_;
    facts.line_characters = *line_characters_;
    co_return facts;
}

Task<Performed> ShtrihDriver::make_report(const fiscal::Request& request)
{
    const bool on_paper_only = request.kind == Kind::x_report;
    const auto mode = co_await may_print(true);
    if (!mode) {
        co_return pass(mode);
    }
    // What cannot work is refused here: a closed shift cannot be closed, an open one not opened.
    const bool closed = mode_of(mode->mode) == Mode::shift_closed;
    if ((request.kind == Kind::shift_open && !closed) || (request.kind == Kind::shift_close && closed)) {
        co_return fail(Errc::wrong_mode,
                       "shift: " + std::string(mode_text_ru(mode->mode)) + ", " + port_name(),
                       Outcome::refused);
    }
    if (on_paper_only) {
        const XReport x;
        if (const auto report = co_await line_.ask(x); !report) {
            co_return pass(report);
        }
        const Performed done;
        co_return co_await with_paper(done);
    }
    const auto tags = cashier_script(request);
    if (!tags) {
        co_return pass(tags);
    }
    Result<void> begun;
    if (request.kind == Kind::shift_open) {
        const BeginOpenShift begin_open;
        begun = without_value(co_await ask_when_free(begin_open));
    } else if (request.kind == Kind::shift_close) {
        const BeginCloseShift begin_close;
        begun = without_value(co_await ask_when_free(begin_close));
    } else {
        const BeginStateReport begin_report;
        begun = without_value(co_await ask_when_free(begin_report));
    }
    if (!begun) {
        co_return co_await drop_begun(begun.error());
    }
    for (const SendTlv& tag : *tags) {
        if (const auto sent = co_await line_.ask(tag); !sent) {
            co_return co_await drop_begun(sent.error());
        }
    }
    Result<Performed> done;
    if (request.kind == Kind::state_report) {
        const DoStateReport report;
        const auto reply = co_await line_.ask(report);
        if (reply) {
            done->fd_number = reply->fd_number;
            done->fiscal_sign = reply->fiscal_sign;
        } else {
            done = pass(reply);
        }
    } else if (request.kind == Kind::shift_open) {
        const OpenShift open;
        done = of_shift(co_await line_.ask(open));
    } else {
        const ZReport close;
        done = of_shift(co_await line_.ask(close));
    }
    if (!done) {
        if (done.error().outcome == Outcome::unknown) {
            co_return done;
        }
        co_return co_await drop_begun(done.error(), true);
    }
    co_return co_await with_paper(*std::move(done));
}

Result<Performed> ShtrihDriver::of_shift(const Result<ShiftReply>& reply)
{
    if (!reply) {
        return pass(reply);
    }
    return reply->document ? made(*reply->document) : Performed{};
}

Task<Performed> ShtrihDriver::with_paper(Performed done)
{
    const auto out = co_await printed();
    // It is done, whatever becomes of the paper; when the line fails here, the next question will tell.
    done.printed = !out || *out;
    co_return done;
}

Task<Performed> ShtrihDriver::drop_begun(Error error, bool final_sent)
{
    const CancelFnDocument drop;
    const auto dropped = co_await line_.ask(drop);
    const bool nothing_there = !dropped && dropped.error().outcome == Outcome::refused;
    const bool certain = dropped || (nothing_there && !final_sent);
    if (!certain) {
        error.outcome = Outcome::unknown;
    } else if (error.outcome == Outcome::unknown) {
        error.outcome = Outcome::not_done;
    }
    co_return tl::unexpected<Error>(std::move(error));
}

Task<Performed> ShtrihDriver::move_cash(const fiscal::Request& request)
{
    if (const auto mode = co_await may_print(true); !mode) {
        co_return pass(mode);
    }
    Result<CashMovementReply> reply;
    if (request.kind == Kind::cash_in) {
        CashIn in;
        in.amount = request.sum;
        reply = co_await line_.ask(in);
    } else {
        CashOut out;
        out.amount = request.sum;
        reply = co_await line_.ask(out);
    }
    if (!reply) {
        co_return pass(reply);
    }
    const Performed done;
    co_return co_await with_paper(done);
}

Task<Performed> ShtrihDriver::print_copy(std::uint32_t fd_number)
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
    const auto facts = co_await script_facts();
    if (!facts) {
        co_return pass(facts);
    }
    std::vector<fiscal::PrintItem> lines;
    fiscal::PrintItem head;
    head.text = "КОПИЯ ДОКУМЕНТА";
    head.align = fiscal::PrintItem::Align::center;
    lines.push_back(head);
    const bool has_qr = decoded->head.operation && decoded->head.total;
    for (std::string& text : fiscal::receipt_text(*decoded, facts->line_characters)) {
        fiscal::PrintItem line;
        const bool qr_begins = has_qr && text.starts_with("t=");
        if (qr_begins) {
            break;
        }
        line.text = std::move(text);
        lines.push_back(std::move(line));
    }
    if (const auto qr = fiscal::receipt_qr_of(decoded->head); has_qr && qr) {
        fiscal::PrintItem code;
        code.kind = fiscal::PrintItem::Kind::qr;
        code.text = fiscal::receipt_qr_text(*qr);
        code.align = fiscal::PrintItem::Align::center;
        lines.push_back(std::move(code));
    }
    co_return co_await print_lines(std::move(lines));
}

Task<Performed> ShtrihDriver::print_lines(std::vector<fiscal::PrintItem> lines)
{
    const auto facts = co_await script_facts();
    if (!facts) {
        co_return pass(facts);
    }
    const auto steps = paper_script(lines, *facts);
    if (!steps) {
        co_return pass(steps);
    }
    if (const auto mode = co_await may_print(true); !mode) {
        co_return pass(mode);
    }
    bool begun = false;
    for (const PaperStep& step : *steps) {
        auto task = std::visit([this](const auto& command) { return give(command); }, step);
        auto given = co_await std::move(task);
        if (!given) {
            Error error = given.error();
            // Half of the lines are out: to begin again would print them twice.
            error.outcome = begun ? Outcome::unknown : error.outcome;
            co_return tl::unexpected<Error>(std::move(error));
        }
        begun = true;
    }
    if (identity_.device_class.cutter) {
        const Cut cut;
        [[maybe_unused]] const auto done =
            co_await ask_when_free(cut); // without it the strip is torn by hand
    }
    const Performed done;
    co_return co_await with_paper(done);
}

Task<Performed> ShtrihDriver::to_known_state()
{
    if (const auto gone_on = co_await continue_printing(); !gone_on) {
        co_return pass(gone_on);
    }
    if (const auto cancelled = co_await cancel_receipt(); !cancelled) {
        co_return pass(cancelled);
    }
    const CancelFnDocument drop;
    const auto dropped = co_await line_.ask(drop);
    if (!dropped && dropped.error().outcome != Outcome::refused) {
        co_return pass(dropped);
    }
    co_return Performed{};
}

Task<void> ShtrihDriver::continue_printing()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return ready;
    }
    const auto mode = co_await wait_for_printing(kPaperWait);
    if (!mode) {
        co_return pass(mode);
    }
    if (static_cast<Submode>(mode->submode) != Submode::waits_for_continue) {
        co_return Result<void>{};
    }
    const ContinuePrinting go_on;
    auto done = without_value(co_await line_.ask(go_on));
    mode_.reset();
    co_return done;
}

Task<WorkCounters> ShtrihDriver::work_counters()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    WorkCounters counters;
    struct Wanted {
        std::uint8_t number;
        std::optional<std::uint32_t>& into;
    };
    const std::array<Wanted, 3> all{
        {{kCashIns, counters.cash_ins}, {kCashOuts, counters.cash_outs}, {kXReports, counters.x_reports}}};
    for (const Wanted& wanted : all) {
        ReadOperationRegister question;
        question.number = wanted.number;
        const auto reply = co_await line_.ask(question);
        if (reply) {
            wanted.into = reply->value;
        } else if (reply.error().outcome != Outcome::refused) {
            co_return pass(reply);
        }
    }
    const auto cash = co_await cash_in_drawer();
    if (cash) {
        counters.cash_in_drawer = *cash;
    } else if (cash.error().outcome != Outcome::refused) {
        co_return pass(cash);
    }
    co_return counters;
}

} // namespace kb::shtrih

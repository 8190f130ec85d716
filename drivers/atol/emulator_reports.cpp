// Shifts, reports, and documents whose paper ran out. Source: docs/sources.md#atol, sections 4.5, 7.5 and 14.
#include "drivers/atol/emulator_commands.hpp"

#include <algorithm>
#include <array>

namespace kb::emulator::atol {

namespace {

constexpr unsigned kTest = 1;
constexpr std::uint8_t kSettlement = 9;
constexpr std::array<std::uint8_t, 11> kReports = {1, 2, 3, 5, 7, 8, kSettlement, 0x10, 0x13, 0x14, 0x15};
// That the document in the printer is a Z report; kept, since an interrupted one outlives the power.
constexpr const char* kZInPrinter = "atol-z";
constexpr std::uint8_t kShiftClose = 5;

} // namespace

// flags | text, which is only printed
Commands::Done Commands::open_shift(In& in)
{
    const unsigned flags = in.u8();
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    if (kkt_.shift().open)
        return error(0x9C);
    if ((flags & kTest) != 0)
        return done();
    return done_or(kkt_.open_shift(cashier(), take_next_document_tags()));
}

// type; 9 makes a document of the FN
Commands::Done Commands::x_report(In& in)
{
    const std::uint8_t type = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (std::find(kReports.begin(), kReports.end(), type) == kReports.end())
        return error(0xA3);
    next_document_.clear();
    if (type == kSettlement) {
        kkt_.stop_reading();
        if (const auto made = kkt_.make_state_report(); !made)
            return error(code_of(made.error()));
    } else if (const auto printed = kkt_.x_report(); !printed) {
        return error(code_of(printed.error()));
    }
    report_ = Report::x;
    return done();
}

// The answer comes at once; the host watches mode 3.2, 7.1, 3.0. After an interruption it prints what is
// missing.
Commands::Done Commands::z_report(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (z_interrupted()) {
        if (const auto printed = kkt_.continue_printing(); !printed)
            return error(code_of(printed.error()));
    } else {
        kkt_.stop_reading();
        kkt_.set_setting(kZInPrinter, "1"); // before the document: the power may go inside it
        if (const auto closed = kkt_.close_shift(cashier(), take_next_document_tags()); !closed) {
            if (kkt_.powered())
                kkt_.drop_setting(kZInPrinter);
            return error(code_of(closed.error()));
        }
    }
    report_ = Report::z;
    report_until_ = kkt_.printing_until() + options_.clearing;
    return done();
}

bool Commands::z_interrupted() const
{
    const Printing printing = kkt_.printing();
    if (printing != Printing::broken_off && printing != Printing::waits_for_continue)
        return false;
    const auto* last = kkt_.fn().find(kkt_.fn().last_fd());
    return kkt_.settings().contains(kZInPrinter) && last != nullptr && last->type == kShiftClose;
}

// A document whose paper ran out is printed to its end before anything else is; but an interrupted Z report
// wants its 5Ah.
void Commands::go_on_printing()
{
    if (z_interrupted())
        return;
    if (kkt_.settings().contains(kZInPrinter))
        kkt_.drop_setting(kZInPrinter);
    if (kkt_.printing() == Printing::waits_for_continue)
        static_cast<void>(kkt_.continue_printing());
}

Commands::Done Commands::finish_report(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (kkt_.printing() != Printing::waits_for_continue)
        return error(0xAA);
    return done_or(kkt_.continue_printing());
}

Commands::Done Commands::repeat_document(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    return done_or(kkt_.print_copy());
}

// There is no buffer of deferred reports to clear.
Commands::Done Commands::no_reports(In& in)
{
    const std::uint8_t wrong = in.error();
    return error(wrong != 0 ? wrong : 0xAA);
}

} // namespace kb::emulator::atol

// POST /library: what a program of the maker's own (a driver library, a technician's tool) asks a register
// and gets told, as JSON and free of any wire. A test's stand-in for such a library speaks this; so the same
// register can be reached by its wire and by its "library".
//
//   {"op":"open"}                               {"link":1}
//   {"op":"state","link":1}                     who it is and what it does
//   {"op":"record","link":1,"fd_number":7}      the archive's record of a document
//   {"op":"read_begin","link":1,"fd_number":7}  {"type":3,"size":312}
//   {"op":"read_next","link":1}                 {"tag":1041,"value":"39..."}, after the last {"end":true}
//   {"op":"read_end","link":1}                  {"done":true}
//   {"op":"set_clock","link":1,"time":"2026-03-25T14:05:00"}
//
// what it finds of marking codes: control_library_marking.cpp, and what it is made to do:
// control_library_work.cpp. A refusal is {"refused":WORD,"reason":TEXT}:
// no_connection, link_lost, busy, no_data, interrupted, shift_open. "wait_ms" in an answer: the register took
// so long.
#include "drivers/emulator/control_library.hpp"

#include "drivers/emulator/control.hpp"
#include "drivers/emulator/control_json.hpp"
#include "drivers/emulator/tlv_out.hpp"

namespace kb::emulator {

namespace {

using nlohmann::json;

// After a hang-up a port is away for a moment, as on a real line.
constexpr std::chrono::milliseconds kAway{500};

json identity_json(const Identity& who)
{
    return {{"kkt_serial", who.kkt_serial},   {"inn", who.inn},
            {"reg_number", who.reg_number},   {"user", who.user},
            {"address", who.address},         {"place", who.place},
            {"ofd_inn", who.ofd_inn},         {"ofd_name", who.ofd_name},
            {"ofd_host", who.ofd_host},       {"ofd_port", who.ofd_port},
            {"tax_systems", who.tax_systems}, {"ffd", who.ffd},
            {"firmware", who.kkt_version}};
}

json ofd_json(const VirtualFn& fn)
{
    const FnDocument* first = fn.find(fn.tickets_through() + 1);
    json out = {{"unsent", fn.unsent()}};
    if (first != nullptr) {
        out["first_fd"] = fn.tickets_through() + 1;
        out["first_at"] = to_text(first->datetime());
    }
    return out;
}

} // namespace

void Control::link_lost() { ++link_; }

void Control::hang_up()
{
    link_lost();
    away_until_ = kkt_.steady() + kAway;
    if (on_hang_up)
        on_hang_up();
}

json Control::library_state() const
{
    const auto& fn = kkt_.fn();
    const auto& shift = kkt_.shift();
    const FnDocument* last = fn.find(fn.last_fd());
    json out = {{"identity", identity_json(kkt_.identity())},
                {"clock", to_text(kkt_.now())},
                {"cash", kkt_.cash()},
                {"cash_ins", shift.registers.cash_in_count},
                {"cash_outs", shift.registers.cash_out_count},
                {"half_printed",
                 kkt_.printing() == Printing::broken_off || kkt_.printing() == Printing::waits_for_continue},
                {"paper", kkt_.paper_present()},
                {"cover_open", kkt_.cover_open()},
                {"shift", !shift.open            ? "closed"
                          : kkt_.shift_expired() ? "expired"
                                                 : "open"},
                {"shift_number", shift.number},
                {"receipt_number", shift.receipts},
                {"receipt_operation", kkt_.receipt() ? kkt_.receipt()->operation : 0},
                {"fn",
                 {{"serial", fn.serial},
                  {"phase", fn.phase},
                  {"warnings", fn.warnings(kkt_.now())},
                  {"expires", to_text(fn.expires)},
                  {"registrations_left", 30 - fn.registrations},
                  {"last_fd", fn.last_fd()}}},
                {"ofd", ofd_json(fn)}};
    if (last != nullptr) {
        out["fn"]["last_at"] = to_text(last->datetime());
        out["fn"]["last_sign"] = last->sign;
    }
    return out;
}

json Control::library_record(std::uint32_t fd_number) const
{
    const FnDocument* record = kkt_.fn().find(fd_number);
    if (record == nullptr)
        return refused("no_data", "the FN has no such document");
    return {{"fd_number", fd_number},
            {"type", record->type},
            {"operation", record->operation},
            {"sum", record->sum},
            {"number", record->number},
            {"at", to_text(record->datetime())},
            {"sign", record->sign},
            {"ticket", record->ticket_at != 0},
            {"identity", identity_json(kkt_.identity())}};
}

json Control::library_read(const std::string& op, const json& in)
{
    if (op == "read_end") {
        kkt_.stop_reading();
        return {{"done", true}}; // an empty answer means nobody is there
    }
    if (op == "read_begin") {
        const auto fd_number = static_cast<std::uint32_t>(number_of(in, "fd_number", 0, 0xFFFFFFFF));
        if (kkt_.receipt())
            return refused("busy", "a receipt is open");
        if (const auto begun = kkt_.begin_reading(fd_number); !begun)
            return refused("no_data", begun.error().reason);
        return {{"type", kkt_.fn().find(fd_number)->type}, {"size", kkt_.body(fd_number).size()}};
    }
    const auto piece = kkt_.read_piece(0, true);
    if (!piece && piece.error().why == Why::no_data)
        return {{"end", true}};
    if (!piece)
        return refused("interrupted", piece.error().reason);
    ByteReader tlv(*piece);
    const std::uint16_t tag = tlv.u16();
    static_cast<void>(tlv.u16());
    return {{"tag", tag}, {"value", to_hex(tlv.rest())}};
}

json Control::library_op(const std::string& op, const json& in)
{
    if (op == "state")
        return library_state();
    if (op == "record")
        return library_record(static_cast<std::uint32_t>(number_of(in, "fd_number", 0, 0xFFFFFFFF)));
    if (op == "set_clock") {
        const auto time = local_from_text(text_of(in, "time", ""));
        if (!time)
            throw BadRequest{400, "not a time", "time", "write it as 2026-03-25T14:05:00"};
        if (kkt_.shift().open)
            return refused("shift_open", "the shift is open");
        kkt_.set_drift(kkt_.drift() + (*time - kkt_.now()).count());
        return {{"done", true}}; // an empty answer means nobody is there
    }
    if (auto done = library_work(op, in))
        return *std::move(done);
    if (auto done = library_marking(op, in))
        return *std::move(done);
    return library_read(op, in);
}

// As if the register had been switched off and on: what it was at is lost, its receipt is not.
void Control::reboot()
{
    kkt_.power_off();
    kkt_.power_on();
    hang_up();
}

json Control::library(const json& in)
{
    only_fields(in,
                {"op",      "link",  "fd_number", "time",     "operation",      "correction", "printed",
                 "tags",    "item",  "sum",       "vat_sum",  "payments",       "rounding",   "tax_system",
                 "cashier", "lines", "mark",      "code_hex", "planned_status", "ask_system"});
    const std::string op =
        word_of(in, "op", {"open",          "state",          "record",       "read_begin",   "read_next",
                           "read_end",      "set_clock",      "open_receipt", "receipt_tags", "position",
                           "close_receipt", "cancel_receipt", "open_shift",   "close_shift",  "state_report",
                           "x_report",      "continue_print", "cash_in",      "cash_out",     "device",
                           "print",         "copy",           "mark_begin",   "mark_status",  "mark_accept",
                           "mark_decline",  "mark_cancel",    "mark_clear"});
    const bool there = kkt_.powered() && cable_in_ && kkt_.steady() >= away_until_;
    if (op == "open") {
        kkt_.stop_reading();
        return there ? json{{"link", link_}} : refused("no_connection", "nobody answers");
    }
    if (!there || number_of(in, "link", 0, INT64_MAX) != link_)
        return refused("link_lost", "the connection is lost");
    if (faults_.at_command(FaultKind::hang_up, op)) {
        hang_up();
        return refused("link_lost", "the connection is lost");
    }
    if (faults_.at_command(FaultKind::busy, op))
        return refused("busy", "the register is busy");
    if (const auto silence = faults_.at_command(FaultKind::silence, op)) {
        json out = refused("no_connection", "no answer");
        out["wait_ms"] = silence->duration.count();
        return out;
    }
    if (faults_.at_command(FaultKind::reboot_before, op)) {
        reboot();
        return refused("link_lost", "the register restarts");
    }
    json out = library_op(op, in);
    if (!kkt_.powered())
        return refused("link_lost", "the power went");
    if (faults_.at_command(FaultKind::reboot_after, op)) {
        reboot();
        return refused("link_lost", "the register restarts");
    }
    if (faults_.at_command(FaultKind::lose_answer, op))
        out = refused("no_connection", "the answer was lost");
    if (const auto late = faults_.at_command(FaultKind::delay_answer, op))
        out["wait_ms"] = late->duration.count();
    return out;
}

} // namespace kb::emulator

// POST /library, marking codes of FFD 1.2: one code at a time is begun, asked for and accepted into the FN's
// table, or not.
//
//   {"op":"mark_begin","code_hex":"3031…","planned_status":1,"ask_system":true} {"checked":true,"right":true}
//   {"op":"mark_status"}    {"ready":false}, or {"ready":true,"asked":true,"result":15,"status_answer":1 …}
//   {"op":"mark_accept"}    {"result":15}
//   {"op":"mark_decline"} {"op":"mark_cancel"} {"op":"mark_clear"}                {"done":true}
//
// What is said of a code is set by POST /marking. A state system that is silent leaves a check unready for
// ever: who has begun it has to give up.
#include "drivers/emulator/control.hpp"
#include "drivers/emulator/control_json.hpp"
#include "drivers/emulator/control_library.hpp"
#include "drivers/emulator/tlv_out.hpp"

#include <map>

namespace kb::emulator {

namespace {

using nlohmann::json;
using System = MarkAnswer::System;

constexpr std::uint8_t kFfd12 = 4;
constexpr std::size_t kLongestCode = 256;
constexpr unsigned kSystemAnswered = 0x04; // of 2106

json all_done() { return {{"done", true}}; }

std::string code_in(const json& in)
{
    const auto bytes = from_hex(text_of(in, "code_hex", ""));
    if (!bytes)
        throw BadRequest{400, "not bytes", "code_hex", "write pairs of hex digits"};
    return {bytes->begin(), bytes->end()};
}

json nothing_checked() { return refused("mark_nothing_checked", "no marking code is being checked"); }

json mark_begin(VirtualKkt& kkt, const json& in)
{
    if (kkt.identity().ffd != kFfd12)
        return refused("mark_other_ffd", "the register is not registered for FFD 1.2");
    MarkingDesk& desk = kkt.marking();
    if (desk.pending())
        return refused("mark_check_runs", "a marking code is being checked");
    CheckedMark mark;
    mark.code = code_in(in);
    mark.planned_status = static_cast<std::uint8_t>(number_of(in, "planned_status", 0, 255));
    const unsigned planned = mark.planned_status;
    if (planned == 0 || (planned > 4 && planned != 255))
        return refused("mark_bad_status", "no such planned status");
    if (mark.code.empty() || mark.code.size() > kLongestCode)
        return refused("mark_bad_code", "this is no marking code");
    MarkAnswer said = desk.answer(mark.code);
    if (!flag_of(in, "ask_system", true))
        said.system = System::silent;
    else
        mark.unanswered = said.system == System::silent;
    mark.result = said.result();
    desk.check(std::move(mark));
    return {{"checked", said.fn != MarkAnswer::Fn::no_key}, {"right", said.fn == MarkAnswer::Fn::right}};
}

json mark_status(VirtualKkt& kkt, const json&)
{
    const auto& pending = kkt.marking().pending();
    if (!pending)
        return nothing_checked();
    if (pending->unanswered)
        return {{"ready", false}};
    const bool asked = (pending->result & kSystemAnswered) != 0;
    json out = {{"ready", true}, {"asked", asked}, {"result", pending->result}};
    if (asked) {
        const System said = kkt.marking().answer(pending->code).system;
        out["request_result"] = said == System::no_code ? 2 : 0;
        if (said != System::no_code)
            out["status_answer"] = said == System::right ? 1 : said == System::suspended ? 3 : 2;
    }
    return out;
}

json mark_accept(VirtualKkt& kkt, const json&)
{
    MarkingDesk& desk = kkt.marking();
    if (!desk.pending())
        return nothing_checked();
    if (desk.pending()->unanswered)
        return refused("mark_check_goes_on", "the state system has not answered");
    if (desk.kept().size() >= MarkingDesk::kMostKept)
        return refused("mark_table_full", "the FN's table of codes is full");
    const unsigned result = desk.pending()->result;
    desk.accept();
    return {{"result", result}};
}

json mark_decline(VirtualKkt& kkt, const json&)
{
    if (!kkt.marking().pending())
        return nothing_checked();
    kkt.marking().reject();
    return all_done();
}

json mark_cancel(VirtualKkt& kkt, const json&)
{
    kkt.marking().reject();
    return all_done();
}

json mark_clear(VirtualKkt& kkt, const json&)
{
    if (kkt.receipt())
        return refused("receipt_is_open", "a receipt is open");
    if (kkt.marking().pending())
        return refused("mark_check_goes_on", "a marking code is being checked");
    kkt.marking().clear();
    return all_done();
}

} // namespace

std::optional<json> fault_of_mark(const MarkingDesk& desk, const json& in)
{
    if (!in.contains("mark"))
        return std::nullopt;
    const json& mark = in["mark"];
    if (!mark.is_object())
        throw BadRequest{400, "not an object", "mark", R"(write {"code_hex":"3031","result":15})"};
    only_fields(mark, {"code_hex", "result"});
    const CheckedMark* checked = desk.find(code_in(mark));
    if (checked == nullptr)
        return refused("mark_not_in_table", "this marking code was not checked");
    if (number_of(mark, "result", 0, 255) != checked->result)
        return refused("bad_value", "the check of this code came to another result");
    return std::nullopt;
}

std::optional<json> Control::library_marking(const std::string& op, const json& in)
{
    using Work = json (*)(VirtualKkt&, const json&);
    static const std::map<std::string, Work> kWorks = {
        {"mark_begin", &mark_begin},     {"mark_status", &mark_status}, {"mark_accept", &mark_accept},
        {"mark_decline", &mark_decline}, {"mark_cancel", &mark_cancel}, {"mark_clear", &mark_clear}};
    const auto found = kWorks.find(op);
    return found == kWorks.end() ? std::nullopt : std::optional<json>(found->second(kkt_, in));
}

} // namespace kb::emulator

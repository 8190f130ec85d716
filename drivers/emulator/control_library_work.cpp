// POST /library, the half that works: what a maker's library has its register do, command by command, so that
// a fault can strike at each of them by its name.
//
//   {"op":"open_receipt","operation":1,"correction":false,"printed":true}
//   {"op":"receipt_tags","tags":[{"tag":1008,"text":"a@b.ru"}]}
//   {"op":"position","item":{"name":"Чай","price":9900,"quantity":"1.5","vat":1},"vat_sum":0,"tags":[…]}
//                       of a position with a mark that was checked: "mark":{"code_hex":"3031…","result":15}
//   {"op":"close_receipt","payments":{"cash":10000},"rounding":0,"tax_system":1,"cashier":"Иванова"}
//   {"op":"cancel_receipt"}
//   {"op":"open_shift","cashier":"Иванова","tags":[…]}   the same: close_shift
//   {"op":"state_report"} {"op":"x_report"} {"op":"continue_print"} {"op":"device"}
//   {"op":"cash_in","sum":10000}                         the same: cash_out
//   {"op":"print","lines":["…"]} {"op":"copy","fd_number":7}
//
// Each is answered {"done":true} or refused with the name of its reason: no_paper, shift_is_closed, fn_full …
#include "drivers/emulator/control.hpp"
#include "drivers/emulator/control_json.hpp"
#include "drivers/emulator/control_library.hpp"
#include "drivers/emulator/paper.hpp"
#include "drivers/emulator/tlv_out.hpp"

#include <map>

namespace kb::emulator {

namespace {

using nlohmann::json;

constexpr std::int64_t kMostMoney = 0xFF'FFFF'FFFF;
constexpr std::uint8_t kOwner = 30; // the host's operator

template <class T>
json answer_of(const Answer<T>& done)
{
    if (!done)
        return refused(word_of(done.error().why), done.error().reason);
    return {{"done", true}};
}

json all_done() { return {{"done", true}}; }

Bytes tags_in(const json& in) { return in.contains("tags") ? tlvs_of(in["tags"], "tags") : Bytes{}; }

std::uint64_t sum_in(const json& in, const std::string& field, std::int64_t otherwise)
{
    return static_cast<std::uint64_t>(number_of(in, field, 0, kMostMoney, otherwise));
}

void put_tag(TlvOut& out, const json& in, const std::string& where)
{
    if (!in.is_object())
        throw BadRequest{400, "not an object", where, R"(write {"tag":1008,"text":"a@b.ru"})"};
    only_fields(in, {"tag", "text", "width", "byte", "sum", "time", "hex", "inside"});
    const auto tag = static_cast<std::uint16_t>(number_of(in, "tag", 1, 0xFFFF));
    if (in.contains("text") && in.contains("width")) {
        out.padded(tag, text_of(in, "text", ""), static_cast<std::size_t>(number_of(in, "width", 1, 256)));
    } else if (in.contains("text")) {
        out.text(tag, text_of(in, "text", ""));
    } else if (in.contains("byte")) {
        out.byte(tag, static_cast<unsigned>(number_of(in, "byte", 0, 255)));
    } else if (in.contains("sum")) {
        out.vln(tag, sum_in(in, "sum", 0));
    } else if (in.contains("time")) {
        const auto time = local_from_text(text_of(in, "time", ""));
        if (!time)
            throw BadRequest{400, "not a time", where + ".time", "write it as 2026-03-25T14:05:00"};
        out.time(tag, *time);
    } else if (in.contains("hex")) {
        const auto bytes = from_hex(text_of(in, "hex", ""));
        if (!bytes)
            throw BadRequest{400, "not bytes", where + ".hex", "write pairs of hex digits"};
        out.raw(tag, *bytes);
    } else if (in.contains("inside")) {
        TlvOut inner;
        inner.append(tlvs_of(in["inside"], where + ".inside"));
        out.structure(tag, inner);
    } else {
        throw BadRequest{400, "no value", where, "give text, byte, sum, time, hex or inside"};
    }
}

json open_receipt(VirtualKkt& kkt, const json& in)
{
    if (kkt.marking().pending())
        return refused("mark_check_goes_on", "a marking code is being checked");
    const auto operation = static_cast<Operation>(number_of(in, "operation", 1, 4));
    return answer_of(
        kkt.open_receipt(operation, flag_of(in, "correction", false), kOwner, flag_of(in, "printed", true)));
}

json receipt_tags(VirtualKkt& kkt, const json& in) { return answer_of(kkt.add_receipt_tags(tags_in(in))); }

json position(VirtualKkt& kkt, const json& in)
{
    if (!in.contains("item"))
        throw BadRequest{400, "missing", "item", R"(give {"name":"Чай","price":9900})"};
    Item item = item_from_json(in["item"], "item");
    item.extra = tags_in(in);
    if (in.contains("vat_sum"))
        item.vat_given = sum_in(in, "vat_sum", 0);
    if (auto fault = fault_of_mark(kkt.marking(), in))
        return *std::move(fault);
    return answer_of(kkt.add_item(std::move(item)));
}

json close_receipt(VirtualKkt& kkt, const json& in)
{
    Closing closing;
    const json paid = in.value("payments", json::object());
    only_fields(paid, {"cash", "electronic", "advance", "credit", "counter"});
    closing.payments[0] = sum_in(paid, "cash", 0);
    closing.payments[1] = sum_in(paid, "electronic", 0);
    closing.payments[13] = sum_in(paid, "advance", 0);
    closing.payments[14] = sum_in(paid, "credit", 0);
    closing.payments[15] = sum_in(paid, "counter", 0);
    closing.rounding = static_cast<std::uint8_t>(number_of(in, "rounding", 0, 99, 0));
    const unsigned registered = kkt.identity().tax_systems;
    closing.tax_system =
        static_cast<std::uint8_t>(number_of(in, "tax_system", 1, 32, registered & (~registered + 1U)));
    if ((closing.tax_system & registered) == 0)
        return refused("bad_value", "the register is not registered for this tax system");
    closing.cashier = text_of(in, "cashier", "");
    return answer_of(kkt.close_receipt(closing));
}

json cancel_receipt(VirtualKkt& kkt, const json&) { return answer_of(kkt.cancel_receipt()); }

json open_shift(VirtualKkt& kkt, const json& in)
{
    return answer_of(kkt.open_shift(text_of(in, "cashier", ""), tags_in(in)));
}

json close_shift(VirtualKkt& kkt, const json& in)
{
    return answer_of(kkt.close_shift(text_of(in, "cashier", ""), tags_in(in)));
}

json state_report(VirtualKkt& kkt, const json&) { return answer_of(kkt.make_state_report()); }
json x_report(VirtualKkt& kkt, const json&) { return answer_of(kkt.x_report()); }
json continue_print(VirtualKkt& kkt, const json&)
{
    // A register that still lacks its paper says so; one with nothing to go on with, that too.
    if (kkt.printing() == Printing::broken_off)
        return refused("no_paper", "there is no paper");
    if (kkt.printing() != Printing::waits_for_continue)
        return refused("nothing_to_repeat", "nothing waits to be printed");
    return answer_of(kkt.continue_printing());
}
json cash_in(VirtualKkt& kkt, const json& in) { return answer_of(kkt.cash_in(sum_in(in, "sum", 0))); }
json cash_out(VirtualKkt& kkt, const json& in) { return answer_of(kkt.cash_out(sum_in(in, "sum", 0))); }
json device(VirtualKkt&, const json&) { return all_done(); } // drawer, bell and knife leave no trace here

json print(VirtualKkt& kkt, const json& in)
{
    for (const json& line : in.value("lines", json::array())) {
        if (!line.is_string())
            throw BadRequest{400, "not a text", "lines", R"(write ["…", "…"])"};
        if (const auto printed = kkt.print_text(line.get<std::string>()); !printed)
            return answer_of(printed);
    }
    return all_done();
}

json copy(VirtualKkt& kkt, const json& in)
{
    const auto fd_number = static_cast<std::uint32_t>(number_of(in, "fd_number", 1, 0xFFFFFFFF));
    const FnDocument* document = kkt.fn().find(fd_number);
    if (document == nullptr)
        return refused("no_data", "the FN has no such document");
    if (fd_number == kkt.fn().last_fd())
        return answer_of(kkt.print_copy());
    for (const std::string& line : {std::string("КОПИЯ ДОКУМЕНТА"), "ФД " + std::to_string(fd_number),
                                    to_text(document->datetime()), operation_name(document->operation),
                                    "ИТОГ =" + rubles(document->sum), "ФП " + std::to_string(document->sign)})
        if (const auto printed = kkt.print_text(line); !printed)
            return answer_of(printed);
    return all_done();
}

using Work = json (*)(VirtualKkt&, const json&);

const std::map<std::string, Work>& works()
{
    static const std::map<std::string, Work> kAll = {{"open_receipt", &open_receipt},
                                                     {"receipt_tags", &receipt_tags},
                                                     {"position", &position},
                                                     {"close_receipt", &close_receipt},
                                                     {"cancel_receipt", &cancel_receipt},
                                                     {"open_shift", &open_shift},
                                                     {"close_shift", &close_shift},
                                                     {"state_report", &state_report},
                                                     {"x_report", &x_report},
                                                     {"continue_print", &continue_print},
                                                     {"cash_in", &cash_in},
                                                     {"cash_out", &cash_out},
                                                     {"device", &device},
                                                     {"print", &print},
                                                     {"copy", &copy}};
    return kAll;
}

} // namespace

json refused(const char* word, const std::string& reason) { return {{"refused", word}, {"reason", reason}}; }

const char* word_of(Why why)
{
    switch (why) {
    case Why::shift_is_open:
        return "shift_is_open";
    case Why::shift_is_closed:
        return "shift_is_closed";
    case Why::shift_expired:
        return "shift_expired";
    case Why::receipt_is_open:
        return "receipt_is_open";
    case Why::receipt_is_closed:
        return "receipt_is_closed";
    case Why::other_operation:
        return "other_operation";
    case Why::other_operator:
        return "other_operator";
    case Why::no_paper:
        return "no_paper";
    case Why::still_printing:
        return "busy";
    case Why::waits_for_continue:
        return "waits_for_continue";
    case Why::payments_short:
        return "payments_short";
    case Why::cashless_too_big:
        return "cashless_too_big";
    case Why::zero_total:
        return "zero_total";
    case Why::no_cash:
        return "no_cash";
    case Why::bad_value:
        return "bad_value";
    case Why::too_long:
        return "too_long";
    case Why::fn_wrong_state:
        return "fn_wrong_state";
    case Why::fn_expired:
        return "fn_expired";
    case Why::fn_full:
        return "fn_full";
    case Why::ofd_wait_exceeded:
        return "ofd_wait_exceeded";
    case Why::clock_behind_fn:
        return "clock_behind_fn";
    case Why::clock_jumped:
        return "clock_jumped";
    case Why::no_data:
        return "no_data";
    case Why::nothing_to_repeat:
        return "nothing_to_repeat";
    case Why::powered_off:
        break;
    }
    return "link_lost";
}

Bytes tlvs_of(const json& tags, const std::string& where)
{
    if (!tags.is_array())
        throw BadRequest{400, "not a list", where, R"(write [{"tag":1008,"text":"a@b.ru"}])"};
    TlvOut out;
    for (std::size_t i = 0; i < tags.size(); ++i)
        put_tag(out, tags[i], where + "[" + std::to_string(i) + "]");
    return out.bytes();
}

std::optional<json> Control::library_work(const std::string& op, const json& in)
{
    const auto found = works().find(op);
    if (found == works().end())
        return std::nullopt;
    kkt_.stop_reading(); // a reading does not outlive other work
    return found->second(kkt_, in);
}

} // namespace kb::emulator

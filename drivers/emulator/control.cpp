#include "drivers/emulator/control.hpp"

#include "drivers/emulator/control_json.hpp"

#include <charconv>
#include <map>

namespace kb::emulator {

namespace {

using nlohmann::json;

constexpr auto kFnLife = std::chrono::days{1110};

const char* name_of(Printing state)
{
    switch (state) {
    case Printing::idle:
        return "idle";
    case Printing::no_paper:
        return "no_paper";
    case Printing::broken_off:
        return "broken_off";
    case Printing::waits_for_continue:
        return "waits_for_continue";
    case Printing::busy:
        return "printing";
    }
    return "";
}

const char* name_of(SdState::Card card)
{
    switch (card) {
    case SdState::Card::present:
        return "present";
    case SdState::Card::missing:
        return "missing";
    case SdState::Card::full:
        return "full";
    case SdState::Card::failing:
        return "failing";
    }
    return "";
}

[[noreturn]] void throw_refusal(const Refusal& refusal)
{
    const int status = refusal.why == Why::bad_value || refusal.why == Why::too_long ? 400 : 409;
    throw BadRequest{status, refusal.reason, refusal.field, refusal.cure};
}

std::uint64_t query_number(const std::string& query, const std::string& name, std::uint64_t otherwise)
{
    std::size_t at = 0;
    while (at < query.size()) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string pair = query.substr(at, end - at);
        if (pair.starts_with(name + "=")) {
            std::uint64_t value = 0;
            const char* last = pair.data() + pair.size();
            const auto parsed = std::from_chars(pair.data() + name.size() + 1, last, value);
            if (parsed.ec != std::errc{} || parsed.ptr != last)
                throw BadRequest{400, "not a number", name, "write ?" + name + "=1"};
            return value;
        }
        at = end + 1;
    }
    return otherwise;
}

// A serial number one higher than the old one: a drive of the same make.
std::string next_serial(std::string serial)
{
    for (auto digit = serial.rbegin(); digit != serial.rend(); ++digit) {
        if (*digit != '9') {
            ++*digit;
            break;
        }
        *digit = '0';
    }
    return serial;
}

} // namespace

Control::Control(VirtualKkt& kkt, Faults& faults, std::uint64_t seed)
    : kkt_(kkt),
      faults_(faults),
      random_(seed)
{}

Answer<Closed> Control::play()
{
    if (kkt_.shift_expired()) {
        if (auto done = kkt_.close_shift("Кассир 1", {}); !done)
            return done;
    }
    auto [receipt, closing] = random_.next(kkt_.cash());
    return kkt_.ring(std::move(receipt), closing);
}

json Control::document(std::uint32_t fd_number) const
{
    const FnDocument* head = kkt_.fn().find(fd_number);
    if (head == nullptr)
        throw BadRequest{404, "no such document", "fd_number", "1 to " + std::to_string(kkt_.fn().last_fd())};
    const BytesView body = kkt_.body(fd_number);
    ByteWriter whole;
    if (!body.empty())
        whole.u16(head->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
    json out = {{"fd_number", fd_number},
                {"type", head->type},
                {"datetime", to_text(head->datetime())},
                {"fiscal_sign", head->sign},
                {"ticket_received", head->ticket_at != 0},
                {"tlv_hex", to_hex(whole.view())}};
    if (head->operation != 0) {
        out["operation"] = head->operation;
        out["sum"] = head->sum;
    }
    return out;
}

json Control::documents(std::uint32_t from, std::uint32_t limit) const
{
    json out = json::array();
    for (std::uint32_t fd = std::max(from, 1U); fd <= kkt_.fn().last_fd() && out.size() < limit; ++fd)
        out.push_back(document(fd));
    return out;
}

json Control::closed(const Answer<Closed>& done) const
{
    if (!done)
        throw_refusal(done.error());
    json out = document(done->fd_number);
    out["change"] = done->change;
    out["fn_serial"] = kkt_.fn().serial;
    return out;
}

json Control::state() const
{
    const auto& fn = kkt_.fn();
    const auto& shift = kkt_.shift();
    const auto& who = kkt_.identity();
    const auto now = kkt_.now();
    json out = {{"kkt_serial", who.kkt_serial},
                {"reg_number", who.reg_number},
                {"inn", who.inn},
                {"user", who.user},
                {"ffd", who.ffd},
                {"fn",
                 {{"serial", fn.serial},
                  {"phase", fn.phase},
                  {"last_fd", fn.last_fd()},
                  {"capacity", fn.capacity},
                  {"full", fn.full()},
                  {"expires", to_text(fn.expires).substr(0, 10)},
                  {"warnings", fn.warnings(now)}}},
                {"ofd", {{"silent", kkt_.ofd_silent()}, {"unsent", fn.unsent()}}},
                {"shift",
                 {{"open", shift.open},
                  {"number", shift.number},
                  {"opened_at", shift.open ? json(to_text(shift.opened_at)) : json()},
                  {"receipts", shift.receipts},
                  {"expired", kkt_.shift_expired()}}},
                {"receipt_open", kkt_.receipt().has_value()},
                {"marking", marking_state()},
                {"reading", kkt_.reading()},
                {"printer", name_of(kkt_.printing())},
                {"paper", kkt_.paper_present()},
                {"cover_open", kkt_.cover_open()},
                {"sd", {{"state", name_of(kkt_.sd().card)}, {"io_errors", kkt_.sd().io_errors}}},
                {"clock", to_text(now)},
                {"drift_s", kkt_.drift()},
                {"cash", kkt_.cash()},
                {"power", kkt_.powered()},
                {"cable", cable_in_},
                {"faults", faults_list()},
                {"strip_last", kkt_.strip_first() + kkt_.strip().size()}};
    if (describe)
        describe(out);
    return out;
}

json Control::paper_strip(std::uint64_t from) const
{
    json lines = json::array();
    const auto& strip = kkt_.strip();
    const std::uint64_t first = kkt_.strip_first();
    for (std::uint64_t i = std::max(from, first); i < first + strip.size(); ++i)
        lines.push_back(strip[i - first]);
    return {{"next", first + strip.size()}, {"lines", lines}};
}

json Control::sale(const json& in)
{
    if (in.empty())
        return closed(play());
    SaleRequest request = sale_from_json(in, kkt_.identity().tax_systems);
    return closed(kkt_.ring(std::move(request.receipt), request.closing));
}

json Control::shift_open(const json& in)
{
    only_fields(in, {"cashier"});
    if (kkt_.receipt())
        throw_refusal({Why::receipt_is_open, "", "a receipt is open over the line", "close it there"});
    return closed(kkt_.open_shift(text_of(in, "cashier", "Кассир 1"), {}));
}

json Control::shift_close(const json& in)
{
    only_fields(in, {"cashier"});
    return closed(kkt_.close_shift(text_of(in, "cashier", "Кассир 1"), {}));
}

json Control::x_report(const json& in)
{
    only_fields(in, {});
    if (const auto done = kkt_.x_report(); !done)
        throw_refusal(done.error());
    return {{"printed", true}};
}

json Control::cash(const json& in)
{
    only_fields(in, {"in", "out"});
    const auto put = static_cast<std::uint64_t>(number_of(in, "in", 0, 9'999'999'999, 0));
    const auto take = static_cast<std::uint64_t>(number_of(in, "out", 0, 9'999'999'999, 0));
    if ((put == 0) == (take == 0))
        throw BadRequest{400, "want a sum", "in", R"(write {"in":10000} or {"out":10000})"};
    if (const auto done = put != 0 ? kkt_.cash_in(put) : kkt_.cash_out(take); !done)
        throw_refusal(done.error());
    return {{"cash", kkt_.cash()}};
}

json Control::fault(const json& in)
{
    only_fields(in,
                {"kind", "after", "probability", "count", "at_command", "duration_ms", "direction", "seed"});
    Fault fault;
    const std::string kind = text_of(in, "kind", "");
    const auto known = fault_kind(kind);
    if (!known)
        throw BadRequest{400, "unknown kind", "kind",
                         "one of: lost_byte flipped_bit nak_storm silence hang_up lose_answer delay_answer "
                         "stale_answer busy damage_answer double_answer reboot_before reboot_after"};
    fault.kind = *known;
    fault.after = static_cast<std::uint32_t>(number_of(in, "after", 0, 1'000'000'000, 0));
    fault.count = static_cast<std::uint32_t>(number_of(in, "count", 0, 1'000'000, 1));
    fault.duration = std::chrono::milliseconds{number_of(in, "duration_ms", 0, 3'600'000, 2000)};
    if (in.contains("probability")) {
        if (!in["probability"].is_number() || in["probability"] < 0 || in["probability"] > 1)
            throw BadRequest{400, "not a probability", "probability", "write a number from 0 to 1"};
        fault.probability = in["probability"].get<double>();
    }
    fault.at_command = text_of(in, "at_command", "");
    for (char& c : fault.at_command)
        c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    if (!fault.at_command.empty() && !from_hex(fault.at_command))
        throw BadRequest{400, "not a command code", "at_command", R"(write it in hex: "10", "FF45")"};
    if (in.contains("direction")) {
        const std::string way = word_of(in, "direction", {"to_host", "from_host", "both"});
        fault.to_host = way != "from_host";
        fault.from_host = way != "to_host";
    }
    if (in.contains("seed"))
        faults_.reseed(static_cast<std::uint64_t>(number_of(in, "seed", 0, INT64_MAX)));
    const bool at_once = fault.kind == FaultKind::hang_up && fault.at_command.empty() && fault.after == 0 &&
                         fault.probability >= 1.0 && fault.count == 1;
    if (at_once && on_hang_up)
        hang_up();
    else
        faults_.add(fault);
    return faults_list();
}

json Control::faults_list() const
{
    json out = json::array();
    for (const Fault& fault : faults_.list())
        out.push_back({{"kind", to_string(fault.kind)},
                       {"after", fault.after},
                       {"probability", fault.probability},
                       {"count", fault.count},
                       {"at_command", fault.at_command},
                       {"duration_ms", fault.duration.count()}});
    return out;
}

json Control::paper(const json& in)
{
    only_fields(in, {"present", "continue", "at"});
    if (in.contains("at")) {
        word_of(in, "at", {"during_print"});
        if (flag_of(in, "present"))
            throw BadRequest{400, "paper ends during print, it does not begin", "present", "write false"};
        kkt_.arm_paper_out();
    } else if (in.contains("present")) {
        kkt_.set_paper(flag_of(in, "present"));
    }
    if (flag_of(in, "continue", false)) {
        if (const auto done = kkt_.continue_printing(); !done)
            throw_refusal(done.error());
    }
    return state();
}

json Control::cover(const json& in)
{
    only_fields(in, {"open"});
    kkt_.set_cover(flag_of(in, "open"));
    return state();
}

json Control::sd(const json& in)
{
    only_fields(in, {"state", "io_errors"});
    SdState card = kkt_.sd();
    if (in.contains("state")) {
        const std::string word = word_of(in, "state", {"present", "missing", "full", "failing"});
        card.card = word == "present"   ? SdState::Card::present
                    : word == "missing" ? SdState::Card::missing
                    : word == "full"    ? SdState::Card::full
                                        : SdState::Card::failing;
    }
    card.io_errors = static_cast<std::uint32_t>(number_of(in, "io_errors", 0, 1'000'000'000, card.io_errors));
    kkt_.set_sd(card);
    return state();
}

json Control::clock(const json& in)
{
    only_fields(in, {"drift_s"});
    kkt_.set_drift(number_of(in, "drift_s", -315'360'000, 315'360'000));
    return state();
}

json Control::fn(const json& in)
{
    only_fields(in, {"action", "serial", "through"});
    const std::string action = word_of(in, "action", {"replace", "fill", "expire", "forget_bodies", "close"});
    if (action == "replace") {
        const std::string serial = text_of(in, "serial", next_serial(kkt_.fn().serial));
        if (serial.size() != 16 || serial.find_first_not_of("0123456789") != std::string::npos)
            throw BadRequest{400, "not 16 digits", "serial", "leave it out, or give 16 digits"};
        if (kkt_.shift().open)
            throw BadRequest{409, "the shift is open", "action", "POST /shift/close first"};
        kkt_.replace_fn(serial, std::chrono::floor<std::chrono::days>(kkt_.now()) + kFnLife);
    } else if (action == "fill") {
        kkt_.fill_fn();
    } else if (action == "expire") {
        kkt_.expire_fn();
    } else if (action == "forget_bodies") {
        kkt_.forget_bodies(
            static_cast<std::uint32_t>(number_of(in, "through", 1, 1'000'000, kkt_.fn().last_fd())));
    } else {
        return closed(kkt_.close_fn("Администратор"));
    }
    return state();
}

json Control::ofd(const json& in)
{
    only_fields(in, {"silent", "confirm", "through"});
    if (in.contains("silent"))
        kkt_.set_ofd_silent(flag_of(in, "silent"));
    if (flag_of(in, "confirm", false))
        kkt_.give_tickets_through(
            static_cast<std::uint32_t>(number_of(in, "through", 1, 1'000'000, kkt_.fn().last_fd())));
    return state();
}

json Control::cable(const json& in)
{
    only_fields(in, {"connected"});
    cable_in_ = flag_of(in, "connected");
    if (!cable_in_)
        link_lost();
    if (on_cable)
        on_cable(cable_in_);
    return state();
}

json Control::power(const json& in)
{
    only_fields(in, {"action", "at"});
    if (word_of(in, "action", {"cut", "on"}) == "on") {
        kkt_.power_on();
        if (on_power_on)
            on_power_on();
        return state();
    }
    std::string at = "now";
    if (in.contains("at"))
        at = word_of(in, "at", {"before_fn_commit", "after_fn_commit", "during_print", "now"});
    if (at == "now")
        kkt_.power_off();
    else
        kkt_.arm_power_cut(at == "before_fn_commit"  ? PowerCut::before_fn_commit
                           : at == "after_fn_commit" ? PowerCut::after_fn_commit
                                                     : PowerCut::during_print);
    return state();
}

ControlAnswer Control::handle(const std::string& method, const std::string& target, const std::string& body)
{
    using Post = json (Control::*)(const json&);
    static const std::map<std::string, Post> kPosts = {
        {"/sale", &Control::sale},       {"/shift/open", &Control::shift_open},
        {"/cash", &Control::cash},       {"/shift/close", &Control::shift_close},
        {"/fault", &Control::fault},     {"/x_report", &Control::x_report},
        {"/paper", &Control::paper},     {"/cover", &Control::cover},
        {"/sd", &Control::sd},           {"/clock", &Control::clock},
        {"/fn", &Control::fn},           {"/ofd", &Control::ofd},
        {"/power", &Control::power},     {"/cable", &Control::cable},
        {"/library", &Control::library}, {"/marking", &Control::marking}};
    const std::size_t mark = target.find('?');
    const std::string path = target.substr(0, mark);
    const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
    ControlAnswer out;
    try {
        const auto post = kPosts.find(path);
        if (method == "POST" && post != kPosts.end()) {
            const json in = body.empty() ? json::object() : json::parse(body);
            if (!in.is_object())
                throw BadRequest{400, "not a JSON object", "", "send {...}, or nothing"};
            out.body = (this->*post->second)(in).dump();
        } else if (method == "DELETE" && path == "/fault") {
            faults_.clear();
            out.body = faults_list().dump();
        } else if (method != "GET") {
            throw BadRequest{405, "no such call", "method", "GET / shows the keypad, --help the calls"};
        } else if (path == "/") {
            out.type = "text/html; charset=utf-8";
            out.body = kKeypadPage;
        } else if (path == "/state") {
            out.body = state().dump();
        } else if (path == "/fn/documents") {
            out.body = documents(static_cast<std::uint32_t>(query_number(query, "from", 1)),
                                 static_cast<std::uint32_t>(query_number(query, "limit", 0xFFFFFFFF)))
                           .dump();
        } else if (path == "/strip") {
            out.body = paper_strip(query_number(query, "from", 0)).dump();
        } else if (path == "/fault") {
            out.body = faults_list().dump();
        } else if (path == "/goods") {
            json goods = json::array();
            for (const Goods& g : shop_goods())
                goods.push_back(
                    {{"name", g.name}, {"price", g.price}, {"vat", g.vat}, {"unit", g.by_weight ? 11 : 0}});
            out.body = goods.dump();
        } else {
            throw BadRequest{404, "no such page", "path", "GET / shows the keypad, --help the calls"};
        }
    } catch (const BadRequest& broken) {
        out.status = broken.status;
        out.body = json({{"error", broken.error}, {"field", broken.field}, {"cure", broken.cure}}).dump();
    } catch (const json::exception& broken) {
        out.status = 400;
        out.body = json({{"error", broken.what()}, {"field", "body"}, {"cure", "send valid JSON"}}).dump();
    }
    return out;
}

} // namespace kb::emulator

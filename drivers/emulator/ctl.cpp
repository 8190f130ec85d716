#include "drivers/emulator/ctl.hpp"

#include "drivers/emulator/control_server.hpp"
#include "protocol/core/money.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <optional>

namespace kb::emulator {

const char* const kCtlHelp = R"(Verbs (name=value adds any member of the request's JSON):
  registers                               the registers of this emulator
  state                                   what the register is and does
  documents [from=N] [limit=N]            the FN's documents with their TLV bytes
  shift open|close [cashier=NAME]
  sale                                    a random plausible sale
  sale NAME:RUBLES[:QTY] ... [card]       these goods, in cash or by card
  return NAME:RUBLES[:QTY] ... [card]     a return of them
  correction NAME:RUBLES date=2026-03-01  a correction receipt (type=1 number=N: by order)
  cash in|out KOPECKS      x-report
  paper out|in|continue    cover open|close
  paper out at=during_print               in the middle of the next document
  sd present|missing|full|failing [io_errors=N]
  clock SECONDS                           drift against this PC
  fn replace|fill|expire|forget_bodies|close [serial=16 digits] [through=FD]
  ofd silent|speak|confirm
  cable in|out
  power cut [at=before_fn_commit|after_fn_commit|during_print] | power on
  fault KIND [after=N] [probability=P] [count=N] [at_command=FF45] [duration_ms=N] [direction=to_host|from_host]
        KIND: lost_byte flipped_bit nak_storm silence hang_up lose_answer delay_answer stale_answer busy
              damage_answer double_answer reboot_before reboot_after
  fault clear | fault list
Examples:
  kkt-emulator ctl sale Чай:99.00:2 card
  kkt-emulator ctl fault lost_byte probability=0.001 count=0
  kkt-emulator ctl --register till-2 shift close
  kkt-emulator ctl --control 127.0.0.1:9000 power cut at=after_fn_commit)";

namespace {

using nlohmann::json;

struct Call {
    std::string method = "POST";
    std::string target;
    json body = json::object();
};

std::nullopt_t complain(const std::string& what)
{
    std::cerr << "kkt-emulator ctl: " << what << "; see kkt-emulator ctl --help\n";
    return std::nullopt;
}

// true, 12, 0.5 are what they look like; anything else is text.
json value_of(const std::string& text)
{
    const json parsed = json::parse(text, nullptr, false);
    return parsed.is_discarded() || text.size() > 15 ? json(text) : parsed;
}

// NAME:RUBLES[:QTY]
std::optional<json> item_of(const std::string& word)
{
    const std::size_t first = word.find(':');
    if (first == std::string::npos)
        return std::nullopt;
    const std::size_t second = word.find(':', first + 1);
    const auto price = Kopecks::from_rubles(word.substr(first + 1, second - first - 1));
    if (!price)
        return std::nullopt;
    json item = {{"name", word.substr(0, first)}, {"price", price->count()}};
    if (second != std::string::npos)
        item["quantity"] = word.substr(second + 1);
    return item;
}

std::optional<Call> sale_call(Call call, const std::string& verb, const std::vector<std::string>& rest)
{
    call.target = "/sale";
    if (rest.empty() && call.body.empty() && verb == "sale")
        return call;
    json items = json::array();
    std::int64_t total = 0;
    bool card = false;
    for (const std::string& word : rest) {
        if (word == "card") {
            card = true;
            continue;
        }
        const auto item = item_of(word);
        if (!item)
            return complain("\"" + word + "\" is not NAME:RUBLES[:QTY]");
        const auto quantity = Quantity::from_text(item->value("quantity", "1"));
        const auto sum = quantity ? cost(Kopecks{(*item)["price"].get<std::int64_t>()}, *quantity)
                                  : Result<Kopecks>(fail(Errc::bad_value, "quantity"));
        if (!sum)
            return complain("\"" + word + "\": bad quantity");
        total += sum->count();
        items.push_back(*item);
    }
    call.body["items"] = items;
    if (verb == "return")
        call.body["operation"] = "sell_return";
    if (verb == "correction") {
        call.body["correction"] = {
            {"type", call.body.value("type", 0)},
            {"date", call.body.value("date", "")},
            {"number", call.body.contains("number") ? call.body["number"].dump() : ""}};
        for (const char* moved : {"type", "date", "number"})
            call.body.erase(moved);
    }
    call.body["payments"] = {{card ? "electronic" : "cash", total}};
    return call;
}

std::optional<Call> call_of(const std::vector<std::string>& words)
{
    Call call;
    std::vector<std::string> rest;
    const std::string verb = words.empty() ? "" : words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos)
            rest.push_back(words[i]);
        else
            call.body[words[i].substr(0, equals)] = value_of(words[i].substr(equals + 1));
    }
    const std::string what = rest.empty() ? "" : rest[0];
    if (verb == "sale" || verb == "return" || verb == "correction")
        return sale_call(std::move(call), verb, rest);
    if (verb == "registers" || verb == "state") {
        call.method = "GET";
        call.target = "/" + verb;
    } else if (verb == "documents") {
        call.method = "GET";
        call.target = "/fn/documents?from=" + call.body.value("from", json(1)).dump();
        if (call.body.contains("limit"))
            call.target += "&limit=" + call.body["limit"].dump();
    } else if (verb == "shift" && (what == "open" || what == "close")) {
        call.target = "/shift/" + what;
    } else if (verb == "cash" && rest.size() == 2) {
        call.target = "/cash";
        call.body[what] = value_of(rest[1]);
    } else if (verb == "x-report") {
        call.target = "/x_report";
    } else if (verb == "paper" && (what == "out" || what == "in" || what == "continue")) {
        call.target = "/paper";
        if (what == "continue")
            call.body["continue"] = true;
        else
            call.body["present"] = what == "in";
    } else if (verb == "cover" && (what == "open" || what == "close")) {
        call.target = "/cover";
        call.body["open"] = what == "open";
    } else if (verb == "cable" && (what == "in" || what == "out")) {
        call.target = "/cable";
        call.body["connected"] = what == "in";
    } else if (verb == "sd" && !what.empty()) {
        call.target = "/sd";
        call.body["state"] = what;
    } else if (verb == "clock" && !what.empty()) {
        call.target = "/clock";
        call.body["drift_s"] = value_of(what);
    } else if (verb == "fn" && !what.empty()) {
        call.target = "/fn";
        call.body["action"] = what;
    } else if (verb == "ofd" && (what == "silent" || what == "speak" || what == "confirm")) {
        call.target = "/ofd";
        if (what == "confirm")
            call.body["confirm"] = true;
        else
            call.body["silent"] = what == "silent";
    } else if (verb == "marking") {
        call.target = "/marking";
    } else if (verb == "power" && !what.empty()) {
        call.target = "/power";
        call.body["action"] = what;
    } else if (verb == "fault" && !what.empty()) {
        call.target = "/fault";
        if (what == "clear")
            call.method = "DELETE";
        else if (what == "list")
            call.method = "GET";
        else
            call.body["kind"] = what;
    } else {
        return complain(verb.empty() ? "say what to do" : "cannot do \"" + verb + " " + what + "\"");
    }
    return call;
}

} // namespace

int run_ctl(const std::string& address, const std::string& which, const std::vector<std::string>& words)
{
    auto call = call_of(words);
    if (!call)
        return 2;
    if (which.find_first_of("/?# ") != std::string::npos) {
        complain("--register: no register is called \"" + which + "\"");
        return 2;
    }
    if (!which.empty() && call->target != "/registers")
        call->target.insert(0, "/registers/" + which);
    const std::string body = call->method == "POST" ? call->body.dump() : std::string{};
    const auto answer = control_call(address, call->method, call->target, body);
    if (!answer) {
        std::cerr << "kkt-emulator ctl: " << answer.error().message()
                  << "; is the emulator running with --control " << address << "?\n";
        return 1;
    }
    (answer->status < 400 ? std::cout : std::cerr) << answer->body << '\n';
    return answer->status < 400 ? 0 : 1;
}

} // namespace kb::emulator

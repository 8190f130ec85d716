#include "drivers/emulator/control_desk.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kb::emulator {

namespace {

using nlohmann::json;

constexpr std::string_view kRegisters = "/registers";

ControlAnswer refusal(int status, const std::string& error, const std::string& field, const std::string& cure)
{
    ControlAnswer out;
    out.status = status;
    out.body = json({{"error", error}, {"field", field}, {"cure", cure}}).dump();
    return out;
}

} // namespace

void ControlDesk::add(std::string name, Control& control) { places_.push_back({std::move(name), control}); }

std::string ControlDesk::names() const
{
    std::string text;
    for (const Place& place : places_)
        text += (text.empty() ? "" : ", ") + place.name;
    return text;
}

ControlAnswer ControlDesk::list()
{
    json rows = json::array();
    for (const Place& place : places_) {
        const json state = place.control.state();
        rows.push_back({{"name", place.name},
                        {"path", std::string(kRegisters) + "/" + place.name},
                        {"family", state.value("family", "")},
                        {"model", state.value("model", "")},
                        {"kkt_serial", state["kkt_serial"]},
                        {"fn_serial", state["fn"]["serial"]},
                        {"last_fd", state["fn"]["last_fd"]},
                        {"line", state.value("line", json())}});
    }
    ControlAnswer out;
    out.body = rows.dump();
    return out;
}

ControlAnswer ControlDesk::handle(const std::string& method, const std::string& target,
                                  const std::string& body)
{
    const std::string path = target.substr(0, target.find('?'));
    if (path == kRegisters || path == "/registers/") {
        if (method != "GET")
            return refusal(405, "no such call", "method", "GET /registers lists the registers");
        return list();
    }
    if (path.starts_with("/registers/")) {
        const std::size_t start = kRegisters.size() + 1;
        const std::size_t end = path.find('/', start);
        const std::string name = path.substr(start, end == std::string::npos ? end : end - start);
        const auto place = std::find_if(places_.begin(), places_.end(),
                                        [&name](const Place& known) { return known.name == name; });
        if (place == places_.end())
            return refusal(404, "no such register", "register", "one of: " + names());
        const std::string rest = target.substr(start + name.size());
        return place->control.handle(method, rest.starts_with('/') ? rest : "/" + rest, body);
    }
    // The keypad page and its goods are the same for all.
    const bool common = method == "GET" && (path == "/" || path == "/goods");
    if (places_.size() == 1 || (common && !places_.empty()))
        return places_.front().control.handle(method, target, body);
    return refusal(404, "there are several registers", "path",
                   "write /registers/NAME" + path + ", NAME one of: " + names());
}

} // namespace kb::emulator

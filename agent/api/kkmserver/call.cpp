#include "agent/api/kkmserver/call.hpp"

#include "agent/api/kkmserver/kkmserver_api.hpp"
#include "protocol/core/json_reader.hpp"

#include <algorithm>
#include <string_view>

namespace kb::agent::kkmserver {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostLevels = 16;
constexpr std::size_t kMostIdBytes = 128; // of a job's key
constexpr std::chrono::seconds kUsualTimeout = 60s;
constexpr std::chrono::milliseconds kMostAhead = 5s;

/// What the client waits for the connection is often the same number: the answer has to be there before.
std::chrono::milliseconds wait_of(Fields& command, std::chrono::seconds longest)
{
    const auto told = command.integer("Timeout", 0, 86'400).value_or(0);
    const std::chrono::milliseconds timeout =
        std::min(told == 0 ? kUsualTimeout : std::chrono::seconds(told), longest);
    return timeout - std::min(timeout / 10, kMostAhead);
}

} // namespace

Call read_call(const std::string& body, std::chrono::seconds longest_wait, std::optional<Fault>& fault)
{
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    Call call;
    call.body = nlohmann::json::object();
    if (body.size() > KkmServerApi::kMostBytes) {
        fault = Fault{"", "запрос больше 4 МБ; уберите картинки или разделите его"};
        return call;
    }
    std::string_view text = body;
    text.remove_prefix(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
    auto parsed = parse_json(text, kMostLevels);
    if (!parsed || !parsed->is_object()) {
        fault = Fault{"", "тело запроса не структура JSON в кодировке UTF-8; проверьте кодировку, кавычки и "
                          "запятые"};
        return call;
    }
    call.body = *std::move(parsed);
    Fields fields(call.body, "", fault);
    call.name = fields.text("Command");
    call.command = command_of(call.name);
    call.id = fields.text("IdCommand");
    call.wait = wait_of(fields, longest_wait);
    if (call.name.empty())
        fields.complain("Command", "команда не указана");
    if (call.id.size() > kMostIdBytes)
        fields.complain("IdCommand", "длиннее " + std::to_string(kMostIdBytes) + " байт; сократите");
    return call;
}

} // namespace kb::agent::kkmserver

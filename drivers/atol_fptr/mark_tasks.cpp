#include "drivers/atol_fptr/mark_tasks.hpp"

#include "drivers/atol_fptr/errors.hpp"
#include "drivers/atol_fptr/task_parts.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace kb::atol_fptr {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMarkMode = 0; // 2102: the only mode the order knows
constexpr std::uint8_t kMeasuredSold = 2;
constexpr std::uint8_t kMeasuredReturned = 4;

// The FN's answer takes some seconds at most; the state system is not waited for inside a task.
constexpr std::chrono::milliseconds kLongestCheckTask{20'000};

/// 2003; nullptr: none of the five.
const char* status_word(std::uint8_t planned)
{
    switch (planned) {
    case 1:
        return "itemPieceSold";
    case kMeasuredSold:
        return "itemDryForSale";
    case 3:
        return "itemPieceReturn";
    case kMeasuredReturned:
        return "itemDryReturn";
    case 255:
        return "itemStatusUnchanged";
    default:
        return nullptr;
    }
}

/// Bits of 2106.
constexpr std::pair<const char*, unsigned> kResultBits[] = {{"imcCheckFlag", 0x01},
                                                            {"imcCheckResult", 0x02},
                                                            {"imcStatusInfo", 0x04},
                                                            {"imcEstimatedStatusCorrect", 0x08},
                                                            {"ecrStandAloneFlag", 0x10}};
/// 2109
constexpr std::pair<const char*, std::uint8_t> kStatusAnswers[] = {
    {"itemEstimatedStatusCorrect", 1}, {"itemEstimatedStatusIncorrect", 2}, {"itemSaleStopped", 3}};
/// 2105
constexpr std::pair<const char*, std::uint8_t> kRequestResults[] = {
    {"correct", 0}, {"incorrect", 1}, {"unrecognized", 2}};

/// null where there is no such member.
Json member(const Json& in, const char* name)
{
    const auto found = in.is_object() ? in.find(name) : in.end();
    return found == in.end() ? Json() : *found;
}

std::optional<std::uint8_t> result_in(const Json& in)
{
    const Json flags = member(in, "itemInfoCheckResult");
    if (!flags.is_object()) {
        return std::nullopt;
    }
    unsigned bits = 0;
    for (const auto& [name, bit] : kResultBits) {
        bits |= member(flags, name) == true ? bit : 0;
    }
    return static_cast<std::uint8_t>(bits);
}

template <std::size_t n>
std::optional<std::uint8_t> code_in(const Json& in, const char* name,
                                    const std::pair<const char*, std::uint8_t> (&words)[n])
{
    const Json told = member(in, name);
    for (const auto& [word, code] : words) {
        if (told == word) {
            return code;
        }
    }
    return std::nullopt;
}

} // namespace

Result<JsonObject> mark_params(const fiscal::Position& position, const std::string& path)
{
    const char* status = status_word(position.marking->planned_status);
    if (status == nullptr) {
        return fail(Errc::not_representable, path + ".planned_status: the ATOL library has no word for " +
                                                 std::to_string(position.marking->planned_status));
    }
    JsonObject mark;
    mark.contents("imcType", "auto").contents("imc", base64(as_bytes(position.marking->code)));
    mark.contents("itemEstimatedStatus", status).number("imcModeProcessing", kMarkMode);
    if (const auto& part = position.item.fraction; part && part->numerator && part->denominator) {
        mark.contents("itemFractionalAmount",
                      std::to_string(*part->numerator) + "/" + std::to_string(*part->denominator));
    }
    return mark;
}

JsonObject check_result(std::uint8_t result)
{
    JsonObject flags;
    for (const auto& [name, bit] : kResultBits) {
        flags.flag(name, (result & bit) != 0);
    }
    return flags;
}

Result<LibraryTask> check_task(const fiscal::Position& position, bool ask_system, const std::string& path)
{
    auto params = mark_params(position, path);
    if (!params) {
        return pass(params);
    }
    const std::uint8_t planned = position.marking->planned_status;
    if (planned == kMeasuredSold || planned == kMeasuredReturned) {
        if (position.item.quantity) {
            params->quantity("itemQuantity", *position.item.quantity);
        }
        if (position.item.unit) {
            params->number("itemUnits", *position.item.unit);
        }
    }
    if (!ask_system) {
        params->flag("notSendToServer", true);
    }
    LibraryTask task = mark_task("beginMarkingCodeValidation");
    JsonObject whole;
    whole.contents("type", task.name).object("params", *params);
    task.json = whole.json();
    return task;
}

LibraryTask mark_task(const std::string& type)
{
    JsonObject whole;
    whole.contents("type", type);
    return LibraryTask{type, whole.json(), kLongestCheckTask};
}

// {"offlineValidation":{"fmCheck":true,"fmCheckResult":true,"fmCheckErrorReason":"checked"}}
std::uint8_t local_result_of(const std::string& json_text)
{
    const Json local = member(Json::parse(json_text, nullptr, false), "offlineValidation");
    const unsigned checked = member(local, "fmCheck") == true ? 0x01 : 0;
    const unsigned right = member(local, "fmCheckResult") == true ? 0x02 : 0;
    return static_cast<std::uint8_t>(checked | right);
}

// {"ready":false}
// {"ready":true,"driverError":{"code":0,…},"sentImcRequest":true,"onlineValidation":{"itemInfoCheckResult":{…},
//  "markOperatorItemStatus":"itemEstimatedStatusCorrect","markOperatorResponseResult":"correct",…}}
// {"ready":true,"driverError":{"code":421,…},…}: the state system did not answer
// {"driverError":{"code":410,"description":"…"}}: the question failed
Result<CheckStatus> check_status_of(const std::string& json_text, const std::string& what)
{
    const Json told = Json::parse(json_text, nullptr, false);
    const Json ready = member(told, "ready");
    if (!ready.is_boolean()) {
        const Json error = member(told, "driverError");
        const Json code = member(error, "code");
        const Json text = member(error, "description");
        if (code.is_number_integer() && code != 0) {
            return tl::unexpected<Error>(
                to_error(code.get<int>(), text.is_string() ? text.get<std::string>() : "", what));
        }
        return fail(Errc::bad_json, what + ": the library does not tell how the check stands");
    }
    CheckStatus status;
    status.ready = ready.get<bool>();
    const Json online = member(told, "onlineValidation");
    if (const auto result = result_in(online); status.ready && result) {
        fiscal::MarkCheck check;
        check.result = *result;
        check.request_result = code_in(online, "markOperatorResponseResult", kRequestResults);
        check.status_answer = code_in(online, "markOperatorItemStatus", kStatusAnswers);
        check.state = fiscal::state_of(check);
        status.online = check;
    }
    return status;
}

std::optional<std::uint8_t> accepted_result_of(const std::string& json_text)
{
    return result_in(Json::parse(json_text, nullptr, false));
}

} // namespace kb::atol_fptr

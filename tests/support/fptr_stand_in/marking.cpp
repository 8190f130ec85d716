// Checks of marking codes by process_json, answered as the maker's own scripts put their answers together.
// Source: docs/sources.md#atol-fptr, section 7.
#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/session.hpp"
#include "tests/support/fptr_stand_in/task_fields.hpp"

#include <map>

namespace stand_in {

namespace {

using nlohmann::json;

/// Those that say nothing but their type, and the register's command for each.
const std::map<std::string, std::string> kPlain = {{"acceptMarkingCode", "mark_accept"},
                                                   {"declineMarkingCode", "mark_decline"},
                                                   {"cancelMarkingCodeValidation", "mark_cancel"},
                                                   {"clearMarkingCodeValidationResult", "mark_clear"}};

json error_json(int code, const std::string& text)
{
    return {{"code", code}, {"error", code == kOk ? "ok" : "error"}, {"description", text}};
}

} // namespace

bool is_marking_task(const std::string& type)
{
    return type == "beginMarkingCodeValidation" || type == "getMarkingCodeValidationStatus" ||
           kPlain.count(type) != 0;
}

json Session::marking_task(const std::string& type, const json& task)
{
    if (type == "beginMarkingCodeValidation")
        return begin_check(task);
    only_members(task, {"type"});
    if (type == "getMarkingCodeValidationStatus")
        return check_status();
    const json told = command(kPlain.at(type));
    if (told.contains("result"))
        return {{"itemInfoCheckResult", check_result_of(told["result"].get<unsigned>())}};
    return {};
}

json Session::begin_check(const json& task)
{
    only_members(task, {"type", "params"});
    const json mark = object_in(task, "params");
    only_members(mark, {"imcType", "imc", "itemEstimatedStatus", "imcModeProcessing", "itemQuantity",
                        "itemUnits", "itemFractionalAmount", "waitForResult", "notSendToServer"});
    const unsigned planned = planned_status_in(mark);
    const bool measured = planned == 2 || planned == 4;
    for (const char* member : {"itemQuantity", "itemUnits"})
        if (mark.contains(member) != measured)
            wrong_value(member, mark.dump());
    if (must_text(mark, "imcType") != "auto")
        wrong_value("imcType", mark.dump());
    const json told = command("mark_begin", {{"code_hex", hex_of(bytes_of_base64(must_text(mark, "imc")))},
                                             {"planned_status", planned},
                                             {"ask_system", !flag_in(mark, "notSendToServer")}});
    const bool checked = told["checked"].get<bool>();
    return {{"offlineValidation",
             {{"fmCheck", checked},
              {"fmCheckResult", told["right"]},
              {"fmCheckErrorReason", checked ? "checked" : "noKeys"}}}};
}

// The question may fail without the task doing so.
json Session::check_status()
{
    int failed = kOk;
    const json told = ask("mark_status", failed);
    if (failed != kOk)
        return {{"driverError", error_json(failed, error_text)}};
    if (!told["ready"].get<bool>())
        return {{"ready", false}};
    json online = {{"itemInfoCheckResult", check_result_of(told["result"].get<unsigned>())}};
    static const char* const kRequestResults[] = {"correct", "incorrect", "unrecognized"};
    static const char* const kStatuses[] = {"", "itemEstimatedStatusCorrect", "itemEstimatedStatusIncorrect",
                                            "itemSaleStopped"};
    if (told.contains("request_result"))
        online["markOperatorResponseResult"] = kRequestResults[told["request_result"].get<unsigned>()];
    if (told.contains("status_answer"))
        online["markOperatorItemStatus"] = kStatuses[told["status_answer"].get<unsigned>()];
    return {{"ready", true},
            {"driverError", error_json(kOk, "Ошибок нет")},
            {"sentImcRequest", told["asked"]},
            {"onlineValidation", online}};
}

} // namespace stand_in

// The tasks of process_json, each as the commands a register gets for it, in the order the maker's own
// scripts send them: an open receipt is cancelled, the cashier logs in, the document is made, and what the FN
// holds last is told. Source: docs/sources.md#atol-fptr, sections 5 and 6.
#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/session.hpp"
#include "tests/support/fptr_stand_in/task_fields.hpp"

#include <set>

namespace stand_in {
namespace {

using nlohmann::json;

const std::set<std::string> kReceipts = {"sell",          "sellReturn",         "buy",
                                         "buyReturn",     "sellCorrection",     "sellReturnCorrection",
                                         "buyCorrection", "buyReturnCorrection"};
const std::set<std::string> kReports = {"openShift", "closeShift", "reportX", "reportOfdExchangeStatus"};

} // namespace

json Session::run_task(const json& task)
{
    const std::string type = must_text(task, "type");
    if (is_marking_task(type))
        return marking_task(type, task);
    if (type == "getRegistrationInfo")
        return registration_task();
    if (kReceipts.count(type) != 0)
        return receipt_task(task);
    if (kReports.count(type) != 0)
        return report_task(type, task);
    if (type == "cashIn" || type == "cashOut")
        return cash_task(task);
    if (type == "nonFiscal") {
        only_members(task, {"type", "items", "printFooter"});
        cancel_quietly();
        print_items(list_in(task, "items"));
    } else if (type == "printFnDocument") {
        only_members(task, {"type", "fiscalDocumentNumber"});
        if (!task.contains("fiscalDocumentNumber") || !task["fiscalDocumentNumber"].is_number_unsigned())
            wrong_value("fiscalDocumentNumber", "");
        cancel_quietly();
        command("copy", {{"fd_number", task["fiscalDocumentNumber"]}});
    } else if (type == "openCashDrawer") {
        only_members(task, {"type"});
        command("device");
    } else if (type == "continuePrint") {
        only_members(task, {"type"});
        command("continue_print");
    } else if (type == "setDateTime") {
        only_members(task, {"type", "dateTime"});
        set_date_time(task);
    } else {
        throw TaskFault{kErrorNotSupported, "Неизвестное задание " + type};
    }
    return {};
}

// Whoever's it is: this is why a driver has to look before.
void Session::cancel_quietly()
{
    int failed = kOk;
    ask("cancel_receipt", failed);
    if (failed != kOk && failed != kErrorReceiptClosed)
        throw TaskFault{failed, error_text};
}

void Session::begin_task(const json& task)
{
    cancel_quietly();
    if (!task.contains("operator"))
        return;
    const json cashier = object_in(task, "operator");
    only_members(cashier, {"name", "vatin"});
    cashier_ = must_text(cashier, "name");
    cashier_inn_ = text_in(cashier, "vatin");
}

void Session::begin_document()
{
    last_before_ = command("state")["fn"]["last_fd"].get<unsigned>();
    began_ = true;
}

bool Session::was_closed()
{
    if (check_document_closed() != kOk)
        return false;
    return std::get<unsigned>(out[kDocumentClosed]) != 0;
}

json Session::operator_tags() const { return Tags().text(1021, cashier_).inn(1203, cashier_inn_).list(); }

void Session::print_items(const json& items)
{
    json lines = json::array();
    for (const json& item : items) {
        const std::string type = must_text(item, "type");
        if (type == "text") {
            only_members(item, {"type", "text", "alignment", "font", "doubleWidth", "doubleHeight", "wrap"});
            lines.push_back(text_in(item, "text"));
        } else if (type == "barcode") {
            only_members(item,
                         {"type", "barcode", "barcodeType", "scale", "height", "printText", "alignment"});
            lines.push_back("[" + must_text(item, "barcodeType") + " " + must_text(item, "barcode") + "]");
        } else {
            wrong_value("type", type);
        }
        static const std::set<std::string> kAlignments = {"", "left", "center", "right"};
        if (kAlignments.count(text_in(item, "alignment")) == 0)
            wrong_value("alignment", text_in(item, "alignment"));
    }
    if (!lines.empty())
        command("print", {{"lines", lines}});
}

json Session::fiscal_result()
{
    const json state = command("state");
    json warnings = json();
    if (state["half_printed"].get<bool>())
        warnings = {{"notPrinted", true}};
    return {{"fiscalParams",
             {{"fiscalDocumentNumber", state["fn"]["last_fd"]},
              {"fiscalDocumentSign", std::to_string(state["fn"]["last_sign"].get<unsigned>())},
              {"fiscalDocumentDateTime", state["fn"]["last_at"].get<std::string>() + "+03:00"},
              {"shiftNumber", state["shift_number"]},
              {"fnNumber", state["fn"]["serial"]}}},
            {"warnings", warnings}};
}

json Session::report_task(const std::string& type, const json& task)
{
    only_members(task, {"type", "operator", "electronically", "preItems", "postItems"});
    begin_task(task);
    if (type == "reportX") {
        command("x_report");
        return {};
    }
    begin_document();
    const json who = {{"cashier", cashier_}, {"tags", operator_tags()}};
    try {
        if (type == "openShift")
            command("open_shift", who);
        else if (type == "closeShift")
            command("close_shift", who);
        else
            command("state_report");
    } catch (const TaskFault& fault) {
        if (fault.error == kErrorShiftClosed || !was_closed())
            throw;
    }
    return fiscal_result();
}

// A closed shift is opened, without being asked: this, too, a driver has to know.
json Session::cash_task(const json& task)
{
    only_members(task, {"type", "operator", "cashSum", "electronically"});
    const std::int64_t sum = must_money(task, "cashSum");
    begin_task(task);
    if (command("state")["shift"] == "closed")
        command("open_shift", {{"cashier", cashier_}, {"tags", operator_tags()}});
    command(task["type"] == "cashIn" ? "cash_in" : "cash_out", {{"sum", sum}});
    const json state = command("state");
    return {{"counters", {{"cashSum", state["cash"].get<double>() / 100}}}};
}

json Session::registration_task()
{
    const json state = command("state");
    const json& who = state["identity"];
    return {{"organization", {{"name", who["user"]}, {"vatin", who["inn"]}, {"address", who["address"]}}},
            {"device", {{"registrationNumber", who["reg_number"]}, {"ofdChannel", "ethernet"}}},
            {"ofd",
             {{"name", who["ofd_name"]},
              {"vatin", who["ofd_inn"]},
              {"host", who["ofd_host"]},
              {"port", who["ofd_port"]}}}};
}

void Session::set_date_time(const json& task)
{
    std::string time = must_text(task, "dateTime"); // "2026.03.25 14:05:00"
    if (time.size() != 19 || time[4] != '.' || time[7] != '.' || time[10] != ' ')
        wrong_value("dateTime", time);
    time[4] = '-';
    time[7] = '-';
    time[10] = 'T';
    command("set_clock", {{"time", time}});
}

} // namespace stand_in

#include "agent/api/kkmserver/names.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using Kind = fiscal::RequestKind;

constexpr std::pair<std::string_view, Command> kCommands[] = {
    {"RegisterCheck", Command::register_check},
    {"OpenShift", Command::open_shift},
    {"CloseShift", Command::close_shift},
    {"ZReport", Command::close_shift},
    {"XReport", Command::x_report},
    {"OfdReport", Command::ofd_report},
    {"DepositingCash", Command::depositing_cash},
    {"PaymentCash", Command::payment_cash},
    {"OpenCashDrawer", Command::open_cash_drawer},
    {"PrintDocument", Command::print_document},
    {"ContinuePrint", Command::continue_print},
    {"GetDataCheck", Command::get_data_check},
    {"GetDataKKT", Command::get_data_kkt},
    {"GetCounters", Command::get_counters},
    {"Get\u0421ounters", Command::get_counters},
    {"GetLineLength", Command::get_line_length},
    {"GetRezult", Command::get_rezult},
    {"List", Command::list},
    {"GetServerData", Command::get_server_data},
    {"OnOffUnut", Command::on_off_unit},
};

using NamePair = std::pair<std::string_view, std::string_view>;

constexpr NamePair kItemMembers[] = {
    {"name", "Name"},
    {"price", "Price"},
    {"quantity", "Quantity"},
    {"sum", "Amount"},
    {"vat", "Tax"},
    {"vat_sum", "Tax"},
    {"payment_method", "SignMethodCalculation"},
    {"item_kind", "SignCalculationObject"},
    {"department", "Department"},
    {"unit", "MeasureOfQuantity"},
    {"unit_text", "MeasurementUnit"},
    {"marking", "GoodCodeData"},
    {"marking.code", "GoodCodeData.BarCode"},
    {"product_code", "GoodCodeData.BarCode"},
    {"fraction", "PackageQuantity"},
    {"excise", "ExciseAmount"},
    {"country", "CountryOfOrigin"},
    {"customs_declaration", "CustomsDeclaration"},
    {"extra", "AdditionalAttribute"},
    {"agent_flags", "AgentSign"},
    {"supplier_inn", "PurveyorData.PurveyorVATIN"},
    {"supplier.name", "PurveyorData.PurveyorName"},
};

constexpr NamePair kMembers[] = {
    {"items", "CheckStrings"},
    {"operation", "TypeCheck"},
    {"payments", "Cash, ElectronicPayment"},
    {"payments.cash", "Cash"},
    {"payments.electronic", "ElectronicPayment"},
    {"payments.advance", "AdvancePayment"},
    {"payments.credit", "Credit"},
    {"payments.counter", "CashProvision"},
    {"buyer", "ClientInfo"},
    {"buyer.contact", "ClientAddress"},
    {"buyer.name", "ClientInfo"},
    {"buyer.inn", "ClientINN"},
    {"sender_email", "SenderEmail"},
    {"address", "AddressSettle"},
    {"place", "PlaceMarket"},
    {"tax_system", "TaxVariant"},
    {"electronic_only", "NotPrint"},
    {"cashier", "CashierName"},
    {"cashier_inn", "CashierVATIN"},
    {"correction", "TypeCheck"},
    {"correction.type", "CorrectionType"},
    {"correction.date", "CorrectionBaseDate"},
    {"correction.number", "CorrectionBaseNumber"},
    {"correction.name", "CorrectionBaseName"},
    {"extra", "AdditionalAttribute"},
    {"user_attribute", "UserAttribute"},
    {"agent_flags", "AgentSign"},
    {"sum", "Amount"},
    {"fd_number", "FiscalNumber"},
    {"lines", "CheckStrings"},
};

template <std::size_t N>
std::string_view other_name(const NamePair (&names)[N], std::string_view name)
{
    for (const auto& [ours, theirs] : names)
        if (ours == name)
            return theirs;
    return name;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

} // namespace

bool same_name(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return small(x) == small(y); });
}

std::optional<Command> command_of(std::string_view name)
{
    for (const auto& [known, command] : kCommands)
        if (same_name(known, name))
            return command;
    return std::nullopt;
}

bool works(Command command)
{
    switch (command) {
    case Command::get_data_kkt:
    case Command::get_counters:
    case Command::get_line_length:
    case Command::get_rezult:
    case Command::list:
    case Command::get_server_data:
    case Command::on_off_unit:
        return false;
    default:
        return true;
    }
}

std::string_view command_name_of(Kind kind)
{
    switch (kind) {
    case Kind::receipt:
        return "RegisterCheck";
    case Kind::shift_open:
        return "OpenShift";
    case Kind::shift_close:
        return "CloseShift";
    case Kind::x_report:
        return "XReport";
    case Kind::state_report:
        return "OfdReport";
    case Kind::cash_in:
        return "DepositingCash";
    case Kind::cash_out:
        return "PaymentCash";
    case Kind::copy:
        return "GetDataCheck";
    case Kind::text:
        return "PrintDocument";
    case Kind::cash_drawer:
        return "OpenCashDrawer";
    case Kind::continue_printing:
        return "ContinuePrint";
    case Kind::beep:
    case Kind::cut:
    case Kind::set_time:
    case Kind::known_state:
        break; // no command of this interface asks for them
    }
    return "";
}

std::string member_name(std::string_view path)
{
    constexpr std::string_view kItems = "items[";
    if (!path.starts_with(kItems))
        return std::string(other_name(kMembers, path));
    const std::size_t end = path.find(']');
    if (end == std::string_view::npos)
        return std::string(path);
    std::string name = "Register" + std::string(path.substr(kItems.size() - 1, end + 2 - kItems.size()));
    if (end + 2 < path.size())
        name += "." + std::string(other_name(kItemMembers, path.substr(end + 2)));
    return name;
}

} // namespace kb::agent::kkmserver

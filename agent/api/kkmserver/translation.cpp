#include "agent/api/kkmserver/translation.hpp"

#include "agent/api/kkmserver/lines.hpp"
#include "agent/api/kkmserver/receipt.hpp"
#include "protocol/fiscal/inn.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using Kind = fiscal::RequestKind;

constexpr std::size_t kPersonsInn = 12;

/// Clients put the shop's INN here, or anything: 1203 is for a person's, and a receipt may be without.
void read_cashier(Fields& command, Translated& made)
{
    made.request.cashier = one_line(command.text("CashierName"));
    std::string inn = command.text("CashierVATIN");
    if (inn.empty())
        return;
    if (inn.size() == kPersonsInn && fiscal::is_valid_inn(inn))
        made.request.cashier_inn = std::move(inn);
    else
        made.warnings.emplace_back("CashierVATIN не похож на ИНН человека (12 цифр) и в документ не попал");
}

Kopecks read_amount(Fields& command)
{
    const auto amount = command.money("Amount");
    if (!amount)
        command.complain("Amount", "не указана сумма");
    return amount.value_or(Kopecks{});
}

std::optional<Kind> simple_kind(Command command)
{
    switch (command) {
    case Command::open_shift:
        return Kind::shift_open;
    case Command::close_shift:
        return Kind::shift_close;
    case Command::x_report:
        return Kind::x_report;
    case Command::ofd_report:
        return Kind::state_report;
    case Command::depositing_cash:
        return Kind::cash_in;
    case Command::payment_cash:
        return Kind::cash_out;
    case Command::open_cash_drawer:
        return Kind::cash_drawer;
    case Command::print_document:
        return Kind::text;
    case Command::continue_print:
        return Kind::continue_printing;
    case Command::get_data_check:
        return Kind::copy;
    default:
        return std::nullopt;
    }
}

void read_simple(Fields& command, fiscal::Request& request, const RegisterFacts& facts)
{
    switch (request.kind) {
    case Kind::cash_in:
    case Kind::cash_out:
        request.sum = read_amount(command);
        return;
    case Kind::text:
        request.lines = read_text_lines(command, facts);
        return;
    case Kind::copy:
        request.fd_number = static_cast<std::uint32_t>(
            command.integer("FiscalNumber", 0, std::numeric_limits<std::uint32_t>::max()).value_or(0));
        return;
    default:
        return;
    }
}

bool same_positions(const std::vector<fiscal::Position>& a, const std::vector<fiscal::Position>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const fiscal::Position& x, const fiscal::Position& y) {
                          return x.item.name == y.item.name && x.item.quantity == y.item.quantity &&
                                 x.item.price == y.item.price && x.item.sum == y.item.sum &&
                                 x.item.vat_rate == y.item.vat_rate;
                      });
}

} // namespace

Translation translate(Command command, const nlohmann::json& body, const RegisterFacts& facts)
{
    std::optional<Fault> fault;
    Fields fields(body, "", fault);
    Translated made;
    if (command == Command::register_check) {
        made = read_check(fields, facts);
    } else if (const auto kind = simple_kind(command)) {
        made.request.kind = *kind;
        read_simple(fields, made.request, facts);
    } else {
        fields.complain("Command", "этой командой касса ничего не делает");
    }
    read_cashier(fields, made);
    if (fault)
        return tl::unexpected<Fault>(*std::move(fault));
    if (auto filled = fiscal::fill_in(made.request); !filled)
        return tl::unexpected<Fault>(
            Fault{"CheckStrings", "слишком большая сумма; проверьте цены и количества"});
    fiscal::fit_to(made.request, facts.ffd);
    return made;
}

bool same_business(const fiscal::Request& a, const fiscal::Request& b)
{
    if (a.kind != b.kind || a.sum != b.sum || a.fd_number != b.fd_number ||
        a.receipt.has_value() != b.receipt.has_value())
        return false;
    if (!a.receipt)
        return true;
    const fiscal::ReceiptRequest& x = *a.receipt;
    const fiscal::ReceiptRequest& y = *b.receipt;
    return x.operation == y.operation && x.correction == y.correction &&
           x.receipt.payments == y.receipt.payments && x.receipt.buyer_contact == y.receipt.buyer_contact &&
           same_positions(x.positions, y.positions);
}

} // namespace kb::agent::kkmserver

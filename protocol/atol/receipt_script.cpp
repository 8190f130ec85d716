#include "protocol/atol/receipt_script.hpp"

#include "protocol/atol/codec.hpp"
#include "protocol/atol/requisites.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace kb::atol {

namespace {

using fiscal::FfdVersion;

constexpr std::int64_t kRouble = 100;
constexpr std::uint8_t kGoods = 1;
constexpr std::uint8_t kPaidInFull = 4;

ReceiptType receipt_type(const fiscal::ReceiptRequest& asked)
{
    switch (asked.operation) {
    case fiscal::Operation::sell_return:
        return asked.correction ? ReceiptType::sell_return_correction : ReceiptType::sell_return;
    case fiscal::Operation::buy:
        return asked.correction ? ReceiptType::buy_correction : ReceiptType::buy;
    case fiscal::Operation::buy_return:
        return asked.correction ? ReceiptType::buy_return_correction : ReceiptType::buy_return;
    default:
        return asked.correction ? ReceiptType::sell_correction : ReceiptType::sell;
    }
}

/// Cash goes last, since only cash may be more than what is left to be paid.
std::vector<Payment> payments_of(const fiscal::Payments& paid)
{
    const std::array<std::pair<PaymentType, std::optional<Kopecks>>, 5> all{
        {{PaymentType::electronic, paid.electronic},
         {PaymentType::advance, paid.advance},
         {PaymentType::credit, paid.credit},
         {PaymentType::counter, paid.counter},
         {PaymentType::cash, paid.cash}}};
    std::vector<Payment> payments;
    for (const auto& [type, sum] : all) {
        if (!sum || sum->count() == 0)
            continue;
        Payment payment;
        payment.type = type;
        payment.sum = *sum;
        payments.push_back(payment);
    }
    return payments;
}

/// Money leaves the drawer, and none of it is cash: then its contents are no reason to refuse the item.
bool without_cash_control(const fiscal::ReceiptRequest& asked)
{
    const bool pays_out =
        asked.operation == fiscal::Operation::sell_return || asked.operation == fiscal::Operation::buy;
    return pays_out && asked.receipt.payments.cash.value_or(Kopecks{}).count() == 0;
}

Result<Kopecks> sum_of(const fiscal::ReceiptRequest& asked)
{
    Result<Kopecks> sum{Kopecks{}};
    for (const fiscal::Position& position : asked.positions)
        if (sum = sum->plus(position.item.sum.value_or(Kopecks{})); !sum)
            return sum;
    return sum;
}

std::string path_of(std::size_t position) { return "items[" + std::to_string(position) + "]"; }

Result<void> check_marking(const fiscal::Position& position, const std::string& path, FfdVersion ffd)
{
    if (!position.marking)
        return {};
    if (ffd == FfdVersion::v1_2)
        return fail(Errc::unsupported, path + ".marking: marked goods of FFD 1.2 are not known to work over "
                                              "this protocol; write family = \"atol-fptr\"");
    if (position.item.product_code.empty())
        return fail(Errc::unsupported, path + ".marking: before FFD 1.2 the receipt carries the code as tag "
                                              "1162; give it as product_code");
    return {};
}

Result<EndItem> end_of(const fiscal::Position& position, const std::string& path, bool no_cash_control,
                       const ScriptFacts& facts)
{
    const fiscal::Item& item = position.item;
    if (!item.price || !item.quantity || !item.sum || !item.vat_rate)
        return fail(Errc::bad_value, path + ": price, quantity, sum and VAT rate are wanted");
    const auto row = facts.vat.row_of(*item.vat_rate);
    if (!row)
        return fail(Errc::unsupported, path + ".vat: the register's tax table (table 13) has no such rate; "
                                              "have its firmware updated");
    if (item.unit_vat)
        return fail(Errc::unsupported, path + ".unit_vat: the register counts it; leave it out");
    EndItem end;
    end.flags = no_cash_control ? kNoCashControl : std::uint8_t{0};
    end.price = *item.price;
    end.quantity = *item.quantity;
    end.cost = *item.sum;
    end.tax = *row;
    end.tax_sum = item.vat_sum.value_or(Kopecks{});
    end.section = position.department;
    end.item_kind = item.item_kind.value_or(kGoods);
    end.payment_method = item.payment_method.value_or(kPaidInFull);
    end.name = item.name;
    return end;
}

/// A correction before FFD 1.2 is one item of the whole sum: the register refuses a second one (extended
/// error 0101), and the format wants no items there, only the sums and the taxes. So positions of one rate
/// become one, and several rates, whose taxes one item cannot carry, are refused.
Result<std::vector<fiscal::Position>> one_position(const fiscal::ReceiptRequest& asked, Kopecks subtotal)
{
    std::vector<fiscal::Position> positions = asked.positions;
    if (positions.empty())
        return positions;
    fiscal::Position& whole = positions.front();
    const bool same_rate =
        std::all_of(positions.begin(), positions.end(), [&whole](const fiscal::Position& position) {
            return position.item.vat_rate == whole.item.vat_rate;
        });
    if (!same_rate)
        return fail(Errc::unsupported,
                    "items: over this protocol a correction before FFD 1.2 carries one VAT rate; make a "
                    "correction for each rate, or write family = \"atol-fptr\"");
    if (positions.size() > 1) {
        fiscal::Position sum;
        sum.item.name = "Коррекция";
        sum.item.vat_rate = whole.item.vat_rate;
        sum.item.item_kind = whole.item.item_kind;
        sum.item.payment_method = whole.item.payment_method;
        sum.department = whole.department;
        whole = std::move(sum);
        positions.resize(1);
    }
    whole.item.price = subtotal;
    whole.item.quantity = Quantity::units(1);
    whole.item.sum = subtotal;
    return positions;
}

template <class Step>
Result<void> all_fit(const std::vector<Step>& steps, const Dialect& dialect)
{
    for (const Step& step : steps) {
        const auto bytes =
            std::visit([&dialect](const auto& command) { return encode_request(command, dialect); }, step);
        if (!bytes)
            return pass(bytes);
    }
    return {};
}

class Writer {
public:
    Writer(const fiscal::Request& request, const ScriptFacts& facts)
        : request_(request),
          asked_(*request.receipt),
          facts_(facts)
    {}

    Result<ReceiptScript> write()
    {
        for (const auto part : {&Writer::totals, &Writer::lines, &Writer::head, &Writer::items,
                                &Writer::rounding, &Writer::payments})
            if (const auto done = (this->*part)(); !done)
                return pass(done);
        if (auto fit = all_fit(script_.goods, facts_.dialect); !fit)
            return pass(fit);
        return std::move(script_);
    }

private:
    Result<void> totals()
    {
        const auto subtotal = sum_of(asked_);
        if (!subtotal)
            return pass(subtotal);
        script_.subtotal = *subtotal;
        script_.total = asked_.total.value_or(*subtotal);
        const std::int64_t off = script_.subtotal.count() - script_.total.count();
        if (off < 0 || off >= kRouble || (off != 0 && script_.total.count() % kRouble != 0))
            return fail(Errc::not_representable,
                        "total: " + script_.total.to_rubles() + " of items for " +
                            script_.subtotal.to_rubles() +
                            "; only the kopecks can be left off, all of them; a discount belongs into the "
                            "items' sums");
        if (asked_.receipt.vat.others || asked_.receipt.vat.vat_20 || asked_.receipt.vat.vat_10 ||
            asked_.receipt.vat.turnover_0 || asked_.receipt.vat.turnover_none ||
            asked_.receipt.vat.vat_20_120 || asked_.receipt.vat.vat_10_110)
            return fail(Errc::unsupported, "vat: the register counts the taxes; leave them out");
        return {};
    }

    Result<void> lines()
    {
        if (asked_.electronic_only)
            return {};
        auto before = paper_script(asked_.before, facts_.line_characters, facts_.dialect);
        if (!before)
            return pass(before);
        auto after = paper_script(asked_.after, facts_.line_characters, facts_.dialect);
        if (!after)
            return pass(after);
        script_.before = *std::move(before);
        script_.after = *std::move(after);
        return {};
    }

    void print_inside(std::vector<PaperStep>& lines)
    {
        if (!facts_.lines_inside)
            return;
        for (PaperStep& line : lines)
            std::visit([this](auto& command) { script_.goods.emplace_back(std::move(command)); }, line);
        lines.clear();
    }

    Result<void> head()
    {
        OpenReceipt open;
        open.type = receipt_type(asked_);
        open.print = !asked_.electronic_only;
        script_.goods.emplace_back(open);
        const auto tags = fiscal::receipt_tags(request_);
        if (!tags)
            return pass(tags);
        if (auto added = add(requisites(*tags, RequisiteOf::receipt, facts_.dialect)); !added)
            return added;
        print_inside(script_.before);
        return {};
    }

    Result<void> items()
    {
        const bool in_one = asked_.correction && facts_.ffd != FfdVersion::v1_2 &&
                            facts_.ffd != FfdVersion::v1_1; // from 1.1 on the format has items there
        const auto positions = in_one ? one_position(asked_, script_.subtotal)
                                      : Result<std::vector<fiscal::Position>>(asked_.positions);
        if (!positions)
            return pass(positions);
        for (std::size_t i = 0; i < positions->size(); ++i)
            if (auto added = item((*positions)[i], path_of(i)); !added)
                return added;
        print_inside(script_.after); // behind the rounding no line may come
        return {};
    }

    Result<void> item(const fiscal::Position& position, const std::string& path)
    {
        if (auto good = check_marking(position, path, facts_.ffd); !good)
            return good;
        auto end = end_of(position, path, without_cash_control(asked_), facts_);
        if (!end)
            return pass(end);
        const auto tags = fiscal::position_tags(position);
        if (!tags)
            return pass(tags);
        script_.goods.emplace_back(BeginItem{});
        if (const auto added = add(requisites(*tags, RequisiteOf::item, facts_.dialect)); !added) {
            Error error = added.error();
            error.context = path + ": " + error.context;
            return tl::unexpected<Error>(std::move(error));
        }
        script_.goods.emplace_back(*std::move(end));
        return {};
    }

    Result<void> rounding()
    {
        if (script_.total == script_.subtotal)
            return {};
        Discount off;
        off.size = 0; // whole roubles stay
        script_.goods.emplace_back(off);
        return {};
    }

    Result<void> payments()
    {
        script_.payments = payments_of(asked_.receipt.payments);
        if (script_.payments.empty()) { // a receipt of nothing
            script_.payments.emplace_back();
        }
        const Payment last = script_.payments.back();
        script_.payments.pop_back();
        Kopecks rest = script_.total;
        for (const Payment& payment : script_.payments)
            rest = Kopecks{rest.count() - payment.sum.count()};
        script_.close.type = last.type;
        if (last.sum != rest)
            script_.close.sum = last.sum; // cash of which some is given back, or too little: it is refused
        for (const Payment& payment : script_.payments)
            if (const auto bytes = encode_request(payment, facts_.dialect); !bytes)
                return pass(bytes);
        if (const auto bytes = encode_request(script_.close, facts_.dialect); !bytes)
            return pass(bytes);
        return {};
    }

    Result<void> add(Result<std::vector<WriteRequisite>> commands)
    {
        if (!commands)
            return pass(commands);
        for (WriteRequisite& command : *commands)
            script_.goods.emplace_back(std::move(command));
        return {};
    }

    const fiscal::Request& request_;
    const fiscal::ReceiptRequest& asked_;
    const ScriptFacts& facts_;
    ReceiptScript script_;
};

} // namespace

Result<ReceiptScript> receipt_script(const fiscal::Request& request, const ScriptFacts& facts)
{
    return Writer(request, facts).write();
}

Result<std::vector<WriteRequisite>> cashier_script(const fiscal::Request& request, const Dialect& dialect)
{
    const auto tags = fiscal::cashier_tags(request);
    if (!tags)
        return pass(tags);
    return requisites(*tags, RequisiteOf::receipt, dialect);
}

} // namespace kb::atol

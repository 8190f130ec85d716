#include "protocol/fiscal/counters.hpp"

#include "protocol/fiscal/document_fields.hpp"

#include <limits>

namespace kb::fiscal {

namespace {

void add(std::optional<Kopecks>& to, const std::optional<Kopecks>& value)
{
    const auto sum = to.value_or(Kopecks{}).plus(value.value_or(Kopecks{}));
    to = sum.value_or(Kopecks{std::numeric_limits<std::int64_t>::max()});
}

void add_one(std::optional<std::uint32_t>& to) { to = to.value_or(0) + 1; }

template <class Blocks>
std::optional<OperationCounters>* block_of(Blocks& blocks, Operation operation)
{
    switch (operation) {
    case Operation::sell:
        return &blocks.sell;
    case Operation::sell_return:
        return &blocks.sell_return;
    case Operation::buy:
        return &blocks.buy;
    case Operation::buy_return:
        return &blocks.buy_return;
    }
    return nullptr;
}

void add_payments(OperationCounters& to, const Document& document)
{
    const Payments& payments = document.receipt->payments;
    add_one(to.receipts);
    add(to.cash, payments.cash);
    add(to.electronic, payments.electronic);
    add(to.advance, payments.advance);
    add(to.credit, payments.credit);
    add(to.counter, payments.counter);
    add(to.total, document.head.total);
}

void add_taxes(OperationCounters& to, const VatSums& vat)
{
    add(to.vat_20, vat.vat_20);
    add(to.vat_10, vat.vat_10);
    add(to.vat_20_120, vat.vat_20_120);
    add(to.vat_10_110, vat.vat_10_110);
    add(to.turnover_0, vat.turnover_0);
    add(to.turnover_none, vat.turnover_none);
}

class Flatten {
public:
    explicit Flatten(std::map<std::string, std::int64_t>& out) : out_(out) {}

    void operator()(Tag number, const std::optional<std::uint32_t>& value)
    {
        if (value)
            out_[prefix_ + std::to_string(number)] = *value;
    }
    void operator()(Tag number, const std::optional<Kopecks>& value)
    {
        if (value)
            out_[prefix_ + std::to_string(number)] = value->count();
    }
    template <class T>
    void operator()(Tag number, const std::optional<T>& block)
    {
        if (!block)
            return;
        Flatten inner(out_);
        inner.prefix_ = prefix_ + std::to_string(number) + '/';
        fields(inner, *block);
    }

private:
    std::map<std::string, std::int64_t>& out_;
    std::string prefix_;
};

} // namespace

void add_receipt(Counters& counters, const Document& document)
{
    if (!document.receipt || !document.head.operation)
        return;
    const Operation operation = *document.head.operation;
    if (is_correction(document.head.type)) {
        CorrectionCounters corrections = counters.corrections.value_or(CorrectionCounters{});
        std::optional<OperationCounters>* block = block_of(corrections, operation);
        if (block == nullptr)
            return;
        if (!*block)
            block->emplace();
        add_payments(**block, document);
        add_one(corrections.receipts);
        counters.corrections = corrections;
    } else {
        std::optional<OperationCounters>* block = block_of(counters, operation);
        if (block == nullptr)
            return;
        if (!*block)
            block->emplace();
        add_payments(**block, document);
        add_taxes(**block, document.receipt->vat);
    }
    add_one(counters.receipts);
}

std::map<std::string, std::int64_t> flatten(const Counters& counters)
{
    std::map<std::string, std::int64_t> out;
    Flatten flat(out);
    fields(flat, counters);
    return out;
}

} // namespace kb::fiscal

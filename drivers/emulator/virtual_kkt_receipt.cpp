// The part of the virtual register that sells: an open receipt, its closing, the drawer.
#include "drivers/emulator/paper.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "drivers/emulator/virtual_kkt.hpp"

#include <algorithm>
#include <numeric>

namespace kb::emulator {

namespace {

constexpr std::size_t kItemLimit = 400;
constexpr std::size_t kDocumentLimit = 30'000; // of 32768, the FN's own tags and totals included
constexpr std::uint64_t kMoneyLimit = 1ULL << 40U;

bool takes_cash_out(Operation operation) { return operation == 2 || operation == 3; }

} // namespace

Answer<void> VirtualKkt::may_open_receipt(bool printed) const
{
    if (receipt_)
        return refuse(Why::receipt_is_open, "a receipt is already open", "close or cancel it");
    if (!shift_.open)
        return refuse(Why::shift_is_closed, "the shift is not open", "POST /shift/open first");
    if (shift_expired())
        return refuse(Why::shift_expired, "the shift is open for more than 24 hours",
                      "POST /shift/close, then open a new one");
    if (auto allowed = may_write_fn(); !allowed)
        return allowed;
    return printed ? may_print() : Answer<void>{};
}

Answer<void> VirtualKkt::open_receipt(Operation operation, bool correction, std::uint8_t owner, bool printed)
{
    if (auto allowed = may_open_receipt(printed); !allowed)
        return allowed;
    Receipt receipt;
    receipt.printed = printed;
    receipt.operation = operation;
    receipt.is_correction = correction;
    receipt.owner = owner;
    receipt_ = std::move(receipt);
    save();
    return {};
}

Answer<void> VirtualKkt::add_item(Item item)
{
    if (!receipt_)
        return refuse(Why::receipt_is_closed, "no receipt is open", "open one first");
    if (receipt_->items.size() >= kItemLimit)
        return refuse(Why::too_long, "too many items in one receipt", "close this one");
    if (receipt_->total() + item.sum >= kMoneyLimit)
        return refuse(Why::bad_value, "the total leaves the five bytes of a sum", "sell less", "price");
    receipt_->items.push_back(std::move(item));
    save();
    return {};
}

Answer<void> VirtualKkt::add_receipt_tags(BytesView tlvs)
{
    if (!receipt_)
        return refuse(Why::receipt_is_closed, "no receipt is open", "open one first");
    if (!well_formed(tlvs) || receipt_->extra.size() + tlvs.size() > 4096)
        return refuse(Why::bad_value, "not whole TLVs, or too many", "check the lengths", "tlv");
    receipt_->extra.insert(receipt_->extra.end(), tlvs.begin(), tlvs.end());
    save();
    return {};
}

Answer<void> VirtualKkt::add_item_tags(BytesView tlvs)
{
    if (!receipt_ || receipt_->items.empty())
        return refuse(Why::receipt_is_closed, "no item to add to", "send the item first");
    Bytes& extra = receipt_->items.back().extra;
    if (!well_formed(tlvs) || extra.size() + tlvs.size() > 1024)
        return refuse(Why::bad_value, "not whole TLVs, or too many", "check the lengths", "tlv");
    extra.insert(extra.end(), tlvs.begin(), tlvs.end());
    save();
    return {};
}

Answer<void> VirtualKkt::change_receipt(Receipt receipt)
{
    if (!receipt_)
        return refuse(Why::receipt_is_closed, "no receipt is open", "open one first");
    receipt_ = std::move(receipt);
    save();
    return {};
}

Answer<void> VirtualKkt::cancel_receipt()
{
    if (!receipt_)
        return refuse(Why::receipt_is_closed, "no receipt is open", "nothing to cancel");
    const std::size_t op = receipt_->operation - 1U;
    ++shift_.registers.annulled[op];
    shift_.registers.annulled_sum[op] += receipt_->total();
    receipt_.reset();
    add_strip({"ЧЕК АННУЛИРОВАН", ""});
    save();
    return {};
}

Answer<Closed> VirtualKkt::close_receipt(const Closing& closing)
{
    if (!receipt_)
        return refuse(Why::receipt_is_closed, "no receipt is open", "open one first");
    if (shift_expired())
        return refuse(Why::shift_expired, "the shift is open for more than 24 hours", "close the shift");
    if (auto allowed = receipt_->printed ? may_print() : Answer<void>{}; !allowed)
        return tl::unexpected(allowed.error());
    if (auto allowed = may_write_fn(); !allowed)
        return tl::unexpected(allowed.error());
    const std::uint64_t total = receipt_->total();
    if (closing.rounding > 99 || closing.rounding > total)
        return refuse(Why::bad_value, "rounding is 0 to 99 kopecks", "take less off", "rounding");
    const std::uint64_t due = total - closing.rounding;
    const std::uint64_t cashless =
        std::accumulate(closing.payments.begin() + 1, closing.payments.end(), std::uint64_t{0});
    if (receipt_->items.empty())
        return refuse(Why::zero_total, "the receipt has no items", "add one", "items");
    if (cashless > due)
        return refuse(Why::cashless_too_big, "cashless payments exceed the total", "pay less by card",
                      "payments");
    if (cashless + closing.payments[0] < due)
        return refuse(Why::payments_short, "payments are less than the total", "pay the whole sum",
                      "payments");
    const std::uint64_t change = cashless + closing.payments[0] - due;
    const auto cash = static_cast<std::int64_t>(closing.payments[0] - change);
    if (takes_cash_out(receipt_->operation) && cash > cash_)
        return refuse(Why::no_cash, "not enough cash in the drawer", "put cash in, or return by card",
                      "payments.cash");
    const Receipt receipt = *receipt_;
    return commit_receipt(receipt, closing, change);
}

Answer<Closed> VirtualKkt::commit_receipt(const Receipt& receipt, const Closing& closing,
                                          std::uint64_t change)
{
    const std::uint16_t number = static_cast<std::uint16_t>(shift_.receipts + 1);
    const Document document = receipt_document(identity_, head(), receipt, closing, change, number);
    if (document.body.size() > kDocumentLimit)
        return refuse(Why::too_long, "the document would not fit into the FN", "sell in two receipts",
                      "items");
    if (power_cut_ == PowerCut::before_fn_commit) {
        power_off();
        return refuse(Why::powered_off, "the power went before the FN took the document", "power on");
    }
    const std::size_t op = receipt.operation - 1U;
    const std::uint64_t cash = closing.payments[0] - change;
    cash_ += takes_cash_out(receipt.operation) ? -static_cast<std::int64_t>(cash)
                                               : static_cast<std::int64_t>(cash);
    shift_.receipts = number;
    shift_.totals.add(receipt, closing, change);
    totals_.add(receipt, closing, change);
    shift_.registers.add(receipt, closing, change);
    ++receipt_numbers_[op];
    for (std::size_t slot = 0; slot < closing.payments.size(); ++slot)
        all_time_[op][slot] += closing.payments[slot] - (slot == 0 ? change : 0);
    if (receipt.is_correction)
        corrections_[op] += receipt.total() - closing.rounding;
    FnDocument record;
    record.type = receipt.is_correction ? 31 : 3;
    record.operation = receipt.operation;
    record.sum = receipt.total() - closing.rounding;
    const Receipt copy = receipt; // `receipt` may be the open one, which ends here
    receipt_.reset();
    auto done = commit(record, document, number);
    marking_.clear(); // their results are in the document
    done->change = change;
    if (power_cut_ == PowerCut::after_fn_commit) {
        power_off();
        return refuse(Why::powered_off, "the power went after the FN took the document", "power on");
    }
    const auto lines = receipt_lines(identity_, fn_, copy, closing, *done, shift_.number);
    if (copy.printed)
        print_document(lines);
    else
        last_lines_ = lines;
    if (!powered_)
        return refuse(Why::powered_off, "the power went while the document printed", "power on");
    return done;
}

Answer<Closed> VirtualKkt::ring(Receipt receipt, const Closing& closing)
{
    if (receipt_)
        return refuse(Why::receipt_is_open, "a receipt is open over the line",
                      "wait until the program on the PC closes it, or cancel it there (88h)");
    if (!shift_.open) {
        auto opened = open_shift(closing.cashier, {});
        if (!opened)
            return opened;
    }
    if (auto allowed = may_open_receipt(receipt.printed); !allowed)
        return tl::unexpected(allowed.error());
    receipt_ = std::move(receipt); // never saved: a process that dies now leaves no open receipt behind
    const bool was_reading = reading_.has_value();
    auto done = close_receipt(closing);
    receipt_.reset();
    if (was_reading) {
        reading_.reset();
        reading_broken_ = true;
    }
    return done;
}

Answer<void> VirtualKkt::cash_in(std::uint64_t sum)
{
    if (auto allowed = may_print(); !allowed)
        return allowed;
    cash_ += static_cast<std::int64_t>(sum);
    shift_.registers.cash_in += sum;
    ++shift_.registers.cash_in_count;
    ++through_number_;
    print_document({"ВНЕСЕНИЕ", "=" + rubles(sum)});
    save();
    return {};
}

Answer<void> VirtualKkt::cash_out(std::uint64_t sum)
{
    if (auto allowed = may_print(); !allowed)
        return allowed;
    if (static_cast<std::int64_t>(sum) > cash_)
        return refuse(Why::no_cash, "not enough cash in the drawer", "take less", "sum");
    cash_ -= static_cast<std::int64_t>(sum);
    shift_.registers.cash_out += sum;
    ++shift_.registers.cash_out_count;
    ++through_number_;
    print_document({"ВЫПЛАТА", "=" + rubles(sum)});
    save();
    return {};
}

void VirtualKkt::preload(std::uint32_t documents, std::uint64_t seed)
{
    constexpr std::uint32_t kShiftReceipts = 120;
    constexpr std::int64_t kLongestPause = 90; // seconds between two documents, where the past has room
    const FnDocument* newest = fn_.find(fn_.last_fd());
    const LocalSeconds end = now();
    const LocalSeconds earliest = newest == nullptr ? end : newest->datetime();
    const std::int64_t pause =
        std::clamp<std::int64_t>((end - earliest).count() / (documents + 1), 0, kLongestPause);
    bulk_now_ = end - std::chrono::seconds{pause * documents};
    bulk_ = true;
    RandomSales sales{seed};
    fn_.reserve(fn_.last_fd() + documents, (fn_.last_fd() + documents) * std::size_t{500});
    if (store_ != nullptr)
        store_->bulk(true);
    const std::uint32_t last = fn_.last_fd() + documents;
    while (fn_.last_fd() < last) {
        bulk_now_ += std::chrono::seconds{pause};
        if (!shift_.open) {
            static_cast<void>(open_shift("Кассир 1", {}));
        } else if (shift_.receipts >= kShiftReceipts || fn_.last_fd() + 1 == last) {
            static_cast<void>(close_shift("Кассир 1", {}));
        } else {
            auto [receipt, closing] = sales.next(cash_);
            static_cast<void>(ring(std::move(receipt), closing));
        }
    }
    bulk_ = false;
    fn_.give_tickets_through(fn_.last_fd(), now());
    if (store_ != nullptr)
        store_->tickets(fn_.last_fd(), now());
    save();
    if (store_ != nullptr)
        store_->bulk(false);
}

} // namespace kb::emulator

// Total and payments of a receipt. Source: docs/sources.md#ffd, sections 4.7 and 8.
#include "protocol/fiscal/request_faults.hpp"

#include <algorithm>
#include <array>

namespace kb::fiscal {

namespace {

constexpr std::uint8_t kPartialPayment = 5;
constexpr std::uint8_t kCredit = 6;

std::string rubles(Kopecks sum) { return sum.to_rubles(); }

struct Part {
    std::string_view member;
    std::optional<Kopecks> sum;
};

std::array<Part, 5> parts_of(const Payments& paid)
{
    return {{{"cash", paid.cash},
             {"electronic", paid.electronic},
             {"advance", paid.advance},
             {"credit", paid.credit},
             {"counter", paid.counter}}};
}

// What is due, where it can be told; each fault of it was added.
std::optional<Kopecks> check_total(Faults& faults, const ReceiptRequest& request)
{
    const Place total{"total", {}, {}};
    const bool known = std::all_of(request.positions.begin(), request.positions.end(),
                                   [](const Position& position) { return position.item.sum.has_value(); });
    if (!known)
        return std::nullopt; // what is missing is told at the positions
    const auto positions = total_of(request);
    if (!positions) {
        faults.add({"items", {}, {}}, "sums_overflow",
                   {"сумма позиций больше любых денег; проверьте цены",
                    "the sum of the positions is beyond any money; check the prices"});
        return std::nullopt;
    }
    const Kopecks due = request.total.value_or(*positions);
    if (due < Kopecks{})
        faults.add(total, "total_negative",
                   {"итог отрицательный: " + rubles(due) + "; для возврата есть операция «возврат прихода»",
                    "negative total " + rubles(due) + "; for a return there is the operation sell_return"});
    else if (due > *positions)
        faults.add(total, "total_above_positions",
                   {"итог " + rubles(due) + " больше суммы позиций " + rubles(*positions) +
                        "; исправьте итог или позиции",
                    "total " + rubles(due) + " is more than the positions' " + rubles(*positions) +
                        "; correct it, or them"});
    // Kopecks of the total may be dropped, whole rubles may not.
    else if (due.count() / 100 != positions->count() / 100)
        faults.add(total, "total_below_positions",
                   {"итог " + rubles(due) + " меньше суммы позиций " + rubles(*positions) +
                        "; отбросить можно только копейки, скидку укажите в позициях",
                    "total " + rubles(due) + " is less than the positions' " + rubles(*positions) +
                        "; only kopecks may be dropped, put a discount into the positions"});
    else if (due > faults.limits().max_sum)
        check_sum(faults, total, due);
    else if (due == Kopecks{} && request.correction)
        faults.add(total, "total_zero",
                   {"коррекция на нулевую сумму; укажите сумму", "a correction of nothing; give the sum"});
    else
        return due;
    return std::nullopt;
}

// Whole sums of what was paid; nullopt beyond 64 bits.
std::optional<Kopecks> sum_of(const std::array<Part, 5>& parts, bool cash_too)
{
    Kopecks sum;
    for (const Part& part : parts) {
        if (!cash_too && part.member == "cash")
            continue;
        const auto more = sum.plus(part.sum.value_or(Kopecks{}));
        if (!more)
            return std::nullopt;
        sum = *more;
    }
    return sum;
}

void check_paid(Faults& faults, const ReceiptRequest& request, Kopecks due)
{
    const Place payments{"payments", {}, {}};
    const auto parts = parts_of(request.receipt.payments);
    const auto paid = sum_of(parts, true);
    const auto not_cash = sum_of(parts, false);
    if (!paid || !not_cash) {
        faults.add(payments, "sums_overflow",
                   {"сумма оплат больше любых денег; проверьте оплаты",
                    "the sum of the payments is beyond any money; check them"});
        return;
    }
    if (*paid < due)
        faults.add(
            payments, "payments_short",
            {"оплачено " + rubles(*paid) + " из " + rubles(due) +
                 "; добавьте оплату, долг укажите как credit",
             "paid " + rubles(*paid) + " of " + rubles(due) + "; add the payment, give a debt as credit"});
    else if (*not_cash > due)
        faults.add(payments, "payments_non_cash_over",
                   {"без наличных оплачено " + rubles(*not_cash) + ", это больше итога " + rubles(due) +
                        "; сдача бывает только с наличных, исправьте оплаты",
                    "without cash " + rubles(*not_cash) + " is paid, more than the total " + rubles(due) +
                        "; change is given of cash only, correct the payments"});
    else if (*paid > due && request.correction)
        faults.add(payments, "payments_over_correction",
                   {"в коррекции оплачено " + rubles(*paid) + " при итоге " + rubles(due) +
                        "; сдачи в ней нет, укажите ровно итог",
                    "the correction is paid with " + rubles(*paid) + ", its total is " + rubles(due) +
                        "; there is no change in it, give the very total"});
}

// What is bought on credit says so in both places: how the positions are settled, and by what.
void check_credit(Faults& faults, const ReceiptRequest& request)
{
    Kopecks on_credit; // nothing of it is paid now
    bool may_have_credit = false;
    for (const Position& position : request.positions) {
        const std::uint8_t method = position.item.payment_method.value_or(0);
        may_have_credit = may_have_credit || method == kPartialPayment || method == kCredit;
        if (method == kCredit)
            on_credit = on_credit.plus(position.item.sum.value_or(Kopecks{})).value_or(on_credit);
    }
    const Kopecks credit = request.receipt.payments.credit.value_or(Kopecks{});
    const Place place{"payments.credit", {}, {}};
    if (credit > Kopecks{} && !may_have_credit)
        faults.add(
            place, "credit_without_item",
            {"оплата в кредит " + rubles(credit) +
                 ", а все позиции рассчитаны полностью; у проданных в долг укажите payment_method: credit "
                 "или partial_payment",
             "credit of " + rubles(credit) +
                 ", but no position is sold on credit; give those payment_method credit or "
                 "partial_payment"});
    // The total may have dropped kopecks that the positions still have.
    if (on_credit.count() / 100 > credit.count() / 100)
        faults.add(place, "credit_item_paid",
                   {"в кредит передано на " + rubles(on_credit) + ", а оплата в кредит " + rubles(credit) +
                        "; они должны совпадать, частичную оплату укажите как partial_payment",
                    "positions of " + rubles(on_credit) + " are sold on credit, but the credit is " +
                        rubles(credit) + "; they have to agree, a part paid now is partial_payment"});
}

} // namespace

void check_sum(Faults& faults, const Place& place, Kopecks sum)
{
    if (sum < Kopecks{})
        faults.add(place, "sum_negative",
                   {"отрицательная сумма " + rubles(sum) +
                        "; укажите без минуса (для возврата есть операция «возврат прихода»)",
                    "negative sum " + rubles(sum) +
                        "; give it without the minus (for a return there is the operation sell_return)"});
    else if (sum > faults.limits().max_sum)
        faults.add(place, "sum_too_big",
                   {"сумма " + rubles(sum) + ", касса принимает до " + rubles(faults.limits().max_sum) +
                        "; проверьте, при необходимости разделите",
                    "sum " + rubles(sum) + ", the register takes up to " + rubles(faults.limits().max_sum) +
                        "; check it, divide it if need be"});
}

void check_payments(Faults& faults, const ReceiptRequest& request)
{
    bool sound = true;
    for (const Part& part : parts_of(request.receipt.payments)) {
        if (!part.sum)
            continue;
        sound = sound && *part.sum >= Kopecks{};
        check_sum(faults, Place{"payments", {}, {}}.in(part.member), *part.sum);
    }
    const auto due = check_total(faults, request);
    if (due && sound) {
        check_paid(faults, request, *due);
        check_credit(faults, request);
    }
}

} // namespace kb::fiscal

// Payments, the closing of a receipt, and cash without one. Source: docs/sources.md#atol, sections 4.5
// and 14.
#include "drivers/atol/emulator_commands.hpp"
#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/tlv_out.hpp"

#include <algorithm>
#include <numeric>

namespace kb::emulator::atol {

namespace {

constexpr unsigned kTest = 1;
constexpr unsigned kMissingRequisite = 0x0206;
// Payment types 1..5: cash, electronic, advance, credit, other.
constexpr std::array<std::size_t, 6> kSlot = {0, 0, 1, 13, 14, 15};

bool known_type(std::uint8_t type) { return type >= 1 && type < kSlot.size(); }

std::uint64_t cashless_of(const Payments& payments)
{
    return std::accumulate(payments.begin() + 1, payments.end(), std::uint64_t{0});
}

} // namespace

std::uint64_t Commands::due() const { return kkt_.receipt()->total() - kkt_.receipt()->rounding; }

std::uint64_t Commands::paid() const
{
    const Payments& payments = kkt_.receipt()->paid;
    return std::accumulate(payments.begin(), payments.end(), std::uint64_t{0});
}

// flags | type | sum 5; the answer: what is still to be paid 5, what is to be given back 5
Commands::Done Commands::pay(In& in)
{
    const unsigned flags = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint64_t sum = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (!known_type(type))
        return error(0x7E);
    if (item_)
        return error(0x66);
    if (sum == 0 || kkt_.receipt()->items.empty())
        return error(0x08);
    Receipt receipt = *kkt_.receipt();
    receipt.paid[kSlot[type]] += sum;
    if (cashless_of(receipt.paid) > due())
        return error(0x71);
    const std::uint64_t all = paid() + sum;
    if ((flags & kTest) == 0)
        if (const auto changed = kkt_.change_receipt(std::move(receipt)); !changed)
            return error(code_of(changed.error()));
    return data().bcd(due() - std::min(due(), all), 5).bcd(all - std::min(due(), all), 5).take();
}

// The same, the other way round.
Commands::Done Commands::take_back(In& in)
{
    const unsigned flags = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint64_t sum = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (!known_type(type))
        return error(0x7E);
    Receipt receipt = *kkt_.receipt();
    if (sum > receipt.paid[kSlot[type]])
        return error(0x70);
    receipt.paid[kSlot[type]] -= sum;
    const std::uint64_t all = paid() - sum;
    if ((flags & kTest) == 0)
        if (const auto changed = kkt_.change_receipt(std::move(receipt)); !changed)
            return error(code_of(changed.error()));
    return data().bcd(due() - std::min(due(), all), 5).bcd(all - std::min(due(), all), 5).take();
}

// flags | type | sum 5; a sum of 0 is exactly what is still to be paid
Commands::Done Commands::close_receipt(In& in)
{
    const unsigned flags = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint64_t sum = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (!known_type(type))
        return error(0x7E);
    if (item_)
        return error(0x66);
    Receipt receipt = *kkt_.receipt();
    if (receipt.items.empty())
        return error(0x08);
    if (receipt.is_correction && (find_tag(receipt.extra, tag::correction_type).data() == nullptr ||
                                  find_tag(receipt.extra, tag::correction_basis).data() == nullptr))
        return extended(kMissingRequisite);
    Closing closing;
    closing.payments = receipt.paid;
    closing.payments[kSlot[type]] += sum == 0 ? due() - std::min(due(), paid()) : sum;
    if (cashless_of(closing.payments) > due())
        return error(0x71);
    // Items that were not looked at may not take more cash than there is; what the drawer holds they may.
    const std::uint64_t cash = std::min(closing.payments[0], due() - cashless_of(closing.payments));
    if (unchecked_items_ && (receipt.operation == 2 || receipt.operation == 3) &&
        static_cast<std::int64_t>(cash) > kkt_.cash())
        return error(0xB3);
    if ((flags & kTest) != 0)
        return cashless_of(closing.payments) + closing.payments[0] < due()
                   ? Done(error(options_.short_is_72 ? 0x72 : 0x86))
                   : Done(done());
    closing.rounding = receipt.rounding;
    const unsigned systems = kkt_.identity().tax_systems;
    closing.tax_system =
        receipt.tax_system != 0 ? receipt.tax_system : static_cast<std::uint8_t>(systems & (~systems + 1U));
    closing.cashier = cashier();
    receipt.extra = with_cashier_inn(receipt.extra);
    unprinted_ = !receipt.printed;
    if (const auto changed = kkt_.change_receipt(std::move(receipt)); !changed)
        return error(code_of(changed.error()));
    kkt_.stop_reading();
    const auto closed = kkt_.close_receipt(closing);
    if (!closed)
        return error(code_of(closed.error()));
    unchecked_items_ = false;
    return done();
}

// flags | sum 5
Commands::Done Commands::cash_in(In& in)
{
    const unsigned flags = in.u8();
    const std::uint64_t sum = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (kkt_.shift_expired())
        return error(0x88);
    if (sum == 0)
        return error(0x08);
    return (flags & kTest) != 0 ? Done(done()) : done_or(kkt_.cash_in(sum));
}

Commands::Done Commands::cash_out(In& in)
{
    const unsigned flags = in.u8();
    const std::uint64_t sum = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (sum == 0)
        return error(0x08);
    if (kkt_.shift_expired())
        return error(0x88);
    if (static_cast<std::int64_t>(sum) > kkt_.cash())
        return error(0x98);
    if ((flags & kTest) != 0)
        return done();
    if (auto shift = shift_for_selling(); !shift)
        return shift;
    return done_or(kkt_.cash_out(sum));
}

} // namespace kb::emulator::atol

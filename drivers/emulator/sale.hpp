// What a receipt is made of before it becomes a fiscal document, and why a register refuses one.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::emulator {

/// Tag 1054 and everything ordered like it: 1 sell, 2 sell_return, 3 buy, 4 buy_return.
using Operation = std::uint8_t;

struct Item {
    std::string name;
    std::uint64_t price = 0; ///< kopecks
    Quantity quantity = Quantity::units(1);
    std::uint64_t sum = 0;                  ///< kopecks, discount included
    std::optional<std::uint64_t> vat_given; ///< the host's own VAT sum
    std::uint8_t vat = 6;                   ///< tag 1199: 1..12
    std::uint8_t payment_method = 4;        ///< tag 1214
    std::uint8_t item_kind = 1;             ///< tag 1212
    std::uint8_t unit = 0;                  ///< tag 2108
    std::uint8_t department = 1;            ///< 0..16
    Bytes extra;                            ///< TLVs the host added
};

struct Correction {
    std::uint8_t type = 0; ///< tag 1173: 0 own will, 1 by order
    std::optional<LocalSeconds> date;
    std::string number;
};

/// Payment slots as registers number them: 0 cash, 1..12 electronic, 13 advance, 14 credit, 15 counter.
using Payments = std::array<std::uint64_t, 16>;

struct Receipt {
    Operation operation = 1;
    bool is_correction = false;
    std::optional<Correction> correction; ///< absent: tags 1173 and 1174 come in `extra`
    std::vector<Item> items;
    Bytes extra; ///< TLVs of the receipt itself
    std::uint8_t owner = 30;
    bool printed = true; ///< false: for the FN and the OFD only

    // Of makes that take payments and the rest one by one, before the closing.
    Payments paid{};
    std::uint8_t rounding = 0;   ///< kopecks to be taken off the total
    std::uint8_t tax_system = 0; ///< 0: not said
    bool adjusted = false;       ///< a discount was given on the whole

    [[nodiscard]] std::uint64_t total() const;
};

struct Closing {
    Payments payments{};
    std::uint8_t rounding = 0; ///< kopecks taken off the total
    std::uint8_t tax_system = 1;
    std::string cashier;
};

struct Closed {
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    std::uint64_t change = 0;
    std::uint16_t number = 0; ///< receipt number in the shift, or shift number
    LocalSeconds at{};
};

/// VAT contained in `sum` at a rate of tag 1199; 0 for 0 % and "no VAT".
std::uint64_t contained_vat(std::uint64_t sum, std::uint8_t vat);

enum class Why {
    shift_is_open,
    shift_is_closed,
    shift_expired,
    receipt_is_open,
    receipt_is_closed,
    other_operation,
    other_operator,
    no_paper,
    still_printing,
    waits_for_continue,
    payments_short,
    cashless_too_big,
    zero_total,
    no_cash,
    bad_value,
    too_long,
    fn_wrong_state,
    fn_expired,
    fn_full,
    ofd_wait_exceeded,
    clock_behind_fn,
    clock_jumped,
    no_data,
    nothing_to_repeat,
    powered_off,
};

/// A refusal with what a person can do about it.
struct Refusal {
    Why why;
    std::string field; ///< of the request, may be empty
    std::string reason;
    std::string cure;
};

template <class T>
using Answer = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Why why, std::string reason, std::string cure, std::string field = {})
{
    return tl::unexpected<Refusal>(Refusal{why, std::move(field), std::move(reason), std::move(cure)});
}

} // namespace kb::emulator

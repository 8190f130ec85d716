// Plausible sales of a small shop, from a seed: for "POST /sale" without a body, for --sales and for
// --preload.
#pragma once

#include "drivers/emulator/sale.hpp"

#include <random>
#include <utility>

namespace kb::emulator {

class RandomSales {
public:
    explicit RandomSales(std::uint64_t seed) : random_(seed) {}

    /// Mostly sales, now and then a return that the drawer can pay for.
    std::pair<Receipt, Closing> next(std::int64_t cash_in_drawer);

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    std::mt19937_64 random_;
};

struct Goods {
    const char* name;
    std::uint64_t price;
    std::uint8_t vat;
    bool by_weight;
};

/// What the shop sells; the keypad page shows the same.
const std::vector<Goods>& shop_goods();

} // namespace kb::emulator

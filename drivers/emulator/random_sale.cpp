#include "drivers/emulator/random_sale.hpp"

#include "protocol/core/money.hpp"

namespace kb::emulator {

const std::vector<Goods>& shop_goods()
{
    static const std::vector<Goods> kGoods = {{"Хлеб бородинский", 6490, 2, false},
                                              {"Молоко 3,2 %", 8990, 2, false},
                                              {"Сыр российский", 74900, 2, true},
                                              {"Яблоки", 12990, 2, true},
                                              {"Бананы", 13490, 2, true},
                                              {"Вода питьевая 0,5 л", 4500, 11, false},
                                              {"Кофе растворимый", 41900, 11, false},
                                              {"Чай чёрный 100 пак.", 23900, 11, false},
                                              {"Шоколад молочный", 11990, 11, false},
                                              {"Пакет-майка", 900, 11, false},
                                              {"Капучино 0,3 л", 19000, 6, false},
                                              {"Батарейки AA, 4 шт.", 32900, 11, false}};
    return kGoods;
}

std::pair<Receipt, Closing> RandomSales::next(std::int64_t cash_in_drawer)
{
    Receipt receipt;
    const auto& goods = shop_goods();
    const std::uint64_t count = 1 + below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Goods& choice = goods[below(goods.size())];
        Item item;
        item.name = choice.name;
        item.price = choice.price;
        item.vat = choice.vat;
        item.quantity = choice.by_weight
                            ? Quantity::from_millionths(1000 * static_cast<std::int64_t>(150 + below(1500)))
                            : Quantity::units(static_cast<std::int64_t>(1 + below(3)));
        item.unit = choice.by_weight ? 11 : 0;
        const auto sum = cost(Kopecks{static_cast<std::int64_t>(item.price)}, item.quantity);
        item.sum = static_cast<std::uint64_t>(sum.value_or(Kopecks{0}).count());
        receipt.items.push_back(std::move(item));
    }
    Closing closing;
    closing.cashier = "Кассир 1";
    const std::uint64_t total = receipt.total();
    const std::uint64_t dice = below(20);
    if (dice == 0 && cash_in_drawer >= static_cast<std::int64_t>(total)) {
        receipt.operation = 2;
        closing.payments[0] = total;
    } else if (dice < 8) {
        closing.payments[0] = (total + 9999) / 10000 * 10000; // the buyer gives hundred-rouble notes
    } else if (dice < 10) {
        closing.payments[0] = total / 3;
        closing.payments[1] = total - total / 3;
    } else {
        closing.payments[1] = total;
    }
    return {std::move(receipt), closing};
}

} // namespace kb::emulator

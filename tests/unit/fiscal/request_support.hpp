// Requests that tests start from, and what is found wrong with them.
#pragma once

#include "protocol/fiscal/request_checks.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace kb::test {

/// A position as a caller gives it: 1.5 of tea for 12.50, VAT 20 %.
inline fiscal::Position tea()
{
    fiscal::Position position;
    position.item.name = "Чай";
    position.item.price = Kopecks{1250};
    position.item.quantity = Quantity::from_millionths(1'500'000);
    position.item.vat_rate = 1;
    return position;
}

/// The same goods with a mark: one bottle, its code with separators.
inline fiscal::Position marked_water()
{
    fiscal::Position position = tea();
    position.item.name = "Вода";
    position.item.quantity = Quantity::units(1);
    position.marking = fiscal::Marking{"0104600439931256215Abc;XYZ123\x1D"
                                       "91FFD0\x1D"
                                       "92dGVzdA==",
                                       0};
    return position;
}

/// A sale of that tea, not filled in.
inline fiscal::Request tea_sold()
{
    fiscal::Request request;
    request.receipt.emplace();
    request.receipt->positions.push_back(tea());
    return request;
}

/// A register of FFD 1.2 that can do everything.
inline fiscal::RequestLimits limits_1_2()
{
    fiscal::RequestLimits limits;
    limits.ffd = fiscal::FfdVersion::v1_2;
    limits.marking_check = true;
    return limits;
}

/// "sum_negative@items[0].price" for each fault, in the order found.
inline std::vector<std::string> codes_of(const std::vector<fiscal::RequestFault>& faults)
{
    std::vector<std::string> codes;
    for (const fiscal::RequestFault& fault : faults)
        codes.push_back(fault.code + '@' + fault.path);
    return codes;
}

/// A sale of tea on the way to a register, to be changed.
struct Sale {
    fiscal::Request request = tea_sold();
    fiscal::RequestLimits limits = limits_1_2();
    fiscal::ReceiptRequest& asked = *request.receipt;
    fiscal::Receipt& receipt = asked.receipt;
    fiscal::Item& item() { return asked.positions[0].item; }
    Sale() = default;
    Sale(const Sale&) = delete; // its references are into itself
    Sale& operator=(const Sale&) = delete;
};

using Faulty = std::vector<std::string>;

/// One rule at work: a sale changed, and what is found in it.
struct Rule {
    const char* name;
    void (*change)(Sale& sale);
    Faulty faults;
};

/// Each fault has its code and place, and both texts have a reason and a cure.
inline void check_rules(const std::vector<Rule>& rules)
{
    for (const Rule& rule : rules) {
        INFO(rule.name);
        Sale sale;
        rule.change(sale);
        REQUIRE(fiscal::fill_in(sale.request));
        fiscal::fit_to(sale.request, sale.limits.ffd);
        const auto faults = fiscal::check_request(sale.request, sale.limits);
        for (const fiscal::RequestFault& fault : faults) {
            INFO(fault.code << ": " << fault.ru << " / " << fault.en);
            CHECK_THAT(fault.ru, Catch::Contains("; "));
            CHECK_THAT(fault.en, Catch::Contains("; "));
        }
        CHECK(codes_of(faults) == rule.faults);
    }
}

/// That many letters, two bytes each.
inline std::string letters(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "Я";
    return text;
}

} // namespace kb::test

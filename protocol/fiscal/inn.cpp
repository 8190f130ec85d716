#include "protocol/fiscal/inn.hpp"

#include <array>
#include <span>

namespace kb::fiscal {

namespace {

// weights[i] goes with digit i; the digit after them is the check digit.
bool check_digit_fits(std::string_view inn, std::span<const int> weights)
{
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += weights[i] * (inn[i] - '0');
    return sum % 11 % 10 == inn[weights.size()] - '0';
}

} // namespace

bool is_valid_inn(std::string_view inn)
{
    constexpr std::array kTen = {2, 4, 10, 3, 5, 9, 4, 6, 8};
    constexpr std::array kEleventh = {7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    constexpr std::array kTwelfth = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    if (inn.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    if (inn.size() == 10)
        return check_digit_fits(inn, kTen);
    return inn.size() == 12 && check_digit_fits(inn, kEleventh) && check_digit_fits(inn, kTwelfth);
}

} // namespace kb::fiscal

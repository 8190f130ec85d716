// Small pieces that several views are made of. For .cpp files of this folder only.
#pragma once

#include "cabinet/store/types.hpp"

#include <nlohmann/json.hpp>

namespace kb::cabinet::api {

template <class T>
nlohmann::json or_null(const std::optional<T>& value)
{
    if (!value)
        return nullptr;
    if constexpr (requires { to_text(*value); })
        return to_text(*value);
    else
        return *value;
}

inline nlohmann::json or_null(const std::optional<std::chrono::year_month_day>& date)
{
    if (!date)
        return nullptr;
    return to_text(LocalSeconds{std::chrono::local_days{*date}}).substr(0, 10);
}

inline nlohmann::json payments_view(const store::Payments& payments)
{
    return {{"cash", payments[store::kCash]},
            {"electronic", payments[store::kElectronic]},
            {"advance", payments[store::kAdvance]},
            {"credit", payments[store::kCredit]},
            {"counter", payments[store::kCounter]}};
}

} // namespace kb::cabinet::api

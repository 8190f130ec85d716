// What the FN and the state marking system said of a marking code before its item was sold.
// Source: docs/sources.md#ffd, sections 4.15 and 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kb::fiscal {

struct MarkCheck {
    enum class State {
        passed,  ///< the state system knows the code, and the item may be sold so
        refused, ///< the FN or the state system says no
        offline, ///< the state system did not answer in time, or is never asked; the FN did not say no
    };
    State state = State::offline;
    std::size_t position = 0; ///< of the request
    /// 2106, bits: 0 checked by the FN, 1 and found right, 2 the state system answered, 3 and the planned
    /// status is right, 4 by a register without an OFD.
    std::uint8_t result = 0;
    std::optional<std::uint8_t> request_result; ///< 2105: 0 fine, 1 bad request, 2 no marking code
    std::optional<std::uint8_t> status_answer;  ///< 2109: 1 status right, 2 wrong, 3 turnover suspended
    bool operator==(const MarkCheck&) const = default;
};

/// "passed", "refused", "offline": a contract, they stand in answers of the local API.
std::string_view to_string(MarkCheck::State state);

/// What results 2106, 2105 and 2109 of `check` mean together.
MarkCheck::State state_of(const MarkCheck& check);

/// Why it is refused, for the cashier: "ФН: код проверки не подтверждён". Precondition: refused.
std::string_view refusal_text_ru(const MarkCheck& check);

} // namespace kb::fiscal

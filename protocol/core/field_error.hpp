// An error about one field of an input says so in front of its context: "items[0].price: negative".
#pragma once

#include "protocol/core/result.hpp"

#include <string_view>

namespace kb {

/// Takes "a[0].b: reason" apart; field is empty when the error names none. Views of the error's context.
struct FieldAndReason {
    std::string_view field;
    std::string_view reason;
};
FieldAndReason split_field(const Error& error);

} // namespace kb

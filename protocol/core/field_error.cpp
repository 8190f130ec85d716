#include "protocol/core/field_error.hpp"

namespace kb {

FieldAndReason split_field(const Error& error)
{
    const std::string_view context = error.context;
    const std::size_t colon = context.find(": ");
    if (colon == std::string_view::npos || context.substr(0, colon).find(' ') != std::string_view::npos)
        return {{}, context};
    return {context.substr(0, colon), context.substr(colon + 2)};
}

} // namespace kb

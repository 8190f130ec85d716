// SOCI with what the house needs on top: optional values. For .cpp files of this folder only.
#pragma once

#include "cabinet/store/connection.hpp"

#include <soci/soci.h>

#include <optional>

namespace soci {

template <class T>
struct type_conversion<std::optional<T>> {
    using base_type = typename type_conversion<T>::base_type;

    static void from_base(const base_type& in, indicator state, std::optional<T>& out)
    {
        if (state == i_null) {
            out.reset();
            return;
        }
        T value = T();
        type_conversion<T>::from_base(in, state, value);
        out = std::move(value);
    }
    static void to_base(const std::optional<T>& in, base_type& out, indicator& state)
    {
        if (in)
            type_conversion<T>::to_base(*in, out, state);
        else
            state = i_null;
    }
};

} // namespace soci

namespace kb::cabinet::store {

/// The integer type SOCI binds.
using Int = long long;

} // namespace kb::cabinet::store

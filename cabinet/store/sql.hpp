// SOCI with what the house needs on top: optional values. For .cpp files of this folder only.
#pragma once

#include "cabinet/store/connection.hpp"
#include "protocol/core/time.hpp"

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

// Columns *_ms are UTC milliseconds, *_s seconds of a register's local wall clock.
inline Int to_ms(UtcMs time) { return time.time_since_epoch().count(); }
inline UtcMs from_ms(Int time) { return UtcMs{std::chrono::milliseconds{time}}; }
inline Int to_seconds(LocalSeconds time) { return time.time_since_epoch().count(); }
inline LocalSeconds from_seconds(Int time) { return LocalSeconds{std::chrono::seconds{time}}; }

} // namespace kb::cabinet::store

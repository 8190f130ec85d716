// The operator's sign on a document's ticket: eighteen bytes that are the same each time they are asked for.
#pragma once

#include "drivers/emulator/virtual_fn.hpp"

namespace kb::emulator {

/// No key is involved: a hash of the document's own sign.
inline Bytes ticket_sign(const FnDocument& document)
{
    constexpr std::size_t kSize = 18;
    Bytes sign(kSize);
    std::uint32_t mixed = document.sign;
    for (std::uint8_t& byte : sign) {
        mixed = mixed * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(mixed >> 24U);
    }
    return sign;
}

} // namespace kb::emulator

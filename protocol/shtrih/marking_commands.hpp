// Marking codes of FFD 1.2: checked through the register, kept in the FN's table, bound to an item.
//
// A layout describes what follows the command code (docs/sources.md#shtrih, section 4.6).
#pragma once

#include "protocol/shtrih/commands.hpp"

#include <optional>

namespace kb::shtrih {

/// local u8 | reason u8 | type u8 | L u8 | L bytes: FN's answer u8, result u8, tags
struct CheckMarkReply {
    std::uint8_t local_result = 0; ///< tag 2004
    /// Why the FN did not check it: 0 it did, 1 not this type, 2 no key, 3 no or bad 91 and 92, 4 other
    std::uint8_t not_local_reason = 0;
    std::uint8_t code_type = 0; ///< tag 2100
    Bytes online;               ///< empty: the state system was not asked
    bool operator==(const CheckMarkReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.local_result);
        l.u8(m.not_local_reason);
        l.u8(m.code_type);
        std::size_t size = m.online.size();
        l.u8(size);
        l.bytes(m.online, size);
    }
    static constexpr std::size_t kHead = 2; ///< of `online`: the FN's answer, the result
};

/// Asks the FN and, within the register's own time (table 19, field 8), the state marking system.
struct CheckMark {
    static constexpr Command kCommand = Command::check_mark;
    using Reply = CheckMarkReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t planned_status = 1; ///< tag 2003
    std::uint8_t mode = 0;           ///< tag 2102
    Bytes code;                      ///< as scanned, separators (1Dh) included
    Bytes tlv;                       ///< 2108, 1023 and 1291 of what is sold by measure or in part
    bool operator==(const CheckMark&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.planned_status);
        l.u8(m.mode);
        std::size_t code_size = m.code.size();
        std::size_t tlv_size = m.tlv.size();
        l.u8(code_size);
        l.u8(tlv_size);
        l.bytes(m.code, code_size);
        l.bytes(m.tlv, tlv_size);
    }
};

struct AcceptMarkReply {
    std::optional<std::uint8_t> result; ///< tag 2106 as the FN keeps it; absent: there is none to tell
    bool operator==(const AcceptMarkReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.tail(m.result, 1, [&](auto& value) { l.u8(value); });
    }
};

/// What becomes of the check that was made last, or of all that are kept.
struct AcceptMark {
    static constexpr Command kCommand = Command::accept_mark;
    using Reply = AcceptMarkReply;
    enum class Action : std::uint8_t { reject = 0, accept = 1, clear = 2 };
    std::uint32_t password = kAdministratorPassword;
    Action action = Action::accept;
    bool operator==(const AcceptMark&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.action);
    }
};

/// item code u16 | type u8 | the check's results again, on some firmware
struct BindMarkReply {
    std::uint16_t item_code = 0;
    std::uint8_t code_type = 0;
    Bytes more;
    bool operator==(const BindMarkReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16(m.item_code);
        l.u8(m.code_type);
        l.bytes_rest(m.more);
    }
};

/// The code becomes that of the item before; it has to be accepted, and comes after all tags of the item.
struct BindMark {
    static constexpr Command kCommand = Command::bind_mark;
    using Reply = BindMarkReply;
    std::uint32_t password = kAdministratorPassword;
    Bytes code;
    bool operator==(const BindMark&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        std::size_t size = m.code.size();
        l.u8(size);
        l.bytes(m.code, size);
    }
};

} // namespace kb::shtrih

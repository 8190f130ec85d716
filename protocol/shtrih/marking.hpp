// What a Shtrih-M register says of a marking code, in the words of the house.
// Source: docs/sources.md#shtrih, section 4.6.
#pragma once

#include "protocol/fiscal/marking.hpp"
#include "protocol/fiscal/request.hpp"
#include "protocol/shtrih/marking_commands.hpp"

namespace kb::shtrih {

/// One code of a receipt, to be checked before it is opened.
struct MarkToCheck {
    std::size_t position = 0; ///< in the request
    CheckMark command;
};

/// Of a position that has a mark. Errc::not_representable naming the field for a code that no frame holds.
Result<MarkToCheck> mark_to_check(const fiscal::Position& position, std::size_t index);

/// `kept`: the answer to AcceptMark, whose result is the one that the receipt carries. Sources disagree on
/// the order of two bytes in the answer to CheckMark, so its result counts only where the register tells no
/// other.
fiscal::MarkCheck to_mark_check(const CheckMarkReply& checked, const AcceptMarkReply& kept);

} // namespace kb::shtrih

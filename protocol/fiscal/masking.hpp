// Takes people and marking codes out of fiscal documents, so that a recording of a line can be given away:
// values are replaced where they stand, lengths and everything else stay. What a mask leaves still reads as
// the same document.
#pragma once

#include "protocol/fiscal/ffd_tags.hpp"

#include <span>

namespace kb::fiscal {

/// How much of a run of TLVs there is.
enum class Extent {
    whole,     ///< all of it: a run that does not end with its last TLV is none, and becomes zeros
    beginning, ///< it may break off anywhere, and is masked as far as it goes
};

/// Masks a run of TLVs inside `parent` (0: outermost). What stays: structure, numbers, dates, sums, and the
/// few texts that name a device or an operator of fiscal data. Every other text, unknown tags and values that
/// are not as their tag is published are replaced. How many values were.
std::size_t mask_tlvs(std::span<std::uint8_t> tlvs, Tag parent = 0, Extent extent = Extent::beginning);

/// Any text of a code page: digits become 0, letters X; what gives an e-mail, a phone or a date its form
/// stays.
void mask_text(std::span<std::uint8_t> text);
/// An INN as text is a person's when it has 12 digits.
bool is_persons_inn(BytesView text);

} // namespace kb::fiscal

// Takes people and marking codes out of fiscal documents, so that a recording of a line can be given away:
// values are replaced where they stand, lengths and everything else stay. What a mask leaves still reads as
// the same document.
#pragma once

#include "protocol/fiscal/ffd_tags.hpp"

#include <span>

namespace kb::fiscal {

/// Whether the values of a tag are personal data, marking codes or free text that may hold either. A tag
/// nobody knows is; structures are not, but what is in them.
bool is_private(Tag which);

/// Masks the values in a run of TLVs inside `parent` (0: outermost). A run that breaks off is masked as far
/// as it goes. How many values were replaced.
std::size_t mask_tlvs(std::span<std::uint8_t> tlvs, Tag parent = 0);

/// Any text of a code page: digits become 0, letters X; what gives an e-mail, a phone or a date its form
/// stays.
void mask_text(std::span<std::uint8_t> text);
/// An INN as text is a person's when it has 12 digits.
bool is_persons_inn(BytesView text);

} // namespace kb::fiscal

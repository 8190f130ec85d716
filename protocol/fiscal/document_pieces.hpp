// A fiscal document that is read out of a register in pieces, masked as the whole that it is.
#pragma once

#include "protocol/fiscal/masking.hpp"

#include <optional>
#include <vector>

namespace kb::fiscal {

class DocumentPieces {
public:
    /// The pieces that follow are this document's: TLVs inside `type`, `length` bytes, where that is known.
    void begin(Tag type, std::optional<std::size_t> length);
    /// The next piece, which stays where it is until end(). Of a document whose beginning is not known, or
    /// that has no more, nothing may be shown: it becomes zeros at once.
    void add(std::span<std::uint8_t> piece);
    /// The document ends here, and its pieces are masked; where further ones would stand in it, nobody can
    /// tell. `told_end`: the device said that there is no more.
    void end(bool told_end = false);

private:
    Tag type_ = 0;
    bool open_ = false;
    std::optional<std::size_t> left_;
    std::vector<std::span<std::uint8_t>> pieces_;
    Bytes all_;
};

} // namespace kb::fiscal

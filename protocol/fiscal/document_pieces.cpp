#include "protocol/fiscal/document_pieces.hpp"

#include <algorithm>

namespace kb::fiscal {

void DocumentPieces::begin(Tag type, std::optional<std::size_t> length)
{
    end();
    open_ = true;
    type_ = type;
    left_ = length;
}

void DocumentPieces::add(std::span<std::uint8_t> piece)
{
    if (!open_ || (left_ && piece.size() > *left_)) {
        end();
        std::fill(piece.begin(), piece.end(), std::uint8_t{0});
        return;
    }
    if (left_)
        *left_ -= piece.size();
    pieces_.push_back(piece);
    all_.insert(all_.end(), piece.begin(), piece.end());
}

void DocumentPieces::end(bool told_end)
{
    const bool whole = left_ ? *left_ == 0 : told_end;
    mask_tlvs(all_, type_, whole ? Extent::whole : Extent::beginning);
    std::size_t at = 0;
    for (const std::span<std::uint8_t> piece : pieces_) {
        std::copy_n(all_.begin() + static_cast<std::ptrdiff_t>(at), piece.size(), piece.begin());
        at += piece.size();
    }
    pieces_.clear();
    all_.clear();
    open_ = false;
}

} // namespace kb::fiscal

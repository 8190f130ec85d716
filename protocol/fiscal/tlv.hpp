// The TLV structures all fiscal documents are made of: a reader that no bytes can break, typed values, a
// writer. Source: docs/sources.md#ffd, section 1.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"
#include "protocol/fiscal/ffd_tags.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

/// One tag with its value: raw bytes, or, for a structure, the tags inside.
/// A value keeps the bytes it was read from, so that writing a read tree gives the same bytes again.
struct Tlv {
    Tag tag = 0;
    const TagInfo* info = nullptr; ///< its meaning where it stands; nullptr: unknown, kept as raw bytes
    Bytes value;                   ///< empty for a structure
    std::vector<Tlv> children;     ///< of a structure, in their order

    [[nodiscard]] bool is_structure() const { return info != nullptr && info->type == TlvType::stlv; }
    /// The first child with the tag; nullptr when there is none.
    [[nodiscard]] const Tlv* find(Tag wanted) const;
    [[nodiscard]] Tlv* find(Tag wanted);
    [[nodiscard]] std::size_t count(Tag wanted) const;
};

/// Deeper structures are refused: the formats need four levels.
inline constexpr std::size_t kMaxTlvDepth = 8;

/// Reads one whole document: a single outer structure covering all the bytes.
/// Errors are Errc::bad_tlv naming the path and the reason: "3/1059[2]/1023: length 9, but 4 bytes are left".
/// In a path [n] is the n-th sibling with that tag, counted from 1 (given from the second on, and for items).
Result<Tlv> read_document_tlv(BytesView full);
/// Reads a bare run of tags, as they stand inside the structure `parent` (0: outermost).
Result<std::vector<Tlv>> read_tlvs(BytesView bytes, Tag parent = 0);

/// The bytes of the tag, header included. Errc::bad_length when a structure outgrows 65535 bytes.
Result<Bytes> write_tlv(const Tlv& tlv);
/// The bytes of a run of tags.
Result<Bytes> write_tlvs(const std::vector<Tlv>& tlvs);

/// FVLN as it stands on the wire: mantissa / 10^decimals.
struct Fvln {
    std::uint8_t decimals = 0;
    std::uint64_t mantissa = 0;

    bool operator==(const Fvln&) const = default;
    /// Exact decimal text without needless zeros: "1234567.89".
    [[nodiscard]] std::string to_text() const;
    /// Errc::not_representable beyond six decimals or the 64-bit range.
    [[nodiscard]] Result<Quantity> to_quantity() const;
    /// The shortest form of the value: 0.5 is {1, 5}. Errc::not_representable for negative ones.
    static Result<Fvln> from_quantity(Quantity quantity);
    /// Reads decimal text; Errc::bad_value for other forms, Errc::not_representable beyond 7 bytes of
    /// mantissa.
    static Result<Fvln> from_text(std::string_view text);
};

// Typed reading. The error names the tag and the reason ("1031: length 9, VLN takes at most 8"); callers that
// know the path put it before.

/// byte, bits, u16, u32, unixtime and vln (a length of 0 is 0; needless high zero bytes are accepted).
Result<std::uint64_t> number_of(const Tlv& tlv);
/// As number_of; Errc::not_representable beyond the signed 64-bit range.
Result<Kopecks> money_of(const Tlv& tlv);
Result<LocalSeconds> time_of(const Tlv& tlv);
Result<Fvln> fvln_of(const Tlv& tlv);
/// UTF-8; the padding of fixed-length tags is taken off, and the wrong left padding ("00") some registers put
/// before a 10-digit INN too.
Result<std::string> text_of(const Tlv& tlv);

// Typed making. The type and the length come from the tag's row (docs/sources.md#ffd, section 3); values that
// do not fit are Errc::bad_value, Errc::bad_length or Errc::not_representable naming the tag.

Result<Tlv> make_number(Tag tag, std::uint64_t value);
Result<Tlv> make_money(Tag tag, Kopecks value);
Result<Tlv> make_time(Tag tag, LocalSeconds value);
Result<Tlv> make_fvln(Tag tag, Fvln value);
/// Fixed-length texts are padded on the right with spaces.
Result<Tlv> make_text(Tag tag, std::string_view utf8);
/// Any tag, known or not, with the bytes as they are; a structure's bytes are read into its children.
Result<Tlv> make_raw(Tag tag, BytesView value, Tag parent = 0);
Tlv make_structure(Tag tag, std::vector<Tlv> children);

/// Writes a document tag after tag. The first error is kept, later calls do nothing, and take() returns it:
///   TlvWriter w{tag::receipt};
///   w.text(tag::fn_serial, "9999078900001234").number(tag::fd_number, 3);
///   w.open(tag::item).text(tag::item_name, "Чай").money(tag::price, Kopecks{100}).close();
///   Result<Bytes> full = w.take();
class TlvWriter {
public:
    explicit TlvWriter(Tag document);

    TlvWriter& number(Tag tag, std::uint64_t value);
    TlvWriter& money(Tag tag, Kopecks value);
    TlvWriter& time(Tag tag, LocalSeconds value);
    TlvWriter& quantity(Tag tag, Quantity value);
    TlvWriter& text(Tag tag, std::string_view utf8);
    TlvWriter& raw(Tag tag, BytesView value);
    TlvWriter& add(Result<Tlv> tlv);
    TlvWriter& open(Tag structure);
    TlvWriter& close();

    /// The whole document; every open() must have its close().
    Result<Bytes> take();
    Result<Tlv> take_tree();

private:
    [[nodiscard]] Tag parent() const { return open_.back().tag; }
    std::vector<Tlv> open_;
    Result<void> state_;
};

} // namespace kb::fiscal

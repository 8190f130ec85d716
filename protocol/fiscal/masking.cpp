#include "protocol/fiscal/masking.hpp"

#include "protocol/fiscal/tlv.hpp"

#include <algorithm>
#include <array>

namespace kb::fiscal {

namespace {

constexpr std::size_t kHeader = 4;   // tag u16 | length u16
constexpr std::size_t kCodeType = 2; // of 1162: which kind of code follows
constexpr std::size_t kWidestNumber = 8;

// Texts that say which device, drive or operator it is, and nothing of anybody. Not the names of goods: at a
// cash desk for services the payer is in them. Source of what each tag is: docs/sources.md#ffd, section 3.
constexpr std::array kOpenTexts = {
    tag::fn_serial, tag::kkt_serial, tag::kkt_reg_number, tag::machine_number, tag::kkt_version,
    tag::ofd_name,  tag::ofd_inn,    tag::fns_site,       tag::unit_text,      tag::country,
};
// INNs that may be a company's or a person's.
constexpr std::array kInns = {tag::inn, tag::transfer_operator_inn, tag::supplier_inn};
// Drafts of FFD 1.2 had some fifty tags for the parts of a marking code, some of them numbers.
constexpr Tag kDraftCodesFirst = 2010;
constexpr Tag kDraftCodesLast = 2099;

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

template <std::size_t N>
bool is_one_of(Tag which, const std::array<Tag, N>& tags)
{
    return std::find(tags.begin(), tags.end(), which) != tags.end();
}

void zero(std::span<std::uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{0}); }

bool may_be_shown(Tag which, const TagInfo& info, BytesView value)
{
    if (is_one_of(which, kInns))
        return value.size() <= info.length && !is_persons_inn(value) &&
               std::all_of(value.begin(), value.end(),
                           [](auto byte) { return is_digit(byte) || byte == ' '; });
    switch (info.type) {
    case TlvType::string:
        return is_one_of(which, kOpenTexts) && value.size() <= info.length;
    case TlvType::bytes:
        return which == tag::fiscal_sign && value.size() <= info.length;
    case TlvType::stlv:
        return false;
    default:
        return value.size() <= kWidestNumber && (which < kDraftCodesFirst || which > kDraftCodesLast);
    }
}

// `whole`: false for a value that breaks off, of which nobody can tell what it is.
bool mask_value(Tag which, const TagInfo* info, std::span<std::uint8_t> value, bool whole)
{
    if (whole && info != nullptr && may_be_shown(which, *info, value))
        return false;
    if (info != nullptr && info->type == TlvType::string)
        mask_text(value);
    else
        zero(which == tag::product_code && whole ? value.subspan(std::min(value.size(), kCodeType)) : value);
    return true;
}

/// Whether the run ends with its last TLV.
bool is_run(BytesView tlvs)
{
    while (tlvs.size() >= kHeader) {
        ByteReader header(tlvs);
        header.u16();
        const std::size_t length = header.u16();
        if (length > tlvs.size() - kHeader)
            return false;
        tlvs = tlvs.subspan(kHeader + length);
    }
    return tlvs.empty();
}

std::size_t mask_run(std::span<std::uint8_t> tlvs, Tag parent, std::size_t depth, Extent extent)
{
    if (extent == Extent::whole && (depth > kMaxTlvDepth || !is_run(tlvs))) {
        zero(tlvs);
        return 1;
    }
    std::size_t masked = 0;
    while (tlvs.size() >= kHeader) {
        ByteReader header(tlvs);
        const Tag which = header.u16();
        const std::size_t length = header.u16();
        const auto value = tlvs.subspan(kHeader, std::min(length, tlvs.size() - kHeader));
        const bool whole = value.size() == length;
        const TagInfo* info = meaning_of(which, parent, value);
        if (info != nullptr && info->type == TlvType::stlv && depth <= kMaxTlvDepth)
            masked += mask_run(value, which, depth + 1, whole ? Extent::whole : Extent::beginning);
        else
            masked += mask_value(which, info, value, whole) ? 1U : 0U;
        tlvs = tlvs.subspan(kHeader + value.size());
    }
    zero(tlvs); // a piece of a header, if anything
    return masked;
}

} // namespace

void mask_text(std::span<std::uint8_t> text)
{
    constexpr std::string_view kForm = " @.+-()/:\"";
    for (std::uint8_t& byte : text) {
        if (is_digit(byte))
            byte = '0';
        else if (kForm.find(static_cast<char>(byte)) == std::string_view::npos)
            byte = 'X';
    }
}

bool is_persons_inn(BytesView text)
{
    constexpr std::size_t kPersonsDigits = 12;
    return text.size() >= kPersonsDigits &&
           std::all_of(text.begin(), text.begin() + kPersonsDigits, is_digit) &&
           !(text[0] == '0' && text[1] == '0'); // a company's ten, padded with zeros by some registers
}

std::size_t mask_tlvs(std::span<std::uint8_t> tlvs, Tag parent, Extent extent)
{
    return mask_run(tlvs, parent, 0, extent);
}

} // namespace kb::fiscal

#include "protocol/fiscal/masking.hpp"

#include "protocol/fiscal/tlv.hpp"

#include <algorithm>
#include <array>

namespace kb::fiscal {

namespace {

constexpr std::size_t kHeader = 4;   // tag u16 | length u16
constexpr std::size_t kCodeType = 2; // of 1162: which kind of code follows

// People: names, numbers, phones, addresses, and free text in which any of them may stand. Codes of goods.
// Source of what each tag is: docs/sources.md#ffd, section 3.
constexpr std::array kPrivate = {
    tag::buyer_contact,    tag::buyer_name,           tag::buyer_inn,
    tag::buyer_birth_date, tag::buyer_citizenship,    tag::buyer_document_code,
    tag::buyer_document,   tag::buyer_address,        tag::cashier,
    tag::cashier_inn,      tag::agent_phone,          tag::payment_operator_phone,
    tag::supplier_name,    tag::supplier_phone,       tag::transfer_operator_phone,
    tag::sender_email,     tag::user_attribute_name,  tag::user_attribute_value,
    tag::item_extra,       tag::receipt_extra,        tag::industry_value,
    tag::operation_data,   tag::product_code,         tag::marking_code,
    tag::goods_id,         tag::marking_control_code,
};
// Drafts of FFD 1.2 had some fifty tags for the parts of a marking code.
constexpr Tag kDraftCodesFirst = 2010;
constexpr Tag kDraftCodesLast = 2099;

// INNs that may be a company's or a person's.
constexpr std::array kInns = {tag::inn, tag::transfer_operator_inn, tag::supplier_inn};

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

// "ИП …" and "Индивидуальный …" in CP866, the page of documents.
bool names_a_person(BytesView cp866)
{
    constexpr std::uint8_t kI = 0x88;
    constexpr std::uint8_t kP = 0x8F;
    constexpr std::uint8_t kN = 0x8D;
    constexpr std::uint8_t kSmallN = 0xAD;
    return cp866.size() >= 2 && cp866[0] == kI && (cp866[1] == kP || cp866[1] == kN || cp866[1] == kSmallN);
}

// `whole`: false for a value that breaks off, of which nobody can tell whose it is.
bool mask_value(Tag which, std::span<std::uint8_t> value, bool whole)
{
    const bool inn = std::find(kInns.begin(), kInns.end(), which) != kInns.end();
    if (inn || which == tag::user) {
        if (whole && !(inn ? is_persons_inn(value) : names_a_person(value)))
            return false;
        mask_text(inn || !whole ? value : value.subspan(2)); // that it was a person may be seen
        return true;
    }
    if (!is_private(which))
        return false;
    const TagInfo* info = find_tag(which);
    if (info != nullptr && info->type == TlvType::string) {
        mask_text(value);
        return true;
    }
    const std::size_t kept = which == tag::product_code ? std::min(value.size(), kCodeType) : std::size_t{0};
    std::fill(value.begin() + static_cast<std::ptrdiff_t>(kept), value.end(), std::uint8_t{0});
    return true;
}

std::size_t mask_run(std::span<std::uint8_t> tlvs, Tag parent, std::size_t depth)
{
    std::size_t masked = 0;
    while (tlvs.size() >= kHeader) {
        ByteReader header(tlvs);
        const Tag which = header.u16();
        const std::size_t length = header.u16();
        const auto value = tlvs.subspan(kHeader, std::min(length, tlvs.size() - kHeader));
        const TagInfo* info = meaning_of(which, parent, value);
        if (info != nullptr && info->type == TlvType::stlv && depth < kMaxTlvDepth) {
            masked += mask_run(value, which, depth + 1);
        } else if (info != nullptr && info->type == TlvType::stlv) {
            std::fill(value.begin(), value.end(), std::uint8_t{0});
            ++masked;
        } else {
            masked += mask_value(which, value, value.size() == length) ? 1U : 0U;
        }
        tlvs = tlvs.subspan(kHeader + value.size());
    }
    return masked;
}

} // namespace

bool is_private(Tag which)
{
    return find_tag(which) == nullptr || (which >= tag::code_unrecognised && which <= tag::code_f6) ||
           (which >= kDraftCodesFirst && which <= kDraftCodesLast) ||
           std::find(kPrivate.begin(), kPrivate.end(), which) != kPrivate.end();
}

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

std::size_t mask_tlvs(std::span<std::uint8_t> tlvs, Tag parent) { return mask_run(tlvs, parent, 0); }

} // namespace kb::fiscal

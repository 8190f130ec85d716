#include "protocol/fiscal/ffd_tags.hpp"

#include <algorithm>
#include <array>

namespace kb::fiscal {

namespace {

constexpr std::uint32_t doc(Tag code) { return document_bit(code); }

using namespace ffd;

constexpr TagInfo kTags[] = {
#include "fiscal/ffd_tags.inc"
};

constexpr std::size_t kCount = std::size(kTags);
constexpr Tag kDense = 2300; // nearly all tags lie below: one array look-up

constexpr std::array<std::int16_t, kDense> make_index()
{
    std::array<std::int16_t, kDense> index{};
    index.fill(-1);
    for (std::size_t i = 0; i < kCount; ++i)
        if (kTags[i].tag < kDense)
            index[kTags[i].tag] = static_cast<std::int16_t>(i);
    return index;
}

constexpr std::array<std::int16_t, kDense> kIndex = make_index();

// First lives of numbers that were given to something else later (docs/sources.md#ffd, section 5.5).
constexpr std::uint32_t kReceipts = doc(3) | doc(4) | doc(31) | doc(41);
constexpr TagInfo kOldSubagentPhone{1082,
                                    "телефон банковского субагента",
                                    "bank subagent phone",
                                    "",
                                    TlvType::string,
                                    19,
                                    false,
                                    false,
                                    Padding::none,
                                    v1_0,
                                    kReceipts};
constexpr TagInfo kOldUserAttribute{1084,
                                    "дополнительный реквизит",
                                    "additional attribute (text)",
                                    "",
                                    TlvType::string,
                                    0,
                                    false,
                                    false,
                                    Padding::none,
                                    v1_1_draft,
                                    kReceipts};
constexpr TagInfo kOldSignSite{1115,
                               "адрес сайта для проверки ФП",
                               "fiscal sign check site",
                               "",
                               TlvType::string,
                               0,
                               false,
                               false,
                               Padding::none,
                               v1_0,
                               kReceipts};
constexpr TagInfo kOldOperatorPhone{1119,
                                    "телефон оператора по приему платежей",
                                    "payment operator phone",
                                    "",
                                    TlvType::string,
                                    19,
                                    false,
                                    true,
                                    Padding::none,
                                    v1_0,
                                    kReceipts};
constexpr TagInfo kOldReferenceCode{
    1120, "код справочника", "reference code", "", TlvType::string, 0, false, false, Padding::none, v1_0, 0};
constexpr TagInfo kOldOfdName{1125,  "наименование ОФД", "OFD name", "", TlvType::string, 0, false,
                              false, Padding::none,      v1_0,       0};
// FFD 1.05 allows several reasons one after the other in one value.
constexpr TagInfo kReasonList{1101,
                              "коды причин перерегистрации",
                              "re-registration reason codes",
                              "",
                              TlvType::bytes,
                              0,
                              false,
                              true,
                              Padding::none,
                              v1_05,
                              doc(11)};

bool starts_with_tag(BytesView value, Tag first)
{
    return value.size() >= 4 && (value[0] | (value[1] << 8)) == first;
}

bool is_counter_block(Tag parent)
{
    switch (parent) {
    case tag::counters_sell:
    case tag::counters_sell_return:
    case tag::counters_buy:
    case tag::counters_buy_return:
    case tag::corrections_sell:
    case tag::corrections_buy:
    case tag::corrections_sell_return:
    case tag::corrections_buy_return:
        return true;
    default:
        return false;
    }
}

// Keys that several tags share; the structure around decides.
Tag shared_key(std::string_view key, Tag parent)
{
    const bool counters = is_counter_block(parent);
    if (key == "dateTime")
        return parent == tag::operational_attribute ? tag::operation_time : tag::datetime;
    if (key == "totalSum")
        return counters ? tag::counter_total : tag::total;
    if (key == "prepaidSum")
        return counters ? tag::counter_advance : tag::paid_advance;
    if (key == "creditSum")
        return counters ? tag::counter_credit : tag::paid_credit;
    if (key == "provisionSum")
        return counters ? tag::counter_counter : tag::paid_counter;
    if (key == "ecashSum")
        return parent == tag::electronic_payment ? tag::electronic_payment_sum : tag::counter_electronic;
    if (key == "ndsSum")
        return parent == tag::vat_sum_entry ? tag::vat_sum : tag::item_vat_sum;
    if (key == "keyResource")
        return tag::key_days_left;
    if (key == "correctionBase") // Latin first letter; the table has FNS's Cyrillic one
        return tag::correction_basis;
    if (key == "taxationType" && document_bit(parent) != 0 && parent != tag::registration &&
        parent != tag::re_registration)
        return tag::tax_system; // older JSON of receipts
    if (key == "receiptsQuantity")
        return tag::shift_receipts; // older JSON of shift reports
    return 0;
}

constexpr std::array<std::uint16_t, kCount> make_key_order()
{
    std::array<std::uint16_t, kCount> order{};
    for (std::size_t i = 0; i < kCount; ++i)
        order[i] = static_cast<std::uint16_t>(i);
    std::sort(order.begin(), order.end(),
              [](std::uint16_t a, std::uint16_t b) { return kTags[a].json_name < kTags[b].json_name; });
    return order;
}

} // namespace

std::string_view to_string(TlvType type)
{
    constexpr std::string_view kNames[] = {"byte", "bits", "u16",    "u32",   "unixtime",
                                           "vln",  "fvln", "string", "bytes", "stlv"};
    return kNames[static_cast<std::size_t>(type)];
}

std::span<const TagInfo> all_tags() { return kTags; }

const TagInfo* find_tag(Tag number)
{
    if (number < kDense)
        return kIndex[number] < 0 ? nullptr : &kTags[kIndex[number]];
    const auto* found = std::lower_bound(std::begin(kTags), std::end(kTags), number,
                                         [](const TagInfo& row, Tag wanted) { return row.tag < wanted; });
    return found != std::end(kTags) && found->tag == number ? found : nullptr;
}

const TagInfo* meaning_of(Tag number, Tag parent, BytesView value)
{
    switch (number) {
    case tag::electronic_payment_sum:
        if (parent != tag::electronic_payment)
            return &kOldSubagentPhone;
        break;
    case tag::user_attribute:
        if (!value.empty() && !starts_with_tag(value, tag::user_attribute_name) &&
            !starts_with_tag(value, tag::user_attribute_value))
            return &kOldUserAttribute;
        break;
    case tag::re_registration_reason:
        if (value.size() > 1)
            return &kReasonList;
        break;
    case tag::vat_sums:
        if (!value.empty() && !starts_with_tag(value, tag::vat_sum_entry))
            return &kOldSignSite;
        break;
    case tag::vat_sum_entry:
        if (parent != tag::vat_sums)
            return &kOldOperatorPhone;
        break;
    case tag::vat_sum:
        if (parent != tag::vat_sum_entry)
            return &kOldReferenceCode;
        break;
    case tag::internet_payment:
        if (value.size() > 1)
            return &kOldOfdName;
        break;
    default:
        break;
    }
    return find_tag(number);
}

const TagInfo* find_json_name(std::string_view key, Tag parent)
{
    if (key.empty())
        return nullptr;
    if (const Tag shared = shared_key(key, parent))
        return find_tag(shared);
    static constexpr std::array<std::uint16_t, kCount> kByKey = make_key_order();
    const auto found =
        std::lower_bound(kByKey.begin(), kByKey.end(), key, [](std::uint16_t row, std::string_view wanted) {
            return kTags[row].json_name < wanted;
        });
    return found != kByKey.end() && kTags[*found].json_name == key ? &kTags[*found] : nullptr;
}

std::string_view json_name(const TagInfo& info, Tag document)
{
    if (info.tag == tag::key_days_left && document == tag::state_report)
        return "keyResource";
    return info.json_name;
}

} // namespace kb::fiscal

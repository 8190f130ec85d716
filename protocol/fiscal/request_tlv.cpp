#include "protocol/fiscal/request_tlv.hpp"

#include <algorithm>
#include <initializer_list>

namespace kb::fiscal {

namespace {

/// What a document of this receipt would hold, without what only the register can know.
Result<std::vector<HostTag>> tags_of(const Document& document, std::initializer_list<Tag> not_these)
{
    const auto tree = to_tlv(document);
    if (!tree)
        return pass(tree);
    std::vector<HostTag> tags;
    for (const Tlv& tlv : tree->children) {
        if (std::find(not_these.begin(), not_these.end(), tlv.tag) != not_these.end())
            continue;
        auto bytes = write_tlv(tlv);
        if (!bytes)
            return pass(bytes);
        tags.push_back({tlv.tag, *std::move(bytes)});
    }
    return tags;
}

/// What the item's own structure would hold.
Result<std::vector<HostTag>> tags_of_item(Item item)
{
    Document document;
    document.head.type = DocumentType::receipt;
    document.receipt.emplace();
    document.receipt->items.push_back(std::move(item));
    const auto tree = to_tlv(document);
    if (!tree)
        return pass(tree);
    std::vector<HostTag> tags;
    const Tlv* written = tree->find(tag::item);
    for (const Tlv& tlv : written == nullptr ? std::vector<Tlv>{} : written->children) {
        auto bytes = write_tlv(tlv);
        if (!bytes)
            return pass(bytes);
        tags.push_back({tlv.tag, *std::move(bytes)});
    }
    return tags;
}

} // namespace

Result<std::vector<HostTag>> receipt_tags(const Request& request)
{
    Document document;
    document.head.type =
        request.receipt->correction ? DocumentType::receipt_correction : DocumentType::receipt;
    document.head.cashier = request.cashier;
    document.receipt = request.receipt->receipt;
    Receipt& receipt = *document.receipt;
    receipt.items.clear();
    receipt.payments = {}; // the closing command carries them
    receipt.vat = {};      // the register counts it
    if (!request.cashier_inn.empty())
        receipt.cashier_inn = request.cashier_inn;
    return tags_of(document, {tag::fd_number, tag::datetime});
}

Result<std::vector<HostTag>> position_tags(const Position& position)
{
    Item item = position.item;
    item.name.clear();
    item.price.reset();
    item.quantity.reset();
    item.sum.reset();
    item.vat_rate.reset();
    item.vat_sum.reset();
    item.unit_vat.reset();
    item.payment_method.reset();
    item.item_kind.reset();
    return tags_of_item(std::move(item));
}

Result<Bytes> measure_tags(const Position& position)
{
    Item item;
    item.unit = position.item.unit.value_or(0);
    item.quantity = position.item.quantity;
    item.fraction = position.item.fraction;
    const auto tags = tags_of_item(std::move(item));
    if (!tags)
        return pass(tags);
    Bytes all;
    for (const Tag wanted : {tag::unit, tag::quantity, tag::fraction})
        for (const HostTag& one : *tags)
            if (one.tag == wanted)
                all.insert(all.end(), one.bytes.begin(), one.bytes.end());
    return all;
}

Result<std::vector<HostTag>> cashier_tags(const Request& request)
{
    Document document;
    document.head.type = DocumentType::receipt;
    document.head.cashier = request.cashier;
    document.receipt.emplace();
    document.receipt->cashier_inn = request.cashier_inn;
    return tags_of(document, {tag::fd_number, tag::datetime});
}

} // namespace kb::fiscal

#include "protocol/atol/requisites.hpp"

#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/tlv.hpp"

#include <algorithm>
#include <iterator>

namespace kb::atol {

namespace {

struct Known {
    fiscal::Tag tag;
    bool on_paper; ///< bit 0 of E8h: a text that belongs on the printed receipt
};

namespace tag = fiscal::tag;

constexpr Known kOfReceipt[] = {
    {tag::buyer_contact, true},   {tag::address, false},         {tag::cashier, false},
    {tag::machine_number, false}, {tag::tax_system, false},      {tag::user_attribute, true},
    {tag::sender_email, false},   {tag::correction_type, false}, {tag::correction_basis, false},
    {tag::place, false},          {tag::receipt_extra, false},   {tag::cashier_inn, false},
    {tag::buyer_name, true},      {tag::buyer_inn, true},
};

// 2108 is of FFD 1.2, where it may not be missing. Unverified: that it is taken.
constexpr Known kOfItem[] = {
    {tag::product_code, false}, {tag::item_agent_flags, false},
    {tag::agent, false},        {tag::supplier, false},
    {tag::supplier_inn, true},  {tag::item_extra, true},
    {tag::excise, false},       {tag::unit_text, false},
    {tag::country, true},       {tag::customs_declaration, true},
    {tag::unit, false},
};

template <std::size_t size>
const Known* known_in(const Known (&known)[size], fiscal::Tag wanted)
{
    const auto found = std::find_if(std::begin(known), std::end(known),
                                    [wanted](const Known& row) { return row.tag == wanted; });
    return found != std::end(known) ? found : nullptr;
}

/// Texts are CP866, as the format has them; some firmware may want them in the page of printed lines.
Result<void> into_wire_page(fiscal::Tlv& tlv)
{
    for (fiscal::Tlv& child : tlv.children)
        if (auto done = into_wire_page(child); !done)
            return done;
    if (tlv.info == nullptr || tlv.info->type != fiscal::TlvType::string)
        return {};
    Dialect wire;
    wire.requisite_text = RequisiteText::wire;
    auto text = requisite_text(from_cp866(tlv.value), wire);
    if (!text)
        return pass(text);
    tlv.value = *std::move(text);
    return {};
}

Result<Bytes> bytes_of(const fiscal::HostTag& sent, const Dialect& dialect)
{
    if (dialect.requisite_text == RequisiteText::cp866)
        return sent.bytes;
    auto tree = fiscal::read_tlvs(sent.bytes);
    if (!tree)
        return pass(tree);
    for (fiscal::Tlv& tlv : *tree)
        if (auto done = into_wire_page(tlv); !done)
            return pass(done);
    return fiscal::write_tlvs(*tree);
}

} // namespace

Result<std::vector<WriteRequisite>> requisites(const std::vector<fiscal::HostTag>& tags, RequisiteOf of,
                                               const Dialect& dialect)
{
    std::vector<WriteRequisite> commands;
    for (const fiscal::HostTag& sent : tags) {
        const Known* known =
            of == RequisiteOf::receipt ? known_in(kOfReceipt, sent.tag) : known_in(kOfItem, sent.tag);
        if (known == nullptr)
            return fail(Errc::unsupported,
                        "tag " + std::to_string(sent.tag) +
                            (of == RequisiteOf::receipt ? " of the receipt" : " of an item") +
                            ": not known to be taken over this protocol; leave it out (an agent may stand at "
                            "the items), or write family = \"atol-fptr\"");
        const auto bytes = bytes_of(sent, dialect);
        if (!bytes)
            return pass(bytes);
        auto blocks = requisite_blocks(*bytes, known->on_paper);
        if (!blocks)
            return pass(blocks);
        commands.insert(commands.end(), blocks->begin(), blocks->end());
    }
    return commands;
}

} // namespace kb::atol

// Requisites: E8h writes one, E9h reads one. Source: docs/sources.md#atol, sections 4.5, 4.8, 5.1 and 8.
#include "drivers/atol/emulator_commands.hpp"
#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/tlv_out.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr std::size_t kBlock = 100; // bytes of a TLV told by one E9h
constexpr std::size_t kLongest = 1024;
constexpr std::size_t kTlvHead = 4;
// Extended errors (docs/sources.md#atol, section 8).
constexpr unsigned kBadTaxSystem = 0x0103, kWrittenTwice = 0x0201, kBadValue = 0x0205, kNoItem = 0x0207,
                   kItemActive = 0x0208, kBufferFull = 0x020A;

struct Requisite {
    std::uint16_t tag;
    bool of_item;
    bool text;
    std::uint16_t shortest, longest;
    std::uint8_t ffd; ///< the first version that has it
};

constexpr std::array<Requisite, 38> kRequisites = {{
    // of a receipt
    {1008, false, true, 1, 64, 2},
    {1009, false, true, 1, 256, 2},
    {1021, false, true, 1, 64, 2},
    {1036, false, true, 1, 20, 2},
    {1055, false, false, 1, 1, 2},
    {1057, false, false, 1, 1, 2},
    {1084, false, false, 4, 328, 2},
    {1117, false, true, 1, 64, 2},
    {1173, false, false, 1, 1, 2},
    {1174, false, false, 4, 320, 2},
    {1187, false, true, 1, 256, 2},
    {1192, false, true, 1, 16, 2},
    {1203, false, true, 12, 12, 2},
    {1227, false, true, 1, 256, 2},
    {1228, false, true, 10, 12, 2},
    {1243, false, true, 10, 10, 4},
    {1244, false, true, 3, 3, 4},
    {1245, false, true, 2, 2, 4},
    {1246, false, true, 1, 64, 4},
    {1254, false, true, 1, 256, 4},
    {1256, false, false, 4, 1024, 4},
    {1261, false, false, 4, 512, 4},
    {1270, false, false, 4, 256, 4},
    // of an item
    {1162, true, false, 1, 32, 2},
    {1163, true, false, 4, 512, 4},
    {1171, true, true, 1, 19, 2},
    {1191, true, true, 1, 64, 2},
    {1197, true, true, 1, 16, 2},
    {1222, true, false, 1, 1, 2},
    {1223, true, false, 4, 512, 2},
    {1224, true, false, 4, 512, 2},
    {1226, true, true, 10, 12, 2},
    {1229, true, false, 1, 6, 2},
    {1230, true, true, 3, 3, 2},
    {1231, true, true, 1, 32, 2},
    {1260, true, false, 4, 512, 4},
    {1291, true, false, 4, 48, 4},
    {2108, true, false, 1, 1, 4},
}};

const Requisite* find_requisite(std::uint16_t tag)
{
    const auto at = std::find_if(kRequisites.begin(), kRequisites.end(),
                                 [tag](const Requisite& r) { return r.tag == tag; });
    return at == kRequisites.end() ? nullptr : &*at;
}

bool has(BytesView tlvs, std::uint16_t tag) { return find_tag(tlvs, tag).data() != nullptr; }

std::uint16_t tag_of(BytesView tlv) { return static_cast<std::uint16_t>(tlv[0] | tlv[1] << 8U); }

Bytes joined(BytesView a, BytesView b)
{
    Bytes out(a.begin(), a.end());
    out.insert(out.end(), b.begin(), b.end());
    return out;
}

// What a register remembers of its registration, whether its FN still keeps the document or not.
Bytes registration(const Identity& who, const VirtualFn& fn)
{
    TlvOut out;
    out.padded(tag::fn_serial, fn.serial, 16)
        .padded(tag::reg_number, who.reg_number, 20)
        .padded(tag::user_inn, who.inn, 12)
        .text(tag::user, who.user)
        .text(tag::address, who.address)
        .text(tag::place, who.place)
        .text(tag::kkt_serial, who.kkt_serial, 20)
        .padded(tag::ofd_inn, who.ofd_inn, 12)
        .text(tag::ofd_name, who.ofd_name)
        .text(tag::fns_site, who.fns_site)
        .text(tag::sender_email, who.sender_email, 64)
        .byte(tag::tax_systems, who.tax_systems)
        .byte(tag::ffd, who.ffd);
    constexpr std::uint16_t kAgentSigns = 1057;
    for (const std::uint16_t flag :
         {tag::auto_mode, tag::offline_mode, tag::encryption, kAgentSigns, tag::internet, tag::services,
          tag::bso_system, tag::lottery, tag::gambling, tag::excise, tag::printer_in_machine})
        out.byte(flag, 0);
    return out.bytes();
}

} // namespace

// Whose name stands on the next document, unless the host has written 1021.
std::string Commands::cashier() const { return tables_.text({3, user_ == 0 ? std::uint8_t{30} : user_, 2}); }

// The INN of the user's row belongs to the name of that row.
Bytes Commands::with_cashier_inn(Bytes tags) const
{
    const std::string inn = tables_.text({3, user_ == 0 ? std::uint8_t{30} : user_, 3});
    if (inn.empty() || has(tags, tag::cashier) || has(tags, tag::cashier_inn))
        return tags;
    return joined(tags, TlvOut().padded(tag::cashier_inn, inn, 12).bytes());
}

Bytes Commands::take_next_document_tags() { return with_cashier_inn(std::exchange(next_document_, {})); }

// flags | blocks | block, from 0 | TLV bytes
Commands::Done Commands::write_requisite(In& in)
{
    const std::uint8_t flags = in.u8();
    const unsigned blocks = in.u8();
    const unsigned block = in.u8();
    static_cast<void>(flags); // bit 0 only prints it
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    const BytesView part = in.rest();
    if (block == 0) {
        blocks_.clear();
        blocks_expected_ = 0;
    }
    if (blocks == 0 || block >= blocks || block != blocks_expected_)
        return error(0x13);
    blocks_ = joined(blocks_, part);
    blocks_expected_ = block + 1;
    if (blocks_.size() > kLongest)
        return error(0xE8);
    if (blocks_expected_ < blocks)
        return done();
    const Bytes tlv = std::exchange(blocks_, {});
    blocks_expected_ = 0;
    if (tlv.size() <= kTlvHead || first_tlv_size(tlv) != tlv.size())
        return error(0x14);
    return store_requisite(tlv);
}

Commands::Done Commands::store_requisite(BytesView tlv)
{
    const std::uint16_t tag = tag_of(tlv);
    const Requisite* requisite = find_requisite(tag);
    if (requisite == nullptr || requisite->ffd > kkt_.identity().ffd)
        return error(0x93);
    const BytesView value = tlv.subspan(kTlvHead);
    if (value.size() < requisite->shortest || value.size() > requisite->longest)
        return error(0xE8);
    const bool structure = !requisite->text && requisite->shortest == kTlvHead;
    if (structure && !well_formed(value))
        return extended(kBadValue);
    Bytes stored(tlv.begin(), tlv.end());
    if (requisite->text && options_.requisites_in_wire_page)
        stored = TlvOut().raw(tag, cp866_lossy(from_wire_page(value))).bytes();
    if (!kkt_.receipt()) {
        if (tag != tag::cashier && tag != tag::cashier_inn)
            return error(0x9A);
        next_document_ = joined(without_tag(next_document_, tag), stored);
        return done();
    }
    if (mode_ != 1)
        return error(0x66);
    if (requisite->of_item) {
        if (!item_)
            return extended(kNoItem);
        if (has(item_->extra, tag))
            return extended(kWrittenTwice);
        if (item_->extra.size() + stored.size() > kLongest)
            return extended(kBufferFull);
        item_->extra = joined(item_->extra, stored);
        return done();
    }
    if (item_)
        return extended(kItemActive);
    return store_receipt_tag(tag, stored);
}

Commands::Done Commands::store_receipt_tag(std::uint16_t tag, BytesView tlv)
{
    const Receipt& receipt = *kkt_.receipt();
    if (tag == tag::tax_system) {
        const unsigned system = tlv[kTlvHead];
        if (receipt.tax_system != 0)
            return extended(kWrittenTwice);
        if ((system & (system - 1U)) != 0 || (system & kkt_.identity().tax_systems) == 0)
            return extended(kBadTaxSystem);
        Receipt changed = receipt;
        changed.tax_system = static_cast<std::uint8_t>(system);
        return done_or(kkt_.change_receipt(std::move(changed)));
    }
    if (has(carried_, tag)) {
        if (auto dropped = drop_carried(tag); !dropped)
            return dropped;
    }
    if (has(receipt.extra, tag))
        return extended(kWrittenTwice);
    if (const auto added = kkt_.add_receipt_tags(tlv); !added)
        return extended(kBufferFull);
    return done();
}

// What was written before the opening gives way to what is written into the receipt; the INN goes with the
// name it belonged to.
Commands::Done Commands::drop_carried(std::uint16_t tag)
{
    Receipt changed = *kkt_.receipt();
    const bool name = tag == tag::cashier && has(carried_, tag::cashier_inn);
    for (const std::uint16_t gone : {tag, name ? tag::cashier_inn : tag}) {
        changed.extra = without_tag(changed.extra, gone);
        carried_ = without_tag(carried_, gone);
    }
    return done_or(kkt_.change_receipt(std::move(changed)));
}

// tag, lowest byte first | block. Block 0 begins with the TLV's head.
Commands::Done Commands::read_requisite(In& in)
{
    const auto tag = static_cast<std::uint16_t>(in.le(2));
    const std::size_t block = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    Bytes known;
    if (item_)
        known = item_->extra;
    if (kkt_.receipt())
        known = joined(known, kkt_.receipt()->extra);
    known = joined(known, next_document_);
    known = joined(known, registration(kkt_.identity(), kkt_.fn()));
    const BytesView value = find_tag(known, tag);
    if (value.data() == nullptr)
        return error(0x93);
    const Bytes tlv = TlvOut().raw(tag, value).bytes();
    const std::size_t blocks = (tlv.size() + kBlock - 1) / kBlock;
    if (block >= blocks)
        return error(0xE7);
    const std::size_t from = block * kBlock;
    return data()
        .u8(static_cast<unsigned>(blocks))
        .bytes(BytesView(tlv).subspan(from, std::min(kBlock, tlv.size() - from)))
        .take();
}

} // namespace kb::emulator::atol

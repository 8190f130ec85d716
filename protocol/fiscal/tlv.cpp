#include "protocol/fiscal/tlv.hpp"

#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/tlv_path.hpp"

#include <algorithm>
#include <charconv>

namespace kb::fiscal {

namespace {

// Header of one TLV:  tag u16 LE | length u16 LE | value, `length` bytes
// Source: docs/sources.md#ffd, section 1.
constexpr std::size_t kHeader = 4;

class Reader {
public:
    Result<std::vector<Tlv>> read(BytesView bytes, Tag parent)
    {
        std::vector<Tlv> tlvs;
        ByteReader in(bytes);
        while (in.left() > 0) {
            if (in.left() < kHeader)
                return fail(Errc::bad_tlv, path_.text() + ": " + std::to_string(in.left()) +
                                               " bytes after the last tag, too few for a header");
            const Tag number = in.u16();
            const std::size_t length = in.u16();
            path_.push(number, tlvs);
            if (length > in.left())
                return fail(Errc::bad_tlv, path_.text() + ": length " + std::to_string(length) + ", but " +
                                               std::to_string(in.left()) + " bytes are left");
            auto tlv = one(number, parent, in.take(length));
            if (!tlv)
                return pass(tlv);
            path_.pop();
            tlvs.push_back(std::move(*tlv));
        }
        return tlvs;
    }

private:
    Result<Tlv> one(Tag number, Tag parent, BytesView value)
    {
        Tlv tlv{number, meaning_of(number, parent, value), {}, {}};
        if (!tlv.is_structure()) {
            tlv.value.assign(value.begin(), value.end());
            return tlv;
        }
        if (path_.depth() >= kMaxTlvDepth)
            return fail(Errc::bad_tlv, path_.text() + ": nested deeper than " + std::to_string(kMaxTlvDepth));
        auto children = read(value, number);
        if (!children)
            return pass(children);
        tlv.children = std::move(*children);
        return tlv;
    }

    TlvPath path_;
};

tl::unexpected<Error> bad(Errc code, Tag number, const std::string& reason)
{
    return fail(code, std::to_string(number) + ": " + reason);
}

Result<const TagInfo*> info_for(Tag number)
{
    // Values are made for the present meaning of a tag, never for a former one.
    const TagInfo* info = find_tag(number);
    if (info == nullptr)
        return bad(Errc::bad_value, number, "unknown tag");
    return info;
}

Result<std::uint64_t> little_endian(const Tlv& tlv, std::size_t at_least, std::size_t at_most)
{
    const std::size_t size = tlv.value.size();
    if (size < at_least || size > at_most) {
        std::string wanted = std::to_string(at_most);
        if (at_least != at_most)
            wanted = std::to_string(at_least) + ".." + wanted;
        return bad(Errc::bad_length, tlv.tag,
                   "length " + std::to_string(size) + ", " + std::string(to_string(tlv.info->type)) +
                       " takes " + wanted);
    }
    return size == 0 ? 0 : ByteReader(tlv.value).uint(size);
}

std::size_t bytes_needed(std::uint64_t value)
{
    std::size_t width = 1;
    while (width < 8 && (value >> (8 * width)) != 0)
        ++width;
    return width;
}

} // namespace

const Tlv* Tlv::find(Tag wanted) const
{
    const auto found = std::find_if(children.begin(), children.end(),
                                    [wanted](const Tlv& child) { return child.tag == wanted; });
    return found == children.end() ? nullptr : &*found;
}

Tlv* Tlv::find(Tag wanted) { return const_cast<Tlv*>(std::as_const(*this).find(wanted)); }

std::size_t Tlv::count(Tag wanted) const
{
    return static_cast<std::size_t>(std::count_if(
        children.begin(), children.end(), [wanted](const Tlv& child) { return child.tag == wanted; }));
}

Result<std::vector<Tlv>> read_tlvs(BytesView bytes, Tag parent) { return Reader{}.read(bytes, parent); }

Result<Tlv> read_document_tlv(BytesView full)
{
    if (full.size() < kHeader)
        return fail(Errc::bad_tlv,
                    "document: " + std::to_string(full.size()) + " bytes, too few for its header");
    ByteReader head(full);
    const Tag code = head.u16();
    const std::size_t length = head.u16();
    if (document_bit(code) == 0)
        return fail(Errc::bad_tlv, std::to_string(code) + ": not a document code");
    if (length != full.size() - kHeader)
        return fail(Errc::bad_tlv, std::to_string(code) + ": length " + std::to_string(length) + ", but " +
                                       std::to_string(full.size() - kHeader) + " bytes follow the header");
    auto tlvs = read_tlvs(full);
    if (!tlvs)
        return pass(tlvs);
    return std::move(tlvs->front());
}

namespace {

Result<void> append(ByteWriter& out, const Tlv& tlv)
{
    const bool structure = tlv.is_structure();
    Bytes inner;
    if (structure) {
        auto written = write_tlvs(tlv.children);
        if (!written)
            return pass(written);
        inner = std::move(*written);
    }
    const Bytes& value = structure ? inner : tlv.value;
    if (value.size() > 0xFFFF)
        return bad(Errc::bad_length, tlv.tag, std::to_string(value.size()) + " bytes, a TLV holds 65535");
    out.u16(tlv.tag).u16(static_cast<std::uint16_t>(value.size())).bytes(value);
    return {};
}

} // namespace

Result<Bytes> write_tlvs(const std::vector<Tlv>& tlvs)
{
    ByteWriter out;
    for (const Tlv& tlv : tlvs)
        if (auto done = append(out, tlv); !done)
            return pass(done);
    return out.take();
}

Result<Bytes> write_tlv(const Tlv& tlv)
{
    ByteWriter out;
    if (auto done = append(out, tlv); !done)
        return pass(done);
    return out.take();
}

Result<std::uint64_t> number_of(const Tlv& tlv)
{
    if (tlv.info == nullptr)
        return bad(Errc::bad_value, tlv.tag, "unknown tag, it has no number");
    switch (tlv.info->type) {
    case TlvType::byte:
        return little_endian(tlv, 1, 1);
    case TlvType::bits: // the row says how wide; some firmware sends a wider or a narrower mask
        return little_endian(tlv, 1, 4);
    case TlvType::u16:
        return little_endian(tlv, 2, 2);
    case TlvType::u32:
    case TlvType::unixtime:
        return little_endian(tlv, 4, 4);
    case TlvType::vln:
        return little_endian(tlv, 0, 8);
    default:
        return bad(Errc::bad_value, tlv.tag,
                   "a " + std::string(to_string(tlv.info->type)) + ", not a number");
    }
}

Result<Kopecks> money_of(const Tlv& tlv)
{
    const auto number = number_of(tlv);
    if (!number)
        return pass(number);
    if (*number > static_cast<std::uint64_t>(INT64_MAX))
        return bad(Errc::not_representable, tlv.tag, "sum " + std::to_string(*number) + " is too large");
    return Kopecks(static_cast<std::int64_t>(*number));
}

Result<LocalSeconds> time_of(const Tlv& tlv)
{
    const auto number = number_of(tlv);
    if (!number)
        return pass(number);
    if (tlv.info->type != TlvType::unixtime)
        return bad(Errc::bad_value, tlv.tag, "a " + std::string(to_string(tlv.info->type)) + ", not a time");
    return from_ffd_unixtime(static_cast<std::uint32_t>(*number));
}

Result<Fvln> fvln_of(const Tlv& tlv)
{
    // decimals u8 | mantissa, 1..7 bytes LE
    if (tlv.info == nullptr || tlv.info->type != TlvType::fvln)
        return bad(Errc::bad_value, tlv.tag, "not a decimal number");
    if (tlv.value.size() < 2 || tlv.value.size() > 8)
        return bad(Errc::bad_length, tlv.tag,
                   "length " + std::to_string(tlv.value.size()) + ", fvln takes 2..8");
    ByteReader in(tlv.value);
    const std::uint8_t decimals = in.u8();
    return Fvln{decimals, in.uint(tlv.value.size() - 1)};
}

Result<std::string> text_of(const Tlv& tlv)
{
    if (tlv.info == nullptr || tlv.info->type != TlvType::string)
        return bad(Errc::bad_value, tlv.tag, "not a text");
    BytesView value = tlv.value;
    if (tlv.info->fixed) {
        while (!value.empty() && value.back() == ' ')
            value = value.first(value.size() - 1);
        // A 10-digit INN wrongly padded on the left: no region has the code 00, so "00" is never part of it.
        const bool inn = tlv.info->length == 12 && tlv.info->padding == Padding::right_space;
        if (inn && value.size() == 12 && value[0] == '0' && value[1] == '0' &&
            std::any_of(value.begin(), value.end(), [](std::uint8_t digit) { return digit != '0'; }))
            value = value.subspan(2);
    }
    return from_cp866(value);
}

namespace {

Result<Tlv> make(const TagInfo& info, Bytes value) { return Tlv{info.tag, &info, std::move(value), {}}; }

} // namespace

Result<Tlv> make_number(Tag number, std::uint64_t value)
{
    const auto info = info_for(number);
    if (!info)
        return pass(info);
    std::size_t width = 0;
    switch ((*info)->type) {
    case TlvType::byte:
        width = 1;
        break;
    case TlvType::u16:
        width = 2;
        break;
    case TlvType::u32:
    case TlvType::unixtime:
        width = 4;
        break;
    case TlvType::bits:
        width = (*info)->length;
        break;
    case TlvType::vln: // the shortest form; the published maximum is advisory
        width = bytes_needed(value);
        break;
    default:
        return bad(Errc::bad_value, number,
                   "a " + std::string(to_string((*info)->type)) + " takes no number");
    }
    if (bytes_needed(value) > width)
        return bad(Errc::bad_value, number,
                   std::to_string(value) + " does not fit into " + std::to_string(width) + " bytes");
    ByteWriter out;
    out.uint(value, width);
    return make(**info, out.take());
}

Result<Tlv> make_money(Tag number, Kopecks value)
{
    if (value.count() < 0)
        return bad(Errc::not_representable, number, "a negative sum: " + value.to_rubles());
    return make_number(number, static_cast<std::uint64_t>(value.count()));
}

Result<Tlv> make_time(Tag number, LocalSeconds value)
{
    const auto seconds = value.time_since_epoch().count();
    if (seconds < 0 || seconds > UINT32_MAX)
        return bad(Errc::not_representable, number, "time " + to_text(value) + " is outside 1970..2106");
    return make_number(number, static_cast<std::uint64_t>(seconds));
}

Result<Tlv> make_fvln(Tag number, Fvln value)
{
    const auto info = info_for(number);
    if (!info)
        return pass(info);
    if ((*info)->type != TlvType::fvln)
        return bad(Errc::bad_value, number, "takes no decimal number");
    const std::size_t width = bytes_needed(value.mantissa);
    if (width > 7)
        return bad(Errc::not_representable, number, value.to_text() + " needs more than 7 bytes");
    ByteWriter out;
    out.u8(value.decimals).uint(value.mantissa, width);
    return make(**info, out.take());
}

Result<Tlv> make_text(Tag number, std::string_view utf8)
{
    const auto info = info_for(number);
    if (!info)
        return pass(info);
    if ((*info)->type != TlvType::string)
        return bad(Errc::bad_value, number, "takes no text");
    auto text = to_cp866(utf8);
    if (!text)
        return bad(text.error().code, number, text.error().context);
    const std::size_t limit = (*info)->length;
    if (limit != 0 && text->size() > limit)
        return bad(Errc::bad_length, number,
                   std::to_string(text->size()) + " characters, at most " + std::to_string(limit) + " fit");
    if ((*info)->fixed)
        text->resize(limit, ' ');
    return make(**info, std::move(*text));
}

Result<Tlv> make_raw(Tag number, BytesView value, Tag parent)
{
    if (value.size() > 0xFFFF)
        return bad(Errc::bad_length, number, std::to_string(value.size()) + " bytes, a TLV holds 65535");
    Tlv tlv{number, meaning_of(number, parent, value), {}, {}};
    if (!tlv.is_structure()) {
        tlv.value.assign(value.begin(), value.end());
        return tlv;
    }
    auto children = read_tlvs(value, number);
    if (!children)
        return bad(Errc::bad_tlv, number, children.error().context);
    tlv.children = std::move(*children);
    return tlv;
}

Tlv make_structure(Tag number, std::vector<Tlv> children)
{
    return Tlv{number, find_tag(number), {}, std::move(children)};
}

TlvWriter::TlvWriter(Tag document) { open_.push_back(make_structure(document, {})); }

TlvWriter& TlvWriter::add(Result<Tlv> tlv)
{
    if (!state_)
        return *this;
    if (!tlv)
        state_ = pass(tlv);
    else
        open_.back().children.push_back(std::move(*tlv));
    return *this;
}

TlvWriter& TlvWriter::number(Tag number, std::uint64_t value) { return add(make_number(number, value)); }
TlvWriter& TlvWriter::money(Tag number, Kopecks value) { return add(make_money(number, value)); }
TlvWriter& TlvWriter::time(Tag number, LocalSeconds value) { return add(make_time(number, value)); }
TlvWriter& TlvWriter::text(Tag number, std::string_view utf8) { return add(make_text(number, utf8)); }
TlvWriter& TlvWriter::raw(Tag number, BytesView value) { return add(make_raw(number, value, parent())); }

TlvWriter& TlvWriter::quantity(Tag number, Quantity value)
{
    const auto fvln = Fvln::from_quantity(value);
    if (!fvln)
        return add(bad(fvln.error().code, number, fvln.error().context));
    return add(make_fvln(number, *fvln));
}

TlvWriter& TlvWriter::open(Tag structure)
{
    const TagInfo* info = find_tag(structure);
    if (state_ && (info == nullptr || info->type != TlvType::stlv))
        state_ = bad(Errc::bad_value, structure, "not a structure");
    open_.push_back(make_structure(structure, {}));
    return *this;
}

TlvWriter& TlvWriter::close()
{
    if (open_.size() < 2) {
        if (state_)
            state_ = bad(Errc::bad_value, open_.front().tag, "close() without open()");
        return *this;
    }
    Tlv done = std::move(open_.back());
    open_.pop_back();
    return add(std::move(done));
}

Result<Tlv> TlvWriter::take_tree()
{
    if (!state_)
        return pass(state_);
    if (open_.size() != 1)
        return bad(Errc::bad_value, open_.back().tag, "opened and not closed");
    return std::move(open_.front());
}

Result<Bytes> TlvWriter::take()
{
    const auto tree = take_tree();
    if (!tree)
        return pass(tree);
    return write_tlv(*tree);
}

} // namespace kb::fiscal

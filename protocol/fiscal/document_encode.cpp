// Typed documents back to TLV: what did not change keeps the bytes it was read from.
#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/document_fields.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/tlv_path.hpp"

#include <algorithm>

namespace kb::fiscal {

namespace {

// Makes the tags of one structure from its members.
class Encoder {
public:
    void operator()(Tag number, const std::string& text)
    {
        if (!text.empty())
            add(text_tlv(number, text));
    }
    void operator()(Tag number, const Bytes& bytes)
    {
        const TagInfo* info = find_tag(number);
        if (info->type == TlvType::bytes && !bytes.empty())
            add(make_raw(number, bytes));
        else if (info->type == TlvType::byte)
            for (const std::uint8_t byte : bytes)
                add(make_number(number, byte));
    }
    void operator()(Tag number, FfdVersion ffd)
    {
        if (ffd != FfdVersion::unknown)
            value(number, ffd);
    }
    void operator()(Tag number, std::uint32_t plain) { value(number, plain); }
    void operator()(Tag number, LocalSeconds time) { value(number, time); }
    template <class T>
    void operator()(Tag number, const std::optional<T>& optional)
    {
        if (optional)
            value(number, *optional);
    }
    template <class T>
    void operator()(Tag number, const std::vector<T>& list)
    {
        for (const T& each : list)
            value(number, each);
    }
    void fiscal_sign(std::uint32_t sign)
    {
        if (sign != 0)
            add(make_raw(tag::fiscal_sign, fiscal_sign_to_bytes(sign)));
    }
    void codes(const std::vector<ProductCode>& codes)
    {
        for (const ProductCode& code : codes)
            add(text_tlv(code.kind, code.text));
    }

    [[nodiscard]] std::optional<Error>& error() { return error_; }
    [[nodiscard]] std::vector<Tlv>& tlvs() { return tlvs_; }

private:
    template <class T>
    void value(Tag number, const T& member)
    {
        if constexpr (requires(Encoder & inner) { fields(inner, member); }) {
            Encoder inner;
            fields(inner, member);
            if (inner.error_)
                add(tl::unexpected<Error>(Error{inner.error_->code,
                                                inner.error_->outcome,
                                                std::to_string(number) + '/' + inner.error_->context,
                                                {}}));
            else
                add(make_structure(number, std::move(inner.tlvs_)));
        } else if constexpr (std::is_same_v<T, std::string>) {
            add(text_tlv(number, member));
        } else if constexpr (std::is_same_v<T, Kopecks>) {
            add(make_money(number, member));
        } else if constexpr (std::is_same_v<T, LocalSeconds>) {
            add(make_time(number, member));
        } else if constexpr (std::is_same_v<T, Quantity>) {
            const auto fvln = Fvln::from_quantity(member);
            if (fvln)
                add(make_fvln(number, *fvln));
            else
                add(fail(fvln.error().code, std::to_string(number) + ": " + fvln.error().context));
        } else {
            add(make_number(number, static_cast<std::uint64_t>(member)));
        }
    }

    // Without the length limit: a text that was too long when it was read may stay, see Merge::take.
    static Result<Tlv> text_tlv(Tag number, const std::string& text)
    {
        const TagInfo* info = find_tag(number);
        auto bytes = to_cp866(text);
        if (info == nullptr || info->type != TlvType::string || !bytes)
            return make_text(number, text); // its error is the one to tell
        if (info->fixed && bytes->size() < info->length)
            bytes->resize(info->length, ' ');
        return Tlv{number, info, *std::move(bytes), {}};
    }

    void add(Result<Tlv> tlv)
    {
        if (error_)
            return;
        if (tlv) {
            tlvs_.push_back(*std::move(tlv));
            return;
        }
        // "1059/1030: ..." becomes "1059[2]/1030: ...": which of the siblings it would have been.
        error_ = tlv.error();
        const std::size_t digits = error_->context.find_first_not_of("0123456789");
        const auto number = static_cast<Tag>(std::stoul("0" + error_->context.substr(0, digits)));
        const auto before = std::count_if(tlvs_.begin(), tlvs_.end(),
                                          [number](const Tlv& earlier) { return earlier.tag == number; });
        error_->context =
            path_step(number, static_cast<std::size_t>(before) + 1) + error_->context.substr(digits);
    }

    std::vector<Tlv> tlvs_;
    std::optional<Error> error_;
};

Result<Tlv> encode_fresh(const Document& document)
{
    const auto code = static_cast<Tag>(document.head.type);
    if (!is_document_type(code))
        return fail(Errc::unsupported, std::to_string(code) + ": not a document of the archive");
    Encoder encoder;
    document_fields(encoder, document);
    if (encoder.error()) {
        Error error = *encoder.error();
        error.context.insert(0, std::to_string(code) + '/');
        return tl::unexpected<Error>(std::move(error));
    }
    return make_structure(code, std::move(encoder.tlvs()));
}

bool same(const Tlv& a, const Tlv& b)
{
    return a.tag == b.tag && a.value == b.value && a.children.size() == b.children.size() &&
           std::equal(a.children.begin(), a.children.end(), b.children.begin(), same);
}

std::vector<const Tlv*> group(const std::vector<Tlv>& tlvs, Tag number)
{
    std::vector<const Tlv*> found;
    for (const Tlv& tlv : tlvs)
        if (tlv.tag == number)
            found.push_back(&tlv);
    return found;
}

// Three ways to see one structure: `read` as it came, `was` what its typed form would write, `now` what the
// typed form writes after its owner's changes. Tags alike in `was` and `now` keep what was read.
class Merge {
public:
    std::vector<Tlv> merge(const std::vector<Tlv>& read, const std::vector<Tlv>& was,
                           const std::vector<Tlv>& now, const std::string& path)
    {
        std::vector<Tlv> merged;
        std::vector<Tag> placed;
        for (const Tlv& original : read) {
            const auto before = group(was, original.tag);
            const auto after = group(now, original.tag);
            const bool unchanged = std::equal(before.begin(), before.end(), after.begin(), after.end(),
                                              [](const Tlv* a, const Tlv* b) { return same(*a, *b); });
            if (unchanged) {
                merged.push_back(original);
            } else if (std::find(placed.begin(), placed.end(), original.tag) == placed.end()) {
                placed.push_back(
                    original.tag); // all siblings of a changed tag are set where the first one stood
                place(merged, group(read, original.tag), before, after, path);
            }
        }
        for (const Tlv& added : now)
            if (group(read, added.tag).empty())
                merged.push_back(take(added, path, group(merged, added.tag).size() + 1));
        return merged;
    }

    /// The first value that does not fit its tag.
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

private:
    using Group = std::vector<const Tlv*>;

    void place(std::vector<Tlv>& merged, const Group& read, const Group& was, const Group& now,
               const std::string& path)
    {
        const bool aligned = read.size() == was.size();
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (aligned && i < was.size() && now[i]->is_structure()) {
                Tlv inner = *read[i];
                inner.children = merge(read[i]->children, was[i]->children, now[i]->children,
                                       path + '/' + path_step(inner.tag, i + 1));
                merged.push_back(std::move(inner));
            } else if (aligned && i < was.size() && same(*was[i], *now[i])) {
                merged.push_back(*read[i]);
            } else {
                merged.push_back(take(*now[i], path, i + 1));
            }
        }
    }

    // A new value: here the published lengths hold.
    Tlv take(const Tlv& added, const std::string& path, std::size_t n)
    {
        const std::string here = path + '/' + path_step(added.tag, n);
        if (added.is_structure()) {
            Tlv inner = added;
            inner.children = merge({}, {}, added.children, here);
            return inner;
        }
        const std::size_t limit = added.info->length;
        if (!error_ && limit != 0 && added.value.size() > limit && added.info->type == TlvType::string)
            error_ = Error{Errc::bad_length,
                           Outcome::not_done,
                           here + ": " + std::to_string(added.value.size()) + " characters, at most " +
                               std::to_string(limit) + " fit",
                           {}};
        return added;
    }

    std::optional<Error> error_;
};

} // namespace

Result<Tlv> to_tlv(const Document& document)
{
    auto now = encode_fresh(document);
    if (!now)
        return now;
    Tlv was; // nothing, for a new document
    if (document.tree.tag == now->tag) {
        const auto original = decode(document.tree);
        if (!original)
            return pass(original);
        auto written = encode_fresh(*original);
        if (!written)
            return pass(written);
        was = *std::move(written);
    }
    Merge merge;
    const auto& read = was.tag == 0 ? was.children : document.tree.children;
    auto children = merge.merge(read, was.children, now->children, std::to_string(now->tag));
    if (merge.error())
        return tl::unexpected<Error>(*merge.error());
    return make_structure(now->tag, std::move(children));
}

Result<Bytes> encode(const Document& document)
{
    const auto tree = to_tlv(document);
    if (!tree)
        return pass(tree);
    return write_tlv(*tree);
}

} // namespace kb::fiscal

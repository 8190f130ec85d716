#include "protocol/fiscal/document.hpp"

#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/document_fields.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/tlv_path.hpp"

#include <limits>

namespace kb::fiscal {

namespace {

// Fills the members of one structure from its tags. The first error stops it.
class Decoder {
public:
    explicit Decoder(const Tlv& at) : at_(at) {}
    Decoder(const Tlv& at, const Decoder& up, std::size_t n) : at_(at), up_(&up), n_(n) {}

    template <class T>
    void operator()(Tag number, T& out)
    {
        const Tlv* child = ok() ? at_.find(number) : nullptr;
        if (child != nullptr)
            take(read(*child, out), *child, 1);
    }

    template <class T>
    void operator()(Tag number, std::optional<T>& out)
    {
        const Tlv* child = ok() ? at_.find(number) : nullptr;
        if (child == nullptr)
            return;
        out.emplace();
        one(*child, 1, *out);
    }

    template <class T>
    void operator()(Tag number, std::vector<T>& out)
    {
        for (const Tlv& child : at_.children) {
            if (!ok())
                return;
            if (child.tag == number) {
                T& each = out.emplace_back();
                one(child, out.size(), each);
            }
        }
    }

    // A byte string; or the bytes of a repeated one-byte tag, one after the other.
    void operator()(Tag number, Bytes& out)
    {
        for (const Tlv& child : at_.children)
            if (child.tag == number)
                out.insert(out.end(), child.value.begin(), child.value.end());
    }

    void fiscal_sign(std::uint32_t& out)
    {
        const Tlv* child = ok() ? at_.find(tag::fiscal_sign) : nullptr;
        if (child == nullptr)
            return;
        auto sign = fiscal_sign_from_bytes(child->value);
        if (sign)
            out = *sign;
        else
            fail_at(*child, 1, Error{sign.error().code, {}, "1077: " + sign.error().context, {}});
    }

    void codes(std::vector<ProductCode>& out)
    {
        for (const Tlv& child : at_.children)
            if (child.info != nullptr && child.info->type == TlvType::string)
                out.push_back({child.tag, from_cp866(child.value)});
    }

    [[nodiscard]] Result<void> result() const
    {
        if (error_)
            return tl::unexpected<Error>(*error_);
        return {};
    }

private:
    [[nodiscard]] bool ok() const { return !error_; }

    template <class T>
    void one(const Tlv& child, std::size_t n, T& out)
    {
        if constexpr (requires(Decoder & inner) { fields(inner, out); }) {
            Decoder inner(child, *this, n);
            fields(inner, out);
            error_ = std::move(inner.error_);
        } else {
            take(read(child, out), child, n);
        }
    }

    template <class T>
    Result<void> read(const Tlv& child, T& out)
    {
        if constexpr (std::is_same_v<T, std::string>)
            return set(out, text_of(child));
        else if constexpr (std::is_same_v<T, Kopecks>)
            return set(out, money_of(child));
        else if constexpr (std::is_same_v<T, LocalSeconds>)
            return set(out, time_of(child));
        else if constexpr (std::is_same_v<T, Quantity>)
            return read_quantity(child, out);
        else
            return read_number(child, out);
    }

    template <class T>
    static Result<void> set(T& out, Result<T> value)
    {
        if (!value)
            return pass(value);
        out = *std::move(value);
        return {};
    }

    static Result<void> read_quantity(const Tlv& child, Quantity& out)
    {
        const auto fvln = fvln_of(child);
        if (!fvln)
            return pass(fvln);
        const auto quantity = fvln->to_quantity();
        if (!quantity)
            return fail(quantity.error().code, std::to_string(child.tag) + ": " + quantity.error().context);
        out = *quantity;
        return {};
    }

    template <class T>
    static Result<void> read_number(const Tlv& child, T& out)
    {
        const auto number = number_of(child);
        if (!number)
            return pass(number);
        if constexpr (std::is_same_v<T, bool>) {
            out = *number != 0;
        } else if constexpr (std::is_enum_v<T>) {
            out = static_cast<T>(*number);
        } else {
            if (*number > std::numeric_limits<T>::max())
                return fail(Errc::bad_value,
                            std::to_string(child.tag) + ": " + std::to_string(*number) + " is too large");
            out = static_cast<T>(*number);
        }
        return {};
    }

    void take(const Result<void>& done, const Tlv& child, std::size_t n)
    {
        if (!done)
            fail_at(child, n, done.error());
    }

    // The error of a value begins with its tag ("1023: ..."); the way down to it comes before.
    void fail_at(const Tlv& child, std::size_t n, Error error)
    {
        const std::string own = std::to_string(child.tag);
        error.context = path() + '/' + path_step(child.tag, n) + error.context.substr(own.size());
        error_ = std::move(error);
    }

    [[nodiscard]] std::string path() const
    {
        return up_ == nullptr ? std::to_string(at_.tag) : up_->path() + '/' + path_step(at_.tag, n_);
    }

    const Tlv& at_;
    const Decoder* up_ = nullptr;
    std::size_t n_ = 1;
    std::optional<Error> error_;
};

void set_parts(Document& document)
{
    switch (document.head.type) {
    case DocumentType::receipt:
    case DocumentType::bso:
    case DocumentType::receipt_correction:
    case DocumentType::bso_correction:
        document.receipt.emplace();
        break;
    case DocumentType::registration:
    case DocumentType::re_registration:
        document.registration.emplace();
        document.versions.emplace();
        document.report.emplace();
        break;
    case DocumentType::shift_open:
    case DocumentType::shift_close:
    case DocumentType::fn_close:
    case DocumentType::state_report:
        document.report.emplace();
        document.versions.emplace();
        break;
    case DocumentType::ofd_ticket:
        document.ticket.emplace();
        break;
    }
}

tl::unexpected<Error> wrong_code(std::uint16_t code)
{
    return fail(Errc::unsupported, std::to_string(code) + ": not a document of the archive");
}

Result<void> require_identity(std::uint16_t code, bool has_fn, bool has_number, bool has_time)
{
    const Tag missing = !has_fn       ? tag::fn_serial
                        : !has_number ? tag::fd_number
                        : has_time    ? Tag{0}
                                      : tag::datetime;
    if (missing != 0)
        return fail(Errc::bad_tlv, std::to_string(code) + '/' + std::to_string(missing) + ": missing");
    return {};
}

} // namespace

bool is_document_type(std::uint16_t code)
{
    constexpr std::uint16_t kMarking[] = {81, 82, 83, 84};
    for (const std::uint16_t marking : kMarking)
        if (code == marking)
            return false;
    return document_bit(code) != 0;
}

Result<Document> decode(Tlv tree)
{
    if (!is_document_type(tree.tag))
        return wrong_code(tree.tag);
    if (const auto identity =
            require_identity(tree.tag, tree.find(tag::fn_serial) != nullptr,
                             tree.find(tag::fd_number) != nullptr, tree.find(tag::datetime) != nullptr);
        !identity)
        return pass(identity);
    Document document;
    document.head.type = static_cast<DocumentType>(tree.tag);
    set_parts(document);
    Decoder decoder(tree);
    document_fields(decoder, document);
    if (const auto done = decoder.result(); !done)
        return pass(done);
    document.tree = std::move(tree);
    return document;
}

Result<Document> decode(BytesView full)
{
    auto tree = read_document_tlv(full);
    if (!tree)
        return pass(tree);
    return decode(*std::move(tree));
}

Result<Head> head_of(BytesView full)
{
    ByteReader in(full);
    const std::uint16_t code = in.u16();
    const std::size_t length = in.u16();
    if (in.overrun() || length != in.left())
        return fail(Errc::bad_tlv, "document: " + std::to_string(full.size()) + " bytes, header says " +
                                       std::to_string(length + 4));
    if (!is_document_type(code))
        return wrong_code(code);
    Document document;
    document.head.type = static_cast<DocumentType>(code);
    // Only the tags of the head, each once, go into a small tree; the others are stepped over.
    Tlv tree = make_structure(code, {});
    while (in.left() > 0) {
        const Tag number = in.u16();
        const std::size_t size = in.u16();
        const BytesView value = in.take(size);
        if (in.overrun())
            return fail(Errc::bad_tlv, std::to_string(code) + '/' + std::to_string(number) +
                                           ": runs past the end of the document");
        switch (number) {
        case tag::fn_serial:
        case tag::kkt_reg_number:
        case tag::inn:
        case tag::fd_number:
        case tag::datetime:
        case tag::fiscal_sign:
        case tag::shift_number:
        case tag::receipt_number:
        case tag::operation:
        case tag::total:
        case tag::ffd_version:
        case tag::cashier:
            tree.children.push_back({number, find_tag(number), Bytes(value.begin(), value.end()), {}});
            break;
        default:
            break;
        }
    }
    if (const auto identity =
            require_identity(code, tree.find(tag::fn_serial) != nullptr, tree.find(tag::fd_number) != nullptr,
                             tree.find(tag::datetime) != nullptr);
        !identity)
        return pass(identity);
    Decoder decoder(tree);
    fields(decoder, document.head);
    if (const auto done = decoder.result(); !done)
        return pass(done);
    return std::move(document.head);
}

Result<FiscalDocument> fiscal_document_of(BytesView full, bool ticket_received)
{
    auto head = head_of(full);
    if (!head)
        return pass(head);
    return FiscalDocument{.fn_serial = std::move(head->fn_serial),
                          .fd_number = head->fd_number,
                          .type = head->type,
                          .datetime = head->datetime,
                          .fiscal_sign = head->fiscal_sign,
                          .form = DocumentForm::full,
                          .ticket_received = ticket_received,
                          .raw = Bytes(full.begin(), full.end())};
}

} // namespace kb::fiscal

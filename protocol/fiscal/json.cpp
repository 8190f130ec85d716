#include "protocol/fiscal/json.hpp"

#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/json_value.hpp"

#include <algorithm>
#include <charconv>

namespace kb::fiscal {

namespace {

std::string lower_hex(BytesView bytes)
{
    std::string text = to_hex(bytes);
    for (char& c : text)
        if (c >= 'A' && c <= 'F')
            c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// ---- to JSON

class Writer {
public:
    explicit Writer(Tag document) : document_(document) {}

    void object(const Tlv& structure)
    {
        out_ += '{';
        bool first = true;
        const auto& tlvs = structure.children;
        for (auto tlv = tlvs.begin(); tlv != tlvs.end(); ++tlv) {
            const auto same_tag = [number = tlv->tag](const Tlv& other) { return other.tag == number; };
            if (std::any_of(tlvs.begin(), tlv, same_tag))
                continue; // in the array of the first one
            if (!first)
                out_ += ", ";
            first = false;
            member(structure, *tlv);
        }
        out_ += '}';
    }

    std::string take() { return std::move(out_); }

private:
    void member(const Tlv& structure, const Tlv& tlv)
    {
        std::vector<const Tlv*> siblings;
        bool typed = true;
        for (const Tlv& each : structure.children) {
            if (each.tag == tlv.tag) {
                siblings.push_back(&each);
                typed = typed && has_value(each) && each.info == tlv.info;
            }
        }
        append_json_string(out_, typed ? key(structure.tag, tlv) : "tag" + std::to_string(tlv.tag));
        out_ += ": ";
        // 2107 may repeat by the table, but the service's JSON has it plain.
        const bool array = siblings.size() > 1 || (tlv.info != nullptr && tlv.info->repeatable &&
                                                   tlv.tag != tag::marking_check_failed);
        if (array)
            out_ += '[';
        for (std::size_t i = 0; i < siblings.size(); ++i) {
            if (i > 0)
                out_ += ", ";
            if (!typed)
                append_json_string(out_, lower_hex(raw(*siblings[i])));
            else
                value(*siblings[i]);
        }
        if (array)
            out_ += ']';
    }

    // A key is used only where it would be read back as this very tag.
    [[nodiscard]] std::string key(Tag parent, const Tlv& tlv) const
    {
        if (tlv.info != nullptr) {
            const std::string_view name = json_name(*tlv.info, document_);
            const TagInfo* back = find_json_name(name, parent);
            if (back != nullptr && back == tlv.info)
                return std::string(name);
        }
        return "tag" + std::to_string(tlv.tag);
    }

    static Bytes raw(const Tlv& tlv)
    {
        return tlv.is_structure() ? write_tlvs(tlv.children).value_or(Bytes{}) : tlv.value;
    }

    static bool has_value(const Tlv& tlv)
    {
        if (tlv.info == nullptr)
            return true;
        switch (tlv.info->type) {
        case TlvType::string:
        case TlvType::stlv:
            return true;
        case TlvType::bytes:
            return tlv.tag != tag::fiscal_sign || tlv.value.size() == 6;
        case TlvType::fvln:
            return fvln_of(tlv).has_value();
        default:
            return number_of(tlv).has_value();
        }
    }

    void value(const Tlv& tlv)
    {
        if (tlv.info == nullptr) {
            append_json_string(out_, lower_hex(tlv.value));
            return;
        }
        switch (tlv.info->type) {
        case TlvType::stlv:
            object(tlv);
            break;
        case TlvType::string:
            append_json_string(out_, text_of(tlv).value_or(""));
            break;
        case TlvType::bytes:
            if (tlv.tag == tag::fiscal_sign)
                out_ += std::to_string(fiscal_sign_from_bytes(tlv.value).value_or(0));
            else
                append_json_string(out_, lower_hex(tlv.value));
            break;
        case TlvType::fvln:
            out_ += fvln_of(tlv).value_or(Fvln{}).to_text();
            break;
        default:
            out_ += std::to_string(number_of(tlv).value_or(0));
            break;
        }
    }

    Tag document_;
    std::string out_;
};

// ---- from JSON

Result<std::uint64_t> whole_number(const JsonValue& value)
{
    std::uint64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, ec] = std::from_chars(value.text.data(), end, number);
    if (ec != std::errc{} || stop != end)
        return fail(Errc::bad_value, value.text.substr(0, 40) + " is not a whole number in range");
    return number;
}

// "125e-3" to "0.125": other programs write small numbers so.
Result<std::string> without_exponent(const std::string& digits)
{
    const std::size_t e = digits.find_first_of("eE");
    if (e == std::string::npos)
        return digits;
    int exponent = 0;
    const char* from = digits.data() + e + 1 + (digits.size() > e + 1 && digits[e + 1] == '+' ? 1 : 0);
    const auto [stop, ec] = std::from_chars(from, digits.data() + digits.size(), exponent);
    if (ec != std::errc{} || stop != digits.data() + digits.size() || exponent < -300 || exponent > 300)
        return fail(Errc::not_representable, digits.substr(0, 40) + " is out of range");
    std::string mantissa = digits.substr(0, e);
    std::size_t dot = mantissa.find('.');
    if (dot == std::string::npos)
        dot = mantissa.size();
    else
        mantissa.erase(dot, 1);
    const auto place = static_cast<std::ptrdiff_t>(dot) + exponent;
    if (place <= 0) {
        mantissa.insert(0, static_cast<std::size_t>(1 - place), '0');
        mantissa.insert(1, ".");
    } else if (static_cast<std::size_t>(place) >= mantissa.size()) {
        mantissa.append(static_cast<std::size_t>(place) - mantissa.size(), '0');
    } else {
        mantissa.insert(static_cast<std::size_t>(place), ".");
    }
    return mantissa;
}

// "tag1078", "tag9999"; 0: not of this form.
Tag number_in_key(std::string_view key)
{
    Tag number = 0;
    if (!key.starts_with("tag"))
        return 0;
    const auto [stop, ec] = std::from_chars(key.data() + 3, key.data() + key.size(), number);
    return ec == std::errc{} && stop == key.data() + key.size() ? number : Tag{0};
}

class Reader {
public:
    Result<std::vector<Tlv>> object(const JsonValue& json, Tag parent, bool outermost)
    {
        std::vector<Tlv> tlvs;
        for (std::size_t i = 0; i < json.items.size(); ++i) {
            const std::string& key = json.keys[i];
            const JsonValue& item = json.items[i];
            if (outermost && (key == "code" || key == "messageFiscalSign" || key == "rawData"))
                continue;
            path_.push_back(key);
            if (auto done = member(tlvs, key, item, parent); !done)
                return pass(done);
            path_.pop_back();
        }
        return tlvs;
    }

private:
    [[nodiscard]] tl::unexpected<Error> bad(Errc code, const std::string& reason) const
    {
        std::string path;
        for (const std::string& step : path_)
            path += (path.empty() || step.starts_with('[') ? "" : ".") + step;
        return fail(code, path + ": " + reason);
    }

    Result<void> member(std::vector<Tlv>& tlvs, const std::string& key, const JsonValue& item, Tag parent)
    {
        const TagInfo* info = find_json_name(key, parent);
        const Tag number = info != nullptr ? info->tag : number_in_key(key);
        if (number == 0)
            return bad(Errc::bad_json, "unknown name");
        if (info == nullptr)
            info = find_tag(number);
        if (item.kind == JsonValue::Kind::null)
            return {};
        const std::size_t count = item.kind == JsonValue::Kind::array ? item.items.size() : 1;
        for (std::size_t i = 0; i < count; ++i) {
            const bool in_array = item.kind == JsonValue::Kind::array;
            if (in_array)
                path_.push_back('[' + std::to_string(i) + ']');
            auto tlv = value(number, info, in_array ? item.items[i] : item, parent);
            if (!tlv)
                return pass(tlv);
            tlvs.push_back(*std::move(tlv));
            if (in_array)
                path_.pop_back();
        }
        return {};
    }

    Result<Tlv> value(Tag number, const TagInfo* info, const JsonValue& item, Tag parent)
    {
        switch (item.kind) {
        case JsonValue::Kind::object: {
            if (info == nullptr || info->type != TlvType::stlv)
                return bad(Errc::bad_json, "an object, but the tag is no structure");
            auto children = object(item, number, false);
            if (!children)
                return pass(children);
            return make_structure(number, *std::move(children));
        }
        case JsonValue::Kind::string:
            return named(from_text(number, info, item.text, parent));
        case JsonValue::Kind::number:
            return named(from_number(number, info, item));
        default:
            return bad(Errc::bad_json, "neither a number, a text nor an object");
        }
    }

    // Texts of text tags are texts; of all others, and of unknown tags, raw bytes in hex.
    static Result<Tlv> from_text(Tag number, const TagInfo* info, const std::string& text, Tag parent)
    {
        if (info != nullptr && info->type == TlvType::string)
            return make_text(number, text);
        auto bytes = from_hex(text);
        if (!bytes)
            return pass(bytes);
        return make_raw(number, *bytes, parent);
    }

    static Result<Tlv> from_number(Tag number, const TagInfo* info, const JsonValue& item)
    {
        if (info == nullptr)
            return fail(Errc::bad_json, "a number, but the tag is unknown");
        if (info->type == TlvType::fvln) {
            const auto digits = without_exponent(item.text);
            if (!digits)
                return pass(digits);
            const auto fvln = Fvln::from_text(*digits);
            if (!fvln)
                return pass(fvln);
            return make_fvln(number, *fvln);
        }
        const auto whole = whole_number(item);
        if (!whole)
            return pass(whole);
        if (number != tag::fiscal_sign)
            return make_number(number, *whole);
        if (*whole > UINT32_MAX)
            return fail(Errc::bad_value, "a fiscal sign has 32 bits");
        return make_raw(number, fiscal_sign_to_bytes(static_cast<std::uint32_t>(*whole)));
    }

    Result<Tlv> named(Result<Tlv> tlv) const
    {
        if (!tlv)
            return bad(tlv.error().code, tlv.error().context);
        return tlv;
    }

    std::vector<std::string> path_;
};

} // namespace

std::string to_json(const Tlv& document)
{
    Writer writer(document.tag);
    writer.object(document);
    return writer.take();
}

Result<Tlv> from_json(std::string_view text, Tag code)
{
    if (document_bit(code) == 0)
        return fail(Errc::unsupported, std::to_string(code) + ": not a document code");
    const auto json = parse_json(text);
    if (!json)
        return pass(json);
    if (json->kind != JsonValue::Kind::object)
        return fail(Errc::bad_json, "document: not an object");
    for (std::size_t i = 0; i < json->keys.size(); ++i)
        if (json->keys[i] == "code" && json->items[i].text != std::to_string(code))
            return fail(Errc::bad_json, "code: " + json->items[i].text.substr(0, 20) + ", but " +
                                            std::to_string(code) + " is wanted");
    auto children = Reader{}.object(*json, code, true);
    if (!children)
        return pass(children);
    return make_structure(code, *std::move(children));
}

std::string_view json_root_key(Tag code)
{
    switch (code) {
    case tag::registration:
        return "fiscalReport";
    case tag::re_registration:
        return "fiscalReportCorrection";
    case tag::shift_open_report:
        return "openShift";
    case tag::state_report:
        return "currentStateReport";
    case tag::receipt:
        return "receipt";
    case tag::correction_receipt:
        return "receiptCorrection";
    case tag::bso:
        return "bso";
    case tag::correction_bso:
        return "bsoCorrection";
    case tag::shift_close_report:
        return "closeShift";
    case tag::fn_close_report:
        return "closeArchive";
    case tag::ofd_ticket:
        return "operatorAck";
    default:
        return {};
    }
}

} // namespace kb::fiscal

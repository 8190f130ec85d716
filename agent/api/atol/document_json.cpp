#include "agent/api/atol/document_json.hpp"

#include "protocol/cabinet/base64.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/short_record.hpp"

namespace kb::agent::awr {

namespace {

using fiscal::DocumentType;
using fiscal::Tlv;
using fiscal::TlvType;

std::string_view type_word(DocumentType type)
{
    switch (type) {
    case DocumentType::registration:
        return "registration";
    case DocumentType::shift_open:
        return "openShift";
    case DocumentType::receipt:
        return "receipt";
    case DocumentType::bso:
        return "bso";
    case DocumentType::shift_close:
        return "closeShift";
    case DocumentType::fn_close:
        return "closeArchive";
    case DocumentType::re_registration:
        return "changeRegistrationParameters";
    case DocumentType::state_report:
        return "ofdExchangeStatus";
    case DocumentType::receipt_correction:
        return "receiptCorrection";
    case DocumentType::bso_correction:
        return "bsoCorrection";
    case DocumentType::ofd_ticket:
        break;
    }
    return "unknown";
}

Json tags_json(const std::vector<Tlv>& tags, const LocalTime& time);

/// Unverified: the types of the values inside, beyond those of the driver's own example
/// (docs/sources.md#atol-web-unverified).
Json value_json(const Tlv& tlv, const LocalTime& time)
{
    const TlvType type = tlv.info != nullptr ? tlv.info->type : TlvType::bytes;
    switch (type) {
    case TlvType::byte:
    case TlvType::bits:
    case TlvType::u16:
    case TlvType::u32:
        if (const auto number = fiscal::number_of(tlv))
            return *number;
        break;
    case TlvType::unixtime:
        if (const auto at = fiscal::time_of(tlv))
            return time.text(*at);
        break;
    case TlvType::vln:
        if (const auto sum = fiscal::money_of(tlv))
            return money_json(*sum);
        break;
    case TlvType::fvln:
        if (const auto value = fiscal::fvln_of(tlv))
            return Json::parse(value->to_text());
        break;
    case TlvType::string:
        if (auto text = fiscal::text_of(tlv))
            return *std::move(text);
        break;
    case TlvType::stlv:
        return tags_json(tlv.children, time);
    case TlvType::bytes:
        if (tlv.tag == fiscal::tag::fiscal_sign)
            if (const auto sign = fiscal::fiscal_sign_from_bytes(tlv.value))
                return fiscal::fiscal_sign_text(*sign);
        break;
    }
    return to_base64(tlv.value);
}

Json tags_json(const std::vector<Tlv>& tags, const LocalTime& time)
{
    Json json = Json::object();
    for (const Tlv& tlv : tags) {
        const std::string key = std::to_string(tlv.tag);
        if (tlv.info != nullptr && tlv.info->repeatable)
            json[key].push_back(value_json(tlv, time));
        else
            json[key] = value_json(tlv, time);
    }
    return json;
}

std::string qr_text(const fiscal::Head& head)
{
    const auto qr = fiscal::receipt_qr_of(head);
    return qr ? fiscal::receipt_qr_text(*qr) : std::string();
}

void add_record(Json& json, const fiscal::FiscalDocument& document, const LocalTime& time)
{
    json["1012"] = time.text(document.datetime);
    json["1040"] = document.fd_number;
    json["1041"] = document.fn_serial;
    json["1077"] = fiscal::fiscal_sign_text(document.fiscal_sign);
    const auto record = fiscal::read_short_record(document.raw);
    if (!record)
        return;
    if (record->operation)
        json["1054"] = static_cast<unsigned>(*record->operation);
    if (record->total)
        json["1020"] = money_json(*record->total);
    if (record->shift_number)
        json["1038"] = *record->shift_number;
    json["qr"] = qr_text(head_of(*record, document.fn_serial));
}

} // namespace

Json document_json(const fiscal::FiscalDocument& document, bool raw, const LocalTime& time)
{
    const bool whole = document.form == fiscal::DocumentForm::full;
    Json body{{"fiscalDocumentType", type_word(document.type)}, {"short", !whole}, {"qr", ""}};
    if (whole) {
        if (const auto tree = fiscal::read_document_tlv(document.raw)) {
            if (const auto head = fiscal::head_of(document.raw))
                body["qr"] = qr_text(*head);
            body.update(tags_json(tree->children, time));
        }
    } else {
        add_record(body, document, time);
    }
    Json json{{"documentTLV", std::move(body)}};
    if (raw)
        json["rawData"] = to_base64(document.raw);
    return json;
}

} // namespace kb::agent::awr

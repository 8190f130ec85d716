#include "protocol/shtrih/modes.hpp"

#include "protocol/shtrih/replies.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kb::shtrih {

namespace {

// Index: VatRate - 1. Source: docs/sources.md#shtrih, section 4.3.
struct VatCoding {
    std::uint8_t row;
    std::uint8_t code;
    std::uint8_t nano_code;
};
constexpr std::array<VatCoding, 12> kVat = {{{1, 0x01, 0x01},
                                             {2, 0x02, 0x02},
                                             {5, 0x10, 0x10},
                                             {6, 0x20, 0x20},
                                             {3, 0x04, 0x04},
                                             {4, 0x08, 0x08},
                                             {7, 0x81, 0x81},
                                             {8, 0x82, 0x82},
                                             {9, 0x84, 0x84},
                                             {10, 0x88, 0x88},
                                             {11, 0xCB, 0x90},
                                             {12, 0xCC, 0xA0}}};

constexpr std::array<std::uint32_t, 10> kBauds = {2400,  4800,   9600,   19200,  38400,
                                                  57600, 115200, 230400, 460800, 921600};

const VatCoding& coding(VatRate rate) { return kVat[static_cast<std::size_t>(rate) - 1]; }

fiscal::DeviceStatus::Mode house_mode(Mode mode)
{
    using House = fiscal::DeviceStatus::Mode;
    switch (mode) {
    case Mode::data_output:
        return House::data_output;
    case Mode::shift_open:
        return House::shift_open;
    case Mode::shift_over_24h:
        return House::shift_expired;
    case Mode::shift_closed:
        return House::shift_closed;
    case Mode::document_open:
    case Mode::slip_document:
    case Mode::slip_formed:
        return House::receipt_open;
    case Mode::full_report:
    case Mode::eklz_report:
    case Mode::slip_printing:
        return House::printing;
    case Mode::inspector_blocked:
    case Mode::waits_for_date:
    case Mode::decimal_point:
    case Mode::technological_reset:
    case Mode::test_run:
        return House::blocked;
    }
    return House::unknown;
}

} // namespace

std::optional<OpenDocumentKind> open_document(std::uint8_t mode_byte)
{
    // 08h sale, 18h purchase, 28h sale return, 38h purchase return, 48h non-fiscal.
    const unsigned status = mode_byte >> 4U;
    if (mode_of(mode_byte) != Mode::document_open || status > 4)
        return std::nullopt;
    return static_cast<OpenDocumentKind>(status);
}

std::uint8_t to_operation_tag(std::uint8_t receipt_type)
{
    constexpr std::array<std::uint8_t, 4> kTags = {1, 3, 2, 4};
    return kTags[receipt_type & 3U];
}

std::uint8_t to_receipt_type(std::uint8_t operation_tag)
{
    constexpr std::array<std::uint8_t, 4> kTypes = {0, 2, 1, 3};
    return kTypes[(operation_tag - 1U) & 3U];
}

fiscal::DeviceStatus to_device_status(std::uint8_t mode_byte, std::uint8_t submode, std::uint16_t flags,
                                      bool has_cover_sensor)
{
    fiscal::DeviceStatus status;
    const auto phase = static_cast<Submode>(submode);
    status.vendor_mode = static_cast<std::uint16_t>(mode_byte << 8 | submode);
    status.mode = house_mode(mode_of(mode_byte));
    const bool printing = phase == Submode::printing_report || phase == Submode::printing_operation;
    if (printing && status.mode != fiscal::DeviceStatus::Mode::receipt_open)
        status.mode = fiscal::DeviceStatus::Mode::printing;

    const bool out = phase == Submode::paper_out || phase == Submode::paper_out_printing;
    status.paper = out            ? fiscal::Paper::absent
                   : submode <= 5 ? fiscal::Paper::present
                                  : fiscal::Paper::unknown;
    if (has_cover_sensor)
        status.cover =
            ((flags >> kkt_flag::kCoverOpen) & 1) != 0 ? fiscal::Cover::open : fiscal::Cover::closed;
    status.waits_for_continue = phase == Submode::waits_for_continue;

    using House = fiscal::DeviceStatus::Mode;
    const bool between_receipts = status.mode == House::shift_open || status.mode == House::shift_expired ||
                                  status.mode == House::shift_closed;
    // Without paper nothing is being printed or rung up, so the archive may be read. While a document is
    // still half on paper only its record: FF0A is one question, prints nothing and is promised in every
    // mode. FF3A would take the register into mode 1 until the document is read to its end, and what that
    // does to the printing that waits is in no document.
    status.may_read_archive =
        between_receipts && (phase == Submode::paper_present || phase == Submode::paper_out);
    status.may_read_records =
        status.may_read_archive ||
        (between_receipts && (phase == Submode::paper_out_printing || phase == Submode::waits_for_continue));
    return status;
}

std::string_view mode_text_ru(std::uint8_t mode_byte)
{
    if (const auto document = open_document(mode_byte)) {
        constexpr std::array<std::string_view, 5> kDocuments = {
            "открыт чек: приход", "открыт чек: расход", "открыт чек: возврат прихода",
            "открыт чек: возврат расхода", "открыт нефискальный документ"};
        return kDocuments[static_cast<std::size_t>(*document)];
    }
    switch (mode_of(mode_byte)) {
    case Mode::data_output:
        return "выдача данных";
    case Mode::shift_open:
        return "смена открыта";
    case Mode::shift_over_24h:
        return "смена открыта более 24 часов";
    case Mode::shift_closed:
        return "смена закрыта";
    case Mode::inspector_blocked:
        return "блокировка по паролю налогового инспектора";
    case Mode::waits_for_date:
        return "ожидание подтверждения даты";
    case Mode::decimal_point:
        return "разрешено изменение положения десятичной точки";
    case Mode::document_open:
        return "открыт документ";
    case Mode::technological_reset:
        return "нужен технологический сброс";
    case Mode::test_run:
        return "тестовый прогон";
    case Mode::full_report:
        return "печать полного отчёта";
    case Mode::eklz_report:
        return "печать отчёта ЭКЛЗ";
    case Mode::slip_document:
        return "открыт подкладной документ";
    case Mode::slip_printing:
        return "печать подкладного документа";
    case Mode::slip_formed:
        return "подкладной документ сформирован";
    }
    return "режим неизвестен";
}

std::string_view submode_text_ru(std::uint8_t submode)
{
    constexpr std::array<std::string_view, 6> kTexts = {"бумага есть",
                                                        "бумаги нет",
                                                        "бумага кончилась во время печати",
                                                        "ожидание продолжения печати",
                                                        "печать полного отчёта",
                                                        "идёт печать"};
    return submode < kTexts.size() ? kTexts[submode] : "подрежим неизвестен";
}

std::uint8_t vat_row(VatRate rate) { return coding(rate).row; }

std::uint8_t vat_code(VatRate rate, bool nano) { return nano ? coding(rate).nano_code : coding(rate).code; }

std::optional<VatRate> vat_from_code(std::uint8_t code)
{
    for (std::size_t i = 0; i < kVat.size(); ++i)
        if (kVat[i].code == code || kVat[i].nano_code == code)
            return static_cast<VatRate>(i + 1);
    return std::nullopt;
}

std::chrono::milliseconds byte_timeout(std::uint8_t code)
{
    using std::chrono::milliseconds;
    if (code <= 150)
        return milliseconds(code);
    if (code <= 249)
        return milliseconds((code - 149) * 150);
    return milliseconds((code - 248) * 15'000);
}

std::optional<std::uint32_t> baud_rate(std::uint8_t code)
{
    return code < kBauds.size() ? std::optional(kBauds[code]) : std::nullopt;
}

std::optional<std::uint8_t> baud_code(std::uint32_t rate)
{
    const auto at = std::find(kBauds.begin(), kBauds.end(), rate);
    return at != kBauds.end() ? std::optional(static_cast<std::uint8_t>(at - kBauds.begin())) : std::nullopt;
}

std::uint16_t tcp_port_of(std::uint8_t speed)
{
    return static_cast<std::uint16_t>((speed & 0xF0) << 8 | 0x30 | (speed & 0x0F));
}

} // namespace kb::shtrih

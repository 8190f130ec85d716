#include "protocol/fiscal/short_record.hpp"

namespace kb::fiscal {

namespace {

// All records:  type u8 | ticket received u8 | date-time 5 | FD u32 | sign u32 | by type:
//   1, 11          INN 12 | РНМ 20 | tax systems u8 | mode u8 [| extended mode u8 | OFD INN 12] [| 11:
//   reason]
//                  reason: u8 in the first form, u32 in the one with the extended mode
//   2, 5           shift u16 [| warnings u8]
//   3, 4, 31, 41   operation u8 | sum u40
//   21             unsent u32 | first date 3
//   6              INN 12 | РНМ 20
// Source: docs/sources.md#ffd, section 6.4. Unverified: the long form of 1 and 11.
constexpr std::size_t kInn = 12;
constexpr std::size_t kRegNumber = 20;
constexpr std::uint8_t kTypeMask = 0x3F;

std::string unpadded(BytesView text)
{
    std::string plain = as_text(text);
    plain.erase(plain.find_last_not_of(' ') + 1);
    return plain;
}

std::string where(std::uint8_t type, std::string_view field)
{
    return "short record " + std::to_string(type) + ", " + std::string(field);
}

Result<void> read_registration(ByteReader& in, ShortRecord& record)
{
    record.inn = unpadded(in.take(kInn));
    record.kkt_reg_number = unpadded(in.take(kRegNumber));
    record.tax_systems = in.u8();
    record.mode = in.u8();
    const bool again = record.type == DocumentType::re_registration;
    if (in.left() > 1) {
        record.extended_mode = in.u8();
        record.ofd_inn = unpadded(in.take(kInn));
        if (again)
            record.reason = in.u32();
    } else if (again) {
        record.reason = in.u8();
    }
    return {};
}

Result<void> read_state(ByteReader& in, ShortRecord& record)
{
    record.unsent_documents = in.u32();
    const BytesView date = in.take(3);
    if (date.size() < 3 || (date[0] == 0 && date[1] == 0 && date[2] == 0))
        return {};
    const auto first =
        local_from_parts(2000 + date[0], date[1], date[2], 0, 0, 0, where(21, "first unsent date"));
    if (!first)
        return pass(first);
    record.first_unsent_date = *first;
    return {};
}

Result<void> read_fields(ByteReader& in, ShortRecord& record)
{
    switch (record.type) {
    case DocumentType::registration:
    case DocumentType::re_registration:
        return read_registration(in, record);
    case DocumentType::shift_open:
    case DocumentType::shift_close:
        record.shift_number = in.u16();
        if (in.left() == 1)
            record.warnings = in.u8();
        return {};
    case DocumentType::receipt:
    case DocumentType::bso:
    case DocumentType::receipt_correction:
    case DocumentType::bso_correction:
        record.operation = static_cast<Operation>(in.u8());
        record.total = Kopecks(static_cast<std::int64_t>(in.uint(5)));
        return {};
    case DocumentType::state_report:
        return read_state(in, record);
    case DocumentType::fn_close:
        record.inn = unpadded(in.take(kInn));
        record.kkt_reg_number = unpadded(in.take(kRegNumber));
        return {};
    default:
        return fail(Errc::unsupported, where(record.type_byte, "type: no such record"));
    }
}

Result<void> put_text(ByteWriter& out, const std::string& text, std::size_t width, std::string_view what)
{
    if (text.size() > width)
        return fail(Errc::bad_length, std::string(what) + ": longer than " + std::to_string(width));
    out.padded(as_bytes(text), width, ' ');
    return {};
}

Result<void> write_registration(ByteWriter& out, const ShortRecord& record)
{
    if (auto done = put_text(out, record.inn, kInn, "inn"); !done)
        return done;
    if (auto done = put_text(out, record.kkt_reg_number, kRegNumber, "kkt_reg_number"); !done)
        return done;
    out.u8(record.tax_systems.value_or(0)).u8(record.mode.value_or(0));
    const bool again = record.type == DocumentType::re_registration;
    const std::uint32_t reason = record.reason.value_or(0);
    if (record.extended_mode) {
        out.u8(*record.extended_mode);
        if (auto done = put_text(out, record.ofd_inn, kInn, "ofd_inn"); !done)
            return done;
        if (again)
            out.u32(reason);
    } else if (again) {
        if (reason > 0xFF)
            return fail(Errc::not_representable, "reason: more than one byte in the short form");
        out.u8(static_cast<std::uint8_t>(reason));
    }
    return {};
}

Result<void> write_receipt(ByteWriter& out, const ShortRecord& record)
{
    const std::int64_t sum = record.total.value_or(Kopecks{}).count();
    if (sum < 0 || (sum >> 40) != 0)
        return fail(Errc::not_representable, "total: outside five bytes");
    out.u8(static_cast<std::uint8_t>(record.operation.value_or(Operation{})));
    out.uint(static_cast<std::uint64_t>(sum), 5);
    return {};
}

Result<void> write_fields(ByteWriter& out, const ShortRecord& record)
{
    switch (record.type) {
    case DocumentType::registration:
    case DocumentType::re_registration:
        return write_registration(out, record);
    case DocumentType::shift_open:
    case DocumentType::shift_close:
        if (record.shift_number.value_or(0) > 0xFFFF)
            return fail(Errc::not_representable, "shift_number: more than two bytes");
        out.u16(static_cast<std::uint16_t>(record.shift_number.value_or(0)));
        if (record.warnings)
            out.u8(*record.warnings);
        return {};
    case DocumentType::receipt:
    case DocumentType::bso:
    case DocumentType::receipt_correction:
    case DocumentType::bso_correction:
        return write_receipt(out, record);
    case DocumentType::state_report: {
        out.u32(record.unsent_documents.value_or(0));
        if (!record.first_unsent_date) {
            out.u8(0).u8(0).u8(0);
            return {};
        }
        const auto date = write_fn_time(*record.first_unsent_date);
        if (!date)
            return pass(date);
        out.bytes(BytesView(*date).first(3));
        return {};
    }
    case DocumentType::fn_close:
        if (auto done = put_text(out, record.inn, kInn, "inn"); !done)
            return done;
        return put_text(out, record.kkt_reg_number, kRegNumber, "kkt_reg_number");
    default:
        return fail(Errc::unsupported, where(static_cast<std::uint8_t>(record.type), "type: no such record"));
    }
}

} // namespace

Result<LocalSeconds> read_fn_time(BytesView five, std::string_view what)
{
    if (five.size() != 5)
        return fail(Errc::bad_length,
                    std::string(what) + ": length " + std::to_string(five.size()) + ", not 5");
    return local_from_parts(2000 + five[0], five[1], five[2], five[3], five[4], 0, what);
}

Result<Bytes> write_fn_time(LocalSeconds time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const int year = static_cast<int>(date.year());
    if (year < 2000 || year > 2255)
        return fail(Errc::not_representable, "time " + to_text(time) + ": outside 2000..2255");
    const std::chrono::hh_mm_ss clock(time - day);
    return Bytes{static_cast<std::uint8_t>(year - 2000),
                 static_cast<std::uint8_t>(static_cast<unsigned>(date.month())),
                 static_cast<std::uint8_t>(static_cast<unsigned>(date.day())),
                 static_cast<std::uint8_t>(clock.hours().count()),
                 static_cast<std::uint8_t>(clock.minutes().count())};
}

Result<ShortRecord> read_short_record(BytesView raw)
{
    ByteReader in(raw);
    ShortRecord record;
    record.type_byte = in.u8();
    const bool plain = is_document_type(record.type_byte);
    record.type = static_cast<DocumentType>(plain ? record.type_byte : record.type_byte & kTypeMask);
    record.ticket_received = in.u8() != 0;
    const BytesView when = in.take(5);
    record.fd_number = in.u32();
    record.fiscal_sign = in.u32();
    if (in.overrun())
        return fail(Errc::bad_length, where(record.type_byte, "head: too short"));
    const auto datetime = read_fn_time(when, where(record.type_byte, "date and time"));
    if (!datetime)
        return pass(datetime);
    record.datetime = *datetime;
    if (const auto fields = read_fields(in, record); !fields)
        return pass(fields);
    if (const auto done = in.done(where(record.type_byte, "fields")); !done)
        return pass(done);
    return record;
}

Result<Bytes> write_short_record(const ShortRecord& record)
{
    ByteWriter out;
    const auto when = write_fn_time(record.datetime);
    if (!when)
        return pass(when);
    out.u8(record.type_byte != 0 ? record.type_byte : static_cast<std::uint8_t>(record.type));
    out.u8(record.ticket_received ? 1 : 0).bytes(*when).u32(record.fd_number).u32(record.fiscal_sign);
    if (const auto fields = write_fields(out, record); !fields)
        return fail(fields.error().code,
                    where(static_cast<std::uint8_t>(record.type), fields.error().context));
    return out.take();
}

namespace {

std::uint8_t flag(const std::optional<bool>& value, unsigned bit)
{
    return value.value_or(false) ? static_cast<std::uint8_t>(1U << bit) : std::uint8_t{0};
}

void copy_registration(const Registration& from, FfdVersion ffd, ShortRecord& to)
{
    to.tax_systems = static_cast<std::uint8_t>(from.tax_systems.value_or(0));
    to.mode = static_cast<std::uint8_t>(flag(from.encryption, 0) | flag(from.offline_mode, 1) |
                                        flag(from.automatic_mode, 2) | flag(from.services_only, 3) |
                                        flag(from.bso_system, 4) | flag(from.internet_only, 5));
    const bool again = to.type == DocumentType::re_registration;
    if (ffd == FfdVersion::v1_1 || ffd == FfdVersion::v1_2) {
        // Unverified: the bits of the extended mode.
        to.extended_mode =
            static_cast<std::uint8_t>(flag(from.excise_goods, 0) | flag(from.gambling, 1) |
                                      flag(from.lottery, 2) | flag(from.printer_in_machine, 3));
        to.ofd_inn = from.ofd_inn;
        if (again)
            to.reason = from.change_reasons.value_or(0);
    } else if (again) {
        to.reason = from.reasons_105.empty() ? 0 : from.reasons_105.front();
    }
}

} // namespace

Result<ShortRecord> short_record_of(const Document& document, bool ticket_received)
{
    const Head& head = document.head;
    if (head.type == DocumentType::ofd_ticket)
        return fail(Errc::unsupported, "short record of an OFD ticket: it has a record of its own kind");
    ShortRecord record;
    record.type = head.type;
    record.type_byte = static_cast<std::uint8_t>(head.type);
    record.ticket_received = ticket_received;
    record.datetime = std::chrono::floor<std::chrono::minutes>(head.datetime);
    record.fd_number = head.fd_number;
    record.fiscal_sign = head.fiscal_sign;
    if (is_receipt(head.type)) {
        record.operation = head.operation;
        record.total = head.total;
    } else if (head.type == DocumentType::shift_open || head.type == DocumentType::shift_close) {
        record.shift_number = head.shift_number;
    } else if (document.registration || head.type == DocumentType::fn_close) {
        record.inn = head.inn;
        record.kkt_reg_number = head.kkt_reg_number;
        if (document.registration)
            copy_registration(*document.registration, head.ffd, record);
    } else if (document.report) {
        record.unsent_documents = document.report->unsent_documents.value_or(0);
        record.first_unsent_date = document.report->first_unsent_date;
    }
    return record;
}

Head head_of(const ShortRecord& record, std::string fn_serial)
{
    Head head;
    head.type = record.type;
    head.fn_serial = std::move(fn_serial);
    head.fd_number = record.fd_number;
    head.datetime = record.datetime;
    head.fiscal_sign = record.fiscal_sign;
    head.kkt_reg_number = record.kkt_reg_number;
    head.inn = record.inn;
    head.shift_number = record.shift_number;
    head.operation = record.operation;
    head.total = record.total;
    return head;
}

Result<FiscalDocument> fiscal_document_of_record(BytesView raw, std::string fn_serial)
{
    const auto record = read_short_record(raw);
    if (!record)
        return pass(record);
    return FiscalDocument{.fn_serial = std::move(fn_serial),
                          .fd_number = record->fd_number,
                          .type = record->type,
                          .datetime = record->datetime,
                          .fiscal_sign = record->fiscal_sign,
                          .form = DocumentForm::short_record,
                          .ticket_received = record->ticket_received,
                          .raw = Bytes(raw.begin(), raw.end())};
}

Result<TicketRecord> read_ticket_record(BytesView raw)
{
    // date-time 5 | operator sign 18 | FD u32
    ByteReader in(raw);
    const BytesView when = in.take(5);
    const BytesView sign = in.take(18);
    TicketRecord record;
    record.fd_number = in.u32();
    if (const auto done = in.done("ticket record"); !done)
        return pass(done);
    const auto datetime = read_fn_time(when, "ticket record, date and time");
    if (!datetime)
        return pass(datetime);
    record.datetime = *datetime;
    record.operator_sign.assign(sign.begin(), sign.end());
    return record;
}

Result<Bytes> write_ticket_record(const TicketRecord& record)
{
    if (record.operator_sign.size() != 18)
        return fail(Errc::bad_length, "ticket record, operator sign: not 18 bytes");
    const auto when = write_fn_time(record.datetime);
    if (!when)
        return pass(when);
    ByteWriter out;
    out.bytes(*when).bytes(record.operator_sign).u32(record.fd_number);
    return out.take();
}

} // namespace kb::fiscal

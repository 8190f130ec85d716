// Reading documents out of the FN: record by record, checked, and never in a sale's way.
#include "drivers/atol_fptr/driver.hpp"
#include "drivers/atol_fptr/errors.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/short_record.hpp"

#include <charconv>
#include <utility>

namespace kb::atol_fptr {
namespace {

using std::chrono::milliseconds;
namespace tag = fiscal::tag;

// A mode seen so long ago says nothing any more: the cashier may have begun a receipt.
constexpr milliseconds kModeFresh{500};
constexpr std::size_t kLongestBody = 0xFFFF;

std::string name_of(std::uint32_t fd_number) { return "fd " + std::to_string(fd_number); }

/// One record of a listing: a tag as it stands in the drive, a structure as its inner bytes.
struct Record {
    std::uint32_t tag = 0;
    Bytes value;
};

Result<std::optional<Record>> next_record(Handle& handle, const std::string& listing)
{
    handle.set(Param::records_id, listing);
    const auto read = handle.call(handle.api().read_next_record, "read_next_record");
    if (!read) {
        if (is_end_of_data(read.error())) {
            return std::optional<Record>();
        }
        return pass(read);
    }
    Record record;
    record.tag = handle.number(Param::tag_number);
    record.value = handle.bytes(Param::tag_value);
    return std::optional<Record>(std::move(record));
}

std::optional<std::uint32_t> number_of(const std::string& text)
{
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end ? std::optional(value) : std::nullopt;
}

std::uint8_t bit(const Handle& handle, unsigned tag, unsigned at)
{
    return handle.flag(tag_param(tag)) ? static_cast<std::uint8_t>(1U << at) : std::uint8_t{0};
}

void take_registration(const Handle& handle, fiscal::FfdVersion ffd, fiscal::ShortRecord& record)
{
    record.inn = handle.text(tag_param(tag::inn));
    record.kkt_reg_number = handle.text(tag_param(tag::kkt_reg_number));
    if (record.type == fiscal::DocumentType::fn_close) {
        return;
    }
    record.tax_systems = static_cast<std::uint8_t>(handle.number(tag_param(tag::tax_systems)));
    // The archive's mode byte, bit by bit as the library tells it.
    record.mode =
        static_cast<std::uint8_t>(bit(handle, tag::encryption, 0) | bit(handle, tag::offline_mode, 1) |
                                  bit(handle, tag::automatic_mode, 2) | bit(handle, tag::services_only, 3) |
                                  bit(handle, tag::bso_system, 4) | bit(handle, tag::internet_only, 5));
    const bool again = record.type == fiscal::DocumentType::re_registration;
    if (ffd == fiscal::FfdVersion::v1_1 || ffd == fiscal::FfdVersion::v1_2) {
        record.extended_mode =
            static_cast<std::uint8_t>(bit(handle, tag::excise_goods, 0) | bit(handle, tag::gambling, 1) |
                                      bit(handle, tag::lottery, 2) | bit(handle, tag::printer_in_machine, 3));
        record.ofd_inn = handle.text(tag_param(tag::ofd_inn));
        if (again) {
            record.reason = handle.number(tag_param(tag::change_reasons));
        }
    } else if (again) {
        record.reason = handle.number(tag_param(tag::re_registration_reason));
    }
}

Result<void> take_fields(const Handle& handle, fiscal::FfdVersion ffd, fiscal::ShortRecord& record)
{
    using Type = fiscal::DocumentType;
    switch (record.type) {
    case Type::registration:
    case Type::re_registration:
    case Type::fn_close:
        take_registration(handle, ffd, record);
        return {};
    case Type::shift_open:
    case Type::shift_close: {
        // Told under the tag's number by one version, as the parameter by another.
        const std::uint32_t shift = handle.number(tag_param(tag::shift_number));
        record.shift_number = shift != 0 ? shift : handle.number(Param::shift_number);
        return {};
    }
    case Type::receipt:
    case Type::bso:
    case Type::receipt_correction:
    case Type::bso_correction: {
        record.operation = static_cast<fiscal::Operation>(handle.number(tag_param(tag::operation)));
        const auto total = handle.kopecks(tag_param(tag::total), "total of a document");
        if (!total) {
            return pass(total);
        }
        record.total = *total;
        return {};
    }
    case Type::state_report: {
        record.unsent_documents = handle.number(tag_param(tag::unsent_documents));
        const auto first = handle.time(tag_param(tag::first_unsent_date), "first unsent document");
        if (first && *record.unsent_documents != 0) {
            record.first_unsent_date = std::chrono::floor<std::chrono::days>(*first);
        }
        return {};
    }
    default:
        return fail(Errc::unsupported, "atol-fptr document by number: no archive record of type " +
                                           std::to_string(static_cast<unsigned>(record.type)));
    }
}

bool has_answered(const Error& error)
{
    return error.outcome == Outcome::refused || error.code == Errc::device_busy ||
           error.code == Errc::no_data;
}

} // namespace

Result<fiscal::ShortRecord> ask_record(Handle& handle, std::uint32_t fd_number, fiscal::FfdVersion ffd)
{
    const std::string what = "document by number, " + name_of(fd_number);
    handle.set(Param::document_number, fd_number);
    if (const auto asked = handle.query(FnData::document_by_number, what); !asked) {
        return pass(asked);
    }
    fiscal::ShortRecord record;
    record.type = static_cast<fiscal::DocumentType>(handle.number(Param::fn_document_type));
    record.ticket_received = handle.flag(Param::has_ofd_ticket);
    record.fd_number = handle.number(Param::document_number);
    const auto sign = number_of(handle.text(Param::fiscal_sign));
    const auto datetime = handle.time(Param::date_time, what);
    if (!datetime) {
        return pass(datetime);
    }
    if (!sign || record.fd_number != fd_number) {
        return fail(Errc::bad_value, "atol-fptr " + what + ": the library told " + name_of(record.fd_number) +
                                         " with the sign \"" + handle.text(Param::fiscal_sign) + "\"");
    }
    record.fiscal_sign = *sign;
    record.datetime = std::chrono::floor<std::chrono::minutes>(*datetime);
    if (const auto fields = take_fields(handle, ffd, record); !fields) {
        return pass(fields);
    }
    return record;
}

Result<std::uint32_t> ask_last_number(Handle& handle)
{
    const auto asked = handle.query(FnData::last_document, "last document");
    if (asked) {
        return handle.number(Param::document_number);
    }
    if (is_end_of_data(asked.error())) {
        return 0U;
    }
    return pass(asked);
}

Task<void> FptrDriver::end_listing()
{
    std::function<Result<void>(Handle&)> work = [id = listing_id_](Handle& handle) -> Result<void> {
        const std::string listing = std::exchange(*id, {});
        if (listing.empty()) {
            return {};
        }
        handle.set(Param::records_id, listing);
        auto ended = handle.call(handle.api().end_read_records, "end_read_records");
        if (!ended && !has_answered(ended.error())) {
            *id = listing;
        }
        return ended;
    };
    auto ended = co_await ask(std::move(work));
    if (ended || has_answered(ended.error())) {
        listing_begun_ = false; // a list that is not known any more is ended, too
        co_return Result<void>{};
    }
    co_return pass(ended);
}

Task<std::string> FptrDriver::fn_serial()
{
    if (fn_serial_.empty()) {
        std::function<Result<std::string>(Handle&)> work = [](Handle& handle) -> Result<std::string> {
            if (const auto asked = handle.query(FnData::info, "FN"); !asked) {
                return pass(asked);
            }
            return handle.text(Param::serial_number);
        };
        auto told = co_await ask(std::move(work));
        if (!told) {
            co_return pass(told);
        }
        fn_serial_ = *std::move(told);
    }
    co_return fn_serial_;
}

Task<void> FptrDriver::may_read()
{
    const auto idle = [](Mode mode) {
        return mode == Mode::shift_closed || mode == Mode::shift_open || mode == Mode::shift_expired;
    };
    if (mode_ && Steady::now() - mode_at_ < kModeFresh && idle(*mode_)) {
        co_return Result<void>{};
    }
    std::function<Result<fiscal::DeviceStatus>(Handle&)> work = &ask_status;
    const auto status = co_await ask(std::move(work));
    if (!status) {
        mode_.reset();
        co_return pass(status);
    }
    mode_ = status->mode;
    mode_at_ = Steady::now();
    if (!idle(status->mode)) {
        co_return fail(
            Errc::wrong_mode,
            "read archive: " +
                std::string(status->mode == Mode::receipt_open ? "открыт чек" : "касса заблокирована") +
                ", " + name_);
    }
    co_return Result<void>{};
}

// RECORDS_TYPE = 1, DOCUMENT_NUMBER -> begin_read_records -> RECORDS_ID
//   RECORDS_ID -> read_next_record -> TAG_NUMBER, TAG_VALUE (bytes)      until "no more data"
//   RECORDS_ID -> end_read_records
// What the drive holds is put together again: type u16 | length u16 | tag u16 | length u16 | value ...
// Source: docs/sources.md#atol-fptr, section 2.
Task<Bytes> FptrDriver::read_listing(std::uint32_t fd_number, Listing& listing)
{
    std::function<Result<Listing>(Handle&)> begin_work =
        [fd_number, id = listing_id_](Handle& handle) -> Result<Listing> {
        handle.set(Param::records_type, static_cast<std::uint32_t>(Records::fn_document));
        handle.set(Param::document_number, fd_number);
        const std::string what = "begin_read_records, " + name_of(fd_number);
        if (const auto begun = handle.call(handle.api().begin_read_records, what); !begun) {
            return pass(begun);
        }
        Listing found;
        *id = handle.text(Param::records_id);
        found.type = handle.number(Param::fn_document_type);
        found.told_size = handle.number(Param::count);
        return found;
    };
    listing_begun_ = true;
    auto begun = co_await ask(std::move(begin_work));
    if (!begun) {
        co_return pass(begun);
    }
    listing = *begun;
    ByteWriter body;
    std::size_t records = 0;
    while (true) {
        std::function<Result<std::optional<Record>>(Handle&)> work = [id = listing_id_](Handle& handle) {
            return next_record(handle, *id);
        };
        const auto record = co_await ask(std::move(work));
        if (!record) {
            Error why = record.error();
            why.context +=
                ", " + name_of(fd_number) + " after " + std::to_string(body.view().size()) + " bytes";
            mode_.reset();
            if (why.code == Errc::device_busy) {
                [[maybe_unused]] const auto ended =
                    co_await end_listing(); // if not now, the next call does it
            }
            co_return tl::unexpected<Error>(std::move(why));
        }
        if (!*record) {
            break;
        }
        const Bytes& value = (*record)->value;
        if ((*record)->tag > 0xFFFF || body.view().size() + 4 + value.size() > kLongestBody) {
            co_return fail(Errc::bad_length, "atol-fptr read_next_record, " + name_of(fd_number) +
                                                 ": more than a document holds");
        }
        body.u16(static_cast<std::uint16_t>((*record)->tag)).u16(static_cast<std::uint16_t>(value.size()));
        body.bytes(value);
        ++records;
    }
    if (const auto ended = co_await end_listing(); !ended) {
        co_return pass(ended);
    }
    // Unverified: what the library counts. It is only trusted to agree.
    const std::size_t size = body.view().size();
    if (listing.told_size != size && listing.told_size != size + 4 && listing.told_size != records) {
        listing.told_size = 0;
    }
    co_return body.take();
}

// The library ends a list by "no more data", and says the same of a drive that had to break off: a list that
// ended early would look like a shorter document. So its size is compared with what was told before, and
// where that says nothing, a second reading has to give the same bytes.
Task<Bytes> FptrDriver::read_body(std::uint32_t fd_number)
{
    Listing listing;
    auto body = co_await read_listing(fd_number, listing);
    if (!body || body->empty()) {
        co_return body;
    }
    if (listing.told_size == 0) {
        Listing second;
        const auto again = co_await read_listing(fd_number, second);
        if (!again) {
            co_return pass(again);
        }
        if (*again != *body || second.type != listing.type) {
            co_return fail(Errc::bad_length, "atol-fptr read_next_record, " + name_of(fd_number) +
                                                 ": two readings differ, " + std::to_string(body->size()) +
                                                 " and " + std::to_string(again->size()) + " bytes");
        }
    }
    ByteWriter whole;
    whole.u16(static_cast<std::uint16_t>(listing.type))
        .u16(static_cast<std::uint16_t>(body->size()))
        .bytes(*body);
    co_return whole.take();
}

Task<fiscal::FiscalDocument> FptrDriver::read_document(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    if (const auto allowed = co_await may_read(); !allowed) {
        co_return pass(allowed);
    }
    const auto serial = co_await fn_serial();
    if (!serial) {
        co_return pass(serial);
    }
    const auto whole = co_await read_body(fd_number);
    const bool dropped = whole ? whole->empty() : is_end_of_data(whole.error());
    if (dropped) {
        co_return co_await short_record(fd_number);
    }
    if (!whole) {
        co_return pass(whole);
    }
    const auto head = fiscal::head_of(*whole);
    if (!head) {
        Error error = head.error();
        error.context = "atol-fptr " + name_of(fd_number) + ": " + error.context;
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (head->fd_number != fd_number || head->fn_serial != *serial) {
        fn_serial_.clear(); // another drive may have been put in
        co_return fail(Errc::bad_value, "atol-fptr " + name_of(fd_number) + " of FN " + *serial +
                                            ": the register gave fd " + std::to_string(head->fd_number) +
                                            " of FN " + head->fn_serial);
    }
    std::function<Result<fiscal::ShortRecord>(Handle&)> work = [fd_number, ffd = ffd_](Handle& handle) {
        return ask_record(handle, fd_number, ffd);
    };
    const auto record = co_await ask(std::move(work));
    if (record && (record->type != head->type || record->fiscal_sign != head->fiscal_sign)) {
        co_return fail(Errc::bad_value, "atol-fptr " + name_of(fd_number) +
                                            ": its body and its archive record are of two documents");
    }
    // The document is in hand: that the line failed since is the next call's trouble.
    co_return fiscal::fiscal_document_of(*whole, record && record->ticket_received);
}

Task<fiscal::FiscalDocument> FptrDriver::short_record(std::uint32_t fd_number)
{
    const auto serial = co_await fn_serial();
    if (!serial) {
        co_return pass(serial);
    }
    std::function<Result<fiscal::ShortRecord>(Handle&)> work = [fd_number, ffd = ffd_](Handle& handle) {
        return ask_record(handle, fd_number, ffd);
    };
    const auto record = co_await ask(std::move(work));
    if (!record) {
        co_return pass(record);
    }
    const auto raw = fiscal::write_short_record(*record);
    if (!raw) {
        co_return pass(raw);
    }
    co_return fiscal::fiscal_document_of_record(*raw, *serial);
}

Task<fiscal::FiscalDocument> FptrDriver::read_short_record(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    co_return co_await short_record(fd_number);
}

Task<std::optional<fiscal::FiscalDocument>> FptrDriver::last_document()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<std::uint32_t>(Handle&)> work = &ask_last_number;
    const auto last = co_await ask(std::move(work));
    if (!last) {
        co_return pass(last);
    }
    if (*last == 0) {
        co_return std::optional<fiscal::FiscalDocument>();
    }
    auto document = co_await read_document(*last);
    if (!document &&
        (document.error().code == Errc::wrong_mode || document.error().code == Errc::device_busy)) {
        // In a receipt the body has to wait, but the record answers what was asked.
        document = co_await short_record(*last);
    }
    if (!document) {
        co_return pass(document);
    }
    co_return std::optional<fiscal::FiscalDocument>(*std::move(document));
}

} // namespace kb::atol_fptr

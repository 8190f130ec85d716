#include "agent/api/atol/errors.hpp"

#include "agent/explanations.hpp"

namespace kb::agent::awr {

namespace {

/// The driver's number for a failure. Which of them a program may try again is in its own tables: what is
/// not sure to be harmless never gets one of those (2, 3, 44..47, 55, 114..116, 140, 241).
int number_of(Errc code, std::string_view kind)
{
    switch (code) {
    case Errc::port_busy:
        return error::port_busy;
    case Errc::port_denied:
        return error::port_denied;
    case Errc::port_not_found:
    case Errc::port_lost:
    case Errc::port_stuck:
    case Errc::no_answer:
    case Errc::bad_frame:
    case Errc::bad_checksum:
    case Errc::endless_noise:
    case Errc::wrong_speed:
    case Errc::wrong_protocol:
    case Errc::foreign_device:
    case Errc::in_boot_loader:
    case Errc::network_failed:
        return error::no_connection;
    case Errc::device_busy:
        return error::busy;
    case Errc::no_paper:
    case Errc::waits_for_continue:
        return error::no_paper;
    case Errc::wrong_mode:
        return kind == "shift_open"    ? error::shift_open
               : kind == "shift_close" ? error::shift_closed
                                       : error::wrong_mode;
    case Errc::conflict:
        return error::wrong_mode;
    case Errc::wrong_password:
        return error::wrong_password;
    case Errc::unsupported:
        return error::unsupported;
    case Errc::no_data:
    case Errc::not_found:
        return error::fn_no_data;
    case Errc::protocol_violation: // it said "done", and its FN holds nothing new
    case Errc::no_kkt_serial:
        return error::not_fiscalised;
    case Errc::duplicate_device:
    case Errc::duplicate_serial:
    case Errc::wrong_device:
    case Errc::library_missing:
        return error::not_configured;
    case Errc::bad_config:
        return error::bad_settings;
    case Errc::overflow:
        return error::bad_sum;
    case Errc::device_refused:
    case Errc::bad_length:
    case Errc::bad_value:
    case Errc::bad_encoding:
    case Errc::bad_tlv:
    case Errc::bad_json:
    case Errc::not_representable:
    case Errc::too_many:
        return error::bad_data;
    case Errc::cancelled:
    case Errc::timed_out:
        return error::cancelled;
    case Errc::storage_full:
    case Errc::storage_busy:
    case Errc::storage_damaged:
    case Errc::storage_failed:
        return error::storage;
    case Errc::tls_untrusted:
    case Errc::unauthorised:
    case Errc::peer_refused:
        break;
    }
    return error::internal;
}

/// What is wrong with the request itself was told with field, reason and cure already.
bool says_it_all(Errc code)
{
    return code == Errc::bad_value || code == Errc::not_representable || code == Errc::overflow;
}

} // namespace

DriverError interrupted() { return {error::interrupted, "Выполнение прервано из-за предыдущих ошибок"}; }

DriverError cancelled(std::string_view why)
{
    return {error::cancelled, "Задание отменено" + (why.empty() ? "" : ": " + std::string(why))};
}

DriverError error_of(const storage::Job& job)
{
    const std::string& detail = job.outcome.error_text;
    if (job.state == storage::JobState::undecided)
        return {error::internal,
                "Неизвестно, выполнено ли: ответ кассы потерян, а следа в ФН эта операция не оставляет. "
                "Посмотрите на ленту и в кассу, прежде чем повторять"};
    if (job.outcome.error_code == "decided_not_made")
        return {error::document_cancelled, "Документ не сделан, так решил человек: " + detail};
    const auto code = errc_of(job.outcome.error_code);
    if (!code)
        return {error::internal, detail.empty() ? "Внутренняя ошибка" : detail};
    if (says_it_all(*code) && !detail.empty())
        return {number_of(*code, job.asked.kind), detail};
    const Explanation why = explain_of_register(*code);
    std::string text = why.cause.in(Language::russian) + "; " + why.cure.in(Language::russian);
    if (!detail.empty())
        text += " (" + detail + ")";
    return {number_of(*code, job.asked.kind), std::move(text)};
}

} // namespace kb::agent::awr

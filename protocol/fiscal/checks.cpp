// Checks of one document on its own: form, numbers, flags. Sums are in checks_sums.cpp.
#include "protocol/fiscal/checks.hpp"

#include "protocol/fiscal/checks_sums.hpp"
#include "protocol/fiscal/findings.hpp"
#include "protocol/fiscal/inn.hpp"
#include "protocol/fiscal/kkt_reg_number.hpp"
#include "protocol/fiscal/tlv_path.hpp"

#include <bit>

namespace kb::fiscal {

namespace {

std::string described(Tag number, bool russian)
{
    const TagInfo* info = find_tag(number);
    const std::string name = info == nullptr ? "" : std::string(russian ? info->name_ru : info->name_en);
    return std::to_string(number) + " (" + name + ")";
}

void missing(Findings& found, const std::string& path, Tag number)
{
    found.add(Severity::warning, "missing_tag", path,
              "нет обязательного реквизита " + described(number, true),
              "mandatory tag " + described(number, false) + " is missing");
}

// An automatic register (vending machine) has no cashier: docs/sources.md#ffd, section 3, notes.
bool may_be_absent(Tag number, const Document& document)
{
    return number == tag::cashier && document.registration &&
           document.registration->automatic_mode.value_or(false);
}

void check_mandatory(Findings& found, const Document& document)
{
    if (document.tree.tag == 0)
        return; // made here, not read: its writer has the rules
    const FfdVersion ffd = document.head.type == DocumentType::ofd_ticket
                               ? (document.ticket->message_to_fn ? FfdVersion::v1_05 : FfdVersion::v1_1)
                               : document.head.ffd;
    for (const Tag number : mandatory_tags(document.head.type, ffd))
        if (document.tree.find(number) == nullptr && !may_be_absent(number, document))
            missing(found, std::to_string(number), number);
    std::size_t n = 0;
    for (const Tlv& child : document.tree.children) {
        if (child.tag == tag::item)
            ++n;
        if (!child.is_structure())
            continue;
        for (const Tag number : mandatory_tags_of_structure(child.tag, ffd))
            if (child.find(number) == nullptr)
                missing(found,
                        path_step(child.tag, child.tag == tag::item ? n : 1) + '/' + std::to_string(number),
                        number);
    }
}

void check_one_inn(Findings& found, const std::string& path, const std::string& inn)
{
    const bool empty = inn.find_first_not_of('0') == std::string::npos; // an absent OFD may be all zeros
    if (!empty && !is_valid_inn(inn))
        found.add(Severity::warning, "inn_invalid", path, "ИНН " + inn + ": не сходятся контрольные цифры",
                  "INN " + inn + ": wrong check digits");
}

void check_numbers(Findings& found, const Document& document, const RegistrationInForce* registration)
{
    const Head& head = document.head;
    check_one_inn(found, "1018", head.inn);
    std::string serial = registration != nullptr ? registration->kkt_serial : std::string{};
    if (document.registration) {
        check_one_inn(found, "1017", document.registration->ofd_inn);
        check_one_inn(found, "1203", document.registration->cashier_inn);
        serial = document.registration->kkt_serial;
    }
    if (document.ticket)
        check_one_inn(found, "1017", document.ticket->ofd_inn);
    if (document.report)
        check_one_inn(found, "1203", document.report->cashier_inn);
    if (document.receipt) {
        check_one_inn(found, "1203", document.receipt->cashier_inn);
        check_one_inn(found, "1228", document.receipt->buyer_inn);
        if (document.receipt->buyer)
            check_one_inn(found, "1256/1228", document.receipt->buyer->inn);
        for (std::size_t i = 0; i < document.receipt->items.size(); ++i)
            check_one_inn(found, path_step(tag::item, i + 1) + "/1226",
                          document.receipt->items[i].supplier_inn);
    }
    if (!head.kkt_reg_number.empty() && !head.inn.empty() && !serial.empty() &&
        !kkt_reg_number_matches(head.kkt_reg_number, head.inn, serial))
        found.add(Severity::warning, "kkt_reg_number_invalid", tag::kkt_reg_number,
                  "РНМ " + head.kkt_reg_number + " не соответствует ИНН и заводскому номеру",
                  "registration number " + head.kkt_reg_number +
                      " does not match the INN and the serial number");
}

void check_time(Findings& found, const Document& document, std::optional<LocalSeconds> now)
{
    using namespace std::chrono;
    const LocalSeconds first = local_days{year{2016} / September / 1};
    if (document.head.datetime < first)
        found.add(Severity::error, "datetime_too_early", tag::datetime,
                  "дата документа раньше сентября 2016 года: " + to_text(document.head.datetime),
                  "dated before September 2016: " + to_text(document.head.datetime));
    if (now && document.head.datetime > *now + hours(24))
        found.add(Severity::error, "datetime_in_future", tag::datetime,
                  "дата документа в будущем: " + to_text(document.head.datetime),
                  "dated in the future: " + to_text(document.head.datetime));
}

void check_taxation(Findings& found, const Receipt& receipt, const RegistrationInForce* registration)
{
    if (!receipt.tax_system)
        return;
    const std::uint32_t bits = *receipt.tax_system;
    if (std::popcount(bits) != 1)
        found.add(Severity::error, "tax_system_not_single", tag::tax_system,
                  "в чеке должна быть ровно одна СНО, указано " + std::to_string(bits),
                  "a receipt has exactly one taxation system, this one has " + std::to_string(bits));
    else if (registration != nullptr && registration->tax_systems && (*registration->tax_systems & bits) == 0)
        found.add(Severity::error, "tax_system_not_registered", tag::tax_system,
                  "СНО чека не указана при регистрации ККТ",
                  "the taxation system is not among the registered ones");
}

void check_operation(Findings& found, const Document& document)
{
    const auto operation = document.head.operation;
    if (!operation)
        return;
    const auto code = static_cast<unsigned>(*operation);
    const bool old_correction = document.head.ffd == FfdVersion::v1_05 && is_correction(document.head.type);
    if (code < 1 || code > 4 || (old_correction && code % 2 == 0))
        found.add(Severity::error, "operation_invalid", tag::operation,
                  "недопустимый признак расчёта " + std::to_string(code),
                  "settlement sign " + std::to_string(code) + " is not allowed here");
    if (document.receipt->correction_type == std::uint8_t{1} &&
        (!document.receipt->correction_basis || document.receipt->correction_basis->number.empty()))
        found.add(Severity::warning, "correction_without_order", tag::correction_basis,
                  "коррекция по предписанию без номера предписания",
                  "a correction by order has no order number");
}

void check_agents(Findings& found, const Document& document, const RegistrationInForce* registration)
{
    for (std::size_t i = 0; i < document.receipt->items.size(); ++i) {
        const Item& item = document.receipt->items[i];
        if (item.agent_flags.value_or(0) == 0)
            continue;
        const std::string path = path_step(tag::item, i + 1);
        if (item.supplier_inn.empty())
            found.add(Severity::error, "agent_without_supplier", path + "/1226",
                      "признак агента без ИНН поставщика", "an agent's item has no supplier INN");
        const bool registers_agents =
            document.head.ffd == FfdVersion::v1_05 || document.head.ffd == FfdVersion::v1_1;
        if (registers_agents && registration != nullptr && registration->agent_flags &&
            (*item.agent_flags & ~*registration->agent_flags) != 0)
            found.add(Severity::warning, "agent_not_registered", path + "/1222",
                      "признак агента не указан при регистрации ККТ",
                      "the agent flag is not a registered one");
    }
}

void check_flags(Findings& found, const Report& report, const std::optional<Versions>& versions)
{
    const auto flag = [&](const std::optional<bool>& set, Severity severity, const char* code, Tag number) {
        if (set.value_or(false))
            found.add(severity, code, number, std::string(find_tag(number)->name_ru),
                      std::string(find_tag(number)->name_en));
    };
    flag(report.fn_replace_urgently, Severity::alarm, "fn_replace_urgently", tag::fn_replace_urgently);
    flag(report.fn_full, Severity::alarm, "fn_full", tag::fn_full);
    flag(report.fn_exhausted, Severity::warning, "fn_exhausted", tag::fn_exhausted);
    flag(report.ofd_timeout, Severity::warning, "ofd_timeout", tag::ofd_timeout);
    if (report.operator_message.value_or(0) != 0)
        found.add(Severity::warning, "operator_message", tag::operator_message,
                  "сообщение оператора, код " + std::to_string(*report.operator_message),
                  "operator message, code " + std::to_string(*report.operator_message));
    if (versions && versions->key_days_left && *versions->key_days_left <= 30)
        found.add(Severity::warning, "key_days_low", tag::key_days_left,
                  "ключей ФН осталось на " + std::to_string(*versions->key_days_left) + " дн.",
                  "the drive's keys last " + std::to_string(*versions->key_days_left) + " more days");
}

} // namespace

void check_identity(Findings& found, const Document& document, const RegistrationInForce& registration)
{
    const Head& head = document.head;
    const auto differs = [&](Tag number, const std::string& is, const std::string& registered) {
        if (is.empty() || registered.empty() || is == registered)
            return;
        found.add(Severity::error, "registration_mismatch", number,
                  described(number, true) + ": " + is + ", по регистрации " + registered,
                  described(number, false) + ": " + is + ", registered is " + registered);
    };
    differs(tag::kkt_reg_number, head.kkt_reg_number, registration.kkt_reg_number);
    differs(tag::inn, head.inn, registration.inn);
    if (document.registration)
        return; // the rest is what it sets
    if (head.ffd != FfdVersion::unknown && registration.ffd != FfdVersion::unknown &&
        head.ffd != registration.ffd)
        found.add(Severity::error, "ffd_changed", tag::ffd_version,
                  "версия ФФД отличается от версии при регистрации",
                  "the FFD version is not the registered one");
}

std::string_view to_string(Severity severity)
{
    constexpr std::string_view kNames[] = {"info", "warning", "error", "alarm"};
    return kNames[static_cast<std::size_t>(severity)];
}

std::optional<RegistrationInForce> registration_in_force(const Document& document)
{
    if (!document.registration)
        return std::nullopt;
    const Registration& from = *document.registration;
    return RegistrationInForce{document.head.kkt_reg_number,
                               document.head.inn,
                               from.kkt_serial,
                               document.head.ffd,
                               from.tax_systems,
                               from.agent_flags,
                               from.offline_mode.value_or(false)};
}

std::vector<Finding> check_document(const Document& document, const RegistrationInForce* registration,
                                    std::optional<LocalSeconds> now)
{
    Findings found(document);
    check_mandatory(found, document);
    check_numbers(found, document, registration);
    check_time(found, document, now);
    if (registration != nullptr)
        check_identity(found, document, *registration);
    if (document.receipt) {
        check_taxation(found, *document.receipt, registration);
        check_operation(found, document);
        check_agents(found, document, registration);
        check_sums(found, document);
    }
    if (document.report)
        check_flags(found, *document.report, document.versions);
    if (document.ticket && document.ticket->message_to_fn &&
        document.ticket->message_to_fn->ofd_response_code.value_or(0) != 0) {
        const std::string code = std::to_string(*document.ticket->message_to_fn->ofd_response_code);
        found.add(Severity::error, "ofd_refused", "1068/1022", "ОФД ответил кодом " + code,
                  "the OFD answered with code " + code);
    }
    return found.take();
}

} // namespace kb::fiscal

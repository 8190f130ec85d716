// Which tag is which member, said once for reading and for writing: a visitor is called with each pair, in
// the order registers write them. Source: docs/sources.md#ffd, section 3.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <concepts>
#include <type_traits>

namespace kb::fiscal {

template <class T, class Of>
concept MaybeConst = std::same_as<std::remove_const_t<T>, Of>;

template <class V>
void fields(V& v, MaybeConst<Head> auto& head)
{
    v(tag::fn_serial, head.fn_serial);
    v(tag::kkt_reg_number, head.kkt_reg_number);
    v(tag::inn, head.inn);
    v(tag::fd_number, head.fd_number);
    v(tag::datetime, head.datetime);
    v.fiscal_sign(head.fiscal_sign);
    v(tag::shift_number, head.shift_number);
    v(tag::receipt_number, head.receipt_number);
    v(tag::operation, head.operation);
    v(tag::total, head.total);
    v(tag::ffd_version, head.ffd);
    v(tag::cashier, head.cashier);
}

template <class V>
void fields(V& v, MaybeConst<Agent> auto& agent)
{
    v(tag::transfer_operator_phone, agent.transfer_operator_phones);
    v(tag::agent_operation, agent.operation);
    v(tag::agent_phone, agent.agent_phones);
    v(tag::payment_operator_phone, agent.payment_operator_phones);
    v(tag::transfer_operator_name, agent.transfer_operator_name);
    v(tag::transfer_operator_address, agent.transfer_operator_address);
    v(tag::transfer_operator_inn, agent.transfer_operator_inn);
}

template <class V>
void fields(V& v, MaybeConst<Supplier> auto& supplier)
{
    v(tag::supplier_phone, supplier.phones);
    v(tag::supplier_name, supplier.name);
}

template <class V>
void fields(V& v, MaybeConst<IndustryAttribute> auto& industry)
{
    v(tag::foiv_id, industry.foiv_id);
    v(tag::basis_date, industry.date);
    v(tag::basis_number, industry.number);
    v(tag::industry_value, industry.value);
}

template <class V>
void fields(V& v, MaybeConst<ProductCodes> auto& codes)
{
    v.codes(codes.codes);
}

template <class V>
void fields(V& v, MaybeConst<Fraction> auto& fraction)
{
    v(tag::fraction_text, fraction.text);
    v(tag::numerator, fraction.numerator);
    v(tag::denominator, fraction.denominator);
}

template <class V>
void fields(V& v, MaybeConst<Item> auto& item)
{
    v(tag::item_name, item.name);
    v(tag::price, item.price);
    v(tag::quantity, item.quantity);
    v(tag::unit, item.unit);
    v(tag::fraction, item.fraction);
    v(tag::item_sum, item.sum);
    v(tag::unit_text, item.unit_text);
    v(tag::vat_rate, item.vat_rate);
    v(tag::item_vat_sum, item.vat_sum);
    v(tag::unit_vat, item.unit_vat);
    v(tag::payment_method, item.payment_method);
    v(tag::item_kind, item.item_kind);
    v(tag::product_code, item.product_code);
    v(tag::product_code_12, item.product_codes);
    v(tag::marking_mode, item.marking_mode);
    v(tag::marking_check, item.marking_check);
    v(tag::marking_control_code, item.control_code);
    v(tag::item_agent_flags, item.agent_flags);
    v(tag::agent, item.agent);
    v(tag::supplier, item.supplier);
    v(tag::supplier_inn, item.supplier_inn);
    v(tag::item_industry_attribute, item.industry);
    v(tag::excise, item.excise);
    v(tag::country, item.country);
    v(tag::customs_declaration, item.customs_declaration);
    v(tag::item_extra, item.extra);
}

template <class V>
void fields(V& v, MaybeConst<VatSum> auto& vat)
{
    v(tag::vat_rate, vat.rate);
    v(tag::vat_sum, vat.sum);
}

template <class V>
void fields(V& v, MaybeConst<VatSumList> auto& list)
{
    v(tag::vat_sum_entry, list.sums);
}

template <class V>
void fields(V& v, MaybeConst<CorrectionBasis> auto& basis)
{
    v(tag::correction_name, basis.name);
    v(tag::correction_date, basis.date);
    v(tag::correction_number, basis.number);
}

template <class V>
void fields(V& v, MaybeConst<Buyer> auto& buyer)
{
    v(tag::buyer_name, buyer.name);
    v(tag::buyer_inn, buyer.inn);
    v(tag::buyer_birth_date, buyer.birth_date);
    v(tag::buyer_citizenship, buyer.citizenship);
    v(tag::buyer_document_code, buyer.document_code);
    v(tag::buyer_document, buyer.document);
    v(tag::buyer_address, buyer.address);
}

template <class V>
void fields(V& v, MaybeConst<UserAttribute> auto& attribute)
{
    v(tag::user_attribute_name, attribute.name);
    v(tag::user_attribute_value, attribute.value);
}

template <class V>
void fields(V& v, MaybeConst<OperationalAttribute> auto& attribute)
{
    v(tag::operation_time, attribute.time);
    v(tag::operation_id, attribute.id);
    v(tag::operation_data, attribute.data);
}

template <class V>
void fields(V& v, MaybeConst<ElectronicPayment> auto& payment)
{
    v(tag::electronic_payment_sum, payment.sum);
    v(tag::electronic_payment_method, payment.method);
    v(tag::electronic_payment_ids, payment.ids);
    v(tag::electronic_payment_extra, payment.extra);
}

template <class V>
void fields(V& v, MaybeConst<ElectronicPayments> auto& payments)
{
    v(tag::electronic_payment, payments.payments);
}

template <class V>
void fields(V& v, MaybeConst<Receipt> auto& receipt)
{
    v(tag::user, receipt.user);
    v(tag::tax_system, receipt.tax_system);
    v(tag::cashier_inn, receipt.cashier_inn);
    v(tag::correction_type, receipt.correction_type);
    v(tag::correction_basis, receipt.correction_basis);
    v(tag::address, receipt.address);
    v(tag::place, receipt.place);
    v(tag::machine_number, receipt.machine_number);
    v(tag::internet_only, receipt.internet_only);
    v(tag::internet_payment, receipt.internet_payment);
    v(tag::buyer, receipt.buyer);
    v(tag::buyer_name, receipt.buyer_name);
    v(tag::buyer_inn, receipt.buyer_inn);
    v(tag::item, receipt.items);
    v(tag::paid_cash, receipt.payments.cash);
    v(tag::paid_electronic, receipt.payments.electronic);
    v(tag::paid_advance, receipt.payments.advance);
    v(tag::paid_credit, receipt.payments.credit);
    v(tag::paid_counter, receipt.payments.counter);
    v(tag::electronic_payments, receipt.electronic_payments);
    v(tag::vat_20, receipt.vat.vat_20);
    v(tag::vat_10, receipt.vat.vat_10);
    v(tag::turnover_vat_0, receipt.vat.turnover_0);
    v(tag::turnover_no_vat, receipt.vat.turnover_none);
    v(tag::vat_20_120, receipt.vat.vat_20_120);
    v(tag::vat_10_110, receipt.vat.vat_10_110);
    v(tag::vat_sums, receipt.vat.others);
    v(tag::agent_flags, receipt.agent_flags);
    fields(v, receipt.agent);
    v(tag::supplier_phone, receipt.supplier_phones);
    v(tag::marking_check_failed, receipt.marking_check_failed);
    v(tag::receipt_industry_attribute, receipt.industry);
    v(tag::operational_attribute, receipt.operational);
    v(tag::receipt_extra, receipt.extra);
    v(tag::user_attribute, receipt.user_attribute);
    v(tag::fns_site, receipt.fns_site);
    v(tag::buyer_contact, receipt.buyer_contact);
    v(tag::sender_email, receipt.sender_email);
}

template <class V>
void fields(V& v, MaybeConst<Versions> auto& versions)
{
    v(tag::kkt_version, versions.kkt);
    v(tag::kkt_ffd_version, versions.kkt_ffd);
    v(tag::fn_ffd_version, versions.fn_ffd);
    v(tag::key_days_left, versions.key_days_left);
}

template <class V>
void fields(V& v, MaybeConst<Registration> auto& registration)
{
    v(tag::user, registration.user);
    v(tag::tax_systems, registration.tax_systems);
    v(tag::offline_mode, registration.offline_mode);
    v(tag::printer_in_machine, registration.printer_in_machine);
    v(tag::bso_system, registration.bso_system);
    v(tag::encryption, registration.encryption);
    v(tag::automatic_mode, registration.automatic_mode);
    v(tag::internet_only, registration.internet_only);
    v(tag::excise_goods, registration.excise_goods);
    v(tag::services_only, registration.services_only);
    v(tag::gambling, registration.gambling);
    v(tag::lottery, registration.lottery);
    v(tag::usage_conditions, registration.usage_conditions);
    v(tag::agent_flags, registration.agent_flags);
    v(tag::kkt_serial, registration.kkt_serial);
    v(tag::machine_number, registration.machine_number);
    v(tag::cashier_inn, registration.cashier_inn);
    v(tag::address, registration.address);
    v(tag::place, registration.place);
    v(tag::fns_site, registration.fns_site);
    v(tag::sender_email, registration.sender_email);
    v(tag::ofd_inn, registration.ofd_inn);
    v(tag::ofd_name, registration.ofd_name);
    v(tag::re_registration_reason, registration.reasons_105);
    v(tag::change_reasons, registration.change_reasons);
    v(tag::registration_extra_text, registration.extra_text);
    v(tag::registration_extra_data, registration.extra_data);
}

/// `sell`, ... stand in 1129..1132 and in 1145, 1146, 1232, 1233 alike; the latter have no taxes.
template <class V>
void fields(V& v, MaybeConst<OperationCounters> auto& counters)
{
    v(tag::counter_receipts, counters.receipts);
    v(tag::counter_cash, counters.cash);
    v(tag::counter_electronic, counters.electronic);
    v(tag::counter_advance, counters.advance);
    v(tag::counter_credit, counters.credit);
    v(tag::counter_counter, counters.counter);
    v(tag::counter_total, counters.total);
    v(tag::counter_vat_20, counters.vat_20);
    v(tag::counter_vat_10, counters.vat_10);
    v(tag::counter_vat_20_120, counters.vat_20_120);
    v(tag::counter_vat_10_110, counters.vat_10_110);
    v(tag::counter_vat_0, counters.turnover_0);
    v(tag::counter_no_vat, counters.turnover_none);
}

template <class V>
void fields(V& v, MaybeConst<CorrectionCounters> auto& counters)
{
    v(tag::counter_corrections, counters.receipts);
    v(tag::corrections_sell, counters.sell);
    v(tag::corrections_buy, counters.buy);
    v(tag::corrections_sell_return, counters.sell_return);
    v(tag::corrections_buy_return, counters.buy_return);
}

template <class V>
void fields(V& v, MaybeConst<Counters> auto& counters)
{
    v(tag::counter_receipts_all, counters.receipts);
    v(tag::counters_sell, counters.sell);
    v(tag::counters_sell_return, counters.sell_return);
    v(tag::counters_buy, counters.buy);
    v(tag::counters_buy_return, counters.buy_return);
    v(tag::counters_correction, counters.corrections);
}

/// In a registration a report is only its counters: the other tags are members of Registration there.
template <class V>
void counter_fields(V& v, MaybeConst<Report> auto& report)
{
    v(tag::shift_counters, report.shift_counters);
    v(tag::fn_counters, report.fn_counters);
    v(tag::unsent_counters, report.unsent_counters);
}

struct ExtraTags {
    Tag text;
    Tag data;
};

constexpr ExtraTags extra_tags(DocumentType type)
{
    switch (type) {
    case DocumentType::shift_open:
        return {tag::shift_open_extra_text, tag::shift_open_extra_data};
    case DocumentType::shift_close:
        return {tag::shift_close_extra_text, tag::shift_close_extra_data};
    case DocumentType::state_report:
        return {tag::state_extra_text, tag::state_extra_data};
    default:
        return {tag::fn_close_extra_text, tag::fn_close_extra_data};
    }
}

template <class V>
void report_fields(V& v, MaybeConst<Report> auto& report, DocumentType type)
{
    v(tag::user, report.user);
    v(tag::cashier_inn, report.cashier_inn);
    v(tag::address, report.address);
    v(tag::place, report.place);
    v(tag::offline_mode, report.offline_mode);
    v(tag::shift_receipts, report.shift_receipts);
    v(tag::shift_documents, report.shift_documents);
    v(tag::unsent_documents, report.unsent_documents);
    v(tag::unsent_notifications, report.unsent_notifications);
    v(tag::first_unsent_date, report.first_unsent_date);
    v(tag::first_unsent_fd, report.first_unsent_fd);
    v(tag::ofd_timeout, report.ofd_timeout);
    v(tag::fn_replace_urgently, report.fn_replace_urgently);
    v(tag::fn_full, report.fn_full);
    v(tag::fn_exhausted, report.fn_exhausted);
    v(tag::operator_message, report.operator_message);
    v(tag::invalid_marking_codes, report.invalid_marking_codes);
    v(tag::invalid_marking_requests, report.invalid_marking_requests);
    const ExtraTags extra = extra_tags(type);
    v(extra.text, report.extra_text);
    v(extra.data, report.extra_data);
    counter_fields(v, report);
}

template <class V>
void fields(V& v, MaybeConst<MessageToFn> auto& message)
{
    v(tag::ofd_response_code, message.ofd_response_code);
}

template <class V>
void fields(V& v, MaybeConst<Ticket> auto& ticket)
{
    v(tag::ofd_inn, ticket.ofd_inn);
    v(tag::message_to_fn, ticket.message_to_fn);
    v(tag::operator_message, ticket.operator_message);
    v(tag::operator_sign, ticket.operator_sign);
}

/// All fields of the parts that are set.
template <class V>
void document_fields(V& v, MaybeConst<Document> auto& document)
{
    const DocumentType type = document.head.type;
    fields(v, document.head);
    const auto part = [&v](auto& optional, auto visit) {
        if (optional)
            visit(v, *optional);
    };
    const auto plain = [](auto& visitor, auto& value) { fields(visitor, value); };
    part(document.receipt, plain);
    part(document.registration, plain);
    part(document.report, [type](auto& visitor, auto& report) {
        if (type == DocumentType::registration || type == DocumentType::re_registration)
            counter_fields(visitor, report);
        else
            report_fields(visitor, report, type);
    });
    part(document.ticket, plain);
    part(document.versions, plain);
}

} // namespace kb::fiscal

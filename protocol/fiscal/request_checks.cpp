// A request as a whole: its kind, and the receipt's own members. Positions, sums, agents, marks and texts
// have files of their own.
#include "protocol/fiscal/request_checks.hpp"

#include "protocol/core/code_page.hpp"
#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/request_faults.hpp"
#include "protocol/fiscal/request_tlv.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <algorithm>
#include <bit>

namespace kb::fiscal {

namespace {

const Place kRoot{};

// The name of a position, fit to stand in a fault's text; empty where it is not.
std::string shown(const std::string& name)
{
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
    if (!is_utf8(name) || std::any_of(name.begin(), name.end(), is_control))
        return {};
    constexpr std::size_t kShown = 60; // bytes; whole names may be long, and are in the request
    std::size_t size = std::min(name.size(), kShown);
    while (size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U)
        --size; // not through the middle of a character
    return name.substr(0, size) + (size < name.size() ? "…" : "");
}

Place place_of(std::size_t i, const Position& position)
{
    const std::string number = std::to_string(i + 1);
    const std::string name = shown(position.item.name);
    return {"items[" + std::to_string(i) + ']',
            "позиция " + number + (name.empty() ? "" : " «" + name + "»") + ": ",
            "position " + number + (name.empty() ? "" : " \"" + name + '"') + ": "};
}

// ---- parts of a receipt

void check_operation(Faults& faults, const ReceiptRequest& request)
{
    const auto code = static_cast<unsigned>(request.operation);
    if (code < 1 || code > 4)
        faults.add(kRoot.in("operation"), "operation_unknown",
                   {"неизвестная операция " + std::to_string(code) + "; допустимы 1..4",
                    "unknown operation " + std::to_string(code) + "; 1..4 are known"});
}

void check_correction(Faults& faults, const ReceiptRequest& request)
{
    const Receipt& receipt = request.receipt;
    const Place place = kRoot.in("correction");
    if (!request.correction) {
        if (receipt.correction_type || receipt.correction_basis)
            faults.add(
                place, "correction_of_nothing",
                {"указано основание коррекции, а чек не коррекция; уберите или сделайте чек коррекцией",
                 "a basis of correction, but no correction; leave it out, or make it one"});
        return;
    }
    if (!faults.limits().corrections)
        faults.add(place, "corrections_unsupported",
                   {"эта касса не пробивает чеки коррекции через программу; пробейте на другой кассе",
                    "this register makes no corrections for programs; make it on another one"});
    const bool returns =
        request.operation == Operation::sell_return || request.operation == Operation::buy_return;
    if (returns && faults.limits().ffd < FfdVersion::v1_1)
        faults.add(kRoot.in("operation"), "correction_operation",
                   {"в ФФД 1.05 коррекция бывает только прихода и расхода; укажите sell или buy",
                    "FFD 1.05 corrects only sell and buy; take one of them"});
    if (!receipt.correction_type)
        faults.add(place.in("type"), "correction_type_missing",
                   {"не указан вид коррекции; укажите own (сами) или by_order (по предписанию)",
                    "no type of correction; give own or by_order"});
    else if (*receipt.correction_type > 1)
        faults.add(
            place.in("type"), "correction_type_unknown",
            {"неизвестный вид коррекции " + std::to_string(*receipt.correction_type) + "; допустимы 0 и 1",
             "unknown type of correction " + std::to_string(*receipt.correction_type) +
                 "; 0 and 1 are known"});
    const CorrectionBasis basis = receipt.correction_basis.value_or(CorrectionBasis{});
    if (!basis.date)
        faults.add(place.in("date"), "correction_date_missing",
                   {"не указана дата исправляемого расчёта; укажите, например 2026-11-01",
                    "no date of what is corrected; give it, for example 2026-11-01"});
    if (basis.number.empty() && (receipt.correction_type == std::uint8_t{1} || !faults.is_ffd_1_2()))
        faults.add(place.in("number"), "correction_number_missing",
                   {"не указан номер документа-основания; укажите номер предписания или акта",
                    "no number of the basis; give the number of the order, or of your own document"});
    check_text(faults, place.in("number"), tag::correction_number, basis.number);
    check_only_before_1_2(faults, place.in("name"), !basis.name.empty(), "уберите наименование основания",
                          "leave the name of the basis out");
    check_text(faults, place.in("name"), tag::correction_name, basis.name);
}

void check_tax_system(Faults& faults, const Receipt& receipt)
{
    const std::uint32_t registered = faults.limits().tax_systems;
    const Place place = kRoot.in("tax_system");
    if (!receipt.tax_system) {
        if (std::popcount(registered) > 1)
            faults.add(place, "tax_system_missing",
                       {"не указана система налогообложения, а у кассы их несколько; укажите одну из них",
                        "no tax system, and the register has several; give one of them"});
        return;
    }
    const std::uint32_t bits = *receipt.tax_system;
    if (word_of(words::kTaxSystems, bits).empty())
        faults.add(place, "tax_system_unknown",
                   {"неизвестная система налогообложения " + std::to_string(bits) + "; укажите ровно одну",
                    "unknown tax system " + std::to_string(bits) + "; give exactly one"});
    else if (registered != 0 && (registered & bits) == 0)
        faults.add(place, "tax_system_not_registered",
                   {"касса не зарегистрирована на эту систему налогообложения; укажите другую",
                    "the register is not registered for this tax system; give another one"});
}

void check_buyer(Faults& faults, const ReceiptRequest& request)
{
    const Receipt& receipt = request.receipt;
    const Place place = kRoot.in("buyer");
    const Place contact = place.in("contact");
    check_contact(faults, contact, receipt.buyer_contact);
    if (receipt.buyer_contact.empty() && request.electronic_only)
        faults.add(contact, "contact_missing",
                   {"чек не печатается, а послать его некуда; укажите телефон или почту покупателя",
                    "nothing is printed, and there is nowhere to send it; give the buyer's phone or e-mail"});
    else if (receipt.buyer_contact.empty() && receipt.internet_payment.value_or(false))
        faults.add(contact, "contact_missing",
                   {"при расчёте через интернет нужен телефон или почта покупателя; укажите",
                    "a payment by internet wants the buyer's phone or e-mail; give it"});
    check_text(faults, contact, tag::buyer_contact, receipt.buyer_contact);
    check_text(faults, place.in("name"), tag::buyer_name, receipt.buyer_name);
    check_inn(faults, place.in("inn"), receipt.buyer_inn, InnOf::company_or_person);
    check_only_before_1_2(faults, place, !receipt.buyer_name.empty() || !receipt.buyer_inn.empty(),
                          "укажите покупателя один раз", "give the buyer once");
    if (!receipt.buyer)
        return;
    const Buyer& buyer = *receipt.buyer;
    check_only_1_2(faults, place, true, "оставьте только имя, ИНН и телефон или почту",
                   "leave only name, INN and contact");
    check_text(faults, place.in("name"), tag::buyer_name, buyer.name);
    check_inn(faults, place.in("inn"), buyer.inn, InnOf::company_or_person);
    check_dotted_date(faults, place.in("birth_date"), buyer.birth_date);
    check_digits(faults, place.in("citizenship"), tag::buyer_citizenship, buyer.citizenship, 3);
    check_digits(faults, place.in("document_code"), tag::buyer_document_code, buyer.document_code, 2);
    check_text(faults, place.in("document"), tag::buyer_document, buyer.document);
    check_text(faults, place.in("address"), tag::buyer_address, buyer.address);
    if (buyer.document.empty() != buyer.document_code.empty())
        faults.add(place.in(buyer.document.empty() ? "document" : "document_code"),
                   "buyer_document_incomplete",
                   {"документ покупателя указывают вместе с кодом вида документа; укажите оба",
                    "a document of the buyer goes with the code of its kind; give both"});
}

void check_attributes(Faults& faults, const Receipt& receipt)
{
    check_text(faults, kRoot.in("address"), tag::address, receipt.address);
    check_text(faults, kRoot.in("place"), tag::place, receipt.place);
    check_text(faults, kRoot.in("machine_number"), tag::machine_number, receipt.machine_number);
    check_email(faults, kRoot.in("sender_email"), receipt.sender_email);
    check_text(faults, kRoot.in("sender_email"), tag::sender_email, receipt.sender_email);
    check_text(faults, kRoot.in("extra"), tag::receipt_extra, receipt.extra);
    check_only_1_2(faults, kRoot.in("internet_payment"), receipt.internet_payment.has_value(),
                   "уберите признак расчёта в интернете", "leave internet_payment out");
    if (receipt.user_attribute) {
        const Place place = kRoot.in("user_attribute");
        check_text(faults, place.in("name"), tag::user_attribute_name, receipt.user_attribute->name);
        check_text(faults, place.in("value"), tag::user_attribute_value, receipt.user_attribute->value);
        if (receipt.user_attribute->name.empty() || receipt.user_attribute->value.empty())
            faults.add(place, "user_attribute_incomplete",
                       {"у дополнительного реквизита есть имя и значение; укажите оба",
                        "a user attribute has a name and a value; give both"});
    }
    if (receipt.operational) {
        const Place place = kRoot.in("operational");
        check_only_1_2(faults, place, true, "уберите операционный реквизит", "leave it out");
        check_text(faults, place.in("data"), tag::operation_data, receipt.operational->data);
        if (!receipt.operational->id || !receipt.operational->time || receipt.operational->data.empty())
            faults.add(place, "operational_incomplete",
                       {"у операционного реквизита есть номер, время и данные; укажите все три",
                        "an operational attribute has id, time and data; give all three"});
    }
    check_industry(faults, kRoot.in("industry"), receipt.industry);
}

// What belongs to the register or to its finished document; a request that has it was not made right.
void check_not_of_request(Faults& faults, const Receipt& receipt)
{
    const bool any = !receipt.user.empty() || !receipt.cashier_inn.empty() || receipt.internet_only ||
                     !receipt.items.empty() || receipt.electronic_payments || receipt.vat != VatSums{} ||
                     !receipt.marking_check_failed.empty() || !receipt.fns_site.empty();
    if (any)
        faults.add({"receipt", {}, {}}, "not_of_a_request",
                   {"в запросе есть реквизиты, которые ставит сама касса; это ошибка программы, сообщите "
                    "разработчику",
                    "the request has members that the register makes itself; this is a fault of the program, "
                    "tell its maker"});
}

// What the FN keeps of one document is limited; the register would notice at the very end only. Precondition:
// nothing else is wrong.
void check_size(Faults& faults, const Request& request)
{
    constexpr std::size_t kDocument = 32768;  // section 1
    constexpr std::size_t kOfRegister = 1500; // its own tags: owner, addresses, numbers, VAT sums
    constexpr std::size_t kOfPosition = 75;   // price, quantity, sums, codes, headers
    constexpr std::size_t kOfMark = 65;       // 1163, 2102, 2106, 2115
    std::size_t size = kOfRegister;
    const auto add = [&size](const Result<std::vector<HostTag>>& tags) {
        if (!tags)
            return;
        for (const HostTag& tag : *tags)
            size += tag.bytes.size();
    };
    add(receipt_tags(request));
    for (const Position& position : request.receipt->positions) {
        add(position_tags(position));
        size += kOfPosition + (position.marking ? kOfMark : 0) +
                to_cp866(position.item.name).value_or(Bytes{}).size();
    }
    if (size > kDocument)
        faults.add({"items", {}, {}}, "receipt_too_big",
                   {"чек не помещается в ФН: около " + std::to_string(size) +
                        " байт, можно 32768; разделите на несколько чеков",
                    "the receipt does not fit into the FN: some " + std::to_string(size) +
                        " bytes, 32768 are allowed; divide it into several receipts"});
}

void check_receipt(Faults& faults, const Request& request)
{
    const ReceiptRequest& asked = *request.receipt;
    check_operation(faults, asked);
    check_correction(faults, asked);
    check_tax_system(faults, asked.receipt);
    if (asked.positions.empty())
        faults.add(kRoot.in("items"), "no_positions",
                   {"в чеке нет ни одной позиции; добавьте, что продано", "no positions; say what was sold"});
    for (std::size_t i = 0; i < asked.positions.size(); ++i)
        check_position(faults, place_of(i, asked.positions[i]), asked.positions[i], asked);
    if (!asked.positions.empty())
        check_payments(faults, asked);
    check_buyer(faults, asked);
    check_attributes(faults, asked.receipt);
    check_agent_of_receipt(faults, asked.receipt);
    check_not_of_request(faults, asked.receipt);
    if (asked.electronic_only && !faults.limits().electronic_only)
        faults.add(kRoot.in("electronic_only"), "electronic_only_unsupported",
                   {"эта касса не умеет пробивать чек без печати; уберите electronic_only",
                    "this register cannot leave the printing out; leave electronic_only out"});
    check_lines(faults, kRoot.in("before"), asked.before);
    check_lines(faults, kRoot.in("after"), asked.after);
    if (faults.none())
        check_size(faults, request);
}

// ---- kinds

void check_cash(Faults& faults, const Request& request)
{
    if (!faults.limits().cash_moves)
        faults.add(kRoot.in("kind"), "cash_moves_unsupported",
                   {"эта касса не умеет внесения и выплаты через программу; сделайте на самой кассе",
                    "this register has no cash in and out for programs; do it on the register itself"});
    if (request.sum <= Kopecks{})
        faults.add(kRoot.in("sum"), "sum_not_positive",
                   {"сумма " + request.sum.to_rubles() + "; укажите больше нуля",
                    "sum " + request.sum.to_rubles() + "; give more than zero"});
    else
        check_sum(faults, kRoot.in("sum"), request.sum);
}

void check_time(Faults& faults, const Request& request)
{
    using namespace std::chrono;
    const LocalSeconds first = local_days{year{2016} / September / 1}; // no register of this law is older
    const LocalSeconds last = local_days{year{2100} / January / 1};    // two digits on the wire
    if (request.time && (*request.time < first || *request.time >= last))
        faults.add(kRoot.in("time"), "time_implausible",
                   {"время " + to_text(*request.time) + "; проверьте часы компьютера",
                    "time " + to_text(*request.time) + "; check the computer's clock"});
}

void check_kind(Faults& faults, const Request& request)
{
    switch (request.kind) {
    case RequestKind::receipt:
        if (request.receipt)
            check_receipt(faults, request);
        else
            faults.add(kRoot, "receipt_missing",
                       {"нет самого чека; добавьте", "there is no receipt; add it"});
        return;
    case RequestKind::cash_in:
    case RequestKind::cash_out:
        check_cash(faults, request);
        return;
    case RequestKind::copy:
        if (request.fd_number == 0)
            faults.add(kRoot.in("fd_number"), "fd_number_missing",
                       {"не указан номер документа; укажите номер ФД с чека",
                        "no document number; give the FD number of the receipt"});
        return;
    case RequestKind::text:
        if (request.lines.empty())
            faults.add(kRoot.in("lines"), "no_lines",
                       {"нечего печатать; добавьте строки", "no lines; add some"});
        check_lines(faults, kRoot.in("lines"), request.lines);
        return;
    case RequestKind::cut:
        if (!faults.limits().cut)
            faults.add(kRoot.in("kind"), "cut_unsupported",
                       {"у этой кассы нет отрезчика; оторвите ленту рукой",
                        "this register has no cutter; tear the paper off"});
        return;
    case RequestKind::set_time:
        check_time(faults, request);
        return;
    default:
        return;
    }
}

} // namespace

// ---- for all files of the checks

void Faults::add(const Place& place, std::string_view code, const FaultText& text)
{
    constexpr std::size_t kAtMost = 100; // nobody reads more
    if (found_.size() < kAtMost)
        found_.push_back({place.path, std::string(code), place.ru + text.ru, place.en + text.en});
}

void check_only_1_2(Faults& faults, const Place& place, bool is_there, std::string_view cure_ru,
                    std::string_view cure_en)
{
    if (is_there && !faults.is_ffd_1_2())
        faults.add(
            place, "wants_ffd_1_2",
            {"это есть только в ФФД 1.2, а касса работает по более старому формату; " + std::string(cure_ru),
             "only FFD 1.2 has this, and the register is registered for an older format; " +
                 std::string(cure_en)});
}

void check_only_before_1_2(Faults& faults, const Place& place, bool is_there, std::string_view cure_ru,
                           std::string_view cure_en)
{
    if (is_there && faults.is_ffd_1_2())
        faults.add(
            place, "not_in_ffd_1_2",
            {"в ФФД 1.2, по которому работает касса, этого нет; " + std::string(cure_ru),
             "FFD 1.2, which the register is registered for, does not have this; " + std::string(cure_en)});
}

std::vector<RequestFault> check_request(const Request& request, const RequestLimits& limits)
{
    Faults faults(limits);
    check_text(faults, kRoot.in("cashier"), tag::cashier, request.cashier);
    check_inn(faults, kRoot.in("cashier_inn"), request.cashier_inn, InnOf::person);
    check_kind(faults, request);
    return faults.take();
}

std::string describe(const std::vector<RequestFault>& faults, bool russian)
{
    std::string line;
    for (const RequestFault& fault : faults) {
        line += line.empty() ? "" : ". ";
        line += fault.path.empty() ? "" : fault.path + ": ";
        line += russian ? fault.ru : fault.en;
    }
    return line;
}

} // namespace kb::fiscal

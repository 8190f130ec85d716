// The virtual register's memory as one JSON text: everything but the FN's documents, which have their own
// records.
#include "drivers/emulator/virtual_kkt.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace kb::emulator {

namespace {

using nlohmann::json;

json to_json(const OperationTotals& t)
{
    return {t.count, t.cash, t.electronic, t.advance, t.credit, t.counter, t.total, t.vat};
}

void from_json(const json& j, OperationTotals& t)
{
    t.count = j.at(0).get<std::uint32_t>();
    t.cash = j.at(1).get<std::uint64_t>();
    t.electronic = j.at(2).get<std::uint64_t>();
    t.advance = j.at(3).get<std::uint64_t>();
    t.credit = j.at(4).get<std::uint64_t>();
    t.counter = j.at(5).get<std::uint64_t>();
    t.total = j.at(6).get<std::uint64_t>();
    j.at(7).get_to(t.vat);
}

json to_json(const FnTotals& t)
{
    json out = json::array();
    for (const auto& row : t.receipts)
        out.push_back(to_json(row));
    for (const auto& row : t.corrections)
        out.push_back(to_json(row));
    return out;
}

void from_json(const json& j, FnTotals& t)
{
    for (std::size_t i = 0; i < 4; ++i) {
        from_json(j.at(i), t.receipts[i]);
        from_json(j.at(i + 4), t.corrections[i]);
    }
}

json to_json(const ShiftRegisters& r)
{
    return {{"departments", r.departments},
            {"department_counts", r.department_counts},
            {"payments", r.payments},
            {"vat_turnover", r.vat_turnover},
            {"vat", r.vat},
            {"receipts", r.receipts},
            {"annulled", r.annulled},
            {"annulled_sum", r.annulled_sum},
            {"cash_in", r.cash_in},
            {"cash_out", r.cash_out},
            {"cash_in_count", r.cash_in_count},
            {"cash_out_count", r.cash_out_count}};
}

void from_json(const json& j, ShiftRegisters& r)
{
    j.at("departments").get_to(r.departments);
    j.at("department_counts").get_to(r.department_counts);
    j.at("payments").get_to(r.payments);
    j.at("vat_turnover").get_to(r.vat_turnover);
    j.at("vat").get_to(r.vat);
    j.at("receipts").get_to(r.receipts);
    j.at("annulled").get_to(r.annulled);
    j.at("annulled_sum").get_to(r.annulled_sum);
    j.at("cash_in").get_to(r.cash_in);
    j.at("cash_out").get_to(r.cash_out);
    j.at("cash_in_count").get_to(r.cash_in_count);
    j.at("cash_out_count").get_to(r.cash_out_count);
}

json to_json(const Receipt& receipt)
{
    json items = json::array();
    for (const Item& i : receipt.items)
        items.push_back({i.name, i.price, i.quantity.millionths(), i.sum,
                         i.vat_given ? json(*i.vat_given) : json(), i.vat, i.payment_method, i.item_kind,
                         i.unit, i.department, to_hex(i.extra)});
    return {{"operation", receipt.operation},
            {"is_correction", receipt.is_correction},
            {"items", items},
            {"extra", to_hex(receipt.extra)},
            {"owner", receipt.owner},
            {"printed", receipt.printed},
            {"paid", receipt.paid},
            {"rounding", receipt.rounding},
            {"tax_system", receipt.tax_system},
            {"adjusted", receipt.adjusted}};
}

Bytes bytes_of(const json& hex) { return from_hex(hex.get<std::string>()).value_or(Bytes{}); }

Receipt receipt_from_json(const json& j)
{
    Receipt receipt;
    receipt.operation = j.at("operation").get<Operation>();
    receipt.is_correction = j.at("is_correction").get<bool>();
    receipt.extra = bytes_of(j.at("extra"));
    receipt.owner = j.at("owner").get<std::uint8_t>();
    receipt.printed = j.value("printed", receipt.printed); // these five: not in the first state files
    receipt.paid = j.value("paid", receipt.paid);
    receipt.rounding = j.value("rounding", receipt.rounding);
    receipt.tax_system = j.value("tax_system", receipt.tax_system);
    receipt.adjusted = j.value("adjusted", receipt.adjusted);
    for (const json& row : j.at("items")) {
        Item item;
        item.name = row.at(0).get<std::string>();
        item.price = row.at(1).get<std::uint64_t>();
        item.quantity = Quantity::from_millionths(row.at(2).get<std::int64_t>());
        item.sum = row.at(3).get<std::uint64_t>();
        if (!row.at(4).is_null())
            item.vat_given = row.at(4).get<std::uint64_t>();
        item.vat = row.at(5).get<std::uint8_t>();
        item.payment_method = row.at(6).get<std::uint8_t>();
        item.item_kind = row.at(7).get<std::uint8_t>();
        item.unit = row.at(8).get<std::uint8_t>();
        item.department = row.at(9).get<std::uint8_t>();
        item.extra = bytes_of(row.at(10));
        receipt.items.push_back(std::move(item));
    }
    return receipt;
}

std::int64_t count_of(LocalSeconds time) { return time.time_since_epoch().count(); }
LocalSeconds time_of(const json& j) { return LocalSeconds{std::chrono::seconds{j.get<std::int64_t>()}}; }

} // namespace

std::string VirtualKkt::state_text() const
{
    const json out = {
        {"identity",
         {identity_.kkt_serial, identity_.reg_number, identity_.inn, identity_.user, identity_.address,
          identity_.place, identity_.tax_systems, identity_.ffd}},
        {"fn",
         {fn_.serial, fn_.phase, fn_.capacity, fn_.registrations, fn_.declared_full, count_of(fn_.expires)}},
        {"shift",
         {shift_.open, shift_.number, count_of(shift_.opened_at), shift_.first_fd, shift_.receipts,
          to_json(shift_.totals), to_json(shift_.registers)}},
        {"totals", to_json(totals_)},
        {"last_shift_totals", to_json(last_shift_totals_)},
        {"receipt", receipt_ ? to_json(*receipt_) : json()},
        {"settings", settings_},
        {"cash", cash_},
        {"through_number", through_number_},
        {"receipt_numbers", receipt_numbers_},
        {"all_time", all_time_},
        {"corrections", corrections_},
        {"x_reports", x_reports_},
        {"drift", {drift_s_, drift_at_last_document_}},
        {"printer", {paper_, cover_open_, broken_off_, waits_for_continue_}},
        {"last_lines", last_lines_},
        {"sd", {static_cast<int>(sd_.card), sd_.io_errors}},
        {"ofd_silent", ofd_silent_}};
    return out.dump();
}

void VirtualKkt::load_state(const std::string& text)
{
    try {
        const json j = json::parse(text);
        const json& who = j.at("identity");
        identity_.kkt_serial = who.at(0).get<std::string>();
        identity_.reg_number = who.at(1).get<std::string>();
        identity_.inn = who.at(2).get<std::string>();
        identity_.user = who.at(3).get<std::string>();
        identity_.address = who.at(4).get<std::string>();
        identity_.place = who.at(5).get<std::string>();
        identity_.tax_systems = who.at(6).get<std::uint8_t>();
        identity_.ffd = who.at(7).get<std::uint8_t>();
        const json& fn = j.at("fn");
        fn_.serial = fn.at(0).get<std::string>();
        fn_.phase = fn.at(1).get<std::uint8_t>();
        fn_.capacity = fn.at(2).get<std::uint32_t>();
        fn_.registrations = fn.at(3).get<std::uint8_t>();
        fn_.declared_full = fn.at(4).get<bool>();
        fn_.expires = time_of(fn.at(5));
        const json& shift = j.at("shift");
        shift_.open = shift.at(0).get<bool>();
        shift_.number = shift.at(1).get<std::uint16_t>();
        shift_.opened_at = time_of(shift.at(2));
        shift_.first_fd = shift.at(3).get<std::uint32_t>();
        shift_.receipts = shift.at(4).get<std::uint16_t>();
        from_json(shift.at(5), shift_.totals);
        from_json(shift.at(6), shift_.registers);
        from_json(j.at("totals"), totals_);
        if (j.contains("last_shift_totals")) // not in the first state files
            from_json(j.at("last_shift_totals"), last_shift_totals_);
        receipt_.reset();
        if (!j.at("receipt").is_null())
            receipt_ = receipt_from_json(j.at("receipt"));
        j.at("settings").get_to(settings_);
        cash_ = j.at("cash").get<std::int64_t>();
        through_number_ = j.at("through_number").get<std::uint16_t>();
        j.at("receipt_numbers").get_to(receipt_numbers_);
        j.at("all_time").get_to(all_time_);
        j.at("corrections").get_to(corrections_);
        x_reports_ = j.at("x_reports").get<std::uint32_t>();
        drift_s_ = j.at("drift").at(0).get<std::int64_t>();
        drift_at_last_document_ = j.at("drift").at(1).get<std::int64_t>();
        const json& printer = j.at("printer");
        paper_ = printer.at(0).get<bool>();
        cover_open_ = printer.at(1).get<bool>();
        broken_off_ = printer.at(2).get<bool>();
        waits_for_continue_ = printer.at(3).get<bool>();
        j.at("last_lines").get_to(last_lines_);
        sd_.card = static_cast<SdState::Card>(j.at("sd").at(0).get<int>());
        sd_.io_errors = j.at("sd").at(1).get<std::uint32_t>();
        ofd_silent_ = j.at("ofd_silent").get<bool>();
    } catch (const json::exception& broken) {
        throw std::runtime_error(std::string("state: ") + broken.what());
    }
}

} // namespace kb::emulator

#include "cabinet/store/document_rows.hpp"

namespace kb::cabinet::store {

using fiscal::DocumentForm;
using soci::use;

const char* const kHeadColumns = "fn_serial, fd_number, type, short, datetime_s, fiscal_sign, "
                                 "ticket_received, kkt_serial, source, read_at_ms, "
                                 "received_at_ms, operation, total, cash, electronic, advance, credit, "
                                 "counter, shift_number, receipt_number, "
                                 "cashier, items_count, findings_count";

namespace {

template <class Exchange>
void for_each_column(HeadRow& row, Exchange exchange)
{
    exchange(row.fn_serial);
    for (Int* column :
         {&row.fd_number, &row.type, &row.short_record, &row.datetime, &row.fiscal_sign, &row.ticket})
        exchange(*column);
    exchange(row.kkt_serial);
    exchange(row.source);
    exchange(row.read_at);
    exchange(row.received_at);
    for (std::optional<Int>* column : {&row.operation, &row.total, &row.cash, &row.electronic, &row.advance,
                                       &row.credit, &row.counter, &row.shift_number, &row.receipt_number})
        exchange(*column);
    exchange(row.cashier);
    exchange(row.items_count);
    exchange(row.findings_count);
}

} // namespace

void HeadRow::bind_into(soci::statement& rows)
{
    for_each_column(*this, [&](auto& column) { rows.exchange(soci::into(column)); });
}

void HeadRow::bind_use(soci::statement& rows)
{
    // Exchanged where it is made: use() refers to a name that does not outlive the expression.
    for_each_column(*this, [&](auto& column) { rows.exchange(soci::use(column)); });
}

void HeadRow::take(const IncomingDocument& incoming, UtcMs received)
{
    const auto& message = incoming.message;
    const auto& document = message.document;
    const Digest& digest = incoming.digest;
    fn_serial = document.fn_serial;
    fd_number = document.fd_number;
    type = static_cast<Int>(document.type);
    short_record = document.form == DocumentForm::short_record ? 1 : 0;
    datetime = to_seconds(document.datetime);
    fiscal_sign = document.fiscal_sign;
    ticket = document.ticket_received ? 1 : 0;
    kkt_serial = message.kkt_serial;
    source = to_string(message.source);
    read_at = to_ms(message.read_at);
    received_at = to_ms(received);
    operation = digest.operation;
    total = digest.total;
    const auto paid = [&](PaymentKind kind) {
        return digest.payments ? std::optional<Int>((*digest.payments)[kind]) : std::nullopt;
    };
    cash = paid(kCash);
    electronic = paid(kElectronic);
    advance = paid(kAdvance);
    credit = paid(kCredit);
    counter = paid(kCounter);
    shift_number = digest.shift_number;
    receipt_number = digest.receipt_number;
    cashier = digest.cashier;
    items_count = static_cast<Int>(digest.items.size());
    findings_count = static_cast<Int>(digest.findings.size());
}

DocumentHead HeadRow::head() const
{
    DocumentHead out;
    auto& document = out.document;
    document.fn_serial = fn_serial;
    document.fd_number = static_cast<std::uint32_t>(fd_number);
    document.type = static_cast<fiscal::DocumentType>(type);
    document.form = short_record != 0 ? DocumentForm::short_record : DocumentForm::full;
    document.datetime = from_seconds(datetime);
    document.fiscal_sign = static_cast<std::uint32_t>(fiscal_sign);
    document.ticket_received = ticket != 0;
    out.kkt_serial = kkt_serial;
    out.source =
        source == "print" ? cabinet_api::DocumentSource::print : cabinet_api::DocumentSource::archive;
    out.read_at = from_ms(read_at);
    out.received_at = from_ms(received_at);
    out.digest.operation = operation;
    out.digest.total = total;
    if (cash)
        out.digest.payments = Payments{*cash, electronic.value_or(0), advance.value_or(0), credit.value_or(0),
                                       counter.value_or(0)};
    out.digest.shift_number = shift_number;
    out.digest.receipt_number = receipt_number;
    out.digest.cashier = cashier;
    out.items_count = items_count;
    out.findings_count = findings_count;
    return out;
}

Bytes bytes_of(soci::blob& blob)
{
    std::string bytes(blob.get_len(), '\0');
    blob.read(0, bytes.data(), bytes.size());
    return {bytes.begin(), bytes.end()};
}

DocumentRows::DocumentRows(soci::session& sql)
    : sql_(sql),
      raw_(sql),
      insert_(sql),
      select_(sql),
      insert_item_((
          sql.prepare << "INSERT INTO item(tenant_id, fn_serial, fd_number, position, name, price, quantity, "
                         "sum, vat_code, vat_sum, payment_method, item_kind, unit) VALUES(:t, :f, :n, :p, "
                         ":na, :pr, :q, :s, :vc, :vs, :pm, :ik, :u)",
          use(tenant_), use(row_.fn_serial), use(row_.fd_number), use(position_), use(item_name_),
          use(price_), use(quantity_), use(sum_), use(vat_code_), use(vat_sum_), use(payment_method_),
          use(item_kind_), use(unit_)))
{
    row_.bind_use(insert_);
    insert_.exchange(use(tenant_));
    insert_.exchange(use(agent_id_));
    insert_.exchange(use(search_text_));
    insert_.exchange(use(raw_));
    insert_.alloc();
    insert_.prepare("INSERT INTO document(" + std::string(kHeadColumns) +
                    ", tenant_id, agent_id, search_text, raw) VALUES(:f, :n, :ty, :sh, :d, :fs, :ti, :k, "
                    ":so, :ra, :re, :op, :to, :p1, :p2, :p3, :p4, :p5, :sn, :rn, :c, :ic, :fc, :t, :a, "
                    ":st, :raw)");
    insert_.define_and_bind();

    select_.exchange(use(tenant_));
    select_.exchange(use(row_.fn_serial));
    select_.exchange(use(row_.fd_number));
    row_.bind_into(select_);
    select_.exchange(soci::into(raw_));
    select_.alloc();
    select_.prepare("SELECT " + std::string(kHeadColumns) +
                    ", raw FROM document WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n");
    select_.define_and_bind();
}

void DocumentRows::insert(TenantId tenant, const IncomingDocument& incoming, const std::string& agent_id,
                          UtcMs received)
{
    tenant_ = tenant.value;
    row_.take(incoming, received);
    agent_id_ = agent_id;
    search_text_ = incoming.digest.search_text;
    raw_.trim(0);
    const std::string bytes = as_text(incoming.message.document.raw);
    raw_.write(0, bytes.data(), bytes.size());
    insert_.execute(true);
    insert_items(incoming.digest.items);
    insert_findings(incoming.digest.findings);
}

void DocumentRows::insert_items(const std::vector<Item>& items)
{
    position_ = 0;
    for (const Item& item : items) {
        item_name_ = item.name;
        price_ = item.price;
        quantity_ = item.quantity;
        sum_ = item.sum;
        vat_code_ = item.vat_code;
        vat_sum_ = item.vat_sum;
        payment_method_ = item.payment_method;
        item_kind_ = item.item_kind;
        unit_ = item.unit;
        insert_item_.execute(true);
        ++position_;
    }
}

void DocumentRows::insert_findings(const std::vector<Finding>& findings)
{
    Int position = 0;
    for (const Finding& finding : findings) {
        sql_ << "INSERT INTO finding(tenant_id, fn_serial, fd_number, position, check_name, severity, text, "
                "field) VALUES(:t, :f, :n, :p, :c, :s, :x, :d)",
            use(tenant_), use(row_.fn_serial), use(row_.fd_number), use(position), use(finding.check),
            use(finding.severity), use(finding.text), use(finding.field);
        ++position;
    }
}

void DocumentRows::remove(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number)
{
    const Int id = tenant.value;
    const Int number = fd_number;
    for (const char* table : {"document", "item", "finding"})
        sql_ << "DELETE FROM " << table << " WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n",
            use(id), use(fn_serial), use(number);
}

DocumentHead DocumentRows::held(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number)
{
    tenant_ = tenant.value;
    row_.fn_serial = fn_serial;
    row_.fd_number = fd_number;
    raw_.trim(0);
    if (!select_.execute(true))
        throw soci::soci_error("no document " + std::to_string(fd_number) + " of FN " + fn_serial);
    DocumentHead head = row_.head();
    head.document.raw = bytes_of(raw_);
    // To its end: a statement left on its row keeps this connection's snapshot, the log could never be
    // begun anew, and after a write by another process every BEGIN IMMEDIATE here would be refused.
    while (select_.fetch()) {
    }
    return head;
}

void DocumentRows::note_ticket(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number)
{
    const Int id = tenant.value;
    const Int number = fd_number;
    sql_ << "UPDATE document SET ticket_received = 1 WHERE tenant_id = :t AND fn_serial = :f AND "
            "fd_number = :n",
        use(id), use(fn_serial), use(number);
}

} // namespace kb::cabinet::store

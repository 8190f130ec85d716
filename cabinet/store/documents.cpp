#include "cabinet/store/documents.hpp"

#include "cabinet/store/document_rows.hpp"

#include <algorithm>

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

/// Rows of the time index one page may look at while a filter finds nothing.
constexpr Int kMaxScan = 20'000;

/// "%" and "_" of a search text are themselves.
std::string like_pattern(const std::string& text)
{
    std::string pattern = "%";
    for (const char c : fold_case(text)) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

/// The WHERE of a page in pieces, with the values it refers to.
struct Conditions {
    explicit Conditions(TenantId owner, const DocumentFilter& filter) : tenant(owner.value)
    {
        place = " WHERE tenant_id = :t";
        if (filter.kkt_serial) {
            kkt_serial = *filter.kkt_serial;
            place += " AND kkt_serial = :k";
        }
        if (filter.from) {
            from = to_seconds(*filter.from);
            place += " AND datetime_s >= :from";
        }
        if (filter.to) {
            to = to_seconds(*filter.to);
            place += " AND datetime_s <= :to";
        }
        if (filter.before) {
            before_time = to_seconds(filter.before->datetime);
            before_fn = filter.before->fn_serial;
            before_fd = filter.before->fd_number;
            place += " AND (datetime_s, fn_serial, fd_number) < (:bt, :bf, :bn)";
        }
        if (filter.fn_serial) {
            fn_serial = *filter.fn_serial;
            rest += " AND fn_serial || '' = :fn"; // not by its index: the page is in the order of time
        }
        if (!filter.types.empty()) {
            rest += " AND type IN (";
            for (std::size_t i = 0; i < filter.types.size(); ++i)
                rest += (i == 0 ? "" : ", ") + std::to_string(filter.types[i]);
            rest += ")";
        }
        if (filter.operation)
            rest += " AND operation = " + std::to_string(*filter.operation);
        if (filter.min_sum)
            rest += " AND total >= " + std::to_string(*filter.min_sum);
        if (filter.max_sum)
            rest += " AND total <= " + std::to_string(*filter.max_sum);
        if (filter.text) {
            text = like_pattern(*filter.text);
            rest += " AND search_text LIKE :x ESCAPE '\\'";
        }
    }

    /// Binds what `place` names and, with the others, what `rest` and the scan's end name.
    void bind(soci::statement& rows, const DocumentFilter& filter, bool others)
    {
        rows.exchange(use(tenant, "t"));
        if (filter.kkt_serial)
            rows.exchange(use(kkt_serial, "k"));
        if (filter.from)
            rows.exchange(use(from, "from"));
        if (filter.to)
            rows.exchange(use(to, "to"));
        if (filter.before) {
            rows.exchange(use(before_time, "bt"));
            rows.exchange(use(before_fn, "bf"));
            rows.exchange(use(before_fd, "bn"));
        }
        if (!others)
            return;
        if (filter.fn_serial)
            rows.exchange(use(fn_serial, "fn"));
        if (filter.text)
            rows.exchange(use(text, "x"));
    }

    Int tenant;
    std::string kkt_serial;
    std::string fn_serial;
    Int from = 0;
    Int to = 0;
    Int before_time = 0;
    std::string before_fn;
    Int before_fd = 0;
    std::string text;
    std::string place; ///< what an index finds
    std::string rest;  ///< what has to be looked at row by row
};

constexpr const char* kNewestFirst = " ORDER BY datetime_s DESC, fn_serial DESC, fd_number DESC";

/// The key kMaxScan rows behind the start; nullopt when the end comes first.
std::optional<DocumentKey> end_of_scan(soci::session& sql, Conditions& where, const DocumentFilter& filter)
{
    Int time = 0;
    std::string fn_serial;
    Int fd_number = 0;
    soci::statement row(sql);
    where.bind(row, filter, false);
    row.exchange(into(time));
    row.exchange(into(fn_serial));
    row.exchange(into(fd_number));
    row.alloc();
    row.prepare("SELECT datetime_s, fn_serial, fd_number FROM document" + where.place + kNewestFirst +
                " LIMIT 1 OFFSET " + std::to_string(kMaxScan));
    row.define_and_bind();
    if (!row.execute(true))
        return std::nullopt;
    return DocumentKey{from_seconds(time), fn_serial, static_cast<std::uint32_t>(fd_number)};
}

} // namespace

std::string fold_case(std::string_view utf8)
{
    // UTF-8: А..П D0 90..9F -> D0 B0..BF; Р..Я D0 A0..AF -> D1 80..8F; Ё D0 81 -> Е, as ё D1 91 -> е.
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        const auto next = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0U;
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c + 32);
        } else if (c == 0xD0 && next >= 0x90 && next <= 0x9F) {
            out += "\xD0";
            out += static_cast<char>(next + 0x20);
            ++i;
        } else if (c == 0xD0 && next >= 0xA0 && next <= 0xAF) {
            out += "\xD1";
            out += static_cast<char>(next - 0x20);
            ++i;
        } else if ((c == 0xD0 && next == 0x81) || (c == 0xD1 && next == 0x91)) {
            out += "\xD0\xB5";
            ++i;
        } else {
            out += utf8[i];
        }
    }
    return out;
}

DocumentPage list_documents(Connection& connection, TenantId tenant, const DocumentFilter& filter)
{
    soci::session& sql = connection.sql();
    Conditions where(tenant, filter);
    DocumentPage page;
    const auto scan_end = where.rest.empty() ? std::nullopt : end_of_scan(sql, where, filter);
    Int end_time = 0;
    std::string end_fn;
    Int end_fd = 0;
    HeadRow row;
    soci::statement rows(sql);
    where.bind(rows, filter, true);
    if (scan_end) {
        end_time = to_seconds(scan_end->datetime);
        end_fn = scan_end->fn_serial;
        end_fd = scan_end->fd_number;
        rows.exchange(use(end_time, "et"));
        rows.exchange(use(end_fn, "ef"));
        rows.exchange(use(end_fd, "en"));
    }
    row.bind_into(rows);
    rows.alloc();
    rows.prepare("SELECT " + std::string(kHeadColumns) + " FROM document" + where.place + where.rest +
                 (scan_end ? " AND (datetime_s, fn_serial, fd_number) >= (:et, :ef, :en)" : "") +
                 kNewestFirst + " LIMIT " + std::to_string(filter.limit + 1));
    rows.define_and_bind();
    rows.execute();
    while (rows.fetch())
        page.documents.push_back(row.head());
    if (page.documents.size() > filter.limit) {
        page.documents.pop_back();
        const auto& last = page.documents.back().document;
        page.next = DocumentKey{last.datetime, last.fn_serial, last.fd_number};
    } else if (scan_end) {
        page.next = scan_end;
    }
    return page;
}

std::optional<DocumentHead> find_document(Connection& connection, TenantId tenant,
                                          const std::string& fn_serial, std::uint32_t fd_number)
{
    soci::session& sql = connection.sql();
    const Int id = tenant.value;
    const Int number = fd_number;
    HeadRow row;
    soci::blob raw(sql);
    soci::statement rows(sql);
    rows.exchange(use(id, "t"));
    rows.exchange(use(fn_serial, "f"));
    rows.exchange(use(number, "n"));
    row.bind_into(rows);
    rows.exchange(into(raw));
    rows.alloc();
    rows.prepare("SELECT " + std::string(kHeadColumns) +
                 ", raw FROM document WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n");
    rows.define_and_bind();
    if (!rows.execute(true))
        return std::nullopt;
    DocumentHead head = row.head();
    head.document.raw = bytes_of(raw);

    Item item;
    std::optional<Int> price;
    std::optional<Int> quantity;
    std::optional<Int> sum;
    std::optional<Int> vat_code;
    std::optional<Int> vat_sum;
    std::optional<Int> payment_method;
    std::optional<Int> item_kind;
    soci::statement items =
        (sql.prepare << "SELECT name, price, quantity, sum, vat_code, vat_sum, payment_method, item_kind, "
                        "unit FROM item "
                        "WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n ORDER BY position",
         use(id), use(fn_serial), use(number), into(item.name), into(price), into(quantity), into(sum),
         into(vat_code), into(vat_sum), into(payment_method), into(item_kind), into(item.unit));
    items.execute();
    while (items.fetch()) {
        item.price = price;
        item.quantity = quantity;
        item.sum = sum;
        item.vat_code = vat_code;
        item.vat_sum = vat_sum;
        item.payment_method = payment_method;
        item.item_kind = item_kind;
        head.digest.items.push_back(item);
    }
    Finding finding;
    soci::statement findings =
        (sql.prepare << "SELECT check_name, severity, text, field FROM finding WHERE tenant_id = :t "
                        "AND fn_serial = :f AND fd_number = :n ORDER BY position",
         use(id), use(fn_serial), use(number), into(finding.check), into(finding.severity),
         into(finding.text), into(finding.field));
    findings.execute();
    while (findings.fetch())
        head.digest.findings.push_back(finding);
    return head;
}

bool holds_document(Connection& connection, TenantId tenant, const std::string& fn_serial,
                    std::uint32_t fd_number)
{
    const Int id = tenant.value;
    const Int number = fd_number;
    Int held = 0;
    connection.sql()
        << "SELECT COUNT(*) FROM document WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n",
        use(id), use(fn_serial), use(number), into(held);
    return held != 0;
}

} // namespace kb::cabinet::store

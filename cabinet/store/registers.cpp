#include "cabinet/store/registers.hpp"

#include "cabinet/store/documents.hpp"
#include "cabinet/store/history.hpp"
#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

cabinet_api::Severity severity_of(const std::string& word)
{
    using cabinet_api::Severity;
    for (const Severity each : {Severity::warning, Severity::error, Severity::critical})
        if (to_string(each) == word)
            return each;
    return Severity::info;
}

std::vector<FnHolding> holdings(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    soci::session& sql = connection.sql();
    std::vector<FnHolding> all;
    FnHolding fn;
    Int expected = 0;
    Int full = 0;
    Int shorts = 0;
    Int first = 0;
    Int last = 0;
    soci::statement rows =
        (sql.prepare << "SELECT fn_serial, kkt_serial, expected, full_count, short_count, first_at_s, "
                        "last_at_s FROM fn WHERE tenant_id = :t ORDER BY fn_serial",
         use(id), into(fn.fn_serial), into(fn.kkt_serial), into(expected), into(full), into(shorts),
         into(first), into(last));
    rows.execute();
    while (rows.fetch()) {
        fn.expected = static_cast<std::uint32_t>(expected);
        fn.full = static_cast<std::uint32_t>(full);
        fn.short_records = static_cast<std::uint32_t>(shorts);
        fn.first_at = from_seconds(first);
        fn.last_at = from_seconds(last);
        all.push_back(fn);
    }
    std::string serial;
    Int from = 0;
    Int to = 0;
    soci::statement ranges =
        (sql.prepare << "SELECT fn_serial, from_fd, to_fd FROM fn_range WHERE tenant_id = :t "
                        "ORDER BY fn_serial, from_fd",
         use(id), into(serial), into(from), into(to));
    ranges.execute();
    while (ranges.fetch())
        for (FnHolding& each : all)
            if (each.fn_serial == serial)
                each.held.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
    return all;
}

/// No register tells when its shift was opened; the report of its opening does.
void tell_shift_opened_at(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                          fiscal::DeviceSample& sample)
{
    if (!sample.shift || !sample.shift->open || sample.shift_opened_at)
        return;
    DocumentFilter opening;
    opening.kkt_serial = kkt_serial;
    opening.types = {static_cast<int>(fiscal::DocumentType::shift_open)};
    opening.limit = 1;
    const auto page = list_documents(connection, tenant, opening);
    if (!page.documents.empty() && page.documents.front().digest.shift_number == sample.shift->shift_number)
        sample.shift_opened_at = page.documents.front().document.datetime;
}

} // namespace

void put_sample(Connection& connection, TenantId tenant, const std::string& agent_id,
                const fiscal::DeviceSample& sample, UtcMs now)
{
    const Int id = tenant.value;
    const Int now_ms = to_ms(now);
    const Int taken = to_ms(sample.taken_at);
    const std::string text = cabinet_api::encode(sample);
    soci::session& sql = connection.sql();
    Int newer = 0;
    sql << "SELECT COUNT(*) FROM shop_register WHERE tenant_id = :t AND kkt_serial = :k AND sample_at_ms >= "
           ":at",
        use(id), use(sample.info.kkt_serial), use(taken), into(newer);
    if (newer == 0)
        note_changes(connection, tenant, sample, now);
    sql << "INSERT INTO shop_register(tenant_id, kkt_serial, agent_id, last_seen_ms, sample_at_ms, sample) "
           "VALUES(:t, :k, :a, :n, :at, :s) ON CONFLICT(tenant_id, kkt_serial) DO UPDATE SET "
           "agent_id = excluded.agent_id, last_seen_ms = excluded.last_seen_ms, "
           "sample = CASE WHEN shop_register.sample_at_ms > excluded.sample_at_ms THEN shop_register.sample "
           "ELSE excluded.sample END, "
           "sample_at_ms = CASE WHEN shop_register.sample_at_ms > excluded.sample_at_ms "
           "THEN shop_register.sample_at_ms ELSE excluded.sample_at_ms END",
        use(id), use(sample.info.kkt_serial), use(agent_id), use(now_ms), use(taken), use(text);
    if (!sample.fn || sample.fn->fn_serial.empty())
        return;
    const Int expected = sample.fn->last_fd_number;
    // No document up to that number is younger than this.
    std::optional<Int> expected_at;
    if (const auto at = sample.fn->last_document_at ? sample.fn->last_document_at : sample.device_clock)
        expected_at = to_seconds(*at);
    sql << "INSERT INTO fn(tenant_id, fn_serial, kkt_serial, expected, expected_at_s, full_count, "
           "short_count, "
           "first_at_s, last_at_s) "
           "VALUES(:t, :f, :k, :e, :x, 0, 0, 0, 0) ON CONFLICT(tenant_id, fn_serial) DO UPDATE SET "
           "kkt_serial = excluded.kkt_serial, "
           "expected_at_s = CASE WHEN excluded.expected > fn.expected THEN excluded.expected_at_s "
           "WHEN excluded.expected = fn.expected THEN COALESCE(excluded.expected_at_s, fn.expected_at_s) "
           "ELSE fn.expected_at_s END, "
           "expected = CASE WHEN excluded.expected > fn.expected THEN excluded.expected ELSE fn.expected END",
        use(id), use(sample.fn->fn_serial), use(sample.info.kkt_serial), use(expected), use(expected_at);
}

std::vector<Register> list_registers(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    soci::session& sql = connection.sql();
    std::vector<Register> all;
    Register one;
    Int seen = 0;
    std::optional<std::string> sample;
    std::optional<std::string> hostname;
    soci::statement rows =
        (sql.prepare
             << "SELECT r.kkt_serial, r.agent_id, a.hostname, r.last_seen_ms, r.sample FROM shop_register r "
                "LEFT JOIN agent a ON a.tenant_id = r.tenant_id AND a.agent_id = r.agent_id "
                "WHERE r.tenant_id = :t ORDER BY r.kkt_serial",
         use(id), into(one.kkt_serial), into(one.agent_id), into(hostname), into(seen), into(sample));
    rows.execute();
    while (rows.fetch()) {
        one.agent_hostname = hostname.value_or("");
        one.last_seen = from_ms(seen);
        one.sample.reset();
        if (sample)
            if (auto decoded = cabinet_api::decode_sample(*sample))
                one.sample = *std::move(decoded);
        all.push_back(one);
    }
    for (FnHolding& fn : holdings(connection, tenant))
        for (Register& each : all)
            if (each.kkt_serial == fn.kkt_serial)
                each.fns.push_back(fn);
    for (Register& each : all) {
        DocumentFilter newest;
        newest.kkt_serial = each.kkt_serial;
        newest.limit = 1;
        auto page = list_documents(connection, tenant, newest);
        if (!page.documents.empty())
            each.last_document = std::move(page.documents.front());
        if (each.sample)
            tell_shift_opened_at(connection, tenant, each.kkt_serial, *each.sample);
    }
    return all;
}

std::optional<Register> find_register(Connection& connection, TenantId tenant, const std::string& kkt_serial)
{
    for (Register& each : list_registers(connection, tenant))
        if (each.kkt_serial == kkt_serial)
            return std::move(each);
    return std::nullopt;
}

bool add_event(Connection& connection, TenantId tenant, const std::string& agent_id, const EventRow& event)
{
    const Int id = tenant.value;
    const Int at = to_ms(event.at);
    const Int fd_number = event.fd_number;
    const std::string severity(to_string(event.severity));
    soci::statement add =
        (connection.sql().prepare
             << "INSERT INTO event(tenant_id, agent_id, event_id, at_ms, kkt_serial, kind, severity, "
                "text, data, fn_serial, fd_number) VALUES(:t, :a, :i, :at, :k, :ki, :s, :x, :d, :f, "
                ":n) ON CONFLICT(tenant_id, agent_id, event_id) DO NOTHING",
         use(id), use(agent_id), use(event.id), use(at), use(event.kkt_serial), use(event.kind),
         use(severity), use(event.text), use(event.data_json), use(event.fn_serial), use(fd_number));
    add.execute(true);
    return add.get_affected_rows() != 0;
}

std::vector<EventRow> list_events(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                  std::size_t limit)
{
    const Int id = tenant.value;
    const Int most = static_cast<Int>(limit);
    std::vector<EventRow> all;
    EventRow event;
    Int at = 0;
    Int fd_number = 0;
    std::string severity;
    soci::statement rows =
        (connection.sql().prepare
             << "SELECT event_id, at_ms, kkt_serial, kind, severity, text, data, fn_serial, fd_number "
                "FROM event WHERE tenant_id = :t AND kkt_serial = :k ORDER BY at_ms DESC LIMIT :l",
         use(id), use(kkt_serial), use(most), into(event.id), into(at), into(event.kkt_serial),
         into(event.kind), into(severity), into(event.text), into(event.data_json), into(event.fn_serial),
         into(fd_number));
    rows.execute();
    while (rows.fetch()) {
        event.at = from_ms(at);
        event.severity = severity_of(severity);
        event.fd_number = static_cast<std::uint32_t>(fd_number);
        all.push_back(event);
    }
    return all;
}

} // namespace kb::cabinet::store

#include "cabinet/store/rejected.hpp"

#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

void note_rejected(Connection& connection, TenantId tenant, const Rejection& rejection, UtcMs at)
{
    const Int id = tenant.value;
    const Int fd_number = rejection.fd_number;
    const Int now = to_ms(at);
    const std::string by(to_string(rejection.by));
    connection.sql()
        << "INSERT INTO rejected(tenant_id, fn_serial, fd_number, code, kkt_serial, reason, rejected_by, "
           "first_at_ms, last_at_ms, times) VALUES(:t, :f, :n, :c, :k, :r, :by, :a, :b, 1) "
           "ON CONFLICT(tenant_id, fn_serial, fd_number, code) DO UPDATE SET reason = excluded.reason, "
           "last_at_ms = excluded.last_at_ms, times = rejected.times + 1",
        use(id), use(rejection.fn_serial), use(fd_number), use(rejection.code), use(rejection.kkt_serial),
        use(rejection.reason), use(by), use(now), use(now);
}

void forget_rejected(Connection& connection, TenantId tenant, const std::string& fn_serial,
                     std::uint32_t fd_number)
{
    const Int id = tenant.value;
    const Int number = fd_number;
    connection.sql() << "DELETE FROM rejected WHERE tenant_id = :t AND fn_serial = :f AND fd_number = :n AND "
                        "code <> 'conflict'",
        use(id), use(fn_serial), use(number);
}

bool any_rejected(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    Int any = 0;
    connection.sql() << "SELECT COUNT(*) FROM (SELECT 1 FROM rejected WHERE tenant_id = :t LIMIT 1) AS some",
        use(id), into(any);
    return any != 0;
}

std::vector<RejectedRow> list_rejected(Connection& connection, TenantId tenant)
{
    const Int id = tenant.value;
    std::vector<RejectedRow> all;
    RejectedRow row;
    Int fd_number = 0;
    std::string by;
    Int first = 0;
    Int last = 0;
    Int times = 0;
    soci::statement rows =
        (connection.sql().prepare
             << "SELECT fn_serial, fd_number, kkt_serial, code, reason, rejected_by, first_at_ms, "
                "last_at_ms, "
                "times FROM rejected WHERE tenant_id = :t ORDER BY last_at_ms DESC LIMIT 500",
         use(id), into(row.fn_serial), into(fd_number), into(row.kkt_serial), into(row.code),
         into(row.reason), into(by), into(first), into(last), into(times));
    rows.execute();
    while (rows.fetch()) {
        row.fd_number = static_cast<std::uint32_t>(fd_number);
        row.by = by == to_string(RejectedBy::agent) ? RejectedBy::agent : RejectedBy::cabinet;
        row.first_at = from_ms(first);
        row.last_at = from_ms(last);
        row.times = times;
        all.push_back(row);
    }
    return all;
}

std::string_view to_string(RejectedBy by) { return by == RejectedBy::agent ? "agent" : "cabinet"; }

} // namespace kb::cabinet::store

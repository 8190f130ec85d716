#include "cabinet/store/history.hpp"

#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

/// What the sample says for certain; on the way between two states it says nothing.
Facts facts_of(const fiscal::DeviceSample& sample)
{
    Facts facts;
    if (sample.state == "ready" || sample.state == "busy" || sample.state == "reconciling")
        facts.emplace_back("register", "reached");
    else if (sample.state == "absent" || sample.state == "blocked")
        facts.emplace_back("register", sample.state);
    if (sample.status.paper != fiscal::Paper::unknown)
        facts.emplace_back("paper", cabinet_api::to_string(sample.status.paper));
    if (sample.status.cover != fiscal::Cover::unknown)
        facts.emplace_back("cover", cabinet_api::to_string(sample.status.cover));
    if (sample.sd_card && sample.sd_card->state != fiscal::SdCard::State::unknown)
        facts.emplace_back("sd_card", cabinet_api::to_string(sample.sd_card->state));
    if (sample.fn && !sample.fn->fn_serial.empty())
        facts.emplace_back("fn", sample.fn->fn_serial);
    std::string firmware = sample.info.firmware_version;
    if (sample.info.firmware_build != 0)
        firmware += "." + std::to_string(sample.info.firmware_build);
    if (sample.info.firmware_date)
        firmware += (firmware.empty() ? "" : " ") +
                    to_text(LocalSeconds{std::chrono::local_days{*sample.info.firmware_date}}).substr(0, 10);
    if (!firmware.empty())
        facts.emplace_back("firmware", firmware);
    return facts;
}

/// The value noted last; empty: none.
std::string last_value(soci::session& sql, Int tenant, const std::string& kkt_serial, const std::string& what)
{
    std::string value;
    soci::statement row =
        (sql.prepare
             << "SELECT value FROM status_change WHERE tenant_id = :t AND kkt_serial = :k AND what = :w "
                "ORDER BY at_ms DESC LIMIT 1",
         use(tenant), use(kkt_serial), use(what), into(value));
    return row.execute(true) ? value : std::string();
}

void add_change(soci::session& sql, Int tenant, const std::string& kkt_serial, const StatusChange& change)
{
    const Int at = to_ms(change.at);
    sql << "INSERT INTO status_change(tenant_id, kkt_serial, what, at_ms, value, was) VALUES(:t, :k, :w, :a, "
           ":v, "
           ":o) ON CONFLICT(tenant_id, kkt_serial, what, at_ms) DO UPDATE SET value = excluded.value",
        use(tenant), use(kkt_serial), use(change.what), use(at), use(change.value), use(change.was);
}

/// The last row of each thing stays, however old: it is what the next change is told by.
void forget_old(soci::session& sql, Int tenant, const std::string& kkt_serial, UtcMs now)
{
    Int oldest = to_ms(now - kHistoryKept);
    const Int most = static_cast<Int>(kHistoryMost);
    Int crowded = 0;
    soci::statement beyond =
        (sql.prepare << "SELECT at_ms FROM status_change WHERE tenant_id = :t AND kkt_serial = :k "
                        "ORDER BY at_ms DESC LIMIT 1 OFFSET :m",
         use(tenant), use(kkt_serial), use(most), into(crowded));
    if (beyond.execute(true))
        oldest = std::max(oldest, crowded + 1);
    sql << "DELETE FROM status_change WHERE tenant_id = :t AND kkt_serial = :k AND at_ms < :o AND EXISTS "
           "(SELECT 1 "
           "FROM status_change n WHERE n.tenant_id = status_change.tenant_id AND n.kkt_serial = "
           "status_change.kkt_serial AND n.what = status_change.what AND n.at_ms > status_change.at_ms)",
        use(tenant), use(kkt_serial), use(oldest);
}

} // namespace

void note_changes(Connection& connection, TenantId tenant, const fiscal::DeviceSample& sample, UtcMs now)
{
    soci::session& sql = connection.sql();
    const Int id = tenant.value;
    const std::string& kkt_serial = sample.info.kkt_serial;
    bool any = false;
    for (auto& [what, value] : facts_of(sample)) {
        std::string was = last_value(sql, id, kkt_serial, what);
        if (was == value)
            continue;
        add_change(sql, id, kkt_serial, {sample.taken_at, what, value, std::move(was)});
        any = true;
    }
    if (any)
        forget_old(sql, id, kkt_serial, now);
}

void note_silence(Connection& connection, TenantId tenant, const std::string& agent_id, UtcMs now)
{
    soci::session& sql = connection.sql();
    const Int id = tenant.value;
    std::optional<Int> seen;
    sql << "SELECT last_seen_ms FROM agent WHERE tenant_id = :t AND agent_id = :a", use(id), use(agent_id),
        into(seen);
    if (!seen || from_ms(*seen) >= now)
        return; // the first call ever
    std::vector<std::string> registers;
    std::string kkt_serial;
    soci::statement rows =
        (sql.prepare << "SELECT kkt_serial FROM shop_register WHERE tenant_id = :t AND agent_id = :a",
         use(id), use(agent_id), into(kkt_serial));
    rows.execute();
    while (rows.fetch())
        registers.push_back(kkt_serial);
    for (const std::string& each : registers) {
        add_change(sql, id, each, {from_ms(*seen), "agent", "silent", "heard"});
        add_change(sql, id, each, {now, "agent", "heard", "silent"});
        forget_old(sql, id, each, now);
    }
}

std::vector<StatusChange> list_changes(Connection& connection, TenantId tenant, const std::string& kkt_serial,
                                       std::size_t limit)
{
    const Int id = tenant.value;
    const Int most = static_cast<Int>(limit);
    std::vector<StatusChange> all;
    StatusChange change;
    Int at = 0;
    soci::statement rows =
        (connection.sql().prepare
             << "SELECT at_ms, what, value, was FROM status_change WHERE tenant_id = :t AND "
                "kkt_serial = :k ORDER BY at_ms DESC, what LIMIT :l",
         use(id), use(kkt_serial), use(most), into(at), into(change.what), into(change.value),
         into(change.was));
    rows.execute();
    while (rows.fetch()) {
        change.at = from_ms(at);
        all.push_back(change);
    }
    return all;
}

} // namespace kb::cabinet::store

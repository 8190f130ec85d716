#include "cabinet/store/rollups.hpp"

#include "cabinet/store/sql.hpp"

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

constexpr std::int64_t kHoursPerDay = 24;

std::string bucket_key(Group group, std::int64_t hour, const std::string& kkt_serial)
{
    if (group == Group::shop_register)
        return kkt_serial;
    const std::string time = to_text(LocalSeconds{std::chrono::hours{hour}});
    return time.substr(0, group == Group::day ? 10 : 13);
}

std::int64_t floor_hour(LocalSeconds time)
{
    return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

} // namespace

std::optional<Contribution> contribution_of(fiscal::DocumentType type, LocalSeconds datetime,
                                            const Digest& digest)
{
    using fiscal::DocumentType;
    const bool receipt = type == DocumentType::receipt || type == DocumentType::bso;
    const bool correction = type == DocumentType::receipt_correction || type == DocumentType::bso_correction;
    if ((!receipt && !correction) || !digest.operation || *digest.operation < 1 || *digest.operation > 4)
        return std::nullopt;
    Contribution contribution;
    contribution.hour = floor_hour(datetime);
    contribution.correction = correction;
    contribution.operation = *digest.operation;
    contribution.total = digest.total.value_or(0);
    contribution.payments = digest.payments;
    contribution.vat = digest.vat;
    return contribution;
}

void RollupChanges::apply(const std::string& kkt_serial, const Contribution& contribution, int sign)
{
    const Key key{contribution.hour, kkt_serial, contribution.correction, contribution.operation};
    Row& row = rows_[key];
    row.receipts += sign;
    row.total += sign * contribution.total;
    if (contribution.payments)
        for (std::size_t kind = 0; kind < kPaymentKinds; ++kind)
            row.payments[kind] += sign * (*contribution.payments)[kind];
    else
        row.unknown += sign * contribution.total;
    for (const auto& [code, sum] : contribution.vat)
        vat_[{key, code}] += sign * sum;
}

void RollupChanges::write(Connection& connection, TenantId tenant) const
{
    soci::session& sql = connection.sql();
    Int id = tenant.value;
    Int hour = 0;
    std::string kkt_serial;
    Int correction = 0;
    Int operation = 0;
    Int receipts = 0;
    Int total = 0;
    Int cash = 0;
    Int electronic = 0;
    Int advance = 0;
    Int credit = 0;
    Int counter = 0;
    Int unknown = 0;
    const auto take_key = [&](const Key& key) {
        hour = std::get<0>(key);
        kkt_serial = std::get<1>(key);
        correction = std::get<2>(key) ? 1 : 0;
        operation = std::get<3>(key);
    };
    if (!rows_.empty()) {
        soci::statement add =
            (sql.prepare
                 << "INSERT INTO rollup_hour(tenant_id, hour, kkt_serial, correction, operation, receipts, "
                    "total, "
                    "cash, electronic, advance, credit, counter, unknown) "
                    "VALUES(:t, :h, :k, :c, :o, :r, :s, :p1, :p2, :p3, :p4, :p5, :u) "
                    "ON CONFLICT(tenant_id, hour, kkt_serial, correction, operation) DO UPDATE SET "
                    "receipts = rollup_hour.receipts + excluded.receipts, "
                    "total = rollup_hour.total + excluded.total, cash = rollup_hour.cash + excluded.cash, "
                    "electronic = rollup_hour.electronic + excluded.electronic, "
                    "advance = rollup_hour.advance + excluded.advance, "
                    "credit = rollup_hour.credit + excluded.credit, "
                    "counter = rollup_hour.counter + excluded.counter, "
                    "unknown = rollup_hour.unknown + excluded.unknown",
             use(id), use(hour), use(kkt_serial), use(correction), use(operation), use(receipts), use(total),
             use(cash), use(electronic), use(advance), use(credit), use(counter), use(unknown));
        for (const auto& [key, row] : rows_) {
            take_key(key);
            receipts = row.receipts;
            total = row.total;
            cash = row.payments[kCash];
            electronic = row.payments[kElectronic];
            advance = row.payments[kAdvance];
            credit = row.payments[kCredit];
            counter = row.payments[kCounter];
            unknown = row.unknown;
            add.execute(true);
        }
    }
    if (!vat_.empty()) {
        Int code = 0;
        Int sum = 0;
        soci::statement add =
            (sql.prepare << "INSERT INTO rollup_vat(tenant_id, hour, kkt_serial, correction, operation, "
                            "vat_code, sum) "
                            "VALUES(:t, :h, :k, :c, :o, :v, :s) "
                            "ON CONFLICT(tenant_id, hour, kkt_serial, correction, operation, vat_code) "
                            "DO UPDATE SET sum = rollup_vat.sum + excluded.sum",
             use(id), use(hour), use(kkt_serial), use(correction), use(operation), use(code), use(sum));
        for (const auto& [key, value] : vat_) {
            take_key(key.first);
            code = key.second;
            sum = value;
            add.execute(true);
        }
    }
}

std::vector<std::pair<std::string, Sums>> totals(Connection& connection, TenantId tenant,
                                                 const TotalsFilter& filter)
{
    soci::session& sql = connection.sql();
    const Int id = tenant.value;
    const Int from = floor_hour(filter.from);
    const Int to = floor_hour(filter.to);
    const std::string serial = filter.kkt_serial.value_or("");
    // Grouped in SQL as far as its integer arithmetic goes on both databases: 1970-01-01 is hour 0 of day 0.
    const std::string unit = filter.group == Group::day    ? "hour / " + std::to_string(kHoursPerDay)
                             : filter.group == Group::hour ? std::string("hour")
                                                           : std::string("0");
    const std::string who = filter.group == Group::shop_register ? "kkt_serial" : "''";
    const std::string where = " WHERE tenant_id = :t AND hour >= :f AND hour <= :e" +
                              std::string(filter.kkt_serial ? " AND kkt_serial = :k" : "") +
                              " GROUP BY 1, 2, correction, operation";
    const auto hour_of = [&](Int bucket) {
        return filter.group == Group::day ? bucket * kHoursPerDay : bucket;
    };

    std::map<std::string, Sums> buckets;
    Int bucket = 0;
    std::string register_key;
    Int correction = 0;
    Int operation = 0;
    Int receipts = 0;
    Int total = 0;
    Int cash = 0;
    Int electronic = 0;
    Int advance = 0;
    Int credit = 0;
    Int counter = 0;
    Int unknown = 0;
    soci::statement rows(sql);
    rows.exchange(use(id, "t"));
    rows.exchange(use(from, "f"));
    rows.exchange(use(to, "e"));
    if (filter.kkt_serial)
        rows.exchange(use(serial, "k"));
    rows.exchange(into(bucket));
    rows.exchange(into(register_key));
    for (Int* column : {&correction, &operation, &receipts, &total, &cash, &electronic, &advance, &credit,
                        &counter, &unknown})
        rows.exchange(into(*column));
    rows.alloc();
    rows.prepare(
        "SELECT " + unit + ", " + who +
        ", correction, operation, SUM(receipts), SUM(total), SUM(cash), SUM(electronic), SUM(advance), "
        "SUM(credit), SUM(counter), SUM(unknown) FROM rollup_hour" +
        where);
    rows.define_and_bind();
    rows.execute();
    while (rows.fetch()) {
        if (operation < 1 || operation > 4)
            continue;
        Sums& sums = buckets[bucket_key(filter.group, hour_of(bucket), register_key)];
        const auto at = static_cast<std::size_t>(operation - 1);
        (correction != 0 ? sums.correction_receipts : sums.receipts)[at] += receipts;
        (correction != 0 ? sums.correction_totals : sums.totals)[at] += total;
        if (correction != 0 || operation > 2)
            continue;
        const std::int64_t sign = operation == 1 ? 1 : -1;
        const Payments payments{cash, electronic, advance, credit, counter};
        for (std::size_t kind = 0; kind < kPaymentKinds; ++kind)
            sums.payments[kind] += sign * payments[kind];
        sums.unknown_payments += sign * unknown;
    }

    Int code = 0;
    Int sum = 0;
    soci::statement vat(sql);
    vat.exchange(use(id, "t"));
    vat.exchange(use(from, "f"));
    vat.exchange(use(to, "e"));
    if (filter.kkt_serial)
        vat.exchange(use(serial, "k"));
    vat.exchange(into(bucket));
    vat.exchange(into(register_key));
    for (Int* column : {&correction, &operation, &code, &sum})
        vat.exchange(into(*column));
    vat.alloc();
    vat.prepare("SELECT " + unit + ", " + who +
                ", correction, operation, vat_code, SUM(sum) FROM rollup_vat" + where + ", vat_code");
    vat.define_and_bind();
    vat.execute();
    while (vat.fetch())
        if (correction == 0 && (operation == 1 || operation == 2))
            buckets[bucket_key(filter.group, hour_of(bucket), register_key)].vat[static_cast<int>(code)] +=
                operation == 1 ? sum : -sum;
    return {buckets.begin(), buckets.end()};
}

} // namespace kb::cabinet::store

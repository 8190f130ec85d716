#include "cabinet/store/completeness.hpp"

#include "cabinet/store/sql.hpp"

#include <algorithm>

namespace kb::cabinet::store {

using soci::into;
using soci::use;

namespace {

constexpr std::uint8_t kPhaseClosed = 7; ///< and 15: archive read-out

/// One FN of a register, with its gapless ranges.
struct Drive {
    std::string fn_serial;
    std::string kkt_serial;
    Int expected = 0;
    std::optional<LocalSeconds> expected_at;
    std::vector<HeldRange> held;
};

std::vector<RegisterCompleteness> registers(soci::session& sql, TenantId tenant,
                                            const std::optional<std::string>& kkt_serial)
{
    const Int id = tenant.value;
    const std::string wanted = kkt_serial.value_or("");
    std::vector<RegisterCompleteness> all;
    RegisterCompleteness one;
    std::optional<std::string> sample;
    soci::statement rows =
        (sql.prepare << "SELECT kkt_serial, agent_id, sample FROM shop_register WHERE tenant_id = :t AND "
                        "(:k = '' OR kkt_serial = :l) ORDER BY kkt_serial",
         use(id), use(wanted), use(wanted), into(one.kkt_serial), into(one.agent_id), into(sample));
    rows.execute();
    while (rows.fetch()) {
        RegisterCompleteness each = one;
        if (sample)
            if (const auto decoded = cabinet_api::decode_sample(*sample)) {
                each.model = decoded->info.model;
                each.state = decoded->state;
                each.known_through = decoded->device_clock;
                each.sells_no_more = decoded->fn && decoded->fn->phase >= kPhaseClosed;
            }
        all.push_back(std::move(each));
    }
    return all;
}

/// `own` is the one register asked for, empty for all.
std::vector<Drive> drives(soci::session& sql, TenantId tenant, const std::string& own)
{
    const Int id = tenant.value;
    std::vector<Drive> all;
    Drive drive;
    std::optional<Int> expected_at;
    soci::statement rows =
        (sql.prepare
             << "SELECT fn_serial, kkt_serial, expected, expected_at_s FROM fn WHERE tenant_id = :t AND "
                "(:k = '' OR kkt_serial = :l) ORDER BY fn_serial",
         use(id), use(own), use(own), into(drive.fn_serial), into(drive.kkt_serial), into(drive.expected),
         into(expected_at));
    rows.execute();
    while (rows.fetch()) {
        drive.expected_at.reset();
        if (expected_at)
            drive.expected_at = from_seconds(*expected_at);
        all.push_back(drive);
    }
    std::string fn_serial;
    Int from = 0;
    Int to = 0;
    Int first = 0;
    Int last = 0;
    soci::statement ranges =
        (sql.prepare << "SELECT from_fd, to_fd, first_at_s, last_at_s FROM fn_range WHERE "
                        "tenant_id = :t AND fn_serial = :f ORDER BY from_fd",
         use(id), use(fn_serial), into(from), into(to), into(first), into(last));
    for (Drive& each : all) {
        fn_serial = each.fn_serial;
        ranges.execute();
        while (ranges.fetch())
            each.held.push_back({{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)},
                                 from_seconds(first),
                                 from_seconds(last)});
    }
    return all;
}

std::vector<Gap> gaps_of(const Drive& drive)
{
    std::vector<Gap> gaps;
    std::uint64_t next = 1;
    std::optional<LocalSeconds> before;
    for (const HeldRange& range : drive.held) {
        if (range.numbers.from > next)
            gaps.push_back(
                {{static_cast<std::uint32_t>(next), range.numbers.from - 1}, before, range.first_at});
        next = std::uint64_t{range.numbers.to} + 1;
        before = range.last_at;
    }
    if (next <= static_cast<std::uint64_t>(drive.expected))
        gaps.push_back({{static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(drive.expected)},
                        before,
                        drive.expected_at});
    return gaps;
}

void add_drive(const Drive& drive, const Period& period, std::size_t most_gaps, RegisterCompleteness& to)
{
    if (!drive.held.empty()) // whoever gave a document was there when it was made
        to.known_through =
            std::max(to.known_through.value_or(drive.held.back().last_at), drive.held.back().last_at);
    for (Gap& gap : gaps_of(drive)) {
        const Belongs verdict = belongs(gap, period);
        if (verdict == Belongs::no)
            continue;
        const std::uint64_t count = std::uint64_t{gap.numbers.to} - gap.numbers.from + 1;
        to.missing += verdict == Belongs::yes ? count : 0;
        to.missing_at_most += count;
        if (to.gaps.size() < most_gaps)
            to.gaps.push_back({drive.fn_serial, gap, verdict});
    }
}

} // namespace

Belongs belongs(const Gap& gap, const Period& period)
{
    using std::chrono::floor;
    using std::chrono::minutes;
    const auto minute = [](LocalSeconds time) { return floor<minutes>(time); };
    auto begin = gap.not_before;
    auto end = gap.not_after;
    if (begin && end && *end < *begin)
        std::swap(begin, end); // the register's clock was put back
    if ((end && minute(*end) < minute(period.from)) || (begin && minute(*begin) > minute(period.to)))
        return Belongs::no;
    const bool begins_inside = begin && minute(*begin) >= minute(period.from);
    const bool ends_inside = end && minute(*end) <= minute(period.to);
    return begins_inside && ends_inside ? Belongs::yes : Belongs::maybe;
}

std::vector<RegisterCompleteness> completeness(Connection& connection, TenantId tenant, const Period& period,
                                               const std::optional<std::string>& kkt_serial,
                                               std::size_t most_gaps)
{
    auto all = registers(connection.sql(), tenant, kkt_serial);
    for (const Drive& drive : drives(connection.sql(), tenant, kkt_serial.value_or("")))
        for (RegisterCompleteness& each : all)
            if (each.kkt_serial == drive.kkt_serial)
                add_drive(drive, period, most_gaps, each);
    return all;
}

} // namespace kb::cabinet::store

// Sums of a period, and whether they are whole: what is missing of that very period.
#include "cabinet/api/context.hpp"
#include "cabinet/api/view_parts.hpp"
#include "cabinet/store/completeness.hpp"
#include "cabinet/store/rollups.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "protocol/core/json_reader.hpp"

namespace kb::cabinet::api {

using http::bad_parameter;
using http::problem;
using http::Request;
using http::Response;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxGaps = 200; // told of each register; their number counts all
constexpr auto kLongestPeriod = std::chrono::days(5 * 366);
constexpr auto kLongestHourPeriod = std::chrono::days(31);

const char* rate_name(int code)
{
    constexpr std::array kNames{"",   "20%", "10%",   "20/120", "10/110", "0%",    "без НДС",
                                "5%", "7%",  "5/105", "7/107",  "22%",    "22/122"};
    return code > 0 && code < static_cast<int>(kNames.size()) ? kNames.at(static_cast<std::size_t>(code))
                                                              : "?";
}

json sums_view(const store::Sums& sums)
{
    json payments = payments_view(sums.payments);
    payments["unknown"] = sums.unknown_payments;
    json vat = json::array();
    for (const auto& [code, sum] : sums.vat)
        vat.push_back({{"code", code}, {"rate", rate_name(code)}, {"sum", sum}});
    std::int64_t correction_receipts = 0;
    for (const auto count : sums.correction_receipts)
        correction_receipts += count;
    return {{"revenue", sums.totals[0] - sums.totals[1]},
            {"sales", sums.totals[0]},
            {"returns", sums.totals[1]},
            {"receipts", sums.receipts[0]},
            {"return_receipts", sums.receipts[1]},
            {"purchases", sums.totals[2]},
            {"purchase_returns", sums.totals[3]},
            {"correction_receipts", correction_receipts},
            {"corrections", sums.correction_totals[0] - sums.correction_totals[1]},
            {"payments", std::move(payments)},
            {"vat", std::move(vat)}};
}

void add_sums(store::Sums& to, const store::Sums& more)
{
    for (std::size_t i = 0; i < 4; ++i) {
        to.receipts[i] += more.receipts[i];
        to.totals[i] += more.totals[i];
        to.correction_receipts[i] += more.correction_receipts[i];
        to.correction_totals[i] += more.correction_totals[i];
    }
    for (std::size_t kind = 0; kind < store::kPaymentKinds; ++kind)
        to.payments[kind] += more.payments[kind];
    to.unknown_payments += more.unknown_payments;
    for (const auto& [code, sum] : more.vat)
        to.vat[code] += sum;
}

/// Whether new documents of this register would be here by now.
bool is_heard(Context& context, const store::RegisterCompleteness& each)
{
    return each.sells_no_more ||
           (agent_online(context, each.agent_id) && !each.state.empty() && each.state != "absent");
}

json completeness_view(const store::RegisterCompleteness& each, LocalSeconds to, bool heard)
{
    const bool silent = !heard && (!each.known_through || *each.known_through < to);
    json ranges = json::array();
    for (const auto& gap : each.gaps)
        ranges.push_back({{"fn_serial", gap.fn_serial},
                          {"from", gap.gap.numbers.from},
                          {"to", gap.gap.numbers.to},
                          {"not_before", or_null(gap.gap.not_before)},
                          {"not_after", or_null(gap.gap.not_after)},
                          {"certain", gap.belongs == store::Belongs::yes}});
    return {{"kkt_serial", each.kkt_serial},
            {"model", each.model},
            {"missing", each.missing},
            {"missing_at_most", each.missing_at_most},
            {"silent", silent},
            {"silent_since", silent ? or_null(each.known_through) : json(nullptr)},
            {"complete", each.missing_at_most == 0 && !silent},
            {"missing_ranges", std::move(ranges)}};
}

Response totals(Context& context, const store::Session& session, const Request& request)
{
    http::Query query(request.query);
    store::TotalsFilter filter;
    const auto from = query.local_time("from", false);
    const auto to = query.local_time("to", true);
    filter.kkt_serial = query.text("register", 64);
    const std::string group = query.text("group", 20).value_or("day");
    if (group == "hour")
        filter.group = store::Group::hour;
    else if (group == "register")
        filter.group = store::Group::shop_register;
    else if (group != "day")
        query.complain("group", "not one of: day, hour, register");
    if (query.fault())
        return problem(*query.fault());
    if (!from || !to)
        return bad_parameter(from ? "to" : "from", "missing", "Укажите дату, например 2024-03-01");
    if (*to < *from || *to - *from > kLongestPeriod)
        return bad_parameter("to", "before `from` or more than 5 years after it");
    if (filter.group == store::Group::hour && *to - *from > kLongestHourPeriod)
        return bad_parameter("to", "by hour: at most 31 days");
    filter.from = *from;
    filter.to = *to;
    std::vector<std::pair<std::string, store::Sums>> buckets;
    std::vector<store::RegisterCompleteness> registers;
    const auto read = context.readers.run([&](store::Connection& db) {
        buckets = store::totals(db, session.tenant, filter);
        registers = store::completeness(db, session.tenant, {*from, *to}, filter.kkt_serial, kMaxGaps);
    });
    if (!read)
        return problem(read.error());
    store::Sums total;
    json rows = json::array();
    for (const auto& [key, sums] : buckets) {
        add_sums(total, sums);
        json row = sums_view(sums);
        row["key"] = key;
        rows.push_back(std::move(row));
    }
    json completeness = json::array();
    for (const auto& each : registers)
        completeness.push_back(completeness_view(each, *to, is_heard(context, each)));
    return http::json_response(dump_json({{"from", to_text(*from).substr(0, 10)},
                                          {"to", to_text(*to).substr(0, 10)},
                                          {"group", group},
                                          {"total", sums_view(total)},
                                          {"buckets", std::move(rows)},
                                          {"completeness", std::move(completeness)}}));
}

} // namespace

void add_totals_routes(http::Router& router, Context& context)
{
    add_web_route(router, context, "GET", "/api/v1/totals",
                  [&context](const auto& session, const auto& request, const auto&) {
                      return totals(context, session, request);
                  });
}

} // namespace kb::cabinet::api

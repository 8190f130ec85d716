// The levels behind alarms.hpp.
#include "agent/alarms.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace kb::agent {
namespace {

// A register stops selling when a document waits for its OFD for 30 days.
constexpr std::array kOfdDays{1, 3, 10, 25};
constexpr std::array kFnDays{25, 10, 3, 1};
constexpr std::int64_t kDriftAlarm_s = 300; // the OFD and the law tolerate five minutes
constexpr std::int64_t kDriftCalm_s = 240;  // below the alarm, so that the edge does not repeat it
constexpr int kErrorLevel = 3;              // the two last steps are errors

std::string unsent_text(std::int64_t days, std::uint32_t documents)
{
    return "ОФД не подтверждает документы уже " + std::to_string(days) +
           " дн. (ждут: " + std::to_string(documents) +
           "); через 30 дней касса перестанет продавать: проверьте её сеть и договор с ОФД";
}

} // namespace

void Alarms::restore(const std::string& memory)
{
    int drifts = 0;
    int over = 0;
    int ofd = 0;
    int fn = 0;
    // NOLINTNEXTLINE(cert-err34-c): out-of-range levels are caught below
    if (std::sscanf(memory.c_str(), "%d %d %d %d", &ofd, &fn, &drifts, &over) == 4 && ofd >= 0 && ofd <= 4 &&
        fn >= 0 && fn <= 4) {
        ofd_level_ = ofd;
        fn_level_ = fn;
        drifts_ = drifts == 1;
        over_24h_ = over == 1;
    }
}

std::string Alarms::memory() const
{
    return std::to_string(ofd_level_) + " " + std::to_string(fn_level_) + " " + (drifts_ ? "1" : "0") + " " +
           (over_24h_ ? "1" : "0");
}

std::vector<Alarm> Alarms::check(const fiscal::DeviceSample& sample, LocalSeconds today)
{
    std::vector<Alarm> out;
    check_ofd(sample, today, out);
    check_fn(sample, today, out);
    check_drift(sample, out);
    check_shift(sample, out);
    return out;
}

void Alarms::check_ofd(const fiscal::DeviceSample& sample, LocalSeconds today, std::vector<Alarm>& out)
{
    if (!sample.ofd) {
        return;
    }
    std::int64_t days = 0;
    if (sample.ofd->unsent_documents > 0 && sample.ofd->first_unsent_at) {
        days = std::chrono::floor<std::chrono::days>(today - *sample.ofd->first_unsent_at).count();
    }
    int level = 0;
    for (const int step : kOfdDays) {
        level += days >= step ? 1 : 0;
    }
    if (level > ofd_level_) {
        out.push_back(
            {"ofd_unsent",
             level >= kErrorLevel,
             unsent_text(days, sample.ofd->unsent_documents),
             {{"days", std::to_string(days)}, {"documents", std::to_string(sample.ofd->unsent_documents)}}});
    } else if (level == 0 && ofd_level_ > 0) {
        out.push_back({"ofd_recovered", false, "ОФД снова подтверждает документы", {}});
    }
    ofd_level_ = level;
}

void Alarms::check_fn(const fiscal::DeviceSample& sample, LocalSeconds today, std::vector<Alarm>& out)
{
    if (!sample.fn || !sample.fn->expires_on) {
        return;
    }
    const std::int64_t days =
        (std::chrono::local_days(*sample.fn->expires_on) - std::chrono::floor<std::chrono::days>(today))
            .count();
    int level = 0;
    for (const int step : kFnDays) {
        level += days <= step ? 1 : 0;
    }
    if (level > fn_level_) {
        const std::string text =
            days >= 0 ? "срок действия ФН истекает через " + std::to_string(days) + " дн.: закажите новый"
                      : "срок действия ФН истёк: замените его до следующей продажи";
        out.push_back({"fn_expires",
                       level >= kErrorLevel,
                       text,
                       {{"days", std::to_string(days)}, {"fn_serial", sample.fn->fn_serial}}});
    }
    fn_level_ = level;
}

void Alarms::check_drift(const fiscal::DeviceSample& sample, std::vector<Alarm>& out)
{
    if (!sample.clock_drift_s) {
        return;
    }
    const std::int64_t drift = std::abs(*sample.clock_drift_s);
    const std::string seconds = std::to_string(*sample.clock_drift_s);
    if (!drifts_ && drift >= kDriftAlarm_s) {
        drifts_ = true;
        out.push_back({"clock_drift",
                       false,
                       "часы кассы расходятся с часами компьютера на " + seconds +
                           " с: установите их при закрытой смене",
                       {{"drift_s", seconds}}});
    } else if (drifts_ && drift < kDriftCalm_s) {
        drifts_ = false;
        out.push_back({"clock_right", false, "часы кассы снова верны", {{"drift_s", seconds}}});
    }
}

void Alarms::check_shift(const fiscal::DeviceSample& sample, std::vector<Alarm>& out)
{
    if (!sample.shift) {
        return;
    }
    const bool over = sample.shift->open && sample.shift->over_24h;
    if (over && !over_24h_) {
        out.push_back({"shift_over_24h",
                       true,
                       "смена открыта более 24 часов: касса не продаёт, пока смену не закроют",
                       {{"shift_number", std::to_string(sample.shift->shift_number)}}});
    }
    over_24h_ = over;
}

} // namespace kb::agent

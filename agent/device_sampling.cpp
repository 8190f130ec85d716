// What is told about a register besides its documents: samples, alarms, events.
#include "agent/device.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "protocol/cabinet/messages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookSoon = 3s; // after something happened: not in the middle of a queue of customers
constexpr auto kLookSeldom = 60s;
constexpr auto kBetweenSamples = 2s;
constexpr std::int64_t kDriftNoise_s = 5;

/// The sample without what changes by itself: two samples that tell people the same are one.
std::string essence(fiscal::DeviceSample sample)
{
    sample.taken_at = {};
    sample.device_clock.reset();
    if (sample.unread_documents) {
        sample.unread_documents =
            std::min<std::uint64_t>(*sample.unread_documents, 1); // a backlog only shrinks
    }
    if (sample.clock_drift_s) {
        sample.clock_drift_s = *sample.clock_drift_s / kDriftNoise_s;
    }
    return cabinet_api::encode(sample);
}

/// Not every model can tell everything, and none tells all of it in the middle of a sale.
template <class T>
bool may_be_missing(const Result<T>& answer)
{
    const Errc code = answer.error().code;
    return has_to_wait(code) || code == Errc::unsupported || code == Errc::no_data ||
           code == Errc::device_refused || code == Errc::bad_value || code == Errc::bad_length;
}

} // namespace

Task<void> Device::sample_rarely()
{
    const auto now = Steady::now();
    if (looked_at_ && now - *looked_at_ < (look_soon_ ? std::chrono::seconds(kLookSoon)
                                                      : std::chrono::seconds(kLookSeldom))) {
        co_return Result<void>{};
    }
    looked_at_ = now;
    look_soon_ = false;
    auto shift = co_await asked(driver_->shift_state());
    if (shift) {
        sample_.shift = *shift;
        polling_.on_shift(shift->open);
    } else if (!may_be_missing(shift)) {
        co_return pass(shift);
    }
    auto ofd = co_await asked(driver_->ofd_status());
    if (ofd) {
        sample_.ofd = *std::move(ofd);
        services_.metrics.ofd_unsent(label_, sample_.ofd->unsent_documents);
    } else if (!may_be_missing(ofd)) {
        co_return pass(ofd);
    }
    const auto clock = co_await asked(driver_->clock());
    if (clock) {
        sample_.device_clock = *clock;
        sample_.clock_drift_s = (*clock - services_.clock.local_now()).count();
        services_.metrics.clock_drift(label_, static_cast<double>(*sample_.clock_drift_s));
    } else if (!may_be_missing(clock)) {
        co_return pass(clock);
    }
    if (!looked_deep_at_ || now - *looked_deep_at_ >= config_.sample_every) {
        looked_deep_at_ = now;
        const Capabilities can = driver_->capabilities();
        if (can.sd_card) {
            const auto card = co_await asked(driver_->sd_card());
            if (card) {
                sample_.sd_card = *card;
            } else if (!may_be_missing(card)) {
                co_return pass(card);
            }
        }
        if (can.cash_in_drawer) {
            const auto cash = co_await asked(driver_->cash_in_drawer());
            if (cash) {
                sample_.cash_in_drawer = *cash;
            } else if (!may_be_missing(cash)) {
                co_return pass(cash);
            }
        }
    }
    check_alarms();
    co_return Result<void>{};
}

void Device::sample_now()
{
    const auto now = Steady::now();
    sample_.taken_at = services_.clock.now();
    sample_.cabinet_commands.clear();
    for (const cabinet_api::CommandKind kind : config_.cabinet_commands) {
        sample_.cabinet_commands.emplace_back(cabinet_api::to_string(kind));
    }
    std::string told = essence(sample_);
    const bool first = !sampled_at_;
    const bool changed = told != sampled_ && (first || now - *sampled_at_ >= kBetweenSamples);
    if (!changed && !first && now - *sampled_at_ < config_.sample_every) {
        return;
    }
    sampled_ = std::move(told);
    sampled_at_ = now;
    storage::SampleRow row;
    row.taken_at = sample_.taken_at;
    row.kkt_serial = identity();
    row.body = cabinet_api::encode(sample_);
    auto work = [row = std::move(row)](storage::Journal& journal) {
        return journal.telemetry().add_sample(row);
    };
    auto done = [self = shared_from_this()](const Result<std::int64_t>& added) {
        if (added) {
            asio::post(self->strand_, [self] { self->services_.on_telemetry(); });
        }
    };
    services_.journal.submit(std::move(work), std::move(done));
}

void Device::event(std::string_view kind, storage::Severity severity, std::string text, const EventData& data)
{
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [name, value] : data) {
        json[name] = value;
    }
    storage::EventRow row;
    row.at = services_.clock.now();
    row.kkt_serial = sample_.info.kkt_serial;
    row.kind = kind;
    row.severity = severity;
    row.text = std::move(text);
    // Whatever a device puts into its texts, an event stays JSON.
    row.data = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    auto work = [row = std::move(row)](storage::Journal& journal) {
        return journal.telemetry().add_event(row);
    };
    auto done = [self = shared_from_this()](const Result<storage::EventRow>& added) {
        if (!added) {
            log::error("journal: an event was not written",
                       {{"device", self->label_}, {"error", added.error().message()}});
            return;
        }
        asio::post(self->strand_, [self] { self->services_.on_telemetry(); });
    };
    services_.journal.submit(std::move(work), std::move(done));
}

std::string Device::identity() const
{
    if (!sample_.info.kkt_serial.empty()) {
        return sample_.info.kkt_serial;
    }
    // With a colon as in a port: no number has one. Several sections may look anywhere.
    return config_.port == kAnyPort ? config_.port + ":" + label_ : config_.port;
}

asio::awaitable<void> Device::restore_alarms()
{
    auto work = [key = "alarms." + identity()](storage::Journal& journal) {
        return journal.settings().get(key);
    };
    const auto memory = co_await in_journal(services_.journal, std::move(work));
    alarms_ = {};
    if (memory && *memory) {
        alarms_.restore(**memory);
    }
    alarms_told_ = alarms_.memory();
}

void Device::check_alarms()
{
    for (const Alarm& alarm : alarms_.check(sample_, services_.clock.local_now())) {
        log::warning("device: alarm", {{"device", label_}, {"kind", alarm.kind}, {"text", alarm.text}});
        event(alarm.kind, alarm.error ? storage::Severity::error : storage::Severity::warning, alarm.text,
              alarm.data);
    }
    std::string memory = alarms_.memory();
    if (memory == alarms_told_) {
        return;
    }
    alarms_told_ = memory;
    auto work = [key = "alarms." + identity(), memory](storage::Journal& journal) {
        return journal.settings().set(key, memory);
    };
    auto done = [label = label_](const Result<void>& stored) {
        if (!stored) {
            log::error("journal: alarms were not stored",
                       {{"device", label}, {"error", stored.error().message()}});
        }
    };
    services_.journal.submit(std::move(work), std::move(done));
}

} // namespace kb::agent

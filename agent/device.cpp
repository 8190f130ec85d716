// Life and polling of a register.
#include "agent/device.hpp"

#include "agent/log.hpp"
#include "agent/metrics.hpp"

#include <algorithm>
#include <functional>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

// A line that fails once may have been disturbed; one that fails so often in a row is lost.
constexpr int kFailuresInARow = 3;

constexpr Backoff::Limits kReconnect{500ms, 15'000ms, 200ms};

/// The port is gone, or never was there: nothing to ask any more.
bool port_is_gone(Errc code)
{
    return code == Errc::port_lost || code == Errc::port_not_found || code == Errc::port_denied ||
           code == Errc::port_busy;
}

DeviceState state_of(fiscal::DeviceStatus::Mode mode)
{
    using Mode = fiscal::DeviceStatus::Mode;
    switch (mode) {
    case Mode::blocked:
        return DeviceState::blocked;
    case Mode::receipt_open:
    case Mode::printing:
    case Mode::data_output:
        return DeviceState::busy;
    case Mode::unknown:
    case Mode::shift_closed:
    case Mode::shift_open:
    case Mode::shift_expired:
        break;
    }
    return DeviceState::ready;
}

} // namespace

std::string_view to_string(DeviceState state)
{
    switch (state) {
    case DeviceState::absent:
        return "absent";
    case DeviceState::connecting:
        return "connecting";
    case DeviceState::identifying:
        return "identifying";
    case DeviceState::reconciling:
        return "reconciling";
    case DeviceState::ready:
        return "ready";
    case DeviceState::busy:
        return "busy";
    case DeviceState::blocked:
        return "blocked";
    }
    return "absent";
}

Device::Device(asio::any_io_executor strand, DeviceConfig config, Connect connect, DeviceServices services)
    : strand_(std::move(strand)),
      config_(std::move(config)),
      connect_(std::move(connect)),
      services_(std::move(services)),
      label_(config_.name.empty() ? config_.port : config_.name),
      port_(config_.port),
      wake_(strand_),
      backoff_(kReconnect, std::hash<std::string>{}(config_.port)),
      polling_({config_.poll_busy, config_.poll_quiet}, Steady::now()),
      plan_(ReadingPlan::Rules{}),
      append_done_(strand_)
{
    sample_.state = to_string(state_);
}

void Device::start()
{
    asio::co_spawn(
        strand_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->run(); },
        asio::detached);
}

void Device::stop()
{
    stopping_ = true;
    wake_.raise();
    append_done_.raise();
    if (driver_) {
        driver_->cancel();
    }
}

void Device::look_now()
{
    backoff_.hurry();
    wake_.raise();
}

std::optional<std::uint64_t> Device::behind() const
{
    return compared_fn_.empty() ? std::nullopt : std::optional(plan_.behind());
}

asio::awaitable<void> Device::run()
{
    while (!stopping_) {
        try {
            co_await live();
        } catch (const std::exception& error) {
            log::error("device: its life broke off", {{"device", label_}, {"error", error.what()}});
            lose(Error{Errc::protocol_violation, Outcome::unknown, error.what(), std::nullopt});
        }
        if (!stopping_) {
            services_.metrics.reconnected(label_);
            co_await wake_.wait(backoff_.next());
        }
    }
    co_await appended();
    if (driver_) {
        // A reading broken off leaves the register in the middle of a document; any question ends it first.
        [[maybe_unused]] const auto ready = co_await driver_->status();
        driver_->close();
        driver_.reset();
    }
    ended_ = true;
}

asio::awaitable<void> Device::live()
{
    if (backoff_.failures() == 0) {
        move_to(DeviceState::connecting); // while it is tried again and again, it stays absent
    }
    auto reached = co_await connect_();
    if (!reached) {
        lose(reached.error());
        co_return;
    }
    driver_ = std::move(reached->driver);
    port_ = reached->port;
    warning_ = reached->warning;
    if (stopping_) {
        co_return;
    }
    move_to(DeviceState::identifying);
    if (!reached->info) {
        auto info = co_await driver_->identify();
        if (!info) {
            lose(info.error());
            co_return;
        }
        reached->info = *std::move(info);
    }
    note_identity(*std::move(reached->info), reached->instead_of);
    co_await restore_alarms();
    move_to(DeviceState::reconciling);
    co_await serve();
}

asio::awaitable<void> Device::serve()
{
    int failures = 0;
    compared_fn_.clear();
    looked_at_.reset();
    looked_deep_at_.reset();
    while (!stopping_) {
        const auto polled = co_await poll();
        if (stopping_) {
            co_return;
        }
        if (!polled) {
            services_.metrics.device_error(label_, std::string(to_string(polled.error().code)));
            log::warning("device: a poll failed", {{"device", label_}, {"error", polled.error().message()}});
            if (port_is_gone(polled.error().code) || ++failures >= kFailuresInARow) {
                lose(polled.error());
                co_return;
            }
        } else {
            failures = 0;
            backoff_.reset();
        }
        if (!polled || !reads_on_ || append_failed_) {
            co_await wake_.wait(polling_.interval(Steady::now()));
        }
    }
}

Task<void> Device::poll()
{
    reads_on_ = false;
    auto status = co_await driver_->status();
    if (!status) {
        co_return pass(status);
    }
    on_status(*status);
    if (!status->may_read_archive) {
        // Waiting for paper or "continue" can last for hours, and the register may have sold meanwhile: the
        // FN's last number is asked all the same (it prints nothing), so that completeness stays honest.
        if (status->waits_for_continue || status->paper == fiscal::Paper::absent) {
            const auto known = co_await driver_->fn_status(false);
            if (!known) {
                co_return pass(known);
            }
            if (sample_.fn && sample_.fn->fn_serial == known->fn_serial) {
                sample_.fn->last_fd_number = known->last_fd_number;
            }
        }
        move_to(state_of(status->mode), warning_);
        sample_now();
        co_return Result<void>{};
    }
    const bool deep = !looked_deep_at_ || Steady::now() - *looked_deep_at_ >= config_.sample_every;
    auto fn = co_await driver_->fn_status(deep);
    if (!fn && (fn.error().code == Errc::wrong_mode || fn.error().code == Errc::device_busy)) {
        co_return Result<void>{}; // a sale has just begun
    }
    if (!fn) {
        co_return pass(fn);
    }
    if (sample_.fn && sample_.fn->fn_serial == fn->fn_serial && !deep) {
        // What only the full question tells stays as it was.
        fn->version = sample_.fn->version;
        fn->expires_on = sample_.fn->expires_on;
        fn->registrations_left = sample_.fn->registrations_left;
        fn->documents_left = sample_.fn->documents_left;
        fn->kilobytes_left = sample_.fn->kilobytes_left;
        fn->serial_production = sample_.fn->serial_production;
        if (fn->warnings != sample_.fn->warnings) {
            looked_deep_at_.reset(); // its expiry or what is left has changed with them
            look_soon_ = true;
        }
    }
    sample_.fn = *fn;
    polling_.on_shift(fn->shift_open);
    if (const auto compared = co_await compare(*fn); !compared) {
        co_return pass(compared);
    }
    if (const auto read = co_await read_slice(); !read) {
        co_return pass(read);
    }
    const bool behind = plan_.behind() > 0;
    services_.metrics.archive_behind(label_, static_cast<double>(plan_.behind()));
    if (!behind || !plan_.has_fresh()) {
        if (const auto looked = co_await sample_rarely(); !looked) {
            co_return pass(looked);
        }
    }
    // Missing bodies do not keep a register from being ready: every number is known.
    move_to(behind ? DeviceState::reconciling : state_of(status->mode),
            append_failed_ ? std::string_view("storage_failed") : std::string_view(warning_));
    sample_now();
    co_return Result<void>{};
}

void Device::on_status(const fiscal::DeviceStatus& status)
{
    const bool moved = status.mode != sample_.status.mode || status.paper != sample_.status.paper ||
                       status.cover != sample_.status.cover;
    if (moved) {
        polling_.on_activity(Steady::now());
        look_soon_ = true;
    }
    polling_.on_printing(status.mode == fiscal::DeviceStatus::Mode::printing);
    sample_.status = status;
}

void Device::note_identity(fiscal::DeviceInfo info, const std::string& instead_of)
{
    const std::string was = sample_.info.kkt_serial.empty() ? instead_of : sample_.info.kkt_serial;
    if (!was.empty() && was != info.kkt_serial) {
        event("device_replaced", storage::Severity::warning,
              "на порту другая касса: была № " + was + ", стала № " + info.kkt_serial);
        fiscal::DeviceSample fresh;
        fresh.state = sample_.state;
        sample_ = std::move(fresh);
    }
    sample_.info = std::move(info);
    plan_ = ReadingPlan([this] {
        ReadingPlan::Rules rules;
        rules.bodies = driver_->capabilities().full_documents;
        return rules;
    }());
    log::info("device: identified", {{"device", label_},
                                     {"port", port_},
                                     {"model", sample_.info.model},
                                     {"kkt_serial", sample_.info.kkt_serial},
                                     {"firmware", sample_.info.firmware_version}});
    storage::DeviceRow row;
    row.kkt_serial = sample_.info.kkt_serial;
    row.name = config_.name;
    row.family = sample_.info.family;
    row.model = sample_.info.model;
    row.first_seen = services_.clock.now();
    row.last_seen = row.first_seen;
    services_.journal.submit(
        [row](storage::Journal& journal) { return journal.documents().note_device(row); },
        [label = label_](const Result<void>& noted) {
            if (!noted) {
                log::error("journal: the device was not noted",
                           {{"device", label}, {"error", noted.error().message()}});
            }
        });
}

void Device::move_to(DeviceState state, std::string_view reason)
{
    if (state == state_ && reason == sample_.state_reason) {
        return;
    }
    const std::string from(to_string(state_));
    const std::string to(to_string(state));
    state_ = state;
    sample_.state = to;
    sample_.state_reason = reason;
    services_.metrics.device_state(label_, to);
    log::debug("device: state", {{"device", label_}, {"from", from}, {"to", to}, {"reason", reason}});
    event("device_state", reason.empty() ? storage::Severity::info : storage::Severity::warning,
          "касса: " + from + " → " + to + (reason.empty() ? "" : " (" + std::string(reason) + ")"),
          {{"from", from}, {"to", to}, {"reason", std::string(reason)}, {"port", port_}});
    if (state == DeviceState::absent) {
        sample_now();
    }
}

void Device::lose(const Error& error)
{
    if (driver_) {
        driver_->close();
        driver_.reset();
    }
    if (stopping_) {
        return;
    }
    const std::string reason(to_string(error.code));
    if (state_ != DeviceState::absent || reason != sample_.state_reason) {
        log::warning("device: not reached", {{"device", label_}, {"error", error.message()}});
        services_.metrics.device_error(label_, reason);
    }
    move_to(DeviceState::absent, reason);
}

} // namespace kb::agent

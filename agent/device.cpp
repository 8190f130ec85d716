// Life and polling of a register.
#include "agent/device.hpp"

#include "agent/explanations.hpp"
#include "agent/known_device.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"

#include <algorithm>
#include <functional>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

// A line that fails once may have been disturbed; one that fails so often in a row is lost.
constexpr int kFailuresInARow = 3;

// A document that is known to be there and could not be read just now, because the next receipt had begun or
// the printer was at work.
constexpr std::chrono::milliseconds kTryAgainSoon = 150ms;
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

/// Somebody has to come: paper is wanted, or the key "continue".
std::optional<Errc> why_it_waits(const fiscal::DeviceStatus& status)
{
    if (status.may_read_archive) {
        return std::nullopt; // without paper, but with nothing half printed, it is read as ever
    }
    if (status.waits_for_continue) {
        return Errc::waits_for_continue;
    }
    return status.paper == fiscal::Paper::absent ? std::optional(Errc::no_paper) : std::nullopt;
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

Device::Device(asio::any_io_executor strand, std::string label, DeviceConfig config, Connect connect,
               DeviceServices services)
    : strand_(std::move(strand)),
      config_(std::move(config)),
      connect_(std::move(connect)),
      services_(std::move(services)),
      label_(std::move(label)),
      port_(config_.port),
      wake_(strand_),
      backoff_(kReconnect, std::hash<std::string>{}(label_)),
      polling_({config_.poll_busy, config_.poll_quiet}, Steady::now()),
      plan_(ReadingPlan::Rules{}),
      append_done_(strand_)
{
    if (services_.jobs != nullptr) {
        JobRunner::Services of_jobs{
            services_.journal, services_.clock, services_.on_job,
            [this](std::chrono::duration<double> own) { services_.metrics.print_overhead(own.count()); },
            [this](const storage::NewJob& job) { return may_begin(config_, job); }};
        jobs_.emplace(std::move(of_jobs), *services_.jobs, label_);
    }
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

void Device::jobs_arrived(Steady::time_point since)
{
    if (jobs_) {
        jobs_->wake(since);
        wake_.raise();
    }
}

void Device::tell_everything()
{
    tell_everything_ = true;
    wake_.raise();
}

Task<void> Device::tell()
{
    constexpr std::uint32_t kDocuments = 3;
    if (const auto info = co_await asked(driver_->identify()); !info) {
        co_return pass(info);
    }
    looked_at_.reset(); // the poll that follows asks for the rest
    looked_deep_at_.reset();
    const std::uint32_t last = sample_.fn ? sample_.fn->last_fd_number : 0;
    for (std::uint32_t back = 0; back < kDocuments && back < last && !stopping_; ++back) {
        const auto document = co_await asked(driver_->read_document(last - back));
        if (!document) {
            co_return pass(document); // a sale has just begun, or the line failed: the poll sees to it
        }
    }
    co_return Result<void>{};
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
        [[maybe_unused]] const auto ready = co_await asked(driver_->status());
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
    vendor_ = reached->vendor;
    warning_ = reached->warning;
    state_detail_.clear();
    if (stopping_) {
        co_return;
    }
    move_to(DeviceState::identifying);
    if (!reached->info) {
        auto info = co_await asked(driver_->identify());
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
        if (std::exchange(tell_everything_, false)) {
            if (const auto told = co_await tell(); !told) {
                log::warning("device: not everything was told",
                             {{"device", label_}, {"error", told.error().message()}});
            }
        }
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
        if (!polled || !reads_on_ || journal_trouble_) {
            co_await wake_.wait(polled ? pause() : polling_.interval(Steady::now()));
        }
    }
}

std::chrono::milliseconds Device::pause() const
{
    const auto usual = polling_.interval(Steady::now());
    const bool missed_a_document = plan_.has_fresh() && !waits_ && !journal_trouble_;
    return missed_a_document ? std::min(usual, kTryAgainSoon) : usual;
}

Task<void> Device::poll()
{
    reads_on_ = false;
    const auto status = co_await asked(driver_->status());
    if (!status) {
        co_return pass(status);
    }
    on_status(*status);
    const auto worked = co_await work_on_jobs(*status);
    if (!worked) {
        co_return has_to_wait(worked.error().code) ? Result<void>{} : Result<void>(pass(worked));
    }
    if (*worked) {
        reads_on_ = true; // there may be more at once; the mode is another now
        co_return Result<void>{};
    }
    waits_ = why_it_waits(*status);
    records_only_ = !status->may_read_archive;
    // A receipt is over in a moment. Waiting for paper or "continue" can last for hours, and the register may
    // have sold meanwhile: then the FN is asked all the same (it prints nothing), so that completeness stays
    // honest.
    if (status->may_read_archive || waits_) {
        if (const auto looked = co_await look_at_fn(*status); !looked) {
            // A sale that has just begun is no failure.
            co_return has_to_wait(looked.error().code) ? Result<void>{} : looked;
        }
    }
    settle(*status);
    co_return Result<void>{};
}

// Selling comes before reading: what is read now waits in the FN, and a customer at the till.
Task<bool> Device::work_on_jobs(const fiscal::DeviceStatus& status)
{
    if (!jobs_ || !jobs_->may_have_work()) {
        co_return false;
    }
    polling_.on_activity(Steady::now());
    auto worked = co_await jobs_->step(*driver_, status);
    if (worked && *worked) {
        look_soon_ = true;
    }
    co_return worked;
}

// A number that was entered meanwhile is found without plugging the register out and in again.
Task<void> Device::ask_for_number()
{
    auto info = co_await asked(driver_->identify());
    if (!info) {
        co_return pass(info);
    }
    note_identity(*std::move(info));
    if (!sample_.info.kkt_serial.empty()) {
        compared_fn_.clear(); // the journal is to know whose FN it is
        co_await restore_alarms();
    }
    co_return Result<void>{};
}

Task<void> Device::look_at_fn(const fiscal::DeviceStatus& status)
{
    if (sample_.info.kkt_serial.empty() && status.may_read_archive &&
        Steady::now() - identified_at_ >= config_.sample_every) {
        if (const auto asked = co_await ask_for_number(); !asked) {
            co_return pass(asked);
        }
    }
    const bool due = !looked_deep_at_ || Steady::now() - *looked_deep_at_ >= config_.sample_every;
    const bool deep = due && status.may_read_archive;
    auto fn = co_await asked(driver_->fn_status(deep));
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
    if (status.may_read_records || status.may_read_archive) {
        if (const auto read = co_await read_slice(); !read) {
            co_return pass(read);
        }
    }
    if (customer_waits()) {
        co_return Result<void>{}; // who sells is served first; all this is asked again then
    }
    co_await count_unread();
    services_.metrics.archive_behind(label_, static_cast<double>(plan_.behind()));
    if (status.may_read_archive && !plan_.has_fresh()) {
        co_return co_await sample_rarely();
    }
    co_return Result<void>{};
}

void Device::settle(const fiscal::DeviceStatus& status)
{
    DeviceState state = state_of(status.mode);
    if (state == DeviceState::ready && waits_) {
        state = DeviceState::busy; // it cannot sell, nor be read, before somebody has come
    } else if (status.may_read_archive && plan_.behind() > 0) {
        state =
            DeviceState::reconciling; // missing bodies do not keep it from being ready: all numbers are known
    }
    move_to(state, journal_trouble_                  ? to_string(*journal_trouble_)
                   : waits_                          ? to_string(*waits_)
                   : sample_.info.kkt_serial.empty() ? to_string(Errc::no_kkt_serial)
                   : warning_                        ? to_string(*warning_)
                                                     : std::string_view{});
    sample_now();
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
    status_at_ = Steady::now();
}

void Device::note_identity(fiscal::DeviceInfo info, const std::string& instead_of)
{
    forget_zero_serial(info);
    identified_at_ = Steady::now();
    const std::string was = sample_.info.kkt_serial.empty() ? instead_of : sample_.info.kkt_serial;
    if (!was.empty() && !info.kkt_serial.empty() && was != info.kkt_serial) {
        event("device_replaced", storage::Severity::warning,
              "на порту другая касса: была № " + was + ", стала № " + info.kkt_serial);
        fiscal::DeviceSample fresh;
        fresh.state = sample_.state;
        sample_ = std::move(fresh);
    }
    sample_.info = std::move(info);
    if (jobs_) {
        jobs_->serve(sample_.info.kkt_serial);
    }
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
    if (sample_.info.kkt_serial.empty()) {
        return;
    }
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
    std::string text = "касса: " + from + " → " + to;
    EventData data{{"from", from}, {"to", to}, {"reason", std::string(reason)}, {"port", port_}};
    if (const auto code = errc_of(reason)) {
        const Explanation why = explain_of_register(*code);
        text += ": " + why.cause.in(Language::russian) + "; " + why.cure.in(Language::russian);
    }
    if (!reason.empty() && sample_.unread_documents.value_or(0) > 0) {
        const std::string unread = std::to_string(*sample_.unread_documents);
        text += "; ещё не прочитано полностью документов: " + unread;
        data.emplace_back("unread_documents", unread);
    }
    event("device_state", reason.empty() ? storage::Severity::info : storage::Severity::warning,
          std::move(text), data);
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
    state_detail_ = error.details();
    move_to(DeviceState::absent, reason);
}

} // namespace kb::agent

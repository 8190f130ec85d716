// The life of one register: found, identified, read out, watched, lost and found again.
#pragma once

#include "agent/alarms.hpp"
#include "agent/async.hpp"
#include "agent/config.hpp"
#include "agent/jobs/permission.hpp"
#include "agent/jobs/runner.hpp"
#include "agent/polling.hpp"
#include "agent/reconciliation.hpp"
#include "agent/sync/policy.hpp"
#include "drivers/driver.hpp"
#include "protocol/core/time.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kb::agent {

class Metrics;

enum class DeviceState { absent, connecting, identifying, reconciling, ready, busy, blocked };
/// As in DeviceSample::state.
std::string_view to_string(DeviceState state);

/// What all devices of an agent share. Everything outlives the devices.
struct DeviceServices {
    storage::Worker& journal;
    const Clock& clock;
    Metrics& metrics;
    std::function<void()> on_documents; ///< new documents are durable in the journal
    std::function<void()> on_telemetry; ///< a sample or an event is in the journal
    const JobPolicy* jobs = nullptr;    ///< how requests are carried out; nullptr: none are
    std::function<void(const std::string& job_id)> on_job = [](const std::string& /*job_id*/) {};
};

/// A driver over an open line.
struct Reached {
    std::unique_ptr<Driver> driver;
    std::string port;                       ///< where it was found
    std::string vendor;                     ///< the folder that speaks to it
    std::optional<fiscal::DeviceInfo> info; ///< when it was asked already who it is
    std::string instead_of;      ///< factory number of the register whose place it takes; empty: nobody's
    std::optional<Errc> warning; ///< what people should know of while it is served
};

class Device : public std::enable_shared_from_this<Device> {
public:
    /// Tries once to reach it.
    using Connect = std::function<Task<Reached>()>;

    /// `label` stands for it in logs and metrics, and as long as it has no number.
    Device(asio::any_io_executor strand, std::string label, DeviceConfig config, Connect connect,
           DeviceServices services);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// Begins its life; the device keeps itself alive until it has ended.
    void start();
    /// No new work; what is under way is cancelled and put right. ended() becomes true soon after.
    void stop();
    [[nodiscard]] bool ended() const { return ended_; }
    /// Something has happened to the ports: asks or searches at once, not when it would be time.
    void look_now();
    /// There is a line to it, as far as is known.
    [[nodiscard]] bool reached() const { return driver_ != nullptr; }

    [[nodiscard]] DeviceState state() const { return state_; }
    [[nodiscard]] const fiscal::DeviceSample& sample() const { return sample_; }
    [[nodiscard]] const DeviceConfig& config() const { return config_; }
    /// What exactly keeps it away, in the words of the layers below; empty: nothing does.
    [[nodiscard]] const std::string& state_detail() const { return state_detail_; }
    /// Where it was found last; the configured port until then.
    [[nodiscard]] const std::string& port() const { return port_; }
    /// Documents in the FN that the journal lacks; nullopt: the FN was not asked yet.
    [[nodiscard]] std::optional<std::uint64_t> behind() const;

    /// Who speaks to it, as Connection::vendor; empty until it was reached.
    [[nodiscard]] const std::string& vendor() const { return vendor_; }
    /// When `sample().status` was asked last; never: the beginning of time.
    [[nodiscard]] Steady::time_point status_at() const { return status_at_; }
    /// Soon, between two polls: who it is, all its states and its last documents are asked once more, so that
    /// somebody who listens to the line hears them. Nothing changes by it.
    void tell_everything();

    /// A request for it, which its caller handed in at `since`, may be in the journal: it is looked for at
    /// once.
    void jobs_arrived(Steady::time_point since = Steady::now());
    /// nullptr: this agent carries out no requests.
    [[nodiscard]] const JobRunner* jobs() const { return jobs_ ? &*jobs_ : nullptr; }
    /// What requests must keep to; nullopt while it is not reached.
    [[nodiscard]] std::optional<fiscal::RequestLimits> request_limits() const
    {
        return driver_ ? std::optional(driver_->request_limits()) : std::nullopt;
    }

    /// The journal's picture of this FN has changed (numbers forgotten): compare again.
    void compare_again() { compared_fn_.clear(); }

private:
    // device.cpp: life and polling
    asio::awaitable<void> run();
    asio::awaitable<void> live();
    asio::awaitable<void> serve();
    Task<void> poll();
    /// A call of the driver, its time counted as the register's.
    template <class T>
    Task<T> asked(Task<T> call)
    {
        const auto began = Steady::now();
        auto result = co_await std::move(call);
        if (jobs_) {
            jobs_->note_time_with_register(began);
        }
        co_return result;
    }
    /// A request has come while the register was asked for something else.
    [[nodiscard]] bool customer_waits() const { return jobs_ && jobs_->woken(); }
    /// How long the register is left alone after a look at it.
    [[nodiscard]] std::chrono::milliseconds pause() const;
    Task<bool> work_on_jobs(const fiscal::DeviceStatus& status);
    Task<void> look_at_fn(const fiscal::DeviceStatus& status);
    Task<void> ask_for_number();
    void settle(const fiscal::DeviceStatus& status);
    Task<void> tell();
    void move_to(DeviceState state, std::string_view reason = {});
    void lose(const Error& error);
    /// `instead_of`: as in Reached.
    void note_identity(fiscal::DeviceInfo info, const std::string& instead_of = {});
    void on_status(const fiscal::DeviceStatus& status);

    // device_reading.cpp: the FN's documents into the journal
    Task<void> compare(const fiscal::FnStatus& fn);
    Task<void> read_slice();
    Task<std::optional<storage::JournalDocument>> read(ReadItem item);
    asio::awaitable<void> fill_bodies();
    Task<void> keep(std::vector<storage::JournalDocument> batch);
    void note_last_number(const fiscal::FnStatus& fn);
    asio::awaitable<void> count_unread();
    asio::awaitable<void> append(std::vector<storage::JournalDocument> batch);
    asio::awaitable<void> appended();
    void on_appended(const Result<storage::AppendReport>& report, std::size_t documents);
    asio::awaitable<void> set_aside(std::uint32_t fd_number, Error error);

    // device_sampling.cpp: samples, alarms, events
    Task<void> sample_rarely();
    void sample_now();
    /// The register's number; its port while it has none.
    [[nodiscard]] std::string identity() const;
    using EventData = std::vector<std::pair<std::string, std::string>>;
    void event(std::string_view kind, storage::Severity severity, std::string text,
               const EventData& data = {});
    void check_alarms();
    asio::awaitable<void> restore_alarms();

    asio::any_io_executor strand_;
    DeviceConfig config_;
    Connect connect_;
    DeviceServices services_;
    std::string label_;
    std::string port_;
    std::string vendor_;

    DeviceState state_ = DeviceState::absent;
    std::string state_detail_;
    bool stopping_ = false;
    bool ended_ = false;
    bool tell_everything_ = false;
    Signal wake_;
    Backoff backoff_;
    Polling polling_;
    std::unique_ptr<Driver> driver_;
    fiscal::DeviceSample sample_;
    Steady::time_point status_at_ = Steady::time_point::min();

    std::optional<JobRunner> jobs_;
    ReadingPlan plan_;
    /// What keeps the register from being read, until somebody does something about it.
    std::optional<Errc> waits_;
    std::optional<Errc> warning_;     ///< see Reached
    bool records_only_ = false;       ///< of documents never seen, and nothing else
    std::uint64_t bodies_unread_ = 0; ///< of short records in the journal
    bool recount_ = true;             ///< what the journal holds has changed since
    unsigned compared_journal_ = 0;   ///< see journals_replaced()
    std::string compared_fn_;         ///< the plan belongs to this FN; empty: compare first
    bool bodies_exhausted_ = false;   ///< the journal wants no more
    bool reads_on_ = false;           ///< the slice ended by time, not for want of work or a sale
    std::string last_fn_;             ///< seen last in this register
    bool append_running_ = false;
    std::optional<Errc> journal_trouble_; ///< of the last write or comparison
    Signal append_done_;
    std::optional<Steady::time_point> fresh_seen_; ///< when the new documents' numbers were seen

    Alarms alarms_;
    std::string alarms_told_; ///< memory as last stored
    std::string sampled_;     ///< the last stored sample without what changes by itself
    // Empty: never yet. Not a zero time: that of a steady clock is the PC's start, which may be a second ago.
    std::optional<Steady::time_point> sampled_at_;
    Steady::time_point identified_at_;
    std::optional<Steady::time_point> looked_at_;      ///< shift, OFD, clock
    std::optional<Steady::time_point> looked_deep_at_; ///< FN in full, SD card, cash
    bool look_soon_ = true;
};

} // namespace kb::agent

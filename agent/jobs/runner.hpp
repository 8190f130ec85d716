// Carries out one register's jobs, each exactly once: intent on the disk, one attempt, and what the FN says
// of it. docs/exactly-once.md lists what may go wrong and what happens then.
#pragma once

#include "agent/async.hpp"
#include "agent/jobs/intent.hpp"
#include "agent/jobs/judgement.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

struct JobPolicy {
    bool open_shift = true;          ///< a receipt finds the shift closed: it is opened
    bool close_expired_shift = true; ///< over 24 h: closed, and a new one opened
    bool mark_receipts = true; ///< tag 1192 tells whose receipt it is, where the caller puts nothing there
    std::uint32_t most_attempts = 5; ///< that certainly had no effect; then the job is refused
};

/// Why the first job of the queue does not go on now, for people; not a failure of the job.
struct JobObstacle {
    Errc code{};
    std::string job_id;
    std::string detail;
    bool needs_person = false; ///< nothing that is asked of the register can bring it on
};

class JobRunner {
public:
    struct Services {
        storage::Worker& journal;
        const Clock& clock;
        std::function<void(const std::string& job_id)> on_change; ///< its row in the journal is another now
        /// Of a job that is done: what the agent itself took from its arrival on, beyond line and register.
        std::function<void(std::chrono::duration<double> own)> on_done =
            [](std::chrono::duration<double> /*own*/) {};
        /// Asked before a job is begun; no: it ends as cancelled.
        std::function<bool(const storage::NewJob&)> may_begin = [](const storage::NewJob& /*job*/) {
            return true;
        };
    };

    JobRunner(Services services, JobPolicy policy, std::string label);

    /// Which register it is now: its jobs are those of this number.
    void serve(const std::string& kkt_serial);
    /// There may be something to do, since then.
    void wake(Steady::time_point since)
    {
        may_have_work_ = true;
        woken_ = true;
        woken_at_ = since;
        with_register_ = {};
    }
    /// The register was asked something from then until now.
    void note_time_with_register(Steady::time_point began)
    {
        with_register_ += Steady::now() - std::max(began, woken_at_);
    }
    /// Since the last step: whatever else is done with the register ends soon.
    [[nodiscard]] bool woken() const { return woken_ && may_have_work(); }
    [[nodiscard]] bool may_have_work() const { return may_have_work_ && !kkt_serial_.empty(); }
    [[nodiscard]] const std::optional<JobObstacle>& obstacle() const { return obstacle_; }

    /// Does the next thing that can be done, one attempt of one job at most. True: something was done, and
    /// there may be more at once. Errors are the line's: what was under way is on the disk as such and is
    /// settled when the register is reached again.
    Task<bool> step(Driver& driver, const fiscal::DeviceStatus& status);

private:
    /// A call of the driver, its time counted as the register's.
    template <class T>
    Task<T> timed(Task<T> call)
    {
        const auto began = Steady::now();
        auto result = co_await std::move(call);
        note_time_with_register(began);
        co_return result;
    }
    struct Next {
        std::optional<storage::Job> job;
        std::optional<std::string> paused;
        std::vector<std::string> expired;
    };

    // runner.cpp: one attempt
    Task<Next> next();
    Task<bool> attempt(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job);
    Task<bool> go_on_printing(Driver& driver);
    std::optional<Error> why_wait(const fiscal::Request& request, const fiscal::DeviceStatus& status) const;
    Result<JobStep> first_step(const fiscal::Request& request, const fiscal::DeviceStatus& status) const;
    Task<Intent> look_before(Driver& driver, const fiscal::Request& request, JobStep step);
    Task<bool> verify(Driver& driver, storage::Job job, fiscal::Request request, Intent intent,
                      Performed performed);
    Task<bool> failed(storage::Job job, Intent intent, Error error);

    // settlement.cpp: what became of it, asked of the FN
    Task<bool> settle(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job);
    Task<bool> settle_by_fn(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job,
                            fiscal::Request request, Intent intent);
    Task<bool> settle_by_counters(Driver& driver, storage::Job job, fiscal::Request request, Intent intent);
    /// The document of the step among those made since the intent; nullopt: none of them is.
    struct Found {
        Seen seen;
        std::string why;
        bool readable = true; ///< false: a document that may be it makes no sense
    };
    Task<std::optional<Found>> find(Driver& driver, fiscal::Request request, Intent intent,
                                    std::uint32_t last_fd_number);
    Task<bool> settled(storage::Job job, const fiscal::Request& request, Intent intent,
                       const std::optional<Found>& found);
    /// Our own receipt is cancelled: nothing final was sent of it, or the FN would have it.
    Task<bool> end_what_is_open(Driver& driver, const storage::Job& job);
    /// The same picture twice, a moment apart: a register may still be at work on what it was last told.
    bool seen_twice(const storage::Job& job, std::uint32_t last_fd_number);

    // Every change of a job's row; true when it is on the disk.
    asio::awaitable<bool> store(const storage::Job& job, std::function<Result<void>(storage::Jobs&)> change,
                                std::string_view what);
    asio::awaitable<bool> finish(const storage::Job& job, storage::JobState state,
                                 storage::JobOutcome outcome, std::string evidence);
    asio::awaitable<bool> put_back(const storage::Job& job, std::string evidence);
    /// Of this moment; with what the register said of the marking codes in the attempt that runs.
    [[nodiscard]] std::string evidence(std::string_view saw, std::string_view concluded) const;
    void wait_for(const storage::Job& job, const Error& why, bool needs_person = false);
    /// Certainly not made: begun anew after a rest, or given up.
    asio::awaitable<bool> not_made(const storage::Job& job, const Intent& intent, std::string saw);

    Services services_;
    JobPolicy policy_;
    std::string label_;
    std::string kkt_serial_;
    bool may_have_work_ = true;
    bool woken_ = false;
    Steady::time_point woken_at_{};
    Steady::duration with_register_{}; ///< since then
    bool half_printed_ = true;   ///< the last job's paper may wait for "continue"; until looked up: perhaps
    bool told_to_go_on_ = false; ///< it refused a request because something waits for "continue"
    std::optional<JobObstacle> obstacle_;
    std::vector<fiscal::MarkCheck> marks_; ///< of the attempt that runs

    /// A job that was put back is left alone for a while, longer each time.
    struct Rest {
        std::string job_id;
        int times = 0;
        Steady::time_point until;
    };
    std::optional<Rest> rest_;
    void rest(const storage::Job& job);

    struct Look {
        std::string job_id;
        std::uint32_t last_fd_number = 0;
        Steady::time_point at;
    };
    std::optional<Look> look_;
};

} // namespace kb::agent

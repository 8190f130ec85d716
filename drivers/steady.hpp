// Steady time and the timers that go by it. Tests put their own time in its place, so that an hour of waiting
// costs nothing; the program never does.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <optional>

namespace kb {

/// Time that tests step. While one exists, Steady and Timer go by it, on one thread and one io_context.
class SteppedTime {
public:
    SteppedTime();
    ~SteppedTime();
    SteppedTime(const SteppedTime&) = delete;
    SteppedTime& operator=(const SteppedTime&) = delete;

    using time_point = std::chrono::steady_clock::time_point;
    [[nodiscard]] time_point now() const { return now_; }
    /// Runs the next thing that is ready and, when nothing is, steps to the earliest timer. False: nothing is
    /// ready and no timer is set.
    bool run_one_step(boost::asio::io_context& io);

private:
    friend struct SteadyWait;
    time_point now_;
    std::optional<std::chrono::steady_clock::duration> until_next_; ///< as Asio asked last
};

/// As std::chrono::steady_clock, with its time points.
struct Steady {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr bool is_steady = true;
    static time_point now() { return stepped != nullptr ? stepped->now() : std::chrono::steady_clock::now(); }

private:
    friend class SteppedTime;
    friend struct SteadyWait;
    static inline SteppedTime* stepped = nullptr;
};

/// How long Asio may sleep: not at all while a test steps the time.
struct SteadyWait {
    static Steady::duration to_wait_duration(const Steady::duration& until_next)
    {
        if (Steady::stepped == nullptr) {
            return until_next;
        }
        Steady::stepped->until_next_ = until_next;
        return Steady::duration::zero();
    }
    static Steady::duration to_wait_duration(const Steady::time_point& expiry)
    {
        return to_wait_duration(expiry - Steady::now());
    }
};

using Timer = boost::asio::basic_waitable_timer<Steady, SteadyWait>;

inline SteppedTime::SteppedTime() : now_(std::chrono::steady_clock::now()) { Steady::stepped = this; }
inline SteppedTime::~SteppedTime() { Steady::stepped = nullptr; }

} // namespace kb

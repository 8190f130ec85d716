// How often to ask a register, as pure code: often while sales happen, seldom while nothing does.
#pragma once

#include <algorithm>
#include <chrono>

namespace kb::agent {

class Polling {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Intervals {
        std::chrono::milliseconds busy{1'000};
        std::chrono::milliseconds quiet{5'000};
        std::chrono::seconds calm_after{120}; ///< without a sale or a change, with the shift closed
        /// While a document is printed: it is in the FN already and may be read as soon as the paper is done.
        std::chrono::milliseconds printing{250};
    };

    Polling(Intervals intervals, Time now) : intervals_(intervals), last_activity_(now) {}

    /// A new document, another mode, another state of paper or cover.
    void on_activity(Time now) { last_activity_ = now; }
    /// With a shift open a sale may come at any moment.
    void on_shift(bool open) { shift_open_ = open; }

    void on_printing(bool printing) { printing_ = printing; }

    [[nodiscard]] std::chrono::milliseconds interval(Time now) const
    {
        if (printing_)
            return std::min(intervals_.printing, intervals_.busy);
        const bool calm = !shift_open_ && now - last_activity_ >= intervals_.calm_after;
        return calm ? intervals_.quiet : intervals_.busy;
    }

private:
    Intervals intervals_;
    Time last_activity_;
    bool shift_open_ = false;
    bool printing_ = false;
};

} // namespace kb::agent

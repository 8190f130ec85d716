// Which warnings a register's state deserves, each once, as pure code.
#pragma once

#include "protocol/fiscal/device_state.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kb::agent {

struct Alarm {
    std::string kind; ///< "ofd_unsent", "fn_expires", "clock_drift", ...
    bool error = false;
    std::string text;
    std::vector<std::pair<std::string, std::string>> data;
};

/// Remembers what was said about one FN, so that a level is told once, also over restarts.
class Alarms {
public:
    /// What was remembered before; anything unreadable counts as nothing.
    void restore(const std::string& memory);
    [[nodiscard]] std::string memory() const;

    /// Compares the sample with what was said last. Days are of the register's own clock against the PC's
    /// wall clock `today`.
    std::vector<Alarm> check(const fiscal::DeviceSample& sample, LocalSeconds today);

private:
    void check_ofd(const fiscal::DeviceSample& sample, LocalSeconds today, std::vector<Alarm>& out);
    void check_fn(const fiscal::DeviceSample& sample, LocalSeconds today, std::vector<Alarm>& out);
    void check_drift(const fiscal::DeviceSample& sample, std::vector<Alarm>& out);
    void check_shift(const fiscal::DeviceSample& sample, std::vector<Alarm>& out);

    int ofd_level_ = 0; ///< of 1/3/10/25 days, how many are passed
    int fn_level_ = 0;
    bool drifts_ = false;
    bool over_24h_ = false;
};

} // namespace kb::agent

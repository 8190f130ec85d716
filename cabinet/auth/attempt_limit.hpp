// Slows guessing down: so many failures per key in a window, then a pause.
#pragma once

#include "protocol/core/time.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace kb::cabinet::auth {

class AttemptLimit {
public:
    AttemptLimit(std::size_t failures, std::chrono::milliseconds window)
        : failures_(failures),
          window_(window)
    {}

    [[nodiscard]] bool allowed(const std::string& key, UtcMs now);
    void failed(const std::string& key, UtcMs now);
    void succeeded(const std::string& key);

private:
    void forget_old(UtcMs now);

    std::size_t failures_;
    std::chrono::milliseconds window_;
    std::mutex mutex_;
    std::map<std::string, std::deque<UtcMs>> attempts_;
};

} // namespace kb::cabinet::auth

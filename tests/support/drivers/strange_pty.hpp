// A serial port with something at its end that is no register, or a sick one: answers and speaks by itself.
#pragma once

#include "tests/support/drivers/pty.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace kb::test {

class StrangePty {
public:
    struct Manners {
        std::function<Bytes(BytesView)> answer; ///< to what it was sent; empty: keeps silent
        std::function<Bytes()> by_itself;       ///< again and again, as fast as the line takes it
    };
    /// `manners` are called on a thread of this object's.
    explicit StrangePty(Manners manners);
    ~StrangePty();
    StrangePty(const StrangePty&) = delete;
    StrangePty& operator=(const StrangePty&) = delete;

    [[nodiscard]] const std::string& path() const { return pty_.path(); }
    /// Bytes that it was sent so far.
    [[nodiscard]] std::size_t heard() const { return heard_; }

private:
    void live();

    Pty pty_;
    Manners manners_;
    std::atomic<bool> ends_{false};
    std::atomic<std::size_t> heard_{0};
    std::thread thread_;
};

} // namespace kb::test

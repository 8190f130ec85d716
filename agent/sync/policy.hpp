// When to try again and how much to send at once, as pure arithmetic: time and chance come in as arguments.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

namespace kb::agent {

/// Exponential backoff with full jitter: a thousand agents that lost the same cabinet do not come back at
/// once.
class Backoff {
public:
    struct Limits {
        std::chrono::milliseconds base{1'000};
        std::chrono::milliseconds cap{60'000};
        std::chrono::milliseconds floor{100}; ///< never sooner, so that chance cannot make a busy loop
    };
    /// A peer's Retry-After is honoured up to this; more would let it switch the agent off.
    static constexpr std::chrono::seconds kLongestWish{3'600};

    Backoff(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

    /// How long to wait after one more failure: between floor and min(cap, base * 2^failures), and never less
    /// than the peer asked for.
    std::chrono::milliseconds next(std::optional<std::chrono::seconds> retry_after = std::nullopt);
    void reset() { failures_ = 0; }
    /// Something has changed that may help: the waits begin to grow anew, though nothing has succeeded yet.
    void hurry() { failures_ = failures_ == 0 ? 0 : 1; }
    [[nodiscard]] unsigned failures() const { return failures_; }

private:
    Limits limits_;
    std::mt19937_64 random_;
    unsigned failures_ = 0;
};

/// How many documents go into the next batch. Grows while the cabinet is quick, shrinks when it is slow,
/// silent or says that it is too much; reaches 1, where a refusal points at one document.
class BatchSize {
public:
    struct Limits {
        std::size_t most = 1'000;
        std::size_t first = 50;
        std::chrono::milliseconds quick{1'000}; ///< answered within this: may grow
        std::chrono::milliseconds slow{5'000};  ///< later than this: shrinks
    };

    explicit BatchSize(Limits limits) : limits_(limits), now_(limits.first) {}

    [[nodiscard]] std::size_t now() const { return now_; }
    /// `sent` documents were taken in `elapsed`. A batch that was not full says nothing about larger ones.
    void on_success(std::size_t sent, std::chrono::milliseconds elapsed);
    void on_failure();

private:
    Limits limits_;
    std::size_t now_;
};

} // namespace kb::agent

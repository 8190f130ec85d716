// Transport v3 from the register's side: packets and the task buffer. Source: docs/sources.md#atol,
// section 2.
#pragma once

#include "drivers/atol/emulator_protocol.hpp"

#include <deque>
#include <map>

namespace kb::emulator::atol {

class ProtocolV3 final : public Protocol {
public:
    ProtocolV3(Executor& executor, Bytes& output, const Options& options)
        : Protocol(executor, output),
          options_(options)
    {}

    void on_byte(std::uint8_t byte, Instant now) override;
    void on_sent(Instant) override {}
    /// Packets know no time: the next FEh begins anew.
    [[nodiscard]] std::optional<Instant> deadline() const override { return std::nullopt; }
    void on_time(Instant) override {}
    void finished(Finished done, Instant now) override;
    void link_up() override { part_ = Part::none; }
    void power_up() override;

private:
    enum class Part { none, length_low, length_high, id, data, check };

    struct Task {
        enum class State { pending, running, done, failed, stopped };
        std::uint8_t id = 0;
        unsigned flags = 0;
        State state = State::pending;
        Bytes request; ///< access password, command, parameters
        Bytes answer;
    };

    void unescaped(std::uint8_t byte, Instant now);
    void packet(Instant now);
    void add(Instant now);
    void acknowledge();
    void tell_state();
    void abort();
    void start_next(Instant now);
    void tell(const Task& task, const Finished& done);
    void reply(std::initializer_list<std::uint8_t> status, BytesView answer = {});
    Task* find(std::uint8_t id);
    [[nodiscard]] static std::uint8_t status_of(const Task& task);

    const Options& options_;

    // the packet that comes in
    Part part_ = Part::none;
    bool escaped_ = false;
    std::size_t length_ = 0;
    std::uint8_t id_ = 0;
    Bytes data_;

    std::map<std::uint8_t, Bytes> sent_; ///< the last reply under each id, should it be asked for again
    std::deque<Task> tasks_;
    std::optional<std::uint8_t> running_; ///< none while an aborted command is still at work
    bool stopped_ = false;                ///< a task failed: nothing is taken until an abort
    std::uint8_t last_told_ = 0;
};

} // namespace kb::emulator::atol

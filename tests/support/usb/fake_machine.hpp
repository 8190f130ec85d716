// A machine with USB devices that are not there: libumockdev shows the program a /sys and a /dev of its own,
// and this file plays the devices behind them. The program must run with libumockdev-preload.so.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "protocol/core/bytes.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kb::test {

/// What is plugged in, and where.
struct FakeDevice {
    enum class Form {
        acm,       ///< one serial function (CDC-ACM)
        two_acm,   ///< two of them, as ATOL's registers have
        bulk_only, ///< a vendor-specific interface with a pair of bulk endpoints
        keyboard,  ///< nothing with bulk endpoints
    };
    UsbId id;
    std::string serial;
    Form form = Form::acm;
    std::string place = "1-1"; ///< socket, hubs included
    unsigned address = 7;      ///< on bus 1; never use one twice in a machine
    std::vector<unsigned>
        ttys{}; ///< numbers N of the /dev/ttyACMN the system's driver made of it; empty: none
};

/// A control request the device was sent.
struct FakeControl {
    unsigned type;
    unsigned request;
    unsigned value;
    unsigned index;
    Bytes data;
    bool operator==(const FakeControl&) const = default;
};

/// The device's side of its bulk endpoints. Any thread.
class FakeBulk {
public:
    FakeBulk();
    ~FakeBulk();

    /// What the device answers to the bytes of one transfer; nothing by default.
    void answer_with(std::function<Bytes(BytesView)> answer);
    /// The device talks unasked.
    void send(BytesView bytes);
    /// A packet without bytes, before whatever comes next.
    void send_empty_packet();
    void in_pieces_of(std::size_t bytes);
    void stall_next_write();
    void stall_next_read();
    void fail_next_reads(unsigned count); ///< with an error of the bus
    void fail_next_write(bool taken);     ///< likewise; `taken`: the device got the bytes all the same
    void take_nothing(bool nothing);      ///< writes wait

    [[nodiscard]] Bytes received() const;
    [[nodiscard]] std::size_t sent() const; ///< bytes that have left the device
    [[nodiscard]] std::vector<FakeControl> controls() const;
    [[nodiscard]] std::vector<unsigned> halts_cleared() const; ///< endpoint addresses
    [[nodiscard]] std::vector<unsigned> claimed() const;       ///< interfaces
    /// Interfaces the system's driver was taken off, and put back on.
    [[nodiscard]] std::vector<unsigned> detached() const;
    [[nodiscard]] std::vector<unsigned> attached() const;
    /// The system's driver has it when it is opened.
    void has_driver(bool present);
    /// Another program has claimed it.
    void is_claimed(bool elsewhere);

private:
    friend class FakeMachine;
    struct State;
    std::unique_ptr<State> state_;
};

class FakeMachine {
public:
    /// Throws when the preload is missing.
    FakeMachine();
    ~FakeMachine();
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

    /// With the events the system would send. `bulk` answers its transfers and must outlive it.
    void plug(const FakeDevice& device, FakeBulk* bulk = nullptr);
    /// With the events; transfers under way end, later ones fail.
    void unplug(const FakeDevice& device);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace kb::test

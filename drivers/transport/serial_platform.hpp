// What differs between the systems at a serial port; serial_posix.cpp and serial_windows.cpp implement it.
#pragma once

#include "drivers/transport/serial.hpp"

#include <utility>

namespace kb::detail {

/// A port that the system has opened and nobody uses yet. Closed when it is dropped.
class SerialHandle {
public:
    using Native = asio::serial_port::native_handle_type;

    explicit SerialHandle(Native native) : native_(native), owns_(true) {}
    ~SerialHandle();
    SerialHandle(SerialHandle&& other) noexcept
        : native_(other.native_),
          owns_(std::exchange(other.owns_, false))
    {}
    SerialHandle(const SerialHandle&) = delete;
    SerialHandle& operator=(const SerialHandle&) = delete;
    SerialHandle& operator=(SerialHandle&&) = delete;

    [[nodiscard]] Native native() const { return native_; }
    Native release()
    {
        owns_ = false;
        return native_;
    }

private:
    Native native_;
    bool owns_;
};

/// Opens, locks and configures `settings.path`. A USB device that hangs keeps this call for many seconds.
Result<SerialHandle> open_serial_port(const SerialSettings& settings);
/// Drops what the system holds for reading.
Result<void> discard_serial_input(asio::serial_port& port, const std::string& name);

/// Of the port's node: device, inode and when it was made; empty where the system has no such thing.
std::string node_stamp(const std::string& path);

/// Closes at once, also where the system would wait for a device that takes no bytes.
struct CloseSerial {
    void operator()(asio::serial_port& port) const;
};

} // namespace kb::detail

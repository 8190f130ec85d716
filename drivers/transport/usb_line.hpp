// The libusb side of a USB line: finding, claiming, transfers. Everything here happens on the USB thread.
#pragma once

#include "drivers/transport/usb_interfaces.hpp"
#include "drivers/transport/usb_thread.hpp"
#include "protocol/core/bytes.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct libusb_device_handle;
struct libusb_transfer;

namespace kb {

struct UsbWanted {
    std::uint16_t vid = 0;
    std::uint16_t pid = 0;
    std::string name;       ///< of the line, for errors
    std::string usb_serial; ///< empty: any
    /// Bus and address of the devices that come into question, where the system's list tells them; else they
    /// are looked for by the numbers above.
    std::vector<unsigned> addresses;
    unsigned baud = 115200;
};

/// Errc::port_not_found with its cure.
Error no_such_device(const std::string& name);

/// How a transfer ended.
enum class UsbEnd {
    done,
    cancelled,
    stalled, ///< refused by the device until the halt is cleared
    failed,  ///< an error on the bus: the device is perhaps gone
    gone,    ///< it is gone
};

class UsbLine {
public:
    struct Received {
        UsbEnd end = UsbEnd::done;
        Bytes bytes;
    };
    struct Sent {
        UsbEnd end = UsbEnd::done;
        std::size_t count = 0;
    };

    /// Finds, opens and claims the device, without starting anything. Errors with their cure: port_not_found,
    /// port_denied, port_busy, unsupported (no bulk pair), port_lost.
    static Result<std::shared_ptr<UsbLine>> open(libusb_context* context, const UsbWanted& wanted);
    /// Closes, should nobody have.
    ~UsbLine();
    UsbLine(const UsbLine&) = delete;
    UsbLine& operator=(const UsbLine&) = delete;

    /// Reads all the time from now on, and tells each piece; stops at an end that is not `done`, and while
    /// too much is told but not taken.
    void start_reading(std::function<void(Received)> told);
    /// Any thread: so many told bytes are taken. True when reading has stopped for them: read_on().
    bool taken(std::size_t count);
    /// After a stop: clears the halt where there was one, reads on.
    void read_on(bool clear_halt);
    /// One write at a time.
    void write(Bytes bytes, std::function<void(Sent)> told);
    void clear_write_halt();
    /// The write that is under way ends with `cancelled` if it was not done before.
    void cancel_write();
    /// Ends what is under way, gives the interfaces back to the system's driver, closes. Later calls do
    /// nothing.
    void close(libusb_context* context);

private:
    UsbLine(libusb_device_handle* handle, const UsbPipe& pipe);
    Result<void> claim(const UsbWanted& wanted);
    void set_line(unsigned baud);
    static void on_read(libusb_transfer* transfer);
    static void on_written(libusb_transfer* transfer);
    void submit_read();
    void give_back();

    libusb_device_handle* handle_;
    UsbPipe pipe_;
    bool claimed_control_ = false;
    bool claimed_data_ = false;
    bool detached_ = false; ///< the system's driver had the device and gets it back
    libusb_transfer* in_ = nullptr;
    libusb_transfer* out_ = nullptr;
    bool reading_ = false;
    bool writing_ = false;
    std::atomic<std::size_t> untaken_ = 0;
    Bytes in_buffer_;
    Bytes out_buffer_;
    std::function<void(Received)> on_received_;
    std::function<void(Sent)> on_sent_;
};

} // namespace kb

// Bulk transfers over libusb, and giving the device back as it was found.
#include "drivers/transport/usb_line.hpp"

#include <libusb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace kb {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kControlWait_ms = 1000;
constexpr auto kCloseWait = 2s;
constexpr std::size_t kReadSize = 4096; // a multiple of every packet size, so that no packet overflows it
constexpr std::size_t kUntakenMost = 64 * 1024; // a device that babbles is left to wait, as a tty leaves it
constexpr std::uint8_t kHostToInterface = 0x21; // bmRequestType: class request to an interface
constexpr std::uint8_t kSetLineCoding = 0x20;   // PSTN120, 6.3.10
constexpr std::uint8_t kSetControlLineState = 0x22;
constexpr std::uint16_t kDtrAndRts = 3;
constexpr std::uint8_t kUnionDescriptor = 0x06; // CDC120, 5.2.3.2
constexpr std::uint8_t kClassSpecific = 0x24;

struct DeviceList {
    ~DeviceList()
    {
        if (devices != nullptr) {
            libusb_free_device_list(devices, 1);
        }
    }
    libusb_device** devices = nullptr;
};

struct ConfigOwner {
    ~ConfigOwner() { libusb_free_config_descriptor(config); }
    libusb_config_descriptor* config = nullptr;
};

unsigned address_of(libusb_device* device)
{
    return unsigned{libusb_get_bus_number(device)} << 8U | libusb_get_device_address(device);
}

UsbEnd end_of(libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return UsbEnd::done;
    case LIBUSB_TRANSFER_CANCELLED:
    case LIBUSB_TRANSFER_TIMED_OUT:
        return UsbEnd::cancelled;
    case LIBUSB_TRANSFER_STALL:
        return UsbEnd::stalled;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return UsbEnd::gone;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_OVERFLOW:
        break;
    }
    return UsbEnd::failed;
}

UsbEnd end_of_submit(int error) { return error == LIBUSB_ERROR_NO_DEVICE ? UsbEnd::gone : UsbEnd::failed; }

//  bFunctionLength | 24 | 06 | control interface | first subordinate interface | ...
std::optional<std::uint8_t> union_of(const libusb_interface_descriptor& descriptor)
{
    const BytesView extra(descriptor.extra, static_cast<std::size_t>(descriptor.extra_length));
    for (std::size_t at = 0; at + 2 < extra.size() && extra[at] >= 3; at += extra[at]) {
        if (extra[at + 1] == kClassSpecific && extra[at + 2] == kUnionDescriptor && extra[at] >= 5 &&
            at + 5 <= extra.size()) {
            return extra[at + 4];
        }
    }
    return std::nullopt;
}

UsbInterface interface_of(const libusb_interface_descriptor& descriptor)
{
    UsbInterface one;
    one.number = descriptor.bInterfaceNumber;
    one.device_class = descriptor.bInterfaceClass;
    one.subclass = descriptor.bInterfaceSubClass;
    one.cdc_data = union_of(descriptor);
    for (int at = 0; at < descriptor.bNumEndpoints; ++at) {
        const libusb_endpoint_descriptor& endpoint = descriptor.endpoint[at];
        if ((endpoint.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK) {
            continue;
        }
        const bool in = (endpoint.bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0;
        if (in && one.bulk_in == 0) {
            one.bulk_in = endpoint.bEndpointAddress;
            one.packet_in = endpoint.wMaxPacketSize;
        } else if (!in && one.bulk_out == 0) {
            one.bulk_out = endpoint.bEndpointAddress;
        }
    }
    return one;
}

Result<UsbPipe> pipe_of(libusb_device* device, const std::string& name)
{
    ConfigOwner owner;
    if (const int error = libusb_get_active_config_descriptor(device, &owner.config); error != 0) {
        return fail(Errc::port_lost,
                    "open " + name + ": its descriptors cannot be read: " + libusb_error_name(error));
    }
    std::vector<UsbInterface> interfaces;
    for (int at = 0; at < owner.config->bNumInterfaces; ++at) {
        const libusb_interface& one = owner.config->interface[at];
        if (one.num_altsetting > 0) {
            interfaces.push_back(interface_of(one.altsetting[0]));
        }
    }
    const auto pipe = choose_pipe(interfaces);
    if (!pipe) {
        return fail(Errc::unsupported,
                    "open " + name +
                        ": the device has no pair of bulk endpoints; it is no register with a USB line, or "
                        "is in another mode (network, boot loader): see the register's own USB setting");
    }
    return *pipe;
}

tl::unexpected<Error> refused(int error, const std::string& name, const char* what)
{
    const std::string head = std::string(what) + " " + name + ": ";
    switch (error) {
    case LIBUSB_ERROR_ACCESS:
        return fail(Errc::port_denied,
                    head + "this user may not use the device; install the package's udev rules and plug the "
                           "cable in again, or add the user to the group dialout");
    case LIBUSB_ERROR_BUSY:
        return fail(Errc::port_busy,
                    head + "another program or driver holds the device; stop it (the maker's driver or its "
                           "test program, a virtual machine)");
    case LIBUSB_ERROR_NO_DEVICE:
        return fail(Errc::port_lost, head + "the device has just gone");
    case LIBUSB_ERROR_NOT_SUPPORTED:
        return fail(Errc::port_denied, head + "the system's driver does not let it be used directly; on "
                                              "Windows the WinUSB driver is wanted for it");
    default:
        return fail(Errc::port_lost, head + libusb_error_name(error));
    }
}

bool tells_serial(libusb_device_handle* handle, const libusb_device_descriptor& descriptor,
                  const std::string& wanted)
{
    std::array<unsigned char, 256> text{};
    const int length = libusb_get_string_descriptor_ascii(handle, descriptor.iSerialNumber, text.data(),
                                                          static_cast<int>(text.size()));
    return length > 0 && std::string(text.data(), text.data() + length) == wanted;
}

} // namespace

Error no_such_device(const std::string& name)
{
    return Error{Errc::port_not_found, Outcome::not_done,
                 "open " + name +
                     ": no such USB device; check the cable and power of the register, then vendor, product "
                     "and serial number in the port's name",
                 std::nullopt};
}

Result<std::shared_ptr<UsbLine>> UsbLine::open(libusb_context* context, const UsbWanted& wanted)
{
    DeviceList list;
    const auto count = libusb_get_device_list(context, &list.devices);
    std::optional<Error> obstacle;
    for (ssize_t at = 0; at < count; ++at) {
        libusb_device* device = list.devices[at];
        libusb_device_descriptor descriptor{};
        if (libusb_get_device_descriptor(device, &descriptor) != 0 || descriptor.idVendor != wanted.vid ||
            descriptor.idProduct != wanted.pid ||
            (!wanted.addresses.empty() && std::find(wanted.addresses.begin(), wanted.addresses.end(),
                                                    address_of(device)) == wanted.addresses.end())) {
            continue;
        }
        libusb_device_handle* handle = nullptr;
        if (const int error = libusb_open(device, &handle); error != 0) {
            obstacle = refused(error, wanted.name, "open").value();
            continue;
        }
        if (wanted.addresses.empty() && !wanted.usb_serial.empty() &&
            !tells_serial(handle, descriptor, wanted.usb_serial)) {
            libusb_close(handle);
            continue;
        }
        const auto pipe = pipe_of(device, wanted.name);
        if (!pipe) {
            libusb_close(handle);
            obstacle = pipe.error();
            continue;
        }
        std::shared_ptr<UsbLine> line(new UsbLine(handle, *pipe));
        if (const auto claimed = line->claim(wanted); !claimed) {
            obstacle = claimed.error();
            continue;
        }
        return line;
    }
    if (obstacle) {
        return tl::unexpected<Error>(*obstacle);
    }
    return tl::unexpected<Error>(no_such_device(wanted.name));
}

UsbLine::UsbLine(libusb_device_handle* handle, const UsbPipe& pipe) : handle_(handle), pipe_(pipe) {}

UsbLine::~UsbLine() { give_back(); }

Result<void> UsbLine::claim(const UsbWanted& wanted)
{
    // The ACM driver is bound to both interfaces and leaves both when it is taken off the first.
    const int first = pipe_.control ? *pipe_.control : pipe_.data.number;
    if (libusb_kernel_driver_active(handle_, first) == 1) {
        if (const int error = libusb_detach_kernel_driver(handle_, first);
            error != 0 && error != LIBUSB_ERROR_NOT_FOUND) {
            return refused(error, wanted.name, "take");
        }
        detached_ = true;
    }
    if (pipe_.control) {
        if (const int error = libusb_claim_interface(handle_, *pipe_.control); error != 0) {
            return refused(error, wanted.name, "take");
        }
        claimed_control_ = true;
    }
    if (const int error = libusb_claim_interface(handle_, pipe_.data.number); error != 0) {
        return refused(error, wanted.name, "take");
    }
    claimed_data_ = true;
    set_line(wanted.baud);
    return {};
}

// Speed and DTR/RTS, as the system's own driver would set them. A device that refuses them does not need
// them.
//   dwDTERate u32 LE | bCharFormat 0: 1 stop bit | bParityType 0: none | bDataBits 8
void UsbLine::set_line(unsigned baud)
{
    if (!pipe_.control) {
        return;
    }
    std::array<std::uint8_t, 7> coding{static_cast<std::uint8_t>(baud),
                                       static_cast<std::uint8_t>(baud >> 8U),
                                       static_cast<std::uint8_t>(baud >> 16U),
                                       static_cast<std::uint8_t>(baud >> 24U),
                                       0,
                                       0,
                                       8};
    libusb_control_transfer(handle_, kHostToInterface, kSetLineCoding, 0, *pipe_.control, coding.data(),
                            static_cast<std::uint16_t>(coding.size()), kControlWait_ms);
    libusb_control_transfer(handle_, kHostToInterface, kSetControlLineState, kDtrAndRts, *pipe_.control,
                            nullptr, 0, kControlWait_ms);
}

void UsbLine::start_reading(std::function<void(Received)> told)
{
    on_received_ = std::move(told);
    in_ = libusb_alloc_transfer(0);
    out_ = libusb_alloc_transfer(0);
    in_buffer_.resize(kReadSize);
    libusb_fill_bulk_transfer(in_, handle_, pipe_.data.bulk_in, in_buffer_.data(),
                              static_cast<int>(in_buffer_.size()), &UsbLine::on_read, this, 0);
    submit_read();
}

void UsbLine::read_on(bool clear_halt)
{
    if (handle_ == nullptr || reading_) {
        return;
    }
    if (clear_halt) {
        libusb_clear_halt(handle_, pipe_.data.bulk_in);
    }
    submit_read();
}

void UsbLine::submit_read()
{
    const int error = libusb_submit_transfer(in_);
    reading_ = error == 0;
    if (error != 0) {
        on_received_(Received{end_of_submit(error), {}});
    }
}

void UsbLine::on_read(libusb_transfer* transfer)
{
    auto& self = *static_cast<UsbLine*>(transfer->user_data);
    self.reading_ = false;
    Received piece;
    piece.end = end_of(transfer->status);
    piece.bytes.assign(transfer->buffer, transfer->buffer + transfer->actual_length);
    const bool done = piece.end == UsbEnd::done;
    const bool room = (self.untaken_ += piece.bytes.size()) < kUntakenMost;
    // A packet without bytes only ends what came before it: it says nothing.
    if (!done || !piece.bytes.empty()) {
        self.on_received_(std::move(piece));
    }
    if (done && room) {
        self.submit_read();
    }
}

bool UsbLine::taken(std::size_t count)
{
    const std::size_t before = untaken_.fetch_sub(count);
    return before >= kUntakenMost && before - count < kUntakenMost;
}

void UsbLine::write(Bytes bytes, std::function<void(Sent)> told)
{
    if (handle_ == nullptr) {
        told(Sent{UsbEnd::gone, 0});
        return;
    }
    on_sent_ = std::move(told);
    out_buffer_ = std::move(bytes);
    libusb_fill_bulk_transfer(out_, handle_, pipe_.data.bulk_out, out_buffer_.data(),
                              static_cast<int>(out_buffer_.size()), &UsbLine::on_written, this, 0);
    writing_ = true;
    if (const int error = libusb_submit_transfer(out_); error != 0) {
        writing_ = false;
        on_sent_(Sent{end_of_submit(error), 0});
    }
}

void UsbLine::on_written(libusb_transfer* transfer)
{
    auto& self = *static_cast<UsbLine*>(transfer->user_data);
    self.writing_ = false;
    self.on_sent_(Sent{end_of(transfer->status), static_cast<std::size_t>(transfer->actual_length)});
}

void UsbLine::clear_write_halt()
{
    if (handle_ != nullptr) {
        libusb_clear_halt(handle_, pipe_.data.bulk_out);
    }
}

void UsbLine::cancel_write()
{
    if (writing_) {
        libusb_cancel_transfer(out_);
    }
}

void UsbLine::close(libusb_context* context)
{
    if (handle_ == nullptr) {
        return;
    }
    on_received_ = [](const Received&) {};
    on_sent_ = [](Sent) {};
    const auto end = std::chrono::steady_clock::now() + kCloseWait;
    if (reading_) {
        libusb_cancel_transfer(in_);
    }
    cancel_write();
    while ((reading_ || writing_) && std::chrono::steady_clock::now() < end) {
        timeval soon{0, 20'000};
        libusb_handle_events_timeout_completed(context, &soon, nullptr);
    }
    give_back();
}

void UsbLine::give_back()
{
    if (handle_ == nullptr) {
        return;
    }
    if (pipe_.control && claimed_control_) {
        libusb_control_transfer(handle_, kHostToInterface, kSetControlLineState, 0, *pipe_.control, nullptr,
                                0, kControlWait_ms);
    }
    if (claimed_data_) {
        libusb_release_interface(handle_, pipe_.data.number);
    }
    if (claimed_control_) {
        libusb_release_interface(handle_, *pipe_.control);
    }
    if (detached_) {
        libusb_attach_kernel_driver(handle_, pipe_.control ? *pipe_.control : pipe_.data.number);
    }
    libusb_close(handle_);
    handle_ = nullptr;
    // After libusb_close no callback comes any more, whatever was under way.
    libusb_free_transfer(in_);
    libusb_free_transfer(out_);
    in_ = nullptr;
    out_ = nullptr;
}

} // namespace kb

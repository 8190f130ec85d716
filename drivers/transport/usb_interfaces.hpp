// Which interface of a USB device carries the bytes: decided from its descriptors alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace kb {

/// One interface as its descriptor tells it (USB 2.0, 9.6.5), with its first bulk endpoint each way.
struct UsbInterface {
    std::uint8_t number = 0;
    std::uint8_t device_class = 0; ///< bInterfaceClass
    std::uint8_t subclass = 0;
    std::uint8_t bulk_in = 0; ///< endpoint address; 0: none
    std::uint8_t bulk_out = 0;
    std::uint16_t packet_in = 0; ///< wMaxPacketSize of bulk_in
    std::optional<std::uint8_t>
        cdc_data{}; ///< of a communication interface: its data interface, by the union descriptor
};

/// Where the bytes go.
struct UsbPipe {
    UsbInterface data;
    std::optional<std::uint8_t> control; ///< CDC-ACM: the interface that takes line coding and DTR
};

/// The serial line of the device: the first CDC-ACM function, else the first vendor-specific interface with
/// bulk endpoints both ways. A composite register has further ACM functions that are not for the exchange,
/// and its exchange is the one with the lowest interface number (docs/sources.md#usb). nullopt: there is
/// none.
std::optional<UsbPipe> choose_pipe(std::span<const UsbInterface> interfaces);

} // namespace kb

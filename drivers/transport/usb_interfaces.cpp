// CDC-ACM first, then vendor-specific; everything else on the device belongs to others.
#include "drivers/transport/usb_interfaces.hpp"

namespace kb {
namespace {

constexpr std::uint8_t kCommunication = 0x02; // bInterfaceClass, with the subclass below: a modem-like line
constexpr std::uint8_t kAbstractControl = 0x02;
constexpr std::uint8_t kCdcData = 0x0A;
constexpr std::uint8_t kVendor = 0xFF;

bool has_pair(const UsbInterface& one) { return one.bulk_in != 0 && one.bulk_out != 0; }

// The data interface of an ACM function is named by its union descriptor; firmware that leaves the descriptor
// out puts it right behind.
const UsbInterface* data_of(const UsbInterface& control, std::span<const UsbInterface> interfaces)
{
    const unsigned wanted = control.cdc_data ? *control.cdc_data : control.number + 1U;
    for (const UsbInterface& one : interfaces) {
        if (one.number == wanted && one.device_class == kCdcData && has_pair(one)) {
            return &one;
        }
    }
    return nullptr;
}

} // namespace

std::optional<UsbPipe> choose_pipe(std::span<const UsbInterface> interfaces)
{
    for (const UsbInterface& one : interfaces) {
        if (one.device_class == kCommunication && one.subclass == kAbstractControl) {
            if (const UsbInterface* data = data_of(one, interfaces)) {
                return UsbPipe{*data, one.number};
            }
        }
    }
    for (const UsbInterface& one : interfaces) {
        if (one.device_class == kVendor && has_pair(one)) {
            return UsbPipe{one, std::nullopt};
        }
    }
    return std::nullopt;
}

} // namespace kb

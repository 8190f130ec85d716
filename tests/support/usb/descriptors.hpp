// USB descriptors of the forms a register comes in (USB 2.0, 9.6; CDC120, 5.2.3).
#pragma once

#include "tests/support/usb/fake_machine.hpp"

namespace kb::test {

/// Device descriptor and configuration, as /sys/…/descriptors has them.
Bytes descriptors_of(const FakeDevice& device);

} // namespace kb::test

#include "tests/support/usb/descriptors.hpp"

namespace kb::test {
namespace {

using Form = FakeDevice::Form;

void add(Bytes& all, std::initializer_list<unsigned> bytes)
{
    for (const unsigned byte : bytes) {
        all.push_back(static_cast<std::uint8_t>(byte));
    }
}

// Control interface `first` with its functional descriptors, data interface `first` + 1.
void add_acm(Bytes& all, unsigned first, unsigned in, unsigned out, unsigned interrupt)
{
    add(all, {9, 4, first, 0, 1, 0x02, 0x02, 1, 0});
    add(all, {5, 0x24, 0x00, 0x10, 0x01});       // header
    add(all, {5, 0x24, 0x01, 0x00, first + 1});  // call management
    add(all, {4, 0x24, 0x02, 0x02});             // abstract control: line coding
    add(all, {5, 0x24, 0x06, first, first + 1}); // union
    add(all, {7, 5, interrupt, 3, 8, 0, 10});    // notifications
    add(all, {9, 4, first + 1, 0, 2, 0x0A, 0, 0, 0});
    add(all, {7, 5, out, 2, 64, 0, 0});
    add(all, {7, 5, in, 2, 64, 0, 0});
}

} // namespace

Bytes descriptors_of(const FakeDevice& device)
{
    Bytes interfaces;
    unsigned count = 1;
    switch (device.form) {
    case Form::acm:
        add_acm(interfaces, 0, 0x81, 0x02, 0x83);
        count = 2;
        break;
    case Form::two_acm:
        add_acm(interfaces, 0, 0x81, 0x02, 0x83);
        add_acm(interfaces, 2, 0x84, 0x05, 0x86);
        count = 4;
        break;
    case Form::bulk_only:
        add(interfaces, {9, 4, 0, 0, 2, 0xFF, 0, 0, 0, 7, 5, 0x02, 2, 64, 0, 0, 7, 5, 0x81, 2, 64, 0, 0});
        break;
    case Form::keyboard:
        add(interfaces, {9, 4, 0, 0, 1, 0x03, 1, 1, 0, 7, 5, 0x81, 3, 8, 0, 10});
        break;
    }
    const unsigned vid = device.id.vid;
    const unsigned pid = device.id.pid;
    Bytes all;
    add(all,
        {18, 1, 0x00, 0x02, 0, 0, 0, 64, vid & 0xFF, vid >> 8U, pid & 0xFF, pid >> 8U, 0, 1, 1, 2, 3, 1});
    const std::size_t total = 9 + interfaces.size();
    add(all, {9, 2, static_cast<unsigned>(total) & 0xFF, static_cast<unsigned>(total) >> 8U, count, 1, 0,
              0x80, 250});
    all.insert(all.end(), interfaces.begin(), interfaces.end());
    return all;
}

} // namespace kb::test

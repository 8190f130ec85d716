// The kernel's side of /dev/bus/usb/BBB/DDD (linux/usbdevice_fs.h), played from a thread of libumockdev.
#include "tests/support/usb/descriptors.hpp"
#include "tests/support/usb/fake_machine.hpp"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <umockdev.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>

namespace kb::test {
namespace {

using Urb = usbdevfs_urb;

std::string sys_path(const FakeDevice& device)
{
    return "/devices/pci0000:00/0000:00:14.0/usb1/" + device.place;
}

std::string node_of(const FakeDevice& device)
{
    char node[32];
    std::snprintf(node, sizeof(node), "/dev/bus/usb/001/%03u", device.address);
    return node;
}

// A structure in the caller's memory, as an ioctl's argument points at it.
template <class T>
T& at(UMockdevIoctlData* data)
{
    return *reinterpret_cast<T*>(data->data);
}

} // namespace

struct FakeBulk::State {
    mutable std::mutex guard;
    std::function<Bytes(BytesView)> answer;
    std::deque<Bytes> to_host; ///< an empty one is an empty packet
    std::size_t piece = 4096;
    bool stall_write = false;
    bool stall_read = false;
    bool halted_in = false;
    bool halted_out = false;
    unsigned read_failures = 0;
    std::optional<bool> write_failure; ///< taken
    bool takes_nothing = false;
    bool driver = false;
    bool claimed_elsewhere = false;
    bool gone = false;
    Bytes received;
    std::size_t sent = 0;
    std::vector<FakeControl> controls;
    std::vector<unsigned> halts_cleared;
    std::set<unsigned> claimed;
    std::vector<unsigned> detached;
    std::vector<unsigned> attached;
    std::deque<UMockdevIoctlData*> reads;  ///< waiting for bytes from the device
    std::deque<UMockdevIoctlData*> writes; ///< the device does not take them
    std::deque<UMockdevIoctlData*> done;

    static UMockdevIoctlData* buffer_of(UMockdevIoctlData* urb, int length)
    {
        return umockdev_ioctl_data_resolve(urb, G_STRUCT_OFFSET(Urb, buffer), static_cast<gsize>(length),
                                           nullptr);
    }

    void end(UMockdevIoctlData* data, int status, int length)
    {
        at<Urb>(data).status = status;
        at<Urb>(data).actual_length = length;
        done.push_back(data);
    }

    void control(UMockdevIoctlData* data)
    {
        // bmRequestType | bRequest | wValue LE | wIndex LE | wLength LE | data
        UMockdevIoctlData* buffer = buffer_of(data, at<Urb>(data).buffer_length);
        const auto* setup = reinterpret_cast<const std::uint8_t*>(buffer->data);
        FakeControl request{setup[0], setup[1], setup[2] + 256U * setup[3], setup[4] + 256U * setup[5], {}};
        request.data.assign(setup + 8, setup + at<Urb>(data).buffer_length);
        umockdev_ioctl_data_unref(buffer);
        end(data, 0, static_cast<int>(request.data.size()));
        controls.push_back(std::move(request));
    }

    void write(UMockdevIoctlData* data)
    {
        if (stall_write || halted_out) {
            halted_out = true;
            stall_write = false;
            end(data, -EPIPE, 0);
            return;
        }
        const int length = at<Urb>(data).buffer_length;
        const bool fails = write_failure.has_value();
        if (!fails || *write_failure) {
            UMockdevIoctlData* buffer = buffer_of(data, length);
            const BytesView bytes(reinterpret_cast<const std::uint8_t*>(buffer->data),
                                  static_cast<std::size_t>(length));
            received.insert(received.end(), bytes.begin(), bytes.end());
            if (answer) {
                if (Bytes reply = answer(bytes); !reply.empty()) {
                    to_host.push_back(std::move(reply));
                }
            }
            umockdev_ioctl_data_unref(buffer);
        }
        write_failure.reset();
        end(data, fails ? -EPROTO : 0, fails ? 0 : length);
    }

    // What the device has to say goes into the reads that wait.
    void serve_reads()
    {
        while (!reads.empty()) {
            UMockdevIoctlData* data = reads.front();
            if (read_failures > 0) {
                --read_failures;
                end(data, -EPROTO, 0);
            } else if (stall_read || halted_in) {
                halted_in = true;
                stall_read = false;
                end(data, -EPIPE, 0);
            } else if (!to_host.empty()) {
                Bytes& next = to_host.front();
                const std::size_t room = static_cast<std::size_t>(at<Urb>(data).buffer_length);
                const std::size_t count = std::min({next.size(), piece, room});
                UMockdevIoctlData* buffer = buffer_of(data, at<Urb>(data).buffer_length);
                std::copy_n(next.begin(), count, reinterpret_cast<std::uint8_t*>(buffer->data));
                umockdev_ioctl_data_unref(buffer);
                next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(count));
                if (next.empty()) {
                    to_host.pop_front();
                }
                sent += count;
                end(data, 0, static_cast<int>(count));
            } else {
                return;
            }
            reads.pop_front();
        }
    }

    void end_all(int status)
    {
        for (auto* queue : {&reads, &writes}) {
            for (UMockdevIoctlData* data : *queue) {
                end(data, status, 0);
            }
            queue->clear();
        }
    }

    int submit(UMockdevIoctlData* data)
    {
        const Urb& urb = at<Urb>(data);
        if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
            control(data);
        } else if ((urb.endpoint & 0x80U) != 0) {
            reads.push_back(data);
        } else if (takes_nothing) {
            writes.push_back(data);
        } else {
            write(data);
        }
        return 0;
    }

    bool discard(gulong address)
    {
        for (auto* queue : {&reads, &writes}) {
            for (auto one = queue->begin(); one != queue->end(); ++one) {
                if ((*one)->client_addr == address) {
                    end(*one, -ENOENT, 0);
                    queue->erase(one);
                    return true;
                }
            }
        }
        return false;
    }
};

namespace {

void complete(UMockdevIoctlClient* client, long result, int error = 0)
{
    umockdev_ioctl_client_complete(client, result, error);
}

// The argument is a structure of T.
template <class T, class Use>
void with(UMockdevIoctlData* argument, Use use)
{
    UMockdevIoctlData* data = umockdev_ioctl_data_resolve(argument, 0, sizeof(T), nullptr);
    use(at<T>(data));
    umockdev_ioctl_data_unref(data);
}

} // namespace

FakeBulk::FakeBulk() : state_(std::make_unique<State>()) {}
FakeBulk::~FakeBulk() = default;

struct FakeMachine::State {
    UMockdevTestbed* testbed = nullptr;
    std::map<std::string, UMockdevIoctlBase*> handlers; ///< by node

    static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer bulk)
    {
        return handle(*static_cast<FakeBulk*>(bulk)->state_, client) ? TRUE : FALSE;
    }
    static bool handle(FakeBulk::State& device, UMockdevIoctlClient* client);
    static bool reap(FakeBulk::State& device, UMockdevIoctlClient* client, UMockdevIoctlData* argument);
    static bool drive(FakeBulk::State& device, UMockdevIoctlClient* client, UMockdevIoctlData* argument);
};

// USBDEVFS_IOCTL: taking the system's driver off an interface, and putting it back.
bool FakeMachine::State::drive(FakeBulk::State& device, UMockdevIoctlClient* client,
                               UMockdevIoctlData* argument)
{
    with<usbdevfs_ioctl>(argument, [&](const usbdevfs_ioctl& wanted) {
        const bool off =
            static_cast<unsigned>(wanted.ioctl_code) == static_cast<unsigned>(USBDEVFS_DISCONNECT);
        (off ? device.detached : device.attached).push_back(static_cast<unsigned>(wanted.ifno));
        device.driver = !off;
    });
    complete(client, 0);
    return true;
}

bool FakeMachine::State::reap(FakeBulk::State& device, UMockdevIoctlClient* client,
                              UMockdevIoctlData* argument)
{
    if (device.gone) {
        device.end_all(-ESHUTDOWN);
    } else {
        device.serve_reads();
        while (!device.takes_nothing && !device.writes.empty()) {
            device.write(device.writes.front());
            device.writes.pop_front();
        }
    }
    if (device.done.empty()) {
        complete(client, -1, device.gone ? ENODEV : EAGAIN);
        return true;
    }
    UMockdevIoctlData* urb = device.done.front();
    device.done.pop_front();
    UMockdevIoctlData* pointer = umockdev_ioctl_data_resolve(argument, 0, sizeof(gpointer), nullptr);
    umockdev_ioctl_data_set_ptr(pointer, 0, urb);
    umockdev_ioctl_data_unref(pointer);
    umockdev_ioctl_data_unref(urb);
    complete(client, 0);
    return true;
}

bool FakeMachine::State::handle(FakeBulk::State& device, UMockdevIoctlClient* client)
{
    const std::lock_guard lock(device.guard);
    const gulong request = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData* argument = umockdev_ioctl_client_get_arg(client);
    if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB) {
        return reap(device, client, argument);
    }
    if (device.gone) {
        complete(client, -1, ENODEV);
        return true;
    }
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        with<std::uint32_t>(argument, [](std::uint32_t& can) {
            can = USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                  USBDEVFS_CAP_REAP_AFTER_DISCONNECT | USBDEVFS_CAP_ZERO_PACKET;
        });
        complete(client, 0);
        return true;
    case USBDEVFS_GETDRIVER:
        if (device.driver) {
            with<usbdevfs_getdriver>(argument, [](usbdevfs_getdriver& driver) {
                std::strncpy(driver.driver, "cdc_acm", sizeof(driver.driver));
            });
        }
        complete(client, device.driver ? 0 : -1, ENODATA);
        return true;
    case USBDEVFS_IOCTL:
        return drive(device, client, argument);
    case USBDEVFS_CLAIMINTERFACE:
        if (device.driver || device.claimed_elsewhere) {
            complete(client, -1, EBUSY);
            return true;
        }
        with<unsigned>(argument, [&](unsigned& number) { device.claimed.insert(number); });
        complete(client, 0);
        return true;
    case USBDEVFS_RELEASEINTERFACE:
        with<unsigned>(argument, [&](unsigned& number) { device.claimed.erase(number); });
        complete(client, 0);
        return true;
    case USBDEVFS_CLEAR_HALT:
        with<unsigned>(argument, [&](unsigned& endpoint) {
            device.halts_cleared.push_back(endpoint);
            ((endpoint & 0x80U) != 0 ? device.halted_in : device.halted_out) = false;
        });
        complete(client, 0);
        return true;
    case USBDEVFS_SUBMITURB: {
        UMockdevIoctlData* urb = umockdev_ioctl_data_resolve(argument, 0, sizeof(Urb), nullptr);
        complete(client, device.submit(urb));
        return true;
    }
    case USBDEVFS_DISCARDURB:
        complete(client, device.discard(*reinterpret_cast<gulong*>(argument->data)) ? 0 : -1, EINVAL);
        return true;
    default:
        return false;
    }
}

FakeMachine::FakeMachine() : state_(std::make_unique<State>())
{
    state_->testbed = umockdev_testbed_new();
    if (umockdev_in_mock_environment() == FALSE) {
        throw std::runtime_error("run this program with LD_PRELOAD=libumockdev-preload.so.0");
    }
}

FakeMachine::~FakeMachine()
{
    for (const auto& [node, handler] : state_->handlers) {
        umockdev_testbed_detach_ioctl(state_->testbed, node.c_str(), nullptr);
        g_object_unref(handler);
    }
    g_object_unref(state_->testbed);
}

void FakeMachine::plug(const FakeDevice& device, FakeBulk* bulk)
{
    char ids[256];
    std::snprintf(ids, sizeof(ids),
                  "E: DEVNAME=%s\nE: BUSNUM=001\nE: DEVNUM=%03u\nE: MAJOR=189\nE: MINOR=%u\nA: busnum=1\n"
                  "A: devnum=%u\nA: idVendor=%04x\nA: idProduct=%04x\n",
                  node_of(device).c_str(), device.address, device.address - 1, device.address, device.id.vid,
                  device.id.pid);
    std::string text = "P: " + sys_path(device) + "\nN: " + node_of(device).substr(5) +
                       "\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: SUBSYSTEM=usb\n" + ids +
                       "A: bConfigurationValue=1\nA: bNumConfigurations=1\nA: bNumInterfaces= 2\nA: "
                       "bDeviceClass=02\nA: speed=12\nA: manufacturer=TEST\n"
                       "A: product=Register (emulated)\nA: serial=" +
                       device.serial + "\nH: descriptors=";
    text += to_hex(descriptors_of(device)) + "\n\n";
    for (std::size_t index = 0; index < device.ttys.size(); ++index) {
        const std::string interface = device.place + ":1." + std::to_string(2 * index);
        const std::string tty = "ttyACM" + std::to_string(device.ttys[index]);
        text += "P: " + sys_path(device) + "/" + interface +
                "\nE: DEVTYPE=usb_interface\nE: DRIVER=cdc_acm\nE: SUBSYSTEM=usb\nA: bInterfaceClass=02\n"
                "A: bInterfaceNumber=0" +
                std::to_string(2 * index) + "\n\n";
        text += "P: " + sys_path(device) + "/" + interface + "/tty/" + tty + "\nN: " + tty +
                "\nE: SUBSYSTEM=tty\nE: MAJOR=166\nE: MINOR=" + std::to_string(device.ttys[index]) +
                "\nE: DEVNAME=/dev/" + tty + "\nA: dev=166:" + std::to_string(device.ttys[index]) +
                "\nL: device=../../../" + interface + "\n\n";
    }
    GError* error = nullptr;
    if (umockdev_testbed_add_from_string(state_->testbed, text.c_str(), &error) == FALSE) {
        throw std::runtime_error(error->message);
    }
    if (bulk != nullptr) {
        bulk->state_->gone = false;
        UMockdevIoctlBase* handler = umockdev_ioctl_base_new();
        g_signal_connect(handler, "handle-ioctl", G_CALLBACK(&State::on_ioctl), bulk);
        state_->handlers[node_of(device)] = handler;
        g_object_set_data(G_OBJECT(handler), "bulk", bulk);
        if (umockdev_testbed_attach_ioctl(state_->testbed, node_of(device).c_str(), handler, &error) ==
            FALSE) {
            throw std::runtime_error(error->message);
        }
    }
}

void FakeMachine::unplug(const FakeDevice& device)
{
    if (const auto handler = state_->handlers.find(node_of(device)); handler != state_->handlers.end()) {
        auto* bulk = static_cast<FakeBulk*>(g_object_get_data(G_OBJECT(handler->second), "bulk"));
        const std::lock_guard lock(bulk->state_->guard);
        bulk->state_->gone = true;
    }
    std::vector<std::string> paths;
    for (std::size_t index = 0; index < device.ttys.size(); ++index) {
        const std::string interface =
            sys_path(device) + "/" + device.place + ":1." + std::to_string(2 * index);
        paths.push_back(interface + "/tty/ttyACM" + std::to_string(device.ttys[index]));
        paths.push_back(interface);
    }
    paths.push_back(sys_path(device));
    for (const std::string& path : paths) {
        umockdev_testbed_uevent(state_->testbed, ("/sys" + path).c_str(), "remove");
    }
    for (const std::string& path : paths) {
        umockdev_testbed_remove_device(state_->testbed, ("/sys" + path).c_str());
    }
}

void FakeBulk::answer_with(std::function<Bytes(BytesView)> answer)
{
    const std::lock_guard lock(state_->guard);
    state_->answer = std::move(answer);
}

void FakeBulk::send(BytesView bytes)
{
    const std::lock_guard lock(state_->guard);
    state_->to_host.emplace_back(bytes.begin(), bytes.end());
}

void FakeBulk::send_empty_packet()
{
    const std::lock_guard lock(state_->guard);
    state_->to_host.emplace_back();
}

void FakeBulk::in_pieces_of(std::size_t bytes)
{
    const std::lock_guard lock(state_->guard);
    state_->piece = bytes;
}

void FakeBulk::stall_next_write()
{
    const std::lock_guard lock(state_->guard);
    state_->stall_write = true;
}

void FakeBulk::stall_next_read()
{
    const std::lock_guard lock(state_->guard);
    state_->stall_read = true;
}

void FakeBulk::fail_next_reads(unsigned count)
{
    const std::lock_guard lock(state_->guard);
    state_->read_failures = count;
}

void FakeBulk::fail_next_write(bool taken)
{
    const std::lock_guard lock(state_->guard);
    state_->write_failure = taken;
}

void FakeBulk::take_nothing(bool nothing)
{
    const std::lock_guard lock(state_->guard);
    state_->takes_nothing = nothing;
}

Bytes FakeBulk::received() const
{
    const std::lock_guard lock(state_->guard);
    return state_->received;
}

std::size_t FakeBulk::sent() const
{
    const std::lock_guard lock(state_->guard);
    return state_->sent;
}

std::vector<FakeControl> FakeBulk::controls() const
{
    const std::lock_guard lock(state_->guard);
    return state_->controls;
}

std::vector<unsigned> FakeBulk::halts_cleared() const
{
    const std::lock_guard lock(state_->guard);
    return state_->halts_cleared;
}

std::vector<unsigned> FakeBulk::claimed() const
{
    const std::lock_guard lock(state_->guard);
    return {state_->claimed.begin(), state_->claimed.end()};
}

std::vector<unsigned> FakeBulk::detached() const
{
    const std::lock_guard lock(state_->guard);
    return state_->detached;
}

std::vector<unsigned> FakeBulk::attached() const
{
    const std::lock_guard lock(state_->guard);
    return state_->attached;
}

void FakeBulk::has_driver(bool present)
{
    const std::lock_guard lock(state_->guard);
    state_->driver = present;
}

void FakeBulk::is_claimed(bool elsewhere)
{
    const std::lock_guard lock(state_->guard);
    state_->claimed_elsewhere = elsewhere;
}

} // namespace kb::test

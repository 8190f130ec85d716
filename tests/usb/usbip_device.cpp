// A register's USB end in user space: a device that vhci_hcd of this machine takes for plugged in, and whose
// bytes go to and from a TCP address (kkt-emulator). Root; vhci-hcd must be loaded; no network and no usbip
// tools are used: the kernel gets one end of a socket pair.
//
//   kb_usbip_device VID:PID SERIAL PORT FORM HOST:PORT
//
// PORT 0..7 of the virtual hub; FORM acm (one serial function), two_acm (two, as ATOL's), vendor (bulk
// endpoints and no driver). On SIGTERM the device is pulled out; on SIGUSR1 it is pulled out in the middle of
// the next answer of the register that carries a piece of a document.
//
// The wire is the kernel's Documentation/usb/usbip_protocol.rst; numbers are big-endian.
//   0 command | 4 sequence | 8 device | 12 direction (1: in) | 16 endpoint | 20 .. by command:
//   SUBMIT 1:     20 flags | 24 length | 28 frame | 32 packets | 36 interval | 40 setup[8] | data when out
//   RET_SUBMIT 3: 20 status | 24 length | 28 frame | 32 packets | 36 errors | 40 padding[8] | data when in
//   UNLINK 2:     20 sequence of the submit      RET_UNLINK 4: 20 status
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;
using Header = std::array<std::uint8_t, 48>;

constexpr std::uint32_t kSubmit = 1, kUnlink = 2, kRetSubmit = 3, kRetUnlink = 4;
constexpr int kFullSpeed = 2;
const char* const kHub = "/sys/devices/platform/vhci_hcd.0/";

// Only pieces of documents make an answer so long; and settings, which are filled up with zeros.
constexpr std::ptrdiff_t kLong = 64;
bool tells_document(const std::uint8_t* begin, const std::uint8_t* end)
{
    return end - begin >= kLong && std::search_n(begin, end, 8, 0) == end;
}

volatile std::sig_atomic_t g_pull = 0;
volatile std::sig_atomic_t g_cut = 0;

std::uint32_t number(const Header& header, std::size_t at)
{
    return static_cast<std::uint32_t>(header[at]) << 24 | static_cast<std::uint32_t>(header[at + 1]) << 16 |
           static_cast<std::uint32_t>(header[at + 2]) << 8 | header[at + 3];
}

void put(Header& header, std::size_t at, std::uint32_t value)
{
    for (int byte = 0; byte < 4; ++byte) {
        header[at + static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(value >> (24 - 8 * byte));
    }
}

bool whole(int fd, void* data, std::size_t size, bool out)
{
    auto* at = static_cast<std::uint8_t*>(data);
    while (size > 0) {
        const ssize_t done = out ? ::write(fd, at, size) : ::read(fd, at, size);
        if (done <= 0) {
            if (done < 0 && errno == EINTR && g_pull == 0) {
                continue;
            }
            return false;
        }
        at += done;
        size -= static_cast<std::size_t>(done);
    }
    return true;
}

void add(Bytes& all, std::initializer_list<int> bytes)
{
    for (const int byte : bytes) {
        all.push_back(static_cast<std::uint8_t>(byte));
    }
}

// Communication interface with its header, call management, ACM and union descriptors, and its data
// interface. Source: docs/sources.md#usb, CDC120 5.2.3 and PSTN120 5.3
void add_acm(Bytes& all, int first, int in, int out, int interrupt)
{
    add(all, {9, 4, first, 0, 1, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 5, 0x24, 1, 0, first + 1, 4, 0x24, 2, 2});
    add(all, {5, 0x24, 6, first, first + 1, 7, 5, interrupt, 3, 8, 0, 10});
    add(all, {9, 4, first + 1, 0, 2, 0x0A, 0, 0, 0, 7, 5, out, 2, 64, 0, 0, 7, 5, in, 2, 64, 0, 0});
}

class Device {
public:
    Device(unsigned vid, unsigned pid, std::string serial, const std::string& form)
        : vid_(vid),
          pid_(pid),
          strings_{"", "KKT Bridge tests", "Register", std::move(serial)}
    {
        Bytes interfaces;
        int count = 1;
        if (form == "vendor") {
            add(interfaces, {9, 4, 0, 0, 2, 0xFF, 0, 0, 0, 7, 5, 2, 2, 64, 0, 0, 7, 5, 0x81, 2, 64, 0, 0});
        } else {
            add_acm(interfaces, 0, 0x81, 2, 0x83);
            count = 2;
        }
        if (form == "two_acm") {
            add_acm(interfaces, 2, 0x84, 5, 0x86);
            count = 4;
        }
        const int total = 9 + static_cast<int>(interfaces.size());
        add(configuration_, {9, 2, total & 0xFF, total >> 8, count, 1, 0, 0x80, 250});
        configuration_.insert(configuration_.end(), interfaces.begin(), interfaces.end());
    }

    bool plug(int port)
    {
        int pair[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
            return false;
        }
        kernel_ = pair[0];
        port_ = port;
        std::ofstream attach(std::string(kHub) + "attach");
        attach << port << ' ' << pair[1] << ' ' << (1 << 16 | (2 + port)) << ' ' << kFullSpeed << std::flush;
        ::close(pair[1]);
        return static_cast<bool>(attach);
    }
    void pull()
    {
        std::ofstream(std::string(kHub) + "detach") << port_ << std::flush;
        ::close(kernel_);
    }

    /// Until it is pulled, or cut in the middle of an answer.
    void live(const sockaddr_in& emulator)
    {
        while (g_pull == 0 && !(cut_of_ != 0 && waiting_.empty())) {
            pollfd ready[2] = {{kernel_, POLLIN, 0}, {line_, POLLIN, 0}};
            if (::poll(ready, line_ < 0 ? 1 : 2, 100) < 0) {
                continue;
            }
            if (line_ >= 0 && ready[1].revents != 0 && !hear_emulator()) {
                ::close(line_); // it restarts: the next question connects anew
                line_ = -1;
            }
            if (ready[0].revents != 0 && !hear_kernel(emulator)) {
                return;
            }
            serve_reads();
        }
        ::usleep(20'000); // what was sent last arrives
    }
    /// What a test wants to know of it.
    void tell() const
    {
        std::printf("%s: %zu bytes heard, %zu in the second function, %zu told, cut in an answer of %zu\n",
                    strings_[3].c_str(), heard_, heard_in_second_, told_, cut_of_);
    }

private:
    struct Read {
        std::uint32_t sequence;
        std::uint32_t length;
    };

    bool answer(std::uint32_t sequence, int status, const Bytes& data, std::uint32_t length)
    {
        Header header{};
        put(header, 0, kRetSubmit);
        put(header, 4, sequence);
        put(header, 20, static_cast<std::uint32_t>(status));
        put(header, 24, length);
        put(header, 32, 0xFFFFFFFF);
        Bytes copy = data;
        return whole(kernel_, header.data(), header.size(), true) &&
               whole(kernel_, copy.data(), copy.size(), true);
    }

    bool hear_emulator()
    {
        std::uint8_t buffer[4096];
        const ssize_t count = ::read(line_, buffer, sizeof(buffer));
        if (count <= 0) {
            return false;
        }
        if (cut_of_ != 0) {
            return true;
        }
        const bool cut = g_cut != 0 && tells_document(buffer, buffer + count);
        cut_of_ = cut ? static_cast<std::size_t>(count) : 0;
        waiting_.insert(waiting_.end(), buffer, buffer + (cut ? count / 2 : count));
        return true;
    }

    void serve_reads()
    {
        while (!reads_.empty() && !waiting_.empty()) {
            const std::size_t count = std::min<std::size_t>(reads_.front().length, waiting_.size());
            const Bytes piece(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
            waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
            answer(reads_.front().sequence, 0, piece, static_cast<std::uint32_t>(count));
            reads_.pop_front();
            told_ += count;
        }
    }

    void tell_emulator(const sockaddr_in& emulator, Bytes& data)
    {
        if (line_ < 0) {
            line_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (::connect(line_, reinterpret_cast<const sockaddr*>(&emulator), sizeof(emulator)) != 0) {
                ::close(line_);
                line_ = -1;
                return; // a register that is switched off: the bytes go nowhere
            }
        }
        whole(line_, data.data(), data.size(), true);
    }

    bool hear_kernel(const sockaddr_in& emulator)
    {
        Header header;
        if (!whole(kernel_, header.data(), header.size(), false)) {
            return false;
        }
        const std::uint32_t sequence = number(header, 4);
        if (number(header, 0) == kUnlink) {
            return unlink(sequence, number(header, 20));
        }
        if (number(header, 0) != kSubmit) {
            return false;
        }
        const bool in = number(header, 12) == 1;
        const std::uint32_t length = number(header, 24);
        const std::uint32_t endpoint = number(header, 16);
        Bytes data(in ? 0 : length);
        if (!whole(kernel_, data.data(), data.size(), false)) {
            return false;
        }
        if (endpoint == 0) {
            return control(sequence, header.data() + 40, length, in);
        }
        if (in) {
            if (endpoint == 1) {
                reads_.push_back({sequence, length});
            }
            return true; // notifications, and the second function, have nothing to say
        }
        (endpoint == 2 ? heard_ : heard_in_second_) += length;
        if (endpoint == 2) {
            tell_emulator(emulator, data);
        }
        return answer(sequence, 0, {}, length);
    }

    bool unlink(std::uint32_t sequence, std::uint32_t submitted)
    {
        const auto found = std::find_if(reads_.begin(), reads_.end(),
                                        [&](const Read& read) { return read.sequence == submitted; });
        if (found != reads_.end()) {
            reads_.erase(found);
        }
        Header header{};
        put(header, 0, kRetUnlink);
        put(header, 4, sequence);
        put(header, 20, static_cast<std::uint32_t>(-ECONNRESET));
        return whole(kernel_, header.data(), header.size(), true);
    }

    // bmRequestType | bRequest | wValue LE | wIndex LE | wLength LE
    bool control(std::uint32_t sequence, const std::uint8_t* setup, std::uint32_t length, bool in)
    {
        if (!in) {
            return answer(sequence, 0, {}, length); // configuration, line coding, DTR: all is well
        }
        Bytes reply;
        const bool get_descriptor = setup[0] == 0x80 && setup[1] == 6;
        const unsigned kind = setup[3];
        const unsigned index = setup[2];
        if (get_descriptor && kind == 1) {
            const int vid = static_cast<int>(vid_), pid = static_cast<int>(pid_);
            add(reply,
                {18, 1, 0, 2, 0, 0, 0, 64, vid & 0xFF, vid >> 8, pid & 0xFF, pid >> 8, 0, 1, 1, 2, 3, 1});
        } else if (get_descriptor && kind == 2) {
            reply = configuration_;
        } else if (get_descriptor && kind == 3 && index == 0) {
            add(reply, {4, 3, 9, 4});
        } else if (get_descriptor && kind == 3 && index < strings_.size()) {
            add(reply, {static_cast<int>(2 + 2 * strings_[index].size()), 3});
            for (const char letter : strings_[index]) {
                add(reply, {letter, 0});
            }
        } else if (setup[0] == 0x80 && setup[1] == 0) {
            add(reply, {0, 0});
        } else {
            return answer(sequence, -EPIPE, {}, 0);
        }
        reply.resize(std::min<std::size_t>(reply.size(), length));
        return answer(sequence, 0, reply, static_cast<std::uint32_t>(reply.size()));
    }

    unsigned vid_;
    unsigned pid_;
    std::array<std::string, 4> strings_;
    Bytes configuration_;
    int kernel_ = -1;
    int port_ = 0;
    int line_ = -1;
    std::deque<Read> reads_;
    std::deque<std::uint8_t> waiting_;
    std::size_t heard_ = 0;
    std::size_t heard_in_second_ = 0;
    std::size_t told_ = 0;
    std::size_t cut_of_ = 0; ///< length of the answer that was cut
};

} // namespace

int main(int count, char** words)
{
    unsigned vid = 0, pid = 0, port = 0;
    char host[64] = "";
    if (count < 6 || std::sscanf(words[1], "%4x:%4x", &vid, &pid) != 2 ||
        std::sscanf(words[5], "%63[^:]:%u", host, &port) != 2) {
        std::fprintf(stderr, "usage: see the head of usbip_device.cpp\n");
        return 2;
    }
    sockaddr_in emulator{};
    emulator.sin_family = AF_INET;
    emulator.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, host, &emulator.sin_addr);
    struct sigaction heard {};
    heard.sa_handler = [](int signal) { (signal == SIGTERM ? g_pull : g_cut) = 1; };
    ::sigaction(SIGTERM, &heard, nullptr); // without SA_RESTART: they end the poll
    ::sigaction(SIGUSR1, &heard, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    Device device(vid, pid, words[2], words[4]);
    if (!device.plug(std::atoi(words[3]))) {
        std::perror("usbip_device: attach");
        return 1;
    }
    device.live(emulator);
    device.pull();
    device.tell();
    return 0;
}

// A crowd of shop programs that ask the native API how things are, as fast as they are answered: the load of
// the budget "api_rate".
//
//   kb_bench_load_status PORT TOKEN CONNECTIONS AT_ONCE SECONDS PATH...
//
// Each connection is kept alive, sends AT_ONCE requests together (1: no pipelining) and the next ones when
// all are answered; the paths are asked in turns. Each answer must be a 200 with a whole body. Ends after
// SECONDS or by SIGTERM, and prints one JSON object: {"answers","seconds","bytes","longest_ms"}; longest_ms:
// from a batch sent to its last byte.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t told_to_end = 0;

[[noreturn]] void give_up(const std::string& what)
{
    throw std::runtime_error(errno != 0 ? what + ": " + std::strerror(errno) : what);
}

class Asker {
public:
    Asker(std::uint16_t port, std::string batch, std::size_t at_once)
        : batch_(std::move(batch)),
          at_once_(at_once),
          socket_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int yes = 1;
        if (socket_ < 0 || ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0)
            give_up("cannot connect");
    }
    ~Asker() { ::close(socket_); }
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    [[nodiscard]] int socket() const { return socket_; }

    void ask()
    {
        sent_at_ = Clock::now();
        open_ = at_once_;
        // The next batch goes out only when the one before is answered: it always fits the socket's buffer.
        if (::send(socket_, batch_.data(), batch_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(batch_.size()))
            give_up("cannot send");
    }

    /// Answers that came whole; asks again when the batch is answered.
    std::uint64_t read(Clock::duration& longest)
    {
        std::array<char, 65'536> piece{};
        const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
        if (size <= 0)
            give_up("the server hung up");
        bytes += static_cast<std::uint64_t>(size);
        input_.append(piece.data(), static_cast<std::size_t>(size));
        std::uint64_t whole = 0;
        std::size_t at = 0;
        while (const std::size_t length = answer_at(std::string_view(input_).substr(at))) {
            at += length;
            ++whole;
            --open_;
        }
        input_.erase(0, at);
        if (open_ == 0) {
            longest = std::max(longest, Clock::now() - sent_at_);
            ask();
        }
        return whole;
    }

    std::uint64_t bytes = 0;

private:
    /// The length of the answer that begins here; 0: not whole yet.
    static std::size_t answer_at(std::string_view text)
    {
        constexpr std::string_view kLength = "\r\nContent-Length: ";
        const std::size_t head = text.find("\r\n\r\n");
        if (head == std::string_view::npos)
            return 0;
        errno = 0;
        if (!text.starts_with("HTTP/1.1 200 "))
            give_up("not answered with 200: " + std::string(text.substr(0, 400)));
        const std::size_t at = text.find(kLength);
        if (at == std::string_view::npos || at > head)
            give_up("an answer without a length");
        std::size_t body = 0;
        std::from_chars(text.data() + at + kLength.size(), text.data() + head, body);
        const std::size_t length = head + 4 + body;
        return length <= text.size() ? length : 0;
    }

    std::string batch_;
    std::size_t at_once_;
    int socket_;
    std::string input_;
    std::size_t open_ = 0;
    Clock::time_point sent_at_{};
};

void run(const std::vector<std::string>& words)
{
    const auto port = static_cast<std::uint16_t>(std::stoul(words.at(0)));
    const std::size_t connections = std::stoul(words.at(2));
    const std::size_t at_once = std::stoul(words.at(3));
    const double seconds = std::stod(words.at(4));
    const std::vector<std::string> paths(words.begin() + 5, words.end());

    // The register's emulator has the same cores, and a real register has its own.
    errno = 0;
    if (::nice(10) == -1 && errno != 0)
        give_up("cannot step back");
    std::vector<std::unique_ptr<Asker>> askers;
    const int poll = ::epoll_create1(0);
    for (std::size_t i = 0; i < connections; ++i) {
        std::string batch;
        for (std::size_t n = 0; n < at_once; ++n)
            batch += "GET " + paths.at((i + n) % paths.size()) +
                     " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer " +
                     words.at(1) + "\r\n\r\n";
        askers.push_back(std::make_unique<Asker>(port, std::move(batch), at_once));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = askers.back().get();
        if (::epoll_ctl(poll, EPOLL_CTL_ADD, askers.back()->socket(), &event) != 0)
            give_up("cannot wait for answers");
    }
    const auto began = Clock::now();
    const auto end =
        began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::uint64_t answers = 0;
    Clock::duration longest{};
    for (const auto& asker : askers)
        asker->ask();
    while (told_to_end == 0 && Clock::now() < end) {
        std::array<epoll_event, 128> events{};
        const int come = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 5'000);
        if (come < 0 && errno == EINTR)
            break;
        if (come <= 0)
            give_up("no answer within 5 s");
        for (int i = 0; i < come; ++i)
            answers += static_cast<Asker*>(events.at(static_cast<std::size_t>(i)).data.ptr)->read(longest);
    }
    const double took = std::chrono::duration<double>(Clock::now() - began).count();
    std::uint64_t bytes = 0;
    for (const auto& asker : askers)
        bytes += asker->bytes;
    ::close(poll);
    std::printf("{\"answers\": %llu, \"seconds\": %.3f, \"bytes\": %llu, \"longest_ms\": %.2f}\n",
                static_cast<unsigned long long>(answers), took, static_cast<unsigned long long>(bytes),
                std::chrono::duration<double, std::milli>(longest).count());
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGTERM, [](int) { told_to_end = 1; });
    if (argc < 7) {
        std::fprintf(stderr, "usage: kb_bench_load_status PORT TOKEN CONNECTIONS AT_ONCE SECONDS PATH...\n");
        return 2;
    }
    try {
        run(std::vector<std::string>(argv + 1, argv + argc));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kb_bench_load_status: %s\n", error.what());
        return 1;
    }
}

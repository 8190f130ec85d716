#include "tests/support/drivers/strange_pty.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace kb::test {

StrangePty::StrangePty(Manners manners) : manners_(std::move(manners)), thread_([this] { live(); }) {}

StrangePty::~StrangePty()
{
    ends_ = true;
    thread_.join();
}

void StrangePty::live()
{
    const int fd = pty_.handle();
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    const auto say = [fd](const Bytes& bytes) {
        // What the line does not take now is lost, as on a wire.
        [[maybe_unused]] const auto written = ::write(fd, bytes.data(), bytes.size());
    };
    while (!ends_) {
        pollfd wait{fd, POLLIN, 0};
        const int ready = ::poll(&wait, 1, 5);
        if (ready > 0 && (wait.revents & POLLIN) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5)); // nobody has it open
            continue;
        }
        std::array<std::uint8_t, 256> buffer{};
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got > 0) {
            heard_ += static_cast<std::size_t>(got);
            if (manners_.answer) {
                say(manners_.answer(BytesView(buffer.data(), static_cast<std::size_t>(got))));
            }
        }
        if (manners_.by_itself) {
            say(manners_.by_itself());
        }
    }
}

} // namespace kb::test

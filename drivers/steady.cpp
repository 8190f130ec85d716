#include "drivers/asio.hpp"

namespace kb {

bool SteppedTime::run_one_step(asio::io_context& io)
{
    io.restart();
    if (io.poll_one() > 0) {
        return true;
    }
    // Asio's timer is due at once, always: looking at it makes Asio tell how long the earliest one has to
    // wait.
    until_next_.reset();
    if (io.poll_one() > 0) {
        return true;
    }
    if (!until_next_) {
        return false;
    }
    now_ += *until_next_ > Steady::duration::zero() ? *until_next_ : Steady::duration{1};
    return true;
}

} // namespace kb

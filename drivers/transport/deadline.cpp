// One lazily armed timer per transport.
#include "drivers/transport/deadline.hpp"

namespace kb {

struct IoDeadline::State {
    State(const asio::any_io_executor& executor, std::function<void()> cancel)
        : timer(executor),
          cancel_io(std::move(cancel))
    {}
    Timer timer;
    std::function<void()> cancel_io;
    Steady::time_point deadline{};
    Steady::time_point armed_for{};
    bool armed = false;
    bool active = false;
    bool expired = false;
    unsigned generation = 0; // tells the handler of an earlier arming from the present one
};

IoDeadline::IoDeadline(const asio::any_io_executor& executor, std::function<void()> cancel_io)
    : state_(std::make_shared<State>(executor, std::move(cancel_io)))
{}

IoDeadline::~IoDeadline()
{
    stop();
    state_->cancel_io = nullptr;
}

void IoDeadline::arm(const std::shared_ptr<State>& state)
{
    state->armed = true;
    state->armed_for = state->deadline;
    const unsigned mine = ++state->generation;
    state->timer.expires_at(state->deadline);
    state->timer.async_wait([weak = std::weak_ptr<State>(state), mine](boost::system::error_code) {
        const auto self = weak.lock();
        if (!self || self->generation != mine) {
            return;
        }
        self->armed = false;
        if (!self->active) {
            return;
        }
        if (Steady::now() < self->deadline) {
            arm(self);
            return;
        }
        self->expired = true;
        if (self->cancel_io) {
            self->cancel_io();
        }
    });
}

void IoDeadline::start(std::chrono::milliseconds at_most)
{
    state_->active = true;
    state_->expired = false;
    state_->deadline = Steady::now() + at_most;
    if (!state_->armed || state_->deadline < state_->armed_for) {
        arm(state_);
    }
}

bool IoDeadline::finish()
{
    state_->active = false;
    return state_->expired;
}

void IoDeadline::stop()
{
    state_->active = false;
    state_->armed = false;
    ++state_->generation;
    boost::system::error_code ignored;
    state_->timer.cancel(ignored);
}

} // namespace kb

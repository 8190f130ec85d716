// From the system's events to changes of the list; by asking where there are no events.
#include "drivers/transport/hotplug.hpp"

#include <algorithm>

namespace kb {
namespace {

template <class T>
std::vector<T> missing_in(const std::vector<T>& wanted, const std::vector<T>& there)
{
    std::vector<T> missing;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing),
                 [&](const T& one) { return std::find(there.begin(), there.end(), one) == there.end(); });
    return missing;
}

} // namespace

PortPicture list_everything()
{
    PortPicture picture;
    if (auto ports = list_serial_ports()) {
        picture.ports = *std::move(ports);
    }
    if (auto devices = list_usb_devices()) {
        picture.usb = *std::move(devices);
    }
    return picture;
}

PortChange changes(const PortPicture& before, const PortPicture& after)
{
    PortChange change;
    change.arrived.ports = missing_in(after.ports, before.ports);
    change.arrived.usb = missing_in(after.usb, before.usb);
    change.left.ports = missing_in(before.ports, after.ports);
    change.left.usb = missing_in(before.usb, after.usb);
    return change;
}

struct PortWatch::State {
    State(const asio::any_io_executor& executor, Told to, List how)
        : timer(executor),
          told(std::move(to)),
          list(std::move(how))
    {}
    asio::steady_timer timer;
    Told told;
    List list;
    std::unique_ptr<detail::HotplugSource> source;
    PortPicture now;
    Steady::time_point looked_at{};
    bool armed = false;
};

PortWatch::PortWatch(const asio::any_io_executor& executor, Told told, List list)
    : state_(std::make_shared<State>(executor, std::move(told), std::move(list)))
{
    state_->source = detail::hear_hotplug(executor, [weak = std::weak_ptr(state_)] {
        const auto state = weak.lock();
        if (state && !state->armed) {
            const auto since =
                std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - state->looked_at);
            look_after(state, std::max(kSettle, kAtMostEvery - since));
        }
    });
    // Listed after the ears are open: what comes in between is told twice rather than never.
    state_->now = state_->list();
    if (!state_->source) {
        look_after(state_, kPollEvery);
    }
}

PortWatch::~PortWatch() { state_->timer.cancel(); }

const PortPicture& PortWatch::now() const { return state_->now; }

bool PortWatch::told_by_system() const { return state_->source != nullptr; }

void PortWatch::look_after(const std::shared_ptr<State>& state, std::chrono::milliseconds wait)
{
    state->armed = true;
    state->timer.expires_after(wait);
    state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& stopped) {
        if (const auto alive = weak.lock(); alive && !stopped) {
            look(alive);
        }
    });
}

void PortWatch::look(const std::shared_ptr<State>& state)
{
    state->armed = false;
    state->looked_at = Steady::now();
    PortPicture present = state->list();
    const PortChange change = changes(state->now, present);
    state->now = std::move(present);
    if (!state->source) {
        look_after(state, kPollEvery);
    }
    if (state->source || !change.empty()) {
        state->told(change);
    }
}

} // namespace kb

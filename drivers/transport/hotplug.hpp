// Tells at once when ports and USB devices come and go, so that nobody has to look again and again.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/transport/discovery.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace kb {

/// Everything a register may be plugged in as.
struct PortPicture {
    std::vector<ListedPort> ports;
    std::vector<ListedUsb> usb;
    bool operator==(const PortPicture&) const = default;
};

/// What the system lists now; what it cannot list is empty.
PortPicture list_everything();

/// A device that was pulled and plugged in again between two pictures has left and arrived.
struct PortChange {
    PortPicture arrived;
    PortPicture left;
    [[nodiscard]] bool empty() const { return arrived == PortPicture{} && left == PortPicture{}; }
};
PortChange changes(const PortPicture& before, const PortPicture& after);

class PortWatch {
public:
    /// Called on the executor. An empty change means: something happened that the list does not show, such as
    /// the system granting a right; trying again may help.
    using Told = std::function<void(const PortChange&)>;
    using List = std::function<PortPicture()>;

    /// Watches from now on: whatever happens after the constructor is told, and nothing else.
    PortWatch(const asio::any_io_executor& executor, Told told, List list = &list_everything);
    ~PortWatch();
    PortWatch(const PortWatch&) = delete;
    PortWatch& operator=(const PortWatch&) = delete;

    /// As last listed.
    [[nodiscard]] const PortPicture& now() const;
    /// False: the system tells nothing by itself, so it is asked every kPollEvery.
    [[nodiscard]] bool told_by_system() const;

    static constexpr std::chrono::milliseconds kPollEvery{2'000};
    /// One plug is several events; they are told as one change.
    static constexpr std::chrono::milliseconds kSettle{30};
    /// A device that comes and goes without end must not cost more than this.
    static constexpr std::chrono::milliseconds kAtMostEvery{300};

private:
    struct State;
    static void look_after(const std::shared_ptr<State>& state, std::chrono::milliseconds wait);
    static void look(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

namespace detail {

/// The system's own news.
class HotplugSource {
public:
    virtual ~HotplugSource() = default;
};

/// Calls `event` on the executor for every event since this call, also when some were lost; empty where the
/// system has no such news. In hotplug_posix.cpp and hotplug_windows.cpp.
std::unique_ptr<HotplugSource> hear_hotplug(const asio::any_io_executor& executor,
                                            std::function<void()> event);

} // namespace detail
} // namespace kb

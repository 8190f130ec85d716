// Hot-plug events of Linux, from udevd, or from the kernel where no udevd runs.
#include "drivers/transport/hotplug.hpp"

#ifdef __linux__
#include <libudev.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#endif

namespace kb::detail {

#ifdef __linux__
namespace {

struct UdevDeleter {
    void operator()(udev* one) const { udev_unref(one); }
    void operator()(udev_monitor* one) const { udev_monitor_unref(one); }
    void operator()(udev_device* one) const { udev_device_unref(one); }
};
template <class T>
using Owned = std::unique_ptr<T, UdevDeleter>;

// Owns the monitor; kept alive by the wait that is under way.
class Ear : public std::enable_shared_from_this<Ear> {
public:
    Ear(const asio::any_io_executor& executor, Owned<udev_monitor> monitor, std::function<void()> event)
        : monitor_(std::move(monitor)),
          socket_(executor),
          event_(std::move(event))
    {}

    void listen()
    {
        const int copy = ::dup(udev_monitor_get_fd(monitor_.get()));
        boost::system::error_code error;
        socket_.assign(copy, error);
        if (!error) {
            wait();
        }
    }
    void end()
    {
        event_ = nullptr;
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

private:
    void wait()
    {
        socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& stopped) {
                               if (!stopped && self->event_) {
                                   self->hear();
                               }
                           });
    }
    void hear()
    {
        bool heard = false;
        while (true) {
            errno = 0;
            const Owned<udev_device> device(udev_monitor_receive_device(monitor_.get()));
            if (!device) {
                // The system drops events when too many wait; then something certainly happened.
                heard = heard || errno == ENOBUFS;
                break;
            }
            heard = true;
        }
        if (heard) {
            event_();
        }
        if (event_) {
            wait();
        }
    }

    Owned<udev_monitor> monitor_;
    asio::posix::stream_descriptor socket_;
    std::function<void()> event_;
};

class UdevSource final : public HotplugSource {
public:
    bool add(const asio::any_io_executor& executor, const char* from, const std::function<void()>& event)
    {
        if (!udev_) {
            return false;
        }
        Owned<udev_monitor> monitor(udev_monitor_new_from_netlink(udev_.get(), from));
        if (!monitor || udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "tty", nullptr) < 0 ||
            udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "usb", nullptr) < 0 ||
            udev_monitor_enable_receiving(monitor.get()) < 0) {
            return false;
        }
        ears_.push_back(std::make_shared<Ear>(executor, std::move(monitor), event));
        ears_.back()->listen();
        return true;
    }
    UdevSource() : udev_(udev_new()) {}
    ~UdevSource() override
    {
        for (const auto& ear : ears_) {
            ear->end();
        }
    }
    UdevSource(const UdevSource&) = delete;
    UdevSource& operator=(const UdevSource&) = delete;

private:
    Owned<udev> udev_;
    std::vector<std::shared_ptr<Ear>> ears_;
};

} // namespace

std::unique_ptr<HotplugSource> hear_hotplug(const asio::any_io_executor& executor,
                                            std::function<void()> event)
{
    // udevd's events come when rights and links of the node are set. Where it does not run (a small
    // container, a rescue system) nobody sends them, and the kernel's own are all there is.
    std::error_code ignored;
    const bool udevd = std::filesystem::exists("/run/udev/control", ignored);
    auto source = std::make_unique<UdevSource>();
    const bool from_udevd = source->add(executor, "udev", event);
    const bool from_kernel = !udevd && source->add(executor, "kernel", event);
    if (!from_udevd && !from_kernel) {
        return nullptr;
    }
    return source;
}
#else
std::unique_ptr<HotplugSource> hear_hotplug(const asio::any_io_executor& /*executor*/,
                                            std::function<void()> /*event*/)
{
    return nullptr;
}
#endif

} // namespace kb::detail

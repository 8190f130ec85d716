// libusb's events and everything that calls it, on one thread.
#include "drivers/transport/usb_thread.hpp"

#include <libusb.h>

namespace kb {
namespace {

using namespace std::chrono_literals;

constexpr timeval kUntilInterrupted{60, 0};
constexpr auto kAfterTrouble = 50ms; // an error that comes back at once must not cost a core

} // namespace

Result<std::shared_ptr<UsbThread>> UsbThread::shared()
{
    static std::mutex guard;
    static std::weak_ptr<UsbThread> present;
    const std::lock_guard lock(guard);
    if (auto thread = present.lock()) {
        return thread;
    }
    libusb_context* context = nullptr;
    if (const int error = libusb_init(&context); error != LIBUSB_SUCCESS) {
        return fail(Errc::port_not_found, std::string("usb: this system gives no access to USB devices: ") +
                                              libusb_error_name(error));
    }
    std::shared_ptr<UsbThread> thread(new UsbThread(context));
    present = thread;
    return thread;
}

UsbThread::UsbThread(libusb_context* context) : context_(context), thread_([this] { run(); }) {}

UsbThread::~UsbThread()
{
    {
        const std::lock_guard lock(guard_);
        ending_ = true;
    }
    libusb_interrupt_event_handler(context_);
    thread_.join();
    libusb_exit(context_);
}

void UsbThread::post(Job job)
{
    {
        const std::lock_guard lock(guard_);
        jobs_.push_back(std::move(job));
    }
    libusb_interrupt_event_handler(context_);
}

// False: there are none, and none will come.
bool UsbThread::take(std::deque<Job>& jobs)
{
    const std::lock_guard lock(guard_);
    jobs.swap(jobs_);
    return !jobs.empty() || !ending_;
}

void UsbThread::run()
{
    std::deque<Job> jobs;
    while (take(jobs)) {
        for (Job& job : jobs) {
            job(context_);
        }
        if (!jobs.empty()) {
            jobs.clear();
            continue; // a job may have posted another
        }
        timeval wait = kUntilInterrupted;
        const int error = libusb_handle_events_timeout_completed(context_, &wait, nullptr);
        if (error != LIBUSB_SUCCESS && error != LIBUSB_ERROR_INTERRUPTED) {
            std::this_thread::sleep_for(kAfterTrouble);
        }
    }
}

} // namespace kb

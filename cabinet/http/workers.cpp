#include "cabinet/http/workers.hpp"

namespace kb::cabinet {

namespace {
constexpr std::size_t kMaxWaiting = 1024;
} // namespace

Workers::Workers(std::size_t threads)
{
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { loop(); });
}

Workers::~Workers() { stop(); }

void Workers::post(std::function<void()> work)
{
    {
        const std::lock_guard lock(mutex_);
        if (stop_)
            return;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
}

bool Workers::try_post(std::function<void()> work)
{
    {
        const std::lock_guard lock(mutex_);
        if (stop_ || queue_.size() >= kMaxWaiting)
            return false;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

void Workers::stop()
{
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable())
            thread.join();
}

void Workers::loop()
{
    for (;;) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
        if (queue_.empty())
            return;
        const auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
    }
}

} // namespace kb::cabinet

// A few threads for handlers, so that a slow one delays neither the network thread nor the writer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kb::cabinet {

class Workers {
public:
    explicit Workers(std::size_t threads);
    /// Finishes what was asked for.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void post(std::function<void()> work);
    /// post(), unless too much is waiting already.
    bool try_post(std::function<void()> work);
    /// Lets what waits finish and ends the threads; later posts do nothing.
    void stop();

private:
    void loop();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stop_ = false;
    std::vector<std::thread> threads_;
};

} // namespace kb::cabinet

// A queue, a thread, and nothing else.
#include "storage/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace kb::storage {

struct Worker::Impl {
    explicit Impl(Journal opened) : journal(std::move(opened)), changes(journal.changes()) {}

    void loop(const std::stop_token& stop)
    {
        for (;;) {
            std::unique_ptr<AnyJob> job;
            {
                std::unique_lock lock(mutex);
                if (!come.wait(lock, stop, [&] { return !jobs.empty(); }))
                    return; // asked to stop, and nothing left to do
                job = std::move(jobs.front());
                jobs.pop_front();
            }
            job->run(journal, changes);
        }
    }

    Journal journal;
    std::atomic<std::uint64_t> changes;
    mutable std::mutex mutex;
    std::condition_variable_any come;
    std::deque<std::unique_ptr<AnyJob>> jobs;
    std::jthread thread;
};

Worker::Worker(Journal journal, Thread thread)
    : impl_(std::make_unique<Impl>(std::move(journal))),
      changes_(&impl_->changes)
{
    if (thread == Thread::callers)
        return;
    impl_->thread = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->loop(stop); });
}

Worker::~Worker()
{
    if (!impl_->thread.joinable())
        return;
    impl_->thread.request_stop();
    impl_->thread.join();
}

std::size_t Worker::waiting() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->jobs.size();
}

void Worker::post(std::unique_ptr<AnyJob> job)
{
    if (!impl_->thread.joinable()) {
        job->run(impl_->journal, impl_->changes);
        return;
    }
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->jobs.push_back(std::move(job));
    }
    impl_->come.notify_one();
}

} // namespace kb::storage

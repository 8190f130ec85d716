// A queue, a thread, and what is done when the queue is empty.
#include "storage/worker.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace kb::storage {

namespace {

// Between the steps of a receipt the journal is left alone for about as long as the register prints.
constexpr std::chrono::milliseconds kQuiet{50};

} // namespace

struct Worker::Impl {
    explicit Impl(Journal opened) : journal(std::move(opened)), changes(journal.changes()) {}

    void loop(const std::stop_token& stop)
    {
        for (;;) {
            std::unique_ptr<AnyJob> job;
            {
                std::unique_lock lock(mutex);
                const auto some = [&] { return !jobs.empty(); };
                if (journal.wants_checkpoint() && !come.wait_for(lock, stop, kQuiet, some) &&
                    !stop.stop_requested()) {
                    lock.unlock();
                    journal.checkpoint();
                    continue;
                }
                if (!come.wait(lock, stop, some))
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
        if (impl_->journal.wants_checkpoint())
            impl_->journal.checkpoint();
        return;
    }
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->jobs.push_back(std::move(job));
    }
    impl_->come.notify_one();
}

} // namespace kb::storage

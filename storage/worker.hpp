// SQLite's own thread: nothing else of the agent ever waits for a disk.
#pragma once

#include "storage/journal.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace kb::storage {

class Worker {
public:
    /// Who works: a thread of its own, or whoever submits, at once, for tests that step through everything.
    enum class Thread { own, callers };

    explicit Worker(Journal journal, Thread thread = Thread::own);
    /// Finishes everything queued, then closes the journal.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Queues `work(Journal&)`; `done(result)` is called with what it returned, on this worker's thread: the
    /// caller posts it to where it belongs. Work runs in the order it was queued. Both may be move-only.
    template <class Work, class Done>
    void submit(Work work, Done done)
    {
        post(std::make_unique<Job<Work, Done>>(std::move(work), std::move(done)));
    }
    /// Works queued and not yet begun.
    [[nodiscard]] std::size_t waiting() const;
    /// Journal::changes() after the last work that has ended, its `done` not yet called: whoever has been
    /// told of a change finds another number here. For any thread.
    [[nodiscard]] std::uint64_t changes() const { return changes_->load(); }

private:
    struct AnyJob {
        virtual ~AnyJob() = default;
        virtual void run(Journal& journal, std::atomic<std::uint64_t>& changes) = 0;
    };
    template <class Work, class Done>
    struct Job final : AnyJob {
        Job(Work w, Done d) : work(std::move(w)), done(std::move(d)) {}
        void run(Journal& journal, std::atomic<std::uint64_t>& changes) override
        {
            if constexpr (std::is_void_v<std::invoke_result_t<Work&, Journal&>>) {
                work(journal);
                changes = journal.changes();
                done();
            } else {
                auto result = work(journal);
                changes = journal.changes();
                done(std::move(result));
            }
        }
        Work work;
        Done done;
    };
    void post(std::unique_ptr<AnyJob> job);

    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::atomic<std::uint64_t>* changes_; ///< in impl_
};

} // namespace kb::storage

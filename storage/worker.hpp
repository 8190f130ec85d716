// SQLite's own thread: nothing else of the agent ever waits for a disk.
#pragma once

#include "storage/journal.hpp"

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

private:
    struct AnyJob {
        virtual ~AnyJob() = default;
        virtual void run(Journal& journal) = 0;
    };
    template <class Work, class Done>
    struct Job final : AnyJob {
        Job(Work w, Done d) : work(std::move(w)), done(std::move(d)) {}
        void run(Journal& journal) override
        {
            if constexpr (std::is_void_v<std::invoke_result_t<Work&, Journal&>>) {
                work(journal);
                done();
            } else {
                done(work(journal));
            }
        }
        Work work;
        Done done;
    };
    void post(std::unique_ptr<AnyJob> job);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::storage

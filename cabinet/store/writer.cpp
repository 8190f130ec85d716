#include "cabinet/store/writer.hpp"

#include "cabinet/store/sql.hpp"

#include <future>

namespace kb::cabinet::store {

namespace {

constexpr std::size_t kMaxWaiting = 512;
constexpr std::size_t kMaxGroup = 64; // bounds the size of one transaction: 64 x 2000 documents at most

} // namespace

Writer::Writer(const std::string& path) : connection_(path), thread_([this] { loop(); }) {}

Writer::~Writer() { stop(); }

void Writer::stop()
{
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

bool Writer::post(Work work, Done done)
{
    {
        const std::lock_guard lock(mutex_);
        if (stop_ || queue_.size() >= kMaxWaiting)
            return false;
        queue_.push_back({std::move(work), std::move(done), {}});
    }
    wake_.notify_one();
    return true;
}

Result<void> Writer::run(Work work)
{
    std::promise<Result<void>> promise;
    auto future = promise.get_future();
    if (!post(std::move(work), [&](const Result<void>& result) { promise.set_value(result); }))
        return fail(Errc::storage_failed, "the cabinet is overloaded");
    return future.get();
}

void Writer::loop()
{
    for (;;) {
        std::vector<Job> group;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
            if (queue_.empty())
                break;
        }
        {
            const std::lock_guard held(hold_);
            const std::lock_guard lock(mutex_);
            while (!queue_.empty() && group.size() < kMaxGroup) {
                group.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        commit_group(group);
        for (Job& job : group)
            job.done(job.result);
    }
    alive_ = false;
}

void Writer::commit_group(std::vector<Job>& group)
{
    soci::session& sql = connection_.sql();
    auto begun = guarded([&] { sql << "BEGIN IMMEDIATE"; });
    if (!begun) {
        for (Job& job : group)
            job.result = begun;
        return;
    }
    for (Job& job : group) {
        job.result = guarded([&] {
            sql << "SAVEPOINT job";
            job.work(connection_);
            sql << "RELEASE job";
        });
        if (!job.result) { // where even this fails, the COMMIT below fails too and says so to everybody
            (void)guarded([&] {
                sql << "ROLLBACK TO job";
                sql << "RELEASE job";
            });
        }
    }
    const auto committed = guarded([&] { sql << "COMMIT"; });
    if (committed) {
        ++commits_;
        return;
    }
    (void)guarded([&] { sql << "ROLLBACK"; });
    for (Job& job : group)
        if (job.result)
            job.result = committed;
}

} // namespace kb::cabinet::store

// The one thread that writes. What is asked for together shares one transaction and one fsync, and each is
// answered only after it: thousands of documents a second, every one durable before its acknowledgement.
#pragma once

#include "cabinet/store/connection.hpp"

#include <atomic>
#include <deque>
#include <thread>

namespace kb::cabinet::store {

class Writer {
public:
    /// Throws soci::soci_error from here, on the writer's thread; then only this job is undone.
    using Work = std::function<void(Connection&)>;
    /// Called on the writer's thread after the commit, or after the job or the commit failed.
    using Done = std::function<void(const Result<void>&)>;

    explicit Writer(const std::string& path);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// False, and nothing happens, when too much is waiting already.
    bool post(Work work, Done done);
    /// post() and wait. Never from inside a Work or Done. Errc::too_many when too much is waiting.
    Result<void> run(Work work);

    /// Finishes what was asked for and ends the thread; later posts are refused.
    void stop();

    [[nodiscard]] bool alive() const { return alive_; }
    /// Transactions committed so far: lets a test see that jobs shared one.
    [[nodiscard]] std::size_t commits() const { return commits_; }
    /// Holds the thread before its next transaction while a test queues jobs.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(hold_); }

private:
    struct Job {
        Work work;
        Done done;
        Result<void> result;
    };
    void loop();
    void commit_group(std::vector<Job>& group);

    Connection connection_;
    std::mutex mutex_;
    std::mutex hold_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    bool stop_ = false;
    std::atomic<bool> alive_ = true;
    std::atomic<std::size_t> commits_ = 0;
    std::thread thread_;
};

} // namespace kb::cabinet::store

// Commands on the line to the cabinet: which are asked for, and that every result is told, whatever is lost
// on its way.
#include "agent/sync/command_desk.hpp"
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

#include <mutex>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;
using cabinet_api::CommandKind;
using cabinet_api::CommandOutcome;

namespace {

constexpr const char* kRegister = "0000000001011546";

/// A cabinet with one command for the register, which it gives as the real one does.
class Commanding {
public:
    Answer take(const Asked& asked)
    {
        const std::lock_guard lock(mutex_); // asked on the connection's thread
        Answer answer;
        if (asked.target.starts_with("/api/agent/v1/commands?")) {
            polls.push_back(asked.target);
            const bool unanswered = asked.target.find("unanswered=true") != std::string::npos;
            cabinet_api::CommandsResponse response;
            response.now = now;
            if (!finished && (!taken || (unanswered && given))) {
                cabinet_api::Command command;
                command.id = "c-1";
                command.kind = "x_report";
                command.kkt_serial = kRegister;
                command.expires_at = now + 15min;
                command.taken = taken;
                command.may_begin = !taken;
                response.commands.push_back(command);
            }
            given = given || !response.commands.empty();
            answer.body = cabinet_api::encode(response);
            return answer;
        }
        if (asked.target.starts_with("/api/agent/v1/commands/")) {
            if (lose_results > 0) {
                --lose_results;
                answer.how = Answer::How::drop;
                return answer;
            }
            if (deny_results > 0) {
                --deny_results;
                answer.status = 404;
                return answer;
            }
            const auto result = cabinet_api::decode_command_result(asked.body);
            results.push_back(result->outcome);
            taken = true;
            finished = finished || result->outcome != CommandOutcome::taken;
            return answer;
        }
        return store.take(asked);
    }

    /// It was given to an earlier life of the agent, which took it and died.
    void was_taken() { given = taken = true; }
    void lose(int many)
    {
        const std::lock_guard lock(mutex_);
        lose_results = many;
    }
    /// So many results are answered with 404, by a proxy perhaps.
    void deny(int many)
    {
        const std::lock_guard lock(mutex_);
        deny_results = many;
    }
    std::vector<CommandOutcome> told()
    {
        const std::lock_guard lock(mutex_);
        return results;
    }
    std::string first_poll()
    {
        const std::lock_guard lock(mutex_);
        return polls.at(0);
    }

private:
    std::mutex mutex_;
    Store store;
    UtcMs now = *utc_from_text("2001-01-01T00:00:00Z"); ///< far from the PC's
    bool given = false;
    bool taken = false;
    bool finished = false;
    int lose_results = 0;
    int deny_results = 0;
    std::vector<std::string> polls;
    std::vector<CommandOutcome> results;
};

/// The register's work on a job that waits, which ends as done.
Result<void> do_it(storage::Jobs& jobs, std::int64_t id, UtcMs at)
{
    storage::JobIntent intent;
    intent.fn_serial = kFn;
    intent.body = "{}";
    if (auto begun = jobs.begin(id, intent, at); !begun)
        return begun;
    return jobs.finish(id, storage::JobState::done, {}, "", at);
}

/// What of the agent takes commands, and a journal that knows the register. Nobody serves it: the test does
/// its work.
struct CommandedShop {
    explicit CommandedShop(Shop& of)
        : shop(of),
          desk(JobDesk::Services{of.executor(), of.worker(), of.clock(),
                                 [this]() -> const std::vector<std::shared_ptr<Device>>& { return devices; }},
               JobDesk::Policy{}),
          commands(
              desk,
              [](const std::string& /*kkt_serial*/) {
                  return std::optional(std::vector<CommandKind>{CommandKind::x_report});
              },
              [this] { sync->on_command_news(); })
    {
        shop.append({sale(1)});
        shop.commands = &commands;
        sync = &shop.start();
    }

    ~CommandedShop() { shop.stop(); }
    CommandedShop(const CommandedShop&) = delete;
    CommandedShop& operator=(const CommandedShop&) = delete;

    std::optional<storage::Job> job()
    {
        return *shop.journal([](storage::Journal& open) {
            return open.jobs().find_by_key(CommandDesk::kCaller, CommandDesk::key_of("c-1"));
        });
    }

    /// The register has done it.
    void finish()
    {
        const auto at = job();
        REQUIRE(at);
        REQUIRE(shop.journal([id = at->id, then = at->asked.created_at](storage::Journal& open) {
            return do_it(open.jobs(), id, then);
        }));
        desk.on_job(at->asked.job_id);
    }

    Shop& shop;
    std::vector<std::shared_ptr<Device>> devices;
    JobDesk desk;
    CommandDesk commands;
    Sync* sync = nullptr;
};

} // namespace

using Told = std::vector<CommandOutcome>;

TEST_CASE("a command is taken, told so, and its result told when its job ends; the PC's clock does not count",
          "[sync][commands]")
{
    Commanding there;
    FakeCabinet cabinet([&](const Asked& asked) { return there.take(asked); });
    Shop shop(cabinet);
    CommandedShop commanded(shop);
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken}; });
    CHECK(there.first_poll() == "/api/agent/v1/commands?wait=0&unanswered=true");
    const auto job = commanded.job();
    REQUIRE(job);
    CHECK(job->asked.kind == "x_report");
    CHECK(job->asked.kkt_serial == kRegister);
    CHECK(*job->asked.expires_at - job->asked.created_at == 15min);
    commanded.finish();
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken, CommandOutcome::done}; });
}

TEST_CASE("an answer that is lost on its way is told again, and the job stays one", "[sync][commands]")
{
    Commanding there;
    there.lose(2);
    FakeCabinet cabinet([&](const Asked& asked) { return there.take(asked); });
    Shop shop(cabinet);
    CommandedShop commanded(shop);
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken}; });
    const auto jobs = shop.journal([](storage::Journal& open) { return open.jobs().list({}); });
    REQUIRE(jobs);
    CHECK(jobs->size() == 1);
    there.lose(2);
    commanded.finish();
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken, CommandOutcome::done}; });
}

TEST_CASE("a result that the cabinet seemed not to want is told when it asks again", "[sync][commands]")
{
    Commanding there;
    there.deny(1);
    FakeCabinet cabinet([&](const Asked& asked) { return there.take(asked); });
    Shop shop(cabinet);
    CommandedShop commanded(shop);
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken}; });
    there.deny(2);
    commanded.finish();
    shop.run_until([&] { return there.told() == Told{CommandOutcome::taken, CommandOutcome::done}; });
}

TEST_CASE("a result that an earlier life of the agent could not tell is asked for and told",
          "[sync][commands]")
{
    Commanding there;
    there.was_taken();
    FakeCabinet cabinet([&](const Asked& asked) { return there.take(asked); });
    Shop shop(cabinet);
    shop.append({sale(1)});
    REQUIRE(shop.journal([](storage::Journal& open) -> Result<void> {
        storage::NewJob done;
        done.job_id = new_job_id();
        done.caller = CommandDesk::kCaller;
        done.key = CommandDesk::key_of("c-1");
        done.kkt_serial = kRegister;
        done.kind = "x_report";
        done.request = R"({"kind":"x_report"})";
        const auto added = open.jobs().add(done);
        if (!added)
            return pass(added);
        return do_it(open.jobs(), added->job.id, {});
    }));
    CommandedShop commanded(shop);
    shop.run_until([&] { return there.told() == Told{CommandOutcome::done}; });
}

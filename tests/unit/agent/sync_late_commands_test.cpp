// Commands while the cabinet answers late or not at all, in stepped time: a command's time goes on meanwhile.
#include "agent/sync/command_desk.hpp"
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;
using cabinet_api::CommandKind;
using cabinet_api::CommandOutcome;

namespace {

/// The cabinet's and the PC's.
class CommonClock final : public Clock {
public:
    [[nodiscard]] UtcMs now() const override
    {
        return *utc_from_text("2024-03-01T07:00:00Z") +
               std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began_);
    }
    [[nodiscard]] LocalSeconds local_now() const override { return {}; }

private:
    Steady::time_point began_ = Steady::now();
};

/// A cabinet without a line to it. It has two commands for the register, c-1 and c-2, each with a minute
/// left.
class LateCabinet final : public http::Client {
public:
    LateCabinet(asio::io_context& of, const Clock& with) : io_(of), clock_(with) {}

    void send(http::Request request, std::function<void(http::Reply)> done) override
    {
        const auto reply_in = [this, &done](std::chrono::milliseconds delay, http::Reply reply) {
            const auto timer = std::make_shared<Timer>(io_);
            timer->expires_after(delay);
            timer->async_wait([timer, done = std::move(done),
                               reply = std::move(reply)](boost::system::error_code) { done(reply); });
        };
        const auto says = [](std::string body) {
            return http::Reply{http::Response{200, std::move(body)}, std::nullopt};
        };
        const std::string target = request.url.substr(std::string("https://cabinet").size());
        if (target.starts_with("/api/agent/v1/commands?"))
            return reply_in(1s, says(cabinet_api::encode(to_do())));
        if (!target.starts_with("/api/agent/v1/commands/"))
            return reply_in(1s, says(store_.take({request.method, target, {}, request.body}).body));
        if (std::exchange(lose_first_, false)) {
            permitted_ = false;
            http::Reply lost{fail(Errc::network_failed, "cabinet", Outcome::unknown), std::nullopt};
            return reply_in(1s, std::move(lost));
        }
        const auto result = cabinet_api::decode_command_result(request.body);
        told[target.substr(23, 3)].push_back(*result);
        reply_in(result_takes, says(R"({"accepted":1})"));
    }
    void stop() override {}

    /// The first result does not arrive, and the owner withdraws his permission then.
    void lose_first() { lose_first_ = true; }

    std::chrono::milliseconds result_takes = 1s;
    std::map<std::string, std::vector<cabinet_api::CommandResult>> told;

private:
    cabinet_api::CommandsResponse to_do()
    {
        cabinet_api::CommandsResponse response;
        response.now = clock_.now();
        for (const char* id : {"c-1", "c-2"}) {
            cabinet_api::Command command;
            command.id = id;
            command.kind = "x_report";
            command.kkt_serial = storage::test::kKkt;
            command.expires_at = began_ + 1min;
            command.taken = told.contains(id);
            command.may_begin = !command.taken && permitted_;
            if (!command.taken)
                response.commands.push_back(command);
        }
        return response;
    }

    asio::io_context& io_;
    const Clock& clock_;
    UtcMs began_ = clock_.now();
    Store store_;
    bool lose_first_ = false;
    bool permitted_ = true;
};

struct LateShop {
    LateShop()
    {
        config.url = "https://cabinet";
        REQUIRE(save_enrolment(dir.path(), {"agent-1", "secret", "Магазин", config.url}));
        worker.submit([](storage::Journal& open) { return open.documents().append({sale(1)}); },
                      [](const auto& appended) { REQUIRE(appended); });
    }
    ~LateShop()
    {
        if (sync) {
            sync->stop();
            run_until([this] { return sync->ended(); });
        }
    }
    LateShop(const LateShop&) = delete;
    LateShop& operator=(const LateShop&) = delete;

    void start()
    {
        SyncServices services{cabinet, worker, clock, metrics, [] {}, &commands};
        sync.emplace(io.get_executor(), config, dir.path(), std::move(services));
        sync->start();
    }

    void run_until(const std::function<bool()>& done)
    {
        const auto end = Steady::now() + 24h;
        while (!done()) {
            REQUIRE(Steady::now() < end);
            REQUIRE(time.run_one_step(io));
        }
    }

    bool has_job(const std::string& command_id)
    {
        bool found = false;
        worker.submit(
            [key = CommandDesk::key_of(command_id)](storage::Journal& open) {
                return open.jobs().find_by_key(CommandDesk::kCaller, key);
            },
            [&](const auto& job) { found = job && job->has_value(); });
        return found;
    }

    SteppedTime time;
    kb::test::TempDir dir;
    CommonClock clock;
    CabinetConfig config;
    asio::io_context io;
    Metrics metrics;
    storage::Worker worker{storage::test::open_journal(dir.path()), storage::Worker::Thread::callers};
    LateCabinet cabinet{io, clock};
    std::vector<std::shared_ptr<Device>> devices;
    JobDesk desk{
        JobDesk::Services{io.get_executor(), worker, clock,
                          [this]() -> const std::vector<std::shared_ptr<Device>>& { return devices; }},
        JobDesk::Policy{}};
    CommandDesk commands{desk,
                         [](const std::string& /*kkt_serial*/) {
                             return std::optional(std::vector<CommandKind>{CommandKind::x_report});
                         },
                         [this] { sync->on_command_news(); }};
    std::optional<Sync> sync;
};

} // namespace

TEST_CASE("a command whose time ends while the result of another is being told is not begun",
          "[sync][commands]")
{
    LateShop shop;
    shop.cabinet.result_takes = 2min;
    shop.start();
    shop.run_until([&] { return shop.cabinet.told.contains("c-2"); });
    CHECK(shop.cabinet.told["c-1"].front().outcome == CommandOutcome::taken);
    CHECK(shop.cabinet.told["c-2"].front().outcome == CommandOutcome::refused);
    CHECK(shop.cabinet.told["c-2"].front().code == "expired");
    CHECK(shop.has_job("c-1"));
    CHECK_FALSE(shop.has_job("c-2"));
}

TEST_CASE("a command behind one whose result was lost is begun only if it still may be", "[sync][commands]")
{
    LateShop shop;
    shop.cabinet.lose_first();
    shop.start();
    shop.run_until([&] { return shop.cabinet.told.contains("c-2"); });
    CHECK(shop.cabinet.told["c-1"].front().outcome == CommandOutcome::taken);
    CHECK(shop.cabinet.told["c-2"].front().code == "expired");
    CHECK(shop.has_job("c-1"));
    CHECK_FALSE(shop.has_job("c-2"));
}

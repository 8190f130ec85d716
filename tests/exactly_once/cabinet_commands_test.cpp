// Commands of the cabinet at their border: what is given, what the cabinet is told, and what the register's
// FN says.
#include "agent/sync/command_desk.hpp"
#include "tests/exactly_once/shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using cabinet_api::Command;
using cabinet_api::CommandKind;
using cabinet_api::CommandOutcome;
using cabinet_api::CommandResult;

namespace {

const std::vector<CommandKind> kAll{CommandKind::x_report, CommandKind::close_shift, CommandKind::message,
                                    CommandKind::print};
const std::string kTea =
    R"({"request":{"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"12.50","quantity":2,"vat":"none"}]}})";

/// A shop whose agent takes commands; the commands' side of the agent dies and comes back with it.
struct Commanded {
    Commanded() : shop("shtrih v1")
    {
        begin_anew();
        REQUIRE(shop.run_until([this] { return shop.agent->device().state() == agent::DeviceState::ready; },
                               60s));
        serial = shop.agent->device().sample().info.kkt_serial;
    }

    void kill()
    {
        desk.reset();
        shop.kill();
    }
    void begin_anew()
    {
        if (!shop.agent)
            shop.start();
        desk = std::make_unique<agent::CommandDesk>(
            shop.agent->desk(),
            [this](const std::string& asked) -> std::optional<std::vector<CommandKind>> {
                const auto device = shop.agent->desk().device(asked);
                return device ? std::optional(allowed) : std::nullopt;
            },
            [this] { ++heard; });
    }

    Command command(const std::string& id, const std::string& kind, const std::string& args = "{}") const
    {
        Command given;
        given.id = id;
        given.kind = kind;
        given.kkt_serial = serial;
        given.args_json = args;
        return given;
    }

    std::optional<CommandResult> take(Command given, std::chrono::milliseconds left = 15min)
    {
        bool done = false;
        std::optional<CommandResult> told;
        asio::co_spawn(
            shop.agent->io(),
            [](agent::CommandDesk& of, Command one, std::chrono::milliseconds time,
               std::optional<CommandResult>& answer, bool& ended) -> asio::awaitable<void> {
                answer = co_await of.take(std::move(one), time);
                ended = true;
            }(*desk, std::move(given), left, told, done),
            asio::detached);
        REQUIRE(shop.run_until([&] { return done; }, 60s));
        return told;
    }

    /// The last word that is told of a command after it was taken.
    CommandResult end_of(const std::string& id, std::chrono::seconds at_most = 10min)
    {
        std::optional<CommandResult> last;
        REQUIRE(shop.run_until(
            [&] {
                while (auto news = desk->take_news())
                    if (news->command_id == id && news->result.outcome != CommandOutcome::taken)
                        last = news->result;
                return last.has_value();
            },
            at_most));
        return *last;
    }

    void expire()
    {
        bool done = false;
        asio::co_spawn(
            shop.agent->io(),
            [](agent::CommandDesk& of, bool& ended) -> asio::awaitable<void> {
                co_await of.expire();
                ended = true;
            }(*desk, done),
            asio::detached);
        REQUIRE(shop.run_until([&] { return done; }, 60s));
    }

    [[nodiscard]] std::ptrdiff_t in_fn(unsigned type) const
    {
        const auto all = shop.device.documents(1);
        return std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.type == type; });
    }
    void open_shift() { REQUIRE(take(command("open", "print", kTea))->outcome == CommandOutcome::taken); }

    Shop shop;
    std::unique_ptr<agent::CommandDesk> desk;
    std::vector<CommandKind> allowed = kAll;
    std::string serial;
    int heard = 0;
};

constexpr unsigned kReceipt = 3;
constexpr unsigned kShiftClose = 5;

} // namespace

TEST_CASE("a command to close the shift ends with the number that the FN gave its report", "[commands]")
{
    Commanded at;
    at.open_shift();
    REQUIRE(at.end_of("open").outcome == CommandOutcome::done);
    const auto taken = at.take(at.command("c-1", "close_shift"));
    REQUIRE(taken);
    CHECK(taken->outcome == CommandOutcome::taken);
    CHECK(at.desk->under_way());
    const CommandResult done = at.end_of("c-1");
    CHECK(done.outcome == CommandOutcome::done);
    CHECK_FALSE(at.desk->under_way());
    CHECK(at.heard > 0);
    const auto documents = at.shop.device.documents(1);
    REQUIRE(documents.back().type == kShiftClose);
    CHECK(done.fd_number == documents.back().fd_number);
    CHECK(done.fn_serial.size() == 16);
    CHECK(done.fiscal_sign != 0);
}

TEST_CASE("a command that comes again, whenever, is told the same and done once", "[commands]")
{
    Commanded at;
    const Command given = at.command("c-1", "print", kTea);
    REQUIRE(at.take(given)->outcome == CommandOutcome::taken);
    CHECK(at.take(given)->outcome == CommandOutcome::taken);
    const CommandResult done = at.end_of("c-1");
    REQUIRE(done.outcome == CommandOutcome::done);
    for (const auto left : {std::chrono::milliseconds(15min), std::chrono::milliseconds(-24h)}) {
        const auto again = at.take(given, left);
        REQUIRE(again);
        CHECK(again->outcome == CommandOutcome::done);
        CHECK(again->fd_number == done.fd_number);
    }
    at.allowed.clear(); // what was done while it was allowed is told all the same
    CHECK(at.take(given)->outcome == CommandOutcome::done);
    CHECK(at.in_fn(kReceipt) == 1);
}

TEST_CASE("a command under the key of another one, which the cabinet has lost, is refused; the same is told",
          "[commands]")
{
    Commanded at;
    REQUIRE(at.take(at.command("c-1", "print", kTea))->outcome == CommandOutcome::taken);
    const CommandResult done = at.end_of("c-1");
    REQUIRE(done.outcome == CommandOutcome::done);
    const std::string dearer =
        R"({"request":{"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"13.50","quantity":2,"vat":"none"}]}})";
    for (const Command& other : {at.command("c-1", "print", dearer), at.command("c-1", "close_shift")}) {
        const auto told = at.take(other);
        REQUIRE(told);
        CHECK(told->outcome == CommandOutcome::refused);
        CHECK(told->code == "conflict");
    }
    const std::string in_other_words =
        R"({"request":{"items":[{"vat":"none","quantity":"2.0","price":12.5,"name":"Чай"}],"operation":"sell","kind":"receipt"}})";
    const auto again = at.take(at.command("c-1", "print", in_other_words));
    REQUIRE(again);
    CHECK(again->fd_number == done.fd_number);
    CHECK(at.in_fn(kReceipt) == 1);
    CHECK(at.in_fn(kShiftClose) == 0);
}

TEST_CASE("a command is done once, whenever the agent is killed after it took it", "[commands]")
{
    // So many steps of the agent until the kill; the last ones are beyond its end.
    for (const int steps : {0, 1, 2, 4, 8, 15, 25, 40, 60, 90, 130, 200, 400}) {
        CAPTURE(steps);
        Commanded at;
        at.open_shift();
        REQUIRE(at.end_of("open").outcome == CommandOutcome::done);
        const Command close = at.command("c-1", "close_shift");
        REQUIRE(at.take(close));
        for (int i = 0; i < steps; ++i)
            at.shop.step();
        at.kill();
        at.begin_anew();
        // The cabinet never heard that it was taken, and gives it again.
        const auto again = at.take(close);
        REQUIRE(again);
        const CommandResult end = again->outcome == CommandOutcome::taken ? at.end_of("c-1") : *again;
        CHECK(end.outcome == CommandOutcome::done);
        CHECK(end.fd_number == at.shop.device.documents(1).back().fd_number);
        CHECK(at.in_fn(kShiftClose) == 1);
    }
}

TEST_CASE("a result that was lost with the agent is told after its restart", "[commands]")
{
    Commanded at;
    Command given = at.command("c-1", "print", kTea);
    REQUIRE(at.take(given)->outcome == CommandOutcome::taken);
    const CommandResult lost = at.end_of("c-1"); // taken off the desk, and never told
    REQUIRE(lost.outcome == CommandOutcome::done);
    at.kill();
    at.begin_anew();
    given.taken = true;
    given.may_begin = false;
    const auto told = at.take(given, -1h);
    REQUIRE(told);
    CHECK(told->outcome == CommandOutcome::done);
    CHECK(told->fd_number == lost.fd_number);
    CHECK(at.in_fn(kReceipt) == 1);
}

TEST_CASE("what the register's configuration does not allow is refused and leaves nothing", "[commands]")
{
    Commanded at;
    at.allowed = {CommandKind::x_report};
    for (const auto& [kind, args] : std::vector<std::pair<std::string, std::string>>{
             {"close_shift", "{}"}, {"message", R"({"text":"привет"})"}, {"print", kTea}}) {
        const auto told = at.take(at.command("c-" + kind, kind, args));
        REQUIRE(told);
        CHECK(told->outcome == CommandOutcome::refused);
        CHECK(told->code == "not_allowed");
        CHECK(told->detail.find("cabinet_commands") != std::string::npos);
    }
    CHECK(at.take(at.command("c-x", "x_report"))->outcome == CommandOutcome::taken);
    CHECK(at.end_of("c-x").outcome == CommandOutcome::done);
    CHECK(at.in_fn(kReceipt) == 0);
    CHECK(at.take(at.command("c-d", "dance"))->code == "unknown_command");
    // A permission for receipts is none for anything else.
    at.allowed = {CommandKind::print};
    const auto smuggled = at.take(at.command("c-s", "print", R"({"request":{"kind":"shift_close"}})"));
    CHECK(smuggled->outcome == CommandOutcome::refused);
    CHECK(smuggled->code == "bad_value");
}

TEST_CASE("a command whose time is over, or that may not be begun any more, is refused as expired",
          "[commands]")
{
    Commanded at;
    CHECK(at.take(at.command("c-1", "close_shift"), 0ms)->code == "expired");
    CHECK(at.take(at.command("c-2", "close_shift"), -24h)->code == "expired");
    Command withdrawn = at.command("c-3", "print", kTea);
    withdrawn.may_begin = false;
    const auto told = at.take(withdrawn);
    CHECK(told->outcome == CommandOutcome::refused);
    CHECK(told->code == "expired");
    CHECK(at.in_fn(kReceipt) == 0);
}

TEST_CASE("a command that waits is cancelled when the configuration does not allow it any more", "[commands]")
{
    Commanded at;
    at.open_shift();
    REQUIRE(at.end_of("open").outcome == CommandOutcome::done);
    at.shop.device.kkt().set_paper(false);
    REQUIRE(at.take(at.command("c-1", "close_shift"), 24h)->outcome == CommandOutcome::taken);
    REQUIRE(at.take(at.command("c-2", "print", kTea), 24h)->outcome == CommandOutcome::taken);
    at.kill();
    at.shop.cabinet_commands = {CommandKind::print};
    at.begin_anew();
    const CommandResult end = at.end_of("c-1");
    CHECK(end.outcome == CommandOutcome::refused);
    CHECK(end.code == "cancelled");
    at.shop.device.kkt().set_paper(true);
    CHECK(at.end_of("c-2").outcome == CommandOutcome::done);
    CHECK(at.in_fn(kShiftClose) == 0);
    CHECK(at.in_fn(kReceipt) == 2);
}

TEST_CASE("a command that waited for its register too long is not begun when the register is back",
          "[commands]")
{
    Commanded at;
    at.open_shift();
    REQUIRE(at.end_of("open").outcome == CommandOutcome::done);
    at.shop.device.kkt().set_paper(false);
    REQUIRE(at.take(at.command("c-1", "close_shift"), 15min)->outcome == CommandOutcome::taken);
    CHECK_FALSE(at.shop.run_until([&] { return at.desk->take_news().has_value(); }, 10min));
    at.kill(); // the PC is off for an hour
    at.shop.clock.jump(1h);
    at.shop.device.kkt().set_paper(true);
    at.begin_anew();
    Command owed = at.command("c-1", "close_shift");
    owed.taken = true;
    owed.may_begin = false;
    const auto told = at.take(owed, -45min);
    REQUIRE(told);
    const CommandResult end = told->outcome == CommandOutcome::taken ? at.end_of("c-1") : *told;
    CHECK(end.outcome == CommandOutcome::refused);
    CHECK(end.code == "expired");
    CHECK(at.in_fn(kShiftClose) == 0);
}

TEST_CASE("a command for a register that is away ends when its time is over, also while it stays away",
          "[commands]")
{
    Commanded at;
    at.shop.agent->line().hang_up(24h);
    REQUIRE(at.take(at.command("c-1", "x_report"), 15min)->outcome == CommandOutcome::taken);
    at.shop.clock.jump(16min);
    at.expire();
    CHECK(at.end_of("c-1", 1min).code == "expired");
    CHECK_FALSE(at.desk->under_way());
}

TEST_CASE("a command that the agent has forgotten with its journal is never begun anew", "[commands]")
{
    Commanded at;
    Command given = at.command("c-1", "print", kTea);
    REQUIRE(at.take(given)->outcome == CommandOutcome::taken);
    REQUIRE(at.end_of("c-1").outcome == CommandOutcome::done);
    at.kill();
    at.shop.disk.become({}); // a new disk
    at.begin_anew();
    given.taken = true;
    const auto told = at.take(given);
    REQUIRE(told);
    CHECK(told->outcome == CommandOutcome::unknown);
    CHECK(told->code == "lost");
    CHECK_FALSE(at.shop.run_until([&] { return at.in_fn(kReceipt) != 1; }, 10min));
}

TEST_CASE("a register that was not reached yet is waited for", "[commands]")
{
    Commanded at;
    Command given = at.command("c-1", "x_report");
    given.kkt_serial = "0000000000000404";
    CHECK_FALSE(at.take(given));
    CHECK(at.take(given, 0ms)->code == "expired");
}

TEST_CASE("what the register refuses is told with its reason in words", "[commands]")
{
    Commanded at;
    REQUIRE(at.take(at.command("c-1", "close_shift"))->outcome == CommandOutcome::taken);
    const CommandResult end = at.end_of("c-1");
    CHECK(end.outcome == CommandOutcome::refused);
    CHECK(end.code == "wrong_mode");
    CHECK(end.detail == "касса в режиме, где это невозможно (the shift is closed already)");
    const auto faulty = at.take(at.command("c-2", "message", R"({"text":"с «ёлочками»"})"));
    CHECK(faulty->outcome == CommandOutcome::refused);
    CHECK(faulty->code == "bad_value");
    CHECK(faulty->detail.find("lines[0].text") != std::string::npos);
}

TEST_CASE("a message is printed and makes no document", "[commands]")
{
    Commanded at;
    const auto before = at.shop.device.documents(1).size();
    REQUIRE(at.take(at.command("c-1", "message", R"({"text":"Завтра учёт\nПриходите к 8"})"))->outcome ==
            CommandOutcome::taken);
    const CommandResult end = at.end_of("c-1");
    CHECK(end.outcome == CommandOutcome::done);
    CHECK_FALSE(end.fd_number);
    CHECK(at.shop.device.documents(1).size() == before);
}

TEST_CASE("news that could not be told stay, unless there is newer", "[commands]")
{
    Commanded at;
    const auto next_news = [&] {
        std::optional<agent::CommandDesk::News> news;
        REQUIRE(at.shop.run_until([&] { return (news = at.desk->take_news()).has_value(); }, 10min));
        CHECK(news->command_id == "c-1");
        return *news;
    };
    at.open_shift();
    REQUIRE(at.end_of("open").outcome == CommandOutcome::done);
    emulator::Fault lost_line;
    lost_line.kind = emulator::FaultKind::hang_up;
    lost_line.at_command = "41"; // the report with closing
    at.shop.device.faults().add(lost_line);
    REQUIRE(at.take(at.command("c-1", "close_shift"))->outcome == CommandOutcome::taken);
    const auto first = next_news();
    CHECK(first.result.code == "unknown");
    CHECK_FALSE(at.desk->take_news());
    at.desk->put_back(first);
    CHECK(next_news().result.code == "unknown");
    auto newer = next_news();
    while (newer.result.outcome == CommandOutcome::taken)
        newer = next_news();
    CHECK(newer.result.outcome == CommandOutcome::done);
    // Newer comes while the older one is on its way, which then cannot be told.
    at.desk->put_back(newer);
    at.desk->put_back(first);
    CHECK(next_news().result.outcome == CommandOutcome::done);
    CHECK_FALSE(at.desk->take_news());
}

// Commands of an owner to his register: who may send them, how often they are given, what the page is told.
#include "cabinet/store/commands.hpp"
#include "tests/unit/cabinet/commands_support.hpp"

#include <soci/soci.h>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using cabinet_api::CommandOutcome;
using cabinet_api::CommandResult;
using nlohmann::json;

namespace {

CommandResult result_of(CommandOutcome outcome, std::string code = {})
{
    CommandResult result;
    result.outcome = outcome;
    result.code = std::move(code);
    return result;
}

std::string sent_id(const http::Response& response)
{
    CAPTURE(response.body);
    REQUIRE(response.status == 200);
    return body_of(response)["id"];
}

const std::string kTea =
    R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"12.50","quantity":2,"vat":"none"}]})";

} // namespace

TEST_CASE("no command goes to a register until its owner switches them on", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    const auto before = body_of(cabinet.get(alice, kCommands));
    CHECK(before["permitted"] == false);
    CHECK(before["permission_by"].is_null());
    check_problem(send(cabinet, alice, "k1"), 403, "unauthorised", "");
    check_problem(send(cabinet, alice, "k1", kTea, kPrint), 403, "unauthorised", "");
    CHECK(given(cabinet, alice).commands.empty());

    permit(cabinet, alice);
    const auto after = body_of(cabinet.get(alice, kCommands));
    CHECK(after["permitted"] == true);
    CHECK(after["permission_by"] == alice.email);
    CHECK(after["commands"].empty());
    CHECK(send(cabinet, alice, "k1").status == 200);
}

TEST_CASE("a command that the register's configuration does not allow is not sent", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice, {"x_report"});
    permit(cabinet, alice);
    CHECK(body_of(cabinet.get(alice, kCommands))["agent_allows"] == json{"x_report"});
    check_problem(send(cabinet, alice, "k1", R"({"kind":"close_shift"})"), 403, "unauthorised", "kind");
    CHECK(send(cabinet, alice, "k2").status == 200);
    tell_register(cabinet, alice, {}); // an agent from before there were commands says nothing of them
    check_problem(send(cabinet, alice, "k3"), 403, "unauthorised", "kind");
}

TEST_CASE("a command goes its way: sent, taken, done with its document", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    auto poll = request("GET", "/api/agent/v1/commands?wait=25");
    poll.headers.emplace_back("authorization", "Bearer " + alice.token);
    const auto waiting = cabinet.start(poll);
    CHECK_FALSE(waiting->answered());
    const std::string id = sent_id(send(cabinet, alice, "k1", R"({"kind":"close_shift"})"));
    const auto woken = cabinet_api::decode_commands_response(waiting->get().body);
    REQUIRE(woken);
    REQUIRE(woken->commands.size() == 1);
    const cabinet_api::Command& command = woken->commands[0];
    CHECK(command.id == id);
    CHECK(command.kind == "close_shift");
    CHECK(command.kkt_serial == kRegister);
    CHECK(command.may_begin);
    CHECK_FALSE(command.taken);
    CHECK(woken->now == cabinet.clock.now());
    CHECK(command.expires_at == cabinet.clock.now() + std::chrono::minutes(15));
    CHECK(shown(cabinet, alice, id)["state"] == "sent");

    CHECK(given(cabinet, alice).commands.size() == 1); // again, until the agent says that it has it
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200);
    CHECK(given(cabinet, alice).commands.empty());
    CHECK(shown(cabinet, alice, id)["state"] == "taken");

    CommandResult done = result_of(CommandOutcome::done);
    done.fn_serial = kFn;
    done.fd_number = 6;
    done.fiscal_sign = 3735928559;
    CHECK(tell_result(cabinet, alice, id, done) == 200);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::refused, "wrong_mode")) ==
          200);                                                                      // the first counts
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200); // overtaken on its way
    const auto row = shown(cabinet, alice, id);
    CHECK(row["state"] == "done");
    CHECK(row["document"] == json{{"fn_serial", kFn}, {"fd_number", 6}, {"fiscal_sign", 3735928559}});
    CHECK(row["sent_by"] == alice.email);
    CHECK(given(cabinet, alice, true).commands.empty());
}

TEST_CASE("sent twice under one key, a command is one; another under that key is refused",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string id = sent_id(send(cabinet, alice, "k1"));
    CHECK(sent_id(send(cabinet, alice, "k1")) == id);
    check_problem(send(cabinet, alice, "k1", R"({"kind":"close_shift"})"), 409, "conflict",
                  "Idempotency-Key");
    CHECK(given(cabinet, alice).commands.size() == 1);
    CHECK(sent_id(send(cabinet, alice, "k2")) != id);
    permit(cabinet, alice, false);
    CHECK(sent_id(send(cabinet, alice, "k1")) == id); // a question about the past needs no permission
}

TEST_CASE("a caller who asks again is told of his command, though the register would not take it any more",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string with_code =
        R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"12.50","quantity":2,"vat":"none","product_code":"0102"}]})";
    const std::string id = sent_id(send(cabinet, alice, "k1", with_code, kPrint));
    tell_register(cabinet, alice, {"print"}, fiscal::FfdVersion::v1_2);
    CHECK(sent_id(send(cabinet, alice, "k1", with_code, kPrint)) == id);
    check_problem(send(cabinet, alice, "k2", with_code, kPrint), 422, "bad_value", "items[0].product_code");
    check_problem(send(cabinet, alice, "k1", kTea, kPrint), 409, "conflict", "Idempotency-Key");
}

TEST_CASE("a key leads to the same command after a restore from a backup that does not hold it",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string id = sent_id(send(cabinet, alice, "order 1", kTea, kPrint));
    CHECK(sent_id(send(cabinet, alice, "order 2", kTea, kPrint)) != id);
    REQUIRE(given(cabinet, alice).commands.size() == 2);
    // The receipt is printed, its caller hears nothing, and the store is yesterday's.
    REQUIRE(cabinet.writer.run([](store::Connection& db) { db.sql() << "DELETE FROM command"; }));
    CHECK(sent_id(send(cabinet, alice, "order 1", kTea, kPrint)) == id);
    // The agent knows the id, and tells what it has done.
    CommandResult done = result_of(CommandOutcome::done);
    done.fn_serial = kFn;
    done.fd_number = 6;
    CHECK(tell_result(cabinet, alice, id, done) == 200);
    CHECK(shown(cabinet, alice, id)["document"]["fd_number"] == 6);
}

TEST_CASE("that a command expired says the agent alone, given to it or not", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string given_one = sent_id(send(cabinet, alice, "k1"));
    REQUIRE(given(cabinet, alice).commands.size() == 1);
    const std::string unseen = sent_id(send(cabinet, alice, "k2", R"({"kind":"close_shift"})"));
    cabinet.clock.step(std::chrono::minutes(15));
    CHECK(given(cabinet, alice).commands.empty());
    for (const std::string& id : {given_one, unseen})
        CHECK(shown(cabinet, alice, id)["state"] == "unanswered");

    const auto asked_for = given(cabinet, alice, true);
    REQUIRE(asked_for.commands.size() == 2);
    for (const auto& command : asked_for.commands)
        CHECK_FALSE(command.may_begin);
    CHECK(tell_result(cabinet, alice, given_one, result_of(CommandOutcome::refused, "expired")) == 200);
    CHECK(shown(cabinet, alice, given_one)["state"] == "expired");
    // A backup from before it was given brought that one back: it was done long ago.
    CHECK(tell_result(cabinet, alice, unseen, result_of(CommandOutcome::done)) == 200);
    CHECK(shown(cabinet, alice, unseen)["state"] == "done");
    CHECK(given(cabinet, alice, true).commands.empty());
}

TEST_CASE("after its restart an agent is asked for the results it owes, and is not to begin them anew",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string id = sent_id(send(cabinet, alice, "k1"));
    REQUIRE(given(cabinet, alice).commands.size() == 1);
    REQUIRE(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200);
    const auto owed = given(cabinet, alice, true);
    REQUIRE(owed.commands.size() == 1);
    CHECK(owed.commands[0].taken);
    CHECK_FALSE(owed.commands[0].may_begin);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken, "unknown")) == 200);
    CHECK(shown(cabinet, alice, id)["state"] == "taken");
    CHECK(shown(cabinet, alice, id)["code"] == "unknown");
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::unknown, "lost")) == 200);
    CHECK(shown(cabinet, alice, id)["state"] == "unknown");
}

TEST_CASE(
    "what an agent took before it was enrolled again, it still answers; what it does not know is not begun",
    "[cabinet][commands]")
{
    TestCabinet cabinet;
    auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string printed = sent_id(send(cabinet, alice, "k1", kTea, kPrint));
    const std::string asked_for = sent_id(send(cabinet, alice, "k2"));
    const std::string forgotten = sent_id(send(cabinet, alice, "k3"));
    REQUIRE(given(cabinet, alice).commands.size() == 3);
    for (const std::string& id : {printed, asked_for})
        REQUIRE(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200);
    const std::string waiting = sent_id(send(cabinet, alice, "k4", R"({"kind":"close_shift"})"));
    const auto before = alice;
    cabinet.enrol(alice);
    CHECK(given(cabinet, alice, true).commands.empty()); // it has not told of any register yet
    CHECK(tell_result(cabinet, alice, printed, result_of(CommandOutcome::done)) == 404);
    tell_register(cabinet, alice);

    // What nobody was given it begins; what it ends at that moment it tells.
    const auto open = given(cabinet, alice).commands;
    REQUIRE(open.size() == 1);
    CHECK(open[0].id == waiting);
    CHECK(open[0].may_begin);
    CHECK(given(cabinet, before).commands.size() == 1); // k3, which is that one's
    CHECK(tell_result(cabinet, alice, printed, result_of(CommandOutcome::done)) == 200);
    CHECK(shown(cabinet, alice, printed)["state"] == "done");
    CHECK(tell_result(cabinet, alice, waiting, result_of(CommandOutcome::done)) == 200);

    // The rest it is asked for. In their time the one before may still begin them, so that nothing is lost
    // yet.
    for (const auto& owed : given(cabinet, alice, true).commands) {
        CHECK(owed.taken);
        CHECK_FALSE(owed.may_begin);
        CHECK(tell_result(cabinet, alice, owed.id, result_of(CommandOutcome::unknown, "lost")) == 200);
    }
    CHECK(shown(cabinet, alice, asked_for)["state"] == "taken");
    CHECK(shown(cabinet, alice, forgotten)["state"] == "sent");
    cabinet.clock.step(std::chrono::minutes(15));
    const auto owed = given(cabinet, alice).commands;
    REQUIRE(owed.size() == 2);
    for (const auto& command : owed)
        CHECK((command.taken && !command.may_begin));
    CHECK(tell_result(cabinet, alice, asked_for, result_of(CommandOutcome::taken, "unknown")) == 200);
    CHECK(tell_result(cabinet, alice, forgotten, result_of(CommandOutcome::unknown, "lost")) == 200);
    CHECK(given(cabinet, alice).commands.empty()); // the first is its own from now on
    CHECK(shown(cabinet, alice, asked_for)["code"] == "unknown");
    CHECK(shown(cabinet, alice, forgotten)["state"] == "unknown");
    // The one before had it after all.
    CHECK(tell_result(cabinet, before, forgotten, result_of(CommandOutcome::done)) == 200);
    CHECK(shown(cabinet, alice, forgotten)["state"] == "done");
    CHECK(tell_result(cabinet, alice, forgotten, result_of(CommandOutcome::unknown, "lost")) == 200);
    CHECK(shown(cabinet, alice, forgotten)["state"] == "done");
}

TEST_CASE("with the permission goes what no agent has yet; what one has, it still answers",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string given_one = sent_id(send(cabinet, alice, "k1"));
    REQUIRE(given(cabinet, alice).commands.size() == 1);
    const std::string unseen = sent_id(send(cabinet, alice, "k2"));
    permit(cabinet, alice, false);
    CHECK(given(cabinet, alice).commands.empty());
    CHECK(shown(cabinet, alice, unseen)["state"] == "refused");
    CHECK(shown(cabinet, alice, unseen)["code"] == "withdrawn");
    const auto owed = given(cabinet, alice, true);
    REQUIRE(owed.commands.size() == 1);
    CHECK(owed.commands[0].id == given_one);
    CHECK_FALSE(owed.commands[0].may_begin);
    permit(cabinet, alice);
    CHECK(given(cabinet, alice).commands.size() == 1); // what was refused meanwhile stays so
}

TEST_CASE("a wrong command is refused with field, reason and cure, and nothing is sent",
          "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    check_problem(send(cabinet, alice, ""), 400, "bad_value", "Idempotency-Key");
    check_problem(send(cabinet, alice, std::string(129, 'k')), 400, "bad_value", "Idempotency-Key");
    check_problem(send(cabinet, alice, "k", R"({"kind":"dance"})"), 400, "bad_value", "kind");
    check_problem(send(cabinet, alice, "k", R"({"kind":"print"})"), 400, "bad_value", "kind");
    check_problem(send(cabinet, alice, "k", R"({"kind":"message"})"), 400, "bad_json", "text");
    check_problem(send(cabinet, alice, "k", R"({"kind":"message","text":"с «ёлочками»"})"), 422, "bad_value",
                  "lines[0].text");
    check_problem(send(cabinet, alice, "k", R"({"kind":"x_report"})", kCommands + "?expires_in=0"), 400,
                  "bad_value", "expires_in");
    // Only receipts are printed: no way around the permissions for shifts and cash.
    check_problem(send(cabinet, alice, "k", R"({"kind":"shift_close"})", kPrint), 400, "bad_value", "kind");
    check_problem(send(cabinet, alice, "k", R"({"kind":"receipt","operation":"sell","items":[]})", kPrint),
                  422, "bad_value", "items");
    // Digits are counted as they were written; nobody rounds on the way.
    check_problem(
        send(cabinet, alice, "k",
             R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":12.500000000000000001,)"
             R"("quantity":1,"vat":"none"}]})",
             kPrint),
        400, "not_representable", "items[0].price");
    CHECK(given(cabinet, alice).commands.empty());
    CHECK(body_of(cabinet.get(alice, kCommands))["commands"].empty());
}

TEST_CASE("a receipt goes to the agent as it was asked for, a message line by line", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const UtcMs sent_at = cabinet.clock.now();
    CHECK(send(cabinet, alice, "k1", kTea, kPrint + "?expires_in=60").status == 200);
    cabinet.clock.step(std::chrono::milliseconds(1)); // they are given in the order of their sending
    CHECK(send(cabinet, alice, "k2", R"({"kind":"message","text":"Завтра учёт\nПриходите к 8"})").status ==
          200);
    const auto commands = given(cabinet, alice).commands;
    REQUIRE(commands.size() == 2);
    CHECK(commands[0].kind == "print");
    CHECK(commands[0].expires_at == sent_at + std::chrono::seconds(60));
    const auto receipt = json::parse(commands[0].args_json)["request"];
    CHECK(receipt["items"][0]["price"] == "12.50");
    CHECK(json::parse(commands[1].args_json)["text"] == "Завтра учёт\nПриходите к 8");
}

TEST_CASE("a register does not get more commands than it can be waiting for", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    for (int i = 0; i < store::kMaxOpenCommands; ++i)
        CHECK(send(cabinet, alice, "k" + std::to_string(i)).status == 200);
    check_problem(send(cabinet, alice, "one more"), 429, "too_many", "");
    cabinet.clock.step(std::chrono::minutes(15));
    CHECK(send(cabinet, alice, "one more").status == 200);
}

TEST_CASE("only the owner sends commands and permits them", "[cabinet][commands]")
{
    TestCabinet cabinet;
    auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    REQUIRE(cabinet.writer.run(
        [](store::Connection& db) { db.sql() << "UPDATE account SET role = 'accountant'"; }));
    check_problem(send(cabinet, alice, "k1"), 403, "unauthorised", "");
    check_problem(send(cabinet, alice, "k1", kTea, kPrint), 403, "unauthorised", "");
    check_problem(cabinet.post(alice, kPermission, R"({"permitted":false})"), 403, "unauthorised", "");
    CHECK(body_of(cabinet.get(alice, kCommands))["permitted"] == true);
}

TEST_CASE("the audit says who permitted, sent and forbade what", "[cabinet][commands]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    cabinet.clock.step(std::chrono::seconds(1));
    const std::string id = sent_id(send(cabinet, alice, "k1"));
    (void)send(cabinet, alice, "k1"); // the same again is nothing new
    cabinet.clock.step(std::chrono::seconds(1));
    permit(cabinet, alice, false);
    std::vector<store::AuditEntry> audit;
    REQUIRE(cabinet.readers.run(
        [&](store::Connection& db) { audit = store::list_audit(db, alice.tenant, kRegister, 10); }));
    REQUIRE(audit.size() == 3);
    CHECK(audit[0].what == "commands_forbidden");
    CHECK(audit[1].what == "command_sent");
    CHECK(audit[1].detail == "x_report " + id);
    CHECK(audit[2].what == "commands_permitted");
    for (const auto& entry : audit)
        CHECK(entry.who == alice.email);
}

TEST_CASE("the owner's pages hear of each step of a command", "[cabinet][commands][live]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    auto made = request("GET", "/api/v1/events");
    made.headers.emplace_back("cookie", alice.cookie);
    const auto stream = cabinet.start(made);
    const std::string id = sent_id(send(cabinet, alice, "k1"));
    const auto told = [&] {
        const std::string text = stream->streamed();
        std::size_t count = 0;
        for (std::size_t at = 0; (at = text.find("event: command\n", at)) != std::string::npos; ++at)
            ++count;
        return count;
    };
    CHECK(told() == 1);
    REQUIRE(given(cabinet, alice).commands.size() == 1);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken)) == 200); // nothing new
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::taken, "unknown")) == 200);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::done)) == 200);
    CHECK(tell_result(cabinet, alice, id, result_of(CommandOutcome::done)) == 200);
    cabinet.workers.stop(); // what was left to do is done
    CHECK(told() == 4);
}

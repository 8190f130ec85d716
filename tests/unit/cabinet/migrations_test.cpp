// Every released version of the cabinet's store migrates to the present one with its data intact. Each
// version that was released has its dump in tests/fixtures/schema, never edited.
#include "cabinet/store/commands.hpp"
#include "cabinet/store/completeness.hpp"
#include "cabinet/store/documents.hpp"
#include "cabinet/store/migrations.hpp"
#include "cabinet/store/rejected.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>
#include <soci/soci.h>

#include <map>
#include <set>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

namespace {

constexpr store::TenantId kTenant{7};

void load(store::Connection& connection, const std::string& dump)
{
    connection.sql() << "PRAGMA foreign_keys = OFF"; // a dump has its tables in the order of their names
    for (std::size_t at = 0; at < dump.size();) {
        const std::size_t end = std::min(dump.find(";\n", at), dump.size());
        if (const std::string statement = dump.substr(at, end - at); !statement.empty())
            connection.sql() << statement;
        at = end + 2;
    }
}

/// Columns and indexes, whatever way they came to be.
std::set<std::string> shape_of(store::Connection& connection)
{
    std::set<std::string> shape;
    std::string line;
    for (const char* question : {"SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || "
                                 "' ' || c.pk FROM sqlite_schema m, "
                                 "pragma_table_info(m.name) c WHERE m.type = 'table'",
                                 "SELECT name || ' ' || tbl_name FROM sqlite_schema WHERE type = 'index'"}) {
        soci::statement rows = (connection.sql().prepare << question, soci::into(line));
        rows.execute();
        while (rows.fetch())
            shape.insert(line);
    }
    return shape;
}

} // namespace

TEST_CASE("a store of version 1 migrates to the fresh schema, data intact", "[cabinet][migrations]")
{
    TempDir fresh_dir;
    REQUIRE(store::prepare_database(database_file(fresh_dir.path())));
    store::Connection fresh(database_file(fresh_dir.path()));
    TempDir dir;
    const std::string file = database_file(dir.path());
    {
        store::Connection old_one(file);
        load(old_one, kb::test::read_fixture("schema/cabinet-v001.sql"));
    }
    REQUIRE(store::prepare_database(file));
    REQUIRE(store::prepare_database(file)); // once is enough, twice does no harm
    store::Connection migrated(file);
    CHECK(shape_of(migrated) == shape_of(fresh));

    CHECK(store::list_documents(migrated, kTenant, {}).documents.size() == 3);
    const auto rejected = store::list_rejected(migrated, kTenant);
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].by == store::RejectedBy::cabinet);
    CHECK(rejected[0].times == 2);
    // The ranges' ends are dated from their documents, so that the gap between them is of the right days.
    const auto at = [](const char* text) { return local_from_text(text).value(); };
    const auto all = store::completeness(
        migrated, kTenant, {at("2024-03-01T00:00:00"), at("2024-03-03T23:59:59")}, std::nullopt, 10);
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].gaps.size() == 2);
    CHECK(all[0].missing == 3);
    CHECK(all[0].gaps[0].gap.not_before == at("2024-03-01T09:16:00"));
    CHECK(all[0].gaps[0].gap.not_after == at("2024-03-03T09:15:00"));
    CHECK(all[0].gaps[1].gap.not_before == at("2024-03-03T09:15:00"));
    CHECK_FALSE(all[0].gaps[1].gap.not_after);
}

TEST_CASE("a store of version 4 migrates to the fresh schema, and no command is allowed that was not before",
          "[cabinet][migrations]")
{
    TempDir fresh_dir;
    REQUIRE(store::prepare_database(database_file(fresh_dir.path())));
    store::Connection fresh(database_file(fresh_dir.path()));
    TempDir dir;
    const std::string file = database_file(dir.path());
    {
        store::Connection old_one(file);
        load(old_one, kb::test::read_fixture("schema/cabinet-v004.sql"));
    }
    REQUIRE(store::prepare_database(file));
    store::Connection migrated(file);
    CHECK(shape_of(migrated) == shape_of(fresh));

    CHECK(store::list_documents(migrated, kTenant, {}).documents.size() == 3);
    // Ids of commands are made from what only this cabinet has: an agent may have known another one before.
    std::string seed;
    migrated.sql() << "SELECT id_seed FROM tenant", soci::into(seed);
    CHECK(seed == "a-1");
    const auto permission = store::command_permission(migrated, kTenant, "00106900000001");
    REQUIRE(permission);
    CHECK_FALSE(permission->permitted);
    CHECK(permission->who.empty());
    const auto commands = store::list_commands(migrated, kTenant, "00106900000001", 10);
    REQUIRE(commands.size() == 2);
    CHECK(commands[0].sent.id == "c-1");
    CHECK(commands[0].sent.args_json == R"({"from":1})");
    CHECK_FALSE(commands[0].finished_at);
    CHECK(commands[1].outcome == "refused");
    CHECK(commands[1].detail == "агент не знает команды");
    CHECK(commands[1].sent.sent_by.empty());
    CHECK_FALSE(commands[1].taken_at);
    const auto then = utc_from_text("2024-03-01T07:30:00Z").value();
    CHECK_FALSE(store::has_commands(migrated, kTenant, "a-1", store::Wanted::open, then));
    const auto asked = store::give_commands(migrated, kTenant, "a-1", store::Wanted::unanswered, then);
    REQUIRE(asked.size() == 1);
    CHECK_FALSE(asked[0].may_begin);
}

TEST_CASE("what is asked with every command does not read those that ended long ago, nor their audit",
          "[cabinet][migrations]")
{
    TempDir dir;
    REQUIRE(store::prepare_database(database_file(dir.path())));
    store::Connection connection(database_file(dir.path()));
    // The open commands of a register, and who permitted them, as cabinet/store/commands.cpp asks.
    for (const auto& [question, index] : std::map<std::string, std::string>{
             {"SELECT COUNT(*) FROM command WHERE tenant_id = 1 AND kkt_serial = 'k' AND finished_at_ms IS "
              "NULL "
              "AND expires_at_ms > 1",
              "command_unfinished (tenant_id=? AND kkt_serial=?)"},
             {"SELECT COUNT(*) FROM command c LEFT JOIN shop_register r ON r.tenant_id = c.tenant_id AND "
              "r.kkt_serial = c.kkt_serial WHERE c.tenant_id = 1 AND c.finished_at_ms IS NULL AND "
              "(c.agent_id = 'a' OR r.agent_id = 'a')",
              "command_unfinished (tenant_id=?"},
             {"SELECT who, at_ms FROM audit WHERE tenant_id = 1 AND kkt_serial = 'k' AND what IN "
              "('commands_permitted', 'commands_forbidden') ORDER BY at_ms DESC, audit_id LIMIT 1",
              "audit_of_permission (tenant_id=? AND kkt_serial=?)"}}) {
        std::string plan;
        std::string step;
        int id = 0;
        soci::statement rows = (connection.sql().prepare << "EXPLAIN QUERY PLAN " + question, soci::into(id),
                                soci::into(id), soci::into(id), soci::into(step));
        rows.execute();
        while (rows.fetch())
            plan += step + "; ";
        CAPTURE(question, plan);
        CHECK_THAT(plan, Catch::Contains(index));
    }
}

TEST_CASE("a store made by a newer program is not touched", "[cabinet][migrations]")
{
    TempDir dir;
    const std::string file = database_file(dir.path());
    REQUIRE(store::prepare_database(file));
    {
        store::Connection connection(file);
        connection.sql() << "INSERT INTO schema_version(version) VALUES("
                         << store::newest_schema_version() + 1 << ")";
    }
    const auto refused = store::prepare_database(file);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().context, Catch::Contains("this program knows up to"));
}

// Every released schema version migrates to the present one with its data intact. Each version has its dump
// in tests/fixtures/schema, made when it was released and never edited.
#include "storage/migrations.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <catch2/catch.hpp>

#include <cstdio>
#include <map>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

std::string fixture_name(int version)
{
    char name[32];
    std::snprintf(name, sizeof name, "schema/v%03d.sql", version);
    return name;
}

/// Everything in sqlite_schema, by name, without the differences in white space that ALTER leaves.
std::map<std::string, std::string> schema_of(const std::filesystem::path& file)
{
    std::map<std::string, std::string> schema;
    SQLite::Database database(file.string());
    SQLite::Statement rows(database, "SELECT name, coalesce(sql, '') FROM sqlite_schema");
    while (rows.executeStep()) {
        std::string text;
        for (const char c : rows.getColumn(1).getString())
            if (c != ' ' && c != '\n')
                text += c;
        schema[rows.getColumn(0).getString()] = text;
    }
    return schema;
}

std::int64_t pragma(const std::filesystem::path& file, const std::string& name)
{
    SQLite::Database database(file.string());
    return database.execAndGet("PRAGMA " + name).getInt64();
}

} // namespace

TEST_CASE("versions are numbered without gaps and each has its dump", "[migrations]")
{
    int expected = 1;
    for (const Migration& migration : migrations()) {
        CHECK(migration.version == expected++);
        CHECK_NOTHROW(kb::test::read_fixture(fixture_name(migration.version)));
    }
    CHECK(schema_version() == expected - 1);
}

TEST_CASE("each released version migrates to the fresh schema, data intact", "[migrations]")
{
    TempDir fresh;
    open_journal(fresh.path());
    for (const Migration& migration : migrations()) {
        INFO("version " << migration.version);
        TempDir dir;
        const auto file = dir / "journal.db";
        SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec(kb::test::read_fixture(fixture_name(migration.version)));
        {
            auto opened = Journal::open(dir.path(), at(0));
            REQUIRE(opened);
            CHECK_FALSE(opened->damaged);
            Journal& journal = opened->journal;
            const auto progress = journal.documents().fn_progress("9999078900001234");
            REQUIRE(progress);
            CHECK(progress->contiguous_through == 2);
            CHECK(progress->missing == std::vector<FdRange>{{3, 3}});
            CHECK(progress->bodies_wanted == 1);
            CHECK(progress->kkt_serial == "0000000001011546");
            const auto first = journal.documents().find("9999078900001234", 1);
            REQUIRE(first);
            CHECK(first->document.type == fiscal::DocumentType::shift_open);
            CHECK(to_text(first->document.datetime) == "2024-03-01T09:00:00");
            CHECK(first->document.fiscal_sign == 4011645674);
            CHECK(first->document.raw.size() == 30);
            const auto unsent = journal.outbox().next_batch({});
            REQUIRE(unsent->items.size() == 1);
            CHECK(unsent->items[0].document.document.fd_number == 4);
            CHECK(unsent->items[0].document.source == Source::print);
            CHECK(journal.documents().rejected()->front().reason == "не разобран");
            CHECK(journal.telemetry().unsent_events(9)->front().event_id ==
                  "0123456789abcdef-5-1709283800000");
            CHECK(journal.telemetry().unsent_samples(9)->empty());
            CHECK(journal.telemetry().latest_samples()->front().id == 3);
            CHECK(journal.settings().get("agent_id").value() == "a-17");
            CHECK(journal.documents().devices()->front().name == "Касса 1");
            CHECK(journal.check({})->sound);
        }
        CHECK(pragma(file, "user_version") == schema_version());
        CHECK(schema_of(file) == schema_of(fresh / "journal.db"));
    }
}

TEST_CASE("opening a present journal changes nothing in its schema", "[migrations]")
{
    TempDir dir;
    open_journal(dir.path());
    const auto before = pragma(dir / "journal.db", "schema_version");
    open_journal(dir.path());
    CHECK(pragma(dir / "journal.db", "schema_version") == before);
}

TEST_CASE("a journal of a newer program is left alone", "[migrations]")
{
    TempDir dir;
    open_journal(dir.path());
    SQLite::Database((dir / "journal.db").string(), SQLite::OPEN_READWRITE)
        .exec("PRAGMA user_version = " + std::to_string(schema_version() + 1));
    const auto opened = Journal::open(dir.path(), at(0));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::storage_failed);
    CHECK_THAT(opened.error().context, Catch::Contains("newer version"));
    CHECK(pragma(dir / "journal.db", "user_version") == schema_version() + 1);
}

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

/// The jobs of the dumps since version 2: one in each state.
void check_jobs(Jobs& jobs)
{
    const std::string kkt = "0000000001011546";
    const std::string other_kkt = "0000000002022657";
    CHECK(jobs.list({})->size() == 10);

    const auto receipt = *jobs.find("00000000-0000-4000-8000-000000000002");
    REQUIRE(receipt);
    CHECK(receipt->id == 2);
    CHECK(receipt->asked.caller == "native");
    CHECK(receipt->asked.key == "sale-2");
    CHECK(receipt->asked.kkt_serial == kkt);
    CHECK(receipt->asked.kind == "receipt");
    CHECK(receipt->asked.request == R"({"kind":"receipt","receipt":{"operation":"sell"}})");
    CHECK(to_text(receipt->asked.created_at) == "2024-03-01T09:00:02.000Z");
    CHECK_FALSE(receipt->asked.expires_at);
    CHECK(receipt->state == JobState::done);
    CHECK(receipt->attempts == 2);
    REQUIRE(receipt->intent);
    CHECK(receipt->intent->fn_serial == "9999078900001234");
    CHECK(receipt->intent->last_fd_number == 3);
    CHECK(receipt->intent->body == R"({"shift":"open"})");
    CHECK(receipt->outcome.fn_serial == "9999078900001234");
    CHECK(receipt->outcome.fd_number == 4U);
    CHECK(receipt->outcome.fiscal_sign == 87654321);
    CHECK(to_text(*receipt->outcome.document_at) == "2024-03-01T09:05:00");
    CHECK_FALSE(receipt->outcome.printed);
    CHECK(receipt->evidence == R"([{"step":"put_back"},{"step":"done","fd_number":4}])");
    CHECK(to_text(receipt->updated_at) == "2024-03-01T09:00:02.500Z");
    CHECK(receipt->ticket == false);

    CHECK((*jobs.find_by_key("kktctl", "открытие-1"))->ticket == true);
    CHECK((*jobs.find_by_key("native", "sale-3"))->outcome.error_text == "нет бумаги");
    CHECK((*jobs.find_by_key("atol", "sale-2"))->state == JobState::cancelled);
    CHECK((*jobs.find_by_key("kkmserver", "5"))->state == JobState::expired);
    CHECK((*jobs.find_by_key("native", "cash-6"))->evidence == R"(["не JSON"])");
    CHECK((*jobs.find_by_key("native", "cash-6"))->state == JobState::undecided);
    CHECK((*jobs.next(kkt, at(0)))->id == 7);
    CHECK((*jobs.next(kkt, at(0)))->state == JobState::printing);
    CHECK((*jobs.next(other_kkt, at(0)))->state == JobState::unknown);
    CHECK((*jobs.next(other_kkt, at(0)))->intent->last_fd_number == 77);
    CHECK(jobs.counts(kkt)->queued == 2);
    CHECK((*jobs.find_by_key("cabinet", "c-9"))->asked.priority == 5);
    CHECK(to_text(*(*jobs.find_by_key("cabinet", "c-9"))->asked.expires_at) == "2024-03-02T09:00:00.000Z");
    CHECK(*jobs.paused(other_kkt) == "пауза до прихода техника");
    CHECK_FALSE(*jobs.paused(kkt));
    // Ids never come back.
    REQUIRE(jobs.finish(11, JobState::cancelled, {}, "", at(9)));
    NewJob fresh;
    fresh.job_id = fresh.key = "new";
    fresh.caller = "native";
    fresh.kkt_serial = kkt;
    fresh.kind = "x_report";
    fresh.request = "{}";
    CHECK(jobs.add(fresh)->job.id == 12);
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
            if (migration.version >= 2)
                check_jobs(journal.jobs());
            else
                CHECK(journal.jobs().list({})->empty());
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

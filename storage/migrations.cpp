// Append-only: every version ever released stays here as it was, with its golden dump in
// tests/fixtures/schema.
#include "storage/migrations.hpp"

#include "storage/statement.hpp"

#include <array>

namespace kb::storage {

namespace {

// A document's id is fn.id * 2^32 + fd_number: identity, order and range searches in one b-tree, and rows of
// one FN lie side by side on the disk. Both parts can be read as columns of their own.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE device(
    id            INTEGER PRIMARY KEY NOT NULL,
    kkt_serial    TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    family        TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE fn(
    id             INTEGER PRIMARY KEY NOT NULL CHECK (id BETWEEN 1 AND 2147483647),
    fn_serial      TEXT    NOT NULL UNIQUE,
    device_id      INTEGER NOT NULL REFERENCES device(id),
    last_fd_number INTEGER NOT NULL,
    first_seen_ms  INTEGER NOT NULL,
    last_seen_ms   INTEGER NOT NULL
) STRICT;

CREATE TABLE document(
    id          INTEGER PRIMARY KEY NOT NULL,
    fn_id       INTEGER NOT NULL GENERATED ALWAYS AS (id >> 32) VIRTUAL REFERENCES fn(id),
    fd_number   INTEGER NOT NULL GENERATED ALWAYS AS (id & 4294967295) VIRTUAL,
    type        INTEGER NOT NULL,
    datetime_s  INTEGER NOT NULL,
    fiscal_sign INTEGER NOT NULL,
    form        TEXT    NOT NULL CHECK (form IN ('full', 'short')),
    body_wanted INTEGER NOT NULL CHECK (body_wanted IN (0, 1)),
    ticket      INTEGER NOT NULL CHECK (ticket IN (0, 1)),
    device_id   INTEGER NOT NULL REFERENCES device(id),
    source      TEXT    NOT NULL CHECK (source IN ('archive', 'print')),
    read_at_ms  INTEGER NOT NULL,
    checksum    INTEGER NOT NULL,
    raw         BLOB    NOT NULL
) STRICT;
CREATE INDEX document_body_wanted ON document(id) WHERE body_wanted = 1;

CREATE TABLE known_range(
    fn_id INTEGER NOT NULL REFERENCES fn(id),
    first INTEGER NOT NULL CHECK (first >= 1),
    last  INTEGER NOT NULL CHECK (last >= first),
    PRIMARY KEY (fn_id, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox(
    seq          INTEGER PRIMARY KEY NOT NULL,
    document_id  INTEGER NOT NULL UNIQUE REFERENCES document(id),
    queued_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE rejected_document(
    id          INTEGER PRIMARY KEY NOT NULL,
    fn_id       INTEGER NOT NULL REFERENCES fn(id),
    fd_number   INTEGER NOT NULL,
    device_id   INTEGER NOT NULL REFERENCES device(id),
    origin      TEXT    NOT NULL CHECK (origin IN ('reading', 'journal', 'cabinet')),
    code        TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms  INTEGER NOT NULL,
    times       INTEGER NOT NULL,
    raw         BLOB    NOT NULL
) STRICT;
CREATE INDEX rejected_document_by_number ON rejected_document(fn_id, fd_number);

CREATE TABLE status_sample(
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kkt_serial  TEXT    NOT NULL,
    taken_at_ms INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT;
CREATE INDEX status_sample_by_device ON status_sample(kkt_serial, id);

CREATE TABLE event(
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at_ms      INTEGER NOT NULL,
    kkt_serial TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    severity   TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    text       TEXT    NOT NULL,
    data       TEXT    NOT NULL
) STRICT;

CREATE TABLE setting(
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO setting(key, value) VALUES
    ('journal_id', lower(hex(randomblob(8)))),
    ('events_sent_through', '0'),
    ('samples_sent_through', '0');
)sql";

// Ids never come back (AUTOINCREMENT): lists are paged by them. Each question that the queue asks has its
// index: a million jobs that are over must not slow down the next one. That a register works on one job at
// most is the database's own law (job_at_work).
constexpr const char* kVersion2 = R"sql(
CREATE TABLE job(
    id                    INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    job_id                TEXT    NOT NULL UNIQUE CHECK (job_id <> ''),
    caller                TEXT    NOT NULL CHECK (caller <> ''),
    key                   TEXT    NOT NULL CHECK (key <> ''),
    kkt_serial            TEXT    NOT NULL CHECK (kkt_serial <> ''),
    kind                  TEXT    NOT NULL CHECK (kind <> ''),
    request               TEXT    NOT NULL CHECK (json_valid(request)),
    priority              INTEGER NOT NULL,
    created_at_ms         INTEGER NOT NULL,
    expires_at_ms         INTEGER,
    state                 TEXT    NOT NULL CHECK (state IN ('queued', 'printing', 'unknown', 'done', 'refused',
                                                            'cancelled', 'expired', 'undecided')),
    attempts              INTEGER NOT NULL CHECK (attempts >= 0),
    intent_fn_serial      TEXT,
    intent_last_fd_number INTEGER CHECK (intent_last_fd_number BETWEEN 0 AND 4294967295),
    intent                TEXT,
    fn_serial             TEXT    NOT NULL,
    fd_number             INTEGER CHECK (fd_number BETWEEN 1 AND 4294967295),
    fiscal_sign           INTEGER NOT NULL CHECK (fiscal_sign BETWEEN 0 AND 4294967295),
    document_at_s         INTEGER,
    printed               INTEGER NOT NULL CHECK (printed IN (0, 1)),
    error_code            TEXT    NOT NULL,
    error_text            TEXT    NOT NULL,
    evidence              TEXT    NOT NULL CHECK (json_valid(evidence)),
    updated_at_ms         INTEGER NOT NULL,
    after_job_id          TEXT    NOT NULL DEFAULT '' CHECK (after_job_id <> job_id),
    note                  TEXT    NOT NULL DEFAULT '',
    UNIQUE (caller, key),
    CHECK ((intent IS NULL) = (attempts = 0)),
    CHECK ((intent IS NULL) = (intent_fn_serial IS NULL)),
    CHECK ((intent IS NULL) = (intent_last_fd_number IS NULL)),
    CHECK (intent IS NOT NULL OR state NOT IN ('printing', 'unknown')),
    CHECK (fn_serial <> '' OR fd_number IS NULL)
) STRICT;
CREATE UNIQUE INDEX job_at_work ON job(kkt_serial) WHERE state IN ('printing', 'unknown');
CREATE INDEX job_waiting ON job(kkt_serial, priority DESC) WHERE state = 'queued';
CREATE INDEX job_behind ON job(after_job_id) WHERE state = 'queued' AND after_job_id > '';
CREATE INDEX job_expiring ON job(expires_at_ms) WHERE state = 'queued' AND expires_at_ms IS NOT NULL;
CREATE INDEX job_open ON job(id) WHERE state IN ('queued', 'printing', 'unknown');
CREATE INDEX job_final ON job(updated_at_ms) WHERE state NOT IN ('queued', 'printing', 'unknown');
CREATE INDEX job_by_state ON job(state);
CREATE INDEX job_by_kkt ON job(kkt_serial);
CREATE INDEX job_by_kkt_state ON job(kkt_serial, state);
CREATE INDEX job_by_document ON job(fn_serial, fd_number) WHERE fd_number IS NOT NULL;
CREATE TABLE paused_queue(
    kkt_serial   TEXT    PRIMARY KEY NOT NULL CHECK (kkt_serial <> ''),
    reason       TEXT    NOT NULL,
    paused_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array kMigrations{Migration{1, kVersion1}, Migration{2, kVersion2}};

} // namespace

std::span<const Migration> migrations() { return kMigrations; }

int schema_version() { return kMigrations.back().version; }

Result<void> migrate(Database& database)
{
    std::int64_t present = 0;
    auto known = database.run("schema version", [&]() -> Result<void> {
        auto version = database.prepared("PRAGMA user_version");
        version.step();
        present = version.integer(0);
        return {};
    });
    if (!known)
        return known;
    if (present > schema_version())
        return fail(Errc::storage_failed, "journal of a newer version (" + std::to_string(present) +
                                              "), this program knows " + std::to_string(schema_version()));
    for (const Migration& migration : migrations()) {
        if (migration.version <= present)
            continue;
        const std::string mark = "PRAGMA user_version = " + std::to_string(migration.version);
        auto done = database.transact("migrate to version " + std::to_string(migration.version),
                                      Durability::fsynced, [&]() -> Result<void> {
                                          database.execute(migration.sql);
                                          database.execute(mark.c_str());
                                          return {};
                                      });
        if (!done)
            return done;
    }
    return {};
}

} // namespace kb::storage

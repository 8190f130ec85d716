#include "cabinet/store/migrations.hpp"

#include "cabinet/store/sql.hpp"

#include <string>
#include <vector>

namespace kb::cabinet::store {

namespace {

// Written for SQLite and PostgreSQL alike: BIGINT, TEXT and $blob (BLOB here, BYTEA there), no rowids.
// Every key of an owner's data begins with tenant_id, so that it can be spread by it.
// *_s: seconds of a register's local wall clock; *_ms: UTC milliseconds; sums are kopecks.
using Step = std::vector<const char*>;

const Step kVersion1 = {
    R"(CREATE TABLE tenant(
        tenant_id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL))",
    R"(CREATE TABLE account(
        tenant_id BIGINT NOT NULL REFERENCES tenant(tenant_id), user_id BIGINT NOT NULL,
        email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, role TEXT NOT NULL,
        PRIMARY KEY (tenant_id, user_id)))",
    // A session, a code and a token are looked up before anything is known of their owner: by hash alone.
    R"(CREATE TABLE session(
        token_hash TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL, user_id BIGINT NOT NULL,
        csrf TEXT NOT NULL, expires_at_ms BIGINT NOT NULL))",
    R"(CREATE TABLE enrolment_code(
        code_hash TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL, expires_at_ms BIGINT NOT NULL))",
    R"(CREATE TABLE agent(
        tenant_id BIGINT NOT NULL, agent_id TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE,
        hostname TEXT NOT NULL, agent_version TEXT NOT NULL, enrolled_at_ms BIGINT NOT NULL,
        last_seen_ms BIGINT, PRIMARY KEY (tenant_id, agent_id)))",
    R"(CREATE TABLE shop_register(
        tenant_id BIGINT NOT NULL, kkt_serial TEXT NOT NULL, agent_id TEXT NOT NULL,
        last_seen_ms BIGINT NOT NULL, sample_at_ms BIGINT, sample TEXT,
        PRIMARY KEY (tenant_id, kkt_serial)))",
    R"(CREATE TABLE fn(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, kkt_serial TEXT NOT NULL, expected BIGINT NOT NULL,
        full_count BIGINT NOT NULL, short_count BIGINT NOT NULL, first_at_s BIGINT NOT NULL,
        last_at_s BIGINT NOT NULL, PRIMARY KEY (tenant_id, fn_serial)))",
    R"(CREATE TABLE fn_range(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, from_fd BIGINT NOT NULL, to_fd BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, fn_serial, from_fd)))",
    R"(CREATE TABLE document(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, fd_number BIGINT NOT NULL,
        type BIGINT NOT NULL, short BIGINT NOT NULL, datetime_s BIGINT NOT NULL, fiscal_sign BIGINT NOT NULL,
        ticket_received BIGINT NOT NULL, kkt_serial TEXT NOT NULL, source TEXT NOT NULL, agent_id TEXT NOT NULL,
        read_at_ms BIGINT NOT NULL, received_at_ms BIGINT NOT NULL,
        operation BIGINT, total BIGINT, cash BIGINT, electronic BIGINT, advance BIGINT, credit BIGINT,
        counter BIGINT, shift_number BIGINT, receipt_number BIGINT, cashier TEXT NOT NULL,
        items_count BIGINT NOT NULL, findings_count BIGINT NOT NULL,
        search_text TEXT NOT NULL, raw $blob NOT NULL, PRIMARY KEY (tenant_id, fn_serial, fd_number)))",
    "CREATE INDEX document_by_time ON document(tenant_id, datetime_s, fn_serial, fd_number)",
    "CREATE INDEX document_by_register ON document(tenant_id, kkt_serial, datetime_s, fn_serial, fd_number)",
    R"(CREATE TABLE item(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, fd_number BIGINT NOT NULL, position BIGINT NOT NULL,
        name TEXT NOT NULL, price BIGINT, quantity BIGINT, sum BIGINT, vat_code BIGINT, vat_sum BIGINT,
        payment_method BIGINT, item_kind BIGINT, unit TEXT NOT NULL,
        PRIMARY KEY (tenant_id, fn_serial, fd_number, position)))",
    R"(CREATE TABLE finding(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, fd_number BIGINT NOT NULL, position BIGINT NOT NULL,
        check_name TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL, field TEXT NOT NULL,
        PRIMARY KEY (tenant_id, fn_serial, fd_number, position)))",
    R"(CREATE TABLE rollup_hour(
        tenant_id BIGINT NOT NULL, hour BIGINT NOT NULL, kkt_serial TEXT NOT NULL, correction BIGINT NOT NULL,
        operation BIGINT NOT NULL, receipts BIGINT NOT NULL, total BIGINT NOT NULL, cash BIGINT NOT NULL,
        electronic BIGINT NOT NULL, advance BIGINT NOT NULL, credit BIGINT NOT NULL, counter BIGINT NOT NULL,
        unknown BIGINT NOT NULL, PRIMARY KEY (tenant_id, hour, kkt_serial, correction, operation)))",
    R"(CREATE TABLE rollup_vat(
        tenant_id BIGINT NOT NULL, hour BIGINT NOT NULL, kkt_serial TEXT NOT NULL, correction BIGINT NOT NULL,
        operation BIGINT NOT NULL, vat_code BIGINT NOT NULL, sum BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, hour, kkt_serial, correction, operation, vat_code)))",
    R"(CREATE TABLE rejected(
        tenant_id BIGINT NOT NULL, fn_serial TEXT NOT NULL, fd_number BIGINT NOT NULL, code TEXT NOT NULL,
        kkt_serial TEXT NOT NULL, reason TEXT NOT NULL, first_at_ms BIGINT NOT NULL, last_at_ms BIGINT NOT NULL,
        times BIGINT NOT NULL, PRIMARY KEY (tenant_id, fn_serial, fd_number, code)))",
    "CREATE INDEX rejected_by_time ON rejected(tenant_id, last_at_ms)",
    R"(CREATE TABLE event(
        tenant_id BIGINT NOT NULL, agent_id TEXT NOT NULL, event_id TEXT NOT NULL, at_ms BIGINT NOT NULL,
        kkt_serial TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL,
        data TEXT NOT NULL, fn_serial TEXT NOT NULL, fd_number BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, agent_id, event_id)))",
    "CREATE INDEX event_by_register ON event(tenant_id, kkt_serial, at_ms)",
    R"(CREATE TABLE command(
        tenant_id BIGINT NOT NULL, command_id TEXT NOT NULL, agent_id TEXT NOT NULL, kind TEXT NOT NULL,
        kkt_serial TEXT NOT NULL, args TEXT NOT NULL, created_at_ms BIGINT NOT NULL,
        expires_at_ms BIGINT NOT NULL, finished_at_ms BIGINT, outcome TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (tenant_id, command_id)))",
    "CREATE INDEX command_by_agent ON command(tenant_id, agent_id, expires_at_ms)",
};

const Step kVersion2 = {
    "ALTER TABLE rejected ADD COLUMN rejected_by TEXT NOT NULL DEFAULT 'cabinet'",
};

// When the documents at both ends of a range were made, so that a gap between two ranges can be dated; and
// when the register said its last number.
const Step kVersion3 = {
    "ALTER TABLE fn_range ADD COLUMN first_at_s BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE fn_range ADD COLUMN last_at_s BIGINT NOT NULL DEFAULT 0",
    R"(UPDATE fn_range SET
        first_at_s = COALESCE((SELECT d.datetime_s FROM document d WHERE d.tenant_id = fn_range.tenant_id AND
            d.fn_serial = fn_range.fn_serial AND d.fd_number = fn_range.from_fd), 0),
        last_at_s = COALESCE((SELECT d.datetime_s FROM document d WHERE d.tenant_id = fn_range.tenant_id AND
            d.fn_serial = fn_range.fn_serial AND d.fd_number = fn_range.to_fd), 0))",
    "ALTER TABLE fn ADD COLUMN expected_at_s BIGINT",
};

const Step kVersion4 = {
    R"(CREATE TABLE status_change(
        tenant_id BIGINT NOT NULL, kkt_serial TEXT NOT NULL, what TEXT NOT NULL, at_ms BIGINT NOT NULL,
        value TEXT NOT NULL, was TEXT NOT NULL, PRIMARY KEY (tenant_id, kkt_serial, what, at_ms)))",
    "CREATE INDEX status_change_by_time ON status_change(tenant_id, kkt_serial, at_ms)",
};

// Commands to registers: off until an owner permits them for a register; sent under his own key; and who did
// what.
const Step kVersion5 = {
    "ALTER TABLE shop_register ADD COLUMN commands_permitted BIGINT NOT NULL DEFAULT 0",
    // Ids of commands are made from it: the same after a restore from a backup, another one in every other
    // cabinet. Agents' ids are random.
    "ALTER TABLE tenant ADD COLUMN id_seed TEXT NOT NULL DEFAULT ''",
    R"(UPDATE tenant SET id_seed = COALESCE((SELECT MIN(a.agent_id) FROM agent a
        WHERE a.tenant_id = tenant.tenant_id), ''))",
    "ALTER TABLE command ADD COLUMN client_key TEXT",
    "ALTER TABLE command ADD COLUMN sent_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE command ADD COLUMN given_at_ms BIGINT",
    "ALTER TABLE command ADD COLUMN taken_at_ms BIGINT",
    "ALTER TABLE command ADD COLUMN code TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE command ADD COLUMN fn_serial TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE command ADD COLUMN fd_number BIGINT",
    "ALTER TABLE command ADD COLUMN fiscal_sign BIGINT NOT NULL DEFAULT 0",
    "CREATE UNIQUE INDEX command_by_key ON command(tenant_id, kkt_serial, client_key)",
    "CREATE INDEX command_by_register ON command(tenant_id, kkt_serial, created_at_ms)",
    "CREATE INDEX command_unfinished ON command(tenant_id, kkt_serial) WHERE finished_at_ms IS NULL",
    R"(CREATE TABLE audit(
        tenant_id BIGINT NOT NULL, audit_id TEXT NOT NULL, at_ms BIGINT NOT NULL, who TEXT NOT NULL,
        what TEXT NOT NULL, kkt_serial TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (tenant_id, audit_id)))",
    "CREATE INDEX audit_by_register ON audit(tenant_id, kkt_serial, at_ms)",
    R"(CREATE INDEX audit_of_permission ON audit(tenant_id, kkt_serial, at_ms)
        WHERE what IN ('commands_permitted', 'commands_forbidden'))",
};

// A released step is never edited, only followed by another.
const std::vector<Step> kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

std::string for_this_database(std::string sql)
{
    for (std::size_t at = 0; (at = sql.find("$blob")) != std::string::npos;)
        sql.replace(at, 5, "BLOB");
    return sql;
}

} // namespace

int newest_schema_version() { return static_cast<int>(kMigrations.size()); }

void migrate(Connection& connection)
{
    soci::session& sql = connection.sql();
    soci::transaction change(sql);
    sql << "CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL)";
    Int version = 0;
    sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
    if (version > newest_schema_version())
        throw soci::soci_error("the database is of schema version " + std::to_string(version) +
                               ", this program knows up to " + std::to_string(newest_schema_version()));
    for (auto next = static_cast<std::size_t>(version); next < kMigrations.size(); ++next) {
        for (const char* statement : kMigrations[next])
            sql << for_this_database(statement);
        const Int done = static_cast<Int>(next) + 1;
        sql << "INSERT INTO schema_version(version) VALUES(:v)", soci::use(done);
    }
    change.commit();
}

} // namespace kb::cabinet::store

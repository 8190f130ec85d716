// Events and samples: AUTOINCREMENT ids never come back, so that one cursor per queue tells what was sent.
#include "storage/telemetry.hpp"

#include "storage/statement.hpp"

namespace kb::storage {

namespace {

constexpr const char* kEventColumns = "SELECT id, (SELECT value FROM setting WHERE key = 'journal_id') || "
                                      "'-' || id || '-' || at_ms, at_ms, kkt_serial, kind, severity, "
                                      "text, data FROM event ";

Severity severity_of(const std::string& text)
{
    return text == "error" ? Severity::error : text == "warning" ? Severity::warning : Severity::info;
}

std::vector<EventRow> read_events(Statement rows)
{
    std::vector<EventRow> all;
    while (rows.step())
        all.push_back({rows.integer(0), rows.text(1), rows.instant(2), rows.text(3), rows.text(4),
                       severity_of(rows.text(5)), rows.text(6), rows.text(7)});
    return all;
}

std::vector<SampleRow> read_samples(Statement rows)
{
    std::vector<SampleRow> all;
    while (rows.step())
        all.push_back({rows.integer(0), rows.instant(1), rows.text(2), rows.text(3)});
    return all;
}

/// The cursor only goes forward: a late answer to an earlier batch changes nothing.
Result<void> move_cursor(Database& database, const char* sql, std::int64_t through_id)
{
    return database.transact("mark sent", Durability::lazy, [&]() -> Result<void> {
        database.prepared(sql).integer(1, through_id).exec();
        return {};
    });
}

} // namespace

std::string_view to_string(Severity severity)
{
    switch (severity) {
    case Severity::info:
        return "info";
    case Severity::warning:
        return "warning";
    case Severity::error:
        return "error";
    }
    return "info";
}

Telemetry::Telemetry(Database& database) : database_(&database) {}

Result<EventRow> Telemetry::add_event(EventRow event)
{
    const Durability durability = event.severity == Severity::error ? Durability::fsynced : Durability::lazy;
    return database_->transact("add event", durability, [&]() -> Result<EventRow> {
        const std::string severity(to_string(event.severity));
        database_
            ->prepared(
                "INSERT INTO event(at_ms, kkt_serial, kind, severity, text, data) VALUES (?, ?, ?, ?, ?, ?)")
            .instant(1, event.at)
            .text(2, event.kkt_serial)
            .text(3, event.kind)
            .text(4, severity)
            .text(5, event.text)
            .text(6, event.data)
            .exec();
        event.id = database_->last_insert_id();
        auto journal = database_->prepared("SELECT value FROM setting WHERE key = 'journal_id'");
        journal.step();
        event.event_id = journal.text(0) + "-" + std::to_string(event.id) + "-" +
                         std::to_string(event.at.time_since_epoch().count());
        return event;
    });
}

Result<std::vector<EventRow>> Telemetry::unsent_events(std::size_t at_most)
{
    return database_->run("unsent events", [&]() -> Result<std::vector<EventRow>> {
        static const std::string sql = std::string(kEventColumns) +
                                       "WHERE id > (SELECT CAST(value AS INTEGER) FROM setting WHERE key = "
                                       "'events_sent_through') ORDER BY id LIMIT ?";
        auto rows = database_->prepared(sql.c_str());
        rows.integer(1, static_cast<std::int64_t>(at_most));
        return read_events(std::move(rows));
    });
}

Result<void> Telemetry::mark_events_sent(std::int64_t through_id)
{
    return move_cursor(*database_,
                       "UPDATE setting SET value = CAST(max(CAST(value AS INTEGER), ?) AS TEXT) "
                       "WHERE key = 'events_sent_through'",
                       through_id);
}

Result<std::vector<EventRow>> Telemetry::recent_events(std::size_t at_most)
{
    return database_->run("recent events", [&]() -> Result<std::vector<EventRow>> {
        static const std::string sql = std::string(kEventColumns) + "ORDER BY id DESC LIMIT ?";
        auto rows = database_->prepared(sql.c_str());
        rows.integer(1, static_cast<std::int64_t>(at_most));
        return read_events(std::move(rows));
    });
}

Result<std::int64_t> Telemetry::add_sample(const SampleRow& sample)
{
    return database_->transact("add sample", Durability::lazy, [&]() -> Result<std::int64_t> {
        database_->prepared("INSERT INTO status_sample(kkt_serial, taken_at_ms, body) VALUES (?, ?, ?)")
            .text(1, sample.kkt_serial)
            .instant(2, sample.taken_at)
            .text(3, sample.body)
            .exec();
        return database_->last_insert_id();
    });
}

Result<std::vector<SampleRow>> Telemetry::unsent_samples(std::size_t at_most)
{
    return database_->run("unsent samples", [&]() -> Result<std::vector<SampleRow>> {
        auto rows =
            database_->prepared("SELECT id, taken_at_ms, kkt_serial, body FROM status_sample WHERE id > "
                                "(SELECT CAST(value AS INTEGER) FROM setting WHERE key = "
                                "'samples_sent_through') ORDER BY id LIMIT ?");
        rows.integer(1, static_cast<std::int64_t>(at_most));
        return read_samples(std::move(rows));
    });
}

Result<void> Telemetry::mark_samples_sent(std::int64_t through_id)
{
    return move_cursor(*database_,
                       "UPDATE setting SET value = CAST(max(CAST(value AS INTEGER), ?) AS TEXT) "
                       "WHERE key = 'samples_sent_through'",
                       through_id);
}

Result<std::vector<SampleRow>> Telemetry::latest_samples()
{
    return database_->run("latest samples", [&]() -> Result<std::vector<SampleRow>> {
        return read_samples(database_->prepared(
            "SELECT id, taken_at_ms, kkt_serial, body FROM status_sample WHERE id IN "
            "(SELECT max(id) FROM status_sample GROUP BY kkt_serial) ORDER BY kkt_serial"));
    });
}

Result<Telemetry::Counts> Telemetry::counts()
{
    return database_->run("count telemetry", [&]() -> Result<Counts> {
        auto row = database_->prepared("SELECT (SELECT count(*) FROM event WHERE id > (SELECT CAST(value AS "
                                       "INTEGER) FROM setting WHERE key = "
                                       "'events_sent_through')), (SELECT count(*) FROM status_sample WHERE "
                                       "id > (SELECT CAST(value AS INTEGER) "
                                       "FROM setting WHERE key = 'samples_sent_through'))");
        row.step();
        return Counts{static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
    });
}

} // namespace kb::storage

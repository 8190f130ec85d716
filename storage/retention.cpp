// Making room: by slices, oldest first, and never a row the cabinet has not acknowledged.
#include "storage/journal_impl.hpp"

#include <algorithm>

namespace kb::storage {

namespace {

constexpr std::size_t kSlice = 1000;

struct Slice {
    std::uint64_t removed = 0;
    bool ended = true; ///< nothing more to look at in this FN
};

/// Removes what may go from the next kSlice rows of an FN: older than `before`, acknowledged, not set aside.
Slice remove_slice(Database& database, std::int64_t fn_id, std::int64_t& from, LocalSeconds before)
{
    Slice slice;
    std::vector<std::int64_t> removable;
    std::size_t seen = 0;
    {
        auto rows = database.prepared(
            "SELECT d.id, d.datetime_s, EXISTS (SELECT 1 FROM outbox o WHERE o.document_id = d.id) OR EXISTS "
            "(SELECT 1 FROM rejected_document r WHERE r.fn_id = ?1 AND r.fd_number = d.fd_number) "
            "FROM document d WHERE d.id BETWEEN ?2 AND ?3 ORDER BY d.id LIMIT ?4");
        rows.integer(1, fn_id)
            .integer(2, std::max(from, document_id(fn_id, 0)))
            .integer(3, document_id(fn_id, 0xFFFFFFFF))
            .integer(4, kSlice);
        while (rows.step()) {
            if (rows.local(1) >= before) {
                seen = 0; // numbers and times grow together: the rest is younger
                break;
            }
            ++seen;
            from = rows.integer(0) + 1;
            if (rows.integer(2) == 0)
                removable.push_back(rows.integer(0));
        }
    }
    slice.ended = seen < kSlice;
    if (slice.ended)
        from = 0;
    for (const std::int64_t id : removable)
        database.prepared("DELETE FROM document WHERE id = ?").integer(1, id).exec();
    slice.removed = removable.size();
    return slice;
}

std::vector<std::int64_t> fn_ids_oldest_first(Database& database)
{
    std::vector<std::int64_t> ids;
    auto rows = database.prepared("SELECT id FROM fn ORDER BY id");
    while (rows.step())
        ids.push_back(rows.integer(0));
    return ids;
}

} // namespace

Result<RetentionReport> Journal::retain(const RetentionPolicy& policy, UtcMs now, LocalSeconds today)
{
    Database& database = impl_->database;
    const auto used = database.used_bytes();
    if (!used)
        return pass(used);
    const bool too_large = policy.max_bytes != 0 && *used > policy.max_bytes;
    auto slice = database.transact("retention", Durability::fsynced, [&]() -> Result<RetentionReport> {
        RetentionReport report;
        for (const std::int64_t fn : fn_ids_oldest_first(database)) {
            const LocalSeconds before =
                too_large ? LocalSeconds::max() : LocalSeconds{today - policy.keep_documents};
            const Slice done = remove_slice(database, fn, impl_->retention_from[fn], before);
            report.documents += done.removed;
            report.more = report.more || !done.ended;
            if (done.removed > 0)
                break; // one slice at a time keeps the storage thread free for sales
        }
        const UtcMs cut = now - policy.keep_telemetry;
        report.samples =
            static_cast<std::uint64_t>(database
                                           .prepared("DELETE FROM status_sample WHERE id IN (SELECT id FROM "
                                                     "status_sample WHERE taken_at_ms < ? "
                                                     "AND id <= (SELECT CAST(value AS INTEGER) FROM setting "
                                                     "WHERE key = 'samples_sent_through') "
                                                     "ORDER BY id LIMIT 1000)")
                                           .instant(1, cut)
                                           .exec());
        report.events = static_cast<std::uint64_t>(
            database
                .prepared(
                    "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at_ms < ? AND id <= (SELECT "
                    "CAST(value AS INTEGER) FROM setting WHERE key = 'events_sent_through') "
                    "ORDER BY id LIMIT 1000)")
                .instant(1, cut)
                .exec());
        report.more = report.more || report.samples == 1000 || report.events == 1000;
        return report;
    });
    if (!slice)
        return slice;
    const auto jobs =
        impl_->jobs.forget(now - std::max(policy.keep_jobs, RetentionPolicy::kLeastJobsKept), kSlice);
    if (!jobs)
        return pass(jobs);
    slice->jobs = *jobs;
    slice->more = slice->more || *jobs == kSlice;
    if (slice->documents + slice->samples + slice->events + slice->jobs == 0)
        return slice;
    auto shrunk = database.run("give back room", [&]() -> Result<void> {
        database.execute("PRAGMA incremental_vacuum");
        return {};
    });
    if (!shrunk)
        return pass(shrunk);
    return slice;
}

} // namespace kb::storage

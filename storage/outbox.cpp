// The queue is a table of ids beside the documents: a document's own pages are written once, and an
// acknowledgement touches only the small table.
#include "storage/outbox.hpp"

#include "storage/documents_impl.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kb::storage {

namespace {

/// One query of the queue, newest or oldest first, until a limit is reached.
class Picker {
public:
    Picker(Database& database, const OutboxLimits& limits) : database_(database), limits_(limits) {}

    void leave_out(std::int64_t id) { taken_.insert(id); }

    void pick(std::int64_t fn_id, bool newest_first, std::size_t at_most, std::size_t at_most_bytes)
    {
        static const std::string from =
            "JOIN outbox o ON o.document_id = d.id WHERE o.document_id BETWEEN ? AND ? "
            "ORDER BY o.document_id ";
        static const std::string newest = select_documents(from + "DESC");
        static const std::string oldest = select_documents(from + "ASC");
        auto rows = database_.prepared((newest_first ? newest : oldest).c_str());
        rows.integer(1, document_id(fn_id, 0)).integer(2, document_id(fn_id, 0xFFFFFFFF));
        for (std::size_t taken = 0; taken < at_most && rows.step();) {
            const std::int64_t id = rows.integer(0);
            if (taken_.contains(id))
                continue; // an earlier pass has it
            JournalDocument document = read_row(rows);
            if (document.damaged) {
                damaged_.push_back({id, fn_id});
                taken_.insert(id);
                continue;
            }
            const std::size_t size = document.document.raw.size();
            if (!items_.empty() && bytes_ + size > at_most_bytes)
                return;
            bytes_ += size;
            taken_.insert(id);
            items_.emplace_back(id, OutboxBatch::Item{std::move(document), 0});
            ++taken;
        }
    }

    [[nodiscard]] std::size_t room() const
    {
        return limits_.documents - std::min(limits_.documents, items_.size());
    }

    struct Damaged {
        std::int64_t id;
        std::int64_t fn_id;
    };
    std::vector<std::pair<std::int64_t, OutboxBatch::Item>> items_;
    std::vector<Damaged> damaged_;

private:
    Database& database_;
    const OutboxLimits& limits_;
    std::set<std::int64_t> taken_;
    std::size_t bytes_ = 0;
};

/// The cabinet files documents under their register: those of one without a number wait for it.
bool has_kkt_serial(Database& database, std::int64_t fn)
{
    auto row =
        database.prepared("SELECT v.kkt_serial FROM fn f JOIN device v ON v.id = f.device_id WHERE f.id = ?");
    row.integer(1, fn);
    return row.step() && !row.text(0).empty();
}

/// FNs with something to send, found by skipping from one to the next in the index.
std::vector<std::int64_t> fns_to_send(Database& database)
{
    std::vector<std::int64_t> fns;
    std::int64_t from = 0;
    for (;;) {
        auto next = database.prepared("SELECT min(document_id) FROM outbox WHERE document_id >= ?");
        next.integer(1, from);
        if (!next.step() || next.is_null(0))
            return fns;
        const std::int64_t fn = next.integer(0) >> 32;
        if (has_kkt_serial(database, fn))
            fns.push_back(fn);
        from = document_id(fn + 1, 0);
    }
}

const FnAnswer* answer_for(const std::vector<FnAnswer>& answers, const std::string& fn_serial)
{
    const auto found = std::find_if(answers.begin(), answers.end(),
                                    [&](const FnAnswer& answer) { return answer.fn_serial == fn_serial; });
    return found == answers.end() ? nullptr : &*found;
}

bool removed(Database& database, std::int64_t id, std::int64_t ticket)
{
    return database.prepared("DELETE FROM outbox WHERE document_id = ? AND seq = ?")
               .integer(1, id)
               .integer(2, ticket)
               .exec() > 0;
}

} // namespace

Outbox::Outbox(Database& database, Documents& documents) : database_(&database), documents_(&documents) {}

Result<OutboxBatch> Outbox::next_batch(const OutboxLimits& limits, const OutboxBatch* under_way)
{
    Picker picker(*database_, limits);
    if (under_way != nullptr) {
        for (const OutboxBatch::Item& item : under_way->items) {
            const fiscal::FiscalDocument& document = item.document.document;
            const auto fn = documents_->impl_->fns.find(document.fn_serial);
            if (fn != documents_->impl_->fns.end())
                picker.leave_out(document_id(fn->second.id, document.fd_number));
        }
    }
    auto picked = database_->run("next batch", [&]() -> Result<void> {
        const auto fns = fns_to_send(*database_);
        const std::size_t share =
            fns.empty() ? 0 : std::max<std::size_t>(1, limits.documents / 2 / fns.size());
        for (const std::int64_t fn : fns)
            picker.pick(fn, true, std::min(share, picker.room()), limits.bytes / 2);
        for (const std::int64_t fn : fns)
            picker.pick(fn, false, std::min(share, picker.room()), limits.bytes);
        // What the FNs with little to send have left over.
        for (const std::int64_t fn : fns)
            picker.pick(fn, false, picker.room(), limits.bytes);
        return {};
    });
    if (!picked)
        return pass(picked);
    OutboxBatch batch;
    std::sort(picker.items_.begin(), picker.items_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    auto tickets = database_->run("tickets", [&]() -> Result<void> {
        for (auto& [id, item] : picker.items_) {
            auto row = database_->prepared("SELECT seq FROM outbox WHERE document_id = ?");
            row.integer(1, id);
            row.step();
            item.ticket = row.integer(0);
            batch.items.push_back(std::move(item));
        }
        return {};
    });
    if (!tickets)
        return pass(tickets);
    if (picker.damaged_.empty())
        return batch;

    auto forgotten = database_->transact("forget damaged rows", Durability::fsynced, [&]() -> Result<void> {
        for (const auto& [id, fn_id] : picker.damaged_) {
            database_->prepared("DELETE FROM outbox WHERE document_id = ?").integer(1, id).exec();
            database_->prepared("DELETE FROM document WHERE id = ?").integer(1, id).exec();
            remove_run(*database_, fn_id, {fd_number_of(id), fd_number_of(id)});
        }
        return {};
    });
    if (!forgotten)
        return pass(forgotten);
    for (const auto& [id, fn_id] : picker.damaged_)
        for (auto& [serial, entry] : documents_->impl_->fns)
            if (entry.id == fn_id)
                entry.known.remove({fd_number_of(id), fd_number_of(id)});
    batch.forgotten = picker.damaged_.size();
    return batch;
}

Result<AckReport> Outbox::acknowledge(const OutboxBatch& sent, const std::vector<FnAnswer>& answers, UtcMs at)
{
    return database_->transact("acknowledge", Durability::fsynced, [&]() -> Result<AckReport> {
        AckReport report;
        for (const OutboxBatch::Item& item : sent.items) {
            const auto& document = item.document.document;
            const FnAnswer* answer = answer_for(answers, document.fn_serial);
            const FnEntry* fn = documents_->impl_->find_fn(document.fn_serial);
            if (answer == nullptr || fn == nullptr) {
                ++report.unanswered;
                continue;
            }
            const std::int64_t id = document_id(fn->id, document.fd_number);
            const auto rejection =
                std::find_if(answer->rejected.begin(), answer->rejected.end(),
                             [&](const auto& one) { return one.fd_number == document.fd_number; });
            if (rejection != answer->rejected.end()) {
                if (!removed(*database_, id, item.ticket))
                    continue;
                RejectedDocument rejected;
                rejected.fd_number = document.fd_number;
                rejected.code = rejection->code;
                rejected.reason = rejection->reason;
                rejected.first_at = at;
                add_rejected(*database_, fn->id, documents_->impl_->device_id(item.document.kkt_serial, at),
                             rejected);
                ++report.rejected;
            } else if (std::any_of(answer->missing.begin(), answer->missing.end(),
                                   [&](const FdRange& gap) { return gap.contains(document.fd_number); })) {
                ++report.unanswered;
            } else {
                removed(*database_, id, item.ticket);
                ++report.acknowledged;
            }
        }
        return report;
    });
}

Result<void> Outbox::reject(const OutboxBatch::Item& item, const std::string& code, const std::string& reason,
                            UtcMs at)
{
    OutboxBatch one;
    one.items.push_back(item);
    const auto& document = item.document.document;
    auto done = acknowledge(one, {{document.fn_serial, {}, {{document.fd_number, code, reason}}}}, at);
    if (!done)
        return pass(done);
    return {};
}

Result<std::vector<FdRange>> Outbox::requeue(const std::string& fn_serial,
                                             const std::vector<FdRange>& numbers, UtcMs at)
{
    const FnEntry* fn = documents_->impl_->find_fn(fn_serial);
    if (fn == nullptr)
        return numbers;
    const std::int64_t fn_id = fn->id;
    FdRanges lacking;
    auto queued = database_->transact("requeue", Durability::fsynced, [&]() -> Result<void> {
        for (const FdRange& range : numbers) {
            // What the cabinet refused stays aside until a person lets it go; so does what was unreadable.
            database_
                ->prepared("INSERT INTO outbox(document_id, queued_at_ms) SELECT d.id, ?4 FROM document d "
                           "WHERE d.id BETWEEN ?1 AND ?2 "
                           "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.document_id = d.id) "
                           "AND NOT EXISTS (SELECT 1 FROM rejected_document r WHERE r.fn_id = ?3 "
                           "AND r.fd_number = d.fd_number AND r.origin = 'cabinet') ORDER BY d.id")
                .integer(1, document_id(fn_id, range.first))
                .integer(2, document_id(fn_id, range.last))
                .integer(3, fn_id)
                .instant(4, at)
                .exec();
            FdRanges held;
            auto rows = database_->prepared(
                "SELECT id FROM document WHERE id BETWEEN ?1 AND ?2 UNION ALL "
                "SELECT ?3 * 4294967296 + fd_number FROM rejected_document "
                "WHERE fn_id = ?3 AND origin = 'reading' AND fd_number BETWEEN ?4 AND ?5");
            rows.integer(1, document_id(fn_id, range.first))
                .integer(2, document_id(fn_id, range.last))
                .integer(3, fn_id)
                .integer(4, range.first)
                .integer(5, range.last);
            while (rows.step()) {
                const std::uint32_t number = fd_number_of(rows.integer(0));
                held.add({number, number});
            }
            for (const FdRange& gap : held.missing(range))
                lacking.add(gap);
        }
        return {};
    });
    if (!queued)
        return pass(queued);
    if (auto forgotten = documents_->forget(fn_serial, lacking.runs()); !forgotten)
        return pass(forgotten);
    return lacking.runs();
}

Result<void> Outbox::retry_rejected(std::int64_t id, UtcMs at)
{
    return database_->transact("retry a rejected document", Durability::fsynced, [&]() -> Result<void> {
        const int queued =
            database_
                ->prepared("INSERT INTO outbox(document_id, queued_at_ms) "
                           "SELECT r.fn_id * 4294967296 + r.fd_number, ?2 FROM rejected_document r "
                           "WHERE r.id = ?1 AND r.origin = 'cabinet' ON CONFLICT (document_id) DO NOTHING")
                .integer(1, id)
                .instant(2, at)
                .exec();
        if (queued == 0)
            return fail(Errc::not_found, "no document " + std::to_string(id) + " refused by the cabinet");
        database_->prepared("DELETE FROM rejected_document WHERE id = ?").integer(1, id).exec();
        return {};
    });
}

Result<OutboxState> Outbox::state()
{
    return database_->run("outbox state", [&]() -> Result<OutboxState> {
        OutboxState state;
        auto counts = database_->prepared(
            "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM rejected_document)");
        counts.step();
        state.unsent = static_cast<std::uint64_t>(counts.integer(0));
        state.rejected = static_cast<std::uint64_t>(counts.integer(1));
        auto oldest = database_->prepared("SELECT queued_at_ms FROM outbox ORDER BY seq LIMIT 1");
        if (oldest.step())
            state.oldest_unsent_at = oldest.instant(0);
        return state;
    });
}

Result<std::vector<WaitingFn>> Outbox::waiting_fns()
{
    return database_->run("waiting FNs", [&]() -> Result<std::vector<WaitingFn>> {
        std::vector<WaitingFn> all;
        auto rows = database_->prepared(
            "SELECT f.fn_serial, v.kkt_serial, w.documents, w.oldest FROM (SELECT document_id >> 32 AS "
            "fn_id, "
            "count(*) AS documents, min(queued_at_ms) AS oldest FROM outbox GROUP BY document_id >> 32) w "
            "JOIN fn f ON f.id = w.fn_id JOIN device v ON v.id = f.device_id ORDER BY f.id");
        while (rows.step())
            all.push_back(
                {rows.text(0), rows.text(1), static_cast<std::uint64_t>(rows.integer(2)), rows.instant(3)});
        return all;
    });
}

Result<void> Outbox::for_each_waiting(std::size_t at_most,
                                      const std::function<bool(const WaitingDocument&)>& take)
{
    return database_->run("waiting documents", [&]() -> Result<void> {
        // The numbers first: the queue's order is not the documents', and few of many are wanted as a rule.
        std::vector<std::pair<std::int64_t, UtcMs>> queue;
        auto rows = database_->prepared("SELECT document_id, queued_at_ms FROM outbox ORDER BY seq LIMIT ?");
        rows.integer(1, at_most == 0 ? -1 : static_cast<std::int64_t>(at_most));
        while (rows.step())
            queue.emplace_back(rows.integer(0), rows.instant(1));
        static const std::string select = select_documents("WHERE d.id = ?");
        for (const auto& [id, queued_at] : queue) {
            auto row = database_->prepared(select.c_str());
            row.integer(1, id);
            if (row.step() && !take({read_row(row), queued_at}))
                break;
        }
        return {};
    });
}

Result<std::optional<WaitingDocument>> Outbox::find(const std::string& fn_serial, std::uint32_t fd_number)
{
    if (auto fresh = documents_->impl_->refresh(); !fresh)
        return pass(fresh);
    return database_->run("find waiting", [&]() -> Result<std::optional<WaitingDocument>> {
        const FnEntry* fn = documents_->impl_->find_fn(fn_serial);
        if (fn == nullptr)
            return std::nullopt;
        const std::int64_t id = document_id(fn->id, fd_number);
        auto queued = database_->prepared("SELECT queued_at_ms FROM outbox WHERE document_id = ?");
        queued.integer(1, id);
        if (!queued.step())
            return std::nullopt;
        static const std::string select = select_documents("WHERE d.id = ?");
        auto row = database_->prepared(select.c_str());
        row.integer(1, id);
        if (!row.step())
            return std::nullopt;
        return std::optional(WaitingDocument{read_row(row), queued.instant(0)});
    });
}

Result<std::uint64_t> Outbox::orphans()
{
    return database_->run("orphans", [&]() -> Result<std::uint64_t> {
        auto row = database_->prepared("SELECT count(*) FROM outbox o WHERE NOT EXISTS "
                                       "(SELECT 1 FROM document d WHERE d.id = o.document_id)");
        row.step();
        return static_cast<std::uint64_t>(row.integer(0));
    });
}

Result<std::vector<FdRange>> Outbox::unsent(const std::string& fn_serial)
{
    if (auto fresh = documents_->impl_->refresh(); !fresh)
        return pass(fresh);
    return database_->run("unsent numbers", [&]() -> Result<std::vector<FdRange>> {
        FdRanges numbers;
        const FnEntry* fn = documents_->impl_->find_fn(fn_serial);
        if (fn == nullptr)
            return numbers.runs();
        auto rows = database_->prepared(
            "SELECT document_id FROM outbox WHERE document_id BETWEEN ? AND ? ORDER BY document_id");
        rows.integer(1, document_id(fn->id, 0)).integer(2, document_id(fn->id, 0xFFFFFFFF));
        while (rows.step())
            numbers.add({fd_number_of(rows.integer(0)), fd_number_of(rows.integer(0))});
        return numbers.runs();
    });
}

} // namespace kb::storage

#include "cabinet/store/ingest.hpp"

#include "cabinet/store/document_rows.hpp"
#include "cabinet/store/fn_ranges.hpp"
#include "cabinet/store/rollups.hpp"

#include <algorithm>
#include <set>

namespace kb::cabinet::store {

using cabinet_api::RejectedDocument;
using fiscal::DocumentForm;
using soci::into;
using soci::use;

namespace {

bool same_bytes(const fiscal::FiscalDocument& one, const fiscal::FiscalDocument& other)
{
    if (one.form != other.form || one.raw.size() != other.raw.size())
        return false;
    if (one.form == DocumentForm::full || one.raw.size() < 2)
        return one.raw == other.raw;
    // type u8 | ticket u8 | ...: the ticket comes later and changes nothing of the document.
    return one.raw[0] == other.raw[0] &&
           std::equal(one.raw.begin() + 2, one.raw.end(), other.raw.begin() + 2);
}

/// Whether a short record and a full document are the same document. The record has no seconds.
bool same_head(const fiscal::FiscalDocument& short_one, const Digest& short_digest,
               const fiscal::FiscalDocument& full_one, const Digest& full_digest)
{
    using std::chrono::floor;
    using std::chrono::minutes;
    return short_one.type == full_one.type && short_one.fiscal_sign == full_one.fiscal_sign &&
           floor<minutes>(short_one.datetime) == floor<minutes>(full_one.datetime) &&
           (!short_digest.operation || short_digest.operation == full_digest.operation) &&
           (!short_digest.total || short_digest.total == full_digest.total);
}

/// One FN during a batch.
struct FnState {
    FnRanges ranges;
    std::vector<HeldRange> before;
    std::string kkt_serial;
    Int full_delta = 0;
    Int short_delta = 0;
    std::optional<LocalSeconds> first_at;
    std::optional<LocalSeconds> last_at;
    std::vector<RejectedDocument> rejected;
};

class Taking {
public:
    Taking(Connection& connection, const Batch& batch)
        : connection_(connection),
          sql_(connection.sql()),
          batch_(batch),
          tenant_(batch.tenant.value),
          rows_(connection.prepared<DocumentRows>()),
          tenant_has_rejected_(any_rejected(connection, batch.tenant))
    {}

    BatchResult run()
    {
        for (const Batch::Refused& each : batch_.refused)
            refuse(each);
        for (std::size_t i = 0; i < batch_.documents.size(); ++i)
            if (take(batch_.documents[i]))
                result_.stored.push_back(i);
        rollups_.write(connection_, batch_.tenant);
        for (auto& [serial, fn] : fns_) {
            write_fn(serial, fn);
            answer(serial, fn);
        }
        for (const std::string& serial : registers_)
            touch_register(serial);
        return std::move(result_);
    }

private:
    FnState& fn_of(const std::string& fn_serial)
    {
        const auto [at, is_new] = fns_.try_emplace(fn_serial);
        if (is_new) {
            std::vector<HeldRange> ranges;
            Int from = 0;
            Int to = 0;
            Int first = 0;
            Int last = 0;
            soci::statement rows =
                (sql_.prepare << "SELECT from_fd, to_fd, first_at_s, last_at_s FROM fn_range WHERE "
                                 "tenant_id = :t AND fn_serial = :f ORDER BY from_fd",
                 use(tenant_), use(fn_serial), into(from), into(to), into(first), into(last));
            rows.execute();
            while (rows.fetch())
                ranges.push_back({{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)},
                                  from_seconds(first),
                                  from_seconds(last)});
            at->second.ranges = FnRanges(ranges);
            at->second.before = std::move(ranges);
        }
        return at->second;
    }

    bool take(const IncomingDocument& incoming)
    {
        const auto& document = incoming.message.document;
        FnState& fn = fn_of(document.fn_serial);
        registers_.insert(incoming.message.kkt_serial);
        if (fn.ranges.holds(document.fd_number) && !replaces_held(incoming, fn))
            return false;
        fn.ranges.add(document.fd_number, document.datetime);
        fn.kkt_serial = incoming.message.kkt_serial;
        (document.form == DocumentForm::full ? fn.full_delta : fn.short_delta) += 1;
        fn.first_at = std::min(fn.first_at.value_or(document.datetime), document.datetime);
        fn.last_at = std::max(fn.last_at.value_or(document.datetime), document.datetime);
        rows_.insert(batch_.tenant, incoming, batch_.agent_id, batch_.received_at);
        if (const auto added = contribution_of(document.type, document.datetime, incoming.digest))
            rollups_.apply(incoming.message.kkt_serial, *added, +1);
        if (tenant_has_rejected_)
            forget_rejected(connection_, batch_.tenant, document.fn_serial, document.fd_number);
        return true;
    }

    /// True when the held short record was taken away for this full document; else all is said already.
    bool replaces_held(const IncomingDocument& incoming, FnState& fn)
    {
        const auto& document = incoming.message.document;
        const DocumentHead held = rows_.held(batch_.tenant, document.fn_serial, document.fd_number);
        const bool held_short = held.document.form == DocumentForm::short_record;
        const bool short_in = document.form == DocumentForm::short_record;
        if (same_bytes(held.document, document) ||
            (!held_short && short_in && same_head(document, incoming.digest, held.document, held.digest))) {
            if (document.ticket_received && !held.document.ticket_received)
                rows_.note_ticket(batch_.tenant, document.fn_serial, document.fd_number);
            return false;
        }
        if (!held_short || short_in || !same_head(held.document, held.digest, document, incoming.digest)) {
            conflict(incoming);
            return false;
        }
        if (const auto gone = contribution_of(held.document.type, held.document.datetime, held.digest))
            rollups_.apply(held.kkt_serial, *gone, -1);
        fn.short_delta -= 1;
        rows_.remove(batch_.tenant, document.fn_serial, document.fd_number);
        return true;
    }

    void conflict(const IncomingDocument& incoming)
    {
        const auto& document = incoming.message.document;
        reject({document.fn_serial, document.fd_number, incoming.message.kkt_serial, "conflict",
                "под этим номером уже есть другой документ; первый сохранён без изменений",
                RejectedBy::cabinet});
        EventRow alarm;
        alarm.id = "conflict-" + document.fn_serial + "-" + std::to_string(document.fd_number);
        alarm.at = batch_.received_at;
        alarm.kkt_serial = incoming.message.kkt_serial;
        alarm.kind = "document_conflict";
        alarm.severity = cabinet_api::Severity::critical;
        alarm.text = "ФН " + document.fn_serial + ", ФД " + std::to_string(document.fd_number) +
                     ": пришёл другой документ под тем же номером";
        alarm.fn_serial = document.fn_serial;
        alarm.fd_number = document.fd_number;
        const Int at = to_ms(alarm.at);
        const Int fd_number = alarm.fd_number;
        const std::string severity(to_string(alarm.severity));
        Int known = 0;
        sql_ << "SELECT COUNT(*) FROM event WHERE tenant_id = :t AND agent_id = '' AND event_id = :i",
            use(tenant_), use(alarm.id), into(known);
        if (known != 0)
            return;
        sql_ << "INSERT INTO event(tenant_id, agent_id, event_id, at_ms, kkt_serial, kind, severity, text, "
                "data, "
                "fn_serial, fd_number) VALUES(:t, '', :i, :a, :k, :ki, :s, :x, '{}', :f, :n)",
            use(tenant_), use(alarm.id), use(at), use(alarm.kkt_serial), use(alarm.kind), use(severity),
            use(alarm.text), use(alarm.fn_serial), use(fd_number);
        result_.alarms.push_back(std::move(alarm));
    }

    void refuse(const Batch::Refused& each)
    {
        const Rejection& rejection = each.rejection;
        if (!rejection.fn_serial.empty() && rejection.fd_number != 0)
            return reject(rejection);
        note_rejected(connection_, batch_.tenant, rejection, batch_.received_at);
        result_.answer.unnamed.push_back({each.index, rejection.code, rejection.reason});
    }

    void reject(const Rejection& rejection)
    {
        note_rejected(connection_, batch_.tenant, rejection, batch_.received_at);
        fn_of(rejection.fn_serial)
            .rejected.push_back({rejection.fd_number, rejection.code, rejection.reason});
        tenant_has_rejected_ = true;
    }

    void write_fn(const std::string& fn_serial, const FnState& fn)
    {
        if (!fn.first_at)
            return; // nothing new was stored
        const auto held = fn.ranges.held();
        for (const HeldRange& range : fn.before) {
            if (std::find(held.begin(), held.end(), range) != held.end())
                continue;
            const Int from = range.numbers.from;
            sql_ << "DELETE FROM fn_range WHERE tenant_id = :t AND fn_serial = :f AND from_fd = :n",
                use(tenant_), use(fn_serial), use(from);
        }
        for (const HeldRange& range : held) {
            if (std::find(fn.before.begin(), fn.before.end(), range) != fn.before.end())
                continue;
            const Int from = range.numbers.from;
            const Int to = range.numbers.to;
            const Int first = to_seconds(range.first_at);
            const Int last = to_seconds(range.last_at);
            sql_ << "INSERT INTO fn_range(tenant_id, fn_serial, from_fd, to_fd, first_at_s, last_at_s) "
                    "VALUES(:t, :f, :a, :b, :c, :d)",
                use(tenant_), use(fn_serial), use(from), use(to), use(first), use(last);
        }
        const Int highest = fn.ranges.highest();
        const Int first = to_seconds(*fn.first_at);
        const Int last = to_seconds(*fn.last_at);
        sql_ << "INSERT INTO fn(tenant_id, fn_serial, kkt_serial, expected, full_count, short_count, "
                "first_at_s, "
                "last_at_s) VALUES(:t, :f, :k, :e, :a, :b, :c, :d) ON CONFLICT(tenant_id, fn_serial) DO "
                "UPDATE SET "
                "kkt_serial = excluded.kkt_serial, "
                "expected = CASE WHEN excluded.expected > fn.expected THEN excluded.expected ELSE "
                "fn.expected END, "
                "full_count = fn.full_count + excluded.full_count, "
                "short_count = fn.short_count + excluded.short_count, "
                "first_at_s = CASE WHEN fn.full_count + fn.short_count = 0 OR excluded.first_at_s < "
                "fn.first_at_s "
                "THEN excluded.first_at_s ELSE fn.first_at_s END, "
                "last_at_s = CASE WHEN excluded.last_at_s > fn.last_at_s THEN excluded.last_at_s ELSE "
                "fn.last_at_s END",
            use(tenant_), use(fn_serial), use(fn.kkt_serial), use(highest), use(fn.full_delta),
            use(fn.short_delta), use(first), use(last);
    }

    void answer(const std::string& fn_serial, FnState& fn)
    {
        cabinet_api::FnAnswer answer;
        answer.fn_serial = fn_serial;
        if (const auto held = fn.ranges.held(); !held.empty()) {
            answer.contiguous_from = held.front().numbers.from;
            answer.contiguous_through = held.front().numbers.to;
        }
        answer.missing = fn.ranges.missing(0, cabinet_api::kMaxMissing);
        answer.rejected = std::move(fn.rejected);
        result_.answer.fns.push_back(std::move(answer));
    }

    void touch_register(const std::string& kkt_serial)
    {
        const Int now = to_ms(batch_.received_at);
        sql_ << "INSERT INTO shop_register(tenant_id, kkt_serial, agent_id, last_seen_ms) VALUES(:t, :k, :a, "
                ":n) "
                "ON CONFLICT(tenant_id, kkt_serial) DO UPDATE SET agent_id = excluded.agent_id, "
                "last_seen_ms = excluded.last_seen_ms",
            use(tenant_), use(kkt_serial), use(batch_.agent_id), use(now);
    }

    Connection& connection_;
    soci::session& sql_;
    const Batch& batch_;
    Int tenant_;
    DocumentRows& rows_;
    bool tenant_has_rejected_;
    std::map<std::string, FnState> fns_;
    std::set<std::string> registers_;
    RollupChanges rollups_;
    BatchResult result_;
};

} // namespace

BatchResult take_in(Connection& connection, const Batch& batch) { return Taking(connection, batch).run(); }

} // namespace kb::cabinet::store

// Appending is the hot path: known numbers are answered from the runs in memory, new ones cost two inserts.
#include "storage/documents.hpp"

#include "storage/documents_impl.hpp"

#include <zlib.h>

#include <array>

namespace kb::storage {

using fiscal::DocumentForm;
using fiscal::FiscalDocument;

std::uint32_t checksum_of(const FiscalDocument& document)
{
    ByteWriter head;
    head.u32(document.fd_number)
        .u16(static_cast<std::uint16_t>(document.type))
        .u64(static_cast<std::uint64_t>(document.datetime.time_since_epoch().count()))
        .u32(document.fiscal_sign)
        .u8(document.form == DocumentForm::full ? 0 : 1);
    uLong crc = crc32(0, head.view().data(), static_cast<uInt>(head.view().size()));
    crc = crc32(crc, document.raw.data(), static_cast<uInt>(document.raw.size()));
    return static_cast<std::uint32_t>(crc);
}

JournalDocument read_row(const Statement& row)
{
    JournalDocument read;
    FiscalDocument& document = read.document;
    document.fd_number = fd_number_of(row.integer(0));
    document.fn_serial = row.text(1);
    document.type = static_cast<fiscal::DocumentType>(row.integer(2));
    document.datetime = row.local(3);
    document.fiscal_sign = static_cast<std::uint32_t>(row.integer(4));
    document.form = row.text(5) == "full" ? DocumentForm::full : DocumentForm::short_record;
    read.body_wanted = row.integer(6) != 0;
    document.ticket_received = row.integer(7) != 0;
    read.kkt_serial = row.text(8);
    read.source = row.text(9) == "print" ? Source::print : Source::archive;
    read.read_at = row.instant(10);
    document.raw = row.blob(12);
    read.damaged = row.integer(11) != checksum_of(document);
    return read;
}

void save_run(Database& database, std::int64_t fn_id, FdRange run)
{
    database.prepared("DELETE FROM known_range WHERE fn_id = ? AND first BETWEEN ? AND ?")
        .integer(1, fn_id)
        .integer(2, run.first)
        .integer(3, run.last)
        .exec();
    database.prepared("INSERT INTO known_range(fn_id, first, last) VALUES (?, ?, ?)")
        .integer(1, fn_id)
        .integer(2, run.first)
        .integer(3, run.last)
        .exec();
}

namespace {

/// The short record carries minutes only, and its second byte is the OFD's ticket, which comes later.
bool same_head(const FiscalDocument& a, const FiscalDocument& b)
{
    using std::chrono::floor;
    using std::chrono::minutes;
    return a.type == b.type && a.fiscal_sign == b.fiscal_sign &&
           floor<minutes>(a.datetime) == floor<minutes>(b.datetime);
}

bool same_short_record(const FiscalDocument& a, const FiscalDocument& b)
{
    if (!same_head(a, b) || a.raw.size() != b.raw.size())
        return false;
    for (std::size_t i = 0; i < a.raw.size(); ++i)
        if (i != 1 && a.raw[i] != b.raw[i])
            return false;
    return true;
}

enum class Meeting { same, completes, conflict };

Meeting meet(const FiscalDocument& held, const FiscalDocument& come)
{
    const bool held_full = held.form == DocumentForm::full;
    const bool come_full = come.form == DocumentForm::full;
    if (held_full && come_full)
        return held.raw == come.raw && same_head(held, come) ? Meeting::same : Meeting::conflict;
    if (held_full)
        return same_head(held, come) ? Meeting::same : Meeting::conflict;
    if (come_full)
        return same_head(held, come) ? Meeting::completes : Meeting::conflict;
    return same_short_record(held, come) ? Meeting::same : Meeting::conflict;
}

std::string difference(const FiscalDocument& held, const FiscalDocument& come)
{
    std::string text =
        "the journal holds FD " + std::to_string(held.fd_number) + " of FN " + held.fn_serial + " with ";
    if (held.fiscal_sign != come.fiscal_sign)
        return text + "fiscal sign " + std::to_string(held.fiscal_sign) +
               ", read now: " + std::to_string(come.fiscal_sign);
    if (held.type != come.type)
        return text + "type " + std::to_string(static_cast<int>(held.type)) +
               ", read now: " + std::to_string(static_cast<int>(come.type));
    if (!same_head(held, come))
        return text + "time " + to_text(held.datetime) + ", read now: " + to_text(come.datetime);
    return text + std::to_string(held.raw.size()) +
           " other bytes, read now: " + std::to_string(come.raw.size());
}

Result<void> check_identity(const JournalDocument& entry)
{
    const FiscalDocument& document = entry.document;
    if (document.fn_serial.empty() || document.fn_serial.size() > 32)
        return fail(Errc::bad_value, "document: fn_serial of " + std::to_string(document.fn_serial.size()) +
                                         " characters, 1..32 wanted");
    if (document.fd_number == 0)
        return fail(Errc::bad_value, "document of FN " + document.fn_serial + ": fd_number 0");
    if (document.raw.empty())
        return fail(Errc::bad_value, "document " + std::to_string(document.fd_number) + " of FN " +
                                         document.fn_serial + ": no bytes");
    return {};
}

/// One batch inside its transaction: works on copies of what is in memory, handed over after the commit.
class Append {
public:
    explicit Append(Documents::Impl& documents) : documents_(documents), database_(*documents.database) {}

    void add(const JournalDocument& entry)
    {
        Touched& fn = touched(entry);
        const std::uint32_t number = entry.document.fd_number;
        const std::int64_t id = document_id(fn.entry.id, number);
        if (!fn.entry.known.contains(number)) {
            insert(id, entry, fn.device);
            fn.entry.known.add({number, number});
            fn.added.add({number, number});
            return;
        }
        static const std::string select = select_documents("WHERE d.id = ?");
        auto held = database_.prepared(select.c_str());
        held.integer(1, id);
        if (!held.step()) {
            // Known without a row: removed by retention, or set aside as unreadable and sound at last.
            if (was_unreadable(fn.entry.id, number))
                insert(id, entry, fn.device);
            else
                ++report.unchanged;
            return;
        }
        const JournalDocument present = read_row(held);
        held.reset();
        switch (meet(present.document, entry.document)) {
        case Meeting::same:
            keep(id, present, entry);
            break;
        case Meeting::completes:
            complete(id, entry);
            break;
        case Meeting::conflict:
            keep_aside(fn, present, entry);
            break;
        }
    }

    void save_runs()
    {
        for (auto& [serial, fn] : touched_) {
            FdRange saved{};
            for (const FdRange& run : fn.added.runs()) {
                if (run.last <= saved.last)
                    continue;
                saved = fn.entry.known.run_of(run.first).value_or(run);
                save_run(database_, fn.entry.id, saved);
            }
            if (!fn.added.empty())
                database_.prepared("UPDATE fn SET last_fd_number = max(last_fd_number, ?) WHERE id = ?")
                    .integer(1, fn.added.runs().back().last)
                    .integer(2, fn.entry.id)
                    .exec();
        }
    }

    void hand_over()
    {
        for (auto& [serial, fn] : touched_)
            documents_.fns[serial] = std::move(fn.entry);
    }

    AppendReport report;

private:
    struct Touched {
        FnEntry entry;
        std::int64_t device = 0;
        std::string kkt_serial;
        FdRanges added;
    };

    Touched& touched(const JournalDocument& entry)
    {
        const std::string& serial = entry.document.fn_serial;
        auto found = touched_.find(serial);
        if (found == touched_.end()) {
            Touched fresh;
            fresh.device = documents_.device_of(serial, entry.kkt_serial, entry.read_at);
            fresh.kkt_serial = entry.kkt_serial;
            fresh.entry = documents_.fn_entry(serial, fresh.device, entry.read_at);
            found = touched_.emplace(serial, std::move(fresh)).first;
        } else if (found->second.kkt_serial != entry.kkt_serial) {
            found->second.device = documents_.device_of(serial, entry.kkt_serial, entry.read_at);
            found->second.kkt_serial = entry.kkt_serial;
        }
        return found->second;
    }

    void insert(std::int64_t id, const JournalDocument& entry, std::int64_t device)
    {
        static const std::string full = "full";
        static const std::string short_form = "short";
        static const std::string archive = "archive";
        static const std::string print = "print";
        const FiscalDocument& document = entry.document;
        const bool is_full = document.form == DocumentForm::full;
        database_
            .prepared("INSERT INTO document(id, type, datetime_s, fiscal_sign, form, body_wanted, ticket, "
                      "device_id, "
                      "source, read_at_ms, checksum, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .integer(1, id)
            .integer(2, static_cast<std::int64_t>(document.type))
            .local(3, document.datetime)
            .integer(4, document.fiscal_sign)
            .text(5, is_full ? full : short_form)
            .integer(6, !is_full && entry.body_wanted ? 1 : 0)
            .integer(7, document.ticket_received ? 1 : 0)
            .integer(8, device)
            .text(9, entry.source == Source::print ? print : archive)
            .instant(10, entry.read_at)
            .integer(11, checksum_of(document))
            .blob(12, document.raw)
            .exec();
        database_.prepared("INSERT INTO outbox(document_id, queued_at_ms) VALUES (?, ?)")
            .integer(1, id)
            .instant(2, entry.read_at)
            .exec();
        ++report.added;
    }

    bool was_unreadable(std::int64_t fn, std::uint32_t number)
    {
        return database_
                   .prepared("DELETE FROM rejected_document WHERE fn_id = ? AND fd_number = ? AND origin = "
                             "'reading'")
                   .integer(1, fn)
                   .integer(2, number)
                   .exec() > 0;
    }

    void keep(std::int64_t id, const JournalDocument& held, const JournalDocument& come)
    {
        ++report.unchanged;
        const bool body_gone =
            held.body_wanted && come.document.form == DocumentForm::short_record && !come.body_wanted;
        const bool ticket_came = !held.document.ticket_received && come.document.ticket_received;
        if (!body_gone && !ticket_came)
            return;
        database_.prepared("UPDATE document SET body_wanted = ?, ticket = ? WHERE id = ?")
            .integer(1, held.body_wanted && !body_gone ? 1 : 0)
            .integer(2, held.document.ticket_received || ticket_came ? 1 : 0)
            .integer(3, id)
            .exec();
    }

    void complete(std::int64_t id, const JournalDocument& entry)
    {
        const FiscalDocument& document = entry.document;
        database_
            .prepared("UPDATE document SET datetime_s = ?, form = 'full', body_wanted = 0, ticket = "
                      "max(ticket, ?), "
                      "read_at_ms = ?, checksum = ?, raw = ? WHERE id = ?")
            .local(1, document.datetime)
            .integer(2, document.ticket_received ? 1 : 0)
            .instant(3, entry.read_at)
            .integer(4, checksum_of(document))
            .blob(5, document.raw)
            .integer(6, id)
            .exec();
        // A new place in the outbox: an answer for the short record that is on its way now is not for this.
        const int waiting = database_
                                .prepared("UPDATE outbox SET seq = (SELECT max(seq) + 1 FROM outbox) "
                                          "WHERE document_id = ?")
                                .integer(1, id)
                                .exec();
        if (waiting == 0)
            database_.prepared("INSERT INTO outbox(document_id, queued_at_ms) VALUES (?, ?)")
                .integer(1, id)
                .instant(2, entry.read_at)
                .exec();
        was_unreadable(id >> 32, document.fd_number);
        ++report.completed;
    }

    void keep_aside(const Touched& fn, const JournalDocument& held, const JournalDocument& come)
    {
        RejectedDocument rejected;
        rejected.fd_number = come.document.fd_number;
        rejected.origin = RejectedDocument::Origin::journal;
        rejected.code = to_string(Errc::conflict);
        rejected.reason = difference(held.document, come.document);
        rejected.first_at = come.read_at;
        rejected.raw = come.document.raw;
        add_rejected(database_, fn.entry.id, fn.device, rejected);
        report.conflicts.push_back({come.document.fn_serial, rejected.fd_number,
                                    Error{Errc::conflict, Outcome::refused, rejected.reason, std::nullopt}});
    }

    Documents::Impl& documents_;
    Database& database_;
    std::map<std::string, Touched> touched_;
};

} // namespace

Result<AppendReport> Documents::append(const std::vector<JournalDocument>& batch)
{
    for (const JournalDocument& entry : batch)
        if (auto fine = check_identity(entry); !fine)
            return pass(fine);
    Append appending(*impl_);
    auto done = impl_->database->transact("append documents", Durability::fsynced, [&]() -> Result<void> {
        for (const JournalDocument& entry : batch)
            appending.add(entry);
        appending.save_runs();
        return {};
    });
    if (!done)
        return pass(done);
    appending.hand_over();
    return std::move(appending.report);
}

} // namespace kb::storage

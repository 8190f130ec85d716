// Everything of Documents but appending: what is known, what is held, what was set aside.
#include "storage/documents_impl.hpp"

#include <algorithm>

namespace kb::storage {

using fiscal::DocumentForm;

std::string_view to_string(Source source) { return source == Source::print ? "print" : "archive"; }

std::string_view to_string(RejectedDocument::Origin origin)
{
    switch (origin) {
    case RejectedDocument::Origin::reading:
        return "reading";
    case RejectedDocument::Origin::journal:
        return "journal";
    case RejectedDocument::Origin::cabinet:
        return "cabinet";
    }
    return "cabinet";
}

namespace {

// What was read through a register without a number (device v, the nameless one) belongs to the register its
// FN sits in, as soon as that one is known.
const std::string kKktSerial =
    "CASE v.kkt_serial WHEN '' THEN (SELECT n.kkt_serial FROM device n WHERE n.id = f.device_id) "
    "ELSE v.kkt_serial END";

} // namespace

std::string select_documents(std::string_view rest)
{
    return "SELECT d.id, f.fn_serial, d.type, d.datetime_s, d.fiscal_sign, d.form, d.body_wanted, "
           "d.ticket, " +
           kKktSerial +
           ", d.source, d.read_at_ms, d.checksum, d.raw FROM document d JOIN fn f ON f.id = d.id >> 32 "
           "JOIN device v ON v.id = d.device_id " +
           std::string(rest);
}

Result<void> Documents::Impl::load()
{
    return database->run("load ranges", [&]() -> Result<void> {
        std::map<std::string, FnEntry> loaded;
        auto rows = database->prepared("SELECT f.fn_serial, f.id, r.first, r.last FROM fn f "
                                       "LEFT JOIN known_range r ON r.fn_id = f.id ORDER BY f.id, r.first");
        while (rows.step()) {
            FnEntry& entry = loaded[rows.text(0)];
            entry.id = rows.integer(1);
            if (!rows.is_null(2))
                entry.known.add({static_cast<std::uint32_t>(rows.integer(2)),
                                 static_cast<std::uint32_t>(rows.integer(3))});
        }
        fns = std::move(loaded);
        return {};
    });
}

std::int64_t Documents::Impl::device_id(const std::string& kkt_serial, UtcMs at)
{
    database
        ->prepared("INSERT INTO device(kkt_serial, name, family, model, first_seen_ms, last_seen_ms) "
                   "VALUES (?1, '', '', '', ?2, ?2) ON CONFLICT (kkt_serial) DO NOTHING")
        .text(1, kkt_serial)
        .instant(2, at)
        .exec();
    auto row = database->prepared("SELECT id FROM device WHERE kkt_serial = ?");
    row.text(1, kkt_serial);
    row.step();
    return row.integer(0);
}

std::int64_t Documents::Impl::device_of(const std::string& fn_serial, const std::string& kkt_serial, UtcMs at)
{
    if (kkt_serial.empty() && find_fn(fn_serial) != nullptr) {
        auto row = database->prepared("SELECT device_id FROM fn WHERE fn_serial = ?");
        row.text(1, fn_serial);
        if (row.step())
            return row.integer(0);
    }
    return device_id(kkt_serial, at);
}

FnEntry Documents::Impl::fn_entry(const std::string& fn_serial, std::int64_t device, UtcMs at)
{
    if (const FnEntry* known = find_fn(fn_serial))
        return *known;
    database
        ->prepared("INSERT INTO fn(fn_serial, device_id, last_fd_number, first_seen_ms, last_seen_ms) "
                   "VALUES (?1, ?2, 0, ?3, ?3)")
        .text(1, fn_serial)
        .integer(2, device)
        .instant(3, at)
        .exec();
    return FnEntry{database->last_insert_id(), {}};
}

const FnEntry* Documents::Impl::find_fn(const std::string& fn_serial) const
{
    const auto found = fns.find(fn_serial);
    return found == fns.end() ? nullptr : &found->second;
}

void remove_run(Database& database, std::int64_t fn_id, FdRange numbers)
{
    // Runs that only overlap keep their outer parts; `first` is the key, so the right part is a new row.
    database
        .prepared("INSERT INTO known_range(fn_id, first, last) SELECT fn_id, ?3 + 1, last FROM known_range "
                  "WHERE fn_id = ?1 AND first <= ?3 AND last > ?3 AND last >= ?2")
        .integer(1, fn_id)
        .integer(2, numbers.first)
        .integer(3, numbers.last)
        .exec();
    database.prepared("DELETE FROM known_range WHERE fn_id = ?1 AND first BETWEEN ?2 AND ?3")
        .integer(1, fn_id)
        .integer(2, numbers.first)
        .integer(3, numbers.last)
        .exec();
    database.prepared("UPDATE known_range SET last = ?2 - 1 WHERE fn_id = ?1 AND first < ?2 AND last >= ?2")
        .integer(1, fn_id)
        .integer(2, numbers.first)
        .exec();
}

void add_rejected(Database& database, std::int64_t fn_id, std::int64_t device_id,
                  const RejectedDocument& rejected)
{
    const std::string origin(to_string(rejected.origin));
    const int again =
        database
            .prepared("UPDATE rejected_document SET times = times + 1, last_at_ms = ?6, code = ?7, "
                      "reason = ?8 WHERE fn_id = ?1 AND fd_number = ?2 AND origin = ?4 AND raw = ?5")
            .integer(1, fn_id)
            .integer(2, rejected.fd_number)
            .text(4, origin)
            .blob(5, rejected.raw)
            .instant(6, rejected.first_at)
            .text(7, rejected.code)
            .text(8, rejected.reason)
            .exec();
    if (again > 0)
        return;
    database
        .prepared(
            "INSERT INTO rejected_document(fn_id, fd_number, device_id, origin, code, reason, first_at_ms, "
            "last_at_ms, times, raw) VALUES (?1, ?2, ?3, ?4, ?7, ?8, ?6, ?6, 1, ?5)")
        .integer(1, fn_id)
        .integer(2, rejected.fd_number)
        .integer(3, device_id)
        .text(4, origin)
        .blob(5, rejected.raw)
        .instant(6, rejected.first_at)
        .text(7, rejected.code)
        .text(8, rejected.reason)
        .exec();
}

Documents::Documents(Database& database) : impl_(std::make_unique<Impl>(database)) {}
Documents::Documents(Documents&&) noexcept = default;
Documents& Documents::operator=(Documents&&) noexcept = default;
Documents::~Documents() = default;

Result<void> Documents::set_aside(const std::string& fn_serial, const std::string& kkt_serial,
                                  std::uint32_t fd_number, const Error& why, Bytes raw, UtcMs at)
{
    if (fn_serial.empty() || fd_number == 0)
        return fail(Errc::bad_value, "set aside: fn_serial and fd_number are needed");
    FnEntry entry;
    auto done = impl_->database->transact("set aside", Durability::fsynced, [&]() -> Result<void> {
        const std::int64_t device = impl_->device_of(fn_serial, kkt_serial, at);
        entry = impl_->fn_entry(fn_serial, device, at);
        RejectedDocument rejected;
        rejected.fd_number = fd_number;
        rejected.origin = RejectedDocument::Origin::reading;
        rejected.code = to_string(why.code);
        rejected.reason = why.context;
        rejected.first_at = at;
        rejected.raw = std::move(raw);
        add_rejected(*impl_->database, entry.id, device, rejected);
        save_run(*impl_->database, entry.id, entry.known.add({fd_number, fd_number}));
        return {};
    });
    if (done)
        impl_->fns[fn_serial] = std::move(entry);
    return done;
}

Result<void> Documents::note_device(const DeviceRow& device)
{
    return impl_->database->transact("note device", Durability::lazy, [&]() -> Result<void> {
        impl_->database
            ->prepared("INSERT INTO device(kkt_serial, name, family, model, first_seen_ms, last_seen_ms) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (kkt_serial) DO UPDATE SET name = ?2, "
                       "family = ?3, "
                       "model = ?4, last_seen_ms = ?5")
            .text(1, device.kkt_serial)
            .text(2, device.name)
            .text(3, device.family)
            .text(4, device.model)
            .instant(5, device.last_seen)
            .exec();
        return {};
    });
}

Result<void> Documents::note_fn(const std::string& fn_serial, const std::string& kkt_serial,
                                std::uint32_t last_fd_number, UtcMs at)
{
    FnEntry entry;
    auto done = impl_->database->transact("note FN", Durability::lazy, [&]() -> Result<void> {
        const std::int64_t device = impl_->device_of(fn_serial, kkt_serial, at);
        entry = impl_->fn_entry(fn_serial, device, at);
        impl_->database
            ->prepared(
                "UPDATE fn SET device_id = ?, last_fd_number = max(last_fd_number, ?), last_seen_ms = ? "
                "WHERE id = ?")
            .integer(1, device)
            .integer(2, last_fd_number)
            .instant(3, at)
            .integer(4, entry.id)
            .exec();
        return {};
    });
    if (done)
        impl_->fns[fn_serial] = std::move(entry);
    return done;
}

Result<std::vector<DeviceRow>> Documents::devices()
{
    return impl_->database->run("devices", [&]() -> Result<std::vector<DeviceRow>> {
        std::vector<DeviceRow> all;
        auto rows = impl_->database->prepared(
            "SELECT kkt_serial, name, family, model, first_seen_ms, last_seen_ms FROM device "
            "WHERE kkt_serial <> '' ORDER BY id");
        while (rows.step())
            all.push_back(
                {rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.instant(4), rows.instant(5)});
        return all;
    });
}

Result<std::vector<FnProgress>> Documents::fns()
{
    if (auto fresh = impl_->refresh(); !fresh)
        return pass(fresh);
    return impl_->database->run("FNs", [&]() -> Result<std::vector<FnProgress>> {
        std::vector<FnProgress> all;
        auto rows = impl_->database->prepared(
            // Bodies set aside as unreadable are wanted no more; there are few of them.
            "SELECT f.fn_serial, v.kkt_serial, f.last_fd_number, (SELECT count(*) FROM document d WHERE "
            "d.body_wanted = 1 AND d.id BETWEEN f.id << 32 AND (f.id << 32) + 4294967295) - "
            "(SELECT count(DISTINCT r.fd_number) FROM rejected_document r JOIN document d "
            "ON d.id = (r.fn_id << 32) + r.fd_number WHERE r.fn_id = f.id AND r.origin = 'reading' "
            "AND d.body_wanted = 1) FROM fn f JOIN device v ON v.id = f.device_id ORDER BY f.id");
        while (rows.step()) {
            FnProgress progress;
            progress.fn_serial = rows.text(0);
            progress.kkt_serial = rows.text(1);
            progress.last_fd_number = static_cast<std::uint32_t>(rows.integer(2));
            progress.bodies_wanted = static_cast<std::uint64_t>(rows.integer(3));
            if (const FnEntry* entry = impl_->find_fn(progress.fn_serial)) {
                progress.contiguous_through = entry->known.contiguous_through();
                progress.known = entry->known.count();
                progress.missing = entry->known.missing({1, progress.last_fd_number});
            }
            all.push_back(std::move(progress));
        }
        return all;
    });
}

Result<FnProgress> Documents::fn_progress(const std::string& fn_serial)
{
    auto all = fns();
    if (!all)
        return pass(all);
    for (FnProgress& progress : *all)
        if (progress.fn_serial == fn_serial)
            return std::move(progress);
    return fail(Errc::not_found, "FN " + fn_serial + " was never seen");
}

std::vector<FdRange> Documents::missing(const std::string& fn_serial, std::uint32_t through) const
{
    if (through == 0)
        return {};
    const FnEntry* entry = impl_->find_fn(fn_serial);
    return entry == nullptr ? std::vector<FdRange>{{1, through}} : entry->known.missing({1, through});
}

Result<std::vector<std::uint32_t>> Documents::wanted_bodies(const std::string& fn_serial, std::size_t at_most,
                                                            bool newest_first)
{
    if (auto fresh = impl_->refresh(); !fresh)
        return pass(fresh);
    return impl_->database->run("wanted bodies", [&]() -> Result<std::vector<std::uint32_t>> {
        std::vector<std::uint32_t> numbers;
        const FnEntry* entry = impl_->find_fn(fn_serial);
        if (entry == nullptr)
            return numbers;
        auto rows = impl_->database->prepared(
            // A body that was set aside as unreadable would be asked for without end.
            newest_first
                ? "SELECT id FROM document d WHERE body_wanted = 1 AND id BETWEEN ? AND ? AND NOT EXISTS "
                  "(SELECT 1 FROM rejected_document r WHERE r.fn_id = d.fn_id AND r.fd_number = d.fd_number "
                  "AND r.origin = 'reading') ORDER BY id DESC LIMIT ?"
                : "SELECT id FROM document d WHERE body_wanted = 1 AND id BETWEEN ? AND ? AND NOT EXISTS "
                  "(SELECT 1 FROM rejected_document r WHERE r.fn_id = d.fn_id AND r.fd_number = d.fd_number "
                  "AND r.origin = 'reading') ORDER BY id LIMIT ?");
        rows.integer(1, document_id(entry->id, 0))
            .integer(2, document_id(entry->id, 0xFFFFFFFF))
            .integer(3, static_cast<std::int64_t>(at_most));
        while (rows.step())
            numbers.push_back(fd_number_of(rows.integer(0)));
        return numbers;
    });
}

Result<void> Documents::forget(const std::string& fn_serial, const std::vector<FdRange>& numbers)
{
    const FnEntry* present = impl_->find_fn(fn_serial);
    if (present == nullptr || numbers.empty())
        return {};
    FnEntry entry = *present;
    auto done = impl_->database->transact("forget numbers", Durability::fsynced, [&]() -> Result<void> {
        for (const FdRange& range : numbers) {
            auto held =
                impl_->database->prepared("SELECT fd_number FROM document WHERE id BETWEEN ? AND ? LIMIT 1");
            held.integer(1, document_id(entry.id, range.first)).integer(2, document_id(entry.id, range.last));
            if (held.step())
                return fail(Errc::conflict, "forget: FD " + std::to_string(held.integer(0)) + " of FN " +
                                                fn_serial + " is held");
            remove_run(*impl_->database, entry.id, range);
            entry.known.remove(range);
        }
        return {};
    });
    if (done)
        impl_->fns[fn_serial] = std::move(entry);
    return done;
}

Result<JournalDocument> Documents::find(const std::string& fn_serial, std::uint32_t fd_number)
{
    std::optional<JournalDocument> found;
    DocumentFilter filter;
    filter.fn_serial = fn_serial;
    filter.numbers = {fd_number, fd_number};
    auto searched = for_each(filter, [&](const JournalDocument& document) {
        found = document;
        return false;
    });
    if (!searched)
        return pass(searched);
    if (!found)
        return fail(Errc::not_found,
                    "FD " + std::to_string(fd_number) + " of FN " + fn_serial + " is not in the journal");
    if (found->damaged)
        return fail(Errc::bad_checksum,
                    "FD " + std::to_string(fd_number) + " of FN " + fn_serial + " in the journal");
    return *std::move(found);
}

Result<std::optional<JournalDocument>> Documents::last(const std::string& fn_serial)
{
    std::optional<JournalDocument> found;
    DocumentFilter filter;
    filter.fn_serial = fn_serial;
    filter.at_most = 1;
    auto searched = for_each(filter, [&](const JournalDocument& document) {
        found = document;
        return false;
    });
    if (!searched)
        return pass(searched);
    return found;
}

Result<void> Documents::for_each(const DocumentFilter& filter,
                                 const std::function<bool(const JournalDocument&)>& take)
{
    if (auto fresh = impl_->refresh(); !fresh)
        return pass(fresh);
    // FNs one after the other, the one seen last first (or last): ids grow with the time of first sight.
    std::vector<std::int64_t> fn_ids;
    for (const auto& [serial, entry] : impl_->fns)
        if (filter.fn_serial.empty() || filter.fn_serial == serial)
            fn_ids.push_back(entry.id);
    std::sort(fn_ids.begin(), fn_ids.end());
    if (filter.newest_first)
        std::reverse(fn_ids.begin(), fn_ids.end());
    return impl_->database->run("list documents", [&]() -> Result<void> {
        static const std::string where = "WHERE d.id BETWEEN ?1 AND ?2 AND (?3 = 0 OR d.type = ?3) "
                                         "AND d.datetime_s >= ?4 AND d.datetime_s < ?5 ORDER BY d.id";
        static const std::string ascending = select_documents(where);
        static const std::string descending = select_documents(where + " DESC");
        std::size_t taken = 0;
        for (const std::int64_t fn_id : fn_ids) {
            auto rows = impl_->database->prepared((filter.newest_first ? descending : ascending).c_str());
            rows.integer(1, document_id(fn_id, filter.numbers.first))
                .integer(2, document_id(fn_id, filter.numbers.last))
                .integer(3, filter.type ? static_cast<std::int64_t>(*filter.type) : 0)
                .integer(4, filter.from ? filter.from->time_since_epoch().count() : INT64_MIN)
                .integer(5, filter.to ? filter.to->time_since_epoch().count() : INT64_MAX);
            while (rows.step()) {
                if (!take(read_row(rows)) || ++taken == filter.at_most)
                    return {};
            }
        }
        return {};
    });
}

Result<std::uint64_t> Documents::count()
{
    return impl_->database->run("count documents", [&]() -> Result<std::uint64_t> {
        auto row = impl_->database->prepared("SELECT count(*) FROM document");
        row.step();
        return static_cast<std::uint64_t>(row.integer(0));
    });
}

namespace {

RejectedDocument read_rejected(const Statement& row)
{
    RejectedDocument rejected;
    rejected.id = row.integer(0);
    rejected.fn_serial = row.text(1);
    rejected.fd_number = static_cast<std::uint32_t>(row.integer(2));
    rejected.kkt_serial = row.text(3);
    const std::string origin = row.text(4);
    rejected.origin = origin == "reading"   ? RejectedDocument::Origin::reading
                      : origin == "journal" ? RejectedDocument::Origin::journal
                                            : RejectedDocument::Origin::cabinet;
    rejected.code = row.text(5);
    rejected.reason = row.text(6);
    rejected.first_at = row.instant(7);
    rejected.last_at = row.instant(8);
    rejected.times = static_cast<std::uint32_t>(row.integer(9));
    rejected.raw = row.blob(10);
    return rejected;
}

} // namespace

Result<std::vector<RejectedDocument>> Documents::rejected()
{
    return impl_->database->run("rejected documents", [&]() -> Result<std::vector<RejectedDocument>> {
        std::vector<RejectedDocument> all;
        static const std::string select =
            "SELECT r.id, f.fn_serial, r.fd_number, " + kKktSerial +
            ", r.origin, r.code, r.reason, r.first_at_ms, r.last_at_ms, r.times, r.raw FROM "
            "rejected_document r "
            "JOIN fn f ON f.id = r.fn_id JOIN device v ON v.id = r.device_id ORDER BY r.id";
        auto rows = impl_->database->prepared(select.c_str());
        while (rows.step())
            all.push_back(read_rejected(rows));
        return all;
    });
}

Result<RejectedDocument> Documents::rejected(std::int64_t id)
{
    auto all = rejected();
    if (!all)
        return pass(all);
    for (RejectedDocument& one : *all)
        if (one.id == id)
            return std::move(one);
    return fail(Errc::not_found, "no rejected document " + std::to_string(id));
}

} // namespace kb::storage

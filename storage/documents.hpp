// The durable copy of the FN: documents by (fn_serial, fd_number), and which numbers are known.
#pragma once

#include "protocol/fiscal/fiscal_document.hpp"
#include "storage/database.hpp"
#include "storage/fd_ranges.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::storage {

/// How the journal came by a document.
enum class Source {
    archive, ///< read out of the FN
    print,   ///< answered by the register to a receipt this agent asked for
};
std::string_view to_string(Source source);

struct JournalDocument {
    fiscal::FiscalDocument document;
    std::string kkt_serial; ///< the register it was read through; empty: its number is not known (yet)
    Source source = Source::archive;
    UtcMs read_at{};
    /// For a short record: the body has not been asked for yet (a backlog takes short records first).
    bool body_wanted = false;
    bool damaged = false; ///< the row no longer matches its checksum
};

/// What became of a batch. Numbers are those of the batch; a conflict does not stop the others.
struct AppendReport {
    struct Conflict {
        std::string fn_serial;
        std::uint32_t fd_number = 0;
        Error error; ///< Errc::conflict, with what differs
    };
    std::size_t added = 0;
    std::size_t unchanged = 0; ///< known already with the same content
    std::size_t completed = 0; ///< a full document took the place of its short record, and is unsent again
    std::vector<Conflict> conflicts; ///< kept aside as rejected documents; the first content stays
};

/// A document that is not in its place, with the reason.
struct RejectedDocument {
    enum class Origin {
        reading, ///< what the register answered is no sound document
        journal, ///< other content under a known number
        cabinet, ///< the cabinet does not want it
    };
    std::int64_t id = 0;
    std::string fn_serial;
    std::uint32_t fd_number = 0;
    std::string kkt_serial;
    Origin origin = Origin::cabinet;
    std::string code;   ///< an Errc name, or the cabinet's own code
    std::string reason; ///< for people
    UtcMs first_at{};
    UtcMs last_at{};
    std::uint32_t times = 1; ///< how often the same was refused
    Bytes raw;               ///< empty for origin cabinet: the document itself is in the journal
};
std::string_view to_string(RejectedDocument::Origin origin);

/// One FN as the journal knows it.
struct FnProgress {
    std::string fn_serial;
    std::string kkt_serial;           ///< the register that last held it; empty: it has no number (yet)
    std::uint32_t last_fd_number = 0; ///< as the FN last told, at least the highest known number
    std::uint32_t contiguous_through = 0;
    std::uint64_t known = 0;         ///< numbers read at some time, also those removed by retention since
    std::uint64_t documents = 0;     ///< rows held now; filled by fn_progress only
    std::uint64_t bodies_wanted = 0; ///< short records whose body is still to be read
    std::vector<FdRange> missing;    ///< of 1..last_fd_number, ascending
};

struct DeviceRow {
    std::string kkt_serial;
    std::string name; ///< as configured
    std::string family;
    std::string model;
    UtcMs first_seen{};
    UtcMs last_seen{};
};

struct DocumentFilter {
    std::string fn_serial; ///< empty: of all
    std::optional<fiscal::DocumentType> type;
    std::optional<LocalSeconds> from; ///< by the register's clock, included
    std::optional<LocalSeconds> to;   ///< excluded
    FdRange numbers{1, 0xFFFFFFFF};
    bool newest_first = true;
    std::size_t at_most = 50; ///< 0: all
};

class Documents {
public:
    explicit Documents(Database& database);
    Documents(Documents&&) noexcept;
    Documents& operator=(Documents&&) noexcept;
    ~Documents();

    /// One transaction, on the disk when it returns. All or nothing, but for conflicts (see AppendReport).
    /// Errc::bad_value, with nothing written, when a document has no identity or no bytes.
    Result<AppendReport> append(const std::vector<JournalDocument>& batch);
    /// What the register answered for this number is no sound document: it is kept with the reason, and the
    /// number counts as known, so that it is not read again for ever. `raw` may be empty.
    Result<void> set_aside(const std::string& fn_serial, const std::string& kkt_serial,
                           std::uint32_t fd_number, const Error& why, Bytes raw, UtcMs at);

    /// Notes a register; kkt_serial is its identity.
    Result<void> note_device(const DeviceRow& device);
    /// Notes which FN sits in which register, and its last number. A lower number than before is kept out. A
    /// register without a number (an empty kkt_serial) is the one the FN was last seen in; where that is not
    /// known either, the FN's documents are kept, and wait in the outbox until it is.
    Result<void> note_fn(const std::string& fn_serial, const std::string& kkt_serial,
                         std::uint32_t last_fd_number, UtcMs at);
    Result<std::vector<DeviceRow>> devices();
    Result<std::vector<FnProgress>> fns();
    /// Errc::not_found for an FN never seen.
    Result<FnProgress> fn_progress(const std::string& fn_serial);

    /// Numbers of 1..through that were never read, ascending; one search, without the disk.
    [[nodiscard]] std::vector<FdRange> missing(const std::string& fn_serial, std::uint32_t through) const;
    /// Numbers held as a short record whose body may still be in the FN.
    Result<std::vector<std::uint32_t>> wanted_bodies(const std::string& fn_serial, std::size_t at_most,
                                                     bool newest_first = true);
    /// Lets these numbers be read again (the cabinet misses them and the journal no longer has them).
    Result<void> forget(const std::string& fn_serial, const std::vector<FdRange>& numbers);

    /// Errc::not_found; Errc::bad_checksum when the row is not what was once written.
    Result<JournalDocument> find(const std::string& fn_serial, std::uint32_t fd_number);
    /// The newest known number of an FN; nullopt when none is held.
    Result<std::optional<JournalDocument>> last(const std::string& fn_serial);
    /// Calls `take` for each until it returns false; rows come straight from the disk, one at a time, damaged
    /// ones marked. `take` must not call the journal.
    Result<void> for_each(const DocumentFilter& filter,
                          const std::function<bool(const JournalDocument&)>& take);
    /// Rows held. Reads the whole table: for checks; FnProgress::known costs nothing.
    Result<std::uint64_t> count();

    Result<std::vector<RejectedDocument>> rejected();
    Result<RejectedDocument> rejected(std::int64_t id);

    struct Impl;

private:
    friend class Outbox;
    friend class Journal;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::storage

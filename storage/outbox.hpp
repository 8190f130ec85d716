// What the cabinet has not acknowledged yet. A document enters with the row itself, in one transaction, and
// leaves only by the cabinet's answer.
#pragma once

#include "storage/documents.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kb::storage {

struct OutboxLimits {
    std::size_t documents = 500;
    std::size_t bytes = std::size_t{1} << 20; ///< of raw documents; one document always fits
};

struct OutboxBatch {
    struct Item {
        JournalDocument document;
        std::int64_t ticket = 0; ///< which queuing of it was taken: a later one is not acknowledged with it
    };
    std::vector<Item> items;
    std::size_t forgotten = 0; ///< rows that no longer matched their checksum: to be read again from the FN
    [[nodiscard]] bool empty() const { return items.empty(); }
};

/// The cabinet's answer for one FN: it has contiguous_from..contiguous_through and all else up to its
/// highest number but `missing` and `rejected`.
struct FnAnswer {
    struct Rejection {
        std::uint32_t fd_number = 0;
        std::string code;
        std::string reason;
    };
    std::string fn_serial;
    std::vector<FdRange> missing;
    std::vector<Rejection> rejected;
};

struct AckReport {
    std::size_t acknowledged = 0;
    std::size_t rejected = 0;
    /// Sent, but the answer does not say that the cabinet has it: still in the outbox. Nothing acknowledged
    /// and something unanswered: back off.
    std::size_t unanswered = 0;
};

/// One document that waits for the cabinet.
struct WaitingDocument {
    JournalDocument document;
    UtcMs queued_at{};
};

/// What waits of one FN.
struct WaitingFn {
    std::string fn_serial;
    std::string kkt_serial; ///< empty: its register has no number yet, so nothing of it is sent
    std::uint64_t documents = 0;
    UtcMs oldest_at{}; ///< when the longest waiting one was queued
};

struct OutboxState {
    std::uint64_t unsent = 0;
    std::uint64_t rejected = 0;            ///< set aside, of all origins
    std::optional<UtcMs> oldest_unsent_at; ///< when the longest waiting one was read
};

class Outbox {
public:
    Outbox(Database& database, Documents& documents);

    /// The next documents to send: one half the newest of each FN, the other half the oldest, so that today's
    /// sales never wait behind a backlog and the backlog never starves. Ascending per FN. Rows that no longer
    /// match their checksum are forgotten (to be read again from the FN), not sent. Those of a register
    /// without a number are left out until it is known.
    /// `under_way` is left out, so that a batch can be packed while the one before it is being sent.
    Result<OutboxBatch> next_batch(const OutboxLimits& limits, const OutboxBatch* under_way = nullptr);
    /// Takes out of the outbox what the cabinet has committed, sets aside what it refuses. One transaction.
    /// A document queued again since the batch was taken (its body has come) stays.
    Result<AckReport> acknowledge(const OutboxBatch& sent, const std::vector<FnAnswer>& answers, UtcMs at);
    /// Sets one document aside: nothing else waits for it. For a batch that the cabinet refuses as a whole
    /// and that was narrowed down to one document.
    Result<void> reject(const OutboxBatch::Item& item, const std::string& code, const std::string& reason,
                        UtcMs at);
    /// Queues these again: the cabinet says it lacks them. Returns those that the journal has no more (or
    /// never had); they count as unknown from now on, so that reconciliation reads them.
    Result<std::vector<FdRange>> requeue(const std::string& fn_serial, const std::vector<FdRange>& numbers,
                                         UtcMs at);
    /// Queues a rejected document of origin cabinet again, and forgets the rejection.
    Result<void> retry_rejected(std::int64_t id, UtcMs at);

    Result<OutboxState> state();
    /// One row for each FN with something unsent.
    Result<std::vector<WaitingFn>> waiting_fns();
    /// Calls `take` for each waiting document, the longest waiting first, until it returns false or `at_most`
    /// are told (0: all). `take` must not call the journal.
    Result<void> for_each_waiting(std::size_t at_most,
                                  const std::function<bool(const WaitingDocument&)>& take);
    /// nullopt: not in the queue, so either acknowledged or never read.
    Result<std::optional<WaitingDocument>> find(const std::string& fn_serial, std::uint32_t fd_number);
    /// Rows of the queue without a document: there must be none.
    Result<std::uint64_t> orphans();
    /// Unsent numbers of one FN as runs, ascending.
    Result<std::vector<FdRange>> unsent(const std::string& fn_serial);

private:
    Database* database_;
    Documents* documents_;
};

} // namespace kb::storage

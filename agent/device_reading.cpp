// How the FN's documents get into the journal: compared, read in short slices, durable before anything else.
#include "agent/device.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

// A slice ends in time to notice a new sale; the register is asked for its mode between slices.
constexpr auto kSlice = 500ms;
constexpr std::size_t kBatchDocuments = 128;
constexpr std::size_t kBatchBytes = std::size_t{256} * 1024;
constexpr std::size_t kBodiesAtOnce = 200;
constexpr unsigned kAttempts = 3; // then a number is set aside: the others must not wait for it

/// The numbers of this FN that were set aside as unreadable.
Result<std::vector<std::uint32_t>> unreadable(storage::Journal& journal, const std::string& fn_serial)
{
    const auto aside = journal.documents().rejected();
    if (!aside) {
        return pass(aside);
    }
    std::vector<std::uint32_t> numbers;
    for (const storage::RejectedDocument& one : *aside) {
        if (one.fn_serial == fn_serial && one.origin == storage::RejectedDocument::Origin::reading) {
            numbers.push_back(one.fd_number);
        }
    }
    return numbers;
}

/// Not the document's fault: the register is doing something else, or is away.
bool passes(Errc code) { return has_to_wait(code) || code == Errc::cancelled; }

/// Noise says nothing of the document, but a document that always comes as noise must not stop the others.
bool is_noise(Errc code) { return code == Errc::bad_frame || code == Errc::bad_checksum; }

bool line_failed(Errc code)
{
    return code == Errc::port_lost || code == Errc::no_answer || code == Errc::timed_out;
}

} // namespace

Task<void> Device::compare(const fiscal::FnStatus& fn)
{
    if (compared_journal_ != journals_replaced()) {
        compared_fn_.clear(); // what the damaged one held is not in the new one
    }
    if (fn.fn_serial == compared_fn_) {
        if (fn.last_fd_number > plan_.last_fd()) {
            plan_.on_last_number(fn.last_fd_number);
            if (!fresh_seen_) {
                fresh_seen_ = Steady::now();
            }
            polling_.on_activity(Steady::now());
            look_soon_ = true;
            if (waits_) {
                note_last_number(fn);
            }
        }
        co_return Result<void>{};
    }
    struct Picture {
        std::vector<storage::FdRange> missing;
        std::vector<std::uint32_t> unreadable;
    };
    const unsigned journal_now = journals_replaced();
    auto work = [serial = fn.fn_serial, kkt = sample_.info.kkt_serial, last = fn.last_fd_number,
                 now = services_.clock.now()](storage::Journal& journal) -> Result<Picture> {
        if (const auto noted = journal.documents().note_fn(serial, kkt, last, now); !noted) {
            return pass(noted);
        }
        auto aside = unreadable(journal, serial);
        if (!aside) {
            return pass(aside);
        }
        return Picture{journal.documents().missing(serial, last), *std::move(aside)};
    };
    const auto picture = co_await in_journal(services_.journal, std::move(work));
    if (!picture) {
        journal_trouble_ = picture.error().code;
        log::error("journal: cannot compare", {{"device", label_}, {"error", picture.error().message()}});
        co_return Result<void>{}; // the register is well; it is asked again at the next poll
    }
    journal_trouble_.reset();
    if (!last_fn_.empty() && last_fn_ != fn.fn_serial) {
        event("fn_replaced", storage::Severity::warning, "в кассе другой ФН: № " + fn.fn_serial,
              {{"was", last_fn_}, {"fn_serial", fn.fn_serial}});
    }
    last_fn_ = fn.fn_serial;
    plan_.begin(fn.last_fd_number, picture->missing);
    plan_.try_again(picture->unreadable); // what made them so may have been the register's bad moment
    compared_journal_ = journal_now;
    bodies_exhausted_ = false;
    compared_fn_ = fn.fn_serial;
    log::info("device: compared with the FN", {{"device", label_},
                                               {"fn_serial", fn.fn_serial},
                                               {"last_fd", fn.last_fd_number},
                                               {"missing", plan_.behind()}});
    recount_ = true;
    services_.on_documents(); // what waited for its register's number waits no more
    if (plan_.behind() > 0 && !waits_) {
        move_to(DeviceState::reconciling);
    }
    co_return Result<void>{};
}

// With the document itself the journal learns the number; while it cannot be read, this is how it learns that
// there is one.
void Device::note_last_number(const fiscal::FnStatus& fn)
{
    auto work = [serial = fn.fn_serial, kkt = sample_.info.kkt_serial, last = fn.last_fd_number,
                 now = services_.clock.now()](storage::Journal& journal) {
        return journal.documents().note_fn(serial, kkt, last, now);
    };
    services_.journal.submit(std::move(work), [label = label_](const Result<void>& noted) {
        if (!noted) {
            log::error("journal: the FN's last number was not noted",
                       {{"device", label}, {"error", noted.error().message()}});
        }
    });
}

asio::awaitable<void> Device::count_unread()
{
    if (compared_fn_.empty()) {
        sample_.unread_documents.reset(); // the journal does not tell what it holds
        co_return;
    }
    if (recount_) {
        recount_ = false;
        auto work = [serial = compared_fn_](storage::Journal& journal) {
            return journal.documents().fn_progress(serial);
        };
        const auto progress = co_await in_journal(services_.journal, std::move(work));
        recount_ = recount_ || !progress; // or something was written meanwhile
        bodies_unread_ = progress ? progress->bodies_wanted : bodies_unread_;
    }
    sample_.unread_documents = plan_.behind() + bodies_unread_;
    services_.metrics.unread(label_, static_cast<double>(*sample_.unread_documents));
}

asio::awaitable<void> Device::fill_bodies()
{
    if (bodies_exhausted_ || !driver_->capabilities().full_documents) {
        bodies_exhausted_ = true;
        co_return;
    }
    auto work = [serial = compared_fn_](storage::Journal& journal) {
        return journal.documents().wanted_bodies(serial, kBodiesAtOnce);
    };
    const auto wanted = co_await in_journal(services_.journal, std::move(work));
    bodies_exhausted_ = !wanted || wanted->empty();
    if (wanted) {
        plan_.want_bodies(*wanted);
    }
}

Task<void> Device::read_slice()
{
    std::vector<storage::JournalDocument> batch;
    std::size_t bytes = 0;
    Result<void> ended;
    const auto end = Steady::now() + kSlice;
    reads_on_ = true;
    while (!stopping_ && !compared_fn_.empty() && !journal_trouble_ && !customer_waits() &&
           Steady::now() < end) {
        const auto item = records_only_ ? plan_.next_unseen() : plan_.next();
        if (!item && !bodies_exhausted_ && !records_only_) {
            // What is on its way into the journal may still want its body.
            if (!batch.empty()) {
                bytes = 0;
                std::vector<storage::JournalDocument> full = std::move(batch);
                batch.clear();
                if (const auto kept = co_await keep(std::move(full)); !kept) {
                    co_return pass(kept);
                }
            }
            co_await appended();
            co_await fill_bodies();
            continue;
        }
        if (!item) {
            reads_on_ = false;
            break;
        }
        auto document = co_await read(*item);
        if (!document) {
            if (!passes(document.error().code)) {
                ended = pass(document);
            }
            reads_on_ = false;
            break;
        }
        if (!*document && item->attempts > 0) {
            reads_on_ = false; // what made it fail may need a moment to pass: the next attempt after a poll
            break;
        }
        if (*document) {
            bytes += (*document)->document.raw.size();
            batch.push_back(**std::move(document));
        }
        const bool all_fresh_read = item->fresh && !plan_.has_fresh();
        if (all_fresh_read || batch.size() >= kBatchDocuments || bytes >= kBatchBytes) {
            bytes = 0;
            std::vector<storage::JournalDocument> full = std::move(batch);
            batch.clear();
            if (const auto kept = co_await keep(std::move(full)); !kept) {
                co_return pass(kept);
            }
        }
    }
    if (!batch.empty()) {
        if (const auto kept = co_await keep(std::move(batch)); !kept) {
            co_return pass(kept);
        }
    }
    if (plan_.behind() == 0 && !customer_waits()) {
        co_await appended();
    }
    co_return ended;
}

// A short record does not say of which FN it is: it is of this one only if this one is still there after it.
Task<void> Device::keep(std::vector<storage::JournalDocument> batch)
{
    const bool any_short = std::any_of(batch.begin(), batch.end(), [](const auto& row) {
        return row.document.form == fiscal::DocumentForm::short_record;
    });
    if (any_short) {
        const std::string serial = batch.front().document.fn_serial;
        const auto fn = co_await asked(driver_->fn_status(false));
        if (!fn || fn->fn_serial != serial) {
            compared_fn_.clear(); // the comparison finds the numbers again
            if (!fn && !passes(fn.error().code)) {
                co_return pass(fn);
            }
            co_return Result<void>{};
        }
    }
    co_await append(std::move(batch));
    co_return Result<void>{};
}

Task<std::optional<storage::JournalDocument>> Device::read(ReadItem item)
{
    const bool record_only = records_only_ || item.what == ReadItem::What::short_record;
    // No co_await inside a conditional expression: g++ 12.2 destroys its temporaries twice.
    Result<fiscal::FiscalDocument> document = fail(Errc::no_data, "not read");
    if (record_only) {
        document = co_await asked(driver_->read_short_record(item.fd_number));
    } else {
        document = co_await asked(driver_->read_document(item.fd_number));
    }
    if (document && (document->fd_number != item.fd_number || document->fn_serial != compared_fn_)) {
        const std::string told = document->fn_serial + " " + std::to_string(document->fd_number);
        document = fail(Errc::protocol_violation, "document " + std::to_string(item.fd_number) +
                                                      ": the register gave another one: " + told);
    }
    if (document) {
        const bool full = document->form == fiscal::DocumentForm::full;
        services_.metrics.document_read(label_, full);
        storage::JournalDocument row;
        row.document = *std::move(document);
        row.kkt_serial = sample_.info.kkt_serial;
        row.read_at = services_.clock.now();
        row.body_wanted = record_only && driver_->capabilities().full_documents;
        bodies_exhausted_ = bodies_exhausted_ && !row.body_wanted;
        co_return std::optional(std::move(row));
    }
    const Error error = document.error();
    if (passes(error.code) || line_failed(error.code)) {
        plan_.put_back(item, false);
        co_return tl::unexpected<Error>(error);
    }
    services_.metrics.document_failed(label_, std::string(to_string(error.code)));
    if (item.attempts + 1 < kAttempts && !item.aside) {
        plan_.put_back(item, true);
        if (is_noise(error.code)) {
            co_return tl::unexpected<Error>(error);
        }
    } else if (!item.aside) {
        co_await set_aside(item.fd_number, error);
    }
    co_return std::optional<storage::JournalDocument>{};
}

asio::awaitable<void> Device::set_aside(std::uint32_t fd_number, Error error)
{
    log::error("device: a document is set aside", {{"device", label_},
                                                   {"fn_serial", compared_fn_},
                                                   {"fd_number", fd_number},
                                                   {"error", error.message()}});
    event("document_set_aside", storage::Severity::error,
          "документ № " + std::to_string(fd_number) + " не читается: " + error.message(),
          {{"fn_serial", compared_fn_},
           {"fd_number", std::to_string(fd_number)},
           {"code", std::string(to_string(error.code))}});
    auto work = [serial = compared_fn_, kkt = sample_.info.kkt_serial, fd_number, error = std::move(error),
                 now = services_.clock.now()](storage::Journal& journal) {
        return journal.documents().set_aside(serial, kkt, fd_number, error, {}, now);
    };
    const auto done = co_await in_journal(services_.journal, std::move(work));
    recount_ = true;
    if (!done) {
        journal_trouble_ = done.error().code;
        compared_fn_.clear();
    }
}

asio::awaitable<void> Device::appended()
{
    while (append_running_) {
        co_await append_done_.wait(1min);
    }
}

asio::awaitable<void> Device::append(std::vector<storage::JournalDocument> batch)
{
    co_await appended(); // one batch is written while the next is read, no more
    const std::size_t documents = batch.size();
    append_running_ = true;
    auto work = [batch = std::move(batch)](storage::Journal& journal) {
        auto report = journal.documents().append(batch);
        if (!report) {
            take_care(journal, report.error());
        }
        return report;
    };
    auto done = [self = shared_from_this(), documents](Result<storage::AppendReport> report) {
        asio::post(self->strand_,
                   [self, documents, report = std::move(report)] { self->on_appended(report, documents); });
    };
    services_.journal.submit(std::move(work), std::move(done));
}

void Device::on_appended(const Result<storage::AppendReport>& report, std::size_t documents)
{
    append_running_ = false;
    append_done_.raise();
    recount_ = true;
    if (!report) {
        // Nothing of the batch is in the journal: the comparison finds the numbers again.
        journal_trouble_ = report.error().code;
        compared_fn_.clear();
        log::error("journal: documents were not written", {{"device", label_},
                                                           {"documents", std::uint64_t{documents}},
                                                           {"error", report.error().message()}});
        return;
    }
    if (fresh_seen_ && !plan_.has_fresh()) {
        const std::chrono::duration<double> took = Steady::now() - *fresh_seen_;
        services_.metrics.document_to_journal(took.count());
        fresh_seen_.reset();
    }
    for (const auto& conflict : report->conflicts) {
        event("document_conflict", storage::Severity::error,
              "документ № " + std::to_string(conflict.fd_number) +
                  " отличается от прочитанного раньше: " + conflict.error.message(),
              {{"fn_serial", conflict.fn_serial},
               {"fd_number", std::to_string(conflict.fd_number)},
               {"code", std::string(to_string(conflict.error.code))}});
    }
    services_.on_documents();
}

} // namespace kb::agent

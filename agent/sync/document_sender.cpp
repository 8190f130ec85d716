// Documents out of the journal into the cabinet: one batch at a time, the next one packed meanwhile.
#include "agent/http/ask.hpp"
#include "agent/http/gzip.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "agent/sync/sync.hpp"

#include <algorithm>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAtLeast = 30s;
constexpr auto kProbeEvery = 6h;

std::string encode_batch(const storage::OutboxBatch& batch)
{
    cabinet_api::DocumentsRequest request;
    request.documents.reserve(batch.items.size());
    for (const auto& item : batch.items) {
        cabinet_api::DocumentMessage message;
        message.document = item.document.document;
        message.source = item.document.source == storage::Source::print
                             ? cabinet_api::DocumentSource::print
                             : cabinet_api::DocumentSource::archive;
        message.kkt_serial = item.document.kkt_serial;
        message.read_at = item.document.read_at;
        request.documents.push_back(std::move(message));
    }
    return cabinet_api::encode(request);
}

/// The peer says that this very content is wrong or too large: sending the same again changes nothing.
bool refuses_content(const Error& error)
{
    const int status = error.device_code.value_or(0);
    return status == 400 || status == 413 || status == 422;
}

std::vector<storage::FdRange> lacking(const cabinet_api::FnAnswer& answer)
{
    std::vector<storage::FdRange> ranges;
    if (answer.contiguous_from > 1) {
        ranges.push_back({1, answer.contiguous_from - 1});
    }
    for (const cabinet_api::FdRange& range : answer.missing) {
        ranges.push_back({range.from, range.to});
    }
    return ranges;
}

} // namespace

asio::awaitable<void> Sync::documents_loop()
{
    std::optional<Prepared> next;
    while (!stopping_) {
        if (!co_await enrolled(documents_stop_)) {
            co_await look_at_outbox();
            next.reset();
            continue;
        }
        if (!next) {
            next = co_await prepare(nullptr);
        }
        if (!next || next->batch.empty()) {
            next.reset();
            co_await look_at_outbox();
            co_await heal();
            if (co_await probe()) {
                continue;
            }
            co_await documents_.wait(kLookAtLeast);
            continue;
        }
        const Prepared sending = *std::exchange(next, std::nullopt);
        const auto began = Steady::now();
        const http::Reply reply = co_await send(sending, next);
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began);
        co_await on_answer(sending, reply, elapsed);
        if (!reply.result) {
            next.reset(); // what was sent is in the outbox still, and its size may have to change
        }
    }
}

asio::awaitable<std::optional<Sync::Prepared>> Sync::prepare(const storage::OutboxBatch* under_way)
{
    storage::OutboxLimits limits;
    limits.documents = std::min<std::size_t>(batch_size_.now(), cabinet_api::kMaxDocuments);
    limits.bytes = config_.batch_bytes;
    // Packing happens on the journal's thread too: it holds nothing up for longer than a few milliseconds.
    auto work = [limits, under_way](storage::Journal& journal) -> Result<Prepared> {
        auto batch = journal.outbox().next_batch(limits, under_way);
        if (!batch) {
            return pass(batch);
        }
        if (batch->empty()) {
            return Prepared{*std::move(batch), {}};
        }
        auto packed = http::gzip(encode_batch(*batch));
        if (!packed) {
            return pass(packed);
        }
        return Prepared{*std::move(batch), *std::move(packed)};
    };
    auto prepared = co_await in_journal(services_.journal, std::move(work));
    if (!prepared) {
        log::error("sync: the journal gives no batch", {{"error", prepared.error().message()}});
        co_return std::nullopt;
    }
    if (prepared->batch.forgotten > 0) {
        log::error("journal: damaged documents are read from the FN again",
                   {{"documents", std::uint64_t{prepared->batch.forgotten}}});
        services_.compare_again();
    }
    co_return *std::move(prepared);
}

asio::awaitable<http::Reply> Sync::send(const Prepared& prepared, std::optional<Prepared>& next)
{
    http::Request call = request("POST", "/api/agent/v1/documents", prepared.body);
    call.headers.emplace_back("Content-Encoding", "gzip");
    const auto flight = std::make_shared<Flight>(executor_);
    auto fly = [client = &services_.client, call = std::move(call),
                flight]() mutable -> asio::awaitable<void> {
        http::Request moved = std::move(call);
        flight->reply = co_await http::ask(*client, std::move(moved));
        flight->landed.raise();
    };
    asio::co_spawn(executor_, std::move(fly), asio::detached);
    next = co_await prepare(&prepared.batch);
    if (next && next->batch.empty()) {
        next.reset(); // new documents may have come when the answer is there
    }
    while (!flight->reply) {
        co_await flight->landed.wait(1min);
    }
    co_return *std::move(flight->reply);
}

asio::awaitable<void> Sync::on_answer(const Prepared& sent, const http::Reply& reply,
                                      std::chrono::milliseconds elapsed)
{
    if (!reply.result) {
        if (refuses_content(reply.result.error())) {
            co_await on_refusal(sent, reply);
            co_return;
        }
        batch_size_.on_failure();
        const auto wait = failed(reply, documents_backoff_);
        co_await look_at_outbox();
        co_await pause(documents_stop_, wait);
        co_return;
    }
    auto response = cabinet_api::decode_documents_response(reply.result->body);
    if (!response) {
        batch_size_.on_failure();
        const http::Reply garbage{pass(response), std::nullopt};
        co_await pause(documents_stop_, failed(garbage, documents_backoff_));
        co_return;
    }
    batch_size_.on_success(sent.batch.items.size(), elapsed);
    services_.metrics.batch_sent(sent.batch.items.size(), sent.body.size(),
                                 static_cast<double>(elapsed.count()) / 1000.0);
    co_await acknowledge(sent, *std::move(response));
}

asio::awaitable<void> Sync::acknowledge(const Prepared& sent, cabinet_api::DocumentsResponse response)
{
    std::vector<storage::FnAnswer> answers;
    for (const cabinet_api::FnAnswer& fn : response.fns) {
        storage::FnAnswer answer;
        answer.fn_serial = fn.fn_serial;
        for (const cabinet_api::FdRange& range : fn.missing) {
            answer.missing.push_back({range.from, range.to});
        }
        for (const cabinet_api::RejectedDocument& rejected : fn.rejected) {
            answer.rejected.push_back({rejected.fd_number, rejected.code, rejected.reason});
        }
        answers.push_back(std::move(answer));
    }
    auto work = [batch = &sent.batch, answers = std::move(answers), unnamed = response.unnamed,
                 now = services_.clock.now()](storage::Journal& journal) -> Result<storage::AckReport> {
        if (unnamed.empty()) {
            return journal.outbox().acknowledge(*batch, answers, now);
        }
        // The cabinet cannot read what these are; the journal knows.
        storage::OutboxBatch others;
        for (std::size_t i = 0; i < batch->items.size(); ++i) {
            const auto refused =
                std::find_if(unnamed.begin(), unnamed.end(), [&](const auto& one) { return one.index == i; });
            if (refused == unnamed.end()) {
                others.items.push_back(batch->items[i]);
            } else if (auto done =
                           journal.outbox().reject(batch->items[i], refused->code, refused->reason, now);
                       !done) {
                return pass(done);
            }
        }
        auto report = journal.outbox().acknowledge(others, answers, now);
        if (report) {
            report->rejected += batch->items.size() - others.items.size();
        }
        return report;
    };
    const auto report = co_await in_journal(services_.journal, std::move(work));
    if (!report) {
        log::error("sync: the acknowledgement was not written", {{"error", report.error().message()}});
        co_await pause(documents_stop_, documents_backoff_.next());
        co_return;
    }
    succeeded();
    status_.acknowledged += report->acknowledged;
    status_.rejected += report->rejected;
    services_.metrics.documents_rejected(report->rejected);
    if (report->rejected > 0) {
        std::vector<Aside> refused = refused_of(sent.batch, response);
        co_await tell_rejected(std::move(refused));
    }
    for (cabinet_api::FnAnswer& fn : response.fns) {
        answered_.insert(fn.fn_serial);
        answers_[fn.fn_serial] = std::move(fn);
    }
    if (report->acknowledged == 0 && report->rejected == 0) {
        co_await pause(documents_stop_, documents_backoff_.next());
        co_return;
    }
    documents_backoff_.reset();
    poisoned_in_a_row_ = 0;
    poisoned_.clear(); // others got through, so these were refused for what they are
}

asio::awaitable<void> Sync::look_at_outbox()
{
    auto work = [](storage::Journal& journal) { return journal.outbox().state(); };
    const auto state = co_await in_journal(services_.journal, std::move(work));
    if (!state) {
        co_return;
    }
    status_.outbox = *state;
    const auto age = state->oldest_unsent_at ? services_.clock.now() - *state->oldest_unsent_at
                                             : std::chrono::milliseconds(0);
    services_.metrics.unsent(static_cast<double>(state->unsent), static_cast<double>(age.count()) / 1000.0);
}

// The outbox is empty, so whatever the cabinet still misses was acknowledged once and is lost there (restored
// from a backup, say). What the journal holds is queued again; what it no longer holds is read again.
asio::awaitable<void> Sync::heal()
{
    bool read_again = false;
    for (auto& [fn_serial, answer] : std::exchange(answers_, {})) {
        const auto ranges = lacking(answer);
        if (ranges.empty()) {
            healed_.erase(fn_serial);
            continue;
        }
        if (const auto before = healed_.find(fn_serial);
            before != healed_.end() && before->second == ranges) {
            continue; // asked for once; more asking would be a loop
        }
        healed_[fn_serial] = ranges;
        auto work = [fn = fn_serial, ranges,
                     now = services_.clock.now()](storage::Journal& journal) -> Result<bool> {
            storage::FdRanges wanted;
            for (const storage::FdRange& range : ranges) {
                wanted.add(range);
            }
            // Not yet read, or refused by the cabinet itself: not lost.
            for (const storage::FdRange& unread :
                 journal.documents().missing(fn, wanted.runs().back().last)) {
                wanted.remove(unread);
            }
            const auto aside = journal.documents().rejected();
            if (!aside) {
                return pass(aside);
            }
            for (const storage::RejectedDocument& document : *aside) {
                if (document.fn_serial == fn &&
                    document.origin == storage::RejectedDocument::Origin::cabinet) {
                    wanted.remove({document.fd_number, document.fd_number});
                }
            }
            if (wanted.empty()) {
                return false;
            }
            const auto gone = journal.outbox().requeue(fn, wanted.runs(), now);
            if (!gone) {
                return pass(gone);
            }
            return true;
        };
        const auto queued = co_await in_journal(services_.journal, std::move(work));
        if (!queued) {
            healed_.erase(fn_serial); // with the next answer again
        } else if (*queued) {
            log::warning("sync: the cabinet lost documents; they are sent again", {{"fn_serial", fn_serial}});
            documents_.raise();
            read_again = true;
        }
    }
    if (read_again) {
        services_.compare_again();
    }
}

// What a cabinet has lost shows in its answer to the next document of the same FN. An FN without sales, one
// replaced long ago above all, has no next document: its newest one is sent once more after each enrolment
// and start, and now and then. True when something was queued.
asio::awaitable<bool> Sync::probe()
{
    if (Steady::now() - probed_at_ >= kProbeEvery) {
        probe_due_ = true;
        answered_.clear();
    }
    if (!probe_due_) {
        co_return false;
    }
    probe_due_ = false;
    probed_at_ = Steady::now();
    auto work = [answered = answered_,
                 now = services_.clock.now()](storage::Journal& journal) -> Result<std::vector<std::string>> {
        const auto fns = journal.documents().fns();
        if (!fns) {
            return pass(fns);
        }
        std::vector<std::string> asked;
        for (const storage::FnProgress& fn : *fns) {
            if (answered.contains(fn.fn_serial)) {
                continue;
            }
            asked.push_back(fn.fn_serial);
            const auto last = journal.documents().last(fn.fn_serial);
            if (!last) {
                return pass(last);
            }
            if (*last) {
                const std::uint32_t number = (*last)->document.fd_number;
                const std::vector<storage::FdRange> one{{number, number}};
                if (const auto queued = journal.outbox().requeue(fn.fn_serial, one, now); !queued) {
                    return pass(queued);
                }
            }
        }
        return asked;
    };
    const auto asked = co_await in_journal(services_.journal, std::move(work));
    if (!asked || asked->empty()) {
        co_return false;
    }
    answered_.insert(asked->begin(), asked->end()); // once is enough, whatever becomes of it
    co_return true;
}

} // namespace kb::agent

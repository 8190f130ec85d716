// What the cabinet refuses: narrowed down to the one document, set aside with its reason, told, and taken
// back when it turns out that the cabinet refuses everything.
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "agent/sync/sync.hpp"

#include <algorithm>

namespace kb::agent {
namespace {

// So many documents refused one after another are no poisoned documents but a cabinet that refuses all.
constexpr unsigned kPoisonedAtMost = 3;
constexpr std::size_t kToldAtMost = 20; // events about rejected documents of one answer

} // namespace

asio::awaitable<void> Sync::on_refusal(const Prepared& sent, const http::Reply& reply)
{
    const Error& error = reply.result.error();
    const bool one = sent.batch.items.size() == 1;
    if (!one) {
        log::warning("sync: a batch was refused; it is narrowed down",
                     {{"documents", std::uint64_t{sent.batch.items.size()}}, {"error", error.message()}});
        while (batch_size_.now() > 1 && batch_size_.now() >= sent.batch.items.size()) {
            batch_size_.on_failure();
        }
        co_return;
    }
    if (++poisoned_in_a_row_ > kPoisonedAtMost) {
        co_await take_back();
        co_await pause(documents_stop_, failed(reply, documents_backoff_));
        co_return;
    }
    const auto& item = sent.batch.items.front();
    log::error("sync: the cabinet refuses a document; it is set aside",
               {{"fn_serial", item.document.document.fn_serial},
                {"fd_number", item.document.document.fd_number},
                {"error", error.message()}});
    Aside aside{item.document.document.fn_serial, item.document.document.fd_number, item.document.kkt_serial,
                std::string(to_string(error.code)), error.context};
    // What the cabinet would not read it could not note, either: the event tells it, and comes first, so that
    // no document is aside without one.
    auto work = [item, aside, event = event_of("document_set_aside", aside),
                 now = services_.clock.now()](storage::Journal& journal) -> Result<void> {
        if (const auto told = journal.telemetry().add_event(event); !told) {
            return pass(told);
        }
        return journal.outbox().reject(item, aside.code, aside.reason, now);
    };
    const auto rejected = co_await in_journal(services_.journal, std::move(work));
    if (!rejected) {
        co_await pause(documents_stop_, documents_backoff_.next());
        co_return;
    }
    ++status_.rejected;
    services_.metrics.documents_rejected(1);
    poisoned_.push_back(std::move(aside));
    telemetry_.raise();
}

// Who refuses everything refuses no single document: those set aside for it wait with the others again.
asio::awaitable<void> Sync::take_back()
{
    if (poisoned_.empty()) {
        co_return;
    }
    auto work = [innocent = std::exchange(poisoned_, {}),
                 now = services_.clock.now()](storage::Journal& journal) -> Result<std::uint64_t> {
        const auto aside = journal.documents().rejected();
        if (!aside) {
            return pass(aside);
        }
        std::uint64_t taken = 0;
        for (const storage::RejectedDocument& one : *aside) {
            const bool ours = one.origin == storage::RejectedDocument::Origin::cabinet &&
                              std::any_of(innocent.begin(), innocent.end(), [&](const Aside& each) {
                                  return each.fn_serial == one.fn_serial && each.fd_number == one.fd_number;
                              });
            if (ours && journal.outbox().retry_rejected(one.id, now)) {
                ++taken;
            }
        }
        return taken;
    };
    const auto taken = co_await in_journal(services_.journal, std::move(work));
    if (taken) {
        status_.rejected -= std::min(status_.rejected, *taken);
        log::warning("sync: the cabinet refuses everything; what was set aside waits again",
                     {{"documents", *taken}});
    }
}

std::vector<Sync::Aside> Sync::refused_of(const storage::OutboxBatch& sent,
                                          const cabinet_api::DocumentsResponse& response)
{
    std::vector<Aside> refused;
    const auto add = [&](const storage::OutboxBatch::Item& item, const auto& why) {
        refused.push_back({item.document.document.fn_serial, item.document.document.fd_number,
                           item.document.kkt_serial, why.code, why.reason});
    };
    for (const cabinet_api::FnAnswer& fn : response.fns) {
        for (const cabinet_api::RejectedDocument& rejected : fn.rejected) {
            const auto item = std::find_if(sent.items.begin(), sent.items.end(), [&](const auto& one) {
                const auto& document = one.document.document;
                return document.fn_serial == fn.fn_serial && document.fd_number == rejected.fd_number;
            });
            if (item != sent.items.end()) {
                add(*item, rejected);
            }
        }
    }
    for (const cabinet_api::UnnamedDocument& unnamed : response.unnamed) {
        if (unnamed.index < sent.items.size()) {
            add(sent.items[unnamed.index], unnamed);
        }
    }
    return refused;
}

storage::EventRow Sync::event_of(const char* kind, const Aside& refused) const
{
    storage::EventRow row;
    row.at = services_.clock.now();
    row.kkt_serial = refused.kkt_serial;
    row.kind = kind;
    row.severity = storage::Severity::error;
    row.text = "кабинет не принял документ № " + std::to_string(refused.fd_number) + " ФН " +
               refused.fn_serial + ": " + refused.reason;
    row.data = cabinet_api::encode(
        cabinet_api::SetAsideDocument{refused.fn_serial, refused.fd_number, refused.code});
    return row;
}

asio::awaitable<void> Sync::tell_rejected(std::vector<Aside> rejected)
{
    std::vector<storage::EventRow> rows;
    for (const Aside& one : rejected) {
        log::error("sync: the cabinet rejected a document", {{"fn_serial", one.fn_serial},
                                                             {"fd_number", one.fd_number},
                                                             {"code", one.code},
                                                             {"reason", one.reason}});
        rows.push_back(event_of("document_rejected", one));
    }
    rows.resize(std::min(rows.size(), kToldAtMost));
    auto work = [rows = std::move(rows)](storage::Journal& journal) -> Result<void> {
        for (const storage::EventRow& row : rows) {
            if (const auto added = journal.telemetry().add_event(row); !added) {
                return pass(added);
            }
        }
        return {};
    };
    if (co_await in_journal(services_.journal, std::move(work))) {
        telemetry_.raise();
    }
}

} // namespace kb::agent

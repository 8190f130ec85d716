// prometheus-cpp behind metrics.hpp.
#include "agent/metrics.hpp"

#include "kb_version.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace kb::agent {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

Family<Counter>& counter(prometheus::Registry& registry, const char* name, const char* help)
{
    return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help)
{
    return BuildGauge().Name(name).Help(help).Register(registry);
}

Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help,
                     const Histogram::BucketBoundaries& bounds = {0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 10.0,
                                                                  30.0})
{
    return BuildHistogram().Name(name).Help(help).Register(registry).Add({}, bounds);
}

} // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    Family<Counter>& documents_read =
        counter(registry, "kkt_documents_read_total", "Fiscal documents read from the FN into the journal");
    Family<Counter>& documents_failed =
        counter(registry, "kkt_documents_failed_total", "Fiscal documents that could not be read or decoded");
    Family<Counter>& device_errors =
        counter(registry, "kkt_device_errors_total", "Failed conversations with the register");
    Family<Counter>& reconnects =
        counter(registry, "kkt_device_reconnects_total", "Attempts to reach the register after a loss");
    Family<Gauge>& states =
        gauge(registry, "kkt_device_state", "1 for the state the device is in, 0 for the others");
    Family<Gauge>& drift = gauge(registry, "kkt_clock_drift_seconds", "Register's clock minus the PC's");
    Family<Gauge>& ofd = gauge(registry, "kkt_ofd_unsent_documents", "Documents the OFD has not confirmed");
    Family<Gauge>& behind =
        gauge(registry, "kkt_archive_behind_documents", "Documents in the FN that the journal lacks");
    Family<Gauge>& unread =
        gauge(registry, "kkt_unread_documents", "Documents in the FN that the journal does not hold in full");
    Histogram& overhead =
        histogram(registry, "kkt_print_overhead_seconds",
                  "The agent's own time of a request that is done, beyond line and register",
                  {0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004, 0.0045, 0.005,
                   0.0055, 0.006, 0.007,  0.008, 0.01,   0.015, 0.02,   0.05,  0.1,    1.0});
    Histogram& to_journal = histogram(registry, "kkt_document_to_journal_seconds",
                                      "From the sight of a new document number to its durable row");
    Counter& sent =
        counter(registry, "kkt_sync_documents_total", "Documents the cabinet acknowledged").Add({});
    Counter& sent_bytes =
        counter(registry, "kkt_sync_bytes_total", "Bytes of acknowledged batches, packed").Add({});
    Histogram& batches = histogram(registry, "kkt_sync_batch_seconds", "Time of one batch, sent to answered");
    Counter& rejected =
        counter(registry, "kkt_sync_rejected_total", "Documents the cabinet rejected").Add({});
    Family<Counter>& failures = counter(registry, "kkt_sync_failures_total", "Failed calls to the cabinet");
    Gauge& unsent_documents =
        gauge(registry, "kkt_unsent_documents", "Documents in the journal, not yet in the cabinet").Add({});
    Gauge& unsent_age =
        gauge(registry, "kkt_unsent_oldest_age_seconds", "Age of the oldest of them; 0: none").Add({});
    Gauge& enrolled = gauge(registry, "kkt_enrolled", "1 while the cabinet knows this agent, else 0").Add({});
    Family<Gauge>& journal =
        gauge(registry, "kkt_journal_state", "1 for the state the journal's file is in, 0 for the others");
    Family<Gauge>& build = gauge(registry, "kkt_agent_info", "Constant 1; the label tells the version");
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) { impl_->build.Add({{"version", kVersion}}).Set(1); }

Metrics::~Metrics() = default;

void Metrics::document_read(const std::string& device, bool full)
{
    impl_->documents_read.Add({{"device", device}, {"form", full ? "full" : "short"}}).Increment();
}

void Metrics::document_failed(const std::string& device, const std::string& code)
{
    impl_->documents_failed.Add({{"device", device}, {"code", code}}).Increment();
}

void Metrics::device_error(const std::string& device, const std::string& code)
{
    impl_->device_errors.Add({{"device", device}, {"code", code}}).Increment();
}

void Metrics::device_state(const std::string& device, const std::string& state)
{
    for (const char* name :
         {"absent", "connecting", "identifying", "reconciling", "ready", "busy", "blocked"}) {
        impl_->states.Add({{"device", device}, {"state", name}}).Set(state == name ? 1 : 0);
    }
}

void Metrics::reconnected(const std::string& device)
{
    impl_->reconnects.Add({{"device", device}}).Increment();
}

void Metrics::clock_drift(const std::string& device, double seconds)
{
    impl_->drift.Add({{"device", device}}).Set(seconds);
}

void Metrics::ofd_unsent(const std::string& device, double documents)
{
    impl_->ofd.Add({{"device", device}}).Set(documents);
}

void Metrics::archive_behind(const std::string& device, double documents)
{
    impl_->behind.Add({{"device", device}}).Set(documents);
}

void Metrics::unread(const std::string& device, double documents)
{
    impl_->unread.Add({{"device", device}}).Set(documents);
}

void Metrics::print_overhead(double seconds) { impl_->overhead.Observe(seconds); }
void Metrics::document_to_journal(double seconds) { impl_->to_journal.Observe(seconds); }

void Metrics::batch_sent(std::uint64_t documents, std::uint64_t bytes, double seconds)
{
    impl_->sent.Increment(static_cast<double>(documents));
    impl_->sent_bytes.Increment(static_cast<double>(bytes));
    impl_->batches.Observe(seconds);
}

void Metrics::documents_rejected(std::uint64_t documents)
{
    impl_->rejected.Increment(static_cast<double>(documents));
}

void Metrics::sync_failed(const std::string& code) { impl_->failures.Add({{"code", code}}).Increment(); }

void Metrics::unsent(double documents, double oldest_age_seconds)
{
    impl_->unsent_documents.Set(documents);
    impl_->unsent_age.Set(oldest_age_seconds);
}

void Metrics::enrolled(bool yes) { impl_->enrolled.Set(yes ? 1 : 0); }

void Metrics::journal_state(const std::string& state)
{
    for (const char* name : {"ready", "full", "damaged", "failed"}) {
        impl_->journal.Add({{"state", name}}).Set(state == name ? 1 : 0);
    }
}

std::string Metrics::text() const
{
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

} // namespace kb::agent

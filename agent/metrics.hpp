// The agent's numbers for Prometheus; their names are the contract in docs/metrics.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace kb::agent {

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // Counted as it happens. `device` is the label: the configured port, as it stays when the register
    // changes.
    void document_read(const std::string& device, bool full);
    void document_failed(const std::string& device, const std::string& code);
    void device_error(const std::string& device, const std::string& code);
    void device_state(const std::string& device, const std::string& state);
    void reconnected(const std::string& device);
    void clock_drift(const std::string& device, double seconds);
    void ofd_unsent(const std::string& device, double documents);
    void archive_behind(const std::string& device, double documents);
    void unread(const std::string& device, double documents); ///< behind, and bodies of short records
    void print_overhead(double seconds);                      ///< agent's own time of a request that is done
    void document_to_journal(double seconds); ///< from the sight of a new number to the durable row
    void batch_sent(std::uint64_t documents, std::uint64_t bytes, double seconds);
    void documents_rejected(std::uint64_t documents);
    void sync_failed(const std::string& code);
    void unsent(double documents, double oldest_age_seconds);
    void enrolled(bool yes);
    void journal_state(const std::string& state);

    /// The whole of it in the text form of Prometheus.
    [[nodiscard]] std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::agent

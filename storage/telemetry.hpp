// Status samples and events on their way to the cabinet: kept in order, sent in order, by a cursor on disk.
#pragma once

#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::storage {

enum class Severity { info, warning, error };
std::string_view to_string(Severity severity);

struct EventRow {
    std::int64_t id = 0;  ///< given by the journal
    std::string event_id; ///< "<journal>-<id>", unique over all journals; given by the journal
    UtcMs at{};
    std::string kkt_serial; ///< empty: of the agent itself
    std::string kind;       ///< snake_case: "device_state", "journal_damaged"
    Severity severity = Severity::info;
    std::string text; ///< for people
    std::string data; ///< JSON object, as the caller made it; may be empty
};

struct SampleRow {
    std::int64_t id = 0; ///< given by the journal
    UtcMs taken_at{};
    std::string kkt_serial; ///< or the port's name while the register is not known yet
    std::string body;       ///< JSON object of the sample, as the caller made it
};

/// Both queues are written with Durability::lazy, but for events of severity error.
class Telemetry {
public:
    explicit Telemetry(Database& database);

    /// Returns the event with its ids filled in.
    Result<EventRow> add_event(EventRow event);
    Result<std::vector<EventRow>> unsent_events(std::size_t at_most);
    /// All events up to and including `id` are with the cabinet.
    Result<void> mark_events_sent(std::int64_t through_id);
    /// Newest first, sent or not.
    Result<std::vector<EventRow>> recent_events(std::size_t at_most);

    Result<std::int64_t> add_sample(const SampleRow& sample);
    Result<std::vector<SampleRow>> unsent_samples(std::size_t at_most);
    Result<void> mark_samples_sent(std::int64_t through_id);
    /// The last sample of each register.
    Result<std::vector<SampleRow>> latest_samples();

    struct Counts {
        std::uint64_t unsent_events = 0;
        std::uint64_t unsent_samples = 0;
    };
    Result<Counts> counts();

private:
    Database* database_;
};

} // namespace kb::storage

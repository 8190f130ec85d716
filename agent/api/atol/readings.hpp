// What is known of a register, in the forms of ATOL's driver: answers to questions for which nothing is sent
// to it. Source: docs/sources.md#atol-web, results. For .cpp files only: it brings nlohmann/json.hpp along.
#pragma once

#include "agent/api/atol/errors.hpp"
#include "agent/api/atol/plan.hpp"
#include "protocol/fiscal/device_state.hpp"
#include "protocol/fiscal/request_checks.hpp"
#include "storage/journal.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace kb::agent::awr {

using Json = nlohmann::ordered_json;

/// This computer's time and zone, which is the shop's: registers have none.
struct LocalTime {
    LocalSeconds now{};
    std::string zone; ///< "+03:00"
    /// "2024-03-01T09:15:00+03:00"
    [[nodiscard]] std::string text(LocalSeconds time) const { return to_text(time) + zone; }
};
LocalTime local_time(const Clock& clock);

/// A register at one moment.
struct Picture {
    fiscal::DeviceSample sample;
    std::optional<fiscal::RequestLimits> limits;
    LocalTime time;
};

/// What the journal has to add; read on its thread.
struct JournalFacts {
    std::optional<storage::JournalDocument> document;     ///< that is asked for
    std::optional<storage::JournalDocument> shift_opened; ///< of the shift that was opened last
};
Result<JournalFacts> gather_facts(storage::Journal& journal, const TaskPlan& task,
                                  const fiscal::DeviceSample& sample);

/// The result of the task, or why there is none.
tl::expected<Json, DriverError> tell(const TaskPlan& task, const Picture& picture, const JournalFacts& facts);

/// The newest receipt of this FN; nullopt when none of its last documents is one.
Result<std::optional<storage::JournalDocument>> last_receipt(storage::Journal& journal,
                                                             const std::string& fn_serial);

/// "18.05" as a JSON number, without reckoning.
Json money_json(Kopecks sum);
/// fiscalParams of a document as far as it is known; `picture` fills in what only the register tells.
Json fiscal_params(const fiscal::FiscalDocument& document, const Picture& picture);

} // namespace kb::agent::awr

// Checks of marking codes (FFD 1.2) as the library's tasks, and what it answers to them. Pure, as tasks.hpp.
// Source: docs/sources.md#atol-fptr, section 7.
#pragma once

#include "drivers/atol_fptr/json_object.hpp"
#include "drivers/atol_fptr/tasks.hpp"
#include "protocol/fiscal/marking.hpp"

namespace kb::atol_fptr {

/// imcParams of a position that has a mark. Errc::not_representable naming a field of `path`, which is the
/// mark's: "items[2].marking".
Result<JsonObject> mark_params(const fiscal::Position& position, const std::string& path);
/// itemInfoCheckResult: the bits of tag 2106.
JsonObject check_result(std::uint8_t result);

/// Begins the check of a position's code. `ask_system`: by the state system, not only by the FN.
Result<LibraryTask> check_task(const fiscal::Position& position, bool ask_system, const std::string& path);
/// Of those that say nothing but their type.
LibraryTask mark_task(const std::string& type);

/// Of the answer to check_task(): what the FN itself found, as bits of tag 2106.
std::uint8_t local_result_of(const std::string& json);

/// How a check stands.
struct CheckStatus {
    bool ready = false;
    /// What the state system said, with the FN's part; nullopt: it did not answer, or was not asked.
    std::optional<fiscal::MarkCheck> online;
};
/// Of the answer to getMarkingCodeValidationStatus, which ends without an error also when there is one: it is
/// told here, naming `what`. Errc::bad_json for an answer of another form.
Result<CheckStatus> check_status_of(const std::string& json, const std::string& what);

/// Of the answer to acceptMarkingCode: tag 2106 as the receipt will have it; nullopt: not told.
std::optional<std::uint8_t> accepted_result_of(const std::string& json);

} // namespace kb::atol_fptr

// What this agent was given when it was enrolled in a cabinet: written by `kktctl enroll`, read by kkt-agent.
#pragma once

#include "protocol/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace kb::agent {

struct Enrolment {
    std::string agent_id;
    std::string token; ///< 256 bits, a secret: only the file's owner may read it
    std::string cabinet_name;
    std::string cabinet_url; ///< the token belongs to this cabinet and is sent to no other
};

/// <data_dir>/enrolment.json
std::filesystem::path enrolment_file(const std::filesystem::path& data_dir);
/// nullopt: not enrolled. Errc::bad_json naming the member for a file that does not hold together.
Result<std::optional<Enrolment>> load_enrolment(const std::filesystem::path& data_dir);
/// Replaces the file as a whole; readable only by whoever owns data_dir.
Result<void> save_enrolment(const std::filesystem::path& data_dir, const Enrolment& enrolment);

} // namespace kb::agent

// Jobs and registers as the native API shows them; docs/local-api.yaml describes the form.
#pragma once

#include "agent/jobs/desk.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

std::string job_json(const JobView& view);
/// {"jobs": [...], "next": "..."}: `at_most` was asked for; next: how to ask for older ones.
std::string jobs_json(const std::vector<JobView>& views, std::size_t at_most);
/// One register: who it is, what it does, what its queue waits for.
std::string register_json(const Device& device);
std::string registers_json(const std::vector<std::shared_ptr<Device>>& devices);
/// Whether a register's queue is held, and how much is in it. `paused`: the reason; nullopt: it is not.
std::string queue_json(const std::string& kkt_serial, const std::optional<std::string>& paused,
                       const storage::Jobs::Counts& counts);
/// What "bring it to a known state" would end there now.
std::string known_state_json(const Device& device);

} // namespace kb::agent

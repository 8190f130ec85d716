// What was true of a register before a request's first byte left: the fixed point that an unknown outcome is
// compared with. Durable before anything is sent (design law 2).
#pragma once

#include "drivers/driver.hpp"
#include "storage/jobs.hpp"

#include <string>
#include <string_view>

namespace kb::agent {

/// What a job's attempt is about to send. A receipt may want the shift closed and opened before it: each of
/// these is a step with an intent of its own.
enum class JobStep { shift_close, shift_open, request };
std::string_view to_string(JobStep step);

struct Intent {
    JobStep step = JobStep::request;
    std::string fn_serial;
    std::uint32_t last_fd_number = 0;
    fiscal::ShiftState shift;
    WorkCounters counters;      ///< of requests that leave no document
    LocalSeconds device_time{}; ///< register's clock, as well as it is known
    std::string marker;         ///< tag 1192 of the receipt; empty: it carries none
};

storage::JobIntent to_journal(const Intent& intent);
/// Errc::bad_json for what this program did not write.
Result<Intent> from_journal(const storage::JobIntent& stored);

/// The mark a receipt carries in tag 1192 (at most 16 characters) when its caller wants nothing else there:
/// found again in the FN, it proves whose document it is.
std::string marker_of(std::string_view job_id);

} // namespace kb::agent

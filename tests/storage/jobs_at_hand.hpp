// Jobs put into a journal, and looked up in it, by tests that want no failure there.
#pragma once

#include "tests/storage/jobs_of_a_shop.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace kb::storage::test {

inline constexpr std::array kStates{JobState::queued,  JobState::printing, JobState::unknown,
                                    JobState::done,    JobState::refused,  JobState::cancelled,
                                    JobState::expired, JobState::undecided};

inline Job held(Journal& journal, const std::string& job_id)
{
    const auto found = journal.jobs().find(job_id);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
}

inline std::int64_t add(Journal& journal, const NewJob& job)
{
    const auto added = journal.jobs().add(job);
    REQUIRE(added);
    REQUIRE(added->is_new);
    return added->job.id;
}

/// A job of this number in this state, of a register of its own.
inline Job job_in(Journal& journal, int number, JobState state)
{
    NewJob job = asked(number);
    job.kkt_serial = "kkt-" + std::to_string(number);
    Jobs& jobs = journal.jobs();
    const auto id = add(journal, job);
    switch (state) {
    case JobState::queued:
        break;
    case JobState::printing:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        break;
    case JobState::unknown:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        REQUIRE(jobs.doubt(id, R"({"no":"answer"})", at(2)));
        break;
    case JobState::done:
    case JobState::refused:
    case JobState::undecided:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        REQUIRE(jobs.finish(id, state, made(2), R"({"the":"end"})", at(2)));
        break;
    case JobState::cancelled:
    case JobState::expired:
        REQUIRE(jobs.finish(id, state, {}, R"({"the":"end"})", at(2)));
        break;
    }
    const Job present = held(journal, job.job_id);
    REQUIRE(present.state == state);
    return present;
}

} // namespace kb::storage::test

// The model of a job's life is written down here a second time, by hand: the table is held against it.
#include "tests/storage/jobs_of_a_shop.hpp"

#include <algorithm>
#include <cstdio>

namespace kb::storage::test {

namespace {

/// When the step is taken; a job of a higher number lives later.
UtcMs moment(int number, std::size_t index) { return at(number * 100 + static_cast<int>(index)); }

std::string evidence_of(int number, std::size_t index)
{
    return R"({"job":)" + std::to_string(number) + R"(,"step":)" + std::to_string(index) + "}";
}

std::uint32_t last_fd_before(int number) { return static_cast<std::uint32_t>(number); }

JobOutcome no_paper()
{
    JobOutcome outcome;
    outcome.error_code = "no_paper";
    outcome.error_text = "нет бумаги";
    return outcome;
}

} // namespace

NewJob asked(int number)
{
    char job_id[37];
    std::snprintf(job_id, sizeof job_id, "00000000-0000-4000-8000-%012d", number);
    NewJob job;
    job.job_id = job_id;
    job.caller = "native";
    job.key = "sale-" + std::to_string(number);
    job.kkt_serial = kKkt;
    job.kind = "receipt";
    job.request = R"({"kind":"receipt","number":)" + std::to_string(number) + "}";
    job.created_at = moment(number, 0);
    return job;
}

JobIntent intent_after(std::uint32_t last_fd_number)
{
    return {kFn, last_fd_number, R"({"last":)" + std::to_string(last_fd_number) + "}"};
}

JobOutcome made(std::uint32_t fd_number)
{
    JobOutcome outcome;
    outcome.fn_serial = kFn;
    outcome.fd_number = fd_number;
    outcome.fiscal_sign = sale(fd_number).document.fiscal_sign;
    outcome.document_at = sale(fd_number).document.datetime;
    outcome.printed = fd_number % 2 == 0;
    return outcome;
}

std::vector<Step> life_of(int number)
{
    switch (number % 5) {
    case 0:
        return {Step::add, Step::begin, Step::done};
    case 1:
        return {Step::add, Step::begin, Step::put_back, Step::begin, Step::done};
    case 2:
        return {Step::add, Step::begin, Step::doubt, Step::doubt, Step::put_back, Step::begin, Step::refuse};
    case 3:
        return {Step::add, Step::cancel};
    default:
        return {Step::add, Step::expire};
    }
}

Job after(int number, std::size_t steps)
{
    Job job;
    job.asked = asked(number);
    const auto life = life_of(number);
    if (life.back() == Step::expire)
        job.asked.expires_at = moment(number, 1);
    std::string evidence;
    for (std::size_t i = 0; i < steps; ++i) {
        job.updated_at = moment(number, i);
        switch (life[i]) {
        case Step::add:
            break;
        case Step::begin:
            job.state = JobState::printing;
            job.intent = intent_after(last_fd_before(number) + job.attempts);
            ++job.attempts;
            continue;
        case Step::put_back:
            job.state = JobState::queued;
            break;
        case Step::doubt:
            job.state = JobState::unknown;
            break;
        case Step::done:
            job.state = JobState::done;
            job.outcome = made(last_fd_before(number) + 1);
            break;
        case Step::refuse:
            job.state = JobState::refused;
            job.outcome = no_paper();
            break;
        case Step::cancel:
            job.state = JobState::cancelled;
            break;
        case Step::expire:
            job.state = JobState::expired;
            continue;
        }
        if (life[i] != Step::add)
            evidence += (evidence.empty() ? "" : ",") + evidence_of(number, i);
    }
    job.evidence = "[" + evidence + "]";
    return job;
}

Result<void> take_step(Jobs& jobs, int number, std::size_t index)
{
    const UtcMs now = moment(number, index);
    const std::string evidence = evidence_of(number, index);
    const Job before = after(number, index);
    const Step step = life_of(number)[index];
    if (step == Step::add) {
        const auto added = jobs.add(before.asked);
        if (!added)
            return pass(added);
        return {};
    }
    if (step == Step::expire) {
        const auto expired = jobs.expire(now);
        if (!expired)
            return pass(expired);
        return {};
    }
    const auto found = jobs.find(before.asked.job_id);
    if (!found)
        return pass(found);
    if (!*found)
        return fail(Errc::not_found, before.asked.job_id);
    const std::int64_t id = (*found)->id;
    switch (step) {
    case Step::add:
    case Step::expire:
        break;
    case Step::begin:
        return jobs.begin(id, intent_after(last_fd_before(number) + before.attempts), now);
    case Step::put_back:
        return jobs.put_back(id, evidence, now);
    case Step::doubt:
        return jobs.doubt(id, evidence, now);
    case Step::done:
        return jobs.finish(id, JobState::done, made(last_fd_before(number) + 1), evidence, now);
    case Step::refuse:
        return jobs.finish(id, JobState::refused, no_paper(), evidence, now);
    case Step::cancel:
        return jobs.finish(id, JobState::cancelled, {}, evidence, now);
    }
    return {};
}

bool same(const Job& a, const Job& b)
{
    const auto same_intent = [](const JobIntent& one, const JobIntent& other) {
        return one.fn_serial == other.fn_serial && one.last_fd_number == other.last_fd_number &&
               one.body == other.body;
    };
    return a.asked.job_id == b.asked.job_id && a.asked.caller == b.asked.caller &&
           a.asked.key == b.asked.key && a.asked.kkt_serial == b.asked.kkt_serial &&
           a.asked.kind == b.asked.kind && a.asked.request == b.asked.request &&
           a.asked.priority == b.asked.priority && a.asked.created_at == b.asked.created_at &&
           a.asked.expires_at == b.asked.expires_at && a.asked.after_job_id == b.asked.after_job_id &&
           a.asked.note == b.asked.note && a.state == b.state && a.attempts == b.attempts &&
           a.intent.has_value() == b.intent.has_value() && (!a.intent || same_intent(*a.intent, *b.intent)) &&
           a.outcome.fn_serial == b.outcome.fn_serial && a.outcome.fd_number == b.outcome.fd_number &&
           a.outcome.fiscal_sign == b.outcome.fiscal_sign && a.outcome.document_at == b.outcome.document_at &&
           a.outcome.printed == b.outcome.printed && a.outcome.error_code == b.outcome.error_code &&
           a.outcome.error_text == b.outcome.error_text && a.evidence == b.evidence &&
           a.updated_at == b.updated_at;
}

Result<std::vector<Job>> all_jobs(Journal& journal)
{
    JobFilter all;
    all.at_most = 0;
    auto jobs = journal.jobs().list(all);
    if (jobs)
        std::reverse(jobs->begin(), jobs->end());
    return jobs;
}

} // namespace kb::storage::test

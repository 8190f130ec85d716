// What became of a request.
#include "agent/api/atol/readings.hpp"
#include "agent/api/atol/results.hpp"
#include "agent/api/atol/web_api.hpp"
#include "agent/api/atol/web_error.hpp"
#include "agent/api/atol/web_query.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::awr {

namespace {

using namespace std::chrono_literals;

// A poll comes within this; a register that prints just now is asked nothing.
constexpr auto kLookPatience = 1s;
constexpr auto kLookStep = 20ms;

Picture picture_of(const std::shared_ptr<Device>& device, const Clock& clock)
{
    Picture picture;
    if (device) {
        picture.sample = device->sample();
        picture.limits = device->request_limits();
    }
    picture.time = local_time(clock);
    return picture;
}

/// Of a request that failed before any of it was begun.
std::vector<TaskAnswer> failed_answers(std::size_t count, std::size_t failed, DriverError why)
{
    std::vector<TaskAnswer> answers(count, {TaskStatus::interrupted, interrupted(), nullptr});
    if (failed < count)
        answers[failed] = {TaskStatus::error, std::move(why), nullptr};
    return answers;
}

} // namespace

asio::awaitable<void> AtolWebApi::looked_at(DevicePtr device, Steady::time_point since)
{
    const auto end = Steady::now() + kLookPatience;
    if (device->status_at() < since)
        device->look_now();
    Timer timer(services_.executor);
    while (device->reached() && device->status_at() < since && Steady::now() < end) {
        timer.expires_after(kLookStep);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<bool> AtolWebApi::has_its_turn(Remembered remembered)
{
    storage::JobFilter filter;
    filter.kkt_serial = remembered.kkt_serial;
    filter.open_only = true;
    const auto open = co_await services_.desk.list(std::move(filter));
    if (!open)
        co_return true; // a question changes nothing
    const auto before = std::find_if(open->begin(), open->end(), [&](const JobView& view) {
        return view.job.id <= remembered.behind_job;
    });
    const bool held_up = std::any_of(open->begin(), open->end(),
                                     [](const JobView& view) { return view.obstacle.has_value(); });
    co_return before == open->end() || held_up;
}

asio::awaitable<Result<TaskAnswer>> AtolWebApi::answer_reading(TaskPlan task, DevicePtr device)
{
    if (!device || !device->reached()) {
        TaskAnswer lost{TaskStatus::error, {error::no_connection, "Нет связи с кассой"}, nullptr};
        co_return lost;
    }
    const Picture picture = picture_of(device, services_.clock);
    auto work = [task, sample = picture.sample](storage::Journal& journal) {
        return gather_facts(journal, task, sample);
    };
    const auto facts = co_await in_journal(services_.journal, std::move(work));
    if (!facts)
        co_return pass(facts);
    auto told = tell(task, picture, *facts);
    TaskAnswer answer;
    if (told) {
        answer.status = TaskStatus::ready;
        answer.result = *std::move(told);
    } else {
        answer.status = TaskStatus::error;
        answer.error = std::move(told.error());
    }
    co_return answer;
}

asio::awaitable<kb::http::Response> AtolWebApi::results_of(Remembered remembered)
{
    if (remembered.failed_task) {
        DriverError why{remembered.failed_code, remembered.failed_text};
        co_return web_answer(
            answers_json(failed_answers(remembered.plan.size(), *remembered.failed_task, std::move(why))));
    }
    const DevicePtr device = services_.desk.device(remembered.kkt_serial);
    if (device && device->reached() && !co_await has_its_turn(remembered))
        co_return web_answer(answers_json(std::vector<TaskAnswer>(remembered.plan.size())));
    if (device)
        co_await looked_at(device, remembered.at);
    Answers answers;
    for (const TaskPlan& task : remembered.plan) {
        if (!answers.open()) {
            answers.add_unreached();
            continue;
        }
        auto answer = co_await answer_reading(task, device);
        if (!answer)
            co_return web_error(answer.error());
        answers.add(*std::move(answer));
    }
    co_return web_answer(answers_json(answers.all()));
}

asio::awaitable<kb::http::Response> AtolWebApi::results_of(JobView first)
{
    auto plan = plan_from_json(first.job.asked.note);
    const auto is_job = [](const TaskPlan& task) { return !task.reading.has_value(); };
    if (!plan || std::none_of(plan->begin(), plan->end(), is_job))
        plan = std::vector<TaskPlan>(1); // not of this interface's making, but under its name
    const auto count = static_cast<std::size_t>(std::count_if(plan->begin(), plan->end(), is_job));
    const auto views = co_await jobs_of(first.job.asked.key, count);
    if (!views)
        co_return web_error(views.error());
    const DevicePtr device = services_.desk.device(views->front().job.asked.kkt_serial);
    const Picture picture = picture_of(device, services_.clock);
    Answers answers;
    std::size_t next = 0;
    for (const TaskPlan& task : *plan) {
        const JobView* job = task.reading ? nullptr : &(*views)[next++];
        if (!answers.open()) {
            answers.add_unreached();
        } else if (job != nullptr) {
            const auto document = co_await document_of(job->job);
            if (!document)
                co_return web_error(document.error());
            answers.add(answer_of_job(*job, picture, *document));
        } else {
            if (next > 0 && device) // behind a job: as the register is after it
                co_await looked_at(device, Steady::now());
            auto answer = co_await answer_reading(task, device);
            if (!answer)
                co_return web_error(answer.error());
            answers.add(*std::move(answer));
        }
    }
    co_return web_answer(answers_json(answers.all()));
}

asio::awaitable<Result<std::vector<JobView>>> AtolWebApi::jobs_of(std::string uuid, std::size_t count)
{
    std::vector<JobView> views;
    for (std::size_t number = 1; number <= count; ++number) {
        auto job = co_await services_.desk.find_by_key(kCaller, job_key(uuid, number));
        if (!job)
            co_return pass(job);
        views.push_back(*std::move(job));
    }
    co_return views;
}

asio::awaitable<Result<std::optional<storage::JournalDocument>>> AtolWebApi::document_of(storage::Job job)
{
    using Found = std::optional<storage::JournalDocument>;
    if (job.state != storage::JobState::done || !job.outcome.fd_number)
        co_return Found();
    auto work = [serial = job.outcome.fn_serial,
                 number = *job.outcome.fd_number](storage::Journal& journal) -> Result<Found> {
        auto found = journal.documents().find(serial, number);
        if (found)
            return Found(*std::move(found));
        // Not read yet, or damaged on the disk: what the register told of it is in the job.
        if (found.error().code == Errc::not_found || found.error().code == Errc::bad_checksum)
            return Found();
        return pass(found);
    };
    co_return co_await in_journal(services_.journal, std::move(work));
}

} // namespace kb::agent::awr

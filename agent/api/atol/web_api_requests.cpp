// Requests on their way in: read, checked, made jobs of; and taken back.
#include "agent/api/atol/readings.hpp"
#include "agent/api/atol/tasks.hpp"
#include "agent/api/atol/web_api.hpp"
#include "agent/api/atol/web_error.hpp"
#include "agent/api/atol/web_query.hpp"
#include "agent/log.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::awr {

namespace {

constexpr std::size_t kMostRemembered = 1'000;

kb::http::Response already_there(const std::string& uuid)
{
    return web_error(409, "Не удалось добавить задание с UUID [" + uuid + "], задание с таким UUID уже есть");
}

kb::http::Response not_there(const std::string& uuid)
{
    return web_error(404, "Задание с UUID [" + uuid + "] не найдено");
}

std::vector<TaskPlan> plan_of(const std::vector<AtolTask>& tasks)
{
    std::vector<TaskPlan> plan;
    plan.reserve(tasks.size());
    for (const AtolTask& task : tasks)
        plan.push_back(task.plan);
    return plan;
}

/// Which task the n-th job is of.
std::size_t task_of_job(const std::vector<AtolTask>& tasks, std::size_t job)
{
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (tasks[i].request && job-- == 0)
            return i;
    return 0;
}

} // namespace

void AtolWebApi::remember(const std::string& uuid, Remembered remembered)
{
    if (!remembered_.emplace(uuid, std::move(remembered)).second)
        return;
    remembered_in_order_.push_back(uuid);
    if (remembered_in_order_.size() > kMostRemembered) {
        remembered_.erase(remembered_in_order_.front());
        remembered_in_order_.pop_front();
    }
}

asio::awaitable<kb::http::Response> AtolWebApi::post_request(Request request)
{
    auto envelope = read_envelope(request.body);
    if (!envelope)
        co_return web_error(400, envelope.error());
    const auto looked = co_await look(envelope->uuid);
    if (!looked)
        co_return web_error(looked.error());
    if (looked->uuid_known || remembered_.contains(envelope->uuid))
        co_return already_there(envelope->uuid);
    const std::string id = device_id_of(request, envelope->device_id);
    const DevicePtr device = device_of(id, *looked);
    if (auto refused = why_not(device, id, *looked))
        co_return *std::move(refused);
    const WebSettings settings = looked->settings;
    auto tasks = read_tasks(envelope->tasks);
    if (!tasks)
        co_return co_await refuse(*std::move(envelope), std::move(tasks.error()), device, settings);
    if (auto refusal = co_await find_last_receipt(*tasks, device))
        co_return co_await refuse(*std::move(envelope), *std::move(refusal), device, settings);
    co_return co_await accept(*std::move(envelope), *std::move(tasks), device, settings);
}

asio::awaitable<std::optional<TaskRefusal>> AtolWebApi::find_last_receipt(std::vector<AtolTask>& tasks,
                                                                          DevicePtr device)
{
    const auto wanted =
        std::find_if(tasks.begin(), tasks.end(), [](const AtolTask& task) { return task.of_last_receipt; });
    if (wanted == tasks.end())
        co_return std::nullopt;
    const auto index = static_cast<std::size_t>(wanted - tasks.begin());
    const auto refusal = [index](int code, std::string text) {
        return TaskRefusal{index, {code, "request[" + std::to_string(index) + "]", std::move(text)}};
    };
    const auto fn = device->sample().fn;
    if (!fn)
        co_return refusal(error::busy, "ФН ещё не опрошен; повторите через несколько секунд");
    using Found = std::pair<std::optional<storage::JournalDocument>, std::optional<storage::JournalDocument>>;
    auto work = [serial = fn->fn_serial](storage::Journal& journal) -> Result<Found> {
        auto last = journal.documents().last(serial);
        if (!last)
            return pass(last);
        auto receipt = last_receipt(journal, serial);
        if (!receipt)
            return pass(receipt);
        return Found(*std::move(last), *std::move(receipt));
    };
    const auto found = co_await in_journal(services_.journal, std::move(work));
    if (!found)
        co_return refusal(error::storage, found.error().details());
    const auto& [last, receipt] = *found;
    if (!last || last->document.fd_number < fn->last_fd_number)
        co_return refusal(error::busy,
                          "последние документы ФН ещё читаются; повторите через несколько секунд");
    if (!receipt)
        co_return refusal(error::fn_no_data, "в ФН ещё нет ни одного чека");
    for (AtolTask& task : tasks)
        if (task.of_last_receipt)
            task.request->fd_number = receipt->document.fd_number;
    co_return std::nullopt;
}

asio::awaitable<kb::http::Response> AtolWebApi::refuse(Envelope envelope, TaskRefusal refusal,
                                                       DevicePtr device, WebSettings settings)
{
    if (settings.validate_requests_on_add)
        co_return web_error(400, refusal.fault.description(), refusal.fault.code);
    // As ATOL's server does where it is set so: accepted, and failed. Nothing was begun of it, nor will be.
    Remembered failed;
    failed.kkt_serial = device->sample().info.kkt_serial;
    failed.plan.resize(envelope.tasks.size());
    failed.failed_task = refusal.index;
    failed.failed_code = refusal.fault.code;
    failed.failed_text = refusal.fault.description();
    failed.at = Steady::now();
    remember(envelope.uuid, std::move(failed));
    co_return co_await accepted(envelope.uuid, 0, device, settings);
}

asio::awaitable<kb::http::Response> AtolWebApi::accept(Envelope envelope, std::vector<AtolTask> tasks,
                                                       DevicePtr device, WebSettings settings)
{
    const std::string serial = device->sample().info.kkt_serial;
    const std::vector<TaskPlan> plan = plan_of(tasks);
    std::vector<AskedJob> jobs;
    for (AtolTask& task : tasks) {
        if (!task.request)
            continue;
        AskedJob asked;
        asked.caller = kCaller;
        asked.key = job_key(envelope.uuid, jobs.size() + 1);
        asked.kkt_serial = serial;
        asked.request = *task.request;
        if (jobs.empty())
            asked.note = plan_to_json(plan);
        jobs.push_back(std::move(asked));
    }
    if (jobs.empty()) {
        storage::JobFilter newest;
        newest.kkt_serial = serial;
        newest.at_most = 1;
        const auto before = co_await services_.desk.list(newest);
        if (!before)
            co_return web_error(before.error());
        Remembered readings;
        readings.kkt_serial = serial;
        readings.plan = plan;
        readings.behind_job = before->empty() ? 0 : before->front().job.id;
        readings.at = Steady::now();
        if (remembered_.contains(envelope.uuid))
            co_return already_there(envelope.uuid);
        remember(envelope.uuid, std::move(readings));
        device->look_now();
        co_return co_await accepted(envelope.uuid, 0, device, settings);
    }
    const auto answer = co_await services_.desk.accept_all(std::move(jobs));
    if (!answer) {
        const JobRefusal& refused = answer.error();
        if (!refused.faults.empty()) {
            const std::size_t index = task_of_job(tasks, refused.index);
            TaskFault fault{error::bad_data, "request[" + std::to_string(index) + "]",
                            fiscal::describe(refused.faults, true)};
            TaskRefusal refusal{index, std::move(fault)};
            co_return co_await refuse(std::move(envelope), std::move(refusal), device, settings);
        }
        if (refused.error.code == Errc::conflict)
            co_return already_there(envelope.uuid);
        if (refused.error.code == Errc::not_found)
            co_return web_error(409, "ККТ [" + serial + "] не подключена");
        if (refused.error.code == Errc::overflow) {
            // "items[0].sum: …": what the sum is of
            const std::string where = refused.error.context.substr(0, refused.error.context.find(':'));
            const std::size_t index = task_of_job(tasks, refused.index);
            TaskFault fault{error::bad_sum, "request[" + std::to_string(index) + "]." + where,
                            "сумма больше любых денег; проверьте цены и количества"};
            TaskRefusal refusal{index, std::move(fault)};
            co_return co_await refuse(std::move(envelope), std::move(refusal), device, settings);
        }
        co_return web_error(refused.error);
    }
    if (!answer->front().is_new)
        co_return already_there(envelope.uuid);
    co_return co_await accepted(envelope.uuid, answer->front().job.id, device, settings);
}

asio::awaitable<kb::http::Response> AtolWebApi::accepted(std::string uuid, std::int64_t number,
                                                         DevicePtr device, WebSettings settings)
{
    // It is accepted, whatever can be told of the queue.
    const auto queue =
        co_await queue_status(device->sample().info.kkt_serial, settings.block_queue_on_print_errors);
    const QueueStatus status = queue.value_or(QueueStatus{});
    const Json json{{"number", number},
                    {"uuid", uuid},
                    {"isBlocked", !status.block_reason.empty()},
                    {"blockedUUID", status.blocked_uuid},
                    {"blockReason", status.block_reason}};
    co_return web_answer(json.dump(-1, ' ', false, Json::error_handler_t::replace), 201);
}

asio::awaitable<kb::http::Response> AtolWebApi::get_request(std::string uuid)
{
    if (const auto known = remembered_.find(uuid); known != remembered_.end())
        co_return co_await results_of(known->second);
    auto first = co_await services_.desk.find_by_key(kCaller, uuid);
    if (!first)
        co_return first.error().code == Errc::not_found ? not_there(uuid) : web_error(first.error());
    co_return co_await results_of(*std::move(first));
}

asio::awaitable<kb::http::Response> AtolWebApi::delete_request(std::string uuid)
{
    const std::string late =
        "Задание с UUID [" + uuid + "] нельзя отменить (выполнено, выполняется или уже отменено)";
    if (remembered_.contains(uuid))
        co_return web_error(409, late);
    const auto first = co_await services_.desk.find_by_key(kCaller, uuid);
    if (!first)
        co_return first.error().code == Errc::not_found ? not_there(uuid) : web_error(first.error());
    // The others wait for the first: once it is cancelled, none of them can be begun.
    const auto cancelled = co_await services_.desk.cancel(first->job.asked.job_id);
    if (!cancelled)
        co_return cancelled.error().code == Errc::conflict ? web_error(409, late)
                                                           : web_error(cancelled.error());
    for (std::size_t number = 2;; ++number) {
        const auto next = co_await services_.desk.find_by_key(kCaller, job_key(uuid, number));
        if (!next)
            break;
        const auto ended = co_await services_.desk.cancel(next->job.asked.job_id);
        if (!ended && ended.error().code != Errc::conflict)
            log::warning("atol: a cancelled request's job still waits for the one before it",
                         {{"job", next->job.asked.job_id}, {"error", ended.error().message()}});
    }
    co_return web_answer("{}");
}

} // namespace kb::agent::awr

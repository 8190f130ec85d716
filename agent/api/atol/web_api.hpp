// ATOL Web Requests, the web server of ATOL's driver, versions 2 and 1: programs written for it print on any
// register. docs/atol-web-requests.md says what is and is not supported.
#pragma once

#include "agent/api/atol/plan.hpp"
#include "agent/jobs/desk.hpp"
#include "http/access.hpp"
#include "http/router.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent::awr {

struct AtolTask;
struct TaskAnswer;
struct TaskRefusal;
struct Envelope;

/// What a program may set for the whole server; kept in the journal.
struct WebSettings {
    std::uint32_t delete_requests_after = 43'200; ///< minutes; told again, and no more: see the docs
    bool block_queue_on_print_errors = false;
    bool validate_requests_on_add = true; ///< false: what is wrong with a task is told as its result
};

class AtolWebApi {
public:
    struct Services {
        asio::any_io_executor executor;
        JobDesk& desk;
        storage::Worker& journal;
        const Clock& clock;
        std::string user;                 ///< empty: any name will do
        std::string password;             ///< both empty: nobody is asked
        std::vector<std::string> origins; ///< pages that may call; none: those that know the password
        std::string version;              ///< of the agent
    };

    explicit AtolWebApi(Services services);
    ~AtolWebApi();
    AtolWebApi(const AtolWebApi&) = delete;
    AtolWebApi& operator=(const AtolWebApi&) = delete;

    [[nodiscard]] const kb::http::Router& router() const { return router_; }
    /// Who may ask: loopback names, pages of these origins, this user. Answers what browsers ask before a
    /// call.
    [[nodiscard]] kb::http::Guard guard() const;
    [[nodiscard]] kb::http::Finish finish() const;

private:
    using Request = kb::http::Request;
    using Response = kb::http::Response;
    using Parts = kb::http::PathParts;
    using Responder = kb::http::ResponderPtr;
    using DevicePtr = std::shared_ptr<Device>;

    /// What the journal says before anything is decided.
    struct Looked {
        WebSettings settings;
        std::string default_device;
        bool uuid_known = false;                   ///< of the request that was asked for
        std::map<std::string, std::string> paused; ///< reasons by factory number
    };
    /// Requests without a job: answered from what is known, or failed before anything was done.
    struct Remembered {
        std::string kkt_serial;
        std::vector<TaskPlan> plan;
        std::optional<std::size_t> failed_task;
        int failed_code = 0;
        std::string failed_text;
        std::int64_t behind_job = 0; ///< the newest job then: those before it go first
        Steady::time_point at;
    };

    // web_api.cpp
    void add_request_routes();
    void add_device_routes();
    using Work = std::function<asio::awaitable<Response>(Request, Parts)>;
    void add(std::string method, std::string path, Work work);
    /// Served without the password too.
    static bool is_open(const Request& request);
    [[nodiscard]] bool knows_password(const Request& request) const;

    // web_api_requests.cpp
    asio::awaitable<Response> post_request(Request request);
    asio::awaitable<Response> get_request(std::string uuid);
    asio::awaitable<Response> delete_request(std::string uuid);
    /// The tasks become jobs, all or none.
    asio::awaitable<Response> accept(Envelope envelope, std::vector<AtolTask> tasks, DevicePtr device,
                                     WebSettings settings);
    /// The number of the FN's last receipt, for the copies of it; a refusal when it is not known.
    asio::awaitable<std::optional<TaskRefusal>> find_last_receipt(std::vector<AtolTask>& tasks,
                                                                  DevicePtr device);
    asio::awaitable<Response> refuse(Envelope envelope, TaskRefusal refusal, DevicePtr device,
                                     WebSettings settings);
    asio::awaitable<Response> accepted(std::string uuid, std::int64_t number, DevicePtr device,
                                       WebSettings settings);
    void remember(const std::string& uuid, Remembered remembered);

    // web_api_results.cpp
    asio::awaitable<Response> results_of(Remembered remembered);
    asio::awaitable<Response> results_of(JobView first);
    asio::awaitable<Result<std::vector<JobView>>> jobs_of(std::string uuid, std::size_t count);
    asio::awaitable<Result<std::optional<storage::JournalDocument>>> document_of(storage::Job job);
    /// Whether the jobs that were accepted before are over, or held up.
    asio::awaitable<bool> has_its_turn(Remembered remembered);
    asio::awaitable<Result<TaskAnswer>> answer_reading(TaskPlan task, DevicePtr device);
    /// Waits until the register was looked at after this moment, a short while at most.
    asio::awaitable<void> looked_at(DevicePtr device, Steady::time_point since);

    // web_api_devices.cpp
    struct QueueStatus {
        std::size_t open = 0;
        std::size_t ready = 0;
        std::size_t canceled = 0;
        std::string blocked_uuid;
        std::string block_reason; ///< empty: not blocked
    };
    asio::awaitable<Result<Looked>> look(std::string uuid);
    [[nodiscard]] DevicePtr device_of(const std::string& id, const Looked& looked) const;
    /// 404 or 409 for a register that is not there or takes no requests; nullopt: it does.
    [[nodiscard]] std::optional<Response> why_not(const DevicePtr& device, const std::string& id,
                                                  const Looked& looked) const;
    asio::awaitable<Result<QueueStatus>> queue_status(std::string kkt_serial, bool block_on_paper);
    asio::awaitable<Response> queue_response(Request request);
    asio::awaitable<Response> old_queue_response();
    asio::awaitable<Result<std::string>> device_json(DevicePtr device, Looked looked);
    asio::awaitable<Response> list_devices();
    asio::awaitable<Response> get_device(std::string id);
    asio::awaitable<Response> activate(Request request, bool on);
    asio::awaitable<Response> set_default(Request request);
    asio::awaitable<Response> add_device(Request request);
    asio::awaitable<Response> get_settings();
    asio::awaitable<Response> put_settings(Request request);
    asio::awaitable<Response> query(Request request, std::string operation);
    [[nodiscard]] Response server_info() const;

    Services services_;
    kb::http::Origins origins_;
    kb::http::Router router_;
    std::map<std::string, Remembered> remembered_; ///< by uuid
    std::deque<std::string> remembered_in_order_;
};

} // namespace kb::agent::awr

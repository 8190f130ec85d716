// What the cabinet wants done at registers. A command becomes a job under a key of its own, so that it is
// done once however often it comes and whatever dies in between; what became of the job is the command's
// result.
#pragma once

#include "agent/jobs/desk.hpp"
#include "agent/jobs/permission.hpp"
#include "protocol/cabinet/messages.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kb::agent {

class CommandDesk {
public:
    /// What the configuration of a register allows; nullopt: this agent does not know of such a register yet.
    using Allowed =
        std::function<std::optional<std::vector<cabinet_api::CommandKind>>(const std::string& kkt_serial)>;

    /// What the cabinet has to be told of a command that it gave before.
    struct News {
        std::string command_id;
        cabinet_api::CommandResult result;
    };

    /// `on_news` is called when there is something in take_news().
    CommandDesk(JobDesk& desk, Allowed allowed, std::function<void()> on_news);
    CommandDesk(const CommandDesk&) = delete;
    CommandDesk& operator=(const CommandDesk&) = delete;

    /// What to tell the cabinet at once: how it ended, or that it was taken (durable, and begun soon).
    /// nullopt: neither can be said now; the cabinet has to give it again. `left`: of the command's time.
    asio::awaitable<std::optional<cabinet_api::CommandResult>> take(cabinet_api::Command command,
                                                                    std::chrono::milliseconds left);

    /// The next thing to be told; nullopt: nothing.
    std::optional<News> take_news();
    /// It could not be told; later, unless there is something newer of this command.
    void put_back(News news);

    /// Some command was taken and has not ended.
    [[nodiscard]] bool under_way() const { return !under_way_.empty(); }
    /// Ends those whose time is over, also where the register is away.
    asio::awaitable<void> expire();

    /// The key of a command's job, whose caller is kCaller.
    static std::string key_of(const std::string& command_id);
    static constexpr const char* kCaller = kCabinetCaller;

private:
    void on_job(const JobView& view);
    cabinet_api::CommandResult told(const JobView& view, const std::string& command_id);

    JobDesk& desk_;
    Allowed allowed_;
    std::function<void()> on_news_;
    std::map<std::string, cabinet_api::CommandResult> news_;
    std::set<std::string> under_way_;
    std::shared_ptr<void> listening_;
};

/// The key `cabinet_commands` of the register's section. The desk has to outlive it.
CommandDesk::Allowed allowed_by_configuration(const JobDesk& desk);

/// What a job says of its command; `taken` while it has not ended.
cabinet_api::CommandResult command_result_of(const storage::Job& job);

} // namespace kb::agent

#include "agent/sync/command_desk.hpp"

#include "agent/explanations.hpp"
#include "agent/log.hpp"
#include "protocol/cabinet/command_request.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace kb::agent {
namespace {

using cabinet_api::CommandOutcome;
using cabinet_api::CommandResult;
using storage::JobState;

constexpr std::string_view kKeyBegins = "cabinet:";
constexpr std::size_t kMostDetail = 1000; // bytes, as the cabinet takes it

/// At most kMostDetail bytes, no character cut in two.
std::string shortened(std::string text)
{
    if (text.size() <= kMostDetail)
        return text;
    std::size_t end = kMostDetail;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    text.resize(end);
    return text;
}

CommandResult refused(std::string code, std::string detail)
{
    CommandResult result;
    result.outcome = CommandOutcome::refused;
    result.code = std::move(code);
    result.detail = shortened(std::move(detail));
    return result;
}

CommandResult expired()
{
    return refused("expired", "касса не начала выполнять команду за отведённое время");
}

/// The cause in the words of people, then what the layers below say.
std::string in_words(const std::string& code, const std::string& text)
{
    const auto known = errc_of(code);
    if (!known)
        return text;
    const std::string cause = explain_of_register(*known).cause.in(Language::russian);
    return text.empty() ? cause : cause + " (" + text + ")";
}

/// Whether the job is of this very command, and not of another one under the same key, which the cabinet has
/// lost meanwhile. Both are written anew before they are compared: perhaps an older version of the agent took
/// it. What cannot be read any more is not judged.
bool is_of(const storage::NewJob& job, const cabinet_api::Command& command)
{
    const auto kind = cabinet_api::command_kind_of(command.kind);
    const auto kept = fiscal::request_from_json(job.request);
    if (!kind || !kept)
        return true;
    auto wanted = cabinet_api::request_of(*kind, command.args_json);
    if (!wanted || !fiscal::fill_in(*wanted))
        return true;
    return job.kkt_serial == command.kkt_serial &&
           fiscal::request_to_json(*wanted) == fiscal::request_to_json(*kept);
}

/// The journal cannot take it now; nothing else is wrong with it.
bool may_pass(Errc code)
{
    return code == Errc::storage_full || code == Errc::storage_busy || code == Errc::storage_damaged ||
           code == Errc::storage_failed || code == Errc::cancelled || code == Errc::timed_out;
}

} // namespace

std::string CommandDesk::key_of(const std::string& command_id)
{
    return std::string(kKeyBegins) + command_id;
}

CommandResult command_result_of(const storage::Job& job)
{
    CommandResult result;
    result.code = job.outcome.error_code;
    result.detail = shortened(in_words(job.outcome.error_code, job.outcome.error_text));
    switch (job.state) {
    case JobState::queued:
    case JobState::printing:
        result.outcome = CommandOutcome::taken;
        result.code.clear();
        result.detail.clear();
        break;
    case JobState::unknown:
        result.outcome = CommandOutcome::taken;
        result.code = "unknown";
        result.detail = "связь с кассой оборвалась во время выполнения; исход выяснится, когда ответит её ФН";
        break;
    case JobState::done:
        result.outcome = CommandOutcome::done;
        result.fn_serial = job.outcome.fn_serial;
        result.fd_number = job.outcome.fd_number;
        result.fiscal_sign = job.outcome.fiscal_sign;
        break;
    case JobState::refused:
        result.outcome = CommandOutcome::refused;
        break;
    case JobState::cancelled:
        return refused("cancelled", "команду отменили на компьютере магазина");
    case JobState::expired:
        return expired();
    case JobState::undecided:
        result.outcome = CommandOutcome::unknown;
        result.code = "undecided";
        result.detail = "ответ кассы потерян, а следа в ФН такая печать не оставляет: посмотрите на ленту";
        break;
    }
    return result;
}

CommandDesk::Allowed allowed_by_configuration(const JobDesk& desk)
{
    return [&desk](const std::string& kkt_serial) -> std::optional<std::vector<cabinet_api::CommandKind>> {
        const auto device = kkt_serial.empty() ? nullptr : desk.device(kkt_serial);
        return device ? std::optional(device->config().cabinet_commands) : std::nullopt;
    };
}

CommandDesk::CommandDesk(JobDesk& desk, Allowed allowed, std::function<void()> on_news)
    : desk_(desk),
      allowed_(std::move(allowed)),
      on_news_(std::move(on_news)),
      listening_(desk_.listen([this](const JobView& view) { on_job(view); }))
{}

CommandResult CommandDesk::told(const JobView& view, const std::string& command_id)
{
    CommandResult result = command_result_of(view.job);
    if (result.outcome == CommandOutcome::taken)
        under_way_.insert(command_id);
    else
        under_way_.erase(command_id);
    return result;
}

void CommandDesk::on_job(const JobView& view)
{
    const std::string& key = view.job.asked.key;
    if (view.job.asked.caller != kCaller || !key.starts_with(kKeyBegins))
        return;
    const std::string command_id = key.substr(kKeyBegins.size());
    CommandResult result = told(view, command_id);
    // That it waits or prints, the cabinet was told when it was taken.
    if (result.outcome == CommandOutcome::taken && result.code.empty())
        return;
    news_[command_id] = std::move(result);
    on_news_();
}

std::optional<CommandDesk::News> CommandDesk::take_news()
{
    if (news_.empty())
        return std::nullopt;
    auto first = news_.extract(news_.begin());
    return News{std::move(first.key()), std::move(first.mapped())};
}

void CommandDesk::put_back(News news)
{
    news_.try_emplace(std::move(news.command_id), std::move(news.result));
}

asio::awaitable<void> CommandDesk::expire()
{
    if (const auto done = co_await desk_.expire(); !done)
        log::warning("sync: commands whose time is over were not looked for",
                     {{"error", done.error().message()}});
}

asio::awaitable<std::optional<CommandResult>> CommandDesk::take(cabinet_api::Command command,
                                                                std::chrono::milliseconds left)
{
    using Answer = std::optional<CommandResult>;
    // Before anything else: what was taken once is never judged again, and never begun anew.
    const auto known = co_await desk_.find_by_key(kCaller, key_of(command.id));
    if (known && !command.taken && !is_of(known->job.asked, command))
        co_return Answer(refused("conflict",
                                 "под этим ключом касса уже получала другую команду; новой команде "
                                 "нужен новый ключ"));
    if (known)
        co_return Answer(told(*known, command.id));
    if (known.error().code != Errc::not_found)
        co_return Answer();
    if (command.taken) {
        CommandResult lost;
        lost.outcome = CommandOutcome::unknown;
        lost.code = "lost";
        lost.detail = "журнал на компьютере магазина утрачен, и команда вместе с ним; посмотрите, что есть в "
                      "документах кассы";
        co_return Answer(std::move(lost));
    }
    const auto kind = cabinet_api::command_kind_of(command.kind);
    if (!kind)
        co_return Answer(
            refused("unknown_command", "агент не знает команды «" + command.kind + "»; обновите его"));
    if (left.count() <= 0 || !command.may_begin)
        co_return Answer(expired());
    const auto allowed = allowed_(command.kkt_serial);
    if (!allowed)
        co_return Answer();
    if (std::find(allowed->begin(), allowed->end(), *kind) == allowed->end())
        co_return Answer(
            refused("not_allowed", "команда «" + command.kind +
                                       "» не разрешена на этой кассе: ключ cabinet_commands в agent.toml"));
    auto request = cabinet_api::request_of(*kind, command.args_json);
    if (!request)
        co_return Answer(refused(std::string(to_string(request.error().code)), request.error().context));
    AskedJob asked;
    asked.caller = kCaller;
    asked.key = key_of(command.id);
    asked.kkt_serial = command.kkt_serial;
    asked.request = *std::move(request);
    asked.wait_at_most = left;
    const auto accepted = co_await desk_.accept(std::move(asked));
    if (!accepted) {
        const JobRefusal& refusal = accepted.error();
        if (may_pass(refusal.error.code) || refusal.error.code == Errc::not_found)
            co_return Answer();
        co_return Answer(
            refused(std::string(to_string(refusal.error.code)),
                    refusal.faults.empty() ? refusal.error.context : fiscal::describe(refusal.faults, true)));
    }
    JobView view;
    view.job = accepted->job;
    co_return Answer(told(view, command.id));
}

} // namespace kb::agent

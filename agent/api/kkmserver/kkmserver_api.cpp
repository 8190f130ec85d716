// The way of a command in and of its answer out. What it does is in kkmserver_jobs.cpp and
// kkmserver_queries.cpp.
#include "agent/api/kkmserver/kkmserver_api.hpp"

#include "agent/api/kkmserver/answers.hpp"
#include "agent/api/kkmserver/call.hpp"
#include "agent/log.hpp"
#include "protocol/cabinet/base64.hpp"

#include <exception>
#include <utility>

namespace kb::agent {

namespace kkmserver {

namespace {

using kb::http::Request;
using kb::http::Response;

std::string text_of(const Fault& fault)
{
    return fault.member.empty() ? fault.text : fault.member + ": " + fault.text;
}

/// An answer to what is no command yet.
Response refusal(int status, Made made, std::string text)
{
    Answer answer("", "");
    answer.fail(Status::error, made, std::move(text));
    return kb::http::json_response(body_of(answer.json()), status);
}

/// What the server could not take, or no handler answered. Clients of this interface look into the body: but
/// for access and addresses, the status says that there is one.
Response fault_answer(const kb::http::Fault& fault)
{
    switch (fault.status) {
    case 404:
        return refusal(404, Made::nothing, "такого адреса нет; команды принимает POST /Execute");
    case 405:
        return refusal(405, Made::nothing, "команды принимает POST /Execute");
    case 408:
        return refusal(200, Made::nothing, "запрос не пришёл целиком за отведённое время");
    case 413:
        return refusal(200, Made::nothing, "запрос слишком большой; уберите картинки или разделите его");
    case 500:
    case 503:
    case 504:
        return refusal(200, Made::unknown, "ответа на команду нет; её результат сообщит GetRezult");
    default:
        return refusal(fault.status == 401 || fault.status == 403 ? fault.status : 200, Made::nothing,
                       "запрос не принят: " + fault.detail);
    }
}

/// The original lets every page call. Here a page that knows no password has to be named in the
/// configuration: else any page that somebody opens at the till could print receipts.
std::vector<std::string> origins_of(const KkmServerApi::Services& services)
{
    const bool know_the_password = services.origins.empty() && !services.password.empty();
    return know_the_password ? std::vector<std::string>{"*"} : services.origins;
}

/// Without a configured one the users are those that the original comes with.
bool is_user(std::string_view name, const std::string& user)
{
    return user.empty() ? same_name(name, "Admin") || same_name(name, "User") : same_name(name, user);
}

/// "Basic dXNlcjpwYXNz" of these two. A name is no secret, and clients write it in capitals or not.
bool may_enter(const Request& request, const std::string& user, const std::string& password)
{
    if (user.empty() && password.empty())
        return true;
    constexpr std::string_view kScheme = "Basic ";
    const std::string_view header = request.header("authorization");
    if (!same_name(header.substr(0, kScheme.size()), kScheme))
        return false;
    const auto decoded = from_base64(header.substr(kScheme.size()));
    if (!decoded)
        return false;
    const std::string given(decoded->begin(), decoded->end());
    const std::size_t colon = given.find(':');
    if (colon == std::string::npos || !is_user(given.substr(0, colon), user))
        return false;
    const std::string_view word = std::string_view(given).substr(colon + 1);
    return password.empty() ? word.empty() : kb::http::same_secret(word, password);
}

} // namespace

} // namespace kkmserver

KkmServerApi::KkmServerApi(Services services)
    : services_(std::move(services)),
      origins_(kkmserver::origins_of(services_)),
      started_at_(services_.clock.local_now())
{
    for (const char* path : {"/Execute", "/Execute/", "/Execute/sync"})
        router_.add("POST", path,
                    [this](const kb::http::Request& request, const kb::http::PathParts&,
                           const kb::http::ResponderPtr& responder) {
                        asio::co_spawn(services_.executor, execute(request.body, responder), asio::detached);
                    });
    router_.set_fault_writer(&kkmserver::fault_answer);
    router_.set_failure_log(
        [](const kb::http::Request& request, const std::string& pattern, std::string_view what) {
            log::error("kkmserver: a handler failed",
                       {{"method", request.method}, {"route", pattern}, {"error", std::string(what)}});
        });
}

kb::http::Guard KkmServerApi::guard() const
{
    return [this](const kb::http::Request& request) -> std::optional<kb::http::Response> {
        if (!kb::http::is_loopback_name(request.header("host")))
            return kkmserver::refusal(
                403, Made::nothing,
                "по этому имени сервер не отвечает; обращайтесь к 127.0.0.1 или localhost");
        if (auto preflight = origins_.preflight(request))
            return preflight;
        const auto origin = request.header("origin");
        if (!origin.empty() && !origins_.allow(origin))
            return kkmserver::refusal(403, Made::nothing,
                                      "страницам с этого адреса обращаться к кассам не разрешено: задайте "
                                      "пароль в [api.kkmserver] настроек агента или добавьте адрес в "
                                      "origins раздела [api]");
        if (!kkmserver::may_enter(request, services_.user, services_.password)) {
            auto refused = kkmserver::refusal(401, Made::nothing, "имя или пароль не подходят");
            if (!kb::http::comes_from_browser(request))
                refused.headers.emplace_back("WWW-Authenticate",
                                             "Basic realm=\"KkmServer\", charset=\"UTF-8\"");
            return refused;
        }
        return std::nullopt;
    };
}

kb::http::Finish KkmServerApi::finish() const
{
    return [this](const kb::http::Request& request, kb::http::Response& response) {
        origins_.let_read(request, response);
        response.headers.emplace_back("Cache-Control", "no-store, no-cache, must-revalidate");
        response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    };
}

asio::awaitable<void> KkmServerApi::execute(std::string body, kb::http::ResponderPtr responder)
{
    std::optional<kkmserver::Fault> fault;
    Call call = kkmserver::read_call(body, kLongestWait, fault);
    if (call.id.empty() && call.command && kkmserver::works(*call.command))
        call.id = new_job_id();
    Answer answer(call.name, call.id);
    if (fault) {
        answer.fail(Status::error, Made::nothing, kkmserver::text_of(*fault));
    } else {
        try {
            co_await answer_to(call, answer);
        } catch (const std::exception& broken) {
            log::error("kkmserver: a command failed", {{"command", call.name}, {"error", broken.what()}});
            answer = Answer(call.name, call.id);
            answer.fail(Status::error, Made::unknown,
                        "внутренняя ошибка агента; результат этой команды сообщит GetRezult");
        }
    }
    responder->send(kb::http::json_response(kkmserver::body_of(answer.json())));
}

asio::awaitable<void> KkmServerApi::answer_to(const Call& call, Answer& answer)
{
    using kkmserver::Command;
    if (!call.command) {
        answer.fail(Status::error, Made::nothing, "команда " + call.name + " не поддерживается");
        co_return;
    }
    switch (*call.command) {
    case Command::get_rezult:
        co_await rezult(call, answer);
        break;
    case Command::list:
        co_await list(call, answer);
        break;
    case Command::get_data_kkt:
        co_await data_kkt(call, answer);
        break;
    case Command::get_data_check:
        co_await data_check(call, answer);
        break;
    case Command::get_counters:
        co_await counters(call, answer);
        break;
    case Command::get_line_length:
        co_await line_length(call, answer);
        break;
    case Command::on_off_unit:
        co_await on_off(call, answer);
        break;
    case Command::get_server_data:
        server_data(answer);
        break;
    default:
        co_await work(call, answer);
    }
}

} // namespace kb::agent

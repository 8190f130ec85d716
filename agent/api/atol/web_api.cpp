// Routes, and who may use them.
#include "agent/api/atol/web_api.hpp"

#include "agent/api/atol/web_error.hpp"
#include "agent/log.hpp"
#include "protocol/cabinet/base64.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::awr {

namespace {

/// "user:password" of `Authorization: Basic`; empty when it is none.
std::string basic_credentials(std::string_view header)
{
    constexpr std::string_view kScheme = "basic ";
    const auto same = [](char word, char given) {
        return word == (given >= 'A' && given <= 'Z' ? given + ('a' - 'A') : given);
    };
    if (header.size() < kScheme.size() || !std::equal(kScheme.begin(), kScheme.end(), header.begin(), same))
        return {};
    const auto bytes = from_base64(header.substr(kScheme.size()));
    return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

/// ATOL's server lets every page call, and so lets every page print. Here a page that knows no password has
/// to be named in the configuration; where some are named, no other may.
std::vector<std::string> origins_of(const AtolWebApi::Services& services)
{
    const bool know_the_password = services.origins.empty() && !services.password.empty();
    return know_the_password ? std::vector<std::string>{"*"} : services.origins;
}

} // namespace

AtolWebApi::AtolWebApi(Services services) : services_(std::move(services)), origins_(origins_of(services_))
{
    router_.forgive_slashes(); // "/requests/", and "/requests//{uuid}" of those who put one between them
    router_.set_fault_writer([](const kb::http::Fault& fault) { return web_error(fault); });
    router_.set_failure_log([](const Request& request, const std::string& pattern, std::string_view what) {
        log::error("atol: a handler failed",
                   {{"method", request.method}, {"route", pattern}, {"error", std::string(what)}});
    });
    add_request_routes();
    add_device_routes();
}

AtolWebApi::~AtolWebApi() = default;

void AtolWebApi::add(std::string method, std::string path, Work work)
{
    auto serve = [](Work todo, Request request, Parts parts, Responder responder) -> asio::awaitable<void> {
        std::optional<Response> response;
        try {
            response = co_await todo(std::move(request), std::move(parts));
        } catch (const std::exception& error) {
            log::error("atol: a handler failed", {{"error", error.what()}});
        }
        responder->send(response ? *std::move(response) : web_error(500, "Внутренняя ошибка; см. журнал"));
    };
    router_.add(std::move(method), std::move(path),
                [this, serve, work = std::move(work)](const Request& request, const Parts& parts,
                                                      const Responder& responder) {
                    asio::co_spawn(services_.executor, serve(work, request, parts, responder),
                                   asio::detached);
                });
}

void AtolWebApi::add_request_routes()
{
    const auto post = [this](Request request, const Parts&) { return post_request(std::move(request)); };
    const auto get = [this](const Request&, const Parts& parts) { return get_request(parts.at("uuid")); };
    const auto cancel = [this](const Request&, const Parts& parts) {
        return delete_request(parts.at("uuid"));
    };
    // Version 1 knows the same requests: there are programs that post by one and look by the other.
    for (const std::string base : {"/api/v2/requests", "/requests"}) {
        add("POST", base, post);
        add("GET", base + "/{uuid}", get);
        add("DELETE", base + "/{uuid}", cancel);
    }
    add("GET", "/api/v2/getRequestsQueueStatus",
        [this](Request request, const Parts&) { return queue_response(std::move(request)); });
    add("GET", "/stat/requests", [this](const Request&, const Parts&) { return old_queue_response(); });
}

void AtolWebApi::add_device_routes()
{
    add("GET", "/api/v2/devices", [this](const Request&, const Parts&) { return list_devices(); });
    add("POST", "/api/v2/devices",
        [this](Request request, const Parts&) { return add_device(std::move(request)); });
    add("GET", "/api/v2/devices/{id}",
        [this](const Request&, const Parts& parts) { return get_device(parts.at("id")); });
    add("POST", "/api/v2/activateDevice",
        [this](Request request, const Parts&) { return activate(std::move(request), true); });
    add("POST", "/api/v2/deactivateDevice",
        [this](Request request, const Parts&) { return activate(std::move(request), false); });
    add("POST", "/api/v2/setDefaultDevice",
        [this](Request request, const Parts&) { return set_default(std::move(request)); });
    add("GET", "/api/v2/settings", [this](const Request&, const Parts&) { return get_settings(); });
    add("PUT", "/api/v2/settings",
        [this](Request request, const Parts&) { return put_settings(std::move(request)); });
    add("POST", "/api/v2/operations/{operation}", [this](Request request, const Parts& parts) {
        return query(std::move(request), parts.at("operation"));
    });
    const auto fixed = [](const Request&, const Parts&) {
        return web_error(501,
                         "Кассы задаются в файле настроек агента (раздел [[device]]), а не через этот метод",
                         error::unsupported);
    };
    router_.add_plain("PUT", "/api/v2/devices/{id}", fixed);
    router_.add_plain("DELETE", "/api/v2/devices/{id}", fixed);
    router_.add_plain("GET", "/api/v2/serverInfo",
                      [this](const Request&, const Parts&) { return server_info(); });
    router_.add_plain("GET", "/", [](const Request&, const Parts&) {
        return web_answer(R"({"product":"KKT Bridge","api":"ATOL Web Requests"})");
    });
}

bool AtolWebApi::is_open(const Request& request)
{
    std::string_view path = request.path;
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return path.empty() || path.starts_with("api/v2/serverInfo") || path.starts_with("api/v2/utils/");
}

bool AtolWebApi::knows_password(const Request& request) const
{
    if (services_.user.empty() && services_.password.empty())
        return true;
    const std::string given = basic_credentials(request.header("authorization"));
    if (!services_.user.empty())
        return kb::http::same_secret(given, services_.user + ":" + services_.password);
    const std::size_t colon = given.find(':');
    return colon != std::string::npos && kb::http::same_secret(given.substr(colon + 1), services_.password);
}

kb::http::Guard AtolWebApi::guard() const
{
    return [this](const Request& request) -> std::optional<Response> {
        // Programs of the last century send none; browsers always do, and theirs is looked at.
        const std::string_view host = request.header("host");
        if (!host.empty() && !kb::http::is_loopback_name(host))
            return web_error(403, "Обращайтесь по имени 127.0.0.1 или localhost");
        const std::string_view origin = request.header("origin");
        if (!origin.empty() && !origins_.allow(origin))
            return web_error(403, "Страницам этого сайта не разрешено печатать; впишите его адрес в origins "
                                  "раздела [api] настроек агента");
        if (request.method == "OPTIONS") {
            auto preflight = origins_.preflight(request);
            return preflight ? *std::move(preflight) : Response{204, {}, {}};
        }
        if (is_open(request) || knows_password(request))
            return std::nullopt;
        Response refused = web_error(401, "Неверные имя или пароль");
        if (!kb::http::comes_from_browser(request))
            refused.headers.emplace_back("WWW-Authenticate", R"(Basic realm="KKT Bridge", charset="UTF-8")");
        return refused;
    };
}

kb::http::Finish AtolWebApi::finish() const
{
    return [this](const Request& request, Response& response) {
        origins_.let_read(request, response);
        response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    };
}

} // namespace kb::agent::awr

#include "agent/api/atol/web_error.hpp"

#include "agent/explanations.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent::awr {

kb::http::Response web_answer(std::string json, int status)
{
    return {status,
            {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}},
            std::move(json)};
}

kb::http::Response web_error(int status, std::string description, int code)
{
    const nlohmann::ordered_json body{{"error", {{"code", code}, {"description", std::move(description)}}}};
    return web_answer(body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), status);
}

kb::http::Response web_error(const Error& error)
{
    const Explanation why = explain(error.code);
    const bool storage = error.code == Errc::storage_full || error.code == Errc::storage_busy ||
                         error.code == Errc::storage_damaged || error.code == Errc::storage_failed;
    return web_error(storage ? 503 : 500,
                     why.cause.in(Language::russian) + std::string("; ") + why.cure.in(Language::russian));
}

kb::http::Response web_error(const kb::http::Fault& fault)
{
    switch (fault.status) {
    case 404:
        return web_error(404, "Нет такого метода");
    case 405:
        return web_error(405, "Этот метод так не вызывают");
    case 408:
    case 504:
        return web_error(fault.status, "Время ожидания истекло");
    case 413:
    case 414:
    case 431:
        return web_error(fault.status, "Запрос слишком велик");
    default:
        break;
    }
    return web_error(fault.status, (fault.field.empty() ? "" : fault.field + ": ") + fault.detail);
}

} // namespace kb::agent::awr

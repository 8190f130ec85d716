#include "cabinet/http/problem.hpp"

#include "protocol/cabinet/messages.hpp"

namespace kb::cabinet::http {

namespace {

std::string title_of(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    case 507:
        return "Insufficient Storage";
    default:
        return "Internal Server Error";
    }
}

int status_of(Errc code)
{
    switch (code) {
    case Errc::bad_json:
    case Errc::bad_value:
    case Errc::bad_length:
    case Errc::bad_encoding:
    case Errc::bad_tlv:
    case Errc::not_representable:
        return 400;
    case Errc::unauthorised:
        return 401;
    case Errc::not_found:
        return 404;
    case Errc::conflict:
        return 409;
    case Errc::too_many:
        return 413;
    case Errc::storage_full:
    case Errc::storage_failed:
    case Errc::storage_damaged:
        return 503;
    default:
        return 500;
    }
}

} // namespace

Response problem(int status, Errc code, std::string detail, ProblemText more)
{
    cabinet_api::Problem problem;
    problem.title = title_of(status);
    problem.status = status;
    problem.code = to_string(code);
    problem.detail = std::move(detail);
    problem.field = std::move(more.field);
    problem.cure = std::move(more.cure);
    Response response{status,
                      {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
                      encode(problem)};
    if (status == 429 || status == 503)
        response.headers.emplace_back("Retry-After", status == 429 ? "60" : "5");
    return response;
}

Response problem(const Error& error, std::string cure)
{
    const auto [field, reason] = cabinet_api::split_field(error);
    return problem(status_of(error.code), error.code, std::string(reason),
                   {std::string(field), std::move(cure)});
}

Response bad_parameter(std::string name, std::string reason, std::string cure)
{
    return problem(400, Errc::bad_value, std::move(reason), {std::move(name), std::move(cure)});
}

} // namespace kb::cabinet::http

#include "http/problem.hpp"

#include "protocol/core/field_error.hpp"
#include "protocol/core/json_reader.hpp"

namespace kb::http {

namespace {

int status_of(Errc code)
{
    switch (code) {
    case Errc::bad_json:
    case Errc::bad_value:
    case Errc::bad_length:
    case Errc::bad_encoding:
    case Errc::bad_tlv:
    case Errc::not_representable:
    case Errc::overflow:
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
    case Errc::storage_busy:
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
    nlohmann::json body{{"type", "about:blank"},
                        {"title", reason_phrase(status)},
                        {"status", status},
                        {"code", to_string(code)},
                        {"detail", std::move(detail)}};
    if (!more.field.empty())
        body["field"] = std::move(more.field);
    if (!more.cure.empty())
        body["cure"] = std::move(more.cure);
    for (auto& [name, json] : more.members)
        body[std::move(name)] = nlohmann::json::parse(json);
    Response response{status,
                      {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
                      dump_json(body)};
    if (status == 429 || status == 503)
        response.headers.emplace_back("Retry-After", status == 429 ? "60" : "5");
    return response;
}

Response problem(const Fault& fault)
{
    return problem(fault.status, fault.code, fault.detail, {fault.field, fault.cure});
}

Response problem(const Error& error, std::string cure)
{
    const auto [field, reason] = split_field(error);
    return problem(status_of(error.code), error.code, std::string(reason),
                   {std::string(field), std::move(cure)});
}

Response bad_parameter(std::string name, std::string reason, std::string cure)
{
    return problem(400, Errc::bad_value, std::move(reason), {std::move(name), std::move(cure)});
}

} // namespace kb::http

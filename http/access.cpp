#include "http/access.hpp"

#include <algorithm>
#include <utility>

namespace kb::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_word(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

void echo(const Request& request, std::string_view asked, Response& response, const char* granted)
{
    if (const std::string_view value = request.header(asked); !value.empty())
        response.headers.emplace_back(granted, value);
}

} // namespace

bool is_loopback_name(std::string_view host)
{
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    if (bracket == std::string_view::npos)
        return false;
    const std::size_t colon = host.find(':', bracket);
    const std::string_view name = host.substr(0, colon);
    const std::string_view port = colon == std::string_view::npos ? "0" : host.substr(colon + 1);
    return (same_word(name, "localhost") || name == "127.0.0.1" || name == "[::1]") &&
           port.find_first_not_of("0123456789") == std::string_view::npos;
}

bool same_secret(std::string_view given, std::string_view wanted)
{
    unsigned differs = given.size() == wanted.size() && !wanted.empty() ? 0 : 1;
    for (std::size_t at = 0; at < given.size() && at < wanted.size(); ++at)
        differs |= static_cast<unsigned>(given[at] != wanted[at]);
    return differs == 0;
}

std::string_view bearer_token(const Request& request)
{
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view value = request.header("authorization");
    return same_word(value.substr(0, kScheme.size()), kScheme) ? value.substr(kScheme.size())
                                                               : std::string_view();
}

bool comes_from_browser(const Request& request)
{
    return !request.header("origin").empty() || !request.header("sec-fetch-site").empty();
}

bool Origins::allow(std::string_view origin) const
{
    return !origin.empty() && std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& one) {
        return one == "*" || same_word(one, origin);
    });
}

std::optional<Response> Origins::preflight(const Request& request) const
{
    if (request.method != "OPTIONS" || request.header("access-control-request-method").empty() ||
        !allow(request.header("origin")))
        return std::nullopt;
    Response response;
    response.status = 204;
    echo(request, "access-control-request-method", response, "Access-Control-Allow-Methods");
    echo(request, "access-control-request-headers", response, "Access-Control-Allow-Headers");
    // Asked when a page from the network calls a computer of the local one.
    echo(request, "access-control-request-private-network", response, "Access-Control-Allow-Private-Network");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    return response;
}

void Origins::let_read(const Request& request, Response& response) const
{
    const std::string_view origin = request.header("origin");
    response.headers.emplace_back("Vary", "Origin");
    if (allow(origin))
        response.headers.emplace_back("Access-Control-Allow-Origin", origin);
}

} // namespace kb::http

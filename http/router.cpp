#include "http/router.hpp"

#include "http/query.hpp"

#include <exception>

namespace kb::http {

namespace {

std::vector<std::string> split_path(std::string_view path)
{
    std::vector<std::string> parts;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        const std::size_t end = path.find('/');
        parts.emplace_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return parts;
}

bool is_placeholder(const std::string& part) { return part.size() > 2 && part.front() == '{'; }

} // namespace

void Router::add(std::string method, std::string pattern, Handler handler)
{
    auto parts = parts_of(pattern);
    entries_.push_back({{std::move(method), std::move(pattern)}, std::move(parts), std::move(handler)});
}

void Router::add_plain(std::string method, std::string pattern, PlainHandler handler)
{
    add(std::move(method), std::move(pattern),
        [handler = std::move(handler)](const Request& request, const PathParts& parts,
                                       const ResponderPtr& responder) {
            responder->send(handler(request, parts));
        });
}

std::vector<std::string> Router::parts_of(std::string_view path) const
{
    auto parts = split_path(path);
    if (forgiving_)
        std::erase(parts, std::string());
    return parts;
}

Router::Match Router::match(const Request& request) const
{
    Match found;
    const auto parts = parts_of(request.path);
    for (const Entry& entry : entries_) {
        if (entry.parts.size() != parts.size())
            continue;
        PathParts values;
        bool fits = true;
        bool bad_encoding = false;
        for (std::size_t i = 0; i < parts.size() && fits; ++i) {
            if (!is_placeholder(entry.parts[i])) {
                fits = entry.parts[i] == parts[i];
                continue;
            }
            auto value = percent_decode(parts[i], false);
            bad_encoding = bad_encoding || !value || value->empty();
            values[entry.parts[i].substr(1, entry.parts[i].size() - 2)] = value.value_or("");
        }
        if (!fits)
            continue;
        if (entry.route.method == request.method) {
            found.entry = &entry;
            found.parts = std::move(values);
            found.bad_encoding = bad_encoding;
            return found;
        }
        found.allowed += (found.allowed.empty() ? "" : ", ") + entry.route.method;
    }
    return found;
}

void Router::dispatch(const Request& request, const ResponderPtr& responder) const
{
    try {
        const Match found = match(request);
        if (found.bad_encoding) {
            responder->send(refusal({400, Errc::bad_value, "not percent-encoded UTF-8", "path"}));
        } else if (found.entry != nullptr) {
            found.entry->handler(request, found.parts, responder);
        } else if (!found.allowed.empty()) {
            Response response = refusal({405, Errc::unsupported, "allowed: " + found.allowed});
            response.headers.emplace_back("Allow", found.allowed);
            responder->send(std::move(response));
        } else if (fallback_ && !request.path.starts_with("/api/") &&
                   (request.method == "GET" || request.method == "HEAD")) {
            responder->send(fallback_(request, {}));
        } else {
            responder->send(refusal({404, Errc::not_found, "no such path"}));
        }
    } catch (const std::exception& error) {
        if (failure_log_)
            failure_log_(request, pattern_of(request), error.what());
        responder->send(refusal({500, Errc::storage_failed, "the program failed; see its log"}));
    }
}

Response Router::refusal(const Fault& fault) const
{
    return fault_writer_ ? fault_writer_(fault) : problem(fault);
}

std::string Router::pattern_of(const Request& request) const
{
    const Match found = match(request);
    return found.entry == nullptr ? std::string() : found.entry->route.pattern;
}

std::vector<Router::Route> Router::routes() const
{
    std::vector<Route> all;
    all.reserve(entries_.size());
    for (const Entry& entry : entries_)
        all.push_back(entry.route);
    return all;
}

} // namespace kb::http

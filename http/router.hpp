// Finds the handler of a request and makes sure that every request is answered, whatever the handler does.
#pragma once

#include "http/problem.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kb::http {

/// Values of the {placeholders} of a route, percent-decoded.
using PathParts = std::map<std::string, std::string>;
using Handler = std::function<void(const Request&, const PathParts&, const ResponderPtr&)>;
using PlainHandler = std::function<Response(const Request&, const PathParts&)>;

class Router {
public:
    struct Route {
        std::string method;
        std::string pattern; ///< "/api/v1/documents/{fn_serial}/{fd_number}"
    };

    void add(std::string method, std::string pattern, Handler handler);
    /// "/requests/" and "//requests" are taken for "/requests". To be called before the routes are added.
    void forgive_slashes() { forgiving_ = true; }
    /// For handlers that answer at once.
    void add_plain(std::string method, std::string pattern, PlainHandler handler);
    /// Asked for GET and HEAD when no route fits and the path is not under /api/.
    void set_fallback(PlainHandler handler) { fallback_ = std::move(handler); }

    /// How this API tells what no handler sees: an unknown path, a wrong method, a broken escape, and
    /// whatever its server cannot take. Without it: as problem+json.
    void set_fault_writer(FaultWriter writer) { fault_writer_ = std::move(writer); }
    /// A fault as this API tells it.
    [[nodiscard]] Response refusal(const Fault& fault) const;

    /// Told of a handler that threw: the request, its pattern and what it threw. Nobody is told otherwise.
    using FailureLog = std::function<void(const Request&, const std::string& pattern, std::string_view what)>;
    void set_failure_log(FailureLog log) { failure_log_ = std::move(log); }

    /// Answers through `responder`, perhaps later. Exceptions of handlers become a 500 without details.
    void dispatch(const Request& request, const ResponderPtr& responder) const;
    /// The pattern that serves the request, for logs; empty when none.
    [[nodiscard]] std::string pattern_of(const Request& request) const;
    [[nodiscard]] std::vector<Route> routes() const;

private:
    struct Entry {
        Route route;
        std::vector<std::string> parts;
        Handler handler;
    };
    struct Match {
        const Entry* entry = nullptr;
        PathParts parts;
        std::string allowed; ///< methods of the routes with this path
        bool bad_encoding = false;
    };
    [[nodiscard]] Match match(const Request& request) const;

    [[nodiscard]] std::vector<std::string> parts_of(std::string_view path) const;

    std::vector<Entry> entries_;
    bool forgiving_ = false;
    PlainHandler fallback_;
    FaultWriter fault_writer_;
    FailureLog failure_log_;
};

} // namespace kb::http

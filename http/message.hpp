// HTTP as handlers see it, in the agent and in the cabinet: plain values and a way to answer, no server
// library in sight.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kb::http {

struct Request {
    std::string method; ///< "GET", "POST", ...
    std::string path;   ///< as sent, still percent-encoded, without the query
    std::string query;  ///< behind the '?', as sent
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;
    std::string remote_address; ///< for rate limits only; never logged

    /// Empty when absent. `name` in lower case.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// The value of one cookie; empty when absent.
    [[nodiscard]] std::string_view cookie(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// An answer that goes on: server-sent events. Any thread.
class Stream {
public:
    virtual ~Stream() = default;
    /// False when the reader is gone or too slow; then the stream is over.
    virtual bool write(std::string text) = 0;
};

/// Answers one request, once, from any thread.
class Responder {
public:
    virtual ~Responder() = default;
    virtual void send(Response response) = 0;
    /// Sends status and headers, leaves the body open.
    virtual std::shared_ptr<Stream> open_stream(Response head) = 0;
};
using ResponderPtr = std::shared_ptr<Responder>;

/// "Not Found": what stands behind the status in an answer's first line and is the title of a problem.
std::string_view reason_phrase(int status);

Response json_response(std::string body, int status = 200);

} // namespace kb::http

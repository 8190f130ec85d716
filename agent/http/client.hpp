// The one way the agent talks HTTP, thin enough that another library (WinHTTP) can stand behind it.
#pragma once

#include "protocol/core/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kb::agent::http {

using Header = std::pair<std::string, std::string>;

/// Only idempotent requests may be sent: the library below may repeat one when a kept-alive connection
/// turns out to be dropped.
struct Request {
    std::string method = "GET";
    std::string url; ///< absolute; plain http only to a loopback address
    std::vector<Header> headers;
    std::string body;
    std::chrono::milliseconds at_most{30'000}; ///< for everything: name, connection, TLS, body, answer
};

struct Response {
    int status = 0; ///< 2xx or 3xx; anything else is an Error
    std::string body;
};

/// The end of a request. Errors: network_failed, tls_untrusted, timed_out, unauthorised (401, 403),
/// too_many (413, 429), peer_refused (every other status, in Error::device_code), bad_config (an address
/// that must not be asked), cancelled. Outcome::unknown where the peer may have acted on the request.
struct Reply {
    Result<Response> result;
    /// The peer's wish, with 429 and 503.
    std::optional<std::chrono::seconds> retry_after;
};

class Client {
public:
    virtual ~Client() = default;
    /// `done` is called exactly once, on any thread, within request.at_most.
    virtual void send(Request request, std::function<void(Reply)> done) = 0;
    /// Ends every request under way with Errc::cancelled, at once; later ones likewise.
    virtual void stop() = 0;
};

struct ClientOptions {
    /// PEM file with the only authorities to trust; empty: those of the system.
    std::string ca_file;
    /// An answer longer than this is broken off: a hostile peer must not fill the memory.
    std::size_t max_answer = 16U << 20U;
};

/// The client on cpprestsdk. Costs nothing but memory for the object until the first request.
std::unique_ptr<Client> make_client(ClientOptions options);

/// Whether the agent may talk to this address at all: https anywhere, http only to loopback.
Result<void> check_url(const std::string& url);

} // namespace kb::agent::http

// Cuts the bytes of a connection into requests, HTTP/1.0 and 1.1, within limits. Knows no socket and no
// clock.
#pragma once

#include "http/problem.hpp"

#include <http_parser.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kb::http {

struct RequestLimits {
    std::size_t target_bytes = 8'192; ///< path and query
    std::size_t head_bytes = 16'384;  ///< target, names and values together
    std::size_t headers = 100;
    std::size_t body_bytes = std::size_t{1} << 20U;
};

/// One request after the other: feed() until done() or fault(), then reset() for the next.
///
/// Nothing is kept beyond the limits: a body that says in its head that it is too long is refused there. An
/// Upgrade is not taken, the request is served as it is.
class RequestParser {
public:
    explicit RequestParser(RequestLimits limits);
    RequestParser(const RequestParser&) = delete; // the parser below points here
    RequestParser& operator=(const RequestParser&) = delete;

    /// Takes bytes up to the end of the request, in pieces of any size; how many it took. None after done()
    /// or fault().
    std::size_t feed(std::string_view bytes);
    void reset();

    /// A byte of it has come; empty lines before it do not count.
    [[nodiscard]] bool begun() const { return begun_; }
    [[nodiscard]] bool done() const { return done_; }
    /// Why this is no request that can be served; what follows on the connection is not to be understood.
    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
    /// True once: the sender holds its body back until it is told "100 Continue".
    bool take_expectation();

    /// The request; after a fault, what is known of it.
    [[nodiscard]] Request take() { return std::move(request_); }
    // Of a request that is done.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    /// HTTP/1.1: an answer may come in chunks.
    [[nodiscard]] bool takes_chunks() const { return takes_chunks_; }

private:
    struct Callbacks;

    int refuse(Fault fault);
    int count(std::size_t bytes);
    int on_target(std::string_view piece);
    int on_name(std::string_view piece);
    int on_value(std::string_view piece);
    int on_head();
    int on_body(std::string_view piece);
    int on_end();
    void tell_error(http_errno error, char first);

    RequestLimits limits_;
    http_parser parser_{};
    Request request_;
    std::optional<Fault> fault_;
    std::size_t head_bytes_ = 0;
    bool begun_ = false;
    bool in_value_ = true; ///< the next name begins a header
    bool head_done_ = false;
    bool expects_ = false;
    bool done_ = false;
    bool keep_alive_ = false;
    bool takes_chunks_ = false;
};

} // namespace kb::http

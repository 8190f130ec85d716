// Who may ask: the checks that an API puts before its routes, and what browsers are to be told about it.
#pragma once

#include "http/message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::http {

/// Asked before any route; its answer ends the request.
using Guard = std::function<std::optional<Response>(const Request&)>;
/// Sees every answer before it leaves, refusals too: for the headers that all of them carry. Of a request
/// that could not be read whole it is given what is known.
using Finish = std::function<void(const Request&, Response&)>;

/// "localhost", "127.0.0.1:8760", "[::1]". A page in the owner's browser must not read us under a name of its
/// own that it made point to 127.0.0.1.
bool is_loopback_name(std::string_view host);

/// Compared in a time that does not tell how much of it was right. An empty wanted one is never met.
bool same_secret(std::string_view given, std::string_view wanted);

/// What the request carries as "Authorization: Bearer ..."; empty when it does not.
std::string_view bearer_token(const Request& request);

/// Sent by a browser, as far as browsers tell. It is never asked for name and password: it would keep them,
/// and lend them to any page.
bool comes_from_browser(const Request& request);

/// The origins whose pages may call and read the answers: "https://pos.example", or "*" for any.
class Origins {
public:
    explicit Origins(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

    [[nodiscard]] bool allow(std::string_view origin) const;
    /// The answer to what a browser asks before a call (OPTIONS with Origin and
    /// Access-Control-Request-Method); nullopt for any other request, and for an origin that may not call.
    [[nodiscard]] std::optional<Response> preflight(const Request& request) const;
    /// Lets the page that asked read the answer, if its origin may. To be called by Finish.
    void let_read(const Request& request, Response& response) const;

private:
    std::vector<std::string> allowed_;
};

} // namespace kb::http

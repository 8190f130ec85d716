// The HTTPS server: RESTinio behind a door, so that nobody else has to include it.
#pragma once

#include "cabinet/http/workers.hpp"
#include "http/router.hpp"
#include "protocol/core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kb::cabinet {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443; ///< 0: any free one, see Server::port()
    std::string certificate_file;
    std::string key_file;
    std::size_t max_body_bytes = 8U << 20U;
};

/// Serves until it is destroyed. Handlers run on `workers`.
class Server {
public:
    /// Errc::bad_config for a certificate, key or address that cannot be used.
    static Result<std::unique_ptr<Server>> start(const ServerOptions& options, const http::Router& router,
                                                 Workers& workers);
    virtual ~Server() = default;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// Takes no new requests and closes what is open.
    virtual void stop() = 0;
};

} // namespace kb::cabinet

// A few read-only pages on loopback for people, monitoring and kktctl: /health, /metrics, /status; and the
// agent's own calls, for whoever holds the local token.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace kb::agent {

struct Page {
    int status = 200;
    std::string type = "application/json; charset=utf-8";
    std::string body;
};

class LocalServer {
public:
    /// Path to what makes the page; called on the io_context's thread, must be quick.
    using Pages = std::map<std::string, std::function<Page()>>;

    /// "POST /recording" to what answers it, given the body. Only asked with the token.
    struct Calls {
        std::string token; ///< as in agent/local_token.hpp
        std::map<std::string, std::function<Page(const std::string& body)>> by_name;
    };

    LocalServer(boost::asio::io_context& io, const Pages& pages, Calls calls);
    ~LocalServer();
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;

    /// Listens on a loopback address; port 0: any free one. The port it got. Errc::bad_config for an address
    /// that is not loopback, Errc::port_busy when somebody else listens there.
    Result<std::uint16_t> start(const std::string& address, std::uint16_t port);
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::agent

// Control over HTTP on loopback. Boost.Beast and not RESTinio: it lives in the emulator's one thread and
// io_context without a server framework around it, so that a sale by the keypad and a command of the line
// never race. Without a password it must not serve the web: a request must name this computer as its host (a
// page of the web whose name was bent to 127.0.0.1 names its own), and come from no page but the keypad.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/emulator/control.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kb::emulator {

class ControlServer {
public:
    /// Method, target and body of a request to its answer.
    using Handler = std::function<ControlAnswer(const std::string& method, const std::string& target,
                                                const std::string& body)>;
    ControlServer(asio::io_context& context, Handler handler);
    ~ControlServer();
    /// "127.0.0.1:8080"; port 0 picks one. Only loopback addresses: control has no password.
    Result<void> listen(const std::string& address);
    /// "http://127.0.0.1:8080".
    [[nodiscard]] std::string url() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One request to a running emulator, for `kkt-emulator ctl`.
Result<ControlAnswer> control_call(const std::string& address, const std::string& method,
                                   const std::string& target, const std::string& body);

} // namespace kb::emulator

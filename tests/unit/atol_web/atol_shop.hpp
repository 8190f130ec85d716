// A shop whose POS program speaks ATOL Web Requests: calls of the API as its HTTP server makes them, an
// emulated register, stepped time.
#pragma once

#include "agent/api/atol/web_api.hpp"
#include "tests/exactly_once/shop.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kb::test {

struct Reply {
    int status = 0; ///< 0: no answer came
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;

    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
    /// Of the envelope {"error": {…}}; -1: it is none.
    [[nodiscard]] int error_code() const;
    [[nodiscard]] std::string error_text() const;
    /// Empty: absent.
    [[nodiscard]] std::string header(const std::string& name) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class AtolShop {
public:
    explicit AtolShop(const std::string& make = "shtrih v1");
    ~AtolShop();

    /// One call: guard, route, finish, as the server does; steps time until it is answered.
    Reply call(const std::string& method, const std::string& target, const std::string& body = "",
               Headers headers = {{"host", "127.0.0.1:16732"}});
    Reply get(const std::string& target) { return call("GET", target); }
    Reply post(const std::string& target, const std::string& body) { return call("POST", target, body); }
    /// {"uuid": …, "request": …} to version 2.
    Reply ask(const std::string& uuid, const std::string& request);
    /// Polls, as programs do, until no task is under way; the results.
    nlohmann::json results(const std::string& uuid);
    /// ask() and results().
    nlohmann::json done(const std::string& uuid, const std::string& request);
    /// As a program sees it now.
    std::string status_of(const std::string& uuid);

    void run(std::chrono::seconds time);
    bool run_until(const std::function<bool()>& what)
    {
        return shop.run_until(what, std::chrono::seconds(60));
    }
    /// How this API's server tells what no handler sees.
    [[nodiscard]] http::Response refusal(const http::Fault& fault) const
    {
        return api_->router().refusal(fault);
    }
    /// The agent dies and comes back.
    void restart();
    /// Documents in the FN.
    [[nodiscard]] std::uint32_t documents() { return shop.device.kkt().fn().last_fd(); }
    [[nodiscard]] std::string serial();
    /// With a user's name from now on.
    void set_user(std::string user, std::string password);
    /// Pages of these may call from now on.
    void set_origins(std::vector<std::string> origins);

    Shop shop;

private:
    void serve();

    std::string user_;
    std::string password_;
    std::vector<std::string> origins_;
    std::unique_ptr<agent::awr::AtolWebApi> api_;
};

/// The sale that ATOL's own description begins with, for one cup of coffee.
std::string coffee();

} // namespace kb::test

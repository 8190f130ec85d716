// A shop whose software speaks KkmServer: an emulated register, an agent in stepped time, and its answers as
// they leave for the network.
#pragma once

#include "agent/api/kkmserver/kkmserver_api.hpp"
#include "tests/exactly_once/shop.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kb::test {

using Json = nlohmann::json;

class KkmShop {
public:
    struct Options {
        std::string make = "shtrih v1"; ///< as makes() calls it; registered for FFD 1.2
        std::string user{};
        std::string password{};
        std::vector<std::string> origins{};
    };
    explicit KkmShop(Options options);
    KkmShop() : KkmShop(Options{}) {}

    /// What a server passes on: guard, route, the answer finished. Steps until there is one.
    kb::http::Response ask(kb::http::Request request);
    /// POST of this body to `path` with the headers of an ordinary client.
    kb::http::Response post(const std::string& body, const std::string& path = "/Execute");
    /// The answer to a command; it has to be JSON with status 200.
    Json send(const Json& command, const std::string& path = "/Execute");
    /// Not waited for: the answer comes while others are sent, or the agent dies before.
    struct Pending {
        std::optional<kb::http::Response> response;
        [[nodiscard]] Json json() const { return Json::parse(response->body); }
    };
    std::shared_ptr<Pending> begin(const Json& command);

    /// The agent dies and comes back, with its interface.
    void restart();
    /// Until the agent serves its register.
    void wait_for_register();
    /// So much virtual time.
    void pass(std::chrono::seconds time);

    /// Documents that the FN has now.
    [[nodiscard]] std::uint32_t documents() { return shop.device.kkt().fn().last_fd(); }
    [[nodiscard]] std::size_t jobs();
    emulator::VirtualKkt& kkt() { return shop.device.kkt(); }

    Shop shop;

private:
    void serve();
    void dispatch(const kb::http::Request& request, const std::shared_ptr<Pending>& pending);

    Options options_;
    std::unique_ptr<agent::KkmServerApi> api_;
};

/// A receipt of one position as an ordinary client sends it.
Json small_check(const std::string& id);
/// What is on the strip of paper as one text.
std::string paper(KkmShop& shop);

} // namespace kb::test

// The native API of a shop's agent behind a real socket, in the shop's one thread: nothing happens but by its
// steps.
#pragma once

#include "agent/api/http_server.hpp"
#include "agent/api/native_api.hpp"
#include "tests/exactly_once/shop.hpp"
#include "tests/unit/agent/http_support.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace kb::test {

class NativeServer {
public:
    static constexpr const char* kToken = "0123456789abcdef0123456789abcdef";
    static constexpr const char* kOrigin = "https://pos.example";
    using Client = agent::test::Client;
    using Reply = agent::test::Reply;

    /// Served as the agent does; the shop's agent outlives it. Its clients may be slow for so long.
    explicit NativeServer(Shop& shop, std::chrono::milliseconds read_within = std::chrono::seconds(10))
        : shop_(shop),
          api_({shop.agent->io().get_executor(),
                shop.agent->desk(),
                shop.agent->journal(),
                kToken,
                {kOrigin}}),
          server_(shop.agent->io(), api_.router(), options(read_within)),
          port_(server_.start().value())
    {}
    NativeServer(const NativeServer&) = delete;
    NativeServer& operator=(const NativeServer&) = delete;

    std::unique_ptr<Client> client() const { return std::make_unique<Client>(port_); }
    /// Steps the shop until the server has answered.
    Reply reply(Client& client)
    {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!client.has_heard()) {
            if (std::chrono::steady_clock::now() > give_up) {
                throw std::runtime_error("the server does not answer");
            }
            shop_.step();
        }
        return client.reply();
    }
    /// On a connection of its own.
    Reply say(const std::string& bytes)
    {
        const auto one = client();
        one->send(bytes);
        return reply(*one);
    }

    /// A whole request with the headers that are wanted of everybody; empty ones are left out.
    struct Headers {
        std::string host = "127.0.0.1";
        std::string token = kToken;
        std::string key;
        std::string more; ///< whole lines
    };
    static std::string request(const std::string& method, const std::string& target, const std::string& body,
                               const Headers& headers)
    {
        std::string text = method + " " + target + " HTTP/1.1\r\n";
        text += headers.host.empty() ? "" : "Host: " + headers.host + "\r\n";
        text += headers.token.empty() ? "" : "Authorization: Bearer " + headers.token + "\r\n";
        text += headers.key.empty() ? "" : "Idempotency-Key: " + headers.key + "\r\n";
        return text + headers.more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    static std::string post(const std::string& body, const std::string& key)
    {
        Headers headers;
        headers.key = key;
        return request("POST", "/api/v1/devices/default/jobs?wait=60", body, headers);
    }
    static std::string get(const std::string& target) { return request("GET", target, "", Headers{}); }

private:
    agent::HttpServerOptions options(std::chrono::milliseconds read_within) const
    {
        agent::HttpServerOptions wanted;
        wanted.name = "native API";
        wanted.read_within = read_within;
        wanted.answer_within = std::chrono::seconds(75);
        wanted.guard = api_.guard();
        wanted.finish = api_.finish();
        return wanted;
    }

    Shop& shop_;
    agent::NativeApi api_;
    agent::HttpServer server_;
    std::uint16_t port_ = 0;
};

} // namespace kb::test

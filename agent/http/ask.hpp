// The HTTP client for coroutines.
#pragma once

#include "agent/http/client.hpp"
#include "drivers/asio.hpp"

namespace kb::agent::http {

/// Sends the request and resumes the caller, on the caller's own executor, with the answer.
inline asio::awaitable<Reply> ask(Client& client, Request request)
{
    auto start = [&client, request = std::move(request)](auto handler) mutable {
        // A handler can only be moved, std::function only copied: hence the shared one.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        client.send(std::move(request), [shared](Reply reply) {
            auto executor = asio::get_associated_executor(*shared);
            asio::post(executor,
                       [shared, reply = std::move(reply)]() mutable { (*shared)(std::move(reply)); });
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Reply)>(std::move(start),
                                                                                        asio::use_awaitable);
}

} // namespace kb::agent::http

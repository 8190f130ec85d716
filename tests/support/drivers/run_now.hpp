// Runs one coroutine to its end on an io_context, for tests.
#pragma once

#include "drivers/asio.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace kb::test {

/// The result of the task; throws what the task throws, or when the io_context runs out of work before it
/// ends.
template <class T>
Result<T> run_now(asio::io_context& io, Task<T> task)
{
    std::optional<Result<T>> result;
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, Result<T> value) {
        thrown = std::move(error);
        result.emplace(std::move(value));
    });
    io.restart();
    while (!result && io.run_one() > 0) {
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    if (!result) {
        throw std::runtime_error("the task waits for something that never comes");
    }
    return *std::move(result);
}

/// Runs `action` once the task given to run_now() has come to wait for its line: after `hops` rounds of the
/// io_context, many more than starting it and a write that completes at once take.
template <class F>
void while_waiting(asio::io_context& io, F action, int hops = 50)
{
    asio::post(io, [&io, action = std::move(action), hops]() mutable {
        if (hops == 0) {
            action();
        } else {
            while_waiting(io, std::move(action), hops - 1);
        }
    });
}

} // namespace kb::test

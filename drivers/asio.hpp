// The only way to include Asio in this house: Boost 1.74's awaitable.hpp forgets <utility>.
#pragma once

#include "drivers/steady.hpp"
#include "protocol/core/result.hpp"

#include <boost/asio.hpp>

#include <utility>

namespace kb {

namespace asio = boost::asio;

/// A coroutine that ends in a value or a reason. g++ 12.2 destroys braced and lambda temporaries inside a
/// co_await expression twice: name them first.
template <class T>
using Task = asio::awaitable<Result<T>>;

} // namespace kb

// The only way to include Asio in this room: Boost 1.74's awaitable.hpp forgets the <utility> it needs.
#pragma once

#include "protocol/core/result.hpp"

#include <boost/asio.hpp>

#include <utility>

namespace kb {

namespace asio = boost::asio;

} // namespace kb

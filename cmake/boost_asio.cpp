// Asio's own non-template code, compiled once instead of in every file that includes it.
// clang-format off: Boost 1.74's awaitable.hpp forgets <utility>, which therefore must come first.
#include <utility>
// clang-format on

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>

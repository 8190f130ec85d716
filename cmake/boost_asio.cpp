// Asio's own non-template code, compiled once instead of in every file that includes it.
#include <utility>

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>

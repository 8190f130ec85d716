// An answer as it goes over the wire.
#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace kb::http {

enum class BodyForm {
    whole,       ///< its length is told in the head
    none,        ///< HEAD: the length is told, the body stays away
    chunks,      ///< chunk_of() each piece, at last an empty one
    until_close, ///< HTTP/1.0 knows no chunks
};

/// Whether an answer of that status has a body at all.
bool may_have_body(int status);

/// Status line and headers with the empty line behind them. The server's own headers (length, form and fate
/// of the connection) are added here; a response must not bring them along.
std::string head_of(const Response& response, BodyForm form, bool keep_alive);

/// An empty piece ends the body.
std::string chunk_of(std::string_view piece);

} // namespace kb::http

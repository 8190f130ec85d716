// Every failure of a request as RFC 7807 problem+json: what, where, and what helps.
#pragma once

#include "cabinet/http/message.hpp"
#include "protocol/core/result.hpp"

#include <string>

namespace kb::cabinet::http {

struct ProblemText {
    std::string field; ///< empty: not about one field
    std::string cure;  ///< empty: none known
};

Response problem(int status, Errc code, std::string detail, ProblemText more = {});
/// The status follows the code; "field: reason" contexts are taken apart.
Response problem(const Error& error, std::string cure = {});
/// A wrong query parameter or path part.
Response bad_parameter(std::string name, std::string reason, std::string cure = {});

} // namespace kb::cabinet::http

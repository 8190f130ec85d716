// What a request fails of: as a plain value, for whoever has a form of his own for it, and as RFC 7807
// problem+json with what, where and what helps.
#pragma once

#include "http/message.hpp"
#include "protocol/core/result.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kb::http {

/// A failure in no form yet. What no handler sees (bytes that are no request, a path that is none) is told
/// so, and each API has it written in its own way.
struct Fault {
    int status = 400;
    Errc code = Errc::bad_value;
    std::string detail = {};
    std::string field = {}; ///< empty: not about one field
    std::string cure = {};  ///< empty: none known
};
using FaultWriter = std::function<Response(const Fault&)>;

struct ProblemText {
    std::string field = {}; ///< empty: not about one field
    std::string cure = {};  ///< empty: none known
    /// Members beyond those of every problem: a name and its value as ready JSON.
    std::vector<std::pair<std::string, std::string>> members = {};
};

Response problem(int status, Errc code, std::string detail, ProblemText more = {});
Response problem(const Fault& fault);
/// The status follows the code; "field: reason" contexts are taken apart.
Response problem(const Error& error, std::string cure = {});
/// A wrong query parameter or path part.
Response bad_parameter(std::string name, std::string reason, std::string cure = {});

} // namespace kb::http

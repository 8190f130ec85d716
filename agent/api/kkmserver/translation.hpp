// A KkmServer command as a request of the house. Source: docs/sources.md#kkmserver, sections 3 and 4.
#pragma once

#include "agent/api/kkmserver/fields.hpp"
#include "agent/api/kkmserver/names.hpp"
#include "protocol/fiscal/request.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace kb::agent::kkmserver {

/// What the form of a request depends on.
struct RegisterFacts {
    fiscal::FfdVersion ffd = fiscal::FfdVersion::v1_05;
    std::size_t line_characters = 42;
    bool electronic_only = true;
    std::chrono::seconds zone{0}; ///< of the point of sale: how far its clocks are ahead of UTC
};

struct Translated {
    fiscal::Request request;
    std::vector<std::string> warnings; ///< what of the command was left out, for people
};
using Translation = tl::expected<Translated, Fault>;

/// Of the commands that make the register do something; for get_data_check, the copy on paper. `body` is an
/// object. What is allowed on a receipt is for check_request() to say.
Translation translate(Command command, const nlohmann::json& body, const RegisterFacts& facts);

/// Whether two requests are of the same business: the same document of the same goods for the same money.
/// Lines on paper and the register's format make no difference, so that a client that asks again is
/// understood whatever has become of the register since.
bool same_business(const fiscal::Request& a, const fiscal::Request& b);

} // namespace kb::agent::kkmserver

// A request as the native API takes it and the journal keeps it. The form is described for integrators in
// docs/local-api.md, section "Request".
#pragma once

#include "protocol/fiscal/request.hpp"

#include <string>
#include <string_view>

namespace kb::fiscal {

/// Reads and fills in. Money and quantities as numbers or as decimal texts ("12.50"). Members nobody knows
/// are an error, since a misspelt one would silently change a receipt; whether values make sense is
/// check_request()'s matter. Errc::bad_json, bad_value, overflow, too_many or not_representable; the context
/// begins with the path and ends with the cure: "items[2].price: more than 2 decimals; round it yourself".
Result<Request> request_from_json(std::string_view json);
/// The one canonical form of a request that was filled in, one line: equal requests give equal texts,
/// whatever their members' order and spelling was.
std::string request_to_json(const Request& request);

} // namespace kb::fiscal

// A request as the native API takes it and the journal keeps it. The form is described for integrators in
// docs/local-api.yaml.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <string>
#include <string_view>

namespace kb::fiscal {

/// Reads and fills in. Money and quantities as numbers or as decimal texts ("12.50"). Members nobody knows
/// are an error, since a misspelt one would silently change a receipt. Errc::bad_json, bad_value, overflow or
/// not_representable naming the path ("items[2].price: negative").
Result<Request> request_from_json(std::string_view json);
/// The one canonical form: equal requests give equal texts, whatever their members' order and spelling was.
std::string request_to_json(const Request& request);

} // namespace kb::fiscal

// A private certificate authority and a server certificate, for a cabinet nobody has bought one for.
#pragma once

#include "protocol/core/result.hpp"

#include <string>
#include <vector>

namespace kb::cabinet {

/// Writes ca.pem, ca.key, server.pem, server.key (keys 0600) into `folder`; names may be host names and IP
/// addresses. Files that are there stay as they are. Errc::storage_failed.
Result<void> make_certificates(const std::string& folder, const std::vector<std::string>& names);

} // namespace kb::cabinet

// On Windows a file in the service's data folder inherits who may read it. Not part of the Linux build.
#include "agent/service/ownership.hpp"

namespace kb::agent::service {

void give_to_owner_of(const std::filesystem::path& /*folder*/, const std::filesystem::path& /*file*/) {}

} // namespace kb::agent::service

// A recorded Shtrih-M register: a line that answers a driver's commands as the recording did.
#pragma once

#include "drivers/transport/transport.hpp"
#include "protocol/core/exchange_file.hpp"

#include <memory>

namespace kb::shtrih {

/// The driver may ask in another order than was recorded: each command gets the next answer recorded for the
/// very same command after the last one that was used, or the first there is. A command that was never
/// recorded gets silence, at once: no time passes on this line.
std::unique_ptr<Transport> replay(const ExchangeFile& file);

} // namespace kb::shtrih

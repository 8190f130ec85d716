// A recorded Shtrih-M register.
#pragma once

#include "drivers/transport/replay.hpp"
#include "protocol/core/exchange_file.hpp"

namespace kb::shtrih {

/// A line on which the recorded register answers, in the framing of the recording.
std::unique_ptr<Transport> replay(const ExchangeFile& file);

} // namespace kb::shtrih

// A recorded ATOL register.
#pragma once

#include "drivers/transport/replay.hpp"
#include "protocol/core/exchange_file.hpp"

namespace kb::atol {

/// A line on which the recorded register answers, in the transport of the recording.
std::unique_ptr<Transport> replay(const ExchangeFile& file);

} // namespace kb::atol

// Recordings of a Shtrih-M line: taken apart into frames, told by name, and freed of personal data.
#pragma once

#include "protocol/core/traffic.hpp"

#include <vector>

namespace kb::shtrih {

/// Which framing a recording speaks: the one in which more whole frames are found.
enum class RecordedFraming { v1, v2 };
RecordedFraming recorded_framing(const ExchangeFile& file);

/// All bytes of a recording as controls, frames and noise.
std::vector<TrafficItem> read_traffic(const ExchangeFile& file);
std::vector<TrafficCommand> commands_of(const ExchangeFile& file);

/// The same conversation without people, marking codes and passwords: values are replaced in documents,
/// records, tables and statuses, check sums are made right again, and the passwords become 30. Whatever
/// cannot be understood (noise, unknown commands, a document whose beginning was not recorded) becomes zeros;
/// a damaged frame stays a damaged one. The head and the comments are kept.
ExchangeFile mask_traffic(const ExchangeFile& file);

} // namespace kb::shtrih

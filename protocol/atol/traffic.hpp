// Recordings of an ATOL line: taken apart into frames, told by name, and freed of personal data.
#pragma once

#include "protocol/core/traffic.hpp"

#include <vector>

namespace kb::atol {

/// Which transport a recording speaks: the one in which more whole frames are found.
enum class RecordedTransport { v2, v3 };
RecordedTransport recorded_transport(const ExchangeFile& file);

/// All bytes of a recording as controls, frames and noise.
std::vector<TrafficItem> read_traffic(const ExchangeFile& file);
std::vector<TrafficCommand> commands_of(const ExchangeFile& file);

/// Where a request or an answer stands: in which item, from which byte of its body on.
struct TrafficPlace {
    std::size_t item = 0;
    std::size_t at = 0;
};
/// One command: its request, each time it was sent, and its answer, each time it came. An answer does not say
/// to what it is one. On v3 the packet's and the task's number do. On v2 only the order does: once a request
/// went without an answer, nobody can tell whose the next ones are, until one comes that can only belong to
/// its request (3Fh); until then nothing is taken for an answer.
struct TrafficTalk {
    std::vector<TrafficPlace> requests;
    std::vector<TrafficPlace> answers; ///< all the same bytes
};
std::vector<TrafficTalk> talks_of(const std::vector<TrafficItem>& items, RecordedTransport transport);
/// The bytes of that place.
BytesView at_place(const std::vector<TrafficItem>& items, TrafficPlace place);

/// The same conversation without people, marking codes and passwords: values are replaced in documents,
/// records, registers and tables, check sums are made right again, the passwords become 0000 and 30. Whatever
/// cannot be understood becomes zeros; a damaged frame stays a damaged one. The head and the comments are
/// kept.
ExchangeFile mask_traffic(const ExchangeFile& file);

} // namespace kb::atol

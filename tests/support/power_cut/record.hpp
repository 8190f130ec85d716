// The log between the recorder (inside the watched program) and the rebuilder (inside the test).
#pragma once

#include <cstdint>

namespace kb::test::power_cut {

enum class Action : std::uint8_t {
    created,   ///< opened with O_CREAT
    written,   ///< data at offset
    truncated, ///< to offset
    synced,    ///< everything of the file before this is on the disk
    removed,
    renamed, ///< data: the new name
};

/// In front of `name_length` bytes of the file's name (without its folder) and `data_length` bytes of data.
struct RecordHead {
    std::uint64_t offset;
    std::uint32_t data_length;
    std::uint16_t name_length;
    Action action;
    std::uint8_t unused;
};
static_assert(sizeof(RecordHead) == 16);

} // namespace kb::test::power_cut

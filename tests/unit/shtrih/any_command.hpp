// Every command struct with its type forgotten, so that a test of all of them is compiled once, not once
// each.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"

#include <cstdint>
#include <vector>

namespace kb::test {

struct AnyCommand {
    std::uint16_t code;
    /// Read and made again; the error of whichever failed.
    Result<Bytes> (*request_again)(BytesView request);
    Result<Bytes> (*answer_again)(BytesView answer);
    Result<Bytes> (*default_request)();
    Result<Bytes> (*default_answer)();
    /// Whether the request is read as the struct with its default values.
    bool (*reads_default)(BytesView request);
};

const std::vector<AnyCommand>& all_command_types();
/// nullptr when no struct has that code.
const AnyCommand* find_command(std::uint16_t code);

} // namespace kb::test

// The documents of docs/sources.md#ffd, section 9, from tests/fixtures/tlv: "# key: value" lines, hex, "---",
// JSON.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <vector>

namespace kb::test {

struct TlvFixture {
    std::string name;
    Bytes bytes;
    std::string json;
};

TlvFixture load_tlv(const std::string& name);
/// e1 .. e25
std::vector<TlvFixture> all_tlv_fixtures();
/// Those whose code is one of the eleven documents kept in the archive: e1 .. e21.
std::vector<TlvFixture> archive_fixtures();

} // namespace kb::test

// Fixtures: files under tests/fixtures, each with its origin in its head.
#pragma once

#include "protocol/core/exchange_file.hpp"

#include <string>
#include <vector>

namespace kb::test {

/// Full path of a file under tests/fixtures.
std::string fixture_path(const std::string& name);
/// The whole file; throws std::runtime_error when it is not there.
std::string read_fixture(const std::string& name);
/// from_hex that throws: for literals in tests.
Bytes hex(const std::string& text);

using kb::ExchangeLine;
/// Reads an .exchange fixture; "# key: value" lines at the top are skipped. Throws on any malformed line.
std::vector<ExchangeLine> load_exchange(const std::string& name);

/// A copy of the bytes in a heap block of exactly their size, so that a sanitizer sees any read past them.
class ExactBytes {
public:
    explicit ExactBytes(BytesView bytes);
    ~ExactBytes();
    ExactBytes(const ExactBytes&) = delete;
    ExactBytes& operator=(const ExactBytes&) = delete;
    [[nodiscard]] BytesView view() const { return {data_, size_}; }

private:
    std::uint8_t* data_;
    std::size_t size_;
};

} // namespace kb::test

#include "tests/support/fixtures.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kb::test {

std::string fixture_path(const std::string& name) { return std::string(KB_FIXTURES) + "/" + name; }

std::string read_fixture(const std::string& name)
{
    std::ifstream file(fixture_path(name), std::ios::binary);
    if (!file)
        throw std::runtime_error("no fixture " + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Bytes hex(const std::string& text)
{
    auto bytes = from_hex(text);
    if (!bytes)
        throw std::runtime_error(bytes.error().message());
    return *std::move(bytes);
}

std::vector<ExchangeLine> load_exchange(const std::string& name)
{
    auto file = parse_exchange(read_fixture(name));
    if (!file)
        throw std::runtime_error(name + ": " + file.error().context);
    return std::move(file->lines);
}

ExactBytes::ExactBytes(BytesView bytes) : data_(new std::uint8_t[bytes.size()]), size_(bytes.size())
{
    std::copy(bytes.begin(), bytes.end(), data_);
}

ExactBytes::~ExactBytes() { delete[] data_; }

} // namespace kb::test

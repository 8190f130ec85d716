#include "tlv_fixture.hpp"

#include "tests/support/fixtures.hpp"

#include <sstream>
#include <stdexcept>

namespace kb::test {

TlvFixture load_tlv(const std::string& name)
{
    TlvFixture fixture{name, {}, {}};
    std::istringstream file(read_fixture("tlv/" + name + ".tlv"));
    std::string digits;
    bool has_origin = false;
    bool in_json = false;
    for (std::string line; std::getline(file, line);) {
        if (in_json)
            fixture.json += line;
        else if (line == "---")
            in_json = true;
        else if (line.starts_with('#'))
            has_origin = has_origin || line.starts_with("# origin: ");
        else
            digits += line;
    }
    if (!has_origin)
        throw std::runtime_error(name + ": a fixture without origin");
    fixture.bytes = hex(digits);
    return fixture;
}

namespace {

std::vector<TlvFixture> first_fixtures(int count)
{
    std::vector<TlvFixture> fixtures;
    for (int i = 1; i <= count; ++i)
        fixtures.push_back(load_tlv("e" + std::to_string(i)));
    return fixtures;
}

} // namespace

std::vector<TlvFixture> all_tlv_fixtures() { return first_fixtures(25); }
std::vector<TlvFixture> archive_fixtures() { return first_fixtures(21); }

} // namespace kb::test

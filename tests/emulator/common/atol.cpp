// ATOL registers. Their emulator is not there yet: until then no way leads to one.
#include "tests/emulator/common/emulated_register.hpp"

namespace kb::test {

std::vector<Way> atol_ways();

std::vector<Way> atol_ways() { return {}; }

} // namespace kb::test

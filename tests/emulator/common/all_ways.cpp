// Every vendor's ways, in one list.
#include "tests/emulator/common/emulated_register.hpp"

namespace kb::test {

#define KB_VENDOR(name) std::vector<Way> name##_ways();
#include "drivers/vendors.def"
#undef KB_VENDOR

const std::vector<Way>& all_ways()
{
    static const std::vector<Way> ways = [] {
        std::vector<Way> all;
        for (const std::vector<Way>& more : {
#define KB_VENDOR(name) name##_ways(),
#include "drivers/vendors.def"
#undef KB_VENDOR
             }) {
            all.insert(all.end(), more.begin(), more.end());
        }
        return all;
    }();
    return ways;
}

} // namespace kb::test

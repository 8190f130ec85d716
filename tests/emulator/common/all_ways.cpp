// Every vendor's ways, in one list.
#include "tests/emulator/common/emulated_register.hpp"

#include <algorithm>

namespace kb::test {

#define KB_VENDOR(name) std::vector<Way> name##_ways();
#include "drivers/vendors.def"
#undef KB_VENDOR

std::vector<std::vector<Way>> each_vendors_ways()
{
    return {
#define KB_VENDOR(name) name##_ways(),
#include "drivers/vendors.def"
#undef KB_VENDOR
    };
}

const std::vector<Way>& all_ways()
{
    static const std::vector<Way> ways = [] {
        std::vector<Way> all;
        for (const std::vector<Way>& more : each_vendors_ways()) {
            std::copy(more.begin(), more.end(), std::back_inserter(all));
        }
        return all;
    }();
    return ways;
}

} // namespace kb::test

// Every vendor's ways, in one list.
#include "tests/emulator/common/emulated_register.hpp"

#include <algorithm>
#include <cstdlib>

namespace kb::test {

#define KB_VENDOR(name) std::vector<Way> name##_ways();
#include "drivers/vendors.def"
#undef KB_VENDOR

const std::vector<Way>& all_ways()
{
    static const std::vector<Way> ways = [] {
        std::vector<Way> all;
        const auto add = [&all](std::vector<Way> more) {
            std::move(more.begin(), more.end(), std::back_inserter(all));
        };
#define KB_VENDOR(name) add(name##_ways());
#include "drivers/vendors.def"
#undef KB_VENDOR
        if (std::getenv("KB_ALL_WAYS") == nullptr) {
            std::erase_if(all, [](const Way& way) { return !way.proven; });
        }
        return all;
    }();
    return ways;
}

} // namespace kb::test

// Windows tells a service of hot-plug only through its control handler; the list is asked for instead.
#include "drivers/transport/hotplug.hpp"

namespace kb::detail {

std::unique_ptr<HotplugSource> hear_hotplug(const asio::any_io_executor& /*executor*/,
                                            std::function<void()> /*event*/)
{
    return nullptr;
}

} // namespace kb::detail

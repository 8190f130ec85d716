// The journal's setting behind device_memory.hpp.
#include "agent/device_memory.hpp"

#include "agent/log.hpp"

namespace kb::agent {

asio::awaitable<bool> DeviceMemory::load()
{
    if (loaded_) {
        co_return false;
    }
    auto work = [](storage::Journal& journal) { return journal.settings().get(kKnownDevicesSetting); };
    const auto setting = co_await in_journal(journal_, std::move(work));
    if (loaded_ || !setting) {
        co_return false; // another device was quicker, or the journal is busy
    }
    loaded_ = true;
    stored_ = setting->value_or("");
    stored_in_ = journals_replaced();
    for (auto& [section, device] : decode_known_devices(stored_)) {
        KnownDevice& known = devices_[section];
        if (!known.met()) {
            known = device;
        }
    }
    co_return true;
}

const KnownDevice& DeviceMemory::of(const std::string& section) const
{
    static const KnownDevice kUnmet;
    const auto found = devices_.find(section);
    return found == devices_.end() ? kUnmet : found->second;
}

void DeviceMemory::store()
{
    KnownDevices met = devices_;
    std::erase_if(met, [](const auto& row) { return !row.second.met(); });
    std::string text = encode(met);
    if (!loaded_ || (text == stored_ && stored_in_ == journals_replaced())) {
        return;
    }
    stored_ = text;
    stored_in_ = journals_replaced();
    journal_.submit(
        [text](storage::Journal& journal) { return journal.settings().set(kKnownDevicesSetting, text); },
        [](const Result<void>& stored) {
            if (!stored) {
                log::error("journal: the known registers were not stored",
                           {{"error", stored.error().message()}});
            }
        });
}

} // namespace kb::agent

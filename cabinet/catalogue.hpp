// The small book of models: which firmware is good, which is current, and what an old one or a missing SD
// card costs.
#pragma once

#include "protocol/fiscal/device_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kb::cabinet {

struct FirmwareVerdict {
    std::string verdict; ///< "current", "too_old", "unknown"
    std::optional<std::chrono::year_month_day> known_current;
    std::string cost; ///< in Russian; empty when current
};
struct CardVerdict {
    std::string verdict; ///< "present", "missing", "failing", "unknown"
    std::string cost;
};

class Catalogue {
public:
    /// Errc::bad_config naming the file, the entry and the key.
    static Result<Catalogue> load(const std::string& file);

    [[nodiscard]] FirmwareVerdict firmware(const fiscal::DeviceInfo& info) const;
    [[nodiscard]] CardVerdict card(const fiscal::DeviceInfo& info,
                                   const std::optional<fiscal::SdCard>& card) const;

private:
    struct Entry {
        std::string family; ///< empty: any
        std::vector<std::string>
            models; ///< parts of the model's name, without case; empty: any of the family
        std::optional<std::chrono::year_month_day> oldest_good;
        std::optional<std::chrono::year_month_day> current;
        std::uint32_t oldest_good_build = 0; ///< 0: builds are not compared
        std::string old_firmware_cost;
        std::string missing_card_cost;
        std::string failing_card_cost;
    };
    [[nodiscard]] const Entry* find(const fiscal::DeviceInfo& info) const;

    std::vector<Entry> entries_; ///< the first that fits counts
};

} // namespace kb::cabinet

// The small book of models: which firmware is good, which is current, what an old one or a missing SD card
// costs, and how sure any of it is.
#pragma once

#include "config/problem.hpp"

#include "protocol/core/result.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::cabinet {

/// Where a row's figures come from.
enum class Confidence {
    none,        ///< the row has no figures
    seen,        ///< on a register of this model, or in its maker's document
    vendor_code, ///< the maker's driver goes by it
    guess,       ///< from a model that is like it
};
std::string_view to_string(Confidence confidence);

struct FirmwareVerdict {
    std::string verdict = "unknown"; ///< "current", "too_old", "unknown"
    std::optional<std::chrono::year_month_day> known_current;
    std::string cost;                         ///< in Russian; of what is too old
    std::string advice;                       ///< in Russian; what to do about what is unknown
    Confidence confidence = Confidence::none; ///< of a verdict that is not unknown, and of known_current
    std::string source;                       ///< in Russian
};
struct CardVerdict {
    std::string verdict; ///< "present", "missing", "failing", "unknown"
    std::string cost;
};

/// One row of the book.
struct CatalogueEntry {
    std::string family;              ///< empty: any
    std::vector<std::string> models; ///< parts of the model's name, without case; empty: any of the family
    std::optional<std::chrono::year_month_day> oldest_good;
    std::optional<std::chrono::year_month_day> current;
    std::uint32_t oldest_good_build = 0; ///< 0: builds are not compared
    Confidence confidence = Confidence::none;
    std::string source;
    std::string advice;
    std::string old_firmware_cost;
    std::string missing_card_cost;
    std::string failing_card_cost;
};

struct CatalogueResult;

class Catalogue {
public:
    /// A book, or all its problems.
    static CatalogueResult read(const std::string& file, Language language);
    /// Errc::bad_config with the first of them.
    static Result<Catalogue> load(const std::string& file);

    [[nodiscard]] FirmwareVerdict firmware(const fiscal::DeviceInfo& info) const;
    [[nodiscard]] CardVerdict card(const fiscal::DeviceInfo& info,
                                   const std::optional<fiscal::SdCard>& card) const;

private:
    [[nodiscard]] const CatalogueEntry* find(const fiscal::DeviceInfo& info) const;

    std::vector<CatalogueEntry> entries_; ///< the first that fits counts
};

struct CatalogueResult {
    Catalogue catalogue;
    std::vector<ConfigProblem> problems;
};

} // namespace kb::cabinet

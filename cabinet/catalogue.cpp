#include "cabinet/catalogue.hpp"

#include "cabinet/store/documents.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace kb::cabinet {

namespace {

using std::chrono::year_month_day;

/// Reads the members of one [[model]]; the first fault is kept.
class EntryReader {
public:
    EntryReader(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

    std::string text(const std::string& key)
    {
        known_.push_back(key);
        const auto* node = table_.get(key);
        if (node == nullptr)
            return {};
        if (const auto value = node->value<std::string>(); value && node->is_string())
            return *value;
        complain(key, "not a text");
        return {};
    }
    std::optional<year_month_day> date(const std::string& key)
    {
        known_.push_back(key);
        const auto* node = table_.get(key);
        if (node == nullptr)
            return std::nullopt;
        if (const auto value = node->value<toml::date>()) {
            const year_month_day day{std::chrono::year{value->year}, std::chrono::month{value->month},
                                     std::chrono::day{value->day}};
            if (day.ok())
                return day;
        }
        complain(key, "not a date like 2024-03-01 (without quotes)");
        return std::nullopt;
    }
    std::uint32_t number(const std::string& key)
    {
        known_.push_back(key);
        const auto* node = table_.get(key);
        if (node == nullptr)
            return 0;
        const auto value = node->value<std::int64_t>();
        if (value && node->is_integer() && *value >= 0 && *value <= UINT32_MAX)
            return static_cast<std::uint32_t>(*value);
        complain(key, "not a whole number");
        return 0;
    }
    std::vector<std::string> texts(const std::string& key)
    {
        known_.push_back(key);
        std::vector<std::string> all;
        const auto* node = table_.get(key);
        if (node == nullptr)
            return all;
        const auto* array = node->as_array();
        if (array == nullptr || !array->is_homogeneous<std::string>()) {
            complain(key, "not a list of texts");
            return all;
        }
        for (const auto& each : *array)
            all.push_back(store::fold_case(each.value_or(std::string())));
        return all;
    }
    Result<void> done()
    {
        for (const auto& [key, node] : table_)
            if (std::find(known_.begin(), known_.end(), key.str()) == known_.end())
                complain(std::string(key.str()), "no such key");
        if (fault_)
            return tl::unexpected<Error>(*fault_);
        return {};
    }

private:
    void complain(const std::string& key, const std::string& why)
    {
        if (!fault_)
            fault_ = Error{Errc::bad_config, Outcome::not_done, where_ + "." + key + ": " + why, {}};
    }

    const toml::table& table_;
    std::string where_;
    std::vector<std::string> known_;
    std::optional<Error> fault_;
};

} // namespace

Result<Catalogue> Catalogue::load(const std::string& file)
{
    toml::table root;
    try {
        root = toml::parse_file(file);
    } catch (const toml::parse_error& error) {
        return fail(Errc::bad_config, file + ", line " + std::to_string(error.source().begin.line) + ": " +
                                          std::string(error.description()));
    }
    Catalogue catalogue;
    const auto* models = root.get_as<toml::array>("model");
    if (models == nullptr)
        return fail(Errc::bad_config, file + ": no [[model]] entry");
    for (std::size_t i = 0; i < models->size(); ++i) {
        const auto* table = models->get_as<toml::table>(i);
        const std::string where = file + ": model[" + std::to_string(i) + "]";
        if (table == nullptr)
            return fail(Errc::bad_config, where + ": not a table");
        EntryReader from(*table, where);
        Entry entry;
        entry.family = from.text("family");
        entry.models = from.texts("models");
        entry.oldest_good = from.date("oldest_good_firmware");
        entry.current = from.date("current_firmware");
        entry.oldest_good_build = from.number("oldest_good_build");
        entry.old_firmware_cost = from.text("old_firmware_cost");
        entry.missing_card_cost = from.text("missing_card_cost");
        entry.failing_card_cost = from.text("failing_card_cost");
        if (auto done = from.done(); !done)
            return pass(done);
        catalogue.entries_.push_back(std::move(entry));
    }
    Result<Catalogue> result(std::move(catalogue));
    return result;
}

const Catalogue::Entry* Catalogue::find(const fiscal::DeviceInfo& info) const
{
    const std::string model = store::fold_case(info.model);
    for (const Entry& entry : entries_) {
        const bool family_fits = entry.family.empty() || entry.family == info.family;
        const bool model_fits =
            entry.models.empty() ||
            std::any_of(entry.models.begin(), entry.models.end(),
                        [&](const std::string& part) { return model.find(part) != std::string::npos; });
        if (family_fits && model_fits)
            return &entry;
    }
    return nullptr;
}

FirmwareVerdict Catalogue::firmware(const fiscal::DeviceInfo& info) const
{
    const Entry* entry = find(info);
    if (entry == nullptr || !entry->oldest_good)
        return {"unknown", {}, {}};
    if (!info.firmware_date)
        return {"unknown", entry->current, {}};
    using std::chrono::sys_days;
    const bool old_date = sys_days(*info.firmware_date) < sys_days(*entry->oldest_good);
    const bool old_build = entry->oldest_good_build != 0 && info.firmware_build != 0 &&
                           *info.firmware_date == *entry->oldest_good &&
                           info.firmware_build < entry->oldest_good_build;
    if (old_date || old_build)
        return {"too_old", entry->current, entry->old_firmware_cost};
    return {"current", entry->current, {}};
}

CardVerdict Catalogue::card(const fiscal::DeviceInfo& info, const std::optional<fiscal::SdCard>& card) const
{
    using State = fiscal::SdCard::State;
    const Entry* entry = find(info);
    const State state = card ? card->state : State::unknown;
    switch (state) {
    case State::present:
        return {"present", {}};
    case State::missing:
        return {"missing", entry == nullptr ? std::string() : entry->missing_card_cost};
    case State::failing:
        return {"failing", entry == nullptr ? std::string() : entry->failing_card_cost};
    case State::unknown:
        break;
    }
    return {"unknown", {}};
}

} // namespace kb::cabinet

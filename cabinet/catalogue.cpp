#include "cabinet/catalogue.hpp"

#include "config/config_reader.hpp"

#include "cabinet/store/documents.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace kb::cabinet {

namespace {

constexpr ConfigKey<CatalogueEntry> kKeys[] = {
    {"family", "\"shtrih\"", [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.family); }},
    {"models", "[\"нано\"]",
     [](ConfigValue value, CatalogueEntry& entry) {
         value.texts(entry.models);
         for (std::string& part : entry.models)
             part = store::fold_case(part);
     }},
    {"oldest_good_firmware", "2023-05-31",
     [](ConfigValue value, CatalogueEntry& entry) { value.date(entry.oldest_good); }},
    {"oldest_good_build", "43098",
     [](ConfigValue value, CatalogueEntry& entry) { value.number(entry.oldest_good_build, 1, UINT32_MAX); }},
    {"current_firmware", "2026-01-21",
     [](ConfigValue value, CatalogueEntry& entry) { value.date(entry.current); }},
    {"confidence", "\"vendor_code\"",
     [](ConfigValue value, CatalogueEntry& entry) {
         value.choice(entry.confidence, {{"seen", Confidence::seen},
                                         {"vendor_code", Confidence::vendor_code},
                                         {"guess", Confidence::guess}});
     }},
    {"source", "\"руководство производителя, раздел 2\"",
     [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.source); }},
    {"advice", "\"Спросите сервисный центр.\"",
     [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.advice); }},
    {"old_firmware_cost", "\"Нет ставки НДС 22 %.\"",
     [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.old_firmware_cost); }},
    {"missing_card_cost", "\"Касса не обновится сама.\"",
     [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.missing_card_cost); }},
    {"failing_card_cost", "\"Замените карту.\"",
     [](ConfigValue value, CatalogueEntry& entry) { value.text(entry.failing_card_cost); }},
};

/// A figure without its origin is a rumour.
void check_origin(ConfigReport& report, const toml::table& table, const std::string& path,
                  const CatalogueEntry& entry)
{
    if (!entry.oldest_good && !entry.current && entry.oldest_good_build == 0)
        return;
    for (const char* key : {"confidence", "source"})
        if (!table.contains(key))
            report.add(table.source().begin.line, path + "." + key,
                       report.say("не сказано, откуда сведения о прошивке",
                                  "where the figures on firmware come from is not told"),
                       report.say("Добавьте confidence (seen, vendor_code или guess) и source.",
                                  "Add confidence (seen, vendor_code or guess) and source."));
}

void read_models(ConfigReport& report, const toml::table& root, std::vector<CatalogueEntry>& entries)
{
    for (const auto& [key, node] : root)
        if (key.str() != "model")
            report.add(key.source().begin.line, std::string(key.str()),
                       report.say("такого ключа нет", "there is no such key"),
                       report.say("Здесь бывает только [[model]].", "Only [[model]] is known here."));
    const toml::array* models = root["model"].as_array();
    if (models == nullptr || models->empty() || !models->is_homogeneous(toml::node_type::table)) {
        report.add(0, "model", report.say("нет ни одного раздела [[model]]", "there is no section [[model]]"),
                   report.say("Возьмите книгу из поставки: share/kkt-bridge/catalogue.toml.",
                              "Take the book that came with the program: share/kkt-bridge/catalogue.toml."));
        return;
    }
    for (std::size_t i = 0; i < models->size(); ++i) {
        const toml::table& table = *models->get(i)->as_table();
        const std::string path = "model[" + std::to_string(i + 1) + "]";
        CatalogueEntry entry;
        read_section(report, table, path, kKeys, entry);
        check_origin(report, table, path, entry);
        entries.push_back(std::move(entry));
    }
}

} // namespace

std::string_view to_string(Confidence confidence)
{
    switch (confidence) {
    case Confidence::seen:
        return "seen";
    case Confidence::vendor_code:
        return "vendor_code";
    case Confidence::guess:
        return "guess";
    case Confidence::none:
        break;
    }
    return "";
}

CatalogueResult Catalogue::read(const std::string& file, Language language)
{
    CatalogueResult result;
    ConfigReport report{language, {}};
    std::ifstream stream(file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    if (!stream.is_open() || stream.bad()) {
        report.add(0, "",
                   report.say("файла нет, или он не читается", "there is no such file, or it cannot be read"),
                   report.say("Книга моделей лежит в поставке: share/kkt-bridge/catalogue.toml.",
                              "The book of models came with the program: share/kkt-bridge/catalogue.toml."));
    } else {
        try {
            read_models(report, toml::parse(text), result.catalogue.entries_);
        } catch (const toml::parse_error& error) {
            report.add(error.source().begin.line, "",
                       report.say("это не TOML: ", "this is not TOML: ") + std::string(error.description()),
                       report.say("Проверьте кавычки, скобки и знак «=» в этой строке и перед ней.",
                                  "Check quotes, brackets and \"=\" on this line and before it."));
        }
    }
    sort_by_line(report.problems);
    result.problems = std::move(report.problems);
    return result;
}

Result<Catalogue> Catalogue::load(const std::string& file)
{
    CatalogueResult read = Catalogue::read(file, Language::english);
    if (!read.problems.empty())
        return fail(Errc::bad_config, read.problems.front().text(file));
    Result<Catalogue> result(std::move(read.catalogue));
    return result;
}

const CatalogueEntry* Catalogue::find(const fiscal::DeviceInfo& info) const
{
    const std::string model = store::fold_case(info.model);
    for (const CatalogueEntry& entry : entries_) {
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
    using std::chrono::sys_days;
    FirmwareVerdict verdict;
    const CatalogueEntry* entry = find(info);
    if (entry == nullptr)
        return verdict;
    verdict.known_current = entry->current;
    verdict.confidence = entry->confidence;
    verdict.source = entry->source;
    std::optional<bool> too_old;
    const bool builds = entry->oldest_good_build != 0 && info.firmware_build != 0;
    if (!entry->oldest_good && builds)
        too_old = info.firmware_build < entry->oldest_good_build;
    if (entry->oldest_good && info.firmware_date) {
        too_old = sys_days(*info.firmware_date) < sys_days(*entry->oldest_good) ||
                  (builds && *info.firmware_date == *entry->oldest_good &&
                   info.firmware_build < entry->oldest_good_build);
    }
    if (!too_old) {
        verdict.advice = entry->advice;
    } else if (*too_old) {
        verdict.verdict = "too_old";
        verdict.cost = entry->old_firmware_cost;
    } else {
        verdict.verdict = "current";
    }
    return verdict;
}

CardVerdict Catalogue::card(const fiscal::DeviceInfo& info, const std::optional<fiscal::SdCard>& card) const
{
    using State = fiscal::SdCard::State;
    const CatalogueEntry* entry = find(info);
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

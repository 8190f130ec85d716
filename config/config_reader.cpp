// Checks and wording of single values.
#include "config/config_reader.hpp"

#include <numeric>

namespace kb {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::uint32_t line_of_key(const toml::table& root, std::string_view section, std::string_view key)
{
    const toml::table* table = root[section].as_table();
    if (table == nullptr)
        return 0;
    const toml::node* node = table->get(key);
    return (node != nullptr ? node : table)->source().begin.line;
}

std::string ConfigProblem::text(const std::filesystem::path& file) const
{
    std::string text = file.string();
    if (line != 0)
        text += ":" + std::to_string(line);
    if (!key.empty())
        text += ": " + key;
    text += ": " + reason + ". " + cure;
    return details.empty() ? text : text + " (" + details + ")";
}

void sort_by_line(std::vector<ConfigProblem>& problems)
{
    std::stable_sort(problems.begin(), problems.end(),
                     [](const ConfigProblem& a, const ConfigProblem& b) { return a.line < b.line; });
}

std::string nearest(std::string_view word, const std::vector<std::string>& known)
{
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& name : known) {
        // "retry_cap" for "retry_cap_s": the unit forgotten is the commonest slip.
        const bool unit_forgotten = word.size() >= 4 && name.starts_with(word);
        const std::size_t distance = unit_forgotten ? 1 : edit_distance(word, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

void report_unknown_key(ConfigReport& report, std::uint32_t line, const std::string& path,
                        std::string_view key, const std::vector<std::string>& names)
{
    const std::string meant = nearest(key, names);
    report.add(line, (path.empty() ? path : path + ".") + std::string(key),
               report.say("такого ключа нет", "there is no such key"),
               meant.empty() ? report.say("Здесь бывают: ", "Known here: ") + listed(names) + "."
                             : report.say("Может быть, имелось в виду «" + meant + "»?",
                                          "Did you mean \"" + meant + "\"?"));
}

bool ConfigValue::word(std::string& out, const std::vector<std::string_view>& words)
{
    std::string given;
    if (const auto number = node_.value_exact<std::int64_t>())
        given = std::to_string(*number);
    else if (!text(given))
        return false;
    if (std::find(words.begin(), words.end(), given) == words.end()) {
        not_one_of(given, {words.begin(), words.end()});
        return false;
    }
    out = given;
    return true;
}

bool ConfigValue::text(std::string& out)
{
    const auto value = node_.value_exact<std::string>();
    if (!value) {
        complain(
            say("нужна строка в кавычках, а здесь " + kind(), "a quoted text is wanted, this is " + kind()));
        return false;
    }
    if (value->empty()) {
        complain(say("пустая строка", "an empty text"));
        return false;
    }
    out = *value;
    return true;
}

bool ConfigValue::texts(std::vector<std::string>& out)
{
    const toml::array* list = node_.as_array();
    if (list == nullptr || list->empty() || !list->is_homogeneous(toml::node_type::string)) {
        complain(say("нужен список строк в кавычках, а здесь " + kind(),
                     "a list of quoted texts is wanted, this is " + kind()));
        return false;
    }
    for (const toml::node& each : *list)
        out.push_back(each.value_or(std::string()));
    return true;
}

/// Which of the names stand in the list; each counts once.
bool ConfigValue::places_of_words(std::vector<std::size_t>& out, const std::vector<std::string>& names)
{
    std::vector<std::string> words;
    if (const toml::array* list = node_.as_array(); list == nullptr || !list->empty())
        if (!texts(words))
            return false;
    for (const std::string& word : words) {
        const auto at = std::find(names.begin(), names.end(), word);
        if (at == names.end()) {
            not_one_of(word, names);
            return false;
        }
        const auto place = static_cast<std::size_t>(at - names.begin());
        if (std::find(out.begin(), out.end(), place) == out.end())
            out.push_back(place);
    }
    return true;
}

void ConfigValue::flag(bool& out)
{
    if (const auto value = node_.value_exact<bool>())
        out = *value;
    else
        complain(
            say("нужно true или false (да или нет), без кавычек", "true or false is wanted, without quotes"));
}

bool ConfigValue::date(std::optional<std::chrono::year_month_day>& out)
{
    const auto value = node_.value_exact<toml::date>();
    if (!value) {
        complain(say("нужна дата без кавычек, а здесь " + kind(),
                     "a date without quotes is wanted, this is " + kind()));
        return false;
    }
    out = std::chrono::year_month_day{std::chrono::year{value->year}, std::chrono::month{value->month},
                                      std::chrono::day{value->day}};
    return true;
}

bool ConfigValue::whole_number(std::int64_t& out, std::int64_t least, std::int64_t most)
{
    const auto value = node_.value_exact<std::int64_t>();
    if (!value) {
        complain(say("нужно целое число, а здесь " + kind(), "a whole number is wanted, this is " + kind()));
        return false;
    }
    if (*value < least || *value > most) {
        const std::string bounds = std::to_string(least) + ".." + std::to_string(most);
        complain(say("число " + std::to_string(*value) + " вне пределов " + bounds,
                     std::to_string(*value) + " is outside " + bounds));
        return false;
    }
    out = *value;
    return true;
}

void ConfigValue::not_one_of(const std::string& word, const std::vector<std::string>& names)
{
    const std::string meant = nearest(word, names);
    complain(say("значение «" + word + "» не подходит", "the value \"" + word + "\" is not one of the known"),
             say("Бывают: ", "Known: ") + listed(names) + "." +
                 (meant.empty() ? "" : say(" Может быть, «" + meant + "»?", " Perhaps \"" + meant + "\"?")));
}

void ConfigValue::complain(std::string reason, std::string cure, std::string details)
{
    report_.add(node_.source().begin.line, path_, std::move(reason), std::move(cure), std::move(details));
}

std::string ConfigValue::write_for_example() const
{
    const std::string line = path_.substr(path_.rfind('.') + 1) + " = " + std::string(example_);
    return say("Напишите, например: ", "Write for example: ") + line;
}

std::string ConfigValue::kind() const
{
    switch (node_.type()) {
    case toml::node_type::string:
        return say("строка", "a text");
    case toml::node_type::integer:
        return say("целое число", "a whole number");
    case toml::node_type::floating_point:
        return say("дробное число", "a fraction");
    case toml::node_type::boolean:
        return say("да/нет", "a boolean");
    case toml::node_type::table:
        return say("раздел", "a section");
    case toml::node_type::array:
        return say("список", "a list");
    default:
        return say("дата или время", "a date or time");
    }
}

} // namespace kb

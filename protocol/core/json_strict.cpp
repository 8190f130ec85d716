#include "protocol/core/json_strict.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kb {

using nlohmann::json;

namespace {

// Digits between the first and the last that is no zero: "0.0120" has two.
std::size_t digits_of(std::string_view number)
{
    std::string digits;
    for (const char c : number.substr(0, number.find_first_of("eE")))
        if (c >= '0' && c <= '9')
            digits += c;
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string::npos ? 0 : digits.find_last_not_of('0') - first + 1;
}

// Walks over a text that parses, and stops at the first thing that is ambiguous.
class Walk : public nlohmann::json_sax<json> {
public:
    bool null() override { return step(); }
    bool boolean(bool /*value*/) override { return step(); }
    bool number_integer(number_integer_t /*value*/) override { return step(); }
    bool number_unsigned(number_unsigned_t /*value*/) override { return step(); }
    bool number_float(number_float_t /*value*/, const string_t& text) override
    {
        step();
        constexpr std::size_t kSure = 15; // decimal digits that every double keeps
        if (digits_of(text) > kSure)
            complain(Errc::not_representable,
                     "more digits than a JSON number keeps; round it, or send it as a text in quotes");
        return !failure_;
    }
    bool string(string_t& /*value*/) override { return step(); }
    bool binary(binary_t& /*value*/) override { return step(); }
    bool start_object(std::size_t /*elements*/) override
    {
        step();
        levels_.push_back({});
        return true;
    }
    bool key(string_t& name) override
    {
        Level& level = levels_.back();
        level.name = name;
        if (!level.seen.insert(name).second)
            complain(Errc::bad_json, "there twice; leave one of them out");
        return !failure_;
    }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t /*elements*/) override
    {
        step();
        levels_.push_back({true, 0, {}, {}});
        return true;
    }
    bool end_array() override { return leave(); }
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override
    {
        return false;
    }

    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

private:
    struct Level {
        bool is_array = false;
        std::size_t count = 0; ///< elements begun
        std::string name;      ///< of the member being read
        std::set<std::string> seen;
    };

    bool step()
    {
        if (!levels_.empty())
            ++levels_.back().count;
        return true;
    }
    bool leave()
    {
        levels_.pop_back();
        return true;
    }
    void complain(Errc code, std::string_view reason)
    {
        std::string path;
        for (const Level& level : levels_) {
            if (level.is_array)
                path += '[' + std::to_string(level.count - 1) + ']';
            else
                path += (path.empty() ? "" : ".") + level.name;
        }
        failure_ = Error{code, Outcome::not_done, path + ": " + std::string(reason), {}};
    }

    std::vector<Level> levels_;
    std::optional<Error> failure_;
};

} // namespace

Result<void> reads_in_one_way(std::string_view text)
{
    Walk walk;
    if (!json::sax_parse(text.begin(), text.end(), &walk) && walk.failure())
        return tl::unexpected<Error>(*walk.failure());
    return {};
}

} // namespace kb

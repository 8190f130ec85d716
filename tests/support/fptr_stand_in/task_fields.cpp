#include "tests/support/fptr_stand_in/task_fields.hpp"

#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/session.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>

namespace stand_in {

namespace {

using nlohmann::json;

[[noreturn]] void missing(const char* member)
{
    throw TaskFault{kErrorReceiptParse, std::string("Поле \"") + member + "\" отсутствует"};
}

[[noreturn]] void wrong_type(const char* member)
{
    throw TaskFault{kErrorReceiptParse, std::string("Поле \"") + member + "\" имеет неверный тип"};
}

/// Bits of tag 2106.
constexpr const char* kCheckResult[] = {"imcCheckFlag", "imcCheckResult", "imcStatusInfo",
                                        "imcEstimatedStatusCorrect", "ecrStandAloneFlag"};

} // namespace

void wrong_value(const std::string& member, const std::string& value)
{
    throw TaskFault{kErrorReceiptParse, "Некорректное значение поля \"" + member + "\" (" + value + ")"};
}

void only_members(const json& in, std::initializer_list<const char*> members)
{
    if (!in.is_object())
        wrong_type("");
    for (const auto& [name, value] : in.items())
        if (std::none_of(members.begin(), members.end(),
                         [&n = name](const char* member) { return n == member; }))
            throw TaskFault{kErrorReceiptParse, "Поле \"" + name + "\" неизвестно"};
}

std::string must_text(const json& in, const char* member)
{
    if (!in.contains(member))
        missing(member);
    if (!in[member].is_string())
        wrong_type(member);
    return in[member].get<std::string>();
}

std::string text_in(const json& in, const char* member)
{
    return in.contains(member) ? must_text(in, member) : std::string();
}

bool flag_in(const json& in, const char* member)
{
    if (!in.contains(member))
        return false;
    if (!in[member].is_boolean())
        wrong_type(member);
    return in[member].get<bool>();
}

std::int64_t must_money(const json& in, const char* member)
{
    if (!in.contains(member))
        missing(member);
    if (!in[member].is_number())
        wrong_type(member);
    const double kopecks = in[member].get<double>() * 100;
    const double whole = std::round(kopecks);
    if (std::abs(kopecks - whole) > 0.001)
        wrong_value(member, in[member].dump());
    return static_cast<std::int64_t>(whole);
}

json object_in(const json& in, const char* member)
{
    if (!in.contains(member))
        return json::object();
    if (!in[member].is_object())
        wrong_type(member);
    return in[member];
}

json list_in(const json& in, const char* member)
{
    if (!in.contains(member))
        return json::array();
    if (!in[member].is_array())
        wrong_type(member);
    return in[member];
}

std::string bytes_of_base64(const std::string& text)
{
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text.substr(0, text.find('='))) {
        const auto digit = digits.find(c);
        if (digit == std::string::npos)
            wrong_value("base64", text);
        bits = (bits << 6U) | static_cast<unsigned>(digit);
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes += static_cast<char>((bits >> static_cast<unsigned>(have)) & 0xFFU);
        }
    }
    return bytes;
}

std::string hex_of(const std::string& bytes)
{
    std::string hex;
    for (const char byte : bytes) {
        char two[3];
        std::snprintf(two, sizeof(two), "%02X", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        hex += two;
    }
    return hex;
}

unsigned planned_status_in(const json& mark)
{
    const std::string word = must_text(mark, "itemEstimatedStatus");
    constexpr const char* kWords[] = {"itemPieceSold", "itemDryForSale", "itemPieceReturn", "itemDryReturn"};
    for (unsigned i = 0; i < std::size(kWords); ++i)
        if (word == kWords[i])
            return i + 1;
    if (word != "itemStatusUnchanged")
        wrong_value("itemEstimatedStatus", word);
    return 255;
}

unsigned check_result_in(const json& mark)
{
    if (!mark.contains("itemInfoCheckResult"))
        missing("itemInfoCheckResult");
    const json flags = object_in(mark, "itemInfoCheckResult");
    unsigned result = 0;
    for (unsigned bit = 0; bit < std::size(kCheckResult); ++bit) {
        if (!flags.contains(kCheckResult[bit]))
            missing(kCheckResult[bit]);
        result |= flag_in(flags, kCheckResult[bit]) ? 1U << bit : 0U;
    }
    if (flags.size() != std::size(kCheckResult))
        wrong_value("itemInfoCheckResult", flags.dump());
    return result;
}

json check_result_of(unsigned result)
{
    json flags = json::object();
    for (unsigned bit = 0; bit < std::size(kCheckResult); ++bit)
        flags[kCheckResult[bit]] = (result & (1U << bit)) != 0;
    return flags;
}

Tags& Tags::text(unsigned tag, const std::string& value)
{
    if (!value.empty())
        tags_.push_back({{"tag", tag}, {"text", value}});
    return *this;
}

Tags& Tags::inn(unsigned tag, const std::string& value)
{
    if (!value.empty())
        tags_.push_back({{"tag", tag}, {"text", value}, {"width", 12}});
    return *this;
}

Tags& Tags::texts(unsigned tag, const json& values)
{
    for (const json& value : values)
        text(tag, value.get<std::string>());
    return *this;
}

Tags& Tags::byte(unsigned tag, unsigned value)
{
    tags_.push_back({{"tag", tag}, {"byte", value}});
    return *this;
}

Tags& Tags::sum(unsigned tag, std::int64_t kopecks)
{
    tags_.push_back({{"tag", tag}, {"sum", kopecks}});
    return *this;
}

Tags& Tags::time(unsigned tag, const std::string& value)
{
    tags_.push_back({{"tag", tag}, {"time", value}});
    return *this;
}

Tags& Tags::hex(unsigned tag, const std::string& value)
{
    tags_.push_back({{"tag", tag}, {"hex", value}});
    return *this;
}

Tags& Tags::inside(unsigned tag, const Tags& tags)
{
    if (!tags.tags_.empty())
        tags_.push_back({{"tag", tag}, {"inside", tags.tags_}});
    return *this;
}

Tags& Tags::add(const json& tags)
{
    tags_.insert(tags_.end(), tags.begin(), tags.end());
    return *this;
}

} // namespace stand_in

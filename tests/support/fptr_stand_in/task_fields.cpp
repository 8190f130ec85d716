#include "tests/support/fptr_stand_in/task_fields.hpp"

#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/session.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

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

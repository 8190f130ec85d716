// Reading the members of a task as strictly as a test wants it: what is missing, of another type or unknown
// to the documents is the library's error 501, naming the member.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace stand_in {

/// Refuses members that the documents do not name.
void only_members(const nlohmann::json& in, std::initializer_list<const char*> members);
std::string must_text(const nlohmann::json& in, const char* member);
/// Empty when it is not there.
std::string text_in(const nlohmann::json& in, const char* member);
bool flag_in(const nlohmann::json& in, const char* member);
/// Rubles as kopecks; what is no whole number of kopecks is refused.
std::int64_t must_money(const nlohmann::json& in, const char* member);
/// An object or a list; empty when it is not there.
nlohmann::json object_in(const nlohmann::json& in, const char* member);
nlohmann::json list_in(const nlohmann::json& in, const char* member);
[[noreturn]] void wrong_value(const std::string& member, const std::string& value);

std::string bytes_of_base64(const std::string& text);
std::string hex_of(const std::string& bytes);

/// Of those that check marking codes.
bool is_marking_task(const std::string& type);
/// itemEstimatedStatus of a mark, as tag 2003.
unsigned planned_status_in(const nlohmann::json& mark);
/// itemInfoCheckResult of a mark, as tag 2106, and the other way round. All of its flags are told.
unsigned check_result_in(const nlohmann::json& mark);
nlohmann::json check_result_of(unsigned result);

/// One tag for the register: {"tag":1008,"text":"a@b.ru"}. Texts that are empty are left out.
class Tags {
public:
    Tags& text(unsigned tag, const std::string& value);
    /// Padded, as numbers of taxpayers are.
    Tags& inn(unsigned tag, const std::string& value);
    Tags& texts(unsigned tag, const nlohmann::json& values);
    Tags& byte(unsigned tag, unsigned value);
    Tags& sum(unsigned tag, std::int64_t kopecks);
    Tags& time(unsigned tag, const std::string& value);
    Tags& hex(unsigned tag, const std::string& value);
    /// Left out when there is nothing in it.
    Tags& inside(unsigned tag, const Tags& tags);
    Tags& add(const nlohmann::json& tags);
    [[nodiscard]] const nlohmann::json& list() const { return tags_; }

private:
    nlohmann::json tags_ = nlohmann::json::array();
};

} // namespace stand_in

#include "agent/api/atol/web_query.hpp"

#include "http/query.hpp"

namespace kb::agent::awr {

std::string job_key(const std::string& uuid, std::size_t number)
{
    return number == 1 ? uuid : uuid + "#" + std::to_string(number);
}

std::string uuid_of(const std::string& key, bool first)
{
    return first ? key : key.substr(0, key.rfind('#'));
}

std::string device_id_of(const kb::http::Request& request, const std::string& of_body)
{
    constexpr std::size_t kLongest = 8'192; // of any query
    std::string id = kb::http::Query(request.query).text("deviceID", kLongest).value_or("");
    const bool unreadable = id.empty() && request.query.find("deviceID=%") != std::string::npos;
    if (unreadable)
        return request.query;
    if (id.empty())
        id = of_body;
    return id == "default" ? std::string() : id;
}

} // namespace kb::agent::awr

// The page is written by agent/pages.cpp; members that are not there are taken as unknown.
#include "agent/kktctl/agent_page.hpp"

#include "agent/http/client.hpp"
#include "protocol/cabinet/messages.hpp"

#include <future>
#include <memory>

namespace kb::agent::kktctl {

using Json = nlohmann::json;
using namespace std::chrono_literals;

Result<std::string> fetch(const std::string& method, const std::string& url, const std::string& ca_file,
                          const std::string& token, const std::string& body,
                          std::chrono::milliseconds at_most,
                          std::vector<std::pair<std::string, std::string>> headers)
{
    http::ClientOptions options;
    options.ca_file = ca_file;
    const auto client = http::make_client(options);
    http::Request request;
    request.method = method;
    request.url = url;
    request.body = body;
    request.at_most = at_most;
    request.headers = std::move(headers);
    if (!body.empty())
        request.headers.emplace_back("Content-Type", "application/json");
    if (!token.empty())
        request.headers.emplace_back("Authorization", "Bearer " + token);
    auto promise = std::make_shared<std::promise<http::Reply>>();
    auto answer = promise->get_future();
    client->send(std::move(request), [promise](http::Reply reply) { promise->set_value(std::move(reply)); });
    http::Reply reply = answer.get();
    if (!reply.result)
        return pass(reply.result);
    return std::move(reply.result->body);
}

Result<Json> ask_agent(const Config& config)
{
    const bool v6 = config.listen.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + config.listen.host + "]" : config.listen.host;
    auto body =
        fetch("GET", "http://" + host + ":" + std::to_string(config.listen.port) + "/status", "", "", "", 3s);
    if (!body)
        return pass(body);
    Json page = Json::parse(*body, nullptr, false);
    if (!page.is_object() || !page.contains("devices") || !page["devices"].is_array())
        return fail(Errc::bad_json, "another program answers on " + config.listen.text());
    return page;
}

std::string text_at(const Json& json, const char* pointer)
{
    const Json::json_pointer at(pointer);
    return json.contains(at) && json[at].is_string() ? json[at].get<std::string>() : std::string();
}

std::vector<DeviceEvidence> devices_of(const Json& page)
{
    std::vector<DeviceEvidence> all;
    for (const Json& device : page["devices"]) {
        DeviceEvidence evidence;
        evidence.port =
            text_at(device, "/port").empty() ? text_at(device, "/configured_port") : text_at(device, "/port");
        evidence.name = text_at(device, "/name").empty() ? evidence.port : text_at(device, "/name");
        evidence.state = text_at(device, "/sample/state");
        evidence.reason = text_at(device, "/sample/state_reason");
        evidence.detail = text_at(device, "/state_detail");
        if (device.contains("sample"))
            if (auto sample = cabinet_api::decode_sample(device["sample"].dump()))
                evidence.sample = *std::move(sample);
        all.push_back(std::move(evidence));
    }
    return all;
}

} // namespace kb::agent::kktctl

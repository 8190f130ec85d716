#include "agent/kktctl/native_calls.hpp"

#include "agent/kktctl/agent_page.hpp"
#include "agent/local_token.hpp"

namespace kb::agent::kktctl {

using Json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr auto kBeyondTheWait = 10s;

/// The API's own code and words, which the HTTP client hands on as a part of its context.
Error named(Error error)
{
    const std::size_t at = error.context.find('{');
    const Json problem =
        at == std::string::npos ? Json() : Json::parse(error.context.substr(at), nullptr, false);
    if (!problem.is_object())
        return error;
    if (const auto code = errc_of(problem.value("code", "")))
        error.code = *code;
    error.context = problem.value("detail", error.context);
    if (problem.contains("faults") && problem["faults"].is_array()) {
        error.context.clear();
        for (const Json& fault : problem["faults"])
            error.context += (error.context.empty() ? "" : "; ") + fault.value("field", "") + ": " +
                             fault.value("ru", fault.value("en", ""));
    } else if (const std::string field = problem.value("field", ""); !field.empty()) {
        error.context = field + ": " + error.context;
    }
    return error;
}

} // namespace

Result<NativeCalls> NativeCalls::to(const Config& config)
{
    if (!config.api.enabled)
        return fail(Errc::bad_config, "api: the section [api] is missing in the configuration");
    const std::filesystem::path file = config.api.token_file.empty()
                                           ? config.data_dir / "api.token"
                                           : std::filesystem::path(config.api.token_file);
    auto token = load_token(file);
    if (!token)
        return pass(token);
    NativeCalls calls;
    const bool v6 = config.api.listen.host.find(':') != std::string::npos;
    calls.address_ = "http://" + (v6 ? "[" + config.api.listen.host + "]" : config.api.listen.host) + ":" +
                     std::to_string(config.api.listen.port);
    calls.token_ = *std::move(token);
    return calls;
}

Result<Json> NativeCalls::ask(const std::string& method, const std::string& path, const std::string& body,
                              const std::string& key, std::chrono::seconds wait) const
{
    std::vector<std::pair<std::string, std::string>> headers;
    if (!key.empty())
        headers.emplace_back("Idempotency-Key", key);
    const std::string base = address_ + "/api/v1";
    auto answer = fetch(method, base + path, "", token_, body, wait + kBeyondTheWait, std::move(headers));
    if (!answer)
        return tl::unexpected<Error>(named(answer.error()));
    Json json = Json::parse(*answer, nullptr, false);
    if (json.is_discarded())
        return fail(Errc::bad_json, "another program answers on " + base);
    return json;
}

} // namespace kb::agent::kktctl

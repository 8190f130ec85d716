#include "protocol/fiscal/request_json.hpp"

#include "protocol/core/json_reader.hpp"
#include "protocol/core/json_strict.hpp"
#include "protocol/fiscal/request_members.hpp"
#include "protocol/fiscal/request_reader.hpp"
#include "protocol/fiscal/request_writer.hpp"

namespace kb::fiscal {

namespace {

constexpr std::size_t kMaxBytes = 1'000'000; // kMaxPositions of the longest names, and room to spare
constexpr std::size_t kMaxDepth = 8;

} // namespace

Result<Request> request_from_json(std::string_view json)
{
    if (json.size() > kMaxBytes)
        return fail(Errc::too_many, "request: " + std::to_string(json.size()) + " bytes, at most " +
                                        std::to_string(kMaxBytes) + " are taken; divide it");
    const auto parsed = parse_json(json, kMaxDepth);
    if (!parsed)
        return fail(parsed.error().code,
                    "request: " + parsed.error().context + "; correct the caller's JSON");
    if (!parsed->is_object())
        return fail(Errc::bad_json, "request: not an object; write it in braces, as {…}");
    if (auto clear = reads_in_one_way(json); !clear)
        return pass(clear);
    Request request;
    std::optional<Error> failure;
    RequestReader reader(*parsed, "", failure);
    members(reader, request);
    reader.end();
    if (failure)
        return tl::unexpected<Error>(*std::move(failure));
    if (auto filled = fill_in(request); !filled)
        return pass(filled);
    return request;
}

std::string request_to_json(const Request& request)
{
    RequestWriter writer;
    members(writer, request);
    return writer.take();
}

} // namespace kb::fiscal

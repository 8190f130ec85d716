#include "protocol/cabinet/command_request.hpp"

#include "protocol/core/json_reader.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <algorithm>
#include <string_view>

namespace kb::cabinet_api {
namespace {

constexpr std::size_t kMostMessage = 8000; // bytes
constexpr std::size_t kMostArgsDepth = 16;

std::vector<fiscal::PrintItem> lines_of(std::string_view text)
{
    std::vector<fiscal::PrintItem> lines;
    while (true) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        fiscal::PrintItem item;
        item.text = line;
        lines.push_back(std::move(item));
        if (end == text.size())
            return lines;
        text.remove_prefix(end + 1);
    }
}

} // namespace

Result<fiscal::Request> request_of(CommandKind kind, const std::string& args_json)
{
    const auto args = parse_json(args_json, kMostArgsDepth);
    if (!args)
        return pass(args);
    std::optional<Error> failure;
    JsonReader from(*args, "", failure);
    fiscal::Request request;
    switch (kind) {
    case CommandKind::x_report:
        request.kind = fiscal::RequestKind::x_report;
        return request;
    case CommandKind::close_shift:
        request.kind = fiscal::RequestKind::shift_close;
        return request;
    case CommandKind::message:
        request.kind = fiscal::RequestKind::text;
        request.lines = lines_of(from.text("text", kMostMessage));
        break;
    case CommandKind::print: {
        const auto* wanted = from.object("request").first;
        if (failure)
            break;
        auto receipt = fiscal::request_from_json(dump_json(*wanted));
        if (!receipt)
            return receipt;
        // A permission to print receipts is none to close shifts or to move cash.
        if (receipt->kind != fiscal::RequestKind::receipt)
            return fail(Errc::bad_value, "kind: only receipts are printed so; send kind \"receipt\"",
                        Outcome::refused);
        return receipt;
    }
    }
    if (failure)
        return tl::unexpected<Error>(*std::move(failure));
    return request;
}

std::string message_args(const std::string& text) { return dump_json({{"text", text}}); }

std::string print_args(const fiscal::Request& receipt)
{
    return R"({"request":)" + fiscal::request_to_json(receipt) + "}";
}

} // namespace kb::cabinet_api

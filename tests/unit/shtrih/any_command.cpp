#include "tests/unit/shtrih/any_command.hpp"

#include "protocol/shtrih/codec.hpp"

#include <algorithm>

namespace kb::test {
namespace {

template <class C>
AnyCommand forget_type()
{
    AnyCommand any{};
    any.code = static_cast<std::uint16_t>(C::kCommand);
    any.request_again = [](BytesView request) -> Result<Bytes> {
        const auto command = shtrih::decode_request<C>(request);
        if (!command)
            return pass(command);
        return shtrih::encode_request(*command);
    };
    any.answer_again = [](BytesView answer) -> Result<Bytes> {
        const auto reply = shtrih::decode_reply<C>(answer);
        if (!reply)
            return pass(reply);
        return shtrih::encode_reply<C>(*reply);
    };
    any.default_request = [] { return shtrih::encode_request(C{}); };
    any.default_answer = [] { return shtrih::encode_reply<C>(typename C::Reply{}); };
    any.reads_default = [](BytesView request) {
        const auto command = shtrih::decode_request<C>(request);
        return command && *command == C{};
    };
    return any;
}

template <class... C>
std::vector<AnyCommand> forget_types(shtrih::CommandList<C...>)
{
    return {forget_type<C>()...};
}

} // namespace

const std::vector<AnyCommand>& all_command_types()
{
    static const std::vector<AnyCommand> all = forget_types(shtrih::AllCommands{});
    return all;
}

const AnyCommand* find_command(std::uint16_t code)
{
    const auto& all = all_command_types();
    const auto found =
        std::find_if(all.begin(), all.end(), [code](const AnyCommand& any) { return any.code == code; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace kb::test

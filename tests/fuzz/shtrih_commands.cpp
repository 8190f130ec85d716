// Requests of any bytes, as the emulator reads them: a command that comes back the same, or an error.
#include "protocol/shtrih/codec.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::shtrih;

namespace {

template <class C>
void try_one(std::uint16_t code, BytesView request)
{
    if (code != static_cast<std::uint16_t>(C::kCommand))
        return;
    const auto command = decode_request<C>(request);
    if (!command)
        return;
    const auto again = encode_request(*command);
    // Text may hold a byte without a character, an amount the mark for "calculate it": the only ways to fail.
    if (!again)
        return;
    const auto twice = decode_request<C>(*again);
    if (!twice || !(*twice == *command))
        std::abort();
}

template <class... C>
void try_all(CommandList<C...>, std::uint16_t code, BytesView request)
{
    (try_one<C>(code, request), ...);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const BytesView request(data, size);
    if (const auto code = request_code(request))
        try_all(AllCommands{}, *code, request);
    return 0;
}

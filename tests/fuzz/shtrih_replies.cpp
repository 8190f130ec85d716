// Answers of any bytes to any command, as the host reads them: a reply that comes back the same, or an error.
#include "protocol/shtrih/codec.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::shtrih;

namespace {

template <class C>
void try_one(std::uint16_t code, BytesView answer)
{
    if (code != static_cast<std::uint16_t>(C::kCommand))
        return;
    const auto reply = decode_reply<C>(answer);
    if (!reply) {
        if (reply.error().context.empty())
            std::abort();
        return;
    }
    const auto again = encode_reply<C>(*reply);
    if (!again)
        return; // a text with a byte that has no character
    const auto twice = decode_reply<C>(*again);
    if (!twice || !(*twice == *reply))
        std::abort();
}

template <class... C>
void try_all(CommandList<C...>, std::uint16_t code, BytesView answer)
{
    (try_one<C>(code, answer), ...);
}

} // namespace

/// The first two bytes choose the command, the rest is its answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const auto code = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const BytesView answer(data + 2, size - 2);
    try_all(AllCommands{}, code, answer);
    if (answers_to(code, answer) !=
        (answer_data(code, answer) || answer_data(code, answer).error().device_code))
        std::abort();
    return 0;
}

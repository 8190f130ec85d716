// Requests of any bytes: a command that comes back the same, or an error.
#include "protocol/atol/codec.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::atol;

namespace {

template <class C>
void try_one(std::uint16_t code, BytesView request, const Dialect& dialect)
{
    if (code != static_cast<std::uint16_t>(C::kCommand))
        return;
    const auto command = decode_request<C>(request, dialect);
    if (!command) {
        if (command.error().context.empty())
            std::abort();
        return;
    }
    const auto again = encode_request(*command, dialect);
    if (!again)
        return; // a text with a byte that has no character
    const auto twice = decode_request<C>(*again, dialect);
    if (!twice || !(*twice == *command))
        std::abort();
}

template <class... C>
void try_all(CommandList<C...>, std::uint16_t code, BytesView request, const Dialect& dialect)
{
    (try_one<C>(code, request, dialect), ...);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const BytesView request(data, size);
    const auto code = request_code(request);
    if (!code)
        return 0;
    Dialect other;
    other.no_print_flag = 2;
    other.tax_sum_bytes = 5;
    other.item_codes = NumberForm::bcd;
    try_all(AllCommands{}, *code, request, Dialect{});
    try_all(AllCommands{}, *code, request, other);
    return 0;
}

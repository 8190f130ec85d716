// Short records: what is read writes back to the same bytes, but for padding; else an error with a reason.
#include "protocol/fiscal/short_record.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto record = kb::fiscal::read_short_record({data, size});
    if (!record) {
        if (record.error().context.empty())
            std::abort();
    } else {
        const auto back = kb::fiscal::write_short_record(*record);
        if (!back || back->size() != size)
            std::abort();
    }
    if (const auto ticket = kb::fiscal::read_ticket_record({data, size}))
        if (!kb::fiscal::write_ticket_record(*ticket))
            std::abort();
    return 0;
}

// `.exchange` files from any text: read or refused with a line's number; what is read is written and read
// alike.
#include "protocol/core/exchange_file.hpp"

#include <cstdlib>

using namespace kb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = parse_exchange(as_text(BytesView(data, size)));
    if (!file) {
        if (file.error().context.find("line ") == std::string::npos)
            std::abort();
        return 0;
    }
    const std::string text = write_exchange(*file);
    const auto again = parse_exchange(text);
    if (!again || write_exchange(*again) != text || again->lines.size() != file->lines.size())
        std::abort();
    for (std::size_t at = 0; at < file->lines.size(); ++at)
        if (again->lines[at].bytes != file->lines[at].bytes ||
            again->lines[at].from_host != file->lines[at].from_host)
            std::abort();
    return 0;
}

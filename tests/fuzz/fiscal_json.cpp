// JSON: any text is a document whose JSON reads back as the same tags, or an error with a reason; and any TLV
// has JSON.
#include "protocol/fiscal/json.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace kb::fiscal;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto tree = from_json(text, tag::receipt);
    if (!tree) {
        if (tree.error().context.empty())
            std::abort();
    } else {
        const auto again = from_json(to_json(*tree), tag::receipt);
        if (!again || to_json(*again) != to_json(*tree))
            std::abort();
    }
    if (const auto document = read_document_tlv({data, size}))
        (void)from_json(to_json(*document), document->tag);
    return 0;
}

// Documents: what decodes builds back into its very bytes, and every reader of it stands any values.
#include "protocol/fiscal/checks.hpp"
#include "protocol/fiscal/json.hpp"
#include "protocol/fiscal/receipt_text.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const kb::BytesView bytes(data, size);
    const auto document = kb::fiscal::decode(bytes);
    const auto head = kb::fiscal::head_of(bytes);
    if (!document) {
        if (document.error().context.empty())
            std::abort();
        return 0;
    }
    const auto back = kb::fiscal::encode(*document);
    if (!head || !back || *back != kb::Bytes(bytes.begin(), bytes.end()))
        std::abort();
    (void)kb::fiscal::check_document(*document);
    kb::fiscal::SequenceCheck sequence;
    (void)sequence.feed(*document);
    (void)kb::fiscal::receipt_text(*document);
    (void)kb::fiscal::to_json(document->tree);
    return 0;
}

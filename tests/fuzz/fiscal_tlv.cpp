// TLV: any bytes are a tree that writes back to the same bytes, or an error with a reason.
#include "protocol/fiscal/tlv.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const kb::BytesView bytes(data, size);
    const auto tlvs = kb::fiscal::read_tlvs(bytes);
    if (!tlvs && tlvs.error().context.empty())
        std::abort();
    if (tlvs) {
        const auto back = kb::fiscal::write_tlvs(*tlvs);
        if (!back || *back != kb::Bytes(bytes.begin(), bytes.end()))
            std::abort();
    }
    (void)kb::fiscal::read_document_tlv(bytes);
    return 0;
}

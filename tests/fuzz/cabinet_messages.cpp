// Every message of agent and cabinet on any bytes: a value or an error; what was decoded encodes and decodes
// again.
#include "protocol/cabinet/base64.hpp"
#include "protocol/cabinet/messages.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::cabinet_api;

namespace {

template <class Decode>
void both_ways(Decode decode, std::string_view text)
{
    const auto message = decode(text);
    if (!message)
        return;
    const auto again = decode(encode(*message));
    if (!again || encode(*again) != encode(*message))
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text = as_text({data, size});
    both_ways(decode_enroll_request, text);
    both_ways(decode_enroll_response, text);
    both_ways(decode_documents_response, text);
    both_ways(decode_status_request, text);
    both_ways(decode_events_request, text);
    both_ways(decode_accepted_response, text);
    both_ways(decode_commands_response, text);
    both_ways(decode_command_result, text);
    both_ways(decode_config_response, text);
    if (const auto batch = decode_documents_request(text); batch && batch->documents.size() < kMaxDocuments) {
        const auto again = decode_documents_request(encode(DocumentsRequest{batch->documents}));
        if (!again || !again->bad.empty() || again->documents.size() != batch->documents.size())
            std::abort();
    }
    if (const auto bytes = from_base64(text); bytes && to_base64(*bytes) != text)
        std::abort();
    return 0;
}

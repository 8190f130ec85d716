// Requests: any text is a request whose canonical JSON reads back as the same request, or an error that names
// its place, reason and cure; and any request is checked to an end in every format.
#include "protocol/fiscal/request_checks.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace kb::fiscal;
    const auto request = request_from_json({reinterpret_cast<const char*>(data), size});
    if (!request) {
        const std::string& context = request.error().context;
        if (context.find(": ") == std::string::npos || context.find("; ") == std::string::npos)
            std::abort();
        return 0;
    }
    const std::string json = request_to_json(*request);
    const auto again = request_from_json(json);
    if (!again || *again != *request || request_to_json(*again) != json)
        std::abort();
    for (const FfdVersion ffd : {FfdVersion::v1_05, FfdVersion::v1_1, FfdVersion::v1_2}) {
        RequestLimits limits;
        limits.ffd = ffd;
        limits.marking_check = true;
        Request fitted = *request;
        fit_to(fitted, ffd);
        const auto faults = check_request(fitted, limits);
        if (faults.empty() != describe(faults, true).empty())
            std::abort();
    }
    return 0;
}

#include "drivers/recording.hpp"

#include "drivers/registry.hpp"

#include <algorithm>

namespace kb {
namespace {

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

} // namespace

Result<const TrafficTools*> traffic_tools(std::string_view vendor_or_family)
{
    const Vendor* vendor = find_vendor(vendor_or_family);
    if (vendor == nullptr) {
        return fail(Errc::not_found,
                    "recording: no protocol is called \"" + std::string(vendor_or_family) + "\"");
    }
    if (vendor->traffic == nullptr) {
        return fail(Errc::unsupported,
                    "recording: nobody knows yet how to take personal data out of the line of \"" +
                        std::string(vendor_or_family) + "\"");
    }
    return vendor->traffic;
}

Result<ExchangeFile> make_recording(std::vector<ExchangeLine> heard, const RecordingOrigin& origin)
{
    const auto tools = traffic_tools(origin.vendor);
    if (!tools) {
        return pass(tools);
    }
    if (heard.empty()) {
        return fail(Errc::no_data, "recording: not one byte passed the line");
    }
    ExchangeFile raw;
    raw.lines = std::move(heard);
    ExchangeFile file = (*tools)->mask(raw);
    const fiscal::DeviceInfo& info = origin.info;
    file.head = {{"device", or_unknown(info.model)},
                 {"firmware", info.firmware_version.empty()
                                  ? "unknown"
                                  : info.firmware_version + "." + std::to_string(info.firmware_build)},
                 {"ffd", or_unknown(std::string(fiscal::to_text(info.ffd)))},
                 {"protocol", or_unknown(info.protocol)},
                 {"vendor", origin.vendor},
                 {"origin", origin.made},
                 {"masked", "people, marking codes and passwords; lengths are true, check sums made anew"},
                 {"lines", std::to_string(file.lines.size())}};
    return file;
}

const Vendor* vendor_of_recording(const ExchangeFile& file)
{
    if (const Vendor* told = find_vendor(file.about("vendor")); told != nullptr) {
        return told;
    }
    const Vendor* best = nullptr;
    std::ptrdiff_t most = 0;
    for (const Vendor& vendor : vendors()) {
        if (vendor.traffic == nullptr) {
            continue;
        }
        const auto items = vendor.traffic->read(file);
        const auto frames = std::count_if(items.begin(), items.end(), [](const TrafficItem& item) {
            return item.kind == TrafficItem::Kind::frame;
        });
        if (frames > most) {
            best = &vendor;
            most = frames;
        }
    }
    return best;
}

} // namespace kb

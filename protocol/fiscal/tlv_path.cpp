#include "protocol/fiscal/tlv_path.hpp"

#include <algorithm>

namespace kb::fiscal {

std::string path_step(Tag number, std::size_t n)
{
    const TagInfo* info = find_tag(number);
    std::string text = std::to_string(number);
    if (n > 1 || (info != nullptr && info->repeatable))
        text += '[' + std::to_string(n) + ']';
    return text;
}

std::string TlvPath::text() const
{
    if (depth_ == 0)
        return "document";
    std::string text;
    for (std::size_t i = 0; i < std::min(depth_, steps_.size()); ++i) {
        const auto& siblings = *steps_[i].before;
        const auto earlier = std::count_if(siblings.begin(), siblings.end(),
                                           [&](const Tlv& tlv) { return tlv.tag == steps_[i].tag; });
        if (i > 0)
            text += '/';
        text += path_step(steps_[i].tag, static_cast<std::size_t>(earlier) + 1);
    }
    return text;
}

} // namespace kb::fiscal

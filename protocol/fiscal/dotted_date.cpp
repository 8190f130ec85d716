#include "protocol/fiscal/dotted_date.hpp"

#include "protocol/core/time.hpp"

namespace kb::fiscal {

std::optional<std::string> dotted_of_iso(std::string_view iso)
{
    if (iso.size() != 10 || !local_from_text(std::string(iso) + "T00:00:00"))
        return std::nullopt;
    return std::string(iso.substr(8, 2)) + '.' + std::string(iso.substr(5, 2)) + '.' +
           std::string(iso.substr(0, 4));
}

std::optional<std::string> iso_of_dotted(std::string_view dotted)
{
    if (dotted.size() != 10 || dotted[2] != '.' || dotted[5] != '.')
        return std::nullopt;
    std::string iso = std::string(dotted.substr(6, 4)) + '-' + std::string(dotted.substr(3, 2)) + '-' +
                      std::string(dotted.substr(0, 2));
    if (!local_from_text(iso + "T00:00:00"))
        return std::nullopt;
    return iso;
}

} // namespace kb::fiscal

#include "protocol/shtrih/replies.hpp"

#include "protocol/core/cp1251.hpp"

namespace kb::shtrih {

std::string FullStatusReply::version_text() const
{
    const auto characters = to_cp1251(version);
    if (!characters || characters->size() != 2)
        return version;
    return from_cp1251(BytesView(*characters).first(1)) + "." + from_cp1251(BytesView(*characters).last(1));
}

Result<std::uint64_t> TableValueReply::as_number() const
{
    if (value.empty() || value.size() > 8)
        return fail(Errc::bad_length,
                    "shtrih table value: " + std::to_string(value.size()) + " bytes are not a number");
    return ByteReader(value).uint(value.size());
}

std::string TableValueReply::as_text() const
{
    BytesView text = value;
    while (!text.empty() && text.back() == 0)
        text = text.first(text.size() - 1);
    return from_cp1251(text);
}

} // namespace kb::shtrih

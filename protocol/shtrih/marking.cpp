#include "protocol/shtrih/marking.hpp"

#include "protocol/fiscal/request_tlv.hpp"
#include "protocol/fiscal/tlv.hpp"

namespace kb::shtrih {

namespace {

constexpr std::size_t kMostFrameBytes = 255;
constexpr std::size_t kAroundCode = 10; // FF61: code 2, password 4, status, mode, two lengths
// Sold or returned by measure or in part.
constexpr std::uint8_t kSoldByMeasure = 2;
constexpr std::uint8_t kReturnedByMeasure = 4;

std::optional<std::uint8_t> byte_of(const std::vector<fiscal::Tlv>& tags, fiscal::Tag wanted)
{
    for (const fiscal::Tlv& tlv : tags)
        if (tlv.tag == wanted && tlv.value.size() == 1)
            return tlv.value.front();
    return std::nullopt;
}

} // namespace

Result<MarkToCheck> mark_to_check(const fiscal::Position& position, std::size_t index)
{
    MarkToCheck mark;
    mark.position = index;
    mark.command.planned_status = position.marking->planned_status;
    mark.command.code.assign(position.marking->code.begin(), position.marking->code.end());
    if (mark.command.planned_status == kSoldByMeasure || mark.command.planned_status == kReturnedByMeasure) {
        auto measure = fiscal::measure_tags(position);
        if (!measure)
            return pass(measure);
        mark.command.tlv = *std::move(measure);
    }
    const std::size_t most = kMostFrameBytes - kAroundCode - mark.command.tlv.size();
    if (mark.command.code.size() > most)
        return fail(Errc::not_representable,
                    "items[" + std::to_string(index) +
                        "].marking.code: " + std::to_string(mark.command.code.size()) +
                        " bytes, this register takes at most " + std::to_string(most));
    return mark;
}

fiscal::MarkCheck to_mark_check(const CheckMarkReply& checked, const AcceptMarkReply& kept)
{
    fiscal::MarkCheck check;
    // Behind another answer of the FN's than 0 there is a reason and no result.
    const bool told = checked.online.size() >= CheckMarkReply::kHead && checked.online[0] == 0;
    check.result = kept.result ? *kept.result : told ? checked.online[1] : checked.local_result;
    if (checked.online.size() > CheckMarkReply::kHead) {
        // What makes no sense there is left out: the result has been told.
        if (const auto tags = fiscal::read_tlvs(BytesView(checked.online).subspan(CheckMarkReply::kHead))) {
            check.request_result = byte_of(*tags, fiscal::tag::request_code);
            check.status_answer = byte_of(*tags, fiscal::tag::oism_status);
        }
    }
    check.state = fiscal::state_of(check);
    return check;
}

} // namespace kb::shtrih

#include "protocol/atol/codec.hpp"

#include "protocol/atol/bcd.hpp"
#include "protocol/atol/text.hpp"
#include "protocol/core/cp866.hpp"

#include <algorithm>

namespace kb::atol {

namespace {

// A block of a requisite with its head stays well below the longest request of v2, stuffing not counted.
constexpr std::size_t kBlock = 200;
constexpr std::size_t kMostBlocks = 255;

} // namespace

Result<Bytes> request_head(Command command, const Dialect& dialect)
{
    auto head = to_bcd(dialect.access_password, kPasswordSize);
    if (!head)
        return head;
    const auto code = static_cast<std::uint16_t>(command);
    if (request_code_size(code) == 2)
        head->push_back(static_cast<std::uint8_t>(code >> 8U));
    head->push_back(static_cast<std::uint8_t>(code & 0xFFU));
    return head;
}

Bytes answer_head(Command command)
{
    switch (info(command).form) {
    case AnswerForm::state_code:
        return {0x55};
    case AnswerForm::full_status:
        return {0x44};
    case AnswerForm::cash:
        return {0x4D};
    case AnswerForm::device_type:
        return {0x00};
    default:
        return {0x55, 0x00};
    }
}

Result<std::vector<WriteRequisite>> requisite_blocks(BytesView tlv, bool print)
{
    const std::size_t count = std::max<std::size_t>(1, (tlv.size() + kBlock - 1) / kBlock);
    if (count > kMostBlocks)
        return fail(Errc::too_many, "atol E8 write requisite: " + std::to_string(tlv.size()) + " bytes");
    std::vector<WriteRequisite> blocks;
    for (std::size_t block = 0; block < count; ++block) {
        const BytesView part = tlv.subspan(block * kBlock, std::min(kBlock, tlv.size() - block * kBlock));
        blocks.push_back({print, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(block),
                          Bytes(part.begin(), part.end())});
    }
    return blocks;
}

Result<Bytes> requisite_text(std::string_view utf8, const Dialect& dialect)
{
    return dialect.requisite_text == RequisiteText::wire ? to_wire(utf8) : to_cp866(utf8);
}

} // namespace kb::atol

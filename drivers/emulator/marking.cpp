#include "drivers/emulator/marking.hpp"

#include <algorithm>
#include <utility>

namespace kb::emulator {

namespace {

constexpr unsigned kFnChecked = 0x01;
constexpr unsigned kFnFoundRight = 0x02;
constexpr unsigned kSystemAnswered = 0x04;
constexpr unsigned kStatusRight = 0x08;

} // namespace

std::uint8_t MarkAnswer::local_result() const
{
    return fn == Fn::right   ? static_cast<std::uint8_t>(kFnChecked | kFnFoundRight)
           : fn == Fn::wrong ? static_cast<std::uint8_t>(kFnChecked)
                             : std::uint8_t{0};
}

std::uint8_t MarkAnswer::result() const
{
    unsigned bits = local_result();
    if (system != System::silent)
        bits |= kSystemAnswered;
    if (system == System::right && fn != Fn::wrong)
        bits |= kStatusRight;
    return static_cast<std::uint8_t>(bits);
}

MarkAnswer MarkingDesk::answer(const std::string& code) const
{
    const auto own = of_code_.find(code);
    return own == of_code_.end() ? usual_ : own->second;
}

void MarkingDesk::accept() { kept_.push_back(*std::exchange(pending_, std::nullopt)); }

void MarkingDesk::clear()
{
    pending_.reset();
    kept_.clear();
}

const CheckedMark* MarkingDesk::find(const std::string& code) const
{
    const auto at = std::find_if(kept_.begin(), kept_.end(),
                                 [&code](const CheckedMark& mark) { return mark.code == code; });
    return at == kept_.end() ? nullptr : &*at;
}

} // namespace kb::emulator

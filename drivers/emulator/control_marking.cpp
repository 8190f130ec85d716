// What the state system says of marking codes: POST /marking.
#include "drivers/emulator/control.hpp"
#include "drivers/emulator/control_json.hpp"

namespace kb::emulator {

namespace {

using nlohmann::json;

constexpr const char* kFnWords[] = {"right", "wrong", "no_key"};
constexpr const char* kSystemWords[] = {"right", "wrong_status", "suspended", "no_code", "silent"};

template <class Enum, std::size_t n>
Enum of_word(const char* const (&words)[n], const std::string& word)
{
    std::size_t at = 0;
    while (at + 1 < n && word != words[at])
        ++at;
    return static_cast<Enum>(at);
}

} // namespace

json Control::marking_state() const
{
    const MarkAnswer usual = kkt_.marking().usual();
    json kept = json::array();
    for (const CheckedMark& mark : kkt_.marking().kept())
        kept.push_back({{"code_hex", to_hex(as_bytes(mark.code))}, {"result", mark.result}});
    return {{"fn", kFnWords[static_cast<std::size_t>(usual.fn)]},
            {"system", kSystemWords[static_cast<std::size_t>(usual.system)]},
            {"kept", std::move(kept)}};
}

json Control::marking(const json& in)
{
    only_fields(in, {"fn", "system", "code"});
    const std::string code = text_of(in, "code", "");
    MarkAnswer answer = code.empty() ? kkt_.marking().usual() : kkt_.marking().answer(code);
    if (in.contains("fn"))
        answer.fn = of_word<MarkAnswer::Fn>(kFnWords, word_of(in, "fn", {"right", "wrong", "no_key"}));
    if (in.contains("system"))
        answer.system = of_word<MarkAnswer::System>(
            kSystemWords, word_of(in, "system", {"right", "wrong_status", "suspended", "no_code", "silent"}));
    if (code.empty())
        kkt_.marking().say(answer);
    else
        kkt_.marking().say_of(code, answer);
    return state();
}

} // namespace kb::emulator

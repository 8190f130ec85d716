// page: the address of the agent's page in a browser, with the token that opens it.
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/native_calls.hpp"

namespace kb::agent::kktctl {

int page(const Context& context)
{
    const Console& console = context.console;
    const auto calls = NativeCalls::to(context.config);
    if (!calls)
        return console.fail(calls.error());
    // An address where nobody answers, or somebody else, would only puzzle.
    if (const auto answer = calls->ask("GET", "/devices"); !answer)
        return console.fail(
            answer.error(),
            {console.say("страница не отвечает: ", "the page does not answer: ") + calls->address(),
             console.say("Работает ли агент: systemctl status kkt-agent",
                         "Is the agent running: systemctl status kkt-agent")});
    // Behind the '#' it stays in the browser and is sent to nobody.
    const std::string url = calls->address() + "/#token=" + calls->token();
    if (console.json) {
        console.line(nlohmann::json{{"url", url}}.dump(2));
        return kDone;
    }
    console.line(url);
    console.line(console.paint(
        Colour::grey,
        console.say("Откройте в браузере этого компьютера. Кто знает адрес целиком, может печатать на кассе.",
                    "Open it in a browser on this computer. Whoever knows all of it can print.")));
    return kDone;
}

} // namespace kb::agent::kktctl

#include "drivers/emulator/program.hpp"

#include "drivers/emulator/control_desk.hpp"
#include "drivers/emulator/control_server.hpp"
#include "drivers/emulator/ctl.hpp"
#include "drivers/emulator/register.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>

namespace kb::emulator {

namespace {

int complain(const std::string& what)
{
    std::cerr << "kkt-emulator: " << what << '\n';
    return 1;
}

const char* name_of_ffd(std::uint8_t ffd) { return ffd == 2 ? "1.05" : ffd == 3 ? "1.1" : "1.2"; }

} // namespace

std::string list_models(bool json)
{
    auto rows = nlohmann::json::array();
    std::string text;
    std::string habits;
    for (const Make& make : makes()) {
        auto quirks = nlohmann::json::array();
        for (const Quirk& quirk : make.quirks) {
            quirks.push_back(quirk.name);
            habits += fmt::format("  {:<14} {} ({})\n", quirk.name, quirk.what, make.name);
        }
        for (const ModelRow& model : make.models) {
            rows.push_back({{"family", model.family},
                            {"model", model.id},
                            {"name", model.name},
                            {"class", model.group},
                            {"framings", model.framings},
                            {"transports", model.transports},
                            {"quirks", quirks},
                            {"sd_card", model.sd_card},
                            {"ffd", name_of_ffd(model.ffd)},
                            {"serial_digits", model.serial_digits}});
            text += fmt::format("{:<7} {:<16} {:<10} {:<8} {}\n", model.family, model.id, model.group,
                                fmt::format("{}", fmt::join(model.framings, ",")), model.name);
        }
    }
    return json ? rows.dump() + "\n" : text + "\nHabits of some units, --quirk NAME:\n" + habits;
}

int run_emulator(const RunOptions& options)
{
    asio::io_context context(1);
    std::vector<std::unique_ptr<Register>> registers;
    ControlDesk desk;
    for (const RegisterOptions& wanted : options.registers) {
        auto started = Register::start(context, wanted);
        if (!started)
            return complain(wanted.name + ": " + started.error().message());
        registers.push_back(std::move(*started));
        desk.add(wanted.name, registers.back()->control());
    }
    ControlServer server(context,
                         [&desk](const std::string& method, const std::string& target,
                                 const std::string& body) { return desk.handle(method, target, body); });
    auto listening = server.listen(options.control.empty() ? kDefaultControl : options.control);
    if (!listening && options.control.empty())
        listening = server.listen("127.0.0.1:0");
    if (!listening)
        return complain(listening.error().message());

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&context](boost::system::error_code, int) { context.stop(); });

    // The line that starts with "kkt-emulator ready" is one that a script can wait for.
    if (registers.size() == 1) {
        std::cout << fmt::format("kkt-emulator ready: {} control {}\n", registers.front()->summary(),
                                 server.url());
    } else {
        for (const auto& one : registers)
            std::cout << fmt::format("register {}: {}\n", one->options().name, one->summary());
        std::cout << fmt::format("kkt-emulator ready: {} registers control {}\n", registers.size(),
                                 server.url());
    }
    std::cout << std::flush;
    try {
        context.run();
    } catch (const std::exception& broken) {
        return complain(broken.what());
    }
    return 0;
}

} // namespace kb::emulator

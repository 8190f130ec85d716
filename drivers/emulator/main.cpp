// kkt-emulator: a virtual fiscal register on a pty or a TCP port.
#include "kb_version.hpp"

#include "drivers/emulator/ctl.hpp"
#include "drivers/emulator/program.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {
constexpr int kBadUsage = 2;
} // namespace

int main(int argc, char** argv)
{
    using namespace kb::emulator;
    CLI::App app{"A virtual fiscal register with a virtual FN, faithful on the wire, with faults on demand."};
    app.set_version_flag("--version", std::string("kkt-emulator ") + kb::kVersion);
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  kkt-emulator run --listen pty:/tmp/kkt --state /tmp/kkt.state --sales 2/s\n"
               "  kkt-emulator run --model smartpos-f --listen tcp:127.0.0.1:7778 --framing v2\n"
               "  kkt-emulator ctl sale\n"
               "Open the control address in a browser to play the cashier.");

    RunOptions options;
    auto* run = app.add_subcommand("run", "Run a register until it is interrupted");
    run->add_option("--family", options.family, "Family of registers (default: whichever has the model)");
    run->add_option("--model", options.model,
                    "Model, see `kkt-emulator models` (default: the family's first)");
    run->add_option("--listen", options.listen, "pty:PATH (a link to the port) or tcp:HOST:PORT")->required();
    run->add_option("--framing", options.framing,
                    "Protocol, one of the model's, or auto (the first byte decides)")
        ->capture_default_str();
    run->add_option_function<std::string>(
           "--baud",
           [&options](const std::string& text) {
               if (text == "auto")
                   return;
               try {
                   options.baud = static_cast<std::uint32_t>(std::stoul(text));
               } catch (const std::exception&) {
                   throw CLI::ValidationError("--baud", "want a number or auto");
               }
               if (*options.baud < 300 || *options.baud > 4'000'000)
                   throw CLI::ValidationError("--baud", "want 300 to 4000000, or auto");
           },
           "Line speed: a pty follows the host unless given; TCP is not slowed down unless given")
        ->type_name("N|auto");
    run->add_option("--state", options.state, "File in which the register survives");
    run->add_option("--control", options.control,
                    std::string("Loopback address of the control API and keypad page (default ") +
                        kDefaultControl + ", or any free port)");
    run->add_option("--sales", options.sales, "Play a cashier: 2/s, 30/min, 100/h");
    run->add_option("--think", options.think_ms, "Time to execute a command, ms")->capture_default_str();
    run->add_option("--print-ms", options.print_ms, "Time to print a document, ms")->capture_default_str();
    run->add_option("--preload", options.preload, "Fill the FN up to this many documents");
    run->add_option("--seed", options.seed,
                    "Makes sales, faults and numbers repeatable; also the register's number")
        ->capture_default_str();
    run->add_option("--ffd", options.ffd, "FFD version at registration (default: the model's)")
        ->check(CLI::IsMember({"1.05", "1.1", "1.2"}));
    run->add_option("--serial", options.serial, "Factory number, 16 digits");
    run->add_option("--fn-serial", options.fn_serial, "FN number, 16 digits");
    run->add_option("--quirk", options.quirks, "A habit of some units, see `kkt-emulator models`")
        ->type_name("NAME");
    run->add_flag_callback(
        "--stray-ff", [&options] { options.quirks.emplace_back("stray_ff"); },
        "The same as --quirk stray_ff");
    run->add_flag("--ofd-silent", options.ofd_silent, "Start with an OFD that gives no tickets");

    bool json = false;
    auto* models = app.add_subcommand("models", "List the models");
    models->add_flag("--json", json, "As JSON");

    std::string control = kDefaultControl;
    std::vector<std::string> words;
    auto* ctl = app.add_subcommand("ctl", "Press a key on a running register");
    ctl->add_option("--control", control, "Its control address")->capture_default_str();
    ctl->add_option("words", words, "What to do")->required();
    ctl->footer(kCtlHelp);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kBadUsage;
    }
    if (models->parsed()) {
        std::cout << list_models(json);
        return 0;
    }
    if (ctl->parsed())
        return run_ctl(control, words);
    if (!options.fn_serial.empty() &&
        (options.fn_serial.size() != 16 ||
         options.fn_serial.find_first_not_of("0123456789") != std::string::npos)) {
        std::cerr << "kkt-emulator: --fn-serial " << options.fn_serial << ": want 16 digits\n";
        return kBadUsage;
    }
    return run_emulator(options);
}

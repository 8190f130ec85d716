// kkt-emulator: virtual fiscal registers on ptys or TCP ports.
#include "kb_version.hpp"

#include "drivers/emulator/ctl.hpp"
#include "drivers/emulator/fleet.hpp"
#include "drivers/emulator/program.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace kb::emulator;

struct RunWords {
    RegisterOptions
        common; ///< what is given by itself: of the one register, or of each that does not say otherwise
    std::vector<std::string> groups;
    std::string fleet;
    std::string control;
};

int misuse(const std::string& what)
{
    std::cerr << "kkt-emulator: " << what << '\n';
    return kBadUsage;
}

void add_register_options(CLI::App& run, RegisterOptions& into)
{
    for (const RegisterKey& key : register_keys()) {
        std::string option = "--" + std::string(key.name);
        std::replace(option.begin(), option.end(), '_', '-');
        if (key.flag) {
            run.add_flag_callback(
                option, [&key, &into] { key.set(into, "true"); }, std::string(key.what));
            continue;
        }
        run.add_option_function<std::vector<std::string>>(
               option,
               [&key, &into, option](const std::vector<std::string>& values) {
                   for (const std::string& value : values)
                       if (const auto wanted = key.set(into, value))
                           throw CLI::ValidationError(option, "\"" + value + "\", " + *wanted);
               },
               std::string(key.what))
            ->type_name("TEXT")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    run.add_flag_callback(
        "--stray-ff", [&into] { into.quirks.emplace_back("stray_ff"); }, "The same as --quirk stray_ff");
}

// The registers of a command line; an error text otherwise.
tl::expected<RunOptions, std::string> registers_of(const RunWords& words)
{
    RunOptions options;
    options.control = words.control;
    if (!words.fleet.empty()) {
        if (!words.groups.empty() || !words.common.listen.empty())
            return tl::unexpected(
                std::string("--fleet: the file says it all; leave out --register and --listen"));
        std::ifstream file(words.fleet, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        if (!file)
            return tl::unexpected("--fleet " + words.fleet + ": cannot read the file");
        auto fleet = read_fleet(text.str(), words.fleet);
        if (!fleet) {
            std::string all;
            for (const std::string& complaint : fleet.error())
                all += (all.empty() ? "" : "\nkkt-emulator: ") + complaint;
            return tl::unexpected(all);
        }
        options.registers = std::move(fleet->registers);
        if (options.control.empty())
            options.control = fleet->control;
        return options;
    }
    if (words.groups.empty()) {
        options.registers.push_back(words.common);
        if (const auto bad = check_register(words.common))
            return tl::unexpected("--" + bad->text());
    }
    for (const std::string& group : words.groups) {
        RegisterOptions one = words.common;
        for (const auto& bad : {set_words(one, group), check_register(one)})
            if (bad)
                return tl::unexpected("--register \"" + group + "\": " + bad->text());
        options.registers.push_back(std::move(one));
    }
    if (const auto clash = settle_registers(options.registers))
        return tl::unexpected("--register " + std::to_string(clash->index + 1) + ": " +
                              clash->complaint.text());
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Virtual fiscal registers with virtual FNs, faithful on the wire, with faults on demand."};
    app.set_version_flag("--version", std::string("kkt-emulator ") + kb::kVersion);
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  kkt-emulator run --listen pty:/tmp/kkt --state /tmp/kkt.state --sales 2/s\n"
               "  kkt-emulator run --model smartpos-f --listen tcp:127.0.0.1:7778 --framing v2\n"
               "  kkt-emulator run --family atol --model 30f --listen tcp:127.0.0.1:5555\n"
               "  kkt-emulator run --sales 10/min --register \"name=till-1 listen=pty:/tmp/till-1\" \\\n"
               "                   --register \"name=till-2 family=elves listen=pty:/tmp/till-2\"\n"
               "  kkt-emulator run --fleet packaging/examples/fleet.toml\n"
               "  kkt-emulator ctl --register till-2 sale\n"
               "Open the control address in a browser to play the cashier.");

    RunWords words;
    auto* run = app.add_subcommand("run", "Run registers until interrupted");
    add_register_options(*run, words.common);
    run->add_option(
           "--register", words.groups,
           "One register more, as \"key=value ...\"; the keys are the options above with _ for -, and those "
           "given beside it are meant for each")
        ->type_name("\"KEY=VALUE ...\"")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    run->add_option("--fleet", words.fleet, "Registers from a file, see packaging/examples/fleet.toml")
        ->type_name("FILE");
    run->add_option("--control", words.control,
                    std::string("Loopback address of the control API and keypad page (default ") +
                        kDefaultControl + ", or any free port)");
    run->footer(
        "Everything is given once for one register:\n"
        "  kkt-emulator run --family retail --listen tcp:127.0.0.1:7778\n"
        "Without --state a register forgets everything at its end; with it, it survives even kill -9.");

    bool json = false;
    auto* models = app.add_subcommand("models", "List the models");
    models->add_flag("--json", json, "As JSON");

    std::string control = kDefaultControl;
    std::string which;
    std::vector<std::string> verbs;
    auto* ctl = app.add_subcommand("ctl", "Press a key on a running register");
    ctl->add_option("--control", control, "Its control address")->capture_default_str();
    ctl->add_option("--register", which, "Its name, where there are several (see `ctl registers`)");
    ctl->add_option("words", verbs, "What to do")->required();
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
        return run_ctl(control, which, verbs);
    const auto options = registers_of(words);
    return options ? run_emulator(*options) : misuse(options.error());
}

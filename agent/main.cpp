// kkt-agent: reads every fiscal document out of the register and keeps the cabinet up to date.
#include "kb_version.hpp"

#include "agent/application.hpp"
#include "agent/config.hpp"
#include "agent/log.hpp"
#include "agent/service/service.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using namespace kb;

constexpr int kBadConfig = 2; // and a wrong command line; sysexits would say 78; systemd shows either

std::string_view word(agent::LogLevel level)
{
    switch (level) {
    case agent::LogLevel::trace:
        return "trace";
    case agent::LogLevel::debug:
        return "debug";
    case agent::LogLevel::info:
        return "info";
    case agent::LogLevel::warning:
        return "warning";
    case agent::LogLevel::error:
        return "error";
    }
    return "info";
}

int serve(const agent::Config& config, std::optional<agent::Application>& application)
{
    agent::log::start(config.log_format == agent::LogFormat::json ? agent::log::Form::json
                                                                  : agent::log::Form::text,
                      word(config.log_level));
    application.emplace(config);
    if (const auto started = application->start(); !started) {
        agent::log::error("agent: cannot start", {{"error", started.error().message()}});
        agent::service::notify("STATUS=" + started.error().message());
        return 1;
    }
    application->run();
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    agent::service::be_small();
    std::string config_file;
    bool check_only = false;
    CLI::App cli(
        "Reads every fiscal document out of the cash registers of this PC, keeps them in a journal and "
        "sends them to the cabinet.",
        "kkt-agent");
    cli.add_option("--config", config_file, "The configuration file (TOML)")->required();
    cli.add_flag("--check-config", check_only, "Only say whether the configuration is right");
    cli.set_version_flag("--version", std::string("kkt-agent ") + kVersion);
    cli.footer("Examples:\n"
               "  kkt-agent --config /etc/kkt-bridge/agent.toml\n"
               "  kkt-agent --config agent.toml --check-config\n"
               "The file packaging/examples/agent.toml explains every key. To join a cabinet:\n"
               "  kktctl --config /etc/kkt-bridge/agent.toml enroll CODE");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : kBadConfig;
    }

    const auto loaded = agent::load_config(config_file, language_of_the_user());
    for (const agent::ConfigProblem& problem : loaded.problems) {
        std::fprintf(stderr, "%s\n", problem.text(config_file).c_str());
    }
    if (!loaded.ok()) {
        return kBadConfig;
    }
    if (check_only) {
        std::printf("%s: ok\n", config_file.c_str());
        return 0;
    }
    std::optional<agent::Application> application;
    const int result = agent::service::run([&] { return serve(loaded.config, application); },
                                           [&] {
                                               if (application) {
                                                   application->request_stop();
                                               }
                                           });
    application.reset(); // the journal is closed here
    // The HTTP library's own threads may sit in a name lookup for longer than a service may take to stop;
    // nothing of ours is left to be destroyed.
    std::fflush(nullptr);
    std::_Exit(result);
}

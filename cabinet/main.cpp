// kkt-cabinet: the server owners and agents meet on.
#include "kb_version.hpp"

#include "cabinet/application.hpp"
#include "cabinet/asio.hpp"
#include "cabinet/init.hpp"
#include "cabinet/log.hpp"

#include <CLI/CLI.hpp>

#include <ctime>
#include <filesystem>
#include <iostream>

namespace {

using namespace kb;
using namespace kb::cabinet;

class SystemClock : public Clock {
public:
    [[nodiscard]] UtcMs now() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    [[nodiscard]] LocalSeconds local_now() const override
    {
        const std::time_t now = std::time(nullptr);
        std::tm parts{};
        localtime_r(&now, &parts);
        return local_from_parts(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                parts.tm_min, std::min(parts.tm_sec, 59), "now")
            .value_or(LocalSeconds{});
    }
};

constexpr int kFailed = 1;
constexpr int kBadUsage = 2; // a wrong command line or configuration: starting again changes nothing

int failed(const Error& error)
{
    std::cerr << "kkt-cabinet: " << error.message() << "\n";
    return error.code == Errc::bad_config || error.code == Errc::bad_value ? kBadUsage : kFailed;
}

int run_init(InitOptions options, bool password_from_stdin)
{
    if (password_from_stdin && !std::getline(std::cin, options.password))
        return failed({Errc::bad_value, Outcome::not_done, "--password-stdin: standard input is empty", {}});
    const auto made = init_cabinet(options);
    if (!made)
        return failed(made.error());
    std::cout << "cabinet:       " << options.data_dir << "\n"
              << "login:         " << options.email << "\n";
    if (!made->password.empty())
        std::cout << "password:      " << made->password << "   (shown this once)\n";
    if (!made->ca_file.empty())
        std::cout << "CA for agents: " << made->ca_file << "   (ca_file in the agent's configuration)\n";
    std::cout << "configuration: " << made->config_file << "\n"
              << "next:          kkt-cabinet serve --config " << made->config_file << "\n";
    return 0;
}

int told(const std::string& file, const std::vector<ConfigProblem>& problems)
{
    for (const ConfigProblem& problem : problems)
        std::cerr << problem.text(file) << "\n";
    return problems.empty() ? 0 : kBadUsage;
}

int run_server(const std::string& config_file)
{
    const SystemClock clock;
    const Language language = language_of_the_user();
    ConfigResult loaded = load_config(config_file, language);
    FileCheck files = check_files(loaded, clock.now(), language);
    for (ConfigProblem& problem : files.problems)
        loaded.problems.push_back(std::move(problem));
    sort_by_line(loaded.problems);
    const Config& config = loaded.config;
    const int bad_config = told(config_file, loaded.problems);
    const int bad_catalogue =
        config.catalogue.empty()
            ? 0
            : told(config.catalogue, Catalogue::read(config.catalogue, language).problems);
    if (bad_config != 0 || bad_catalogue != 0)
        return kBadUsage;
    if (const auto opened = open_log(std::string(to_string(config.log_level)), config.log_file); !opened)
        return failed(opened.error());
    for (const ConfigProblem& warning : files.warnings)
        log_warning("{}", {warning.text(config_file)});
    auto application = Application::start(config, clock);
    if (!application)
        return failed(application.error());
    std::cout << "kkt-cabinet " << kVersion << ": https://" << config.address << ":" << (*application)->port()
              << std::endl;
    asio::io_context context;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    asio::steady_timer timer(context);
    std::function<void()> tick = [&] {
        timer.expires_after(std::chrono::seconds(1));
        timer.async_wait([&](const boost::system::error_code& error) {
            if (error)
                return;
            (*application)->tick();
            tick();
        });
    };
    tick();
    signals.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
    context.run();
    log_info("stopping");
    application->reset();
    return 0;
}

int run_enrolment_code(const std::string& config_file, const std::string& tenant)
{
    const ConfigResult loaded = load_config(config_file, language_of_the_user());
    if (!loaded.ok())
        return told(config_file, loaded.problems);
    const auto code = make_enrolment_code(loaded.config.data_dir, tenant);
    if (!code)
        return failed(code.error());
    std::cout << *code << std::endl;
    return 0;
}

/// Where the pages and the catalogue lie beside this program: installed, or in the build folder.
std::string shipped(const char* program, const std::string& name, const std::string& fallback)
{
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path bin = fs::weakly_canonical(fs::path(program), error).parent_path();
    const fs::path installed = bin / ".." / "share" / "kkt-bridge" / name;
    return fs::exists(installed, error) ? installed.lexically_normal().string() : fallback;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("kkt-cabinet " + std::string(kVersion) + ": the cabinet of KKT Bridge");
    app.set_version_flag("--version", "kkt-cabinet " + std::string(kVersion));
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  kkt-cabinet init --data /var/lib/kkt-cabinet --email owner@example.org --tls self-signed\n"
               "  kkt-cabinet serve --config /var/lib/kkt-cabinet/cabinet.toml\n"
               "  kkt-cabinet enrolment-code --config /var/lib/kkt-cabinet/cabinet.toml");

    InitOptions options;
    options.web_root = shipped(argv[0], "web", KB_WEB_ROOT);
    options.catalogue = shipped(argv[0], "catalogue.toml", KB_CATALOGUE);
    bool password_from_stdin = false;
    std::string tls;
    auto* init =
        app.add_subcommand("init", "Make a cabinet: database, owner's account, certificate, configuration");
    init->add_option("--data", options.data_dir, "Folder of the cabinet; made if it is not there")
        ->required();
    init->add_option("--email", options.email, "Login of the owner")->required();
    init->add_flag("--password-stdin", password_from_stdin,
                   "Read the password from standard input; without it one is generated and printed");
    init->add_option("--tenant", options.tenant, "Name of the owner, as shown")->capture_default_str();
    init->add_option("--tls", tls,
                     "self-signed: make a private CA and a certificate for localhost and 127.0.0.1")
        ->check(CLI::IsMember({"self-signed"}));
    init->add_option("--web-root", options.web_root, "Folder of the web pages")->capture_default_str();
    init->add_option("--catalogue", options.catalogue, "Book of models")->capture_default_str();
    init->footer("Example:\n  echo 'a long password' | kkt-cabinet init --data /var/lib/kkt-cabinet \\\n"
                 "    --email owner@example.org --password-stdin --tenant 'ООО Ромашка' --tls self-signed");

    std::string config_file;
    std::string tenant;
    auto* serve = app.add_subcommand("serve", "Serve agents and web pages until SIGTERM");
    serve->add_option("--config", config_file, "Configuration file, as init writes it")->required();
    auto* code =
        app.add_subcommand("enrolment-code", "Print a pairing code for one agent: single use, 2 hours");
    code->add_option("--config", config_file, "Configuration file, as init writes it")->required();
    code->add_option("--tenant", tenant, "Name of the owner; needed when there is more than one");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kBadUsage;
    }
    options.self_signed = !tls.empty();
    if (*init)
        return run_init(options, password_from_stdin);
    if (*serve)
        return run_server(config_file);
    return run_enrolment_code(config_file, tenant);
}

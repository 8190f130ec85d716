#include "cabinet/config.hpp"
#include "cabinet/init.hpp"
#include "cabinet/store/accounts.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

namespace {

constexpr const char* kGood = "listen = \"127.0.0.1:9443\"\n"
                              "data_dir = \"data\"\n"
                              "catalogue = \"/opt/catalogue.toml\"\n"
                              "[tls]\n"
                              "certificate = \"tls/server.pem\"\n"
                              "key = \"tls/server.key\"\n";

Result<Config> load(const TempDir& dir, const std::string& text)
{
    const std::string file = dir.path() + "/cabinet.toml";
    std::ofstream(file) << text;
    return load_config(file);
}

} // namespace

TEST_CASE("a configuration is read with its paths taken from its folder", "[cabinet][config]")
{
    TempDir dir;
    const auto config = load(dir, kGood);
    REQUIRE(config);
    CHECK(config->port == 9443);
    CHECK(config->data_dir == dir.path() + "/data");
    CHECK(config->catalogue == "/opt/catalogue.toml");
    CHECK(config->tls_key == dir.path() + "/tls/server.key");
}

TEST_CASE("every mistake in the configuration is told with key and cure", "[cabinet][config]")
{
    TempDir dir;
    const std::string good = kGood;
    const auto [text, wanted] = GENERATE_COPY(table<std::string, std::string>({
        {good + "cert = \"x\"\n", "line 7: tls.cert: no such key"},
        {"port = 5\n" + good, "line 1: port: no such key"},
        {"data_dir = 5\n", "line 1: data_dir: not a text"},
        {"listen = \"8443\"\n", "ADDRESS:PORT"},
        {"listen = \"host:0\"\n", "ADDRESS:PORT"},
        {"listen = \"host:99999\"\n", "ADDRESS:PORT"},
        {"data_dir = \"x\"\n", "tls.certificate: missing"},
        {good + "[log]\nlevel = \"loud\"\n", "log.level"},
        {"web_root = \".\"\n" + good, "web_root: "},
        {"web_root = \"data\"\n" + good, "web_root: "},
        {"= nothing", "line 1"},
    }));
    const auto config = load(dir, text);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Errc::bad_config);
    CHECK_THAT(config.error().context, Catch::Contains(wanted));
}

TEST_CASE("init makes a cabinet that can be served, once per e-mail", "[cabinet][init]")
{
    TempDir dir;
    InitOptions options;
    options.data_dir = dir.path() + "/cabinet";
    options.email = "Owner@Example.org";
    options.tenant = "ООО Ромашка";
    options.catalogue = KB_CATALOGUE;
    options.self_signed = true;
    const auto made = init_cabinet(options);
    REQUIRE(made);
    CHECK(made->password.size() == 23);
    for (const auto* file : {"ca.pem", "server.pem", "server.key"})
        CHECK(std::filesystem::exists(options.data_dir + "/tls/" + file));
    const auto mode = std::filesystem::status(options.data_dir + "/tls/server.key").permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
    const auto config = load_config(made->config_file);
    REQUIRE(config);
    CHECK(config->data_dir == options.data_dir);
    CHECK(make_enrolment_code(options.data_dir, "").value().size() == 8);
    CHECK(make_enrolment_code(options.data_dir, "nobody").error().code == Errc::not_found);
    CHECK(init_cabinet(options).error().code == Errc::conflict);
    options.email = "no address";
    CHECK(init_cabinet(options).error().code == Errc::bad_value);
}

TEST_CASE("the book of models is refused with the place of its mistake", "[cabinet][config]")
{
    TempDir dir;
    const std::string file = dir.path() + "/catalogue.toml";
    const auto [text, wanted] = GENERATE(table<std::string, std::string>({
        {"", "no [[model]]"},
        {"[[model]]\ncolour = \"red\"\n", "model[0].colour: no such key"},
        {"[[model]]\n[[model]]\noldest_good_firmware = \"2024-01-01\"\n",
         "model[1].oldest_good_firmware: not a date"},
        {"[[model]]\nmodels = 5\n", "model[0].models: not a list"},
    }));
    std::ofstream(file) << text;
    const auto catalogue = Catalogue::load(file);
    REQUIRE_FALSE(catalogue);
    CHECK_THAT(catalogue.error().context, Catch::Contains(wanted));
}

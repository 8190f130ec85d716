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

ConfigResult load(const TempDir& dir, const std::string& text, Language language = Language::russian)
{
    const std::string file = dir.path() + "/cabinet.toml";
    std::ofstream(file) << text;
    return load_config(file, language);
}

/// "12: tls.key: reason. cure", one for each problem.
std::vector<std::string> told(const std::vector<ConfigProblem>& problems)
{
    std::vector<std::string> lines;
    for (const ConfigProblem& problem : problems)
        lines.push_back(problem.text("").substr(problem.line == 0 ? 2 : 1));
    return lines;
}

} // namespace

TEST_CASE("a configuration is read with its paths taken from its folder", "[cabinet][config]")
{
    TempDir dir;
    const auto loaded = load(dir, kGood);
    CHECK(told(loaded.problems).empty());
    CHECK(loaded.config.port == 9443);
    CHECK(loaded.config.data_dir == dir.path() + "/data");
    CHECK(loaded.config.catalogue == "/opt/catalogue.toml");
    CHECK(loaded.config.tls_key == dir.path() + "/tls/server.key");
    CHECK(loaded.lines.at("tls.key") == 6);
}

TEST_CASE("all mistakes are told at once, by line, each with its cure", "[cabinet][config]")
{
    TempDir dir;
    const auto loaded = load(dir, "listen = \"8443\"\n"
                                  "data_dir = 5\n"
                                  "port = 8443\n"
                                  "log = 7\n"
                                  "[tls]\n"
                                  "certificat = \"server.pem\"\n"
                                  "key = true\n");
    CHECK(told(loaded.problems) ==
          std::vector<std::string>{
              "catalogue: не указана книга моделей. Добавьте в начало файла: catalogue = "
              "\"/usr/share/kkt-bridge/catalogue.toml\"",
              "1: listen: нужны адрес и порт (1..65535) через двоеточие, а здесь «8443». Напишите, например: "
              "listen = \"0.0.0.0:8443\"",
              "2: data_dir: нужна строка в кавычках, а здесь целое число. Напишите, например: data_dir = "
              "\"/var/lib/kkt-cabinet\"",
              "3: port: такого ключа нет. Здесь бывают: listen, data_dir, web_root, catalogue, tls, log.",
              "4: log: это раздел, а не значение. Напишите [log] отдельной строкой.",
              "5: tls.certificate: не указан файл сертификата. Добавьте в раздел [tls]: certificate = "
              "\"tls/server.pem\"",
              "6: tls.certificat: такого ключа нет. Может быть, имелось в виду «certificate»?",
              "7: tls.key: нужна строка в кавычках, а здесь да/нет. Напишите, например: key = "
              "\"tls/server.key\"",
          });
}

TEST_CASE("each single mistake in the configuration is told with line, key and cure", "[cabinet][config]")
{
    TempDir dir;
    const std::string good = kGood;
    struct Mistake {
        std::string text;
        std::string wanted;
    };
    const auto mistake = GENERATE_COPY(
        Mistake{good + "cert = \"x\"\n", "7: tls.cert: there is no such key. "},
        Mistake{"listen = \"host:0\"\n" + good.substr(good.find('\n') + 1),
                "1: listen: an address and a port"},
        Mistake{"listen = \":443\"\n" + good.substr(good.find('\n') + 1), "1: listen: an address and a port"},
        Mistake{"listen = \"host:99999\"\n" + good.substr(good.find('\n') + 1),
                "1: listen: an address and a port"},
        Mistake{"listen = \"\"\n" + good.substr(good.find('\n') + 1), "1: listen: an empty text. "},
        Mistake{
            good + "[log]\nlevel = \"loud\"\n",
            "8: log.level: the value \"loud\" is not one of the known. Known: debug, info, warning, error."},
        Mistake{good + "[log]\nlevel = \"warn\"\n", "Perhaps \"warning\"?"},
        Mistake{"web_root = \".\"\n" + good, "1: web_root: this folder holds data_dir too"},
        Mistake{"web_root = \"data\"\n" + good, "1: web_root: this folder holds data_dir too"},
        Mistake{"= nothing", "1: this is not TOML: "}, Mistake{good + "[tls]\n", "7: this is not TOML: "});
    const auto loaded = load(dir, mistake.text, Language::english);
    const auto lines = told(loaded.problems);
    CAPTURE(mistake.text);
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], Catch::Contains(mistake.wanted));
    CHECK_FALSE(loaded.problems[0].cure.empty());
    CHECK_FALSE(loaded.ok());
}

TEST_CASE("a configuration that is not there, or is a folder, is told with the cure", "[cabinet][config]")
{
    TempDir dir;
    const auto absent = load_config(dir.path() + "/none.toml", Language::russian);
    CHECK(told(absent.problems) ==
          std::vector<std::string>{"файла нет. Новый файл напишет kkt-cabinet init."});
    const auto folder = load_config(dir.path(), Language::english);
    REQUIRE(folder.problems.size() == 1);
    CHECK(folder.problems[0].reason == "the file cannot be read or is empty");
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
    const auto loaded = load_config(made->config_file, Language::russian);
    CHECK(told(loaded.problems).empty());
    CHECK(loaded.config.data_dir == options.data_dir);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    CHECK(told(check_files(loaded, now, Language::russian).problems).empty());
    CHECK(make_enrolment_code(options.data_dir, "").value().size() == 8);
    CHECK(make_enrolment_code(options.data_dir, "nobody").error().code == Errc::not_found);
    CHECK(init_cabinet(options).error().code == Errc::conflict);
    options.email = "no address";
    CHECK(init_cabinet(options).error().code == Errc::bad_value);
}

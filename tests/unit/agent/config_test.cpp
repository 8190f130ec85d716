// The configuration file: defaults, every kind of mistake with its line and cure, and the example.
#include "agent/config.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <sstream>

using namespace kb::agent;
using kb::test::TempDir;
using kb::test::write_file;

namespace {

const std::string kSmallest = "[agent]\ndata_dir = \"/var/lib/kkt\"\n";

ConfigProblem only_problem(const std::string& toml, Language language = Language::russian)
{
    const ConfigResult result = parse_config(toml, language);
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.text("agent.toml"));
    REQUIRE(result.problems.size() == 1);
    return result.problems.front();
}

} // namespace

TEST_CASE("the smallest config has the usual values", "[config]")
{
    const ConfigResult result =
        parse_config(kSmallest + "[[device]]\nport = \"tcp:192.168.137.111:7778\"\n", Language::russian);
    REQUIRE(result.ok());
    CHECK(result.config.data_dir == "/var/lib/kkt");
    CHECK(result.config.listen.text() == "127.0.0.1:8761");
    CHECK(result.config.cabinet.url.empty());
    REQUIRE(result.config.devices.size() == 1);
    CHECK(result.config.devices[0].port == "tcp:192.168.137.111:7778");
    CHECK(result.config.devices[0].family == "auto");
    CHECK(result.config.devices[0].password == 30);
}

TEST_CASE("every key reaches its place", "[config]")
{
    const ConfigResult result = parse_config(R"(
[agent]
data_dir = "/d"
log_level = "debug"
log_format = "json"
listen = "localhost:9000"
[cabinet]
url = "http://127.0.0.1:8080/"
batch_documents = 10
batch_kb = 64
retry_first_ms = 50
retry_cap_s = 7
request_timeout_s = 5
command_wait_s = 3
[[device]]
port = "serial:/dev/ttyACM0"
family = "shtrih"
baud = 4800
password = 1
name = "Касса 1"
marking_wait_s = 12
marking_refused = "sell"
poll_busy_ms = 200
poll_quiet_ms = 400
sample_every_s = 60
cabinet_commands = ["print", "x_report", "print"]
[[device]]
port = "serial:COM3"
[device.atol]
access_password = 1111
no_print_flag = 2
requisite_text = "wire"
[retention]
documents_days = 100
telemetry_days = 9
max_mb = 0
)",
                                             Language::russian);
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.text("agent.toml"));
    REQUIRE(result.ok());
    const Config& config = result.config;
    CHECK(config.log_level == LogLevel::debug);
    CHECK(config.log_format == LogFormat::json);
    CHECK(config.listen.text() == "127.0.0.1:9000");
    CHECK(config.cabinet.url == "http://127.0.0.1:8080");
    CHECK(config.cabinet.batch_documents == 10);
    CHECK(config.cabinet.batch_bytes == 65536);
    CHECK(config.cabinet.retry_first == std::chrono::milliseconds{50});
    CHECK(config.cabinet.retry_cap == std::chrono::seconds{7});
    CHECK(config.cabinet.request_timeout == std::chrono::seconds{5});
    CHECK(config.cabinet.command_wait == std::chrono::seconds{3});
    REQUIRE(config.devices.size() == 2);
    CHECK(config.devices[0].baud == 4800);
    CHECK(config.devices[0].password == 1);
    CHECK(config.devices[0].name == "Касса 1");
    CHECK(config.devices[0].poll_busy == std::chrono::milliseconds{200});
    CHECK(config.devices[0].poll_quiet == std::chrono::milliseconds{400});
    CHECK(config.devices[0].sample_every == std::chrono::seconds{60});
    using Command = kb::cabinet_api::CommandKind;
    CHECK(config.devices[0].cabinet_commands == std::vector<Command>{Command::print, Command::x_report});
    CHECK(config.devices[1].cabinet_commands.empty());
    CHECK(config.devices[0].driver_options().marking_wait == std::chrono::seconds{12});
    CHECK(config.devices[0].driver_options().marking_refused == kb::DriverOptions::MarkingRefused::sell);
    CHECK(config.devices[1].driver_options().marking_wait == std::chrono::seconds{5});
    CHECK(config.devices[1].driver_options().marking_refused == kb::DriverOptions::MarkingRefused::refuse);
    CHECK(config.devices[0].vendor_keys.empty());
    using Keys = std::map<std::string, std::string, std::less<>>;
    CHECK(config.devices[1].vendor_keys == Keys{{"atol.access_password", "1111"},
                                                {"atol.no_print_flag", "2"},
                                                {"atol.requisite_text", "wire"}});
    CHECK(config.retention.keep_documents == std::chrono::days{100});
    CHECK(config.retention.keep_telemetry == std::chrono::days{9});
    CHECK(config.retention.max_bytes == 0);
}

TEST_CASE("an unknown key is refused with its line and the nearest known one", "[config]")
{
    const auto problem = only_problem(kSmallest + "[cabinet]\nurll = \"https://x.ru\"\n");
    CHECK(problem.line == 4);
    CHECK(problem.key == "cabinet.urll");
    CHECK(problem.reason == "такого ключа нет");
    CHECK(problem.cure == "Может быть, имелось в виду «url»?");
    CHECK(problem.text("agent.toml") ==
          "agent.toml:4: cabinet.urll: такого ключа нет. Может быть, имелось в виду «url»?");
    CHECK(only_problem(kSmallest + "[cabinet]\nretry_cap = 5\n", Language::english).cure ==
          "Did you mean \"retry_cap_s\"?");
    CHECK_THAT(only_problem(kSmallest + "[cabinet]\nxyz = 5\n").cure, Catch::Contains("batch_documents"));
    CHECK(only_problem(kSmallest + "[cabinett]\n").cure == "Может быть, имелось в виду «cabinet»?");
}

TEST_CASE("what the cabinet may do with a register is nothing, until words it knows say otherwise",
          "[config]")
{
    const std::string head = kSmallest + "[[device]]\nport = \"serial:COM3\"\n";
    CHECK(parse_config(head, Language::russian).config.devices[0].cabinet_commands.empty());
    const auto none = parse_config(head + "cabinet_commands = []\n", Language::russian);
    REQUIRE(none.ok());
    CHECK(none.config.devices[0].cabinet_commands.empty());
    const auto wrong = only_problem(head + "cabinet_commands = [\"x_report\", \"close_shft\"]\n");
    CHECK(wrong.line == 5);
    CHECK(wrong.key == "device[1].cabinet_commands");
    CHECK(wrong.reason == "значение «close_shft» не подходит");
    CHECK_THAT(wrong.cure, Catch::Contains("Может быть, «close_shift»?"));
    CHECK(only_problem(head + "cabinet_commands = \"x_report\"\n").reason ==
          "нужен список строк в кавычках, а здесь строка");
    CHECK(only_problem(head + "cabinet_commands = true\n").key == "device[1].cabinet_commands");
}

TEST_CASE("a vendor's own section is refused when wrong, with line and cure", "[config]")
{
    const std::string head = kSmallest + "[[device]]\nport = \"serial:COM3\"\n[device.atol]\n";
    const auto unknown = only_problem(head + "acess_password = 1\n");
    CHECK(unknown.line == 6);
    CHECK(unknown.key == "device[1].atol.acess_password");
    CHECK_THAT(unknown.cure, Catch::Contains("access_password"));
    const auto outside = only_problem(head + "access_password = 10000\n");
    CHECK(outside.key == "device[1].atol.access_password");
    CHECK_THAT(outside.reason, Catch::Contains("0..9999"));
    const auto word = only_problem(head + "no_print_flag = 3\n");
    CHECK_THAT(word.cure, Catch::Contains("4, 2"));
    CHECK_THAT(only_problem(head + "requisite_text = \"koi8\"\n").cure, Catch::Contains("cp866, wire"));
    CHECK_THAT(only_problem(head + "requisite_text = true\n").cure,
               Catch::Contains("requisite_text = \"cp866\""));
    const auto value =
        only_problem(kSmallest + "[[device]]\nport = \"serial:COM3\"\natol = 1\n", Language::english);
    CHECK(value.key == "device[1].atol");
    CHECK_THAT(value.cure, Catch::Contains("[device.atol]"));
    CHECK(only_problem(kSmallest + "[[device]]\nport = \"serial:COM3\"\n[device.atoll]\n").key ==
          "device[1].atoll");
}

TEST_CASE("wrong values name the reason and show a right one", "[config]")
{
    struct Row {
        std::string toml;
        std::string key;
        std::string reason;
        std::string cure;
    };
    const Row row = GENERATE(values<Row>({
        {"[agent]\ndata_dir = 5\n", "agent.data_dir", "нужна строка", "data_dir = \"/var/lib/kkt-bridge\""},
        {"[agent]\ndata_dir = \"\"\n", "agent.data_dir", "пустая", "data_dir"},
        {"[agent]\n", "agent.data_dir", "не указана папка", "data_dir"},
        {"", "agent.data_dir", "не указана папка", "[agent]"},
        {kSmallest + "log_level = \"inf\"\n", "agent.log_level", "«inf»", "Может быть, «info»?"},
        {kSmallest + "listen = \"0.0.0.0:8761\"\n", "agent.listen", "виден из сети", "127.0.0.1:8761"},
        {kSmallest + "listen = \"8761\"\n", "agent.listen", "адрес и порт", "127.0.0.1:8761"},
        {kSmallest + "listen = \"127.0.0.1:99999\"\n", "agent.listen", "адрес и порт", "127.0.0.1:8761"},
        {kSmallest + "[cabinet]\nurl = \"cabinet.example.ru\"\n", "cabinet.url", "https://", "https://"},
        {kSmallest + "[cabinet]\nurl = \"http://cabinet.example.ru\"\n", "cabinet.url", "без шифрования",
         "https://"},
        {kSmallest + "[cabinet]\nretry_cap_s = \"5\"\n", "cabinet.retry_cap_s", "а здесь строка",
         "retry_cap_s = 300"},
        {kSmallest + "[cabinet]\nretry_cap_s = 5.5\n", "cabinet.retry_cap_s", "дробное", "retry_cap_s = 300"},
        {kSmallest + "[cabinet]\nretry_cap_s = 0\n", "cabinet.retry_cap_s", "вне пределов 1..3600", "= 300"},
        {kSmallest + "[device]\nport = \"serial:COM3\"\n", "device", "двойными", "[[device]]"},
        {kSmallest + "[[device]]\nname = \"x\"\n", "device[1].port", "не указан порт", "port = "},
        {kSmallest + "[[device]]\nport = \"com3\"\n", "device[1].port", "это не порт", "serial:/dev/ttyACM0"},
        {kSmallest + "[[device]]\nport = \"tcp:kassa\"\n", "device[1].port", "«tcp:kassa»",
         "tcp:192.168.137.111:7778"},
        {kSmallest + "[[device]]\nport = \"serial:COM3\"\nfamily = \"strih\"\n", "device[1].family",
         "«strih»", "«shtrih»"},
        {kSmallest + "[[device]]\nport = \"serial:COM3\"\nbaud = 300\n", "device[1].baud", "малая скорость",
         "115200"},
        {kSmallest + "[[device]]\nport = \"serial:A\"\n[[device]]\nport = \"serial:A\"\n", "device[2].port",
         "у кассы 1", "другой порт"},
        {kSmallest + "[[device]]\nport = \"serial:A\"\npoll_busy_ms = 9000\n", "device[1].poll_quiet_ms",
         "чаще", "не меньше"},
        {"agent = 5\n[cabinet]\n", "agent", "раздел", "[agent]"},
    }));
    INFO(row.toml);
    ConfigResult result = parse_config(row.toml, Language::russian);
    if (row.key == "agent") // its data_dir is missing, too
        std::erase_if(result.problems, [](const auto& problem) { return problem.key == "agent.data_dir"; });
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].key == row.key);
    CHECK_THAT(result.problems[0].reason, Catch::Contains(row.reason));
    CHECK_THAT(result.problems[0].cure, Catch::Contains(row.cure));
}

TEST_CASE("several registers may be looked for anywhere", "[config]")
{
    const ConfigResult result = parse_config(
        kSmallest + "[[device]]\nport = \"auto\"\n[[device]]\nport = \"auto\"\n", Language::russian);
    CHECK(result.ok());
    REQUIRE(result.config.devices.size() == 2);
    CHECK(result.config.devices[1].port == kAnyPort);
}

TEST_CASE("all problems of a file are told at once, by line", "[config]")
{
    const ConfigResult result = parse_config(
        "[agent]\nlog_level = 7\ndata_dir = \"x\"\nfoo = 1\n[cabinet]\nbatch_kb = 1\n", Language::english);
    REQUIRE(result.problems.size() == 3);
    CHECK(result.problems[0].line == 2);
    CHECK(result.problems[1].line == 4);
    CHECK(result.problems[2].line == 6);
}

TEST_CASE("what is not TOML is refused with its line", "[config]")
{
    const auto problem = only_problem("[agent]\ndata_dir = \"/d\n");
    CHECK(problem.line >= 2);
    CHECK_THAT(problem.reason, Catch::Contains("это не TOML"));
    CHECK(only_problem("[agent]\ndata_dir = \"/d\"\ndata_dir = \"/e\"\n").line == 3);
    CHECK(only_problem(std::string("[agent]\ndata_dir = \"\xD0\"\n")).line == 2);
}

TEST_CASE("paths are meant from the file's own folder, and an absent file says so", "[config]")
{
    TempDir dir;
    write_file(dir / "agent.toml", "[agent]\ndata_dir = \"data\"\n[cabinet]\nca_file = \"ca.pem\"\n");
    const ConfigResult lacking = load_config(dir / "agent.toml", Language::russian);
    REQUIRE(lacking.problems.size() == 1);
    CHECK(lacking.problems[0].key == "cabinet.ca_file");
    CHECK(lacking.problems[0].line == 4);
    write_file(dir / "ca.pem", "x");
    const ConfigResult junk = load_config(dir / "agent.toml", Language::english);
    REQUIRE(junk.problems.size() == 1);
    CHECK_THAT(junk.problems[0].reason, Catch::Contains("no PEM certificate"));
    write_file(dir / "ca.pem", "-----BEGIN CERTIFICATE-----\n");
    const ConfigResult result = load_config(dir / "agent.toml", Language::russian);
    REQUIRE(result.ok());
    CHECK(result.config.data_dir == dir / "data");
    CHECK(result.config.cabinet.ca_file == (dir / "ca.pem").string());

    const ConfigResult absent = load_config(dir / "agent.tml", Language::english);
    REQUIRE(absent.problems.size() == 1);
    CHECK(absent.problems[0].reason == "there is no such file");
    CHECK_FALSE(load_config(dir.path(), Language::english).ok());
}

TEST_CASE("the example is right, and names every key and no other", "[config]")
{
    const std::string example = kb::test::read_file(KB_EXAMPLES "/agent.toml");
    const ConfigResult result = parse_config(example, Language::russian);
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.text("agent.toml"));
    CHECK(result.ok());

    // "key =" and the commented "# key =" of the optional ones.
    std::set<std::string> named;
    std::string section;
    std::istringstream lines(example);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("["))
            section = line.substr(line.find_first_not_of('['), line.find(']') - line.find_first_not_of('['));
        if (line.starts_with("# "))
            line.erase(0, 2);
        const std::size_t equals = line.find(" = ");
        if (equals != std::string::npos && line.find(' ') == equals)
            named.insert(section + "." + line.substr(0, equals));
    }
    const auto known = known_config_keys();
    CHECK(named == std::set<std::string>(known.begin(), known.end()));
}

// A fleet file: the example is true, and a mistake is answered with line, key and cure.
#include "drivers/emulator/fleet.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace kb::emulator;

namespace {

std::string example()
{
    std::ifstream file(KB_EXAMPLES "/fleet.toml");
    std::ostringstream text;
    text << file.rdbuf();
    REQUIRE(file);
    return text.str();
}

std::vector<std::string> complaints(const std::string& text)
{
    const auto fleet = read_fleet(text, "f.toml");
    return fleet ? std::vector<std::string>{} : fleet.error();
}

} // namespace

TEST_CASE("the example fleet is read, and explains every key there is")
{
    const std::string text = example();
    const auto fleet = read_fleet(text, "fleet.toml");
    if (!fleet)
        for (const auto& complaint : fleet.error())
            WARN(complaint);
    REQUIRE(fleet);
    CHECK(fleet->control == "127.0.0.1:8410");
    REQUIRE(fleet->registers.size() == 2);
    const RegisterOptions& first = fleet->registers[0];
    CHECK(first.name == "till-1");
    CHECK(first.model == "shtrih-m-02f");
    CHECK(first.sales == "30/min");
    CHECK(first.preload == 100);
    CHECK(first.seed == 1U);
    CHECK_FALSE(first.baud);
    const RegisterOptions& second = fleet->registers[1];
    CHECK(second.print_ms == 150);
    CHECK(second.serial == "0049361212000002");
    CHECK(second.quirks == std::vector<std::string>{"stray_ff"});
    CHECK(second.ofd_silent);
    for (const RegisterKey& key : register_keys()) {
        INFO(key.name);
        CHECK(text.find("\n" + std::string(key.name) + " = ") != std::string::npos);
    }
}

TEST_CASE("defaults hold for registers that do not say otherwise")
{
    const auto fleet = read_fleet("[defaults]\nfamily = \"rr\"\nprint_ms = 7\n"
                                  "[[register]]\nlisten = \"pty:/tmp/a\"\n"
                                  "[[register]]\nlisten = \"pty:/tmp/b\"\nprint_ms = 8\n",
                                  "f.toml");
    REQUIRE(fleet);
    CHECK(fleet->registers[0].family == "rr");
    CHECK(fleet->registers[0].print_ms == 7);
    CHECK(fleet->registers[1].print_ms == 8);
    CHECK(fleet->registers[0].name == "kkt1");
    CHECK(fleet->registers[1].name == "kkt2");
    CHECK(fleet->registers[1].seed == 2U); // two numbers, two drives
}

TEST_CASE("each mistake is told with its line, its key and a cure")
{
    using Catch::Contains;
    const auto all = complaints("[[register]]\n"
                                "listen = \"com1\"\n"
                                "bauds = 9600\n"
                                "\n"
                                "[[register]]\n"
                                "listen = \"pty:/tmp/b\"\n"
                                "framing = \"v9\"\n");
    REQUIRE(all.size() == 3);
    CHECK_THAT(all[0], Contains("f.toml:3: bauds: no such key") && Contains("baud, state"));
    CHECK_THAT(all[1], Contains("f.toml:2: listen: \"com1\", want pty:PATH") && Contains("listen = \"pty:"));
    CHECK_THAT(all[2], Contains("f.toml:7: framing") && Contains("v1, v2, auto"));
}

TEST_CASE("wrong fleets are refused whole")
{
    using Catch::Contains;
    const std::pair<const char*, const char*> rows[] = {
        {"", "f.toml: no registers; write [[register]]"},
        {"register = 5\n", "f.toml: no registers; write [[register]]"},
        {"registers = 5\n[[register]]\nlisten = \"tcp:127.0.0.1:0\"\n", "f.toml:1: registers: no such key"},
        {"control = 8410\n[[register]]\nlisten = \"tcp:127.0.0.1:0\"\n",
         "f.toml:1: control: want an address"},
        {"defaults = 1\n[[register]]\nlisten = \"tcp:127.0.0.1:0\"\n", "f.toml:1: defaults: want a section"},
        {"[[register]]\nname = \"a\"\n", "f.toml:1: listen: is missing"},
        {"[[register]]\nlisten = \"tcp:127.0.0.1:0\"\nserial = \"12\"\n", "f.toml:3: serial: "},
        {"[[register]]\nlisten = \"tcp:127.0.0.1:0\"\nmodel = \"m-99\"\n",
         "f.toml:3: model: no model \"m-99\""},
        {"[[register]]\nlisten = \"tcp:127.0.0.1:0\"\nofd_silent = \"no\"\n", "want true or false"},
        {"[[register]]\nlisten = \"tcp:127.0.0.1:0\"\nsales = 1.5\n", "f.toml:3: sales: want text"},
        {"[[register]]\nlisten = \"pty:/tmp/a\"\n[[register]]\nlisten = \"pty:/tmp/a\"\n",
         "f.toml:4: listen: \"pty:/tmp/a\" is also that of register 1"},
        {"[[register]]\nname = \"a\"\nlisten = \"tcp:127.0.0.1:0\"\n[[register]]\nname = \"a\"\nlisten = "
         "\"tcp:127.0.0.1:0\"\n",
         "f.toml:5: name: \"a\" is also that of register 1"},
        {"[[register]\n", "f.toml:1: "},
    };
    for (const auto& [text, told] : rows) {
        INFO(text);
        const auto all = complaints(text);
        REQUIRE(all.size() == 1);
        CHECK_THAT(all[0], Contains(told));
    }
}

TEST_CASE("words of --register are checked like a file's keys")
{
    RegisterOptions options;
    CHECK_FALSE(set_words(options, "name=a  listen=tcp:127.0.0.1:0 model=nano-f quirk=stray_ff"));
    CHECK(options.model == "nano-f");
    CHECK_FALSE(check_register(options));
    const auto unknown = set_words(options, "speed=9600");
    REQUIRE(unknown);
    CHECK_THAT(unknown->text(), Catch::Contains("speed: no such key; write one of: name, family"));
    const auto bare = set_words(options, "listen");
    REQUIRE(bare);
    CHECK_THAT(bare->text(), Catch::Contains("listen: has no value; write listen=pty:/tmp/till-1"));
    const auto bad = set_words(options, "baud=12");
    REQUIRE(bad);
    CHECK_THAT(bad->text(), Catch::Contains("baud: \"12\", want a number from 300 to 4000000, or auto"));
}

// kktctl record and replay as processes: by the agent, over the port, and of files that are none.
#include "protocol/core/exchange_file.hpp"
#include "tests/emulator/recording/recorded_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

void check_recording(const RecordedShop& shop, const std::filesystem::path& path, const Way& way)
{
    const std::string text = read_file(path);
    const auto file = parse_exchange(text);
    REQUIRE(file);
    Bytes all;
    for (const ExchangeLine& line : file->lines)
        all.insert(all.end(), line.bytes.begin(), line.bytes.end());
    for (const std::string& secret : secrets()) {
        INFO(secret);
        CHECK(text.find(secret) == std::string::npos);
        CHECK_FALSE(hints(all, secret));
    }

    const Ran replayed = shop.kktctl("replay " + path.string() + " --json");
    CHECK(replayed.code == 0);
    const Json json = Json::parse(replayed.out);
    CHECK(json["vendor"] == "shtrih");
    CHECK(json["driver"]["error"].is_null());
    CHECK(json["driver"]["model"] == way.model);
    CHECK(json["noise_bytes"] == 0);
    CHECK(json["not_understood"] == 0);
    CHECK(json["done"].get<int>() > 10);
    REQUIRE(json["driver"]["documents"].size() == 3);
    for (const Json& document : json["driver"]["documents"]) {
        CHECK(document["type"] == 3);
        CHECK(document["total"].get<int>() > 12'300);
    }
    const auto of_a_document = [](const Json& command) { return command["name"] == "FF3A open document"; };
    CHECK(std::any_of(json["commands"].begin(), json["commands"].end(), of_a_document));

    const Ran told = shop.kktctl("replay " + path.string());
    CHECK(told.code == 0);
    CHECK_THAT(told.out, Catch::Contains("FF3A open document") && Catch::Contains("type=3") &&
                             Catch::Contains("Драйвер понял: " + way.model) &&
                             Catch::Contains("Кассовый чек") && Catch::Contains("Итого команд"));
}

} // namespace

TEST_CASE("kktctl records by the running agent, and replay tells what is in the file", "[recording]")
{
    const Way& way = way_named("shtrih v2 over TCP");
    const RegisterThread device(way);
    RecordedShop shop("[[device]]\nname = \"Касса 1\"\nport = \"" + device.port() + "\"\n");
    shop.start_agent();
    shop.until_read();
    const auto path = shop.dir / "a.exchange";
    const Ran recorded = shop.kktctl("record \"Касса 1\" --for 5s --json --out " + path.string());
    CHECK(recorded.code == 0);
    CHECK(Json::parse(recorded.out)["by"] == "agent");
    CHECK_FALSE(Json::parse(recorded.out)["full"].get<bool>());
    check_recording(shop, path, way);

    // The same file is not written over; a register nobody knows is not found.
    const Ran again = shop.kktctl("record --for 5s --out " + path.string());
    CHECK(again.code == 1);
    CHECK_THAT(again.err, Catch::Contains("файл уже есть"));
    const Ran stranger = shop.kktctl("record 7 --for 1s --out " + (shop.dir / "b.exchange").string());
    CHECK(stranger.code == 4);
    CHECK_THAT(stranger.err, Catch::Contains("такой кассы нет: 7") && Catch::Contains("1 Касса 1"));
}

TEST_CASE("kktctl records over the port where no agent runs", "[recording]")
{
    const Way& way = way_named("shtrih v1 over TCP");
    const RegisterThread device(way);
    const RecordedShop shop("[[device]]\nport = \"serial:/dev/no-such-port\"\n");
    const auto path = shop.dir / "a.exchange";
    const Ran recorded =
        shop.kktctl("record --port " + device.port() + " --for 1s --json --out " + path.string());
    CHECK(recorded.code == 0);
    CHECK(Json::parse(recorded.out)["by"] == "port");
    check_recording(shop, path, way);
    const Ran told = shop.kktctl("record --port " + device.port() + " --for 1s --out " +
                                 (shop.dir / "b.exchange").string());
    CHECK(told.code == 0);
    CHECK_THAT(told.out, Catch::Contains("Записано: ") && Catch::Contains("kktctl replay"));
}

TEST_CASE("what cannot be recorded is refused with the reason and the cure", "[recording]")
{
    const RecordedShop shop("[[device]]\nport = \"serial:/dev/no-such-port\"\nfamily = \"atol-fptr\"\n"
                            "[[device]]\nport = \"serial:/dev/no-other-port\"\n");
    const auto path = (shop.dir / "a.exchange").string();
    const std::tuple<const char*, int, const char*> rows[] = {
        {"record 1", 1, "личные данные и коды маркировки"},
        {"record 2", 1, "порт"},
        {"record", 4, "не сказано, какую кассу записать"},
        {"record 2 --for 11m", 2, "не длительность: 11m"},
        {"record 2 --for 0s", 2, "не длительность: 0s"},
        {"record 2 --for soon", 2, "не длительность: soon"},
        {"record 2 --family Шрих", 2, "нет такого семейства: Шрих"},
    };
    for (const auto& [arguments, code, reason] : rows) {
        const Ran ran = shop.kktctl(std::string(arguments) + " --out " + path);
        CHECK(ran.code == code);
        CHECK_THAT(ran.err, Catch::Contains(reason) && Catch::Contains("Что делать: "));
        CHECK_FALSE(std::filesystem::exists(path));
    }
    CHECK_THAT(shop.kktctl("record 2 --out " + (shop.dir / "no" / "a.exchange").string()).err,
               Catch::Contains("нет папки"));
    CHECK_THAT(shop.kktctl("record --help").out, Catch::Contains("Пример: kktctl record"));
}

TEST_CASE("a file that is no whole recording is refused with its line", "[recording]")
{
    const RecordedShop shop("[[device]]\nport = \"serial:/dev/no-such-port\"\n");
    const auto path = shop.dir / "a.exchange";
    const std::tuple<const char*, int, const char*> rows[] = {
        {"# vendor: shtrih\n> 05\nbeep\n", 1, "line 3"},
        {"# vendor: shtrih\n# lines: 3\n> 05\n< 15\n", 1, "cut off"},
        {"# vendor: shtrih\n> 0", 1, "line 2"},
        {"", 1, "протоколе"},
        {"# vendor: atol-fptr\n> 05\n", 1, "протоколе"},
    };
    for (const auto& [text, code, reason] : rows) {
        write_file(path, text);
        const Ran ran = shop.kktctl("replay " + path.string());
        CHECK(ran.code == code);
        CHECK_THAT(ran.err, Catch::Contains(reason) && Catch::Contains("Что делать: "));
    }
    write_file(path, "> 05\n");
    CHECK(shop.kktctl("replay " + path.string() + " --family Шрих").code == 2);
    CHECK(shop.kktctl("replay " + (shop.dir / "none").string()).code == 4);

    // A recording of noise and a device that says nothing is told as such.
    write_file(path, "# vendor: shtrih\n> 05\n> 05\n< 00 11 22\n");
    const Ran silent = shop.kktctl("replay " + path.string());
    CHECK(silent.code == 3);
    CHECK_THAT(silent.out,
               Catch::Contains("байтов не разобрано: 3") && Catch::Contains("Драйвер кассу не опознал"));
}

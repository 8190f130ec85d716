// kktctl as a process: answers, JSON, exit codes, both languages; agent and cabinet are played by a small
// server.
#include "tests/unit/kktctl/shop.hpp"

#include <sstream>

using namespace kb;
using namespace kb::agent::kktctl::test;

TEST_CASE("config check is right or names each problem with its cure", "[kktctl]")
{
    Shop shop;
    const Answer fine = shop.run("config check");
    CHECK(fine.code == 0);
    CHECK_THAT(fine.out, Catch::Contains("Настройки верны"));

    write_file(shop.dir / "agent.toml", "[agent]\ndata_dirr = \"data\"\n");
    const Answer wrong = shop.run("config check");
    CHECK(wrong.code == 2);
    CHECK_THAT(
        wrong.out,
        Catch::Contains(
            "agent.toml:2: agent.data_dirr: такого ключа нет. Может быть, имелось в виду «data_dir»?"));
    const Json json = shop.run("config check --json").json();
    CHECK_FALSE(json["ok"].get<bool>());
    CHECK(json["problems"].size() == 2);
    // Every other command refuses such a file the same way.
    CHECK(shop.run("queue ls").code == 2);
    CHECK(shop.run("queue ls --json").json()["problems"].size() == 2);
}

TEST_CASE("the language comes from --lang, else from the environment, else it is Russian", "[kktctl]")
{
    Shop shop;
    CHECK_THAT(shop.run("config check --lang en").out, Catch::Contains("The configuration is right"));
    CHECK_THAT(shop.run("config check", "LC_ALL= LC_MESSAGES= LANG=en_US.UTF-8").out,
               Catch::Contains("The configuration is right"));
    CHECK_THAT(shop.run("config check", "LC_ALL= LC_MESSAGES= LANG=").out,
               Catch::Contains("Настройки верны"));
    CHECK_THAT(shop.run("--help").out, Catch::Contains("Примеры:"));
    CHECK_THAT(shop.run("--help --lang en").out, Catch::Contains("Exit code: 0 done"));
}

TEST_CASE("a wrong command is a usage error with a hint", "[kktctl]")
{
    Shop shop;
    const Answer answer = shop.run("documnts ls");
    CHECK(answer.code == 2);
    CHECK_THAT(answer.err, Catch::Contains("лишнее слово: documnts ls") && Catch::Contains("kktctl --help"));
    CHECK_THAT(shop.run("queue show abc").err, Catch::Contains("не подходит: abc"));
    CHECK_THAT(shop.run("enroll").err, Catch::Contains("не указано: code"));
    CHECK_THAT(shop.run("journal").err, Catch::Contains("не сказано, что сделать"));
    const Answer for_programs = shop.run("queue show abc --json");
    CHECK(for_programs.code == 2);
    CHECK(for_programs.json().at("error").at("code") == "bad_value");
    CHECK(shop.run("documents show x").code == 2);
    CHECK(shop.run("documents ls --from 1.3.2024").code == 2);
}

TEST_CASE("export gives one object a line, oldest first, in the fixed form", "[kktctl]")
{
    Shop shop;
    fill(shop.journal());
    const Answer answer = shop.run("documents export --json");
    REQUIRE(answer.code == 0);
    CHECK(answer.err.empty());
    std::istringstream lines(answer.out);
    std::string line;
    REQUIRE(std::getline(lines, line));
    const Json full = Json::parse(line);
    CHECK(full["fn_serial"] == kFn);
    CHECK(full["fd_number"] == 7);
    CHECK(full["type"] == 3);
    CHECK(full["datetime"] == "2024-03-01T09:15:00");
    CHECK(full["fiscal_sign"] == 3222222222);
    CHECK(full["tlv_hex"] == kReceipt);
    CHECK(full["json"]["totalSum"] == 35050);
    CHECK(full["json"]["fiscalDocumentNumber"] == 7);
    REQUIRE(std::getline(lines, line));
    const Json brief = Json::parse(line);
    CHECK(brief["form"] == "short");
    CHECK(brief["tlv_hex"].is_null());
    CHECK_FALSE(std::getline(lines, line));
    CHECK(shop.run("documents export --json --from 2024-03-02").out.empty());
}

TEST_CASE("documents are listed and shown, and an absent one is not found", "[kktctl]")
{
    Shop shop;
    CHECK(shop.run("documents ls").code == 4);
    fill(shop.journal());
    const Answer list = shop.run("documents ls");
    CHECK(list.code == 0);
    CHECK_THAT(list.out, Catch::Contains("350.50"));
    CHECK(shop.run("documents ls --json --limit 1").json()[0]["fd_number"] == 8);
    CHECK(shop.run("documents ls --json --type 5").json().empty());
    CHECK(shop.run("documents show 7").code == 0);
    CHECK(shop.run("documents show 9999078900001234 7 --json").json()["fd_number"] == 7);
    const Answer absent = shop.run("documents show 99");
    CHECK(absent.code == 4);
    CHECK_THAT(absent.err, Catch::Contains("Что делать"));
    CHECK(shop.run("documents show 99 --json").json()["error"]["code"] == "not_found");
}

TEST_CASE("commands work while an agent holds the journal", "[kktctl]")
{
    Shop shop;
    auto held = shop.journal();
    REQUIRE(held.documents().append({document(7, kReceipt, 3)}));
    CHECK(shop.run("queue ls --json").json()["unsent"] == 1);
    CHECK(shop.run("journal check --json").json()["documents"] == 1);
}

TEST_CASE("journal check tells sound from damaged by its exit code", "[kktctl]")
{
    Shop shop;
    fill(shop.journal());
    const Answer sound = shop.run("journal check");
    CHECK(sound.code == 0);
    CHECK_THAT(sound.out, Catch::Contains("Журнал исправен") && Catch::Contains("ещё не прочитаны ФД 1–6"));
    CHECK(shop.run("journal check --json").json()["sound"] == true);

    std::string bytes = read_file(shop.dir / "data" / "journal.db");
    const std::size_t place = bytes.find(as_text(kb::test::hex(kReceipt)));
    REQUIRE(place != std::string::npos);
    bytes[place + 30] = static_cast<char>(bytes[place + 30] ^ 1);
    write_file(shop.dir / "data" / "journal.db", bytes);
    const Answer flipped = shop.run("journal check --json");
    CHECK(flipped.code == 3);
    CHECK(flipped.json()["bad_documents"].size() == 1);

    write_file(shop.dir / "data" / "journal.db", std::string(9000, 'x'));
    const Answer foreign = shop.run("journal check");
    CHECK(foreign.code == 3);
    CHECK_THAT(foreign.out, Catch::Contains("повреждён") && Catch::Contains("перечитает документы"));
}

TEST_CASE("doctor without an agent asks the port itself and tells cause and cure of each", "[kktctl]")
{
    Shop shop("http://127.0.0.1:9");
    const Answer answer = shop.run("doctor --json");
    CHECK(answer.code == 3);
    const Json json = answer.json();
    CHECK(json["agent_running"] == false);
    CHECK(json["worst"] == "problem");
    std::vector<std::string> checks;
    for (const Json& verdict : json["verdicts"]) {
        checks.push_back(verdict["check"]);
        if (verdict["verdict"] == "problem" || verdict["verdict"] == "warning") {
            CHECK_FALSE(verdict["cause"].get<std::string>().empty());
            CHECK_FALSE(verdict["cure"].get<std::string>().empty());
        }
    }
    CHECK(checks == std::vector<std::string>{"pc", "port", "register", "fn", "sd", "clock", "abilities",
                                             "cabinet", "journal"});
    CHECK(json["verdicts"][1]["verdict"] == "problem");
    CHECK(json["verdicts"][1]["code"] == "port_not_found");
    CHECK(json["verdicts"][0]["code"] == "");
    CHECK(json["verdicts"][1]["subject"] == "Касса 1");
    CHECK_THAT(json["verdicts"][1]["cause"].get<std::string>(), Catch::Contains("такого порта нет"));
    CHECK_THAT(shop.run("doctor").out, Catch::Contains("что делать"));
}

TEST_CASE("doctor tells whether the maker's driver is there, when a register needs one", "[kktctl]")
{
    const Shop shop;
    const auto library_verdict = [&shop](const std::string& library) {
        write_file(shop.dir / "agent.toml",
                   "[agent]\ndata_dir = \"data\"\nlisten = \"127.0.0.1:9\"\n[[device]]\n"
                   "port = \"serial:/dev/no-such-port\"\nfamily = \"atol-fptr\"\nlibrary = \"" +
                       library + "\"\n");
        const Json json = shop.run("doctor --json").json();
        for (const Json& verdict : json["verdicts"])
            if (verdict["check"] == "library")
                return verdict;
        return Json();
    };
    const Json absent = library_verdict("drivers/libfptr10.so");
    CHECK(absent["verdict"] == "problem");
    // A path that is not absolute is meant from the configuration's folder.
    CHECK_THAT(absent["details"].get<std::string>(),
               Catch::Contains((shop.dir / "drivers/libfptr10.so").string()));
    const Json found = library_verdict(KB_FPTR_STAND_IN);
    CHECK(found["verdict"] == "ok");
    CHECK_THAT(found["found"].get<std::string>(), Catch::Contains("10.10.7.0"));
}

TEST_CASE("doctor and status believe a running agent", "[kktctl]")
{
    const std::string page = R"({"agent":{"version":"0.1.0"},"sync":{"state":"online","reason":""},
        "journal":{"state":"full"},"devices":[{"name":"Касса 1","port":"serial:/dev/ttyACM0",
        "state_detail":"serial:/dev/ttyACM0: held by frontol, pid 411","sample":{
        "state":"absent","state_reason":"port_busy"}}]})";
    {
        OneAnswer agent(200, page);
        Shop shop("", agent.port());
        fill(shop.journal());
        const Json json = shop.run("doctor --json").json();
        CHECK(json["agent_running"] == true);
        CHECK(json["verdicts"][0]["verdict"] == "ok");
        CHECK_THAT(json["verdicts"][1]["cause"].get<std::string>(),
                   Catch::Contains("занят другой программой"));
        CHECK(json["verdicts"][1]["code"] == "port_busy");
        CHECK(json["verdicts"][1]["details"] == "serial:/dev/ttyACM0: held by frontol, pid 411");
        CHECK(json["verdicts"].back()["code"] == "storage_full");
        CHECK(json["verdicts"].back()["verdict"] == "problem");
        CHECK_THAT(json["verdicts"].back()["cause"].get<std::string>(), Catch::Contains("нет места"));
    }
    OneAnswer agent(200, page);
    Shop shop("", agent.port());
    const Answer status = shop.run("status");
    CHECK(status.code == 0);
    CHECK_THAT(status.out,
               Catch::Contains("Касса 1: нет на связи: порт занят другой программой [port_busy]") &&
                   Catch::Contains("что делать: закройте кассовую программу"));
}

TEST_CASE("devices lists what is configured and what was seen", "[kktctl]")
{
    Shop shop;
    fill(shop.journal());
    const Json json = shop.run("devices --json").json();
    CHECK(json["configured"][0]["name"] == "Касса 1");
    CHECK(json["journal"][0]["kkt_serial"] == kKkt);
    CHECK(shop.run("devices").code == 0);
    CHECK(shop.run("status --json").json()["fns"][0]["fn_serial"] == kFn);
}

TEST_CASE("enroll keeps the token readable by its owner only", "[kktctl]")
{
    OneAnswer cabinet(200, R"({"agent_id":"a-17","token":"secret-token","cabinet_name":"Ромашка"})");
    Shop shop(url_of(cabinet));
    const Answer answer = shop.run("enroll 7KQ2M9XA");
    CHECK(answer.code == 0);
    CHECK_THAT(answer.out, Catch::Contains("Ромашка") && !Catch::Contains("secret-token"));
    const std::string asked = cabinet.asked();
    CHECK_THAT(asked, Catch::StartsWith("POST /api/agent/v1/enroll ") && Catch::Contains("7KQ2M9XA"));
    const auto file = shop.dir / "data" / "enrolment.json";
    CHECK_THAT(read_file(file), Catch::Contains("secret-token"));
    namespace fs = std::filesystem;
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a refused code, no answer and no address each have their cure", "[kktctl]")
{
    {
        OneAnswer cabinet(403, R"({"title":"x","status":403,"code":"unauthorised"})");
        Shop shop(url_of(cabinet));
        const Answer refused = shop.run("enroll 7KQ2M9XA");
        CHECK(refused.code == 1);
        CHECK_THAT(refused.err, Catch::Contains("получите новый"));
        CHECK_FALSE(std::filesystem::exists(shop.dir / "data" / "enrolment.json"));
    }
    CHECK_THAT(Shop("http://127.0.0.1:9").run("enroll A").err, Catch::Contains("проверьте интернет"));
    const Answer nowhere = Shop().run("enroll A");
    CHECK(nowhere.code == 2);
    CHECK_THAT(nowhere.err, Catch::Contains("cabinet.url"));
}

TEST_CASE("page tells the address with the token behind the #, where the browser keeps it", "[kktctl]")
{
    OneAnswer agent(200, R"({"devices":[]})");
    Shop shop;
    const auto with_api = [&](unsigned port) {
        write_file(shop.dir / "agent.toml", read_file(shop.dir / "agent.toml") +
                                                "\n[api]\nlisten = \"127.0.0.1:" + std::to_string(port) +
                                                "\"\n");
    };
    CHECK_THAT(shop.run("page").err, Catch::Contains("[api]"));
    with_api(agent.port());
    CHECK(shop.run("page").code == 1); // no token: no agent has run here
    std::filesystem::create_directories(shop.dir / "data");
    write_file(shop.dir / "data" / "api.token", "0123456789abcdef0123\n");
    const Answer answer = shop.run("page");
    CHECK(answer.code == 0);
    CHECK_THAT(answer.out, Catch::StartsWith(url_of(agent) + "/#token=0123456789abcdef0123\n"));
    CHECK_THAT(agent.asked(),
               Catch::StartsWith("GET /api/v1/devices ") && Catch::Contains("Bearer 0123456789abcdef0123"));
}

TEST_CASE("page tells no address where no agent answers", "[kktctl]")
{
    Shop shop;
    write_file(shop.dir / "agent.toml",
               read_file(shop.dir / "agent.toml") + "\n[api]\nlisten = \"127.0.0.1:9\"\n");
    std::filesystem::create_directories(shop.dir / "data");
    write_file(shop.dir / "data" / "api.token", "0123456789abcdef0123\n");
    const Answer answer = shop.run("page");
    CHECK(answer.code == 1);
    CHECK(answer.out.empty());
    CHECK_THAT(answer.err, Catch::Contains("systemctl status kkt-agent"));
}

// Every failure that kktctl meets is told in the language of the shop, whatever layer it comes from.
#include "tests/unit/kktctl/shop.hpp"

#include <algorithm>
#include <sstream>

using namespace kb;
using namespace kb::agent::kktctl::test;

namespace {

/// Begins in Russian and goes on so: what a cashier can read. Commands, keys and paths in it are as they are.
/// In UTF-8 a Russian letter begins with D0 or D1.
bool is_russian(const std::string& text)
{
    const auto letters =
        std::count_if(text.begin(), text.end(), [](char c) { return c == '\xD0' || c == '\xD1'; });
    return !text.empty() && (text[0] == '\xD0' || text[0] == '\xD1') && letters >= 4;
}

/// What stands behind the first colon of each line that begins with one of these words.
std::vector<std::string> told(const std::string& output, const std::vector<std::string>& words)
{
    std::vector<std::string> found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        line.erase(0, line.find_first_not_of(' '));
        for (const std::string& word : words)
            if (line.starts_with(word))
                found.push_back(line.substr(word.size()));
    }
    return found;
}

void check_russian(const Answer& answer, std::size_t at_least)
{
    const auto headlines =
        told(answer.out + answer.err, {"Ошибка: ", "причина: ", "Касса 1: нет на связи: "});
    const auto cures = told(answer.out + answer.err, {"Что делать: ", "что делать: "});
    CHECK(headlines.size() >= at_least);
    CHECK(cures.size() >= headlines.size());
    for (const std::vector<std::string>* lines : {&headlines, &cures})
        for (const std::string& line : *lines) {
            INFO(line);
            CHECK(is_russian(line));
        }
}

} // namespace

TEST_CASE("a failure is told in Russian, the words of the layer below are its details", "[kktctl]")
{
    SECTION("without a journal")
    {
        Shop shop;
        for (const char* command :
             {"documents ls", "documents export", "documents show 7", "queue ls", "queue show 1",
              "documents ls --from 1.3.2024", "documents show x", "nonsense"})
            check_russian(shop.run(command), 1);
    }
    SECTION("with a journal that lacks what is asked for")
    {
        Shop shop;
        fill(shop.journal());
        for (const char* command : {"documents show 99", "queue show 77"})
            check_russian(shop.run(command), 1);
    }
    SECTION("a journal that is none")
    {
        Shop shop;
        std::filesystem::create_directories(shop.dir / "data" / "journal.db");
        const Answer answer = shop.run("queue ls");
        check_russian(answer, 1);
        CHECK_THAT(answer.err, Catch::Contains("Подробности: open:"));
        check_russian(shop.run("doctor"), 2);
    }
    SECTION("no register, no agent, no cabinet")
    {
        check_russian(Shop("http://127.0.0.1:9").run("doctor"), 4);
        check_russian(Shop("http://127.0.0.1:9").run("enroll A"), 1);
        check_russian(Shop().run("enroll A"), 1);
    }
    SECTION("a data folder that cannot be")
    {
        Shop shop("http://127.0.0.1:9");
        write_file(shop.dir / "data", "a file where the folder should be");
        check_russian(shop.run("enroll A"), 1);
    }
    SECTION("something that is no cabinet")
    {
        OneAnswer stranger(200, "<html>router</html>");
        check_russian(Shop(url_of(stranger)).run("enroll A"), 1);
    }
    SECTION("a cabinet in trouble")
    {
        OneAnswer cabinet(500, "Internal Server Error");
        const Answer answer = Shop(url_of(cabinet)).run("enroll A");
        check_russian(answer, 1);
        CHECK_THAT(answer.err, Catch::Contains("Internal Server Error"));
    }
    SECTION("another program where the agent should be")
    {
        OneAnswer stranger(200, "<html>router</html>");
        const Answer answer = Shop("", stranger.port()).run("doctor");
        check_russian(answer, 2);
        CHECK_THAT(answer.out, Catch::Contains("подробности: another program answers"));
    }
    SECTION("a register that is away, as the agent tells it")
    {
        OneAnswer agent(200,
                        R"({"agent":{"version":"0.1.0"},"sync":{"state":"waiting","reason":"tls_untrusted",
            "detail":"the certificate is not by a trusted authority"},"journal":{"state":"ready"},"devices":[
            {"name":"Касса 1","port":"serial:/dev/ttyACM0","sample":{"state":"absent","state_reason":"port_lost"}}]})");
        const Answer answer = Shop("", agent.port()).run("status");
        check_russian(answer, 1);
        CHECK_THAT(answer.out,
                   Catch::Contains("Кабинет: нет связи, будет повтор: сертификату кабинета нет доверия") &&
                       Catch::Contains("подробности: the certificate"));
    }
}

TEST_CASE("a journal that its agent cannot begin anew is a problem of its own, not an absent file",
          "[kktctl]")
{
    const std::string page =
        R"({"agent":{"version":"0.1.0"},"sync":{"state":"online","reason":""},"devices":[],
        "journal":{"state":"damaged","reason":"storage_full","detail":"database or disk is full"}})";
    {
        OneAnswer agent(200, page);
        const Answer doctor = Shop("", agent.port()).run("doctor");
        check_russian(doctor, 1);
        CHECK_THAT(doctor.out, Catch::Contains("журнал повреждён и закрыт") &&
                                   Catch::Contains("на диске нет места") &&
                                   Catch::Contains("агент сам начнёт новый") &&
                                   Catch::Contains("подробности: database or disk is full"));
    }
    OneAnswer agent(200, page);
    CHECK_THAT(Shop("", agent.port()).run("status").out,
               Catch::Contains("Журнал не читается: на диске нет места"));
}

TEST_CASE("status tells how much is not read yet, why, and what to do", "[kktctl]")
{
    OneAnswer agent(
        200,
        R"({"agent":{"version":"0.1.0"},"sync":{"state":"online","reason":""},"journal":{"state":"ready"},
        "devices":[{"name":"Касса 1","port":"serial:/dev/ttyACM0","sample":{"device":{"kkt_serial":"1"},
        "taken_at":"2026-03-25T11:05:00.000Z","state":"busy","state_reason":"waits_for_continue","info":{"family":"shtrih",
        "model":"ШТРИХ-М-02Ф","kkt_serial":"1","kkt_reg_number":"","firmware_version":"C.3","firmware_build":1,
        "protocol":"shtrih v1","inn":"","user":"","address":"","ffd":4,"tax_systems":1,"has_cutter":true,
        "has_cover_sensor":true},"status":{"mode":"shift_open","vendor_mode":515,"paper":"present","cover":"closed",
        "waits_for_continue":true,"may_read_archive":false},"unread_documents":2}}]})");
    const Answer status = Shop("", agent.port()).run("status");
    CHECK(status.code == 0);
    CHECK_THAT(status.out,
               Catch::Contains("касса ждёт продолжения печати [waits_for_continue]") &&
                   Catch::Contains("ещё не прочитано полностью документов: 2") &&
                   Catch::Contains("нажмите на кассе или в кассовой программе «продолжить печать»"));
}

TEST_CASE("a wrong configuration is told in Russian, what the parser said is a detail", "[kktctl]")
{
    Shop shop;
    for (const char* wrong :
         {"[agent\n", "[agent]\ndata_dir = \"d\"\n[cabinet]\nurl = \"https://my cabinet\"\n"}) {
        write_file(shop.dir / "agent.toml", wrong);
        const Json problem = shop.run("config check --json").json()["problems"][0];
        CHECK(is_russian(problem["reason"]));
        CHECK(is_russian(problem["cure"]));
        CHECK_FALSE(problem["details"].get<std::string>().empty());
        CHECK_THAT(shop.run("config check").out,
                   Catch::Contains("(" + problem["details"].get<std::string>() + ")"));
    }
}

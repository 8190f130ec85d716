// kktctl doctor against emulated registers: over the port where no agent runs, and by the page of one that
// does.
#include "tests/emulator/recording/recorded_shop.hpp"

#include <algorithm>

using namespace kb;
using namespace kb::test;

namespace {

Json verdict_in(const Json& told, const std::string& check)
{
    for (const Json& verdict : told["verdicts"])
        if (verdict["check"] == check)
            return verdict;
    throw std::runtime_error("no check " + check);
}

bool names(const Json& list, const char* name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

Json doctor_of(const RecordedShop& shop)
{
    const Ran ran = shop.kktctl("doctor --json");
    INFO(ran.out << ran.err);
    return Json::parse(ran.out);
}

std::string section(const RegisterThread& device, const Way& way)
{
    return "[[device]]\nname = \"Касса 1\"\nfamily = \"" + way.configured_family + "\"\nport = \"" +
           device.port() + "\"\n" +
           (way.options.library.empty() ? "" : "library = \"" + way.options.library + "\"\n");
}

} // namespace

TEST_CASE("doctor tells of every family what works and what does not, over the port itself", "[doctor]")
{
    struct Row {
        const char* way;
        std::vector<std::string> lacks;
        const char* ofd_path;
        std::string ffd;
    };
    const Row row = GENERATE(values<Row>(
        {{"shtrih v1 over TCP", {}, "itself", "1.2"},
         {"atol v3 over TCP", {"sd_card", "platform_5"}, "itself", "1.05"},
         {"ATOL through its maker's library", {"sd_card", "ofd_sender", "recording"}, "unknown", "1.2"}}));
    INFO(row.way);
    const Way& way = way_named(row.way);
    const RegisterThread device(way);
    const RecordedShop shop(section(device, way));
    const Json told = doctor_of(shop);
    CHECK(told["agent_running"] == false);
    const Json abilities = verdict_in(told, "abilities");
    CHECK(abilities["verdict"] == "ok");
    CHECK(abilities["subject"] == "Касса 1");
    CHECK(abilities["lacks"] == row.lacks);
    CHECK(names(abilities["works"], "full_documents"));
    CHECK(abilities["ffd"] == row.ffd);
    CHECK(abilities["ffd_assumed"] == false);
    CHECK(abilities["ofd_path"] == row.ofd_path);
    CHECK(abilities["model_known"] == true);
    CHECK(abilities["confidence"] == "emulated");
    CHECK_THAT(verdict_in(told, "register")["found"].get<std::string>(), Catch::EndsWith("ФФД " + row.ffd));
    CHECK_THAT(shop.kktctl("doctor").out,
               Catch::Contains("возможности: ") && Catch::Contains("работает: документы целиком"));
}

TEST_CASE("doctor tells by a running agent what it tells over the port, and devices shows the FFD",
          "[doctor]")
{
    const Way& way = way_named("ШТРИХ-MOBILE-Ф v2 over TCP");
    const RegisterThread device(way);
    RecordedShop shop(section(device, way));
    const Json directly = verdict_in(doctor_of(shop), "abilities");
    CHECK(directly["lacks"] == Json{"sd_card", "ffd_version", "ofd_sender"});
    CHECK(directly["ffd_assumed"] == true);
    shop.start_agent();
    shop.until_read();
    const Json told = doctor_of(shop);
    CHECK(told["agent_running"] == true);
    CHECK(verdict_in(told, "abilities") == directly);
    CHECK_THAT(verdict_in(told, "register")["found"].get<std::string>(),
               Catch::EndsWith("ФФД 1.05 (касса не сообщает, принято)"));
    const Json listed = Json::parse(shop.kktctl("devices --json").out)["configured"][0];
    CHECK(listed["ffd"] == "1.05");
    CHECK(listed["ffd_assumed"] == true);
    CHECK_THAT(shop.kktctl("devices").out, Catch::Contains("1.05 (касса не сообщает, принято)"));
}

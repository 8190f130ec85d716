// What the interface tells of registers and documents without asking a register, in the very types that a
// strict client reads (docs/sources.md#kkmserver, section 6).
#include "tests/unit/kkmserver/kkm_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;

namespace {

void check_types(const Json& object, std::initializer_list<const char*> texts,
                 std::initializer_list<const char*> numbers, std::initializer_list<const char*> flags)
{
    for (const char* member : texts) {
        INFO(member);
        REQUIRE(object.contains(member));
        CHECK(object.at(member).is_string());
    }
    for (const char* member : numbers) {
        INFO(member);
        REQUIRE(object.contains(member));
        CHECK(object.at(member).is_number());
    }
    for (const char* member : flags) {
        INFO(member);
        REQUIRE(object.contains(member));
        CHECK(object.at(member).is_boolean());
    }
}

} // namespace

TEST_CASE("a register's state has all members that clients read, in their types", "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send(small_check("sold")).at("Status") == 0);
    shop.pass(360s); // the drawer's cash is asked for every five minutes
    const Json answer = shop.send({{"Command", "GetDataKKT"}, {"NumDevice", 1}, {"IdCommand", "state"}});
    INFO(answer.dump());
    CHECK(answer.at("Status") == 0);
    CHECK(answer.at("Error") == "");
    CHECK(answer.at("CheckNumber") == shop.documents());
    CHECK(answer.at("SessionNumber") == shop.kkt().shift().number);
    CHECK(answer.at("LineLength").get<int>() > 20);
    const Json& info = answer.at("Info");
    check_types(info,
                {"NameOrganization", "InnOrganization",  "TaxVariant",       "SenderEmail",   "UrlServerOfd",
                 "PortServerOfd",    "NameOFD",          "UrlOfd",           "InnOfd",        "FFDVersion",
                 "FFDVersionFN",     "FFDVersionKKT",    "Firmware_Version", "AddressSettle", "PlaceSettle",
                 "OFD_Error",        "OFD_DateErrorDoc", "FN_DateEnd",       "KktNumber",     "FnNumber",
                 "RegNumber",        "DateTimeKKT"},
                {"Firmware_Status", "OFD_NumErrorDoc", "SessionState", "BalanceCash"},
                {"FN_IsFiscal", "FN_MemOverflowl", "OnOff", "Active", "PaperOver"});
    CHECK(info.at("InnOrganization") == "7707000008");
    CHECK(info.at("FnNumber") == "9999078900002270");
    CHECK(info.at("SessionState") == 2);
    CHECK(info.at("FFDVersion") == "1.2");
    CHECK(info.at("BalanceCash") == 25.0);
    CHECK(info.at("Active") == true);
    CHECK(info.at("OnOff") == true);
}

TEST_CASE("the state of the shift goes from closed to open to expired", "[kkmserver]")
{
    KkmShop shop;
    const auto state = [&shop] {
        shop.pass(60s);
        return shop.send({{"Command", "GetDataKKT"}}).at("Info").at("SessionState").get<int>();
    };
    CHECK(state() == 1);
    REQUIRE(shop.send({{"Command", "OpenShift"}}).at("Status") == 0);
    CHECK(state() == 2);
    shop.shop.device.jump_clock(25h);
    CHECK(state() == 3);
}

TEST_CASE("paper and documents that do not reach the OFD are told", "[kkmserver]")
{
    KkmShop shop;
    shop.kkt().set_ofd_silent(true);
    REQUIRE(shop.send(small_check("unsent")).at("Status") == 0);
    shop.kkt().set_paper(false);
    shop.pass(120s);
    const Json info = shop.send({{"Command", "GetDataKKT"}}).at("Info");
    CHECK(info.at("PaperOver") == true);
    CHECK(info.at("OFD_NumErrorDoc").get<int>() > 0);
    CHECK(info.at("OFD_DateErrorDoc").get<std::string>().substr(0, 4) == "2026");
}

TEST_CASE("the list of registers has all members that clients read, and filters as they ask", "[kkmserver]")
{
    KkmShop shop;
    const auto units = [&shop](Json filter) {
        filter["Command"] = "List";
        const Json answer = shop.send(filter);
        REQUIRE(answer.at("Status") == 0);
        return answer.at("ListUnit");
    };
    // As the public clients send it.
    const Json all = units({{"NumDevice", 0},
                            {"InnKkm", ""},
                            {"Active", nullptr},
                            {"OnOff", nullptr},
                            {"OFD_Error", nullptr},
                            {"OFD_DateErrorDoc", "2100-01-01T00:00:00"},
                            {"FN_DateEnd", "2100-01-01T00:00:00"},
                            {"FN_MemOverflowl", nullptr},
                            {"FN_IsFiscal", nullptr}});
    REQUIRE(all.size() == 1);
    check_types(all[0],
                {"IdDevice", "TypeDevice", "IdTypeDevice", "Firmware_Version", "IP", "NameDevice", "UnitName",
                 "KktNumber", "FnNumber", "RegNumber", "INN", "NameOrganization", "TaxVariant", "AddDate",
                 "OFD_Error", "OFD_DateErrorDoc", "FN_DateEnd"},
                {"NumDevice", "OFD_NumErrorDoc"},
                {"OnOff", "Active", "FN_IsFiscal", "FN_MemOverflowl", "PaperOver"});
    CHECK(units({{"Active", true}, {"OnOff", "true"}}).size() == 1);
    CHECK(units({{"Active", false}}).empty());
    CHECK(units({{"InnKkm", "7707000008"}}).size() == 1);
    CHECK(units({{"InnKkm", "7709000003"}}).empty());
    CHECK(units({{"NumDevice", 2}}).empty());
    CHECK(units({{"FN_DateEnd", "2020-01-01T00:00:00"}}).empty());
    CHECK(units({{"FN_MemOverflowl", true}}).empty());
    CHECK(units({{"FN_IsFiscal", true}}).size() == 1);
    CHECK(units({{"OFD_Error", true}}).empty());
    CHECK(shop.send({{"Command", "List"}, {"Active", "может быть"}}).at("Status") == 2);
}

TEST_CASE("a document is told by its number as soon as it is printed", "[kkmserver]")
{
    KkmShop shop;
    const Json sold = shop.send(small_check("sold"));
    const Json answer =
        shop.send({{"Command", "GetDataCheck"}, {"NumDevice", 1}, {"FiscalNumber", sold.at("CheckNumber")}});
    INFO(answer.dump());
    CHECK(answer.at("Status") == 0);
    CHECK(answer.at("QRCode") == sold.at("QRCode"));
    CHECK(answer.at("Slip").get<std::string>().find("Чай") != std::string::npos);
    const Json& check = answer.at("RegisterCheck");
    check_types(check,
                {"FiscalNumber", "FiscalDate", "CheckType", "FiscalSign", "CashierName", "CashierVATIN",
                 "TaxVariant", "ClientAddress", "SenderEmail", "PlaceMarket"},
                {"Cash", "ElectronicPayment", "AdvancePayment", "Credit", "CashProvision", "AllSumm"}, {});
    CHECK(check.at("FiscalNumber") == std::to_string(shop.documents()));
    CHECK(check.at("AllSumm") == 25.0);
    REQUIRE(check.at("Register").size() == 1);
    CHECK(check.at("Register")[0].at("Name") == "Чай");
    CHECK(check.at("Register")[0].at("Quantity") == 2.0);
    CHECK(check.at("Register")[0].at("Tax") == -1);
}

TEST_CASE("the last document stands for number nought", "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send(small_check("sold")).at("Status") == 0);
    REQUIRE(shop.send({{"Command", "CloseShift"}}).at("Status") == 0);
    const Json answer = shop.send({{"Command", "GetDataCheck"}, {"FiscalNumber", 0}});
    CHECK(answer.at("RegisterCheck").at("FiscalNumber") == std::to_string(shop.documents()));
    CHECK(answer.at("RegisterCheck").at("Register").is_null());
}

TEST_CASE("a document that there is not is no document", "[kkmserver]")
{
    KkmShop shop;
    const Json answer =
        shop.send({{"Command", "GetDataCheck"}, {"FiscalNumber", 4000000000}, {"Timeout", 3}});
    CHECK(answer.at("Status") == 2);
    CHECK(answer.at("Error").get<std::string>().find("4000000000") != std::string::npos);
    CHECK(shop.send({{"Command", "GetDataCheck"}, {"FiscalNumber", -1}}).at("Status") == 2);
}

TEST_CASE("a copy is printed once, however often the command comes", "[kkmserver]")
{
    KkmShop shop;
    const Json sold = shop.send(small_check("sold"));
    const Json ask{{"Command", "GetDataCheck"},
                   {"IdCommand", "copy"},
                   {"FiscalNumber", sold.at("CheckNumber")},
                   {"NumberCopies", 1}};
    const auto length = [&shop] { return shop.kkt().strip_first() + shop.kkt().strip().size(); };
    const auto before = length();
    const Json answer = shop.send(ask);
    INFO(answer.dump());
    CHECK(answer.at("Status") == 0);
    CHECK(answer.at("RegisterCheck").at("AllSumm") == 25.0);
    const auto after = length();
    CHECK(after > before);
    CHECK(shop.send(ask).at("Status") == 0);
    CHECK(length() == after);
}

TEST_CASE("counters are those of the last report on a shift, under either name", "[kkmserver]")
{
    KkmShop shop;
    CHECK(shop.send({{"Command", "GetCounters"}}).at("Status") == 2); // nothing is known yet
    REQUIRE(shop.send(small_check("sold")).at("Status") == 0);
    REQUIRE(shop.send({{"Command", "CloseShift"}}).at("Status") == 0);
    shop.pass(60s);
    for (const char* name : {"GetCounters", "Get\u0421ounters"}) {
        const Json answer = shop.send({{"Command", name}});
        INFO(answer.dump());
        REQUIRE(answer.at("Status") == 0);
        CHECK(answer.at("Error") == "");
        const Json& list = answer.at("\u0421ounters");
        CHECK(answer.at("Counters") == list);
        REQUIRE(list.size() == 8);
        CHECK(list[0].at("\u0421ountersType") == "Total");
        CHECK(list[4].at("\u0421ountersType") == "Shift");
        CHECK(list[4].at("Count") == 1);
        CHECK(list[4].at("Sum") == 25.0);
        CHECK(list[4].at("Cash") == 25.0);
        CHECK(list[5].at("Count") == 0);
    }
}

TEST_CASE("the server tells of itself what clients want to read", "[kkmserver]")
{
    KkmShop shop;
    const Json answer = shop.send({{"Command", "GetServerData"}});
    CHECK(answer.at("Status") == 0);
    check_types(answer.at("ServerData"),
                {"ServerName", "ServerVersion", "ServerDateStart", "ServerUpTime", "LicenseExpirationDate",
                 "OSVersion", "OSPlatform", "OSVersionString", "OSName", "OSDateStart", "OSUpTime",
                 "OSCurDateTime", "PCServerName", "PCUserName", "PCPhysicalMemory", "PCFreePhysicalMemory",
                 "PCProcessorName", "PCNumberOfCores"},
                {"LicenseCount"}, {});
    CHECK(shop.send({{"Command", "GetLineLength"}}).at("LineLength").get<int>() > 20);
}

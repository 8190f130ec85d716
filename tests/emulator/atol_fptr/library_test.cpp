// Finding and binding the maker's library, and what is said when that fails.
#include "drivers/atol_fptr/errors.hpp"
#include "drivers/atol_fptr/library.hpp"
#include "drivers/atol_fptr/settings.hpp"
#include "drivers/atol_fptr/wide.hpp"
#include "drivers/registry.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kb;
using namespace kb::atol_fptr;
using namespace kb::test;
using Catch::Matchers::Contains;

TEST_CASE("the library is bound and told with its version", "[atol-fptr]")
{
    const auto library = Library::load(KB_FPTR_STAND_IN);
    INFO((library ? "" : library.error().message()));
    REQUIRE(library);
    CHECK((*library)->version() == "10.10.7.0");
    CHECK_THAT((*library)->path(), Contains("fptr10_stand_in"));
}

TEST_CASE("a library that is not there is told with every place and the cure", "[atol-fptr]")
{
    const auto configured = Library::load("/no/such/folder/libfptr10.so");
    REQUIRE_FALSE(configured);
    CHECK(configured.error().code == Errc::library_missing);
    CHECK_THAT(configured.error().context, Contains("/no/such/folder/libfptr10.so"));
    CHECK_THAT(configured.error().context, Contains("install"));
    CHECK_THAT(configured.error().context, Contains("library ="));

    const auto usual = Library::load("");
    if (!usual) { // a developer's machine may have one
        for (const std::string& place : usual_places()) {
            CHECK_THAT(usual.error().context, Contains(place));
        }
    }
}

TEST_CASE("a library that is too old is told with what it lacks", "[atol-fptr]")
{
    const auto old = Library::load(KB_FPTR_TOO_OLD);
    REQUIRE_FALSE(old);
    CHECK(old.error().code == Errc::unsupported);
    CHECK_THAT(old.error().context, Contains("10.0.0.1"));
    CHECK_THAT(old.error().context, Contains("libfptr_destroy"));
}

TEST_CASE("a file that is no library is told as one that cannot be loaded", "[atol-fptr]")
{
    const TempDir dir;
    write_file(dir / "libfptr10.so", "not a library");
    const auto broken = Library::load((dir / "libfptr10.so").string());
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == Errc::unsupported);
    CHECK_THAT(broken.error().context, Contains("cannot be loaded"));
}

TEST_CASE("family auto never asks the library, and nothing else can use it over an open line", "[atol-fptr]")
{
    CHECK(check_family("atol-fptr"));
    const auto driver = make_driver("atol-fptr", nullptr, {});
    REQUIRE_FALSE(driver);
    CHECK(driver.error().code == Errc::bad_config);
    for (const Vendor& vendor : vendors()) {
        CHECK((vendor.open == nullptr) == (vendor.find != nullptr));
    }
}

TEST_CASE("a port becomes the library's settings", "[atol-fptr]")
{
    const auto settings = [](const char* port, const DriverOptions& options = {}) {
        const auto url = parse_port_url(port);
        REQUIRE(url);
        const auto text = settings_of(*url, options);
        REQUIRE(text);
        return nlohmann::json::parse(*text);
    };
    const auto serial = settings("serial:/dev/ttyACM0");
    CHECK(serial["Port"] == "0");
    CHECK(serial["ComFile"] == "/dev/ttyACM0");
    CHECK(serial["BaudRate"] == "115200");
    CHECK(serial["Model"] == "500");
    CHECK(serial["OfdChannel"] == "2"); // else a register that sends through the exchange would stop sending
    CHECK(serial["AutoReconnect"] == "false");
    CHECK(serial["UserPassword"] == "");
    CHECK(settings("serial:/dev/ttyUSB0?baud=57600")["BaudRate"] == "57600");

    const auto tcp = settings("tcp:192.168.1.7:5555");
    CHECK(tcp["Port"] == "2");
    CHECK(tcp["IPAddress"] == "192.168.1.7");
    CHECK(tcp["IPPort"] == "5555");

    DriverOptions options;
    options.password = 12345;
    options.ofd_channel = DriverOptions::OfdChannel::none;
    CHECK(settings("serial:COM3", options)["UserPassword"] == "12345");
    CHECK(settings("serial:COM3", options)["OfdChannel"] == "0");
    options.ofd_channel = DriverOptions::OfdChannel::usb;
    CHECK(settings("serial:COM3", options)["OfdChannel"] == "1");
}

TEST_CASE("texts survive the way into the library's letters and back", "[atol-fptr]")
{
    for (const std::string text : {"", "АТОЛ 22 v2 Ф", "abc", "\xF0\x9F\xA7\xBE чек", "\xE2\x82\xBD"}) {
        CHECK(to_utf8(to_wide(text)) == text);
    }
    CHECK(to_wide("Ф") == L"Ф");
    // Broken bytes become replacement characters, whatever they are.
    CHECK(to_utf8(to_wide("a\xFFz")) == "a\xEF\xBF\xBDz");
    CHECK(to_utf8(to_wide("\xD0")) == "\xEF\xBF\xBD");
    CHECK(to_utf8(to_wide("\xC0\x80")) == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(to_utf8(to_wide("\xED\xA0\x80")).find("\xEF\xBF\xBD") == 0);
}

TEST_CASE("error codes of the library are the house's errors", "[atol-fptr]")
{
    const std::pair<int, Errc> rows[] = {
        {1, Errc::port_lost},        {2, Errc::no_answer},       {3, Errc::port_busy},
        {4, Errc::port_not_found},   {9, Errc::bad_config},      {11, Errc::unsupported},
        {12, Errc::wrong_mode},      {30, Errc::no_data},        {44, Errc::no_paper},
        {55, Errc::device_busy},     {71, Errc::wrong_password}, {82, Errc::wrong_mode},
        {123, Errc::no_data},        {173, Errc::device_busy},   {178, Errc::device_busy},
        {179, Errc::device_refused}, {241, Errc::port_lost},
    };
    for (const auto& [number, errc] : rows) {
        const Error error = to_error(number, "почему", "что");
        INFO(number);
        CHECK(error.code == errc);
        CHECK(error.device_code == number);
        CHECK(error.context == "что: почему");
    }
    CHECK(to_error(44, "", "что").outcome == Outcome::refused);
    CHECK(to_error(241, "", "что").outcome == Outcome::not_done);
}

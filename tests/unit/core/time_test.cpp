#include "protocol/core/time.hpp"

#include <catch2/catch.hpp>

using namespace kb;

TEST_CASE("local times are read as they are written", "[core]")
{
    const auto time = local_from_text("2024-03-01T09:15:00").value();
    CHECK(to_text(time) == "2024-03-01T09:15:00");
    // Origin: docs/sources.md#ffd, E5: tag 1012 = 94 9C E1 65.
    CHECK(to_ffd_unixtime(time) == 0x65E19C94);
    CHECK(from_ffd_unixtime(0x65E19C94) == time);
}

TEST_CASE("instants carry milliseconds", "[core]")
{
    CHECK(to_text(utc_from_text("2024-03-01T09:15:00.250Z").value()) == "2024-03-01T09:15:00.250Z");
    CHECK(utc_from_text("2024-03-01T09:15:00Z").has_value());
}

TEST_CASE("times that do not exist are refused", "[core]")
{
    for (const char* bad : {"2023-02-29T00:00:00", "2024-13-01T00:00:00", "2024-01-01T24:00:00",
                            "2024-01-01 00:00:00", "2024-1-1T00:00:00", ""})
        CHECK(local_from_text(bad).error().code == Errc::bad_value);
    CHECK(utc_from_text("2024-03-01T09:15:00").error().code == Errc::bad_value);
    CHECK(utc_from_text("2024-03-01T09:15:00,250Z").error().code == Errc::bad_value);
}

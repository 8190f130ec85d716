#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace kb;

namespace {
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
} // namespace

TEST_CASE("kopecks are written as rubles and read back", "[core]")
{
    CHECK(Kopecks(35050).to_rubles() == "350.50");
    CHECK(Kopecks(-5).to_rubles() == "-0.05");
    CHECK(Kopecks(kLeast).to_rubles() == "-92233720368547758.08");
    CHECK(Kopecks::from_rubles("350.5").value() == Kopecks(35050));
    CHECK(Kopecks::from_rubles("-1.05").value() == Kopecks(-105));
    CHECK(Kopecks::from_rubles("350").value() == Kopecks(35000));
    for (const char* bad : {"", "-", ".5", "1.", "1.234", "1,5", "+1", "1e3", " 1", "99999999999999999999"})
        CHECK(Kopecks::from_rubles(bad).error().code == Errc::bad_value);
}

TEST_CASE("sums that leave 64 bits are errors", "[core]")
{
    CHECK(Kopecks(kMost).plus(Kopecks(1)).error().code == Errc::overflow);
    CHECK(Kopecks(kLeast).minus(Kopecks(1)).error().code == Errc::overflow);
    CHECK(cost(Kopecks(kMost), Quantity::units(2)).error().code == Errc::overflow);
}

TEST_CASE("price times quantity rounds half away from zero", "[core]")
{
    CHECK(cost(Kopecks(10100), Quantity::from_text("0.5").value()).value() == Kopecks(5050));
    CHECK(cost(Kopecks(59600), Quantity::from_text("0.125").value()).value() == Kopecks(7450));
    CHECK(cost(Kopecks(1), Quantity::from_text("0.5").value()).value() == Kopecks(1));
    CHECK(cost(Kopecks(-1), Quantity::from_text("0.5").value()).value() == Kopecks(-1));
    CHECK(cost(Kopecks(1), Quantity::from_text("0.499999").value()).value() == Kopecks(0));
}

TEST_CASE("quantities keep six decimals and no more", "[core]")
{
    CHECK(Quantity::from_text("2").value().to_text() == "2");
    CHECK(Quantity::from_text("0.000001").value().millionths() == 1);
    CHECK(Quantity::from_text("-1.5000000").value().to_text() == "-1.5");
    CHECK(Quantity::from_text("0.0000001").error().code == Errc::not_representable);
    CHECK(Quantity::from_text("1/2").error().code == Errc::bad_value);
}

// Numbers of programs that reckon in doubles, digit by digit.
#include "agent/api/atol/task_reader.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent::awr;
using nlohmann::json;

TEST_CASE("a number's shortest decimal text is taken, and what doubles leave behind is not", "[atol web]")
{
    struct Row {
        const char* json;
        std::size_t places;
        const char* text; ///< nullptr: refused
    };
    const Row row =
        GENERATE(Row{"18", 2, "18"}, Row{"18.0", 2, "18"}, Row{"18.05", 2, "18.05"}, Row{"0.10", 2, "0.1"},
                 Row{"-5.5", 2, "-5.5"}, Row{"0", 2, "0"}, Row{"-0.0", 2, "0"}, Row{"\"12.50\"", 2, "12.5"},
                 Row{"\" 7 \"", 2, "7"}, Row{"30.000000000000004", 2, "30"},
                 Row{"89.99999999999999", 2, "90"}, Row{"99.99999999999999", 2, "100"},
                 Row{"0.30000000000000004", 6, "0.3"}, Row{"1234567.1000000001", 2, "1234567.1"},
                 Row{"-0.0000000000000001", 2, nullptr}, Row{"12.345", 2, nullptr},
                 Row{"16.666666666666668", 2, nullptr}, Row{"0.1234567", 6, nullptr}, Row{"1e3", 0, "1000"},
                 Row{"1e300", 2, nullptr}, Row{"1e-7", 6, nullptr}, Row{"\"12,50\"", 2, nullptr},
                 Row{"\"\"", 2, nullptr}, Row{"\"abc\"", 2, nullptr}, Row{"true", 2, nullptr},
                 Row{"null", 2, nullptr}, Row{"[1]", 2, nullptr}, Row{"1.5", 0, nullptr}, Row{"1.0", 0, "1"});
    INFO(row.json);
    const auto text = decimal_text(json::parse(row.json), row.places);
    if (row.text == nullptr)
        CHECK_FALSE(text.has_value());
    else
        CHECK(text == row.text);
}

TEST_CASE("no sum of kopecks changes on its way through a double", "[atol web]")
{
    for (std::int64_t kopecks = 0; kopecks < 5'000'000; kopecks += 37) {
        const double sum = static_cast<double>(kopecks) / 100;
        const auto text = decimal_text(json(sum), 2);
        REQUIRE(text);
        REQUIRE(Kopecks::from_rubles(*text)->count() == kopecks);
    }
}

TEST_CASE("sums that programs add up in doubles come out as people add them", "[atol web]")
{
    double sum = 0;
    std::int64_t kopecks = 0;
    for (int i = 1; i < 2'000; ++i) {
        sum += 0.1 * (i % 7);
        kopecks += 10 * (i % 7);
        const auto text = decimal_text(json(sum), 2);
        REQUIRE(text);
        REQUIRE(Kopecks::from_rubles(*text)->count() == kopecks);
    }
}

#include "protocol/core/exchange_file.hpp"

#include <catch2/catch.hpp>

using namespace kb;

TEST_CASE("an exchange file is its head and its lines, and is written as it was read", "[core]")
{
    const std::string text = "# device: ШТРИХ-М-02Ф\n"
                             "# origin: captured 2024-05-02\n"
                             "> 05  # ENQ\n"
                             "< 15\n"
                             "> 02 05 10 1E 00 00 00 0B  # short status\n";
    const auto file = parse_exchange(text);
    REQUIRE(file);
    CHECK(file->about("device") == "ШТРИХ-М-02Ф");
    CHECK(file->about("firmware").empty());
    REQUIRE(file->lines.size() == 3);
    CHECK(file->lines[0].from_host);
    CHECK(file->lines[0].comment == "ENQ");
    CHECK_FALSE(file->lines[1].from_host);
    CHECK(to_hex(file->lines[2].bytes) == "0205101E0000000B");
    CHECK(file->lines[2].number == 5);
    CHECK(write_exchange(*file) == text);
}

TEST_CASE("notes, empty lines and any spacing are passed over", "[core]")
{
    const auto file = parse_exchange("\r\n#no colon\n>05#x\r\n# 12 ms: no_answer\n  <\t1 5 \n\n");
    REQUIRE(file);
    CHECK(file->head.empty());
    REQUIRE(file->lines.size() == 2);
    CHECK(file->lines[0].bytes == Bytes{0x05});
    CHECK(file->lines[1].bytes == Bytes{0x15});
}

TEST_CASE("a wrong exchange file names the line and the reason", "[core]")
{
    const std::pair<const char*, const char*> rows[] = {
        {"> 05\nENQ\n", "line 2"},
        {"> 0\n", "odd number"},
        {"> 0G\n", "not a hex digit"},
        {"> 05\n\n<  # nothing\n", "line 3"},
        {"# lines: 3\n> 05\n< 15\n", "line 3: it is the last"}};
    for (const auto& [text, wanted] : rows) {
        const auto file = parse_exchange(text);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == Errc::bad_value);
        CHECK_THAT(file.error().context, Catch::Contains(wanted));
    }
}

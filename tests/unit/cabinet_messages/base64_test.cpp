#include "protocol/cabinet/base64.hpp"

#include <catch2/catch.hpp>

using namespace kb;

TEST_CASE("base64 has the forms of RFC 4648, section 10, both ways", "[cabinet_messages]")
{
    const auto [plain, coded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                          {"f", "Zg=="},
                                                                          {"fo", "Zm8="},
                                                                          {"foo", "Zm9v"},
                                                                          {"foob", "Zm9vYg=="},
                                                                          {"fooba", "Zm9vYmE="},
                                                                          {"foobar", "Zm9vYmFy"}}));
    CHECK(to_base64(as_bytes(plain)) == coded);
    const auto back = from_base64(coded);
    REQUIRE(back);
    CHECK(as_text(*back) == plain);
}

TEST_CASE("every byte value survives base64", "[cabinet_messages]")
{
    Bytes all;
    for (unsigned i = 0; i < 256; ++i)
        all.push_back(static_cast<std::uint8_t>(i));
    CHECK(from_base64(to_base64(all)).value() == all);
}

TEST_CASE("base64 that is not canonical is refused", "[cabinet_messages]")
{
    const auto* text = GENERATE("Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "=Zm9",
                                "Z===", "====", "Zg==Zg==", "Zm-_");
    const auto bytes = from_base64(text);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().code == Errc::bad_encoding);
}

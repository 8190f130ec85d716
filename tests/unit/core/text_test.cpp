#include "protocol/core/code_page.hpp"
#include "protocol/core/cp1251.hpp"
#include "protocol/core/cp866.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using kb::test::hex;

// Origin: docs/sources.md#ffd, section 9, E5, tag 1021.
TEST_CASE("CP866 is the code page of TLV text", "[core][fixture]")
{
    CHECK(to_hex(to_cp866("Кассир 1").value()) == "8AA0E1E1A8E02031");
    CHECK(from_cp866(hex("8AA0E1E1A8E02031")) == "Кассир 1");
}

// Origin: docs/sources.md#shtrih, vector R1: device name in the answer to FCh.
TEST_CASE("CP1251 is the code page of device names", "[core][fixture]")
{
    CHECK(from_cp1251(hex("D8D2D0C8D52DD1CCC0D0D2CFCED12DD4")) == "ШТРИХ-СМАРТПОС-Ф");
    CHECK(to_hex(to_cp1251("Молоко").value()) == "CCEEEBEEEAEE");
}

TEST_CASE("every byte of a code page survives the way to UTF-8 and back", "[core]")
{
    for (unsigned i = 0; i < 256; ++i) {
        const Bytes byte{static_cast<std::uint8_t>(i)};
        CHECK(to_cp866(from_cp866(byte)).value() == byte);
        if (i != 0x98) // the one hole of CP1251
            CHECK(to_cp1251(from_cp1251(byte)).value() == byte);
    }
}

TEST_CASE("text that does not fit is refused, never changed", "[core]")
{
    CHECK(to_cp866("5 €").error().code == Errc::not_representable);
    CHECK(to_cp1251("😀").error().code == Errc::not_representable);
    CHECK(to_cp866("\xC3").error().code == Errc::bad_encoding);
    CHECK(to_cp866("\xED\xA0\x80").error().code == Errc::bad_encoding); // a surrogate
    CHECK_FALSE(is_utf8("\xC0\x80"));                                   // an overlong zero
    CHECK(is_utf8("Ромашка 😀"));
}

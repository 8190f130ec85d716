#include "protocol/core/bytes.hpp"
#include "protocol/core/crc.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using kb::test::ExactBytes;
using kb::test::hex;

TEST_CASE("hex is read back as it was written", "[core]")
{
    CHECK(to_hex(hex("00 1f\nA5 ff")) == "001FA5FF");
    CHECK(from_hex("0").error().code == Errc::bad_value);
    CHECK(from_hex("0G").error().code == Errc::bad_value);
}

TEST_CASE("fields are little-endian", "[core]")
{
    const Bytes bytes = ByteWriter{}.u8(1).u16(0x0302).u32(0x07060504).uint(0x0C0B0A0908, 5).take();
    CHECK(to_hex(bytes) == "0102030405060708090A0B0C");
    ByteReader reader{bytes};
    CHECK(reader.u8() == 1);
    CHECK(reader.u16() == 0x0302);
    CHECK(reader.u32() == 0x07060504);
    CHECK(reader.uint(5) == 0x0C0B0A0908);
    CHECK(reader.done("all").has_value());
}

TEST_CASE("a read past the end is remembered and reads nothing", "[core]")
{
    const ExactBytes block{hex("0102")};
    ByteReader reader{block.view()};
    CHECK(reader.u32() == 0);
    CHECK(reader.u8() == 0); // not the first byte: after an overrun nothing is read any more
    CHECK(reader.overrun());
    CHECK(reader.done("two bytes").error().code == Errc::bad_length);
    CHECK(reader.rest_ok("two bytes").error().code == Errc::bad_length);
}

TEST_CASE("bytes left over are an error only where the layout is closed", "[core]")
{
    const Bytes bytes = hex("010203");
    ByteReader reader{bytes};
    CHECK(reader.u8() == 1);
    CHECK_FALSE(reader.done("layout").has_value());
    CHECK(reader.rest_ok("layout").has_value());
}

// Origin: CRC-16/CCITT-FALSE check value; docs/sources.md#shtrih, vectors U14.
TEST_CASE("CRC-16 agrees with the published check values", "[core][fixture]")
{
    CHECK(crc16_ccitt(as_bytes("123456789")) == 0x29B1);
    CHECK(crc16_ccitt(hex("0000")) == 0x1D0F);
    CHECK(crc16_ccitt(hex("03000600FC")) == 0x63ED);
    CHECK(crc16_ccitt(as_bytes("6789"), crc16_ccitt(as_bytes("12345"))) == 0x29B1);
}

#include "tlv_fixture.hpp"

#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/inn.hpp"
#include "protocol/fiscal/kkt_reg_number.hpp"
#include "protocol/fiscal/qr.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::hex;

// Origin: docs/sources.md#ffd, section 5.1.
TEST_CASE("the fiscal sign is big-endian behind two service bytes", "[fiscal][fixture]")
{
    CHECK(fiscal_sign_from_bytes(hex("31046629765F")).value() == 1713993311);
    CHECK(fiscal_sign_from_bytes(hex("21041C6B81A4")).value() == 476807588);
    CHECK(fiscal_sign_text(476807588) == "0476807588");
    CHECK(fiscal_sign_text(4294967295) == "4294967295");
    CHECK(to_hex(fiscal_sign_to_bytes(1713993311)) == "31046629765F");
    CHECK(to_hex(fiscal_sign_to_bytes(476807588, 0x2104)) == "21041C6B81A4");
    CHECK(fiscal_sign_from_bytes(hex("3104662976")).error().code == Errc::bad_length);
}

// Origin: docs/sources.md#ffd, section 5.3.
TEST_CASE("the check number of a registration number is a CRC over owner and register", "[fiscal][fixture]")
{
    CHECK(make_kkt_reg_number(1, "7707000008", "00106900000001").value() == "0000000001011546");
    CHECK(make_kkt_reg_number(1358, "5024054445", "0000000001234567").value() == "0000001358004537");
    CHECK(make_kkt_reg_number(123456789, "500100732259", "199036000001").value() == "0123456789009625");
    CHECK(kkt_reg_number_matches("0000000001011546", "7707000008", "00106900000001"));
    CHECK_FALSE(kkt_reg_number_matches("0000000001011546", "7707000008", "00106900000002"));
    CHECK_FALSE(kkt_reg_number_matches("0000000001011547", "7707000008", "00106900000001"));
    CHECK_FALSE(kkt_reg_number_matches("000000000101154", "7707000008", "00106900000001"));
    CHECK_FALSE(kkt_reg_number_matches("00000000010115AB", "7707000008", "00106900000001"));
    CHECK(make_kkt_reg_number(1, "770700000", "1").error().code == Errc::bad_value);
    CHECK(make_kkt_reg_number(10'000'000'000, "7707000008", "1").error().code == Errc::bad_value);
    CHECK(make_kkt_reg_number(1, "7707000008", "").error().code == Errc::bad_value);
}

// Origin: docs/sources.md#ffd, section 5.4.
TEST_CASE("check digits of an INN", "[fiscal][fixture]")
{
    for (const char* inn : {"7707000008", "5024054445", "7841465198", "7704211201", "500100732259",
                            "690209812752", "112233445573"})
        CHECK(is_valid_inn(inn));
    for (const char* inn : {"112233445566", "7707000009", "770700000", "", "77070000O8", "500100732258"})
        CHECK_FALSE(is_valid_inn(inn));
}

// Origin: docs/sources.md#ffd, section 5.2, for E5.
TEST_CASE("the QR text of a receipt", "[fiscal][fixture]")
{
    const std::string text = "t=20240301T0915&s=350.50&fn=9999078900001234&i=3&fp=3735928559&n=1";
    const auto head = head_of(test::load_tlv("e5").bytes).value();
    CHECK(receipt_qr_text(receipt_qr_of(head).value()) == text);
    const auto qr = receipt_qr_from_text(text).value();
    CHECK(receipt_qr_text(qr) == text);
    CHECK(receipt_qr_from_text("n=1&t=20240301T091530&s=350.50&fn=9999078900001234&i=3&fp=3735928559")
              ->datetime == qr.datetime + std::chrono::seconds(30));
    CHECK(receipt_qr_of(head_of(test::load_tlv("e4").bytes).value()).error().code == Errc::bad_value);
}

TEST_CASE("a QR text with a wrong member is refused by its name", "[fiscal]")
{
    const auto error = [](const char* text) { return receipt_qr_from_text(text).error().context; };
    CHECK(error("") == "qr t: missing");
    CHECK(error("t=20240301T0915&s=1&fn=9&i=3&fp=5") == "qr n: missing");
    CHECK(error("t=20240301T0915&t=1") == "qr t: given twice");
    CHECK(error("x=1") == "qr x: unknown member");
    CHECK(error("t=20240301T0915&s=1&fn=9&i=3&fp=4294967296&n=1") ==
          "qr fp: \"4294967296\" is not a number of 32 bits");
    CHECK(error("t=20240301T0915&s=-1&fn=9&i=3&fp=5&n=1") == "qr s: \"-1\" is not a sum in rubles");
    CHECK(error("t=20240301T0915&s=1&fn=9&i=3&fp=5&n=5") == "qr n: \"5\" is not 1..4");
    CHECK(error("t=20240230T0915&s=1&fn=9&i=3&fp=5&n=1").starts_with("qr t"));
}

// A day over the ATOL wire, and what the house's checks say of its documents.
#include "host.hpp"

#include "protocol/fiscal/checks.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

const std::string kRestInCash = "4A 00 01 00 00 00 00 00";
const std::string kRestByCard = "4A 00 02 00 00 00 00 00";

void receipts_of_all_kinds(V3Host& host, std::uint8_t ffd)
{
    // Requisites of the receipt and of its items, every tax, part payments.
    REQUIRE(host.error("92 00 01") == 0);
    REQUIRE(host.error(requisite(1021, hex("88A2A0ADAEA2"))) == 0);
    REQUIRE(host.error(requisite(1203, std::string("500100732259"))) == 0);
    REQUIRE(host.error(requisite(1055, Bytes{2})) == 0);
    REQUIRE(host.error(requisite(1008, std::string("a@b.ru"))) == 0);
    for (unsigned tax = 1; tax <= 6; ++tax)
        add(host, item(10000 + tax, 15000 + tax, "8AAEE4A5", 1500, 0, tax));
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(requisite(1222, Bytes{0x40})) == 0);
    REQUIRE(host.error(requisite(1226, std::string("7707000008  "))) == 0);
    REQUIRE(host.error(requisite(1224, hex("93 04 0C 00 2B 37 39 30 30 30 30 30 30 30 30 30"
                                           "C9 04 03 00 8E 8E 8E"))) == 0);
    if (ffd == 4)
        REQUIRE(host.error(requisite(2108, Bytes{11})) == 0);
    REQUIRE(host.error(item(100, 250, "8AAEE4A5", 2500, 0, 6)) == 0);
    REQUIRE(host.ask("99 00 02 00 00 01 00 00")[1] == 0);
    REQUIRE(host.ask("99 00 03 00 00 00 50 00")[1] == 0);
    REQUIRE(host.error("4A 00 01 00 00 10 00 00") == 0);
    // Discounts and surcharges.
    for (const char* change : {"43 00 01 00 00 00 00 00 15 00", "43 00 00 00 00 00 00 00 07 77",
                               "43 00 00 01 01 00 00 00 01 23", "43 00 00 01 00 00 00 00 00 00"}) {
        REQUIRE(host.error("92 00 01") == 0);
        add(host, item(3333, 9999, "8AAEE4A5", 3000));
        add(host, item(777, 777, "91EBE0", 1000, 0, 2));
        REQUIRE(host.error(change) == 0);
        REQUIRE(host.error(kRestByCard) == 0);
    }
    // Returns and purchases.
    for (const unsigned type : {2U, 4U, 5U}) {
        REQUIRE(host.error(Bytes{0x92, 0x00, static_cast<std::uint8_t>(type)}) == 0);
        add(host, item(500, 500));
        REQUIRE(host.error(kRestInCash) == 0);
    }
    // Corrections.
    REQUIRE(host.error("92 00 07") == 0);
    REQUIRE(host.error(requisite(1173, Bytes{0})) == 0);
    REQUIRE(host.error(requisite(1174, hex("9A 04 04 00 00 27 53 69 9B 04 01 00 31"))) == 0);
    add(host, item(12000, 12000));
    REQUIRE(host.error(kRestByCard) == 0);
}

} // namespace

TEST_CASE("the house's own checks find nothing wrong with a day over the wire in any FFD version")
{
    const std::uint8_t ffd = GENERATE(std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4});
    V3Host host{{}, "30f", ffd};
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    REQUIRE(host.error("49 00 00 00 01 00 00") == 0);
    receipts_of_all_kinds(host, ffd);
    REQUIRE(host.error("4F 00 00 00 00 50 00") == 0);
    host.enter(2);
    REQUIRE(host.error("67 09") == 0);
    host.wait(5s);
    host.pass(2h);
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    REQUIRE(host.last_fd() == 1 + 1 + 9 + 1 + 1);

    fiscal::SequenceCheck sequence;
    for (std::uint32_t fd = 1; fd <= host.last_fd(); ++fd) {
        const BytesView body = host.kkt.body(fd);
        ByteWriter whole;
        whole.u16(host.kkt.fn().find(fd)->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
        const auto document = fiscal::decode(whole.view());
        INFO("ffd " << int{ffd} << " fd " << fd);
        REQUIRE(document);
        auto findings = fiscal::check_document(*document, sequence.registration());
        const auto in_row = sequence.feed(*document);
        findings.insert(findings.end(), in_row.begin(), in_row.end());
        for (const auto& finding : findings) {
            INFO(finding.code << " " << finding.path << " " << finding.text_en);
            CHECK(finding.severity < fiscal::Severity::warning);
        }
    }
}

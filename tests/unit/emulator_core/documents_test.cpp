#include "machine.hpp"

#include "protocol/fiscal/checks.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::test;

namespace {

fiscal::Document decoded(Machine& machine, std::uint32_t fd_number)
{
    const BytesView body = machine.kkt.body(fd_number);
    ByteWriter whole;
    whole.u16(machine.kkt.fn().find(fd_number)->type)
        .u16(static_cast<std::uint16_t>(body.size()))
        .bytes(body);
    const auto document = fiscal::decode(whole.view());
    INFO("document " << fd_number);
    REQUIRE(document);
    return *document;
}

// Every kind of document a day brings.
void make_a_day(Machine& machine)
{
    machine.start();
    REQUIRE(machine.kkt.open_shift("Кассир 1", {}));
    machine.printed();
    for (std::uint8_t vat = 1; vat <= 12; ++vat) {
        Item item = tea();
        item.vat = vat;
        item.quantity = Quantity::from_millionths(1'500'000);
        item.sum = 18300;
        REQUIRE(sell(machine, item));
    }
    REQUIRE(sell(machine, tea(), 2));
    Receipt correction;
    correction.is_correction = true;
    correction.correction = Correction{0, machine.wall - std::chrono::days{1}, "17"};
    correction.items.push_back(tea());
    Closing closing;
    closing.payments[1] = 12200;
    closing.cashier = "Кассир 1";
    REQUIRE(machine.kkt.ring(correction, closing));
    machine.printed();
    REQUIRE(machine.kkt.make_state_report());
    machine.printed();
    machine.pass(std::chrono::hours{2});
    REQUIRE(machine.kkt.close_shift("Кассир 1", {}));
    machine.printed();
    REQUIRE(machine.kkt.close_fn("Администратор"));
}

} // namespace

TEST_CASE("the house's own checks find nothing wrong with a day's documents in any FFD version")
{
    const std::uint8_t ffd = GENERATE(std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4});
    Machine machine{ffd};
    make_a_day(machine);
    fiscal::SequenceCheck sequence;
    for (std::uint32_t fd = 1; fd <= machine.kkt.fn().last_fd(); ++fd) {
        const auto document = decoded(machine, fd);
        auto findings = fiscal::check_document(document, sequence.registration());
        const auto in_row = sequence.feed(document);
        findings.insert(findings.end(), in_row.begin(), in_row.end());
        for (const auto& finding : findings) {
            INFO("ffd " << int{ffd} << " fd " << fd << " " << finding.code << " " << finding.path << " "
                        << finding.text_en);
            CHECK(finding.severity < fiscal::Severity::warning);
        }
    }
}

TEST_CASE("the register number's check digits are those of the published examples")
{
    CHECK(reg_number_for(1, "7707000008", "00106900000001") == "0000000001011546");
    CHECK(reg_number_for(1358, "5024054445", "0000000001234567") == "0000001358004537");
    CHECK(reg_number_for(123456789, "500100732259", "199036000001") == "0123456789009625");
}

TEST_CASE("contained VAT is rounded to the nearest kopeck")
{
    CHECK(contained_vat(80730, 11) == 14558);
    CHECK(contained_vat(30000, 1) == 5000);
    CHECK(contained_vat(5050, 2) == 459);
    CHECK(contained_vat(5050, 6) == 0);
}

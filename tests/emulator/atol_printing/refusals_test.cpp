// What cannot be done leaves nothing behind: no document, no open receipt, and a reason with a cure.
#include "tests/emulator/atol_printing/shop.hpp"

using namespace kb;
using namespace kb::test;
using fiscal::Operation;
using fiscal::RequestKind;

TEST_CASE("a receipt waits for paper, cover and shift", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        // Nothing is opened besides: most registers would open the shift by themselves.
        const Error closed = shop.refused(coffee());
        CHECK(closed.code == Errc::wrong_mode);
        CHECK(closed.outcome == Outcome::not_done);
        CHECK_FALSE(shop.kkt.shift().open);
        fiscal::Request pay_out = request_of(RequestKind::cash_out);
        pay_out.sum = Kopecks{100};
        CHECK(shop.refused(pay_out).code == Errc::wrong_mode);
        CHECK_FALSE(shop.kkt.shift().open);

        shop.open_shift();
        shop.kkt.set_paper(false);
        for (const fiscal::Request& request :
             {coffee(), request_of(RequestKind::shift_close), request_of(RequestKind::x_report),
              request_of(RequestKind::state_report), request_of(RequestKind::cut)}) {
            const Error error = shop.refused(request);
            CHECK(error.code == Errc::no_paper);
            CHECK(error.outcome == Outcome::not_done);
        }
        shop.kkt.set_paper(true);
        shop.kkt.set_cover(true);
        CHECK(shop.refused(coffee()).code == Errc::no_paper);
        shop.kkt.set_cover(false);
        shop.made(coffee());
    });
}

TEST_CASE("a shift over 24 hours, a full drive and an expired one sell nothing", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        shop.wall += std::chrono::hours(25);
        const Error expired = shop.refused(coffee());
        CHECK(expired.code == Errc::wrong_mode);
        CHECK(expired.device_code == 0x88);
        shop.made(request_of(RequestKind::shift_close));
        shop.open_shift();
        shop.kkt.fill_fn();
        CHECK(shop.refused(coffee()).device_code == 0xD8);
        CHECK(shop.refused(request_of(RequestKind::state_report)).device_code == 0xD8);
    });
}

TEST_CASE("a receipt that the register refuses at any step is taken back", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        fiscal::Request unpaid = coffee();
        unpaid.receipt->receipt.payments.cash = Kopecks{1799};
        const Error short_of = shop.refused(unpaid);
        CHECK(short_of.device_code == 0x86); // told by the closing command itself
        CHECK(short_of.outcome == Outcome::refused);

        fiscal::Request over = coffee();
        over.receipt->receipt.payments.electronic = Kopecks{1801};
        CHECK(shop.refused(over).device_code == 0x71);

        fiscal::Request tax_system = coffee();
        tax_system.receipt->receipt.tax_system = 4; // the register is registered for 1 and 2
        const Error extended = shop.refused(tax_system);
        CHECK(extended.device_code == 0xEE);
        CHECK_THAT(extended.context, Catch::Contains("0103"));

        fiscal::Request correction = coffee();
        correction.receipt->correction = true; // without its basis, which is missed when it is closed
        const Error no_basis = shop.refused(correction);
        CHECK_THAT(no_basis.context, Catch::Contains("0206"));
        shop.made(coffee());
    });
}

TEST_CASE("a register that is busy for a moment is asked again, and sells once", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        for (const char* command : {"92", "E8", "EA", "EB", "56"}) {
            INFO(command);
            emulator::Fault busy;
            busy.kind = emulator::FaultKind::busy;
            busy.at_command = command;
            shop.faults.add(busy);
            fiscal::Request sale = coffee();
            sale.cashier = "Иванов";
            const std::uint32_t before = shop.kkt.fn().last_fd();
            const auto done = shop.perform(sale);
            CHECK(shop.kkt.fn().last_fd() == before + (done ? 1 : 0));
            CHECK_FALSE(shop.kkt.receipt());
            CHECK((done || done.error().outcome == Outcome::not_done));
            shop.faults.clear();
        }
        // The closing command is not repeated: its refusal may have come behind the document.
        emulator::Fault busy;
        busy.kind = emulator::FaultKind::busy;
        busy.at_command = "4A";
        shop.faults.add(busy);
        const Error error = shop.refused(coffee());
        CHECK(error.device_code == 0x76);
        CHECK(error.outcome == Outcome::not_done);
    });
}

TEST_CASE("what is not known to work is refused before the first byte", "[atol][printing]")
{
    Shop shop;
    shop.open_shift();
    const std::uint64_t bytes = shop.driver->line_counters().bytes_written;
    const auto untouched = [&](const fiscal::Request& request, const char* field) {
        const Error error = shop.refused(request);
        CHECK(error.outcome == Outcome::not_done);
        CHECK_THAT(error.context, Catch::Contains(field));
        CHECK(shop.driver->line_counters().bytes_written == bytes);
    };
    fiscal::Request marked = coffee();
    marked.receipt->positions[0].marking = fiscal::Marking{"0104600439931256 21ABCDEF", 1};
    untouched(marked, "items[0].marking");
    marked.receipt->positions[0].item.product_code = from_hex("444D02180E0D1A3C41424344").value();
    fiscal::Request industry = coffee();
    industry.receipt->receipt.agent_flags = 1;
    untouched(industry, "tag 1057");
    fiscal::Request discount = coffee();
    discount.receipt->total = Kopecks{1750};
    untouched(discount, "total");
    fiscal::Request fine = receipt_of(Operation::sell, {position("Кофе", 1000, "0.0005")});
    untouched(fine, "thousandths");
    fiscal::Request foreign = receipt_of(Operation::sell, {position("咖啡", 1800, "1")});
    untouched(foreign, "U+5496");
    fiscal::Request taxes = coffee();
    taxes.receipt->receipt.vat.vat_20 = Kopecks{1};
    untouched(taxes, "vat");
    CHECK(shop.made(marked).receipt->items.at(0).product_code ==
          marked.receipt->positions[0].item.product_code);

    ShopOptions newer;
    newer.ffd = 4;
    Shop other(newer);
    other.open_shift();
    const std::uint64_t before = other.driver->line_counters().bytes_written;
    const Error error = other.refused(marked);
    CHECK(error.code == Errc::unsupported);
    CHECK_THAT(error.context, Catch::Contains("items[0].marking") && Catch::Contains("atol-fptr"));
    CHECK(other.driver->line_counters().bytes_written == before);
}

TEST_CASE("the limits are the register's", "[atol][printing]")
{
    Shop shop;
    const fiscal::RequestLimits limits = shop.driver->request_limits();
    CHECK(limits.ffd == fiscal::FfdVersion::v1_05);
    CHECK(limits.tax_systems == 3);
    CHECK(limits.line_characters == 48);
    CHECK(limits.name_characters == 128);
    CHECK(limits.quantity_step == 1000);
    CHECK(limits.max_sum.count() == 9'999'999'999);
    CHECK_FALSE(limits.vat_5_7);
    CHECK_FALSE(limits.vat_22);
    CHECK_FALSE(limits.marking_check);
    CHECK(limits.corrections);
    CHECK(limits.cash_moves);
    CHECK(limits.electronic_only);
    CHECK(limits.cut);
    CHECK(limits.can_print(U'Ё'));
    CHECK(limits.can_print(U'№'));
    CHECK_FALSE(limits.can_print(U'€')); // printed, but not in the FN
    CHECK_FALSE(limits.can_print(U'\t'));
    CHECK_FALSE(limits.can_print(U'咖'));
    ShopOptions small;
    small.model = "30f";
    CHECK_FALSE(Shop(small).driver->request_limits().cut);
}

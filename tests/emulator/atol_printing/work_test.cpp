// Shifts, reports, cash, paper: what is no receipt.
#include "tests/emulator/atol_printing/shop.hpp"

using namespace kb;
using namespace kb::test;
using fiscal::RequestKind;

namespace {

fiscal::Request cash_of(RequestKind kind, std::int64_t kopecks)
{
    fiscal::Request request = request_of(kind);
    request.sum = Kopecks{kopecks};
    return request;
}

fiscal::Request by_cashier(RequestKind kind)
{
    fiscal::Request request = request_of(kind);
    request.cashier = "Петрова А.А.";
    request.cashier_inn = "500100732259";
    return request;
}

fiscal::Request text_of(std::vector<fiscal::PrintItem> lines)
{
    fiscal::Request request = request_of(RequestKind::text);
    request.lines = std::move(lines);
    return request;
}

} // namespace

TEST_CASE("a shift is opened, reported and closed by its cashier", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        const fiscal::Document opened = shop.made(by_cashier(RequestKind::shift_open));
        CHECK(opened.head.type == fiscal::DocumentType::shift_open);
        CHECK(opened.head.cashier == "Петрова А.А.");
        CHECK(opened.report->cashier_inn == "500100732259");
        CHECK(shop.refused(request_of(RequestKind::shift_open)).code == Errc::wrong_mode);

        shop.made(coffee());
        const std::uint32_t x_before = shop.kkt.x_reports();
        const std::uint32_t documents = shop.kkt.fn().last_fd();
        const auto x = shop.perform(by_cashier(RequestKind::x_report));
        REQUIRE(x);
        CHECK_FALSE(x->fd_number);
        CHECK(x->printed);
        CHECK(shop.kkt.x_reports() == x_before + 1);
        CHECK(shop.kkt.fn().last_fd() == documents);

        const fiscal::Document state = shop.made(request_of(RequestKind::state_report));
        CHECK(state.head.type == fiscal::DocumentType::state_report);

        const fiscal::Document closed = shop.made(by_cashier(RequestKind::shift_close));
        CHECK(closed.head.type == fiscal::DocumentType::shift_close);
        CHECK(closed.head.cashier == "Петрова А.А.");
        CHECK_FALSE(shop.kkt.shift().open);
        const Error again = shop.refused(request_of(RequestKind::shift_close));
        CHECK(again.code == Errc::wrong_mode);
        CHECK(again.outcome == Outcome::refused);
        const auto status = run_now(shop.io, shop.driver->status());
        REQUIRE(status);
        CHECK(status->mode == fiscal::DeviceStatus::Mode::shift_closed);
    });
}

TEST_CASE("cash moves, and the counters that prove it", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        const auto before = run_now(shop.io, shop.driver->work_counters());
        REQUIRE(before);
        CHECK(before->cash_ins == 0U);
        CHECK(before->cash_outs == 0U);
        CHECK(before->cash_in_drawer->count() == 0);
        CHECK_FALSE(before->x_reports);
        REQUIRE(shop.perform(cash_of(RequestKind::cash_in, 100'000)));
        REQUIRE(shop.perform(cash_of(RequestKind::cash_in, 50)));
        REQUIRE(shop.perform(cash_of(RequestKind::cash_out, 40'000)));
        const auto after = run_now(shop.io, shop.driver->work_counters());
        REQUIRE(after);
        CHECK(after->cash_ins == 2U);
        CHECK(after->cash_outs == 1U);
        CHECK(after->cash_in_drawer->count() == 60'050);
        CHECK(shop.kkt.cash() == 60'050);
        const Error too_much = shop.refused(cash_of(RequestKind::cash_out, 60'051));
        CHECK(too_much.device_code == 0x98);
        CHECK(shop.kkt.cash() == 60'050);
    });
}

TEST_CASE("cash that was moved before the paper ended is moved once", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        shop.kkt.set_print_time(std::chrono::milliseconds(300));
        asio::steady_timer timer(shop.io, std::chrono::milliseconds(0));
        // The paper ends while the slip is printed: the register answers "no paper".
        std::function<void()> look = [&] {
            timer.expires_after(std::chrono::milliseconds(5));
            timer.async_wait([&](boost::system::error_code stopped) {
                if (stopped)
                    return;
                if (shop.kkt.cash() != 0)
                    shop.kkt.set_paper(false);
                else
                    look();
            });
        };
        look();
        const auto done = shop.perform(cash_of(RequestKind::cash_in, 500));
        timer.cancel();
        INFO((done ? "" : done.error().message()));
        REQUIRE(done);
        CHECK_FALSE(done->printed);
        CHECK(shop.kkt.cash() == 500);
    });
}

TEST_CASE("lines, codes and signals", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        fiscal::PrintItem left;
        left.text = "Слева №1";
        fiscal::PrintItem middle;
        middle.text = "ПО ЦЕНТРУ";
        middle.align = fiscal::PrintItem::Align::center;
        fiscal::PrintItem wide;
        wide.text = "ШИРОКО";
        wide.wide = true;
        wide.align = fiscal::PrintItem::Align::right;
        fiscal::PrintItem code;
        code.kind = fiscal::PrintItem::Kind::qr;
        code.text = "https://example.org/17";
        fiscal::PrintItem lengthy;
        lengthy.text = std::string(50, 'x');
        REQUIRE(shop.perform(text_of({left, middle, wide, code, lengthy})));
        CHECK(printed(shop.kkt, "Слева №1"));
        CHECK(printed(shop.kkt, std::string(19, ' ') + "ПО ЦЕНТРУ")); // 48 characters a line
        CHECK(printed(shop.kkt, std::string(18, ' ') + "ШИРОКО"));    // 24 wide ones
        CHECK(printed(shop.kkt, "[QR] https://example.org/17"));
        CHECK(printed(shop.kkt, std::string(48, 'x')));
        CHECK_FALSE(printed(shop.kkt, std::string(49, 'x')));

        fiscal::PrintItem bars;
        bars.kind = fiscal::PrintItem::Kind::barcode;
        bars.text = "4600000000008";
        CHECK(shop.refused(text_of({left, bars})).code == Errc::not_representable);
        for (const RequestKind kind : {RequestKind::cash_drawer, RequestKind::beep, RequestKind::cut}) {
            CHECK(shop.perform(kind));
        }
    });
}

TEST_CASE("a copy is rebuilt from the FN", "[atol][printing]")
{
    Shop shop;
    shop.open_shift();
    shop.made(coffee());
    const std::uint32_t receipt = shop.kkt.fn().last_fd();
    REQUIRE_FALSE(printed(shop.kkt, "КОПИЯ ДОКУМЕНТА"));
    fiscal::Request copy = request_of(RequestKind::copy);
    copy.fd_number = receipt;
    REQUIRE(shop.perform(copy));
    CHECK(printed(shop.kkt, "КОПИЯ ДОКУМЕНТА"));
    CHECK(shop.kkt.fn().last_fd() == receipt);
    copy.fd_number = receipt + 1;
    CHECK(shop.refused(copy).code == Errc::no_data);
    shop.kkt.forget_bodies(receipt);
    copy.fd_number = receipt;
    const Error gone = shop.refused(copy);
    CHECK(gone.code == Errc::no_data);
    CHECK_THAT(gone.context, Catch::Contains("short record"));
}

TEST_CASE("the clock is set with the shift closed", "[atol][printing]")
{
    Shop shop;
    fiscal::Request set = request_of(RequestKind::set_time);
    CHECK(shop.refused(set).code == Errc::bad_value);
    set.time = shop.wall + std::chrono::minutes(3);
    REQUIRE(shop.perform(set));
    CHECK(shop.kkt.drift() == 180);
    shop.open_shift();
    CHECK(shop.refused(set).code == Errc::wrong_mode);
}

TEST_CASE("what the paper kept from a receipt or a report is printed when it is back", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        // A receipt: it is in the FN, and the register says so only by "no paper".
        shop.kkt.arm_paper_out();
        const auto sold = shop.perform(coffee());
        REQUIRE(sold);
        CHECK_FALSE(sold->printed);
        CHECK(sold->fd_number == shop.kkt.fn().last_fd());
        CHECK(shop.refused(coffee()).code == Errc::no_paper);
        const auto still = run_now(shop.io, shop.driver->continue_printing());
        REQUIRE_FALSE(still);
        CHECK(still.error().code == Errc::no_paper);
        shop.kkt.set_paper(true);
        REQUIRE(shop.kkt.printing() == emulator::Printing::waits_for_continue);
        REQUIRE(run_now(shop.io, shop.driver->continue_printing()));
        CHECK(shop.kkt.printing() != emulator::Printing::waits_for_continue);
        // Nothing to print is no error, and prints nothing.
        const std::size_t lines = shop.kkt.strip().size() + shop.kkt.strip_first();
        REQUIRE(shop.perform(RequestKind::continue_printing));
        CHECK(shop.kkt.strip().size() + shop.kkt.strip_first() == lines);

        // A shift's end: the register does nothing else before it is printed.
        shop.kkt.arm_paper_out();
        const auto closed = shop.perform(RequestKind::shift_close);
        REQUIRE(closed);
        CHECK_FALSE(closed->printed);
        CHECK(closed->fd_number == shop.kkt.fn().last_fd());
        shop.kkt.set_paper(true);
        const Error waits = shop.refused(request_of(RequestKind::shift_open));
        CHECK(waits.code == Errc::waits_for_continue);
        REQUIRE(run_now(shop.io, shop.driver->continue_printing()));
        CHECK(shop.made(request_of(RequestKind::shift_open)).head.type == fiscal::DocumentType::shift_open);
    });
}

TEST_CASE("a receipt left open is taken back when it is ours, and left alone when it is not",
          "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        REQUIRE(run_now(shop.io, shop.driver->cancel_receipt())); // nothing to cancel
        REQUIRE(shop.kkt.open_receipt(1, false, 30));
        CHECK(shop.perform(coffee()).error().code == Errc::wrong_mode);
        REQUIRE(shop.kkt.receipt());
        const std::uint32_t documents = shop.kkt.fn().last_fd();
        REQUIRE(shop.perform(RequestKind::known_state));
        CHECK_FALSE(shop.kkt.receipt());
        CHECK(shop.kkt.fn().last_fd() == documents);

        // Cashier 1 logs in, and a receipt is open.
        shop.connect(1);
        REQUIRE(shop.perform(cash_of(RequestKind::cash_in, 100)));
        REQUIRE(shop.kkt.open_receipt(1, false, 1));
        shop.connect(30);
        const auto foreign = run_now(shop.io, shop.driver->cancel_receipt());
        REQUIRE_FALSE(foreign);
        CHECK(foreign.error().code == Errc::wrong_mode);
        CHECK(foreign.error().outcome == Outcome::not_done);
        CHECK(shop.kkt.receipt());
    });
}

TEST_CASE("a power cut leaves a receipt open, and the next driver takes it back", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        REQUIRE(shop.kkt.open_receipt(1, false, 30));
        shop.power_cut();
        shop.connect();
        REQUIRE(shop.kkt.receipt());
        REQUIRE(run_now(shop.io, shop.driver->cancel_receipt()));
        CHECK_FALSE(shop.kkt.receipt());
        CHECK(shop.made(coffee()).head.total->count() == 1800);
    });
}

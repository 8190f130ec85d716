// What every driver must do with a request, over every line: the register's own FN is the judge.
#include "drivers/registry.hpp"
#include "protocol/fiscal/document.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using emulator::Fault;
using emulator::FaultKind;
using fiscal::RequestKind;

namespace {

struct Rig {
    explicit Rig(const Way& chosen) : way(chosen), device(way.start(io)), kkt(device->kkt())
    {
        ConnectRequest request;
        request.url = device->url();
        request.family = way.configured_family;
        request.options = way.options;
        auto connection = run_now(io, connect_device(io.get_executor(), request));
        REQUIRE(connection);
        driver = std::move(connection->driver);
        REQUIRE(run_now(io, driver->identify()));
        if (kkt.shift().open) {
            static_cast<void>(kkt.close_shift("", {}));
        }
    }

    Result<Performed> perform(fiscal::Request request)
    {
        REQUIRE(fiscal::fill_in(request));
        fiscal::fit_to(request, driver->request_limits().ffd);
        return run_now(io, driver->perform(std::move(request)));
    }
    Result<Performed> perform(RequestKind kind)
    {
        fiscal::Request request;
        request.kind = kind;
        request.cashier = "Иванова А.А.";
        request.cashier_inn = "500100732259";
        return perform(std::move(request));
    }
    void open_shift()
    {
        const auto opened = perform(RequestKind::shift_open);
        INFO((opened ? "" : opened.error().message()));
        REQUIRE(opened);
    }

    /// The FN's last document, decoded.
    fiscal::Document last()
    {
        const auto number = kkt.fn().last_fd();
        const BytesView body = kkt.body(number);
        ByteWriter whole;
        whole.u16(kkt.fn().find(number)->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
        auto decoded = fiscal::decode(whole.take());
        REQUIRE(decoded);
        return *std::move(decoded);
    }

    asio::io_context io;
    const Way& way;
    std::unique_ptr<EmulatedRegister> device;
    emulator::VirtualKkt& kkt;
    std::unique_ptr<Driver> driver;
};

/// The sale itself over every way, the rest over every sort of line: models differ in what they are asked to
/// sell.
template <class F>
void over_all_that_print(F scenario, Scope scope = Scope::all)
{
    for (const Way& way : all_ways()) {
        if (way.prints && (scope == Scope::reading_and_selling || way.scope == Scope::all)) {
            DYNAMIC_SECTION(way.name) { scenario(way); }
        }
    }
}

fiscal::Position position(const std::string& name, std::int64_t price, Quantity quantity, std::uint8_t vat)
{
    fiscal::Position one;
    one.item.name = name;
    one.item.price = Kopecks{price};
    one.item.quantity = quantity;
    one.item.vat_rate = vat;
    return one;
}

fiscal::Request sale()
{
    fiscal::Request request;
    request.cashier = "Иванова А.А.";
    request.cashier_inn = "500100732259";
    request.receipt.emplace();
    fiscal::ReceiptRequest& receipt = *request.receipt;
    receipt.positions = {position("Чай чёрный", 12'350, Quantity::units(2), 1),
                         position("Яблоки", 9'990, Quantity::from_millionths(1'250'000), 2)};
    receipt.receipt.payments.cash = Kopecks{30'000};
    receipt.receipt.payments.electronic = Kopecks{10'000};
    receipt.receipt.extra = "KB-0123456789ab";
    receipt.receipt.buyer_contact = "buyer@example.org";
    return request;
}

/// Nothing of it is in the FN, and nothing stands open.
void check_nothing(Rig& rig, std::uint32_t before)
{
    CHECK(rig.kkt.fn().last_fd() == before);
    CHECK_FALSE(rig.kkt.receipt());
}

} // namespace

TEST_CASE("a sale is in the FN as it was asked for", "[emulator][printing]")
{
    over_all_that_print(
        [](const Way& way) {
            Rig rig(way);
            rig.open_shift();
            const std::uint32_t before = rig.kkt.fn().last_fd();
            const auto made = rig.perform(sale());
            INFO((made ? "" : made.error().message()));
            REQUIRE(made);
            CHECK(made->printed);
            REQUIRE(rig.kkt.fn().last_fd() == before + 1);
            if (made->fd_number) {
                CHECK(*made->fd_number == before + 1);
                CHECK((made->fiscal_sign == 0 || made->fiscal_sign == rig.kkt.fn().find(before + 1)->sign));
            }
            const fiscal::Document document = rig.last();
            CHECK(document.head.type == fiscal::DocumentType::receipt);
            CHECK(document.head.operation == fiscal::Operation::sell);
            CHECK(document.head.total == Kopecks{37'188});
            CHECK(document.head.cashier == "Иванова А.А.");
            REQUIRE(document.receipt);
            CHECK(document.receipt->cashier_inn == "500100732259");
            CHECK(document.receipt->extra == "KB-0123456789ab");
            CHECK(document.receipt->buyer_contact == "buyer@example.org");
            CHECK(document.receipt->payments.electronic == Kopecks{10'000});
            CHECK(document.receipt->payments.cash == Kopecks{27'188});
            REQUIRE(document.receipt->items.size() == 2);
            CHECK(document.receipt->items[0].name == "Чай чёрный");
            CHECK(document.receipt->items[0].price == Kopecks{12'350});
            CHECK(document.receipt->items[0].sum == Kopecks{24'700});
            CHECK(document.receipt->items[0].vat_rate == std::uint8_t{1});
            CHECK(document.receipt->items[1].quantity == Quantity::from_millionths(1'250'000));
            CHECK(document.receipt->items[1].sum == Kopecks{12'488});
            CHECK(document.receipt->items[1].payment_method == std::uint8_t{4});
        },
        Scope::reading_and_selling);
}

TEST_CASE("each operation is what it says", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        for (const fiscal::Operation operation : {fiscal::Operation::sell, fiscal::Operation::sell_return,
                                                  fiscal::Operation::buy, fiscal::Operation::buy_return}) {
            fiscal::Request request = sale();
            request.receipt->operation = operation;
            request.receipt->receipt.payments = {};
            request.receipt->receipt.payments.electronic = Kopecks{37'188};
            const auto made = rig.perform(std::move(request));
            INFO((made ? "" : made.error().message()));
            REQUIRE(made);
            CHECK(rig.last().head.operation == operation);
        }
    });
}

TEST_CASE("a shift is opened and closed by its cashier, and a report is made between", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        CHECK(rig.last().head.type == fiscal::DocumentType::shift_open);
        CHECK(rig.last().head.cashier == "Иванова А.А.");
        CHECK(rig.kkt.shift().open);
        const auto again = rig.perform(RequestKind::shift_open);
        REQUIRE_FALSE(again);
        CHECK(again.error().outcome != Outcome::unknown);
        const auto x_reports = rig.kkt.x_reports();
        REQUIRE(rig.perform(RequestKind::x_report));
        CHECK(rig.kkt.x_reports() == x_reports + 1);
        REQUIRE(rig.perform(RequestKind::state_report));
        CHECK(rig.last().head.type == fiscal::DocumentType::state_report);
        const auto closed = rig.perform(RequestKind::shift_close);
        INFO((closed ? "" : closed.error().message()));
        REQUIRE(closed);
        CHECK(rig.last().head.type == fiscal::DocumentType::shift_close);
        CHECK_FALSE(rig.kkt.shift().open);
        const auto twice = rig.perform(RequestKind::shift_close);
        REQUIRE_FALSE(twice);
        CHECK(twice.error().outcome != Outcome::unknown);
    });
}

TEST_CASE("cash comes in and goes out, and is counted", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        if (!rig.driver->request_limits().cash_moves) {
            WARN(way.name << ": moves no cash by its commands, not tried");
            return;
        }
        rig.open_shift();
        const auto before = run_now(rig.io, rig.driver->work_counters());
        REQUIRE(before);
        const std::int64_t drawer = rig.kkt.cash();
        fiscal::Request request;
        request.kind = RequestKind::cash_in;
        request.sum = Kopecks{50'000};
        REQUIRE(rig.perform(request));
        CHECK(rig.kkt.cash() == drawer + 50'000);
        request.kind = RequestKind::cash_out;
        request.sum = Kopecks{20'000};
        REQUIRE(rig.perform(request));
        CHECK(rig.kkt.cash() == drawer + 30'000);
        const auto after = run_now(rig.io, rig.driver->work_counters());
        REQUIRE(after);
        if (after->cash_ins) {
            CHECK(*after->cash_ins == *before->cash_ins + 1);
            CHECK(*after->cash_outs == *before->cash_outs + 1);
        }
        request.sum = Kopecks{900'000'000};
        const auto refused = rig.perform(request);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().outcome == Outcome::refused);
        CHECK(rig.kkt.cash() == drawer + 30'000);
    });
}

TEST_CASE("a receipt for the buyer's e-mail leaves no paper", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        if (!rig.driver->request_limits().electronic_only) {
            WARN(way.name << ": prints every receipt, not tried");
            return;
        }
        rig.open_shift();
        const auto lines = rig.kkt.strip_first() + rig.kkt.strip().size();
        fiscal::Request request = sale();
        request.receipt->electronic_only = true;
        const auto made = rig.perform(std::move(request));
        INFO((made ? "" : made.error().message()));
        REQUIRE(made);
        CHECK(rig.last().head.total == Kopecks{37'188});
        CHECK(rig.kkt.strip_first() + rig.kkt.strip().size() == lines);
        REQUIRE(rig.perform(sale())); // and the next one is printed again
        CHECK(rig.kkt.strip_first() + rig.kkt.strip().size() > lines);
    });
}

TEST_CASE("what the register refuses leaves nothing behind", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        SECTION("the shift is closed")
        {
            const std::uint32_t before = rig.kkt.fn().last_fd();
            const auto refused = rig.perform(sale());
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == Errc::wrong_mode);
            CHECK(refused.error().outcome != Outcome::unknown);
            check_nothing(rig, before);
        }
        SECTION("no paper")
        {
            rig.open_shift();
            const std::uint32_t before = rig.kkt.fn().last_fd();
            rig.kkt.set_paper(false);
            const auto refused = rig.perform(sale());
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == Errc::no_paper);
            CHECK(refused.error().outcome != Outcome::unknown);
            check_nothing(rig, before);
        }
        SECTION("the FN is full")
        {
            rig.open_shift();
            const std::uint32_t before = rig.kkt.fn().last_fd();
            rig.kkt.fill_fn();
            const auto refused = rig.perform(sale());
            REQUIRE_FALSE(refused);
            CHECK(refused.error().outcome == Outcome::refused);
            check_nothing(rig, before);
        }
        SECTION("less is paid than asked")
        {
            rig.open_shift();
            const std::uint32_t before = rig.kkt.fn().last_fd();
            fiscal::Request request = sale();
            request.receipt->receipt.payments.cash = Kopecks{100};
            request.receipt->receipt.payments.electronic = Kopecks{100};
            const auto refused = rig.perform(std::move(request));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().outcome == Outcome::refused);
            check_nothing(rig, before);
        }
        SECTION("a receipt of the keypad's is open")
        {
            rig.open_shift();
            const std::uint32_t before = rig.kkt.fn().last_fd();
            REQUIRE(rig.kkt.open_receipt(1, false, 1));
            const auto refused = rig.perform(sale());
            REQUIRE_FALSE(refused);
            CHECK(refused.error().outcome != Outcome::unknown);
            CHECK(rig.kkt.fn().last_fd() == before);
            CHECK(rig.kkt.receipt()); // it is not ours to cancel
        }
    });
}

TEST_CASE("paper that ends while a receipt prints does not undo it", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        const std::uint32_t before = rig.kkt.fn().last_fd();
        rig.kkt.arm_paper_out();
        const auto made = rig.perform(sale());
        CHECK(rig.kkt.fn().last_fd() == before + 1);
        CHECK_FALSE(rig.kkt.receipt());
        if (made) {
            CHECK_FALSE(made->printed);
        } else {
            CHECK(made.error().outcome == Outcome::unknown);
        }
        rig.kkt.set_paper(true);
        REQUIRE(run_now(rig.io, rig.driver->continue_printing()));
        const auto next = rig.perform(sale());
        INFO((next ? "" : next.error().message()));
        REQUIRE(next);
        CHECK(rig.kkt.fn().last_fd() == before + 2);
    });
}

TEST_CASE("an answer to the closing that never comes is unknown, with the document in the FN",
          "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        REQUIRE_FALSE(way.closing_command.empty());
        Rig rig(way);
        rig.open_shift();
        const std::uint32_t before = rig.kkt.fn().last_fd();
        Fault fault;
        fault.kind = FaultKind::reboot_after;
        fault.at_command = way.closing_command;
        rig.device->faults().add(fault);
        const auto made = rig.perform(sale());
        REQUIRE_FALSE(made);
        CHECK(made.error().outcome == Outcome::unknown);
        CHECK(rig.kkt.fn().last_fd() == before + 1);
    });
}

TEST_CASE("lines and a copy come out on paper, a code is taken, and nothing goes into the FN",
          "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        REQUIRE(rig.perform(sale()));
        const std::uint32_t before = rig.kkt.fn().last_fd();
        auto lines = rig.kkt.strip_first() + rig.kkt.strip().size();
        fiscal::Request text;
        text.kind = RequestKind::text;
        text.lines.resize(2);
        text.lines[0].text = "Привет из магазина";
        text.lines[1].kind = fiscal::PrintItem::Kind::qr;
        text.lines[1].text = "https://example.org";
        const auto printed = rig.perform(std::move(text));
        INFO((printed ? "" : printed.error().message()));
        REQUIRE(printed);
        CHECK(rig.kkt.strip_first() + rig.kkt.strip().size() > lines);
        lines = rig.kkt.strip_first() + rig.kkt.strip().size();
        fiscal::Request copy;
        copy.kind = RequestKind::copy;
        copy.fd_number = before;
        const auto copied = rig.perform(std::move(copy));
        INFO((copied ? "" : copied.error().message()));
        REQUIRE(copied);
        CHECK(rig.kkt.strip_first() + rig.kkt.strip().size() > lines + 10);
        for (const RequestKind kind : {RequestKind::beep, RequestKind::cash_drawer,
                                       RequestKind::continue_printing, RequestKind::known_state}) {
            const auto done = rig.perform(kind);
            INFO((done ? "" : done.error().message()));
            CHECK(done);
        }
        CHECK(rig.kkt.fn().last_fd() == before);
    });
}

TEST_CASE("the known state cancels what this program left open", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        REQUIRE(rig.kkt.open_receipt(1, false, 30));
        REQUIRE(rig.perform(RequestKind::known_state));
        CHECK_FALSE(rig.kkt.receipt());
    });
}

TEST_CASE("a correction says what it corrects", "[emulator][printing]")
{
    over_all_that_print([](const Way& way) {
        Rig rig(way);
        rig.open_shift();
        fiscal::Request request = sale();
        request.receipt->correction = true;
        request.receipt->positions = {position("Чай чёрный", 12'000, Quantity::units(1), 1)};
        request.receipt->receipt.payments = {};
        request.receipt->receipt.payments.electronic = Kopecks{12'000};
        request.receipt->receipt.correction_type = 1;
        request.receipt->receipt.correction_basis.emplace();
        request.receipt->receipt.correction_basis->date = *local_from_text("2026-03-20T00:00:00");
        request.receipt->receipt.correction_basis->number = "12-34/5";
        const auto made = rig.perform(std::move(request));
        INFO((made ? "" : made.error().message()));
        REQUIRE(made);
        const fiscal::Document document = rig.last();
        CHECK(document.head.type == fiscal::DocumentType::receipt_correction);
        CHECK(document.head.total == Kopecks{12'000});
        CHECK(document.receipt->correction_type == std::uint8_t{1});
        REQUIRE(document.receipt->correction_basis);
        CHECK(document.receipt->correction_basis->number == "12-34/5");
    });
}

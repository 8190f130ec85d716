// Requests over the stand-in of the maker's library: every way a task can end, with the register's own FN as
// the judge. What all drivers have in common is in tests/emulator/common/printing_test.cpp.
#include "protocol/fiscal/document.hpp"
#include "tests/emulator/atol_fptr/rig.hpp"

#include <thread>

using namespace kb;
using namespace kb::test;
using emulator::Fault;
using emulator::FaultKind;
using emulator::PowerCut;
using fiscal::RequestKind;

namespace {

struct Shop : Rig {
    explicit Shop(std::uint8_t ffd = 4) : Rig(ffd), kkt(device.kkt())
    {
        connect();
        if (kkt.shift().open) {
            REQUIRE(kkt.close_shift("", {}));
        }
        REQUIRE(perform(RequestKind::shift_open));
        before = kkt.fn().last_fd();
    }

    Result<Performed> perform(fiscal::Request request)
    {
        REQUIRE(fiscal::fill_in(request));
        return run_now(io, driver->perform(std::move(request)));
    }
    Result<Performed> perform(RequestKind kind, std::int64_t sum = 0)
    {
        fiscal::Request request;
        request.kind = kind;
        request.cashier = "Иванова А.А.";
        request.sum = Kopecks{sum};
        return perform(std::move(request));
    }
    void add_fault(FaultKind kind, const std::string& at_command, std::uint32_t after = 0)
    {
        Fault fault;
        fault.kind = kind;
        fault.at_command = at_command;
        fault.after = after;
        fault.duration = std::chrono::milliseconds(1);
        device.faults().add(fault);
    }
    void misbehave(int error, bool done)
    {
        const nlohmann::json how = {{"function", "process_json"}, {"error", error}, {"done", done}};
        library.misbehave(how.dump().c_str());
    }
    [[nodiscard]] std::uint32_t made() const { return kkt.fn().last_fd() - before; }
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

    emulator::VirtualKkt& kkt;
    std::uint32_t before = 0;
};

fiscal::Position goods(const std::string& name, std::int64_t price, std::uint8_t vat)
{
    fiscal::Position one;
    one.item.name = name;
    one.item.price = Kopecks{price};
    one.item.quantity = Quantity::units(1);
    one.item.vat_rate = vat;
    return one;
}

fiscal::Request two_goods()
{
    fiscal::Request request;
    request.cashier = "Иванова А.А.";
    request.receipt.emplace();
    request.receipt->positions = {goods("Чай", 12'000, 1), goods("Хлеб", 6'100, 2)};
    request.receipt->receipt.payments.electronic = Kopecks{18'100};
    request.receipt->receipt.extra = "KB-0123456789ab";
    return request;
}

/// The promise of every outcome, held against the FN.
void check_promise(Shop& shop, const Result<Performed>& result)
{
    INFO((result ? "done" : result.error().message()));
    CHECK(shop.made() <= 1);
    if (result) {
        CHECK(shop.made() == 1);
        if (result->fd_number) {
            CHECK(*result->fd_number == shop.kkt.fn().last_fd());
            CHECK(result->fiscal_sign == shop.kkt.fn().find(*result->fd_number)->sign);
        }
    } else if (result.error().outcome != Outcome::unknown) {
        CHECK(shop.made() == 0);
        CHECK_FALSE(shop.kkt.receipt());
    }
}

} // namespace

TEST_CASE("whatever the library says of a receipt that was made, the FN is believed", "[atol-fptr][printing]")
{
    Shop shop;
    for (const int error : {2, 3, 6, 12, 44, 55, 66, 115, 116, 140, 170, 173, 177, 178, 241, 501, 601}) {
        shop.before = shop.kkt.fn().last_fd();
        shop.misbehave(error, true);
        const auto made = shop.perform(two_goods());
        INFO(error << " " << (made ? "" : made.error().message()));
        REQUIRE(made);
        CHECK_FALSE(made->fd_number); // the same could have been rung on the keypad: its body is to be read
        CHECK(made->printed);
        check_promise(shop, made);
        static_cast<void>(run_now(shop.io, shop.driver->continue_printing()));
    }
}

TEST_CASE("a receipt that was not made is refused, or unknown while the register may be at it",
          "[atol-fptr][printing]")
{
    Shop shop;
    const std::pair<int, Outcome> rows[] = {
        {5, Outcome::refused},   {13, Outcome::refused},  {16, Outcome::refused},  {62, Outcome::refused},
        {66, Outcome::refused},  {80, Outcome::refused},  {120, Outcome::refused}, {121, Outcome::refused},
        {143, Outcome::refused}, {227, Outcome::refused}, {421, Outcome::refused}, {501, Outcome::refused},
        {12, Outcome::not_done}, {44, Outcome::not_done}, {45, Outcome::not_done}, {68, Outcome::not_done},
        {82, Outcome::not_done}, {32, Outcome::not_done}, {2, Outcome::unknown},   {55, Outcome::unknown},
        {115, Outcome::unknown}, {140, Outcome::unknown}, {177, Outcome::unknown}, {241, Outcome::unknown},
    };
    for (const auto& [error, outcome] : rows) {
        shop.misbehave(error, false);
        const auto result = shop.perform(two_goods());
        INFO(error);
        REQUIRE_FALSE(result);
        CHECK(result.error().outcome == outcome);
        CHECK(result.error().device_code == error);
        check_promise(shop, result);
        REQUIRE(run_now(shop.io, shop.driver->continue_printing())); // after 32 and 177 it is wanted
    }
    const auto next = shop.perform(two_goods());
    INFO((next ? "" : next.error().message()));
    REQUIRE(next);
    check_promise(shop, next);
}

TEST_CASE("a task that the library ends without a document is no receipt", "[atol-fptr][printing]")
{
    Shop shop;
    shop.library.misbehave(R"({"function":"process_json","nothing":true})");
    const auto result = shop.perform(two_goods());
    REQUIRE_FALSE(result);
    CHECK(result.error().outcome == Outcome::refused);
    check_promise(shop, result);
}

TEST_CASE("a line that breaks at any command of a receipt breaks no promise", "[atol-fptr][printing]")
{
    for (const FaultKind kind :
         {FaultKind::hang_up, FaultKind::reboot_before, FaultKind::reboot_after, FaultKind::busy}) {
        bool struck = true;
        std::uint32_t step = 0;
        for (; struck; ++step) {
            Shop shop;
            shop.add_fault(kind, "", step);
            const auto result = shop.perform(two_goods());
            struck = shop.device.faults().list().empty();
            INFO(to_string(kind) << " at command " << step);
            check_promise(shop, result);
        }
        CHECK(step > 10); // questions, opening, tags, positions, closing, result
    }
}

TEST_CASE("an answer that is lost inside a receipt is made good by asking", "[atol-fptr][printing]")
{
    for (const FaultKind kind : {FaultKind::lose_answer, FaultKind::silence}) {
        for (const char* command : {"open_receipt", "receipt_tags", "position", "close_receipt"}) {
            Shop shop;
            shop.add_fault(kind, command);
            const auto result = shop.perform(two_goods());
            INFO(to_string(kind) << " at " << command << ": " << (result ? "" : result.error().message()));
            check_promise(shop, result);
            const bool closed = std::string(command) == "close_receipt" && kind == FaultKind::lose_answer;
            CHECK(shop.made() == (closed ? 1U : 0U));
            // The register answers again, so that nothing has to stay unknown.
            CHECK(result.has_value() == closed);
            CHECK((result || result.error().outcome == Outcome::not_done));
        }
    }
}

TEST_CASE("the power that goes at the FN's side of a receipt leaves it unknown, and the FN tells",
          "[atol-fptr][printing]")
{
    for (const PowerCut when :
         {PowerCut::before_fn_commit, PowerCut::after_fn_commit, PowerCut::during_print}) {
        Shop shop;
        shop.kkt.arm_power_cut(when);
        const auto result = shop.perform(two_goods());
        REQUIRE_FALSE(result);
        CHECK(result.error().outcome == Outcome::unknown);
        CHECK(shop.made() == (when == PowerCut::before_fn_commit ? 0U : 1U));
        shop.device.power_on();
        shop.driver.reset();
        shop.connect();
        const auto last = run_now(shop.io, shop.driver->last_document());
        REQUIRE(last);
        CHECK((*last)->fd_number == shop.kkt.fn().last_fd());
        REQUIRE(run_now(shop.io, shop.driver->cancel_receipt()));
        CHECK_FALSE(shop.kkt.receipt());
    }
}

TEST_CASE("a task that hangs is given up as unknown, before the document and after it",
          "[atol-fptr][printing]")
{
    for (const bool done : {false, true}) {
        Shop shop;
        const nlohmann::json how = {{"function", "process_json"}, {"hang", true}, {"done", done}};
        shop.library.misbehave(how.dump().c_str());
        // The register of this test works on this thread: it is to have finished before the driver gives up.
        const auto give_up = [&shop, done] {
            while (shop.library.hanging() == 0) {
                shop.io.poll_one();
                std::this_thread::yield();
            }
            CHECK(shop.made() == (done ? 1U : 0U));
            shop.driver->cancel();
        };
        while_waiting(shop.io, give_up);
        const auto result = shop.perform(two_goods());
        REQUIRE_FALSE(result);
        CHECK(result.error().outcome == Outcome::unknown);
        CHECK(shop.made() == (done ? 1U : 0U));
        // Nothing can be asked until the library comes back, and nothing is sent.
        const auto next = shop.perform(two_goods());
        REQUIRE_FALSE(next);
        CHECK(next.error().code == Errc::timed_out);
        CHECK(next.error().outcome == Outcome::not_done);
        shop.library.release();
        shop.driver.reset();
        // What the library was at, it still does: only the FN can tell.
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (shop.library.handles() != 0 && std::chrono::steady_clock::now() < patience) {
            shop.io.poll(); // the register answers on this thread
            std::this_thread::yield();
        }
        REQUIRE(shop.library.handles() == 0);
        CHECK(shop.made() == 1);
    }
}

TEST_CASE("nothing is opened, cancelled or sold besides, though the library would", "[atol-fptr][printing]")
{
    Shop shop;
    SECTION("no shift is opened for a receipt or for cash")
    {
        REQUIRE(shop.perform(RequestKind::shift_close));
        const std::uint32_t last = shop.kkt.fn().last_fd();
        const std::int64_t drawer = shop.kkt.cash();
        for (const auto& result : {shop.perform(two_goods()), shop.perform(RequestKind::cash_in, 100),
                                   shop.perform(RequestKind::cash_out, 100)}) {
            REQUIRE_FALSE(result);
            CHECK(result.error().code == Errc::wrong_mode);
            CHECK(result.error().outcome == Outcome::not_done);
        }
        CHECK(shop.kkt.fn().last_fd() == last);
        CHECK(shop.kkt.cash() == drawer);
        CHECK_FALSE(shop.kkt.shift().open);
    }
    SECTION("a receipt of the keypad's outlives every request")
    {
        REQUIRE(shop.kkt.open_receipt(1, false, 1));
        for (const RequestKind kind :
             {RequestKind::x_report, RequestKind::state_report, RequestKind::shift_close,
              RequestKind::cash_in, RequestKind::text, RequestKind::copy}) {
            const auto result = shop.perform(kind, 100);
            REQUIRE_FALSE(result);
            CHECK(result.error().code == Errc::wrong_mode);
            CHECK(shop.kkt.receipt());
        }
        CHECK(shop.perform(RequestKind::cash_drawer));
        CHECK(shop.perform(RequestKind::beep));
        CHECK(shop.kkt.receipt());
        CHECK(shop.made() == 0);
    }
}

TEST_CASE("the outcome of a shift report and of a state report is asked of the FN, too",
          "[atol-fptr][printing]")
{
    Shop shop;
    for (const RequestKind kind :
         {RequestKind::state_report, RequestKind::shift_close, RequestKind::shift_open}) {
        shop.before = shop.kkt.fn().last_fd();
        shop.misbehave(140, true);
        const auto made = shop.perform(kind);
        INFO((made ? "" : made.error().message()));
        REQUIRE(made);
        check_promise(shop, made);
    }
}

TEST_CASE("cash whose answer is lost is known by the register's count", "[atol-fptr][printing]")
{
    Shop shop;
    const std::int64_t drawer = shop.kkt.cash();
    shop.add_fault(FaultKind::lose_answer, "cash_in");
    REQUIRE(shop.perform(RequestKind::cash_in, 5'000));
    CHECK(shop.kkt.cash() == drawer + 5'000);

    shop.add_fault(FaultKind::silence, "cash_out");
    const auto unknown = shop.perform(RequestKind::cash_out, 1'000);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().outcome == Outcome::unknown);
    CHECK(shop.kkt.cash() == drawer + 5'000);
    const auto counters = run_now(shop.io, shop.driver->work_counters());
    REQUIRE(counters);
    CHECK(counters->cash_ins == 1U);
    CHECK(counters->cash_outs == 0U);
    CHECK(counters->cash_in_drawer == Kopecks{drawer + 5'000});
    CHECK_FALSE(counters->x_reports);

    shop.misbehave(115, true); // done, and the library fails afterwards
    REQUIRE(shop.perform(RequestKind::cash_out, 1'000));
    CHECK(shop.kkt.cash() == drawer + 4'000);
}

TEST_CASE("what leaves only paper behind is unknown when its printing broke", "[atol-fptr][printing]")
{
    Shop shop;
    for (const auto& [error, outcome] : {std::pair(44, Outcome::unknown), std::pair(115, Outcome::unknown),
                                         std::pair(501, Outcome::refused)}) {
        shop.misbehave(error, true);
        const auto result = shop.perform(RequestKind::x_report);
        REQUIRE_FALSE(result);
        CHECK(result.error().outcome == outcome);
    }
    CHECK(shop.made() == 0);
}

TEST_CASE("paper that ends again while the rest is printed is asked for again", "[atol-fptr][printing]")
{
    Shop shop;
    shop.kkt.arm_paper_out();
    const auto made = shop.perform(two_goods());
    REQUIRE(made);
    CHECK_FALSE(made->printed);
    shop.kkt.set_paper(true);
    shop.kkt.arm_paper_out();
    const auto again = run_now(shop.io, shop.driver->continue_printing());
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Errc::no_paper);
    shop.kkt.set_paper(true);
    const auto status = run_now(shop.io, shop.driver->status());
    REQUIRE(status);
    CHECK(status->waits_for_continue);
    REQUIRE(run_now(shop.io, shop.driver->continue_printing()));
    CHECK(shop.perform(two_goods()));
    CHECK(shop.made() == 2);
}

TEST_CASE("a strip that another program left broken off is printed to its end before the next receipt",
          "[atol-fptr][printing]")
{
    Shop shop;
    shop.kkt.arm_paper_out();
    REQUIRE(shop.perform(two_goods()));
    shop.kkt.set_paper(true);
    shop.driver.reset();
    shop.connect(); // it knows nothing of that strip
    const auto refused = shop.perform(two_goods());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome != Outcome::refused);
    const auto status = run_now(shop.io, shop.driver->status());
    REQUIRE(status);
    CHECK_FALSE(status->waits_for_continue); // nobody is waited for
    const auto next = shop.perform(two_goods());
    INFO((next ? "" : next.error().message()));
    REQUIRE(next);
    CHECK(shop.made() == 2);
}

TEST_CASE("the header goes off with lines behind a receipt and comes back with the next one",
          "[atol-fptr][printing]")
{
    Shop shop;
    fiscal::Request request = two_goods();
    request.receipt->after.resize(1);
    request.receipt->after[0].text = "Спасибо за покупку";
    REQUIRE(shop.perform(request));
    CHECK(shop.library.task()["postItems"].size() == 1);
    REQUIRE(shop.perform(two_goods()));
    CHECK(shop.library.task()["postItems"] == nlohmann::json::array());
    REQUIRE(shop.perform(two_goods()));
    CHECK_FALSE(shop.library.task().contains("postItems"));
}

TEST_CASE("all there is of a receipt reaches the FN, in FFD 1.2 and before", "[atol-fptr][printing]")
{
    for (const std::uint8_t ffd : {std::uint8_t{4}, std::uint8_t{2}}) {
        Shop shop(ffd);
        fiscal::Request request = two_goods();
        request.cashier_inn = "500100732259";
        fiscal::Receipt& receipt = request.receipt->receipt;
        receipt.buyer_contact = "buyer@example.org";
        receipt.buyer.emplace();
        receipt.buyer->name = "Петров Пётр";
        receipt.buyer->inn = "500100732259";
        receipt.user_attribute = fiscal::UserAttribute{"Заказ", "А-77"};
        receipt.place = "Ларёк";
        fiscal::Item& item = request.receipt->positions[0].item;
        item.unit = 11;
        item.country = "643";
        item.customs_declaration = "10702030/060520/0013422";
        item.extra = "сорт 1";
        item.agent_flags = 64;
        item.supplier_inn = "7707083893";
        item.supplier.emplace();
        item.supplier->name = "ООО Сад";
        item.supplier->phones = {"+74950000004"};
        REQUIRE(fiscal::fill_in(request));
        fiscal::fit_to(request, shop.driver->request_limits().ffd);
        const auto made = shop.perform(request);
        INFO((made ? "" : made.error().message()));
        REQUIRE(made);
        const fiscal::Document document = shop.last();
        REQUIRE(document.receipt);
        CHECK(document.receipt->cashier_inn == "500100732259");
        CHECK(document.receipt->extra == "KB-0123456789ab");
        CHECK(document.receipt->place == "Ларёк");
        REQUIRE(document.receipt->user_attribute);
        CHECK(document.receipt->user_attribute->value == "А-77");
        if (ffd == 4) {
            REQUIRE(document.receipt->buyer);
            CHECK(document.receipt->buyer->name == "Петров Пётр");
            CHECK(document.receipt->items[0].unit == std::uint8_t{11});
        } else {
            CHECK(document.receipt->buyer_name == "Петров Пётр");
            CHECK(document.receipt->buyer_inn == "500100732259");
            CHECK(document.receipt->items[0].unit_text == "кг");
        }
        const fiscal::Item& sold = document.receipt->items[0];
        CHECK(sold.country == "643");
        CHECK(sold.customs_declaration == "10702030/060520/0013422");
        CHECK(sold.extra == "сорт 1");
        CHECK(sold.agent_flags == 64U);
        CHECK(sold.supplier_inn == "7707083893");
        REQUIRE(sold.supplier);
        CHECK(sold.supplier->name == "ООО Сад");
    }
}

TEST_CASE("before FFD 1.1 a correction says its sums by rate", "[atol-fptr][printing]")
{
    Shop shop(2);
    fiscal::Request request = two_goods();
    request.receipt->correction = true;
    request.receipt->receipt.correction_type = std::uint8_t{1};
    request.receipt->receipt.correction_basis.emplace();
    request.receipt->receipt.correction_basis->date = *local_from_text("2026-03-20T00:00:00");
    request.receipt->receipt.correction_basis->number = "12-34/5";
    const auto made = shop.perform(request);
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    CHECK(made->fd_number == shop.before + 1);
    const fiscal::Document document = shop.last();
    CHECK(document.head.type == fiscal::DocumentType::receipt_correction);
    CHECK(document.head.total == Kopecks{18'100});
    REQUIRE(document.receipt);
    CHECK(document.receipt->vat.vat_20 == Kopecks{2'000});
    CHECK(document.receipt->vat.vat_10 == Kopecks{555});
    CHECK(document.receipt->extra == "KB-0123456789ab");
    REQUIRE(document.receipt->correction_basis);
    CHECK(document.receipt->correction_basis->number == "12-34/5");
}

TEST_CASE("the limits of a request are those of the register", "[atol-fptr][printing]")
{
    Shop shop;
    const auto limits = shop.driver->request_limits();
    CHECK(limits.ffd == fiscal::FfdVersion::v1_2);
    CHECK(limits.tax_systems == shop.kkt.identity().tax_systems);
    CHECK(limits.quantity_step == 1); // platform 5
    CHECK(limits.marking_check);
    Shop older(2);
    CHECK_FALSE(older.driver->request_limits().marking_check);
}

TEST_CASE("the clock is set on request", "[atol-fptr][printing]")
{
    Shop shop;
    REQUIRE(shop.perform(RequestKind::shift_close));
    const auto now = run_now(shop.io, shop.driver->clock());
    REQUIRE(now);
    fiscal::Request request;
    request.kind = RequestKind::set_time;
    request.time = *now + std::chrono::seconds(90);
    REQUIRE(shop.perform(request));
    CHECK(*run_now(shop.io, shop.driver->clock()) == *request.time);
}

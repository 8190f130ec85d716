// Marked goods over the stand-in of the maker's library: each code is checked before the receipt's task, and
// what the register said is in the document. The register's FN is the judge.
#include "drivers/atol_fptr/mark_tasks.hpp"
#include "protocol/fiscal/document.hpp"
#include "tests/emulator/atol_fptr/rig.hpp"

using namespace kb;
using namespace kb::test;
using emulator::Fault;
using emulator::FaultKind;
using emulator::MarkAnswer;
using State = fiscal::MarkCheck::State;

namespace {

const std::string kFirst = "0104600439931256215000000000001\x1D"
                           "93dGVz";
const std::string kSecond = "0104600439931256215000000000002\x1D"
                            "93dGVz";

fiscal::Position marked(const std::string& code, std::int64_t price)
{
    fiscal::Position one;
    one.item.name = "Вода";
    one.item.price = Kopecks{price};
    one.item.quantity = Quantity::units(1);
    one.item.vat_rate = 1;
    one.marking = fiscal::Marking{code, 0};
    return one;
}

fiscal::Request sale(fiscal::Operation operation = fiscal::Operation::sell)
{
    fiscal::Request request;
    request.cashier = "Иванова А.А.";
    request.receipt.emplace();
    request.receipt->operation = operation;
    request.receipt->positions = {marked(kFirst, 9'900), marked(kSecond, 12'300)};
    request.receipt->receipt.payments.electronic = Kopecks{22'200}; // a return wants no cash in the drawer
    return request;
}

fiscal::Request unmarked()
{
    fiscal::Request request = sale();
    for (fiscal::Position& position : request.receipt->positions) {
        position.marking.reset();
    }
    return request;
}

// The tasks of sale(), of a driver that has nothing to clear besides.
enum Step {
    kCancel,
    kClear,
    kBegin,
    kStatus,
    kAccept,
    kSecondBegin,
    kSecondStatus,
    kSecondAccept,
    kSell,
    kSteps
};

struct MarkedShop : Rig {
    explicit MarkedShop(DriverOptions wanted = {}) : kkt(device.kkt())
    {
        options = std::move(wanted);
        connect();
        if (!kkt.shift().open) {
            REQUIRE(kkt.open_shift("", {}));
        }
    }

    /// Another program than the one that had the port.
    void connect_anew()
    {
        driver.reset();
        auto connection = try_to_connect();
        // A register that restarts is away for a moment.
        for (int again = 0; again < 100 && !connection; ++again) {
            io.restart();
            io.run_for(std::chrono::milliseconds(20));
            connection = try_to_connect();
        }
        INFO((connection ? "" : connection.error().message()));
        REQUIRE(connection);
        driver = std::move(connection->driver);
        REQUIRE(run_now(io, driver->identify()));
    }

    /// As the agent does it, faults of the request included.
    Result<Performed> perform(fiscal::Request request)
    {
        REQUIRE(fiscal::fill_in(request));
        const auto limits = driver->request_limits();
        fiscal::fit_to(request, limits.ffd);
        const auto faults = fiscal::check_request(request, limits);
        INFO(fiscal::describe(faults, false));
        REQUIRE(faults.empty());
        before = kkt.fn().last_fd();
        return run_now(io, driver->perform(std::move(request)));
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

    /// The tasks from the one `at` on end so; `done`: they are carried out all the same.
    void misbehave(int at, int error, bool done = false, int count = 1)
    {
        const nlohmann::json how = {
            {"function", "process_json"}, {"error", error}, {"after", at}, {"done", done}, {"count", count}};
        library.misbehave(how.dump().c_str());
    }
    void behave() { library.misbehave("{}"); }

    void add_fault(FaultKind kind, const std::string& at_command)
    {
        Fault fault;
        fault.kind = kind;
        fault.at_command = at_command;
        fault.duration = std::chrono::milliseconds(1);
        device.faults().add(fault);
    }

    emulator::VirtualKkt& kkt;
    std::uint32_t before = 0;
};

DriverOptions selling_refused()
{
    DriverOptions options;
    options.marking_refused = DriverOptions::MarkingRefused::sell;
    return options;
}

DriverOptions waiting_a_second()
{
    DriverOptions options;
    options.marking_wait = std::chrono::seconds(1);
    return options;
}

/// Nothing of it is in the FN, nothing stands open, and the FN keeps no code of it.
void check_nothing(MarkedShop& shop)
{
    CHECK(shop.made() == 0);
    CHECK_FALSE(shop.kkt.receipt());
    CHECK_FALSE(shop.kkt.marking().pending());
    CHECK(shop.kkt.marking().kept().empty());
}

void check_sold(MarkedShop& shop, const Result<Performed>& made)
{
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    CHECK(shop.made() == 1);
    CHECK_FALSE(shop.kkt.receipt());
    CHECK_FALSE(shop.kkt.marking().pending());
    CHECK(shop.kkt.marking().kept().empty());
}

std::vector<std::uint32_t> results_in(const fiscal::Document& document)
{
    std::vector<std::uint32_t> results;
    for (const fiscal::Item& item : document.receipt->items) {
        results.push_back(item.marking_check.value_or(0xFFFF));
    }
    return results;
}

} // namespace

TEST_CASE("each mark is checked before the receipt, and its result is in the document",
          "[atol-fptr][marking]")
{
    MarkedShop shop;
    const auto made = shop.perform(sale());
    check_sold(shop, made);
    CHECK(made->fd_number == shop.kkt.fn().last_fd());
    const auto checks = shop.driver->mark_checks();
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].state == State::passed);
    CHECK(checks[0].result == 0x0F);
    CHECK(checks[0].request_result == std::uint8_t{0});
    CHECK(checks[0].status_answer == std::uint8_t{1});
    CHECK(checks[1].position == 1);
    const fiscal::Document document = shop.last();
    CHECK(results_in(document) == std::vector<std::uint32_t>{0x0F, 0x0F});
    REQUIRE(document.receipt->items[1].product_codes);
    CHECK(document.receipt->items[1].item_kind == std::uint8_t{33});
}

TEST_CASE("a code that is refused ends the sale with its place, reason and cure", "[atol-fptr][marking]")
{
    struct Row {
        MarkAnswer said;
        const char* reason;
    };
    const Row rows[] = {
        {{MarkAnswer::Fn::wrong, MarkAnswer::System::right}, "ФН: код проверки не подтверждён"},
        {{MarkAnswer::Fn::right, MarkAnswer::System::wrong_status}, "статус товара"},
        {{MarkAnswer::Fn::right, MarkAnswer::System::suspended}, "оборот товара приостановлен"},
        {{MarkAnswer::Fn::no_key, MarkAnswer::System::no_code}, "это не код маркировки"},
    };
    MarkedShop shop;
    for (const Row& row : rows) {
        INFO(row.reason);
        shop.kkt.marking().say_of(kSecond, row.said);
        const auto made = shop.perform(sale());
        REQUIRE_FALSE(made);
        CHECK(made.error().outcome == Outcome::refused);
        CHECK(made.error().code == Errc::bad_value);
        CHECK_THAT(made.error().context, Catch::StartsWith("items[1].marking: "));
        CHECK_THAT(made.error().context, Catch::Contains(row.reason));
        CHECK_THAT(made.error().context, Catch::Contains("уберите товар из чека"));
        const auto checks = shop.driver->mark_checks();
        REQUIRE(checks.size() == 2);
        CHECK(checks[0].state == State::passed);
        CHECK(checks[1].state == State::refused);
        check_nothing(shop);
        // The next sale is not held up, and tells nothing of this one's marks.
        check_sold(shop, shop.perform(unmarked()));
        CHECK(shop.driver->mark_checks().empty());
    }
    shop.kkt.marking().say_of(kSecond, {});
    check_sold(shop, shop.perform(sale()));
}

TEST_CASE("an owner may have refused codes sold: the document says so", "[atol-fptr][marking]")
{
    MarkedShop shop(selling_refused());
    shop.kkt.marking().say_of(kFirst, {MarkAnswer::Fn::right, MarkAnswer::System::wrong_status});
    check_sold(shop, shop.perform(sale()));
    CHECK(shop.driver->mark_checks()[0].state == State::refused);
    CHECK(shop.driver->mark_checks()[0].status_answer == std::uint8_t{2});
    CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x07, 0x0F});
}

TEST_CASE("a return and a correction are made whatever the code is worth", "[atol-fptr][marking]")
{
    MarkedShop shop;
    shop.kkt.marking().say({MarkAnswer::Fn::wrong, MarkAnswer::System::wrong_status});
    check_sold(shop, shop.perform(sale(fiscal::Operation::sell_return)));
    CHECK(shop.last().head.operation == fiscal::Operation::sell_return);
    CHECK(shop.driver->mark_checks()[0].state == State::refused);
    CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x05, 0x05});

    fiscal::Request correction = sale();
    correction.receipt->correction = true;
    correction.receipt->receipt.correction_type = std::uint8_t{0};
    correction.receipt->receipt.correction_basis.emplace();
    correction.receipt->receipt.correction_basis->date = *local_from_text("2026-03-20T00:00:00");
    check_sold(shop, shop.perform(correction));
    CHECK(shop.last().head.type == fiscal::DocumentType::receipt_correction);
}

TEST_CASE("a silent state system is waited for no longer than configured, and the item is sold",
          "[atol-fptr][marking]")
{
    MarkedShop shop(waiting_a_second());
    shop.kkt.marking().say_of(kSecond, {MarkAnswer::Fn::right, MarkAnswer::System::silent});
    check_sold(shop, shop.perform(sale()));
    CHECK(shop.driver->mark_checks()[0].state == State::passed);
    CHECK(shop.driver->mark_checks()[1].state == State::offline);
    CHECK_FALSE(shop.driver->mark_checks()[1].status_answer);
    CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x0F, 0x03});
    // The FN's own word counts all the same.
    shop.kkt.marking().say_of(kSecond, {MarkAnswer::Fn::wrong, MarkAnswer::System::silent});
    const auto made = shop.perform(sale());
    REQUIRE_FALSE(made);
    CHECK(made.error().outcome == Outcome::refused);
    check_nothing(shop);
    shop.kkt.marking().say_of(kSecond, {MarkAnswer::Fn::no_key, MarkAnswer::System::silent});
    check_sold(shop, shop.perform(sale()));
    CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x0F, 0x00});
}

TEST_CASE("the register is given the code byte for byte, however long or odd", "[atol-fptr][marking]")
{
    const std::string codes[] = {
        "00000046198488X?io+qCABm8wAYa", // a pack of cigarettes
        "RU-430302-ABC1234567",
        std::string(150, '7'),
        "010460043993125621\"%&'()*+,-./:;<=>?_\x1D"
        "91EE06\x1D"
        "92" +
            std::string(88, '/') + "==",
        "010460043993125621A\x1D" + std::string(236, '~'), // 256 in all
    };
    MarkedShop shop;
    for (const std::string& code : codes) {
        INFO(code.size() << ": " << code);
        fiscal::Request request = sale();
        request.receipt->positions[1].marking->code = code;
        // Only exactly this code is said to be suspended.
        shop.kkt.marking().say_of(code, {MarkAnswer::Fn::right, MarkAnswer::System::suspended});
        REQUIRE(fiscal::fill_in(request));
        shop.before = shop.kkt.fn().last_fd();
        const auto refused = run_now(shop.io, shop.driver->perform(request));
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().context, Catch::Contains("приостановлен"));
        check_nothing(shop);
        shop.kkt.marking().say_of(code, {});
        check_sold(shop, run_now(shop.io, shop.driver->perform(request)));
    }
    // One that no register takes is refused with its place.
    fiscal::Request request = sale();
    request.receipt->positions[1].marking->code = std::string(257, '7');
    REQUIRE(fiscal::fill_in(request));
    shop.before = shop.kkt.fn().last_fd();
    const auto refused = run_now(shop.io, shop.driver->perform(request));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome == Outcome::refused);
    CHECK_THAT(refused.error().context, Catch::StartsWith("items[1].marking: "));
    check_nothing(shop);
}

TEST_CASE("goods by measure and in part are checked with their quantity", "[atol-fptr][marking]")
{
    MarkedShop shop;
    fiscal::Request request = sale();
    fiscal::Position& milk = request.receipt->positions[0];
    milk.item.unit = 41; // litres
    milk.item.quantity = *Quantity::from_text("0.5");
    fiscal::Position& pills = request.receipt->positions[1];
    pills.item.unit = 0;
    pills.item.sum = Kopecks{6'150};
    pills.item.fraction.emplace();
    pills.item.fraction->numerator = 1;
    pills.item.fraction->denominator = 2;
    request.receipt->receipt.payments.electronic = Kopecks{4'950 + 6'150};
    check_sold(shop, shop.perform(request));
    CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x0F, 0x0F});
}

TEST_CASE("codes and a check that a dead agent has left are in nobody's way", "[atol-fptr][marking]")
{
    for (const bool next_is_marked : {true, false}) {
        MarkedShop shop;
        for (std::size_t i = 0; i < emulator::MarkingDesk::kMostKept; ++i) {
            shop.kkt.marking().check({"left " + std::to_string(i), 1, 0x0F});
            shop.kkt.marking().accept();
        }
        shop.kkt.marking().check({"begun", 1, 0x0F});
        check_sold(shop, shop.perform(next_is_marked ? sale() : unmarked()));
    }
}

TEST_CASE("what the register has against a code ends its sale, and holds up none behind it",
          "[atol-fptr][marking]")
{
    struct Row {
        Step at;
        int error;
        Outcome outcome;
    };
    const Row rows[] = {
        {kBegin, 409, Outcome::refused},       {kBegin, 406, Outcome::refused},
        {kSecondBegin, 407, Outcome::refused}, {kBegin, 12, Outcome::refused},
        {kBegin, 34, Outcome::refused},        {kBegin, 11, Outcome::refused},
        {kAccept, 408, Outcome::refused},      {kBegin, 401, Outcome::not_done},
        {kAccept, 410, Outcome::not_done},     {kStatus, 6, Outcome::refused},
        {kBegin, 115, Outcome::not_done},      {kSell, 406, Outcome::refused},
        {kSell, 422, Outcome::not_done},       {kSell, 420, Outcome::not_done},
        {kSell, 423, Outcome::not_done},       {kSecondStatus, 2, Outcome::not_done},
    };
    MarkedShop shop;
    check_sold(shop, shop.perform(unmarked()));
    for (const Row& row : rows) {
        INFO(row.at << " " << row.error);
        shop.misbehave(row.at, row.error);
        const auto made = shop.perform(sale());
        REQUIRE_FALSE(made);
        CHECK(made.error().outcome == row.outcome);
        CHECK(made.error().device_code == row.error);
        CHECK_FALSE(has_to_wait(made.error().code));
        CHECK((row.at == kSell || made.error().context.starts_with("items[")));
        check_nothing(shop);
        check_sold(shop, shop.perform(unmarked()));
        check_sold(shop, shop.perform(sale()));
    }
    // What passes by itself is waited for.
    shop.add_fault(FaultKind::busy, "mark_begin");
    const auto busy = shop.perform(sale());
    REQUIRE_FALSE(busy);
    CHECK(busy.error().outcome == Outcome::not_done);
    CHECK(has_to_wait(busy.error().code));
    check_sold(shop, shop.perform(sale()));
}

TEST_CASE("a program that dies at any step of a marked sale leaves nothing in the next one's way",
          "[atol-fptr][marking]")
{
    for (const bool done : {false, true}) {
        for (int at = kCancel; at < kSteps; ++at) {
            for (const bool next_is_marked : {true, false}) {
                DYNAMIC_SECTION("step " << at << (done ? ", done" : "") << (next_is_marked ? ", marked" : ""))
                {
                    MarkedShop shop;
                    shop.misbehave(at, 241, done, 1'000); // nothing more is heard of the register
                    const auto made = shop.perform(sale());
                    const std::uint32_t first = shop.made();
                    CHECK(first == (at == kSell && done ? 1U : 0U));
                    CHECK((made.has_value() ? first == 1 : true));
                    INFO((made ? "" : made.error().message()));
                    // A document may have come of the receipt's own task, and nobody answers who could tell.
                    const auto told = at == kSell ? Outcome::unknown : Outcome::not_done;
                    CHECK((made || made.error().outcome == told));
                    shop.behave();
                    shop.connect_anew();
                    check_sold(shop, shop.perform(next_is_marked ? sale() : unmarked()));
                }
            }
        }
    }
}

TEST_CASE("a register that restarts while codes are checked has made nothing, and sells afterwards",
          "[atol-fptr][marking]")
{
    for (const char* command : {"mark_cancel", "mark_clear", "mark_begin", "mark_status", "mark_accept"}) {
        for (const FaultKind kind :
             {FaultKind::reboot_before, FaultKind::reboot_after, FaultKind::lose_answer}) {
            DYNAMIC_SECTION(command << " " << emulator::to_string(kind))
            {
                MarkedShop shop;
                shop.add_fault(kind, command);
                const auto made = shop.perform(sale());
                REQUIRE_FALSE(made);
                CHECK(made.error().outcome == Outcome::not_done);
                CHECK(shop.made() == 0);
                CHECK_FALSE(shop.kkt.receipt());
                shop.connect_anew();
                check_sold(shop, shop.perform(sale()));
                CHECK(results_in(shop.last()) == std::vector<std::uint32_t>{0x0F, 0x0F});
            }
        }
    }
}

TEST_CASE("a receipt without marks asks nothing of them", "[atol-fptr][marking]")
{
    MarkedShop shop;
    check_sold(shop, shop.perform(unmarked())); // the first one clears what another program may have left
    shop.misbehave(1, 6);
    check_sold(shop, shop.perform(unmarked())); // one task
    CHECK(shop.driver->mark_checks().empty());
    shop.behave();
}

TEST_CASE("how a check stands is told by the answer, a failed question too", "[atol-fptr][marking]")
{
    using atol_fptr::check_status_of;
    const auto waits = check_status_of(R"({"ready":false})", "x");
    REQUIRE(waits);
    CHECK_FALSE(waits->ready);
    const auto nobody = check_status_of(
        R"({"ready":true,"sentImcRequest":true,"driverError":{"code":421,"error":"e","description":"д"}})",
        "x");
    REQUIRE(nobody);
    CHECK(nobody->ready);
    CHECK_FALSE(nobody->online);
    const auto failed = check_status_of(R"({"driverError":{"code":410,"error":"e","description":"д"}})", "x");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().device_code == 410);
    CHECK_THAT(failed.error().context, Catch::Equals("x: д"));
    const auto lost = check_status_of(R"({"driverError":{"code":241,"description":""}})", "x");
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
    for (const char* text :
         {"", "null", "[]", "{}", R"({"ready":1})", R"({"ready":null,"driverError":{"code":0}})"}) {
        INFO(text);
        const auto nonsense = check_status_of(text, "x");
        REQUIRE_FALSE(nonsense);
        CHECK(nonsense.error().code == Errc::bad_json);
        CHECK(nonsense.error().outcome == Outcome::not_done);
    }
    CHECK(atol_fptr::local_result_of("{}") == 0);
    CHECK(atol_fptr::local_result_of(R"({"offlineValidation":{"fmCheck":true,"fmCheckResult":false}})") ==
          0x01);
    CHECK_FALSE(atol_fptr::accepted_result_of(""));
}

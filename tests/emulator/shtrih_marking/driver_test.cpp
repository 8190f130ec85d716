// Marked goods on a Shtrih-M register with FFD 1.2: each code is checked before the receipt is opened, and
// what the register said is in the document. The register's FN is the judge.
#include "drivers/registry.hpp"
#include "drivers/shtrih/emulator_models.hpp"
#include "protocol/fiscal/document.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

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

struct Rig {
    explicit Rig(DriverOptions wanted = {})
        : device(emulated_shtrih(io, new_pty_address(), "0049361208000001", "9999078900002270")),
          kkt(device->kkt()),
          options(std::move(wanted))
    {
        connect();
        if (!kkt.shift().open) {
            static_cast<void>(kkt.open_shift("", {}));
        }
    }

    void connect()
    {
        driver.reset();
        ConnectRequest request;
        request.url = device->url();
        request.options = options;
        // A register that restarts is away for a moment.
        auto connection = run_now(io, connect_device(io.get_executor(), request));
        for (int again = 0; again < 100 && !connection; ++again) {
            io.restart();
            io.run_for(std::chrono::milliseconds(20));
            connection = run_now(io, connect_device(io.get_executor(), request));
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

    void fault(FaultKind kind, const std::string& command)
    {
        Fault one;
        one.kind = kind;
        one.at_command = command;
        one.duration = std::chrono::milliseconds(100);
        device->faults().add(one);
    }

    /// `after`: so many of them are still taken.
    void refuse(const std::string& command, std::uint8_t code, std::uint32_t after = 0)
    {
        Fault one;
        one.after = after;
        one.kind = FaultKind::busy;
        one.at_command = command;
        one.code = code;
        device->faults().add(one);
    }

    asio::io_context io;
    std::unique_ptr<EmulatedRegister> device;
    emulator::VirtualKkt& kkt;
    DriverOptions options;
    std::unique_ptr<Driver> driver;
    std::uint32_t before = 0;
};

DriverOptions selling_refused()
{
    DriverOptions options;
    options.marking_refused = DriverOptions::MarkingRefused::sell;
    return options;
}

/// Nothing of it is in the FN, nothing stands open, and the FN keeps no code of it.
void check_nothing(Rig& rig)
{
    CHECK(rig.made() == 0);
    CHECK_FALSE(rig.kkt.receipt());
    CHECK(rig.kkt.marking().kept().empty());
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

TEST_CASE("each mark is checked before the receipt, and its result is in the document", "[emulator][marking]")
{
    Rig rig;
    const auto made = rig.perform(sale());
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    CHECK(rig.made() == 1);
    const auto checks = rig.driver->mark_checks();
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].state == State::passed);
    CHECK(checks[0].result == 0x0F);
    CHECK(checks[0].status_answer == std::uint8_t{1});
    CHECK(checks[1].position == 1);
    const fiscal::Document document = rig.last();
    CHECK(results_in(document) == std::vector<std::uint32_t>{0x0F, 0x0F});
    REQUIRE(document.receipt->items[1].product_codes);
    CHECK(document.receipt->items[1].item_kind == std::uint8_t{33});
    CHECK(rig.kkt.marking().kept().empty());
}

TEST_CASE("a code that is refused ends the sale with its place, reason and cure", "[emulator][marking]")
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
    Rig rig;
    for (const Row& row : rows) {
        INFO(row.reason);
        rig.kkt.marking().say_of(kSecond, row.said);
        const auto made = rig.perform(sale());
        REQUIRE_FALSE(made);
        CHECK(made.error().outcome == Outcome::refused);
        CHECK(made.error().code == Errc::bad_value);
        CHECK_THAT(made.error().context, Catch::StartsWith("items[1].marking: "));
        CHECK_THAT(made.error().context, Catch::Contains(row.reason));
        CHECK_THAT(made.error().context, Catch::Contains("уберите товар из чека"));
        const auto checks = rig.driver->mark_checks();
        REQUIRE(checks.size() == 2);
        CHECK(checks[0].state == State::passed);
        CHECK(checks[1].state == State::refused);
        check_nothing(rig);
    }
    // The register is ready for what comes next.
    rig.kkt.marking().say_of(kSecond, {});
    CHECK(rig.perform(sale()));
}

TEST_CASE("an owner may have refused codes sold: the document says so", "[emulator][marking]")
{
    Rig rig(selling_refused());
    rig.kkt.marking().say_of(kFirst, {MarkAnswer::Fn::right, MarkAnswer::System::wrong_status});
    REQUIRE(rig.perform(sale()));
    CHECK(rig.made() == 1);
    CHECK(rig.driver->mark_checks()[0].state == State::refused);
    CHECK(results_in(rig.last()) == std::vector<std::uint32_t>{0x07, 0x0F});
}

TEST_CASE("a return is made whatever the code is worth", "[emulator][marking]")
{
    Rig rig;
    rig.kkt.marking().say({MarkAnswer::Fn::wrong, MarkAnswer::System::silent});
    const auto made = rig.perform(sale(fiscal::Operation::sell_return));
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    CHECK(rig.last().head.operation == fiscal::Operation::sell_return);
    CHECK(rig.driver->mark_checks()[0].state == State::refused);
}

TEST_CASE("a silent state system is waited for no longer than configured, and the item is sold",
          "[emulator][marking]")
{
    DriverOptions options;
    options.marking_wait = std::chrono::seconds(1);
    Rig rig(options);
    rig.kkt.marking().say({MarkAnswer::Fn::right, MarkAnswer::System::silent});
    REQUIRE(rig.perform(sale()));
    CHECK(rig.made() == 1);
    CHECK(rig.driver->mark_checks()[0].state == State::offline);
    CHECK(results_in(rig.last()) == std::vector<std::uint32_t>{0x03, 0x03});
    // The bound is the register's own setting: table 19, field 8, two bytes.
    CHECK(rig.kkt.settings().at("T19.1.8") == "0100");
}

TEST_CASE("the register's setting is left alone where it is as configured", "[emulator][marking]")
{
    Rig rig;
    REQUIRE(rig.perform(sale()));
    CHECK(rig.kkt.settings().count("T19.1.8") == 0);
}

TEST_CASE("codes that a dead agent has left are not taken for this receipt's", "[emulator][marking]")
{
    Rig rig;
    for (std::size_t i = 0; i < emulator::MarkingDesk::kMostKept; ++i) {
        rig.kkt.marking().check({"left " + std::to_string(i), 1, 0x0F});
        rig.kkt.marking().accept();
    }
    REQUIRE(rig.perform(sale()));
    CHECK(rig.made() == 1);
}

TEST_CASE("a line that breaks while codes are checked has made nothing, and the sale is made afterwards",
          "[emulator][marking]")
{
    for (const char* command : {"2E", "FF69", "FF61"}) {
        for (const FaultKind kind : {FaultKind::reboot_before, FaultKind::reboot_after}) {
            DYNAMIC_SECTION(command << " " << emulator::to_string(kind))
            {
                Rig rig;
                rig.fault(kind, command);
                const auto made = rig.perform(sale());
                REQUIRE_FALSE(made);
                CHECK(made.error().outcome == Outcome::not_done);
                CHECK(rig.made() == 0);
                CHECK_FALSE(rig.kkt.receipt());
                rig.connect();
                REQUIRE(rig.perform(sale()));
                CHECK(rig.made() == 1);
                CHECK(results_in(rig.last()) == std::vector<std::uint32_t>{0x0F, 0x0F});
            }
        }
    }
}

TEST_CASE("a receipt that is taken back takes its codes out of the table", "[emulator][marking]")
{
    Rig rig;
    // Refused behind the opening: the receipt is cancelled.
    for (const char* command : {"FF46", "FF67"}) {
        INFO(command);
        rig.refuse(command, 0x33);
        const auto made = rig.perform(sale());
        REQUIRE_FALSE(made);
        check_nothing(rig);
    }
    REQUIRE(rig.perform(sale()));
    CHECK(rig.made() == 1);
}

TEST_CASE("what the register has against a code ends its sale, and holds up none behind it",
          "[emulator][marking]")
{
    struct Row {
        const char* command;
        std::uint8_t code;
        Outcome outcome;
    };
    const Row rows[] = {
        {"FF61", 0xA0, Outcome::refused}, {"FF61", 0xA2, Outcome::refused},  {"FF61", 0x73, Outcome::refused},
        {"FF61", 0xD4, Outcome::refused}, {"FF61", 0xA1, Outcome::not_done}, {"FF69", 0xA3, Outcome::refused},
        {"FF67", 0x72, Outcome::refused}, {"FF67", 0xAC, Outcome::not_done},
    };
    Rig rig;
    for (const Row& row : rows) {
        INFO(row.command << " " << int{row.code});
        rig.refuse(row.command, row.code, std::string(row.command) == "FF69" ? 1 : 0); // the first one clears
        const auto made = rig.perform(sale());
        REQUIRE_FALSE(made);
        CHECK(made.error().outcome == row.outcome);
        CHECK(made.error().device_code == int{row.code});
        CHECK_FALSE(has_to_wait(made.error().code));
        check_nothing(rig);
        REQUIRE(rig.perform(sale()));
    }
}

TEST_CASE("a request that fails before it begins does not tell another's marks", "[emulator][marking]")
{
    Rig rig;
    REQUIRE(rig.perform(sale()));
    REQUIRE(rig.driver->mark_checks().size() == 2);
    // A document is left half read, and the line is gone: what is begun next has to end the reading first.
    rig.fault(FaultKind::reboot_before, "FF3B");
    REQUIRE_FALSE(run_now(rig.io, rig.driver->read_document(rig.kkt.fn().last_fd())));
    REQUIRE_FALSE(rig.perform(unmarked()));
    CHECK(rig.driver->mark_checks().empty());
}

TEST_CASE("an answer to the binding that is lost is asked for again, not bound twice", "[emulator][marking]")
{
    Rig rig;
    rig.fault(FaultKind::lose_answer, "FF67");
    REQUIRE(rig.perform(sale()));
    CHECK(rig.made() == 1);
    CHECK(results_in(rig.last()) == std::vector<std::uint32_t>{0x0F, 0x0F});
}

TEST_CASE("a receipt without marks asks nothing of them", "[emulator][marking]")
{
    Rig rig;
    for (const char* command : {"2E", "FF61", "FF67", "FF69"}) {
        rig.refuse(command, 0x37);
    }
    REQUIRE(rig.perform(unmarked()));
    CHECK(rig.driver->mark_checks().empty());
}

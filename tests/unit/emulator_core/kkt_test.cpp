#include "machine.hpp"

#include "drivers/emulator/state_file.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::test;
using kb::test::TempDir;

namespace {

struct TempFile {
    TempDir dir;
    std::string path = (dir / "register.state").string();
};

} // namespace

TEST_CASE("a sale by the keypad breaks off a reading, and the reading says so once")
{
    Machine machine;
    machine.start();
    REQUIRE(machine.kkt.begin_reading(1));
    REQUIRE(machine.kkt.read_piece(10, false));
    REQUIRE(sell(machine));
    CHECK_FALSE(machine.kkt.reading());
    const auto piece = machine.kkt.read_piece(10, false);
    REQUIRE_FALSE(piece);
    CHECK(piece.error().why == Why::fn_wrong_state);
    REQUIRE(machine.kkt.begin_reading(1));
}

TEST_CASE("a sale by the keypad is refused while a receipt is open over the line")
{
    Machine machine;
    machine.start();
    REQUIRE(machine.kkt.open_shift("Кассир 1", {}));
    machine.printed();
    REQUIRE(machine.kkt.open_receipt(1, false, 30));
    const auto done = sell(machine);
    REQUIRE_FALSE(done);
    CHECK(done.error().why == Why::receipt_is_open);
    CHECK_FALSE(done.error().cure.empty());
}

TEST_CASE("after 24 hours only closing the shift works")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    machine.pass(std::chrono::hours{24});
    CHECK(machine.kkt.shift_expired());
    CHECK(sell(machine).error().why == Why::shift_expired);
    REQUIRE(machine.kkt.close_shift("Кассир 1", {}));
}

TEST_CASE("bodies go 30 days after their ticket, short records stay")
{
    Machine machine;
    machine.start();
    machine.kkt.give_tickets_through(1);
    machine.pass(std::chrono::days{30});
    CHECK_FALSE(machine.kkt.body(1).empty());
    machine.pass(std::chrono::seconds{1});
    CHECK(machine.kkt.body(1).empty());
    CHECK(machine.kkt.fn().find(1)->type == 1);
    CHECK(machine.kkt.begin_reading(1).error().why == Why::no_data);
}

TEST_CASE("an OFD that is silent for 30 days stops the selling, tickets start it again")
{
    Machine machine;
    machine.start();
    machine.pass(std::chrono::days{31});
    CHECK(sell(machine).error().why == Why::ofd_wait_exceeded);
    machine.kkt.give_tickets_through(1);
    CHECK(sell(machine));
}

TEST_CASE("a clock behind the last document, and a jump inside a shift, are refused")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    machine.kkt.set_drift(400);
    CHECK(sell(machine).error().why == Why::clock_jumped);
    machine.kkt.set_drift(-120);
    CHECK(sell(machine).error().why == Why::clock_behind_fn);
    machine.kkt.set_drift(0);
    CHECK(sell(machine));
}

TEST_CASE("paper that ends while printing leaves the receipt fiscal and waits to continue")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    const auto fd = machine.kkt.fn().last_fd();
    REQUIRE(machine.kkt.x_report());
    machine.kkt.set_paper(false);
    CHECK(machine.kkt.printing() == Printing::broken_off);
    machine.kkt.set_paper(true);
    CHECK(machine.kkt.printing() == Printing::waits_for_continue);
    REQUIRE(machine.kkt.continue_printing());
    CHECK(machine.kkt.printing() == Printing::busy);
    machine.printed();
    CHECK(machine.kkt.printing() == Printing::idle);
    CHECK(machine.kkt.fn().last_fd() == fd);
}

TEST_CASE("a power cut before the FN's commit leaves no document, one after it leaves it")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    const auto fd = machine.kkt.fn().last_fd();
    machine.kkt.arm_power_cut(PowerCut::before_fn_commit);
    CHECK(sell(machine).error().why == Why::powered_off);
    CHECK(machine.kkt.fn().last_fd() == fd);
    machine.kkt.power_on();
    machine.kkt.arm_power_cut(PowerCut::after_fn_commit);
    CHECK(sell(machine).error().why == Why::powered_off);
    CHECK(machine.kkt.fn().last_fd() == fd + 1);
}

TEST_CASE("a replaced FN starts anew under its own number")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    REQUIRE(machine.kkt.close_shift("Кассир 1", {}));
    machine.printed();
    machine.kkt.replace_fn("9999078900002271", machine.wall + std::chrono::days{400});
    CHECK(machine.kkt.fn().last_fd() == 1);
    CHECK(machine.kkt.fn().find(1)->type == 11);
    REQUIRE(sell(machine));
    CHECK(machine.kkt.shift().number == 2);
}

TEST_CASE("the machine's memory comes back from its file, and a torn tail is cut off")
{
    TempFile file;
    Bytes last;
    {
        auto store = StateFile::open(file.path);
        REQUIRE(store);
        Machine machine{4, store->get()};
        machine.start();
        REQUIRE(sell(machine));
        machine.kkt.set_setting("T1.1.1", "05");
        machine.kkt.give_tickets_through(2);
        REQUIRE(machine.kkt.open_receipt(1, false, 7));
        REQUIRE(machine.kkt.add_item(tea()));
        last = Bytes(machine.kkt.body(3).begin(), machine.kkt.body(3).end());
    }
    // What a kill in the middle of a write leaves: size 255, kind 2 (state), CRC, and two bytes of the
    // payload.
    std::ofstream(file.path, std::ios::app | std::ios::binary) << std::string("\xFF\0\0\0\2\0\0ab", 9);
    auto store = StateFile::open(file.path);
    REQUIRE(store);
    Machine machine{4, store->get()};
    REQUIRE((*store)->load(machine.kkt));
    CHECK(machine.kkt.fn().last_fd() == 3);
    CHECK(machine.kkt.fn().unsent() == 1);
    CHECK(machine.kkt.shift().open);
    CHECK(machine.kkt.cash() == 12200);
    CHECK(machine.kkt.settings().at("T1.1.1") == "05");
    REQUIRE(machine.kkt.receipt());
    CHECK(machine.kkt.receipt()->total() == 12200);
    CHECK(machine.kkt.receipt()->owner == 7);
    CHECK(Bytes(machine.kkt.body(3).begin(), machine.kkt.body(3).end()) == last);
    REQUIRE(machine.kkt.cancel_receipt());
    REQUIRE(sell(machine));
}

TEST_CASE("a file that is no register's memory, or is hurt inside, is refused and left as it is")
{
    TempFile file;
    const auto refused = [&] {
        auto store = StateFile::open(file.path);
        REQUIRE(store);
        Machine machine;
        const auto loaded = (*store)->load(machine.kkt);
        return !loaded && loaded.error().code == Errc::storage_damaged;
    };
    const auto content = [&] {
        std::ifstream in(file.path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    for (const std::string stranger : {"hi\n", "the goods of the year\n"}) {
        std::ofstream(file.path, std::ios::binary) << stranger;
        CHECK(refused());
        CHECK(content() == stranger);
    }
    std::remove(file.path.c_str());
    {
        auto store = StateFile::open(file.path);
        REQUIRE(store);
        Machine machine{4, store->get()};
        machine.start();
        REQUIRE(sell(machine));
    }
    std::string hurt = content();
    hurt[20] = static_cast<char>(hurt[20] ^ 1);
    std::ofstream(file.path, std::ios::binary) << hurt;
    CHECK(refused());
    CHECK(content() == hurt);
}

TEST_CASE("a file held by another emulator is refused")
{
    TempFile file;
    const auto first = StateFile::open(file.path);
    REQUIRE(first);
    const auto second = StateFile::open(file.path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::port_busy);
}

TEST_CASE("an open shift can be closed in an FN that is expired or full, and the FN closed after it")
{
    const bool full = GENERATE(false, true);
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    if (full)
        machine.kkt.fill_fn();
    else
        machine.kkt.expire_fn();
    CHECK(sell(machine).error().why == (full ? Why::fn_full : Why::fn_expired));
    machine.printed();
    REQUIRE(machine.kkt.close_shift("", {}));
    machine.printed();
    REQUIRE(machine.kkt.close_fn(""));
}

TEST_CASE("preloading fills the FN with whole shifts")
{
    Machine machine;
    machine.start();
    machine.pass(std::chrono::days{10});
    machine.kkt.preload(500, 7);
    CHECK(machine.kkt.fn().last_fd() == 501);
    CHECK_FALSE(machine.kkt.shift().open);
    CHECK(machine.kkt.fn().unsent() == 0);
    CHECK(machine.kkt.fn().find(501)->type == 5);
}

TEST_CASE("paper armed to end during print ends after the FN's commit")
{
    Machine machine;
    machine.start();
    REQUIRE(sell(machine));
    const auto fd = machine.kkt.fn().last_fd();
    machine.kkt.set_print_time(std::chrono::milliseconds{0});
    machine.kkt.arm_paper_out();
    REQUIRE(sell(machine));
    CHECK(machine.kkt.fn().last_fd() == fd + 1);
    CHECK(machine.kkt.printing() == Printing::broken_off);
    CHECK(sell(machine).error().why == Why::no_paper);
    machine.kkt.set_paper(true);
    REQUIRE(machine.kkt.continue_printing());
    CHECK(machine.kkt.paper_present());
}

TEST_CASE("an electronic receipt needs no paper and puts nothing on the strip")
{
    Machine machine;
    machine.start();
    REQUIRE(machine.kkt.open_shift("Кассир 1", {}));
    machine.printed();
    const auto lines = machine.kkt.strip().size();
    machine.kkt.set_paper(false);
    CHECK(machine.kkt.open_receipt(1, false, 30).error().why == Why::no_paper);
    REQUIRE(machine.kkt.open_receipt(1, false, 30, false));
    REQUIRE(machine.kkt.add_item(tea()));
    Closing closing;
    closing.payments[1] = 12200;
    REQUIRE(machine.kkt.close_receipt(closing));
    CHECK(machine.kkt.fn().last_fd() == 3);
    CHECK(machine.kkt.strip().size() == lines);
}

TEST_CASE("payments taken one by one survive the process with the open receipt; older memories lack them")
{
    Machine machine;
    machine.start();
    REQUIRE(machine.kkt.open_shift("Кассир 1", {}));
    machine.printed();
    REQUIRE(machine.kkt.open_receipt(1, false, 30));
    Receipt receipt = *machine.kkt.receipt();
    receipt.items.push_back(tea());
    receipt.paid[1] = 5000;
    receipt.rounding = 20;
    receipt.adjusted = true;
    REQUIRE(machine.kkt.change_receipt(receipt));
    Machine other;
    other.kkt.load_state(machine.kkt.state_text());
    REQUIRE(other.kkt.receipt());
    CHECK(other.kkt.receipt()->paid[1] == 5000);
    CHECK(other.kkt.receipt()->rounding == 20);
    CHECK(other.kkt.receipt()->adjusted);
    auto old = nlohmann::json::parse(machine.kkt.state_text());
    for (const char* later : {"printed", "paid", "rounding", "tax_system", "adjusted"})
        old["receipt"].erase(later);
    old.erase("last_shift_totals");
    other.kkt.load_state(old.dump());
    CHECK(other.kkt.receipt()->printed);
    CHECK(other.kkt.receipt()->paid == Payments{});
}

TEST_CASE("a make's setting empties the drawer when the shift is closed, and the shift's totals are kept")
{
    Machine machine;
    machine.start();
    bool empties = false;
    machine.kkt.empties_drawer = [&empties] { return empties; };
    REQUIRE(sell(machine));
    REQUIRE(machine.kkt.close_shift("Кассир 1", {}));
    CHECK(machine.kkt.cash() == 12200);
    CHECK(machine.kkt.last_shift_totals().receipts[0].total == 12200);
    machine.printed();
    empties = true;
    REQUIRE(machine.kkt.open_shift("Кассир 1", {}));
    machine.printed();
    REQUIRE(machine.kkt.close_shift("Кассир 1", {}));
    CHECK(machine.kkt.cash() == 0);
    CHECK(machine.kkt.last_shift_totals().receipts[0].total == 0);
}

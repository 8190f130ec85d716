// A small sale, broken off at every byte and at every piece of the conversation: what the outcome promises is
// so, and the sale that is then asked for again is made once.
#include "drivers/atol/driver.hpp"
#include "drivers/atol/emulator.hpp"
#include "tests/emulator/atol_printing/direct_line.hpp"
#include "tests/emulator/atol_printing/requests.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/support/drivers/run_now.hpp"

using namespace kb;
using namespace kb::test;
using emulator::atol::Framing;
using Loss = LineFate::Loss;

namespace {

constexpr std::size_t kNoMore = 100'000;

class Counter { // a register on a direct line, and the driver before it
public:
    explicit Counter(Framing framing)
        : kkt_(who(), emulator::Times{[] { return wall(); }, [this] { return clock_.now(); }}, nullptr),
          face_(kkt_, *emulator::atol::find_model("20f"), faults_, face_of(framing))
    {
        kkt_.set_print_time(std::chrono::milliseconds(1));
        kkt_.first_start("9999078900002270", wall() + std::chrono::days(1000), wall());
        REQUIRE(kkt_.open_shift("Кассир", {}));
        connect();
        sale_.cashier = "Иванов";
        sale_.receipt->receipt.extra = "KB-0123456789AB";
        sale_.receipt->receipt.payments.electronic = Kopecks{800};
        sale_.receipt->receipt.payments.cash = Kopecks{1000};
    }

    void connect()
    {
        fate = {};
        driver_ = std::make_unique<atol::AtolDriver>(
            atol::Line(std::make_unique<DirectLine>(face_, clock_, fate), DriverOptions{}));
        REQUIRE(run_now(io_, driver_->identify()));
    }

    /// The promise of one outcome, and what can be done after it. False: the sale was over before the line
    /// broke.
    bool survives(Loss loss, std::size_t at)
    {
        fate = {};
        fate.loss = loss;
        fate.at = at;
        const std::uint32_t before = kkt_.fn().last_fd();
        const auto result = run_now(io_, driver_->perform(sale_));
        const LineFate told = fate;
        const auto made = [&] { return kkt_.fn().last_fd() - before; };
        INFO("lost at " << at << ": " << (result ? "done" : result.error().message()));
        if (result) {
            REQUIRE(made() == 1);
            CHECK((!result->fd_number || result->fd_number == before + 1));
        } else if (result.error().outcome == Outcome::unknown) {
            // Something final was under way, or what was begun could not be taken back over this line.
            const bool line_stays_broken =
                loss != Loss::one_piece_to_register && loss != Loss::one_piece_from_register;
            CHECK((told.closing_begun || (line_stays_broken && told.opening_begun)));
        } else {
            CHECK(made() == 0);
            CHECK_FALSE(kkt_.receipt());
        }

        if (loss == Loss::port && told.struck) {
            connect();
        }
        fate = {};
        const auto ended = run_now(io_, driver_->cancel_receipt());
        INFO((ended ? "" : ended.error().message()));
        REQUIRE(ended);
        CHECK_FALSE(kkt_.receipt());
        if (!result && result.error().outcome != Outcome::unknown) {
            CHECK(made() == 0);
        }
        REQUIRE(made() <= 1);
        if (made() == 0) {
            const auto again = run_now(io_, driver_->perform(sale_));
            INFO((again ? "" : again.error().message()));
            REQUIRE(again);
            CHECK(again->fd_number == before + 1);
        }
        REQUIRE(made() == 1);
        const fiscal::Document document = document_of(kkt_, before + 1);
        CHECK(document.head.total->count() == 1800);
        CHECK(document.receipt->items.size() == 1);
        CHECK(document.receipt->extra == "KB-0123456789AB");
        CHECK(document.receipt->payments.cash->count() == 1000);
        const auto status = run_now(io_, driver_->status());
        REQUIRE(status);
        CHECK((status->vendor_mode == 0 || loss == Loss::port)); // as it was; a new driver knows no "was"
        return told.struck;
    }

    /// Every place there is; how many.
    std::size_t survives_everywhere(Loss loss)
    {
        for (std::size_t at = 0; at < kNoMore; ++at) {
            if (!survives(loss, at)) {
                return at;
            }
        }
        return kNoMore;
    }

    LineFate fate;
    asio::io_context& io() { return io_; }
    emulator::VirtualKkt& kkt() { return kkt_; }
    Driver& driver() { return *driver_; }
    const fiscal::Request& sale() const { return sale_; }

private:
    static LocalSeconds wall() { return *local_from_text("2026-03-25T14:05:00"); }
    static emulator::Identity who()
    {
        emulator::Identity identity = test_identity("00106081000001");
        identity.ffd = 2;
        return identity;
    }
    static emulator::atol::Options face_of(Framing framing)
    {
        emulator::atol::Options options;
        options.framing = framing;
        return options;
    }

    asio::io_context io_;
    JumpingClock clock_;
    emulator::Faults faults_{1};
    emulator::VirtualKkt kkt_;
    emulator::atol::AtolFace face_;
    std::unique_ptr<Driver> driver_;
    fiscal::Request sale_ = coffee();
};

template <class F>
void over_both(F scenario)
{
    for (const auto& [name, framing] : {std::pair("v2", Framing::v2), std::pair("v3", Framing::v3)}) {
        DYNAMIC_SECTION(name) { scenario(framing); }
    }
}

} // namespace

TEST_CASE("v2: a sale over a line that dies at any byte", "[atol][printing]")
{
    const std::size_t places = Counter(Framing::v2).survives_everywhere(Loss::everything_from_byte);
    CHECK(places > 500);
}

TEST_CASE("v3: a sale over a line that dies at any byte", "[atol][printing]")
{
    const std::size_t places = Counter(Framing::v3).survives_everywhere(Loss::everything_from_byte);
    CHECK(places > 500);
}

TEST_CASE("a sale over a line that loses pieces in one direction", "[atol][printing]")
{
    over_both([](Framing framing) {
        for (const Loss loss : {Loss::to_register_from, Loss::from_register_from, Loss::one_piece_to_register,
                                Loss::one_piece_from_register}) {
            const std::size_t places = Counter(framing).survives_everywhere(loss);
            INFO("loss " << static_cast<int>(loss));
            CHECK(places > 25);
        }
    });
}

TEST_CASE("a sale over a port that goes away and is opened anew", "[atol][printing]")
{
    over_both([](Framing framing) {
        const std::size_t places = Counter(framing).survives_everywhere(Loss::port);
        CHECK(places > 25);
    });
}

TEST_CASE("an item that the register counts twice is found before the receipt is closed", "[atol][printing]")
{
    over_both([](Framing framing) {
        Counter counter(framing);
        const std::uint32_t before = counter.kkt().fn().last_fd();
        counter.fate.at_command = "3F";
        counter.fate.then = [&counter] {
            if (!counter.kkt().receipt() || counter.kkt().receipt()->items.size() != 1) {
                return;
            }
            emulator::Receipt receipt = *counter.kkt().receipt();
            receipt.items.push_back(receipt.items.front());
            REQUIRE(counter.kkt().change_receipt(std::move(receipt)));
        };
        const auto result = run_now(counter.io(), counter.driver().perform(counter.sale()));
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Errc::protocol_violation);
        CHECK(result.error().outcome == Outcome::not_done);
        CHECK_THAT(result.error().context, Catch::Contains("36.00") && Catch::Contains("18.00"));
        CHECK_FALSE(counter.kkt().receipt());
        CHECK(counter.kkt().fn().last_fd() == before);
    });
}

TEST_CASE("a sale that is cancelled is taken back, and one that is being closed is left in doubt",
          "[atol][printing]")
{
    over_both([](Framing framing) {
        for (const char* command : {"92", "E8", "EA", "EB", "A430", "99", "4A"}) {
            INFO(command);
            Counter counter(framing);
            const std::uint32_t before = counter.kkt().fn().last_fd();
            counter.fate.at_command = command;
            counter.fate.then = [&counter] {
                counter.fate.then = nullptr;
                counter.driver().cancel();
            };
            const auto result = run_now(counter.io(), counter.driver().perform(counter.sale()));
            REQUIRE_FALSE(result);
            CHECK(result.error().code == Errc::cancelled);
            if (std::string(command) == "4A") {
                CHECK(result.error().outcome == Outcome::unknown);
            } else {
                CHECK(result.error().outcome == Outcome::not_done);
                CHECK_FALSE(counter.kkt().receipt());
                CHECK(counter.kkt().fn().last_fd() == before);
            }
            REQUIRE(run_now(counter.io(), counter.driver().cancel_receipt()));
            CHECK_FALSE(counter.kkt().receipt());
            CHECK(run_now(counter.io(), counter.driver().perform(counter.sale())));
        }
    });
}

// The vendor's row for the registry, and what all calls of the driver share.
#include "drivers/atol/driver.hpp"

#include "drivers/atol/replay.hpp"
#include "protocol/atol/abilities.hpp"
#include "protocol/atol/traffic.hpp"

namespace kb::atol {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPrintingPoll{333};

std::unique_ptr<Driver> make(std::unique_ptr<Transport> transport, const DriverOptions& options)
{
    return std::make_unique<AtolDriver>(Line(std::move(transport), options));
}

Task<std::unique_ptr<Driver>> find(std::unique_ptr<Transport>& transport, DriverOptions options)
{
    LineState state;
    const Dialect dialect = dialect_of(options);
    const auto footing = co_await find_footing(*transport, state, dialect);
    if (!footing) {
        co_return pass(footing);
    }
    Line line(std::move(transport), options);
    line.use(footing->transport);
    std::unique_ptr<Driver> driver = std::make_unique<AtolDriver>(std::move(line));
    co_return driver;
}

constexpr TrafficTools kTraffic{&read_traffic, &commands_of, &mask_traffic, &replay};

} // namespace

Vendor vendor();

Vendor vendor()
{
    PortUrl ethernet; // factory settings of its network
    ethernet.kind = PortUrl::Kind::tcp;
    ethernet.host = "192.168.1.10";
    ethernet.port = 5555;

    Vendor row;
    row.name = "atol";
    row.families = {"atol"};
    // Scanners with a virtual port have been seen under the same number: find() asks before anything else,
    // and asks only.
    row.usb_ids = {{0x2912, 0x0005}};
    row.usual_addresses = {ethernet};
    for (const DialectKey& key : dialect_keys()) {
        row.keys.push_back({key.name, key.usual, {key.words.begin(), key.words.end()}, key.least, key.most});
    }
    row.make = &make;
    row.find = &find;
    row.abilities = &abilities_over_line;
    row.traffic = &kTraffic;
    return row;
}

Capabilities AtolDriver::capabilities() const
{
    Capabilities can;
    can.sd_card = false;
    can.full_documents = true;
    can.set_clock = true;
    can.cash_in_drawer = true;
    return can;
}

Task<void> AtolDriver::begin()
{
    line_.session().resume();
    if (mode_to_restore_) {
        const std::uint8_t mode = *mode_to_restore_;
        co_return co_await enter_mode(mode);
    }
    co_return Result<void>{};
}

Task<FullStatusReply> AtolDriver::read_full()
{
    const FullStatus question;
    auto reply = co_await line_.ask(question);
    if (reply) {
        full_ = *reply;
        full_at_ = Steady::now();
    } else {
        full_.reset();
    }
    co_return reply;
}

Task<FullStatusReply> AtolDriver::wait_for_printing(milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    Timer timer(co_await asio::this_coro::executor);
    while (true) {
        auto reply = co_await read_full();
        if (!reply) {
            co_return reply;
        }
        const auto status = to_device_status(*reply, nullptr, line_.dialect());
        if (status.mode != fiscal::DeviceStatus::Mode::printing) {
            co_return reply;
        }
        if (Steady::now() + kPrintingPoll > end) {
            co_return fail(Errc::device_busy,
                           "atol: " + std::string(mode_text_ru(reply->mode)) + ", " + port_name());
        }
        timer.expires_after(kPrintingPoll);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Task<Bytes> AtolDriver::register_value(std::uint8_t number)
{
    ReadRegister question;
    question.number = number;
    auto reply = co_await line_.ask(question);
    if (reply) {
        co_return std::move(reply->value);
    }
    if (reply.error().outcome == Outcome::refused && reply.error().code != Errc::wrong_password) {
        co_return Bytes{};
    }
    co_return pass(reply);
}

Task<Bytes> AtolDriver::table_value(TablePlace place)
{
    ReadTable question;
    question.table = place.table;
    question.row = place.row;
    question.field = place.field;
    auto reply = co_await line_.ask(question);
    if (reply) {
        co_return std::move(reply->value);
    }
    if (reply.error().outcome == Outcome::refused && reply.error().code != Errc::wrong_password) {
        co_return Bytes{};
    }
    co_return pass(reply);
}

// Entering works from mode 0 only; a mode that is there already is left as it is.
Task<void> AtolDriver::enter_mode(std::uint8_t mode)
{
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    if (full->mode != 0) {
        mode_to_restore_.reset(); // somebody has chosen one meanwhile
        co_return Result<void>{};
    }
    EnterMode enter;
    enter.mode = mode;
    enter.password = line_.password();
    const auto entered = co_await line_.ask(enter);
    if (!entered) {
        // Refused for good: the cashier chooses the mode by himself, and the next call need not try again.
        if (entered.error().outcome == Outcome::refused) {
            mode_to_restore_.reset();
        }
        co_return pass(entered);
    }
    mode_to_restore_.reset();
    full_.reset();
    co_return Result<void>{};
}

Task<void> AtolDriver::leave_mode()
{
    constexpr int kFromSubmode = 2; // one leaves the submode, one the mode
    const LeaveMode leave;
    for (int i = 0; i < kFromSubmode; ++i) {
        if (const auto left = co_await line_.ask(leave); !left) {
            co_return pass(left);
        }
        const auto full = co_await read_full();
        if (!full) {
            co_return pass(full);
        }
        if (full->mode == 0) {
            co_return Result<void>{};
        }
    }
    co_return fail(Errc::wrong_mode, "atol: the register stays in its mode, " + port_name(),
                   Outcome::refused);
}

} // namespace kb::atol

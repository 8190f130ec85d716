// The vendor's row for the registry, and what all calls of the driver share.
#include "drivers/shtrih/driver.hpp"

#include "drivers/shtrih/replay.hpp"
#include "protocol/shtrih/abilities.hpp"
#include "protocol/shtrih/modes.hpp"
#include "protocol/shtrih/traffic.hpp"

namespace kb::shtrih {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPrintingPoll{333};

std::unique_ptr<Driver> make(std::unique_ptr<Transport> transport, const DriverOptions& options)
{
    return std::make_unique<ShtrihDriver>(Line(std::move(transport), options), options);
}

Task<std::unique_ptr<Driver>> find(std::unique_ptr<Transport>& transport, DriverOptions options)
{
    LineState state;
    const auto footing = co_await find_footing(*transport, state);
    if (!footing) {
        co_return pass(footing);
    }
    Line line(std::move(transport), options);
    line.use(footing->framing);
    std::unique_ptr<Driver> driver = std::make_unique<ShtrihDriver>(std::move(line), std::move(options));
    co_return driver;
}

constexpr TrafficTools kTraffic{&read_traffic, &commands_of, &mask_traffic, &replay};

} // namespace

Vendor vendor();

Vendor vendor()
{
    PortUrl rndis; // USB network card of the register, factory settings
    rndis.kind = PortUrl::Kind::tcp;
    rndis.host = "192.168.137.111";
    rndis.port = 7778;

    Vendor row;
    row.name = "shtrih";
    row.families = {"shtrih"}; // Элвес, Ритейл and РР are told apart by what the register says of itself
    row.usb_ids = {{0x1FC9, 0x0083}, {0xABCD, 0x1980}, {0x04D9, 0xB534}};
    row.boot_loaders = {{0x1FC9, 0x0089}};
    row.usual_addresses = {rndis};
    row.make = &make;
    row.find = &find;
    row.abilities = &abilities_of;
    row.traffic = &kTraffic;
    return row;
}

Capabilities ShtrihDriver::capabilities() const
{
    Capabilities can;
    can.sd_card = identity_.device_class.sd_table != 0;
    can.full_documents = true;
    can.set_clock = true;
    can.cash_in_drawer = true;
    return can;
}

Task<void> ShtrihDriver::begin()
{
    line_.session().resume();
    if (reading_) {
        co_return co_await finish_reading();
    }
    co_return Result<void>{};
}

Task<ShortStatusReply> ShtrihDriver::read_mode()
{
    const ShortStatus question;
    auto reply = co_await line_.ask(question);
    if (reply) {
        mode_ = *reply;
        mode_at_ = Steady::now();
    } else {
        mode_.reset();
    }
    co_return reply;
}

Task<ShortStatusReply> ShtrihDriver::wait_for_printing(milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    Timer timer(co_await asio::this_coro::executor);
    while (true) {
        auto reply = co_await read_mode();
        if (!reply) {
            co_return reply;
        }
        const auto submode = static_cast<Submode>(reply->submode);
        if (submode != Submode::printing_operation && submode != Submode::printing_report) {
            co_return reply;
        }
        if (Steady::now() + kPrintingPoll > end) {
            co_return fail(Errc::device_busy, "shtrih: still printing, " + port_name());
        }
        timer.expires_after(kPrintingPoll);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Task<std::optional<TableValueReply>> ShtrihDriver::table_value(std::uint8_t table, std::uint8_t field)
{
    ReadTable question;
    question.table = table;
    question.field = field;
    auto reply = co_await line_.ask(question);
    if (reply) {
        co_return std::optional<TableValueReply>(*std::move(reply));
    }
    // 5Dh, 33h and 35h are all seen for a table or field that a model does not have.
    if (reply.error().outcome == Outcome::refused && reply.error().code != Errc::wrong_password) {
        co_return std::optional<TableValueReply>();
    }
    co_return pass(reply);
}

Task<std::string> ShtrihDriver::table_text(std::uint8_t table, std::uint8_t field)
{
    const auto value = co_await table_value(table, field);
    if (!value) {
        co_return pass(value);
    }
    co_return *value ? (*value)->as_text() : std::string();
}

Task<std::optional<std::uint32_t>> ShtrihDriver::table_number(std::uint8_t table, std::uint8_t field)
{
    const auto value = co_await table_value(table, field);
    if (!value) {
        co_return pass(value);
    }
    if (!*value) {
        co_return std::optional<std::uint32_t>();
    }
    const auto number = (*value)->as_number();
    if (!number) {
        co_return pass(number);
    }
    co_return std::optional<std::uint32_t>(static_cast<std::uint32_t>(*number));
}

} // namespace kb::shtrih

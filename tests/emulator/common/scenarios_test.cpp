// What every driver must do with every register, over every line.
#include "drivers/registry.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using emulator::Fault;
using emulator::FaultKind;
using std::chrono::milliseconds;

namespace {

struct Rig {
    explicit Rig(const Way& chosen) : way(chosen), device(way.start(io)), kkt(device->kkt()) { connect(); }

    void connect()
    {
        ConnectRequest request;
        request.url = device->url();
        request.family = way.configured_family;
        request.options = way.options;
        auto connection = run_now(io, connect_device(io.get_executor(), request));
        if (!connection) {
            INFO(connection.error().message());
            REQUIRE(connection);
        }
        driver = std::move(connection->driver);
    }

    Result<fiscal::FiscalDocument> read(std::uint32_t number)
    {
        return run_now(io, driver->read_document(number));
    }

    void pass(milliseconds time)
    {
        asio::steady_timer timer(io, time);
        bool over = false;
        timer.async_wait([&](boost::system::error_code) { over = true; });
        while (!over) {
            io.run_one();
        }
    }

    // The whole document as the register's drive holds it.
    Bytes truth(std::uint32_t number)
    {
        const BytesView body = kkt.body(number);
        ByteWriter whole;
        whole.u16(kkt.fn().find(number)->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
        return whole.take();
    }

    void check_document(std::uint32_t number)
    {
        const auto document = read(number);
        INFO("fd " << number << ": " << (document ? "" : document.error().message()));
        REQUIRE(document);
        CHECK(document->fd_number == number);
        CHECK(document->form == fiscal::DocumentForm::full);
        CHECK(document->fn_serial == kkt.fn().serial);
        CHECK(document->fiscal_sign == kkt.fn().find(number)->sign);
        CHECK(to_hex(document->raw) == to_hex(truth(number)));
    }

    // Reads document after document until one reading is in its middle, does `action` there, and tells how
    // that reading ended. Unpaced lines give a small document out between two looks, so one may not be
    // enough.
    Result<fiscal::FiscalDocument> disturb(std::function<void()> action)
    {
        bool done = false;
        asio::steady_timer timer(io);
        std::function<void()> look = [&] {
            timer.expires_after(std::chrono::microseconds(50));
            timer.async_wait([&](boost::system::error_code stopped) {
                if (stopped) {
                    return;
                }
                if (!kkt.reading()) {
                    look();
                    return;
                }
                done = true;
                action();
            });
        };
        look();
        auto document = read(1);
        for (std::uint32_t number = 2; number <= kkt.fn().last_fd() && !done; ++number) {
            document = read(number);
        }
        timer.cancel();
        io.poll();
        REQUIRE(done);
        return document;
    }

    asio::io_context io;
    const Way& way;
    std::unique_ptr<EmulatedRegister> device;
    emulator::VirtualKkt& kkt;
    std::unique_ptr<Driver> driver;
};

template <class F>
void over_all_ways(F scenario)
{
    for (const Way& way : all_ways()) {
        DYNAMIC_SECTION(way.name) { scenario(way); }
    }
}

template <class F>
void over_every_line(F scenario)
{
    for (const Way& way : all_ways()) {
        if (way.scope == Scope::all) {
            DYNAMIC_SECTION(way.name) { scenario(way); }
        }
    }
}

} // namespace

TEST_CASE("a register is found, identified and asked for its state", "[emulator]")
{
    over_all_ways([](const Way& way) {
        Rig rig(way);
        const auto info = run_now(rig.io, rig.driver->identify());
        INFO((info ? "" : info.error().message()));
        REQUIRE(info);
        CHECK(info->family == way.family);
        CHECK(info->kkt_serial == (way.kkt_serial.empty() ? rig.kkt.identity().kkt_serial : way.kkt_serial));
        CHECK(info->kkt_reg_number == rig.kkt.identity().reg_number);
        CHECK(info->inn == rig.kkt.identity().inn);
        CHECK(info->user == rig.kkt.identity().user);
        CHECK(info->ffd == way.ffd);
        CHECK(info->ffd_assumed == way.ffd_assumed);
        CHECK(info->tax_systems == 1);
        CHECK_FALSE(info->model.empty());
        CHECK((way.model.empty() || info->model == way.model));
        CHECK(info->firmware_date.has_value() == way.firmware_date);
        // What the doctor says of the model is what this register does.
        const auto abilities = abilities_of(*info);
        REQUIRE(abilities);
        CHECK(abilities->known_model);
        CHECK(abilities->can(fiscal::Ability::sd_card) == way.sd_card);
        CHECK(abilities->can(fiscal::Ability::sd_card) == rig.driver->capabilities().sd_card);
        CHECK(abilities->can(fiscal::Ability::ffd_version) == !way.ffd_assumed);
        CHECK(abilities->can(fiscal::Ability::recording) == way.raw_line);

        const auto status = run_now(rig.io, rig.driver->status());
        REQUIRE(status);
        CHECK(status->mode == fiscal::DeviceStatus::Mode::shift_closed);
        CHECK(status->may_read_archive);
        CHECK(status->paper == fiscal::Paper::present);

        const auto fn = run_now(rig.io, rig.driver->fn_status(true));
        REQUIRE(fn);
        CHECK(fn->fn_serial == rig.kkt.fn().serial);
        CHECK(fn->last_fd_number == rig.kkt.fn().last_fd());
        CHECK(fn->phase == 3);
        CHECK(fn->expires_on);

        const auto clock = run_now(rig.io, rig.driver->clock());
        REQUIRE(clock);
        CHECK(to_text(*clock) == "2026-03-25T14:05:00");

        const auto cash = run_now(rig.io, rig.driver->cash_in_drawer());
        REQUIRE(cash);
        CHECK(cash->count() == rig.kkt.cash());

        const auto ofd = run_now(rig.io, rig.driver->ofd_status());
        REQUIRE(ofd);
        CHECK(ofd->unsent_documents == rig.kkt.fn().unsent());
        CHECK_THAT(ofd->server, Catch::StartsWith("ofd.example"));
        CHECK(abilities->can(fiscal::Ability::ofd_sender) == (ofd->sender != fiscal::OfdSender::unknown));

        const auto shift = run_now(rig.io, rig.driver->shift_state());
        REQUIRE(shift);
        CHECK_FALSE(shift->open);
        CHECK(shift->shift_number == rig.kkt.shift().number);
    });
}

TEST_CASE("the states of the SD card are told apart", "[emulator]")
{
    using Card = emulator::SdState::Card;
    using State = fiscal::SdCard::State;
    over_all_ways([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        CHECK(rig.driver->capabilities().sd_card == way.sd_card);
        if (!way.sd_card) {
            const auto none = run_now(rig.io, rig.driver->sd_card());
            REQUIRE_FALSE(none);
            CHECK(none.error().code == Errc::unsupported);
            return;
        }
        const std::pair<emulator::SdState, State> rows[] = {
            {{Card::present, 0}, State::present},
            {{Card::missing, 0}, State::missing},
            {{Card::failing, 12}, State::failing},
        };
        for (const auto& [put_in, told] : rows) {
            rig.kkt.set_sd(put_in);
            const auto card = run_now(rig.io, rig.driver->sd_card());
            REQUIRE(card);
            CHECK(card->state == told);
        }
        rig.kkt.set_sd({Card::full, 0});
        const auto full = run_now(rig.io, rig.driver->sd_card());
        REQUIRE(full);
        CHECK(full->free_sectors == 0);
    });
}

TEST_CASE("every document comes out of the drive as it is in it", "[emulator]")
{
    over_all_ways([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        for (std::uint32_t number = 1; number <= 12; ++number) {
            rig.check_document(number);
        }
        const auto last = run_now(rig.io, rig.driver->last_document());
        REQUIRE(last);
        REQUIRE(*last);
        CHECK((*last)->fd_number == rig.kkt.fn().last_fd());
        CHECK_FALSE(rig.kkt.reading());
        const auto none = rig.read(rig.kkt.fn().last_fd() + 1);
        REQUIRE_FALSE(none);
        CHECK(none.error().code == Errc::no_data);
    });
}

TEST_CASE("a document whose body the drive dropped is its short record", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        rig.kkt.forget_bodies(5);
        const auto dropped = rig.read(5);
        INFO((dropped ? "" : dropped.error().message()));
        REQUIRE(dropped);
        CHECK(dropped->form == fiscal::DocumentForm::short_record);
        CHECK(dropped->fiscal_sign == rig.kkt.fn().find(5)->sign);
        const auto record = run_now(rig.io, rig.driver->read_short_record(6));
        REQUIRE(record);
        CHECK(record->fiscal_sign == rig.kkt.fn().find(6)->sign);
        rig.check_document(6);
    });
}

TEST_CASE("the ticket of a document is told as the drive knows it", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        const std::uint32_t last = rig.kkt.fn().last_fd();
        rig.kkt.give_tickets_through(last);
        rig.kkt.set_ofd_silent(true);
        const auto confirmed = rig.read(last);
        REQUIRE(confirmed);
        CHECK(confirmed->ticket_received);
        rig.device->ring();
        const std::uint32_t unconfirmed_number = rig.kkt.fn().last_fd();
        REQUIRE(unconfirmed_number > last);
        const auto unconfirmed = rig.read(unconfirmed_number);
        INFO((unconfirmed ? "" : unconfirmed.error().message()));
        REQUIRE(unconfirmed);
        CHECK_FALSE(unconfirmed->ticket_received);
    });
}

TEST_CASE("nothing is read while a receipt is open", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        REQUIRE(rig.kkt.open_shift("Кассир", {}));
        REQUIRE(rig.kkt.open_receipt(1, false, 1));
        rig.pass(milliseconds(600)); // for half a second a state may be believed
        const auto refused = rig.read(3);
        REQUIRE_FALSE(refused);
        CHECK((refused.error().code == Errc::wrong_mode || refused.error().code == Errc::device_busy));
        CHECK(rig.kkt.receipt());
        CHECK_FALSE(rig.kkt.reading());
        REQUIRE(rig.kkt.cancel_receipt());
    });
}

TEST_CASE("a document whose paper ran out in mid-print is known at once, and read after \"continue\"",
          "[emulator]")
{
    over_all_ways([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        rig.kkt.set_print_time(std::chrono::hours(1)); // until the test takes the paper away
        rig.device->ring();
        rig.kkt.set_paper(false);
        const std::uint32_t number = rig.kkt.fn().last_fd();
        if (way.reads_without_paper) {
            const auto status = run_now(rig.io, rig.driver->status());
            REQUIRE(status);
            CHECK(status->paper == fiscal::Paper::absent);
            CHECK(status->may_read_archive);
            rig.check_document(number);
            return;
        }
        for (const bool paper : {false, true}) {
            rig.kkt.set_paper(paper);
            const auto status = run_now(rig.io, rig.driver->status());
            REQUIRE(status);
            CHECK(status->paper == (paper ? fiscal::Paper::present : fiscal::Paper::absent));
            CHECK(status->waits_for_continue == paper);
            CHECK_FALSE(status->may_read_archive);
            const auto fn = run_now(rig.io, rig.driver->fn_status(false));
            REQUIRE(fn);
            CHECK(fn->last_fd_number == number);
            const auto before = rig.kkt.printing();
            if (status->may_read_records) {
                const auto record = run_now(rig.io, rig.driver->read_short_record(number));
                INFO((record ? "" : record.error().message()));
                REQUIRE(record);
                CHECK(record->fiscal_sign == rig.kkt.fn().find(number)->sign);
            }
            const auto body = rig.read(number);
            REQUIRE_FALSE(body);
            CHECK(has_to_wait(body.error().code));
            CHECK_FALSE(rig.kkt.reading());
            CHECK(rig.kkt.printing() == before); // the strip still waits for the same
        }
        rig.kkt.set_print_time(milliseconds(1));
        REQUIRE(rig.kkt.continue_printing());
        rig.check_document(number);
    });
}

TEST_CASE("a sale breaks a reading off as busy, and the document is read afterwards", "[emulator]")
{
    over_all_ways([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        const auto broken = rig.disturb([&] { rig.device->ring(); });
        if (!broken) {
            INFO(broken.error().message());
            CHECK(broken.error().code == Errc::device_busy);
        } else {
            CHECK(to_hex(broken->raw) ==
                  to_hex(rig.truth(broken->fd_number))); // the last piece was already out
        }
        rig.check_document(3);
        rig.check_document(rig.kkt.fn().last_fd());
    });
}

TEST_CASE("a reading that is cancelled leaves the register ready for the next", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        const auto stopped = rig.disturb([&] { rig.driver->cancel(); });
        if (!stopped) {
            CHECK(stopped.error().code == Errc::cancelled);
        }
        const auto status = run_now(rig.io, rig.driver->status());
        REQUIRE(status);
        CHECK(status->may_read_archive);
        CHECK(rig.kkt.reading() == !way.ends_readings);
        rig.device->ring();
        rig.check_document(3);
    });
}

TEST_CASE("faults of the line cost time, never a wrong document", "[emulator]")
{
    struct Row {
        FaultKind kind;
        bool of_the_bytes; // there must be a line whose bytes the driver sees
    };
    const Row rows[] = {{FaultKind::lost_byte, true},    {FaultKind::flipped_bit, true},
                        {FaultKind::nak_storm, true},    {FaultKind::stale_answer, true},
                        {FaultKind::lose_answer, false}, {FaultKind::delay_answer, false},
                        {FaultKind::silence, false}};
    for (const auto& [kind, of_the_bytes] : rows) {
        over_every_line([kind = kind, of_the_bytes = of_the_bytes](const Way& way) {
            if (of_the_bytes && !way.raw_line) {
                return;
            }
            DYNAMIC_SECTION(emulator::to_string(kind))
            {
                Rig rig(way);
                REQUIRE(run_now(rig.io, rig.driver->identify()));
                Fault fault;
                fault.kind = kind;
                fault.after = kind == FaultKind::lost_byte || kind == FaultKind::flipped_bit ? 60 : 2;
                fault.count = 2;
                fault.duration = milliseconds(300);
                rig.device->faults().add(fault);
                Result<fiscal::FiscalDocument> document = rig.read(3);
                for (int again = 0; again < 3 && !document; ++again) {
                    INFO(document.error().message());
                    CHECK(document.error().code != Errc::bad_value);
                    CHECK(document.error().code != Errc::bad_tlv);
                    document = rig.read(3);
                }
                INFO((document ? "" : document.error().message()));
                REQUIRE(document);
                CHECK(to_hex(document->raw) == to_hex(rig.truth(3)));
                rig.device->faults().clear();
                rig.check_document(4);
            }
        });
    }
}

TEST_CASE("a line that goes away is a lost port, and the register is found again", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        const auto lost = rig.disturb([&] { rig.device->hang_up(); });
        REQUIRE_FALSE(lost);
        CHECK(lost.error().code == Errc::port_lost);
        rig.driver.reset();

        // The port comes back half a second later, under the same name.
        rig.pass(milliseconds(700));
        rig.connect();
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        rig.check_document(3);
    });
}

TEST_CASE("a power cut in the middle of a reading is survived", "[emulator]")
{
    over_every_line([](const Way& way) {
        Rig rig(way);
        REQUIRE(run_now(rig.io, rig.driver->identify()));
        const auto document = rig.disturb([&] {
            rig.kkt.power_off();
            rig.device->power_on();
        });
        if (!document && document.error().code == Errc::port_lost) {
            rig.driver.reset(); // one port, one driver
            rig.connect();      // a network peer loses its connection
            REQUIRE(run_now(rig.io, rig.driver->identify()));
        }
        rig.check_document(3);
    });
}

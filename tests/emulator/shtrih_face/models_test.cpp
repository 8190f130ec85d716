// The models as data: what real units were seen to say, and what each firmware line does its own way.
#include "host.hpp"

#include "protocol/core/cp1251.hpp"

using namespace kb;
using namespace kb::shtrih;
using namespace kb::shtrih::test;

TEST_CASE("РИТЕЙЛ-01Ф says what a real one said: FCh, F7h and font 7")
{
    Host host{"retail-01f"};
    // docs/sources.md#shtrih, vectors R29, R30 and R7.
    CHECK(host.command(hex("FC")) == hex("FC 00 00 00 01 0E 16 00 D0 C8 D2 C5 C9 CB 2D 30 31 D4"));
    CHECK(host.command(hex("F701")) ==
          hex("F7 00 5A A0 40 07 20 6C 00 00 0C 18 01 0C 10 00 00 00 00 00 00 1E 00 00 00"
              "00 06 FF 00 40 40 B6 03 12 13"));
    CHECK(host.command("26", "07") == hex("26 00 F8 01 0C 13 09"));
    CHECK(host.command("10").size() == 2 + 14); // no last print result
    CHECK(host.command(hex("6B")) == hex("6B 37"));
    CHECK(host.error("FF30") == 0x37); // it speaks to the OFD by itself
    CHECK(host.face.talks_to_ofd_itself());
}

TEST_CASE("MOBILE-Ф's F7h is that of the vendor's own test")
{
    Host host{"mobile-f"};
    // docs/sources.md#shtrih, vector U11.
    CHECK(host.command(hex("F701")) ==
          hex("F7 00 18 00 00 37 00 1E 00 00 00 00 01 0C 0A 00 00 00 00 00 00 1E 00 00 00"
              "0C 06 FF 00 20 20 58 02 0E 0F"));
    CHECK(as_text(BytesView(host.command("1F", "0E010004")).subspan(2, 16)) == "9999078900002270");
    CHECK(as_text(BytesView(host.command("1F", "0E010003")).subspan(2, 16)) ==
          host.machine.kkt.identity().reg_number);
    CHECK(host.error("1F", "12010001") == 0x5D);
    CHECK(host.error("25", "00") == 0x37);
}

TEST_CASE("ЭЛВЕС-МФ: no F7h, no FFD version, РНМ in table 11, factory number in 11h alone")
{
    Host host{"elves-mf"};
    CHECK(host.command(hex("F701")) == hex("F7 37"));
    CHECK(as_text(BytesView(host.command("1F", "0B010002")).subspan(2, 16)) ==
          host.machine.kkt.identity().reg_number);
    const Bytes serial = host.command("1F", "12010001");
    CHECK(serial == hex("1F 00" + std::string(42, '0')));
    CHECK(host.command("1F", "12010003") == serial);
    CHECK(host.error("1F", "11010011") == 0x5D);
    CHECK(host.error("1F", "0E010001") == 0x5D); // no SD card
    CHECK(ByteReader(BytesView(host.command("11")).subspan(2 + 30)).u32() == 1);
    CHECK(host.error("FF30") == 0x37);
    // Its РНМ is no setting that a host could change.
    CHECK(host.error("1E", "0B010002" + to_hex(Bytes(21, '1'))) == 0x7A);
}

TEST_CASE("every model tells its own name, code and widths, and its factory number names it")
{
    for (const EmulatorModel& model : emulator_models()) {
        INFO(model.id);
        Host host{std::string(model.id).c_str()};
        const Bytes type = host.command(hex("FC"));
        CHECK(type[4] == model.protocol);
        CHECK(type[6] == model.code);
        CHECK(from_cp1251(BytesView(type).subspan(8)) == model.name);
        const Bytes font = host.command("26", "01");
        CHECK(ByteReader(BytesView(font).subspan(2)).u16() == model.print_width);
        CHECK(font[4] == model.char_width);
        CHECK(host.error("26", to_hex(Bytes{static_cast<std::uint8_t>(model.fonts + 1)})) == 0x33);
        CHECK((host.error("25", "00") == 0x37) == !model.has(emulator_flag::kCutter));
        CHECK(model.serial_digits.size() == 2);
    }
}

TEST_CASE("a table dump finds every table, row and field readable, in order")
{
    for (const EmulatorModel& model : emulator_models()) {
        INFO(model.id);
        Host host{std::string(model.id).c_str()};
        std::size_t tables = 0;
        for (unsigned number = 1; number <= 25; ++number) {
            const std::string table = to_hex(Bytes{static_cast<std::uint8_t>(number)});
            const Bytes structure = host.command("2D", table);
            if (structure[1] != 0)
                continue;
            ++tables;
            const unsigned fields = structure.back();
            for (unsigned field = 1; field <= fields; ++field) {
                const std::string where = to_hex(Bytes{static_cast<std::uint8_t>(field)});
                const Bytes form = host.command("2E", table + where);
                REQUIRE(form[1] == 0);
                const std::size_t size = form[43];
                CHECK(host.command("1F", table + "0100" + where).size() == 2 + size);
            }
        }
        CHECK(tables >= 20);
    }
}

TEST_CASE("without protocol v2 a ping is noise to a register: each byte is a NAK")
{
    Host old{"rr-01f", FaceOptions{.framing = Framing::v1}};
    CHECK(old.exchange("8F 00 00 0F 1D") == hex("15 15 15 15 15"));
    Host newer{"rr-04f"};
    CHECK(newer.exchange("8F 00 00 0F 1D") == hex("8F 02 00 01 00 99 5A"));
}

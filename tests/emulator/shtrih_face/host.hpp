// A host on an in-memory line to the emulator's Shtrih-M face, with its own framing and its own time.
#pragma once

#include "machine.hpp"

#include "drivers/shtrih/emulator.hpp"
#include "protocol/core/crc.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

namespace kb::shtrih::test {

using emulator::test::Machine;
using kb::test::hex;

struct Host {
    Machine machine;
    emulator::Faults faults{1};
    const EmulatorModel& model;
    EmulatorFace face;

    explicit Host(const char* id = "shtrih-m-02f", FaceOptions options = {}, std::uint8_t ffd = 4)
        : machine(ffd),
          model(*find_emulator_model(id)),
          face(machine.kkt, model, faults, options)
    {
        machine.start();
    }

    /// Bytes there, bytes back.
    Bytes exchange(const Bytes& bytes)
    {
        face.on_bytes(bytes, machine.steady);
        Bytes out = face.take_output();
        face.on_sent(machine.steady);
        return out;
    }
    Bytes exchange(const std::string& bytes) { return exchange(hex(bytes)); }

    void wait(std::chrono::milliseconds time)
    {
        machine.steady += time;
        face.on_time(machine.steady);
    }

    static Bytes v1_frame(const Bytes& body)
    {
        Bytes frame = {static_cast<std::uint8_t>(body.size())};
        frame.insert(frame.end(), body.begin(), body.end());
        frame.push_back(xor_sum(frame));
        frame.insert(frame.begin(), 0x02);
        return frame;
    }

    /// One whole v1 exchange; the answer's body.
    Bytes command(const Bytes& body)
    {
        REQUIRE(exchange(Bytes{0x05}) == Bytes{0x15});
        const Bytes answer = exchange(v1_frame(body));
        REQUIRE(answer.size() > 4);
        REQUIRE(answer[0] == 0x06);
        REQUIRE(answer[1] == 0x02);
        REQUIRE(answer.size() == answer[2] + 4U);
        REQUIRE(xor_sum(BytesView(answer).subspan(2)) == 0);
        REQUIRE(exchange(Bytes{0x06}).empty());
        return Bytes(answer.begin() + 3, answer.end() - 1);
    }
    /// The same; "FF46" + password 30 + parameters.
    Bytes command(const std::string& code, const std::string& parameters = "")
    {
        return command(hex(code + "1E000000" + parameters));
    }
    /// The error byte of a command's answer.
    unsigned error(const std::string& code, const std::string& parameters = "")
    {
        return command(code, parameters)[code.size() / 2];
    }
    unsigned mode() { return command("10")[5]; }
    unsigned sub_mode() { return command("10")[6]; }
    void print() { machine.printed(); }
};

} // namespace kb::shtrih::test

// Hosts on an in-memory line to the emulator's ATOL face, with their own framing and their own time.
#pragma once

#include "drivers/atol/emulator.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

namespace kb::emulator::atol::test {

using kb::test::hex;
using namespace std::chrono_literals;

inline Identity shop(std::uint8_t ffd)
{
    Identity who;
    who.kkt_serial = "00000000106123";
    who.inn = "7707000008";
    who.reg_number = reg_number_for(1, who.inn, who.kkt_serial);
    who.user = "ООО \"Ромашка\"";
    who.address = "101000, г. Москва";
    who.place = "Магазин";
    who.ofd_inn = "7709000003";
    who.ofd_name = "ОФД";
    who.ofd_host = "ofd.example";
    who.ofd_port = 7777;
    who.fns_site = "www.nalog.gov.ru";
    who.sender_email = "noreply@example.org";
    who.kkt_version = "5.0.5800";
    who.ffd = ffd;
    who.tax_systems = 3;
    return who;
}

/// The register, its face, and the bytes between.
struct Host {
    LocalSeconds wall = *local_from_text("2025-12-31T14:25:30");
    Instant steady{std::chrono::hours{1}};
    VirtualKkt kkt;
    Faults faults{1};
    AtolFace face;

    explicit Host(Options options = {}, const char* model = "30f", std::uint8_t ffd = 2)
        : kkt(shop(ffd), Times{[this] { return wall; }, [this] { return steady; }}, nullptr),
          face(kkt, *find_model(model), faults, options)
    {
        kkt.first_start("9960440300000001", wall + std::chrono::days{400}, wall);
        steady += 10s;
    }

    /// Bytes there, bytes back, without time passing.
    Bytes exchange(const Bytes& bytes)
    {
        face.on_bytes(bytes, steady);
        return taken();
    }
    Bytes exchange(const std::string& bytes) { return exchange(hex(bytes)); }
    Bytes taken()
    {
        Bytes out = face.take_output();
        if (!out.empty())
            face.on_sent(steady);
        return out;
    }
    /// Time passes; what the register says meanwhile.
    Bytes wait(std::chrono::milliseconds time)
    {
        const Instant until = steady + time;
        Bytes out;
        while (const auto next = face.deadline()) {
            if (*next > until)
                break;
            steady = std::max(steady, *next);
            face.on_time(steady);
            const Bytes said = taken();
            out.insert(out.end(), said.begin(), said.end());
        }
        steady = until;
        return out;
    }
    void pass(std::chrono::seconds time)
    {
        wall += time;
        steady += time;
    }
};

// -- transport v2, as a host of docs/sources.md#atol, section 1.4, speaks it

inline Bytes v2_framed(const Bytes& data)
{
    Bytes out;
    for (const std::uint8_t byte : data) {
        if (byte == 0x10 || byte == 0x03)
            out.push_back(0x10);
        out.push_back(byte);
    }
    out.push_back(0x03);
    unsigned check = 0;
    for (const std::uint8_t byte : out)
        check ^= byte;
    out.push_back(static_cast<std::uint8_t>(check));
    out.insert(out.begin(), 0x02);
    return out;
}

inline Bytes v2_data(const Bytes& frame)
{
    REQUIRE(frame.size() >= 4);
    REQUIRE(frame.front() == 0x02);
    unsigned check = 0;
    for (std::size_t i = 1; i + 1 < frame.size(); ++i)
        check ^= frame[i];
    REQUIRE(check == frame.back());
    Bytes data;
    for (std::size_t i = 1; i + 2 < frame.size(); ++i) {
        if (frame[i] == 0x10)
            ++i;
        data.push_back(frame[i]);
    }
    return data;
}

struct V2Host : Host {
    explicit V2Host(Options options = {}, const char* model = "30f", std::uint8_t ffd = 2)
        : Host(with_framing(options), model, ffd)
    {}
    static Options with_framing(Options options)
    {
        options.framing = Framing::v2;
        return options;
    }
    /// One whole exchange with access password 0000.
    Bytes ask(const Bytes& command, std::chrono::milliseconds at_most = 20s)
    {
        Bytes request = {0x00, 0x00};
        request.insert(request.end(), command.begin(), command.end());
        REQUIRE(exchange("05") == hex("06"));
        REQUIRE(exchange(v2_framed(request)) == hex("06"));
        Bytes said = exchange("04");
        for (auto slept = 0ms; said.empty() && slept < at_most; slept += 10ms)
            said = wait(10ms);
        REQUIRE(said == hex("05"));
        const Bytes frame = exchange("06");
        REQUIRE(exchange("06") == hex("04"));
        return v2_data(frame);
    }
    Bytes ask(const std::string& command) { return ask(hex(command)); }
};

// -- transport v3

/// CRC-8 by long division over a string of bits: unlike the register's, on purpose.
inline std::uint8_t v3_check(const Bytes& bytes)
{
    std::vector<bool> bits;
    for (const std::uint8_t byte : bytes)
        for (unsigned bit = 8; bit-- > 0;)
            bits.push_back((byte >> bit & 1U) != 0);
    for (std::size_t i = 0; i < 8; ++i) // initial FFh
        bits[i] = !bits[i];
    bits.resize(bits.size() + 8);
    for (std::size_t i = 0; i + 8 < bits.size(); ++i)
        if (bits[i])
            for (const std::size_t tap : {0U, 3U, 4U, 8U}) // x^8 + x^5 + x^4 + 1
                bits[i + tap] = !bits[i + tap];
    unsigned rest = 0;
    for (std::size_t i = bits.size() - 8; i < bits.size(); ++i)
        rest = rest << 1U | (bits[i] ? 1U : 0U);
    return static_cast<std::uint8_t>(rest);
}

inline Bytes v3_packed(std::uint8_t id, const Bytes& data)
{
    Bytes plain = {id};
    plain.insert(plain.end(), data.begin(), data.end());
    Bytes body = data;
    body.push_back(v3_check(plain));
    Bytes out = {0xFE, static_cast<std::uint8_t>(data.size() % 128),
                 static_cast<std::uint8_t>(data.size() / 128), id};
    for (const std::uint8_t byte : body) {
        if (byte < 0xFD || byte == 0xFF) {
            out.push_back(byte);
        } else {
            out.push_back(0xFD);
            out.push_back(byte == 0xFE ? 0xEE : 0xED);
        }
    }
    return out;
}

struct Packet {
    std::uint8_t id = 0;
    Bytes data;
};

/// Every packet of a stream; each must be whole and right.
inline std::vector<Packet> v3_packets(const Bytes& stream)
{
    std::vector<Packet> out;
    std::size_t at = 0;
    while (at < stream.size()) {
        REQUIRE(stream[at] == 0xFE);
        REQUIRE(at + 4 < stream.size());
        const std::size_t length = stream[at + 1] + 128U * stream[at + 2];
        Packet packet;
        packet.id = stream[at + 3];
        at += 4;
        Bytes body;
        while (body.size() <= length) {
            REQUIRE(at < stream.size());
            if (stream[at] == 0xFD) {
                body.push_back(stream[at + 1] == 0xEE ? 0xFE : 0xFD);
                at += 2;
            } else {
                body.push_back(stream[at++]);
            }
        }
        const std::uint8_t check = body.back();
        body.pop_back();
        Bytes plain = {packet.id};
        plain.insert(plain.end(), body.begin(), body.end());
        REQUIRE(v3_check(plain) == check);
        packet.data = std::move(body);
        out.push_back(std::move(packet));
    }
    return out;
}

struct V3Host : Host {
    std::uint8_t next_id = 0;
    std::uint8_t next_task = 0;

    explicit V3Host(Options options = {}, const char* model = "30f", std::uint8_t ffd = 2)
        : Host(with_framing(options), model, ffd)
    {}
    static Options with_framing(Options options)
    {
        options.framing = Framing::v3;
        return options;
    }

    /// Packet data there, packets back.
    std::vector<Packet> say(const Bytes& data)
    {
        const auto out = v3_packets(exchange(v3_packed(next_id, data)));
        next_id = next_id == 0xDF ? std::uint8_t{0} : static_cast<std::uint8_t>(next_id + 1);
        return out;
    }
    std::vector<Packet> say(const std::string& data) { return say(hex(data)); }
    /// The same, where exactly the reply is expected.
    Bytes reply(const std::string& data)
    {
        const auto packets = say(data);
        REQUIRE(packets.size() == 1);
        REQUIRE(packets[0].id != 0xF0);
        return packets[0].data;
    }
    std::vector<Packet> add(const Bytes& command, std::uint8_t task, std::uint8_t flags = 1)
    {
        Bytes data = {0xC1, flags, task, 0x00, 0x00};
        data.insert(data.end(), command.begin(), command.end());
        return say(data);
    }
    /// A command as a simple driver gives it: Add, the F0 packet, Ack or Abort. The application's answer.
    Bytes ask(const Bytes& command, std::chrono::milliseconds at_most = 20s)
    {
        const std::uint8_t task = next_task;
        next_task = next_task == 0xDF ? std::uint8_t{0} : static_cast<std::uint8_t>(next_task + 1);
        auto packets = add(command, task);
        REQUIRE_FALSE(packets.empty());
        REQUIRE(packets[0].data == hex("A2"));
        packets.erase(packets.begin());
        for (auto slept = 0ms; packets.empty() && slept < at_most; slept += 10ms)
            packets = v3_packets(wait(10ms));
        REQUIRE(packets.size() == 1);
        const Bytes& told = packets[0].data;
        REQUIRE(packets[0].id == 0xF0);
        REQUIRE(told[1] == task);
        const bool failed = told[0] == 0xA7;
        REQUIRE((failed || told[0] == 0xA6));
        const auto confirmed = say(failed ? Bytes{0xC4} : Bytes{0xC2, task});
        REQUIRE(confirmed.size() == 1);
        REQUIRE(confirmed[0].data == hex("A3"));
        return Bytes(told.begin() + 2, told.end());
    }
    Bytes ask(const std::string& command) { return ask(hex(command)); }
    /// 0, or the error of an action.
    unsigned error(const Bytes& command)
    {
        const Bytes answer = ask(command);
        REQUIRE(answer.size() >= 2);
        REQUIRE(answer[0] == 0x55);
        return answer[1];
    }
    unsigned error(const std::string& command) { return error(hex(command)); }
    unsigned extended()
    {
        const Bytes answer = ask("91 37 00 00");
        REQUIRE(answer.size() == 10);
        return answer[4] * 256U + answer[5];
    }
    void enter(unsigned mode)
    {
        REQUIRE(error("48") == 0);
        REQUIRE(error(Bytes{0x56, static_cast<std::uint8_t>(mode), 0, 0, 0, 0x30}) == 0);
    }
    unsigned mode() { return ask("45")[1]; }
    std::uint32_t last_fd() { return kkt.fn().last_fd(); }
};

/// "1234" kopecks in `width` bytes of digits.
inline std::string digits(std::uint64_t value, std::size_t width)
{
    const std::string text = std::to_string(value);
    return std::string(width * 2 - text.size(), '0') + text;
}

inline std::string one_byte(unsigned value) { return to_hex(Bytes{static_cast<std::uint8_t>(value)}); }

/// EBh: price and cost in kopecks, quantity in thousandths, tax index, name in the wire page.
inline std::string item(std::uint64_t price, std::uint64_t cost, const std::string& name = "8AAEE4A5",
                        std::uint64_t thousandths = 1000, unsigned flags = 0, unsigned tax = 1)
{
    return "EB" + one_byte(flags) + digits(price, 7) + digits(thousandths, 5) + digits(cost, 7) +
           one_byte(tax) + digits(0, 7) + "00" + "01" + "04" + "00" + digits(0, 7) + "0000" + name;
}

/// E8h with one TLV in one block.
inline std::string requisite(std::uint16_t tag, const Bytes& value)
{
    return "E8000100" +
           to_hex(ByteWriter().u16(tag).u16(static_cast<std::uint16_t>(value.size())).bytes(value).view());
}
inline std::string requisite(std::uint16_t tag, const std::string& ascii)
{
    return requisite(tag, Bytes(ascii.begin(), ascii.end()));
}

/// Opens a receipt in mode 1, and the shift with it.
inline void open_receipt(V3Host& host, unsigned type = 1)
{
    host.enter(1);
    REQUIRE(host.error(Bytes{0x92, 0x00, static_cast<std::uint8_t>(type)}) == 0);
}

inline void sell(V3Host& host, std::uint64_t kopecks)
{
    open_receipt(host);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(kopecks, kopecks)) == 0);
    REQUIRE(host.error("4A 00 01 00 00 00 00 00") == 0);
}

/// One item, whole: EAh and the EBh given.
inline void add(V3Host& host, const std::string& eb)
{
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(eb) == 0);
}

inline const std::string kCloseByCash = "4A 00 01 00 00 00 00 00";

/// Of a document the FN holds: its TLVs, and the value of one of them.
inline Bytes document(Host& host, std::uint32_t fd)
{
    const BytesView body = host.kkt.body(fd);
    return Bytes(body.begin(), body.end());
}

inline Bytes tag(Host& host, std::uint32_t fd, std::uint16_t number)
{
    const Bytes body = document(host, fd);
    const BytesView value = find_tag(body, number);
    return Bytes(value.begin(), value.end());
}

} // namespace kb::emulator::atol::test

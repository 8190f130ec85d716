// Frames v2 and packets v3: every fixture in both directions, in pieces, torn, and damaged at every byte.
#include "protocol/atol/frame_v2.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "tests/support/exchange_script.hpp"

using namespace kb;
using namespace kb::atol;
using kb::test::hex;

namespace {

struct Vector {
    std::string id;
    std::uint8_t packet_id = 0;
    Bytes data;
    Bytes frame;
};

std::vector<Vector> vectors(const std::string& protocol)
{
    std::vector<Vector> all;
    for (const auto& row : test::load_rows("atol/frames.txt")) {
        if (row[1] != protocol)
            continue;
        const Bytes id = hex(row[6]);
        all.push_back({row[0], id.empty() ? std::uint8_t{0} : id[0], hex(row[5]), hex(row[7])});
    }
    REQUIRE(all.size() > 20);
    return all;
}

std::optional<Result<Bytes>> read_v2(BytesView bytes)
{
    const test::ExactBytes exact(bytes);
    v2::FrameDecoder decoder;
    decoder.feed(exact.view());
    return decoder.next();
}

std::optional<Result<v3::Packet>> read_v3(BytesView bytes)
{
    const test::ExactBytes exact(bytes);
    v3::PacketDecoder decoder;
    decoder.feed(exact.view());
    return decoder.next();
}

Errc v2_error(const std::string& bytes) { return read_v2(hex(bytes)).value().error().code; }
Errc v3_error(const std::string& bytes) { return read_v3(hex(bytes)).value().error().code; }

} // namespace

TEST_CASE("every v2 vector is read and made again byte for byte", "[atol][fixture]")
{
    for (const Vector& row : vectors("v2")) {
        INFO("vector " << row.id);
        const auto data = read_v2(row.frame);
        REQUIRE(data);
        REQUIRE(*data);
        CHECK(to_hex(**data) == to_hex(row.data));
        CHECK(to_hex(v2::encode_frame(row.data)) == to_hex(row.frame));
    }
}

TEST_CASE("every v3 vector is read and made again byte for byte", "[atol][fixture]")
{
    for (const Vector& row : vectors("v3")) {
        INFO("vector " << row.id);
        const auto packet = read_v3(row.frame);
        REQUIRE(packet);
        REQUIRE(*packet);
        CHECK((*packet)->id == row.packet_id);
        CHECK(to_hex((*packet)->data) == to_hex(row.data));
        CHECK(to_hex(v3::encode_packet(row.packet_id, row.data)) == to_hex(row.frame));
    }
}

TEST_CASE("the CRC-8 has the published check value", "[atol]")
{
    CHECK(v3::crc8(as_bytes("123456789")) == 0xF7);
    CHECK(v3::crc8(hex("01")) == 0x9D);
}

TEST_CASE("a v2 frame comes out of pieces of any size, and not before its last byte", "[atol]")
{
    for (const Vector& row : vectors("v2")) {
        v2::FrameDecoder decoder;
        for (std::size_t i = 0; i < row.frame.size(); ++i) {
            CHECK_FALSE(decoder.next());
            CHECK(decoder.in_frame() == (i > 0));
            decoder.feed(test::ExactBytes(BytesView(row.frame).subspan(i, 1)).view());
        }
        CHECK(decoder.next().value().value() == row.data);
        CHECK_FALSE(decoder.in_frame());
        CHECK_FALSE(decoder.next());
    }
}

TEST_CASE("a v3 packet comes out of pieces of any size, and not before its last byte", "[atol]")
{
    for (const Vector& row : vectors("v3")) {
        v3::PacketDecoder decoder;
        for (std::size_t i = 0; i < row.frame.size(); ++i) {
            CHECK_FALSE(decoder.next());
            CHECK(decoder.in_packet() == (i > 0));
            decoder.feed(test::ExactBytes(BytesView(row.frame).subspan(i, 1)).view());
        }
        CHECK(decoder.next().value().value().data == row.data);
        CHECK_FALSE(decoder.in_packet());
        CHECK_FALSE(decoder.next());
    }
}

TEST_CASE("a frame one byte short is no frame, one byte more stays behind it", "[atol]")
{
    for (const Vector& row : vectors("v2")) {
        CHECK_FALSE(read_v2(BytesView(row.frame).first(row.frame.size() - 1)));
        Bytes longer = row.frame;
        longer.push_back(0x04);
        CHECK(read_v2(longer).value().value() == row.data);
    }
    for (const Vector& row : vectors("v3")) {
        CHECK_FALSE(read_v3(BytesView(row.frame).first(row.frame.size() - 1)));
        Bytes longer = row.frame;
        longer.push_back(0x04);
        CHECK(read_v3(longer).value().value().data == row.data);
    }
}

TEST_CASE("a v2 frame damaged at any byte is never taken for the frame it was", "[atol]")
{
    for (const Vector& row : vectors("v2")) {
        for (std::size_t at = 0; at < row.frame.size(); ++at) {
            for (const unsigned damage : {0x01U, 0x10U, 0x80U, 0xFFU}) {
                Bytes bad = row.frame;
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ damage);
                const auto data = read_v2(bad);
                if (data && *data)
                    CHECK(**data != row.data);
            }
        }
    }
}

TEST_CASE("a v3 packet damaged at any byte is never taken for the packet it was", "[atol]")
{
    for (const Vector& row : vectors("v3")) {
        for (std::size_t at = 0; at < row.frame.size(); ++at) {
            for (const unsigned damage : {0x01U, 0x10U, 0x80U, 0xFFU}) {
                Bytes bad = row.frame;
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ damage);
                // The CRC does not cover the length: vector 32 with one byte less is another packet.
                const auto packet = read_v3(bad);
                INFO(to_hex(bad));
                if (packet && *packet)
                    CHECK((*packet)->data != row.data);
            }
        }
    }
}

TEST_CASE("bytes before and behind a frame stay out of it", "[atol]")
{
    v2::FrameDecoder first;
    first.feed(hex("FF 06 05 02 55 00 00 03 56 04 02 55"));
    CHECK(first.next().value().value() == hex("55 00 00"));
    CHECK_FALSE(first.next());
    CHECK(first.in_frame());
    first.reset();
    CHECK_FALSE(first.in_frame());

    v3::PacketDecoder second;
    second.feed(hex("00 FD 01 FE 01 00 01 A2 EB 04 FE 05 00"));
    CHECK(second.next().value().value().data == hex("A2"));
    CHECK_FALSE(second.next());
    CHECK(second.in_packet());
    second.reset();
    CHECK_FALSE(second.in_packet());
}

TEST_CASE("two packets glued together come out one after the other", "[atol]")
{
    v3::PacketDecoder decoder;
    decoder.feed(hex("FE 01 00 01 A2 EB FE 05 00 F0 A6 57 55 00 00 FD EE"));
    CHECK(decoder.next().value().value() == v3::Packet{0x01, hex("A2")});
    CHECK(decoder.next().value().value() == v3::Packet{0xF0, hex("A6 57 55 00 00")});
    CHECK_FALSE(decoder.next());
}

TEST_CASE("errors of frames are named", "[atol]")
{
    CHECK(v2_error("02 55 00 00 03 57") == Errc::bad_checksum);
    CHECK(v2_error("02 03 03") == Errc::bad_length);
    CHECK(v3_error("FE 01 00 01 A2 EC") == Errc::bad_checksum);
    CHECK(v3_error("FE 80") == Errc::bad_length);
    CHECK(v3_error("FE 01 FD") == Errc::bad_length);
    CHECK(v3_error("FE 01 00 E0") == Errc::bad_frame);
    CHECK(v3_error("FE 02 00 01 FD EF") == Errc::bad_frame);
    CHECK(v3_error("FE 02 00 01 A2 FE") == Errc::bad_frame);
}

TEST_CASE("after damage the next good frame is found", "[atol]")
{
    v2::FrameDecoder first;
    first.feed(hex("02 55 00 00 03 57 02 55 00 00 03 56"));
    CHECK_FALSE(first.next().value());
    CHECK(first.next().value().value() == hex("55 00 00"));

    v3::PacketDecoder second;
    second.feed(hex("FE 05 00 F0 A6 57 FE 01 00 01 A2 EB"));
    CHECK_FALSE(second.next().value());
    CHECK(second.next().value().value().data == hex("A2"));
}

TEST_CASE("a v2 frame without an end does not grow for ever", "[atol]")
{
    v2::FrameDecoder decoder;
    decoder.feed(hex("02"));
    const Bytes endless(v2::kMaxAnswer + 1, 0x41);
    decoder.feed(endless);
    CHECK(decoder.next().value().error().code == Errc::bad_length);
    CHECK_FALSE(decoder.in_frame());
}

TEST_CASE("the longest frames hold", "[atol]")
{
    const Bytes escaped(v2::kMaxAnswer, v2::kDle);
    CHECK(read_v2(v2::encode_frame(escaped)).value().value() == escaped);
    const Bytes starts(v3::kMaxData, v3::kStart);
    CHECK(read_v3(v3::encode_packet(v3::kLastId, starts)).value().value().data == starts);
    CHECK(read_v3(v3::encode_packet(0, {})).value().value().data.empty());
}

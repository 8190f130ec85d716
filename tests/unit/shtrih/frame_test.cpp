// Frames v1 and v2: every fixture in both directions, in pieces, torn, and damaged at every byte.
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "tests/support/exchange_script.hpp"

using namespace kb;
using namespace kb::shtrih;
using kb::test::hex;

namespace {

/// Frames of one protocol in the fixtures, without stray bytes and control bytes in front of them.
std::vector<Bytes> frames_of(const std::string& protocol)
{
    std::vector<Bytes> frames;
    for (const auto& row : test::load_rows("shtrih/frames.txt")) {
        for (const std::size_t column : {4U, 5U}) {
            Bytes frame = hex(row[column]);
            if (frame.size() > 2 && frame[0] == 0xFF && frame[1] == 0x06)
                frame.erase(frame.begin(), frame.begin() + 2);
            if (row[1] == protocol && !frame.empty())
                frames.push_back(std::move(frame));
        }
    }
    REQUIRE(frames.size() > 10);
    return frames;
}

template <class Decoder>
auto decode_all(BytesView bytes)
{
    const test::ExactBytes exact(bytes);
    Decoder decoder;
    decoder.feed(exact.view());
    return decoder.next();
}

Bytes encode(const v2::Packet& packet)
{
    return packet.ping ? v2::encode_ping() : v2::encode_frame(packet.number, packet.data);
}

} // namespace

TEST_CASE("every v1 frame of the fixtures is read and made again byte for byte", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v1")) {
        const auto body = decode_all<v1::FrameDecoder>(frame);
        REQUIRE(body);
        REQUIRE(*body);
        CHECK(to_hex(v1::encode_frame(**body)) == to_hex(frame));
    }
}

TEST_CASE("every v2 packet of the fixtures is read and made again byte for byte", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v2")) {
        const auto packet = decode_all<v2::FrameDecoder>(frame);
        REQUIRE(packet);
        REQUIRE(*packet);
        CHECK(to_hex(encode(**packet)) == to_hex(frame));
    }
}

TEST_CASE("a v1 frame comes out of pieces of any size, and not before its last byte", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v1")) {
        v1::FrameDecoder decoder;
        for (std::size_t i = 0; i < frame.size(); ++i) {
            CHECK_FALSE(decoder.next());
            decoder.feed(test::ExactBytes(BytesView(frame).subspan(i, 1)).view());
        }
        REQUIRE(decoder.next().value());
        CHECK_FALSE(decoder.in_frame());
    }
}

TEST_CASE("a v2 packet comes out of pieces of any size, and not before its last byte", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v2")) {
        v2::FrameDecoder decoder;
        for (std::size_t i = 0; i < frame.size(); ++i) {
            CHECK_FALSE(decoder.next());
            decoder.feed(test::ExactBytes(BytesView(frame).subspan(i, 1)).view());
        }
        REQUIRE(decoder.next().value());
        CHECK_FALSE(decoder.in_frame());
    }
}

TEST_CASE("bytes before and behind a frame stay out of it", "[shtrih]")
{
    v1::FrameDecoder first;
    first.feed(hex("FF 06 02 01 FC FD 02"));
    CHECK(first.next().value().value() == hex("FC"));
    CHECK_FALSE(first.next());
    CHECK(first.in_frame());

    v2::FrameDecoder second;
    second.feed(hex("00 8F 00 00 0F 1D 8F 03"));
    CHECK(second.next().value()->ping);
    CHECK_FALSE(second.next());
    CHECK(second.in_frame());
    second.reset();
    CHECK_FALSE(second.in_frame());
}

TEST_CASE("two v1 frames in one piece come out one after the other", "[shtrih]")
{
    v1::FrameDecoder decoder;
    decoder.feed(hex("02 01 FC FD 02 05 10 1E 00 00 00 0B"));
    CHECK(decoder.next().value().value() == hex("FC"));
    CHECK(decoder.next().value().value() == hex("10 1E 00 00 00"));
    CHECK_FALSE(decoder.next());
}

TEST_CASE("a v1 frame damaged at any byte is never taken for the frame it was", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v1")) {
        for (std::size_t at = 0; at < frame.size(); ++at) {
            for (const unsigned damage : {0x01U, 0x80U, 0xFFU}) {
                Bytes bad = frame;
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ damage);
                const auto body = decode_all<v1::FrameDecoder>(bad);
                if (body && *body)
                    CHECK(v1::encode_frame(**body) != frame);
            }
        }
    }
}

TEST_CASE("a v2 packet damaged at any byte is never taken for a packet", "[shtrih]")
{
    for (const Bytes& frame : frames_of("v2")) {
        for (std::size_t at = 0; at < frame.size(); ++at) {
            for (const unsigned damage : {0x01U, 0x10U, 0x80U}) {
                Bytes bad = frame;
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ damage);
                const auto packet = decode_all<v2::FrameDecoder>(bad);
                INFO(to_hex(bad));
                CHECK_FALSE((packet && *packet));
            }
        }
    }
}

TEST_CASE("errors of frames are named", "[shtrih]")
{
    CHECK(decode_all<v1::FrameDecoder>(hex("02 00 00")).value().error().code == Errc::bad_length);
    CHECK(decode_all<v1::FrameDecoder>(hex("02 01 FC 00")).value().error().code == Errc::bad_checksum);
    CHECK(decode_all<v2::FrameDecoder>(hex("8F 01 00 07 00 00")).value().error().code == Errc::bad_length);
    CHECK(decode_all<v2::FrameDecoder>(hex("8F 00 00 0F 1E")).value().error().code == Errc::bad_checksum);
    CHECK(decode_all<v2::FrameDecoder>(hex("8F 04 9F 82")).value().error().code == Errc::bad_frame);
    CHECK(decode_all<v2::FrameDecoder>(hex("8F 04 8F")).value().error().code == Errc::bad_frame);
}

TEST_CASE("after a damaged frame the next good one is found", "[shtrih]")
{
    v1::FrameDecoder first;
    first.feed(hex("02 01 FC 00 02 01 FC FD"));
    CHECK_FALSE(first.next().value());
    CHECK(first.next().value().value() == hex("FC"));

    v2::FrameDecoder second;
    second.feed(hex("8F 00 00 8F 00 00 0F 1D"));
    CHECK_FALSE(second.next().value());
    CHECK(second.next().value()->ping);
}

TEST_CASE("the longest frames hold", "[shtrih]")
{
    const Bytes body(v1::kMaxBody, 0x8F);
    CHECK(decode_all<v1::FrameDecoder>(v1::encode_frame(body)).value().value() == body);
    const Bytes data(v2::kMaxData, 0x9F);
    CHECK(decode_all<v2::FrameDecoder>(v2::encode_frame(0x8F9F, data)).value()->data == data);
}

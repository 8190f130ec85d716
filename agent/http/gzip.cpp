// The zlib calls behind gzip.hpp.
#include "agent/http/gzip.hpp"

#include <zlib.h>

#include <array>

namespace kb::agent::http {
namespace {

constexpr int kGzipWindow = 15 + 16; // 15 bits of window; +16 asks zlib for the gzip wrapper

// zlib's interface predates const: it does not write through next_in.
Bytef* input(std::string_view text)
{
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data())); // NOLINT(cppcoreguidelines-*)
}

} // namespace

Result<std::string> gzip(std::string_view text, int level)
{
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return fail(Errc::bad_value, "gzip: cannot begin");
    }
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = input(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int end = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (end != Z_STREAM_END) {
        return fail(Errc::bad_value, "gzip: did not end");
    }
    return packed;
}

Result<std::string> gunzip(std::string_view packed, std::size_t at_most)
{
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
        return fail(Errc::bad_value, "gunzip: cannot begin");
    }
    stream.next_in = input(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string text;
    std::array<char, 16'384> piece{};
    int end = Z_OK;
    while (end == Z_OK && text.size() <= at_most) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        end = inflate(&stream, Z_NO_FLUSH);
        text.append(piece.data(), piece.size() - stream.avail_out);
    }
    const bool whole = end == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (text.size() > at_most) {
        return fail(Errc::too_many, "gunzip: longer than " + std::to_string(at_most) + " bytes");
    }
    if (!whole) {
        return fail(Errc::bad_value, "gunzip: not a sound gzip member");
    }
    return text;
}

} // namespace kb::agent::http

#include "cabinet/http/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace kb::cabinet {

namespace {

constexpr int kGzipOnly = 15 + 16; // 32 KiB window, gzip header

unsigned char* bytes(const char* text) { return reinterpret_cast<unsigned char*>(const_cast<char*>(text)); }

} // namespace

Result<std::string> gunzip(std::string_view data, std::size_t max_bytes)
{
    z_stream stream{};
    if (inflateInit2(&stream, kGzipOnly) != Z_OK)
        throw std::runtime_error("zlib does not start");
    stream.next_in = bytes(data.data()); // zlib only reads it
    stream.avail_in = static_cast<unsigned>(data.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK && out.size() <= max_bytes) {
        const std::size_t have = out.size();
        // One byte more than allowed tells "too much" from "just fits".
        const std::size_t room =
            std::min(std::max<std::size_t>(data.size() * 4, 16'384), max_bytes + 1 - have);
        if (room == 0)
            break;
        out.resize(have + room);
        stream.next_out = bytes(out.data() + have);
        stream.avail_out = static_cast<unsigned>(room);
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(have + room - stream.avail_out);
    }
    const bool whole = state == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (out.size() > max_bytes)
        return fail(Errc::too_many, "more than " + std::to_string(max_bytes) + " bytes when inflated");
    if (!whole)
        return fail(Errc::bad_encoding, "not a whole gzip stream");
    Result<std::string> result(std::move(out));
    return result;
}

std::string gzip(std::string_view data, int level)
{
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzipOnly, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib does not start");
    std::string out(deflateBound(&stream, static_cast<unsigned long>(data.size())), '\0');
    stream.next_in = bytes(data.data());
    stream.avail_in = static_cast<unsigned>(data.size());
    stream.next_out = bytes(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

} // namespace kb::cabinet

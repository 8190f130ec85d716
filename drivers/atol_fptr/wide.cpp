#include "drivers/atol_fptr/wide.hpp"

#include <cstdint>

namespace kb::atol_fptr {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kLast = 0x10FFFF;
constexpr char32_t kHighFirst = 0xD800; // UTF-16 pairs: D800..DBFF, then DC00..DFFF
constexpr char32_t kLowFirst = 0xDC00;
constexpr char32_t kSurrogatesEnd = 0xE000;
constexpr char32_t kBeyondPlane = 0x10000;

bool is_surrogate(char32_t code) { return code >= kHighFirst && code < kSurrogatesEnd; }

void put_wide(std::wstring& out, char32_t code)
{
    if constexpr (sizeof(wchar_t) == 2) {
        if (code >= kBeyondPlane) {
            const char32_t rest = code - kBeyondPlane;
            out += static_cast<wchar_t>(kHighFirst + (rest >> 10U));
            out += static_cast<wchar_t>(kLowFirst + (rest & 0x3FFU));
            return;
        }
    }
    out += static_cast<wchar_t>(code);
}

void put_utf8(std::string& out, char32_t code)
{
    const auto tail = [&out, code](unsigned shift) {
        out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
    };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < kBeyondPlane) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

// The character that begins at `at`, which moves behind it; a broken one moves it by one byte.
char32_t take_utf8(std::string_view text, std::size_t& at)
{
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    if (lead < 0x80) {
        return lead;
    }
    const std::size_t more = lead >= 0xF0 && lead < 0xF8   ? 3
                             : lead >= 0xE0 && lead < 0xF0 ? 2
                             : lead >= 0xC2                ? 1
                                                           : 0;
    if (more == 0 || lead >= 0xF8 || at + more > text.size()) {
        return kReplacement;
    }
    char32_t code = lead & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<std::uint8_t>(text[at + i]);
        if ((next & 0xC0U) != 0x80U) {
            return kReplacement;
        }
        code = (code << 6U) | (next & 0x3FU);
    }
    constexpr char32_t kLeast[] = {0x80, 0x800, kBeyondPlane};
    if (code < kLeast[more - 1] || code > kLast || is_surrogate(code)) {
        return kReplacement;
    }
    at += more;
    return code;
}

} // namespace

std::wstring to_wide(std::string_view utf8)
{
    std::wstring wide;
    for (std::size_t at = 0; at < utf8.size();) {
        put_wide(wide, take_utf8(utf8, at));
    }
    return wide;
}

std::string to_utf8(std::wstring_view wide)
{
    std::string utf8;
    for (std::size_t at = 0; at < wide.size(); ++at) {
        auto code = static_cast<char32_t>(wide[at]);
        if constexpr (sizeof(wchar_t) == 2) {
            code &= 0xFFFFU;
            const bool high = code >= kHighFirst && code < kLowFirst;
            if (high && at + 1 < wide.size()) {
                const auto low = static_cast<char32_t>(wide[at + 1]) & 0xFFFFU;
                if (low >= kLowFirst && low < kSurrogatesEnd) {
                    code = kBeyondPlane + ((code - kHighFirst) << 10U) + (low - kLowFirst);
                    ++at;
                }
            }
        }
        put_utf8(utf8, code > kLast || is_surrogate(code) ? kReplacement : code);
    }
    return utf8;
}

} // namespace kb::atol_fptr

#include "drivers/atol/emulator_wire.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace kb::emulator::atol {

namespace {

constexpr std::uint8_t kStx = 0x02;
constexpr std::uint8_t kEtx = 0x03;
constexpr std::uint8_t kDle = 0x10;
constexpr std::uint8_t kStart3 = 0xFE;
constexpr std::uint8_t kEscape3 = 0xFD;
constexpr char16_t kNone = 0;

// The page of DOS with a few signs of its own (docs/sources.md#atol, section 3.2).
char16_t character_of(std::uint8_t byte)
{
    // clang-format off
    static constexpr std::array<char16_t, 48> kFrames = {
        u'░', u'▒', u'▓', u'│', u'┤', u'╡', u'╢', u'╖', u'╕', u'╣', u'║', u'╗', u'╝', u'╜', u'╛', u'┐',
        u'└', u'┴', u'┬', u'├', u'─', u'┼', u'╞', u'╟', u'╚', u'╔', u'╩', u'╦', u'╠', u'═', u'╬', u'╧',
        u'╨', u'╤', u'╥', u'╙', u'╘', u'╒', u'╓', u'╫', u'╪', u'┘', u'┌', u'█', u'▄', u'▌', u'▐', u'▀'};
    static constexpr std::array<char16_t, 16> kSigns = {
        u'Ё', u'ё', u'€', u'є', u'Ї', u'ї', u'Ў', u'ў', u'°', u'∙', u'\u2011', u'√', u'$', u'¤', u'■', u'■'};
    // clang-format on
    if (byte == 0x24)
        return u'№';
    if (byte == 0x27)
        return u'’';
    if (byte >= 0x20 && byte < 0x7F)
        return byte;
    if (byte >= 0x80 && byte < 0xB0)
        return static_cast<char16_t>(u'А' + (byte - 0x80));
    if (byte >= 0xB0 && byte < 0xE0)
        return kFrames[byte - 0xB0U];
    if (byte >= 0xE0 && byte < 0xF0)
        return static_cast<char16_t>(u'р' + (byte - 0xE0));
    return byte >= 0xF0 ? kSigns[byte - 0xF0U] : kNone;
}

void put_utf8(std::string& out, char16_t c)
{
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
        out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
    } else {
        out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
        out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
        out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
    }
}

// The next character; broken UTF-8 and everything beyond the first plane count as a sign nobody has.
char32_t next_utf8(std::string_view& text)
{
    const auto lead = static_cast<std::uint8_t>(text[0]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size && i < text.size(); ++i)
        c = (c << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    text.remove_prefix(std::min(size, text.size()));
    return c;
}

std::chrono::year_month_day day_of(LocalSeconds time)
{
    return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)};
}

unsigned year_of(LocalSeconds time)
{
    return static_cast<unsigned>(static_cast<int>(day_of(time).year()) % 100);
}
unsigned month_of(LocalSeconds time) { return static_cast<unsigned>(day_of(time).month()); }
unsigned date_of(LocalSeconds time) { return static_cast<unsigned>(day_of(time).day()); }

std::chrono::hh_mm_ss<std::chrono::seconds> clock_of(LocalSeconds time)
{
    return std::chrono::hh_mm_ss{time - std::chrono::floor<std::chrono::days>(time)};
}

} // namespace

std::uint8_t crc8(BytesView bytes)
{
    unsigned crc = 0xFF;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x80U) != 0 ? (crc << 1U) ^ 0x131U : crc << 1U;
    }
    return static_cast<std::uint8_t>(crc);
}

Bytes v2_frame(BytesView data)
{
    Bytes out = {kStx};
    std::uint8_t check = kEtx;
    const auto put = [&](std::uint8_t byte) {
        out.push_back(byte);
        check ^= byte;
    };
    for (const std::uint8_t byte : data) {
        if (byte == kDle || byte == kEtx)
            put(kDle);
        put(byte);
    }
    out.push_back(kEtx);
    out.push_back(check);
    return out;
}

Bytes v3_packet(std::uint8_t id, BytesView data)
{
    Bytes covered = {id};
    covered.insert(covered.end(), data.begin(), data.end());
    covered.push_back(crc8(covered));
    Bytes out = {kStart3, static_cast<std::uint8_t>(data.size() & 0x7FU),
                 static_cast<std::uint8_t>(data.size() >> 7U), id};
    for (std::size_t i = 1; i < covered.size(); ++i) {
        if (covered[i] == kStart3 || covered[i] == kEscape3) {
            out.push_back(kEscape3);
            out.push_back(covered[i] == kStart3 ? 0xEE : 0xED);
        } else {
            out.push_back(covered[i]);
        }
    }
    return out;
}

std::string from_wire_page(BytesView bytes)
{
    std::string out;
    for (const std::uint8_t byte : bytes)
        if (const char16_t c = character_of(byte); c != kNone)
            put_utf8(out, c);
    return out;
}

Bytes to_wire_page(std::string_view utf8)
{
    static const std::map<char32_t, std::uint8_t> kBack = [] {
        std::map<char32_t, std::uint8_t> back;
        for (unsigned byte = 0; byte < 256; ++byte)
            back.emplace(character_of(static_cast<std::uint8_t>(byte)), static_cast<std::uint8_t>(byte));
        back.erase(kNone);
        return back;
    }();
    Bytes out;
    while (!utf8.empty()) {
        const auto found = kBack.find(next_utf8(utf8));
        out.push_back(found == kBack.end() ? std::uint8_t{'?'} : found->second);
    }
    return out;
}

Out& Out::u8(unsigned value)
{
    bytes_.push_back(static_cast<std::uint8_t>(value));
    return *this;
}

Out& Out::bcd(std::uint64_t value, std::size_t width)
{
    const std::size_t at = bytes_.size();
    bytes_.resize(at + width);
    for (std::size_t i = width; i-- > 0; value /= 100)
        bytes_[at + i] = static_cast<std::uint8_t>((value % 100 / 10 << 4U) | value % 10);
    return *this;
}

Out& Out::be(std::uint64_t value, std::size_t width)
{
    for (std::size_t i = width; i-- > 0;)
        u8(static_cast<unsigned>(value >> (8 * i)) & 0xFFU);
    return *this;
}

Out& Out::le(std::uint64_t value, std::size_t width)
{
    for (std::size_t i = 0; i < width; ++i)
        u8(static_cast<unsigned>(value >> (8 * i)) & 0xFFU);
    return *this;
}

Out& Out::bytes(BytesView value)
{
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
}

Out& Out::ascii(std::string_view text, std::size_t width)
{
    for (std::size_t i = 0; i < width; ++i)
        u8(i < text.size() ? static_cast<std::uint8_t>(text[i]) : ' ');
    return *this;
}

Out& Out::ddmmyy(LocalSeconds time)
{
    return bcd(date_of(time), 1).bcd(month_of(time), 1).bcd(year_of(time), 1);
}
Out& Out::yymmdd(LocalSeconds time)
{
    return bcd(year_of(time), 1).bcd(month_of(time), 1).bcd(date_of(time), 1);
}

Out& Out::hhmm(LocalSeconds time)
{
    const auto clock = clock_of(time);
    return bcd(static_cast<std::uint64_t>(clock.hours().count()), 1)
        .bcd(static_cast<std::uint64_t>(clock.minutes().count()), 1);
}

Out& Out::hhmmss(LocalSeconds time)
{
    return hhmm(time).bcd(static_cast<std::uint64_t>(clock_of(time).seconds().count()), 1);
}

Out& Out::fn_date(LocalSeconds time) { return u8(year_of(time)).u8(month_of(time)).u8(date_of(time)); }

Out& Out::fn_minute(LocalSeconds time)
{
    const auto clock = clock_of(time);
    return fn_date(time)
        .u8(static_cast<unsigned>(clock.hours().count()))
        .u8(static_cast<unsigned>(clock.minutes().count()));
}

BytesView In::take(std::size_t count)
{
    if (count > rest_.size()) {
        short_ = true;
        rest_ = {};
        return {};
    }
    const BytesView out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
}

std::uint8_t In::u8()
{
    const BytesView byte = take(1);
    return byte.empty() ? std::uint8_t{0} : byte[0];
}

std::uint64_t In::bcd(std::size_t width)
{
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(width)) {
        no_digits_ = no_digits_ || (byte >> 4U) > 9 || (byte & 0x0FU) > 9;
        value = value * 100 + std::uint64_t{byte} / 16 * 10 + byte % 16U;
    }
    return value;
}

std::uint64_t In::be(std::size_t width)
{
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(width))
        value = (value << 8U) | byte;
    return value;
}

std::uint64_t In::le(std::size_t width)
{
    std::uint64_t value = 0;
    const BytesView field = take(width);
    for (std::size_t i = field.size(); i-- > 0;)
        value = (value << 8U) | field[i];
    return value;
}

std::uint8_t In::error(bool all_read) const
{
    if (short_ || (all_read && !rest_.empty()))
        return 0x14;
    return no_digits_ ? 0x13 : 0;
}

} // namespace kb::emulator::atol

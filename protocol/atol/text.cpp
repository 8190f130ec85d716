#include "protocol/atol/text.hpp"

#include "protocol/core/code_page.hpp"

#include <algorithm>

namespace kb::atol {

namespace {

// Unicode of bytes 80h..FFh. Source: docs/sources.md#atol, section 3.2; CP866 where it names no difference.
constexpr CodePage kTable = {
    0x0410, 0x0411, 0x0412, 0x0413, 0x0414, 0x0415, 0x0416, 0x0417, 0x0418, 0x0419, 0x041A, 0x041B, 0x041C,
    0x041D, 0x041E, 0x041F, 0x0420, 0x0421, 0x0422, 0x0423, 0x0424, 0x0425, 0x0426, 0x0427, 0x0428, 0x0429,
    0x042A, 0x042B, 0x042C, 0x042D, 0x042E, 0x042F, 0x0430, 0x0431, 0x0432, 0x0433, 0x0434, 0x0435, 0x0436,
    0x0437, 0x0438, 0x0439, 0x043A, 0x043B, 0x043C, 0x043D, 0x043E, 0x043F, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514,
    0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C,
    0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x0440, 0x0441, 0x0442, 0x0443, 0x0444, 0x0445, 0x0446, 0x0447,
    0x0448, 0x0449, 0x044A, 0x044B, 0x044C, 0x044D, 0x044E, 0x044F, 0x0401, 0x0451, 0x20AC, 0x0454, 0x0407,
    0x0457, 0x040E, 0x045E, 0x00B0, 0x2219, 0x2011, 0x221A, 0xFFFD, 0x00A4, 0xFFFD, 0x25A0};

struct Sign {
    std::string_view utf8;
    std::uint8_t byte;
};
// What ASCII has in another place; read back in the order given.
constexpr Sign kSigns[] = {{"№", 0x24}, {"$", 0xFC}, {"’", 0x27}};

const Sign* next_sign(std::string_view text, std::size_t& at)
{
    const Sign* found = nullptr;
    at = text.size();
    for (const Sign& sign : kSigns) {
        if (const auto here = text.find(sign.utf8); here < at) {
            at = here;
            found = &sign;
        }
    }
    return found;
}

} // namespace

Result<Bytes> to_wire(std::string_view utf8)
{
    Bytes bytes;
    while (true) {
        std::size_t at = 0;
        const Sign* sign = next_sign(utf8, at);
        const auto plain = to_code_page(utf8.substr(0, at), kTable, "the register's code page");
        if (!plain)
            return pass(plain);
        bytes.insert(bytes.end(), plain->begin(), plain->end());
        if (sign == nullptr)
            return bytes;
        bytes.push_back(sign->byte);
        utf8.remove_prefix(at + sign->utf8.size());
    }
}

std::string from_wire(BytesView bytes)
{
    std::string text;
    for (const std::uint8_t byte : bytes) {
        const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                                       [byte](const Sign& one) { return one.byte == byte; });
        text +=
            sign != std::end(kSigns) ? std::string(sign->utf8) : from_code_page(BytesView(&byte, 1), kTable);
    }
    return text;
}

} // namespace kb::atol

#include "protocol/atol/paper_script.hpp"

#include "protocol/atol/codec.hpp"

#include <algorithm>
#include <string>

namespace kb::atol {

namespace {

using Align = fiscal::PrintItem::Align;
using Kind = fiscal::PrintItem::Kind;

constexpr char kDoubleWidth = '\t'; // before the character it widens

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t characters_of(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), &begins_character));
}

/// UTF-8 cut into pieces of at most `width` characters, one at least.
std::vector<std::string> wrapped(const std::string& text, std::size_t width)
{
    std::vector<std::string> lines(1);
    std::size_t characters = 0;
    for (const char c : text) {
        if (begins_character(c) && characters++ == width) {
            lines.emplace_back();
            characters = 1;
        }
        lines.back() += c;
    }
    return lines;
}

std::string widened(const std::string& text)
{
    std::string wide;
    for (const char c : text) {
        if (begins_character(c))
            wide += kDoubleWidth;
        wide += c;
    }
    return wide;
}

void add_text(std::vector<PaperStep>& steps, const fiscal::PrintItem& item, std::size_t line_characters)
{
    const std::size_t width = std::max<std::size_t>(1, item.wide ? line_characters / 2 : line_characters);
    for (const std::string& piece : wrapped(item.text, width)) {
        const std::size_t room = width - characters_of(piece);
        const std::size_t before = item.align == Align::left     ? 0
                                   : item.align == Align::center ? room / 2
                                                                 : room;
        const std::string line = std::string(before, ' ') + piece;
        PrintLine print;
        print.text = line.empty() ? " " : item.wide ? widened(line) : line; // some print nothing for no text
        steps.emplace_back(std::move(print));
    }
}

Result<void> add_code(std::vector<PaperStep>& steps, const fiscal::PrintItem& item)
{
    if (item.kind != Kind::qr)
        return fail(Errc::not_representable, "bar code " + item.barcode_type +
                                                 ": over this protocol only QR codes can be printed; print a "
                                                 "QR code, or write family = \"atol-fptr\"");
    if (item.text.empty() || item.text.size() > PrintQr::kLongest)
        return fail(Errc::not_representable, "QR code: " + std::to_string(item.text.size()) +
                                                 " bytes, 1 to " + std::to_string(PrintQr::kLongest) +
                                                 " can be printed; make its text shorter");
    PrintQr print;
    print.align = item.align == Align::left ? 1 : item.align == Align::center ? 2 : 3;
    print.contents.assign(item.text.begin(), item.text.end());
    steps.emplace_back(std::move(print));
    return {};
}

} // namespace

Result<std::vector<PaperStep>> paper_script(const std::vector<fiscal::PrintItem>& items,
                                            std::size_t line_characters, const Dialect& dialect)
{
    std::vector<PaperStep> steps;
    for (const fiscal::PrintItem& item : items) {
        if (item.kind == Kind::text)
            add_text(steps, item, line_characters);
        else if (auto added = add_code(steps, item); !added)
            return pass(added);
    }
    for (const PaperStep& step : steps) {
        const auto bytes =
            std::visit([&dialect](const auto& command) { return encode_request(command, dialect); }, step);
        if (!bytes)
            return pass(bytes);
    }
    return steps;
}

} // namespace kb::atol

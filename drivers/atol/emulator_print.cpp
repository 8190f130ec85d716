// Printing that is not fiscal, and other hardware. Source: docs/sources.md#atol, section 4.4.
#include "drivers/atol/emulator_commands.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr std::uint8_t kPrinter = 1;
constexpr std::size_t kRasterRow = 72; // bytes, of the widest model
constexpr std::size_t kRawLimit = 94;
constexpr std::uint8_t kContinued = 0x80;
constexpr std::uint8_t kCodeType = 0x0F;
constexpr std::size_t kCodeHead = 13; // between the type and the contents
constexpr Cell kTextInReceipts = {2, 1, 51};

} // namespace

Commands::Done Commands::print(const std::string& line)
{
    if (kkt_.receipt() && tables_.read(kTextInReceipts)[0] == 0)
        return error(0x80);
    return done_or(kkt_.print_text(line));
}

Commands::Done Commands::print_line(In& in) { return print(from_wire_page(in.rest())); }

// flags | printer | font | height | interval | brightness | mode | mode | format | 2 reserved | text
Commands::Done Commands::print_field(In& in)
{
    in.take(11);
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    return print(from_wire_page(in.rest()));
}

// target | up to 94 bytes
Commands::Done Commands::raw_data(In& in)
{
    const std::uint8_t target = in.u8();
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    if (target != kPrinter)
        return error(0xC8);
    return in.rest().size() > kRawLimit ? Done(error(0x14)) : Done(done());
}

// type | align | dot | version 2 | options 2 | level | rows | columns | proportions 2 | 2 | contents
// Unverified: what the types are, but 0 a QR code, and which value of C2h's flag means "more to come".
Commands::Done Commands::barcode(In& in)
{
    const std::uint8_t type = in.u8();
    in.take(kCodeHead);
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    barcode_open_ = (type & kContinued) != 0;
    return print("[" + std::string((type & kCodeType) == 0 ? "QR" : "код") + "] " + as_text(in.rest()));
}

Commands::Done Commands::barcode_rest(In& in)
{
    in.u8();
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    in.rest();
    return barcode_open_ ? Done(done()) : Done(error(0x6F));
}

// printer | repeat 2 | offset 2 | row
Commands::Done Commands::picture_row(In& in)
{
    in.take(5);
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    return in.rest().size() > kRasterRow ? Done(error(0x14)) : Done(done());
}

// No picture is ever stored here.
Commands::Done Commands::stored_picture(In& in)
{
    in.take(4);
    const std::uint8_t wrong = in.error();
    return error(wrong != 0 ? wrong : 0x6F);
}

} // namespace kb::emulator::atol

#include "protocol/atol/layout.hpp"

#include "protocol/atol/bcd.hpp"
#include "protocol/atol/text.hpp"

namespace kb::atol {

namespace {

constexpr std::int64_t kThousandth = Quantity::kScale / 1000;
constexpr std::size_t kQuantityWidth = 5;

std::string too_long(std::size_t size, std::size_t room)
{
    return "text of " + std::to_string(size) + " characters, room for " + std::to_string(room);
}

} // namespace

std::optional<std::chrono::year_month_day> Date::to_day() const
{
    const std::chrono::year_month_day ymd{std::chrono::year(2000 + year), std::chrono::month(month),
                                          std::chrono::day(day)};
    return ymd.ok() ? std::optional(ymd) : std::nullopt;
}

Date Date::from_day(std::chrono::year_month_day day)
{
    return {static_cast<std::uint8_t>(static_cast<int>(day.year()) - 2000),
            static_cast<std::uint8_t>(static_cast<unsigned>(day.month())),
            static_cast<std::uint8_t>(static_cast<unsigned>(day.day()))};
}

std::optional<LocalSeconds> FnTime::to_local() const { return atol::to_local(date, {hour, minute, 0}); }

std::optional<LocalSeconds> to_local(const Date& date, const TimeOfDay& time)
{
    const auto local = local_from_parts(2000 + date.year, date.month, date.day, time.hour, time.minute,
                                        time.second, "atol time");
    return local ? std::optional(*local) : std::nullopt;
}

TimeOfDay time_of_day(LocalSeconds time)
{
    const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
    return {static_cast<std::uint8_t>(clock.hours().count()),
            static_cast<std::uint8_t>(clock.minutes().count()),
            static_cast<std::uint8_t>(clock.seconds().count())};
}

std::uint64_t LayoutReader::digits(std::size_t width)
{
    const auto value = from_bcd(reader_.take(width));
    if (!value)
        set_error(Errc::bad_value, "a half byte that is no decimal digit");
    return value.value_or(0);
}

void LayoutReader::money(Kopecks& value, std::size_t width)
{
    value = Kopecks(static_cast<std::int64_t>(digits(width)));
}

void LayoutReader::quantity(Quantity& value)
{
    value = Quantity::from_millionths(static_cast<std::int64_t>(digits(kQuantityWidth)) * kThousandth);
}

void LayoutReader::text_rest(std::string& value, std::size_t at_most)
{
    BytesView field = reader_.take(reader_.left());
    while (!field.empty() && field.back() == 0)
        field = field.first(field.size() - 1);
    if (field.size() > at_most)
        set_error(Errc::bad_length, too_long(field.size(), at_most));
    value = from_wire(field);
}

void LayoutReader::ascii(std::string& value, std::size_t width)
{
    value = as_text(reader_.take(width));
    const auto last = value.find_last_not_of(std::string_view("\0 ", 2));
    value.resize(last == std::string::npos ? 0 : last + 1);
}

void LayoutReader::bytes(Bytes& value, std::size_t count)
{
    const BytesView field = reader_.take(count);
    value.assign(field.begin(), field.end());
}

void LayoutReader::bytes_rest(Bytes& value) { bytes(value, reader_.left()); }

void LayoutReader::calendar(Date& value, bool year_first)
{
    bcd(year_first ? value.year : value.day, 1);
    bcd(value.month, 1);
    bcd(year_first ? value.day : value.year, 1);
}

void LayoutReader::dmy(Date& value) { calendar(value, false); }
void LayoutReader::ymd(Date& value) { calendar(value, true); }

void LayoutReader::hms(TimeOfDay& value)
{
    bcd(value.hour, 1);
    bcd(value.minute, 1);
    bcd(value.second, 1);
}

void LayoutReader::fn_date(Date& value)
{
    u8(value.year);
    u8(value.month);
    u8(value.day);
}

void LayoutReader::fn_time(FnTime& value)
{
    fn_date(value.date);
    u8(value.hour);
    u8(value.minute);
}

void LayoutReader::set_error(Errc code, std::string_view field)
{
    if (!error_)
        error_ = Error{code, Outcome::not_done, std::string(what_).append(": ").append(field), {}};
}

Result<void> LayoutReader::rest_ok() const
{
    if (error_)
        return tl::unexpected<Error>(*error_);
    return reader_.rest_ok(what_);
}

Result<void> LayoutReader::done() const
{
    if (error_)
        return tl::unexpected<Error>(*error_);
    return reader_.done(what_);
}

void LayoutWriter::big_endian(std::uint64_t value)
{
    if (value > 0xFFFF)
        set_error(Errc::not_representable, std::to_string(value) + " in a field of 2 bytes");
    writer_.u8(static_cast<std::uint8_t>(value >> 8U)).u8(static_cast<std::uint8_t>(value & 0xFFU));
}

void LayoutWriter::little_endian(std::uint64_t value, std::size_t width)
{
    if (width < 8 && (value >> (8 * width)) != 0) {
        set_error(Errc::not_representable,
                  std::to_string(value) + " in a field of " + std::to_string(width) + " bytes");
        value = 0;
    }
    writer_.uint(value, width);
}

void LayoutWriter::digits(std::uint64_t value, std::size_t width)
{
    if (const auto encoded = to_bcd(value, width))
        writer_.bytes(*encoded);
    else
        set_error(encoded.error().code, encoded.error().context);
}

void LayoutWriter::money(Kopecks value, std::size_t width)
{
    if (value.count() < 0)
        set_error(Errc::not_representable, "negative amount " + value.to_rubles());
    else
        digits(static_cast<std::uint64_t>(value.count()), width);
}

void LayoutWriter::quantity(Quantity value)
{
    if (value.millionths() < 0 || value.millionths() % kThousandth != 0)
        set_error(Errc::not_representable, "quantity " + value.to_text() + " in whole thousandths");
    else
        digits(static_cast<std::uint64_t>(value.millionths() / kThousandth), kQuantityWidth);
}

void LayoutWriter::text_rest(std::string_view value, std::size_t at_most)
{
    const auto encoded = to_wire(value);
    if (!encoded)
        set_error(encoded.error().code, encoded.error().context);
    else if (encoded->size() > at_most)
        set_error(Errc::bad_length, too_long(encoded->size(), at_most));
    else
        writer_.bytes(*encoded);
}

void LayoutWriter::ascii(std::string_view value, std::size_t width)
{
    if (value.size() > width)
        set_error(Errc::bad_length, too_long(value.size(), width));
    else
        writer_.padded(as_bytes(value), width, ' ');
}

void LayoutWriter::bytes(const Bytes& value, std::size_t count)
{
    if (value.size() != count)
        set_error(Errc::bad_length,
                  std::to_string(value.size()) + " bytes in a field of " + std::to_string(count));
    else
        writer_.bytes(value);
}

void LayoutWriter::dmy(const Date& value)
{
    digits(value.day, 1);
    digits(value.month, 1);
    digits(value.year, 1);
}

void LayoutWriter::ymd(const Date& value)
{
    digits(value.year, 1);
    digits(value.month, 1);
    digits(value.day, 1);
}

void LayoutWriter::hms(const TimeOfDay& value)
{
    digits(value.hour, 1);
    digits(value.minute, 1);
    digits(value.second, 1);
}

void LayoutWriter::fn_date(const Date& value) { writer_.u8(value.year).u8(value.month).u8(value.day); }

void LayoutWriter::fn_time(const FnTime& value)
{
    fn_date(value.date);
    writer_.u8(value.hour).u8(value.minute);
}

void LayoutWriter::set_error(Errc code, std::string_view field)
{
    if (!error_)
        error_ = Error{code, Outcome::not_done, std::string(what_).append(": ").append(field), {}};
}

Result<Bytes> LayoutWriter::take()
{
    if (error_)
        return tl::unexpected<Error>(*error_);
    return writer_.take();
}

} // namespace kb::atol

#include "protocol/shtrih/layout.hpp"

#include "protocol/core/cp1251.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::uint64_t kAutoMoney = 0xFFFFFFFFFF;

constexpr std::uint64_t largest(std::size_t width)
{
    return width >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * width)) - 1;
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

std::optional<LocalSeconds> FnTime::to_local() const { return shtrih::to_local(date, {hour, minute, 0}); }

FnTime FnTime::from_local(LocalSeconds time)
{
    const TimeOfDay clock = time_of_day(time);
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return {Date::from_day(std::chrono::year_month_day(day)), clock.hour, clock.minute};
}

std::optional<LocalSeconds> to_local(const Date& date, const TimeOfDay& time)
{
    const auto local = local_from_parts(2000 + date.year, date.month, date.day, time.hour, time.minute,
                                        time.second, "shtrih time");
    return local ? std::optional(*local) : std::nullopt;
}

TimeOfDay time_of_day(LocalSeconds time)
{
    const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
    return {static_cast<std::uint8_t>(clock.hours().count()),
            static_cast<std::uint8_t>(clock.minutes().count()),
            static_cast<std::uint8_t>(clock.seconds().count())};
}

void LayoutReader::money(Kopecks& value, std::size_t width)
{
    const std::uint64_t count = reader_.uint(width);
    if (count > static_cast<std::uint64_t>(INT64_MAX))
        set_error(Errc::not_representable, "amount");
    else
        value = Kopecks(static_cast<std::int64_t>(count));
}

void LayoutReader::money_or_auto(std::optional<Kopecks>& value)
{
    const std::uint64_t count = reader_.uint(5);
    value = count == kAutoMoney ? std::nullopt : std::optional(Kopecks(static_cast<std::int64_t>(count)));
}

void LayoutReader::quantity(Quantity& value)
{
    value = Quantity::from_millionths(static_cast<std::int64_t>(reader_.uint(6)));
}

void LayoutReader::text(std::string& value, std::size_t width)
{
    BytesView field = reader_.take(width);
    while (!field.empty() && field.back() == 0)
        field = field.first(field.size() - 1);
    value = from_cp1251(field);
}

void LayoutReader::text_rest(std::string& value, std::size_t at_most)
{
    if (reader_.left() > at_most)
        set_error(Errc::bad_length, "text");
    text(value, reader_.left());
}

void LayoutReader::digits(std::string& value, std::size_t width, char)
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

void LayoutReader::dmy(Date& value)
{
    u8(value.day);
    u8(value.month);
    u8(value.year);
}

void LayoutReader::ymd(Date& value)
{
    u8(value.year);
    u8(value.month);
    u8(value.day);
}

void LayoutReader::hms(TimeOfDay& value)
{
    u8(value.hour);
    u8(value.minute);
    u8(value.second);
}

void LayoutReader::fn_time(FnTime& value)
{
    ymd(value.date);
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

void LayoutWriter::number(std::uint64_t value, std::size_t width)
{
    if (value > largest(width)) {
        set_error(
            Errc::not_representable,
            std::to_string(value).append(" in a field of ").append(std::to_string(width).append(" bytes")));
        value = 0;
    }
    writer_.uint(value, width);
}

void LayoutWriter::money(Kopecks value, std::size_t width)
{
    if (value.count() < 0)
        set_error(Errc::not_representable, "negative amount " + value.to_rubles());
    number(value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count()), width);
}

void LayoutWriter::money_or_auto(const std::optional<Kopecks>& value)
{
    if (!value)
        number(kAutoMoney, 5);
    else if (static_cast<std::uint64_t>(value->count()) == kAutoMoney)
        set_error(Errc::not_representable, "an amount that would mean \"calculate it\"");
    else
        money(*value);
}

void LayoutWriter::quantity(Quantity value)
{
    if (value.millionths() < 0)
        set_error(Errc::not_representable, "negative quantity " + value.to_text());
    number(value.millionths() < 0 ? 0 : static_cast<std::uint64_t>(value.millionths()), 6);
}

void LayoutWriter::text(std::string_view value, std::size_t width)
{
    const auto encoded = to_cp1251(value);
    if (!encoded) {
        set_error(encoded.error().code, encoded.error().context);
    } else if (encoded->size() > width) {
        set_error(Errc::bad_length, "text of " + std::to_string(encoded->size()) + " characters, room for " +
                                        std::to_string(width));
    } else {
        writer_.padded(*encoded, width, 0);
    }
}

void LayoutWriter::text_rest(std::string_view value, std::size_t at_most)
{
    const auto encoded = to_cp1251(value);
    if (!encoded)
        set_error(encoded.error().code, encoded.error().context);
    else if (encoded->size() > at_most)
        set_error(Errc::bad_length, "text of " + std::to_string(encoded->size()) + " characters, room for " +
                                        std::to_string(at_most));
    else
        writer_.bytes(*encoded);
}

void LayoutWriter::digits(std::string_view value, std::size_t width, char pad)
{
    if (value.size() > width)
        set_error(Errc::bad_length, std::string("\"")
                                        .append(value)
                                        .append("\" in a field of ")
                                        .append(std::to_string(width).append(" characters")));
    else
        writer_.padded(as_bytes(value), width, static_cast<std::uint8_t>(pad));
}

void LayoutWriter::bytes(const Bytes& value, std::size_t count)
{
    if (value.size() != count)
        set_error(Errc::bad_length,
                  std::to_string(value.size()) + " bytes in a field of " + std::to_string(count));
    else
        writer_.bytes(value);
}

void LayoutWriter::dmy(const Date& value) { writer_.u8(value.day).u8(value.month).u8(value.year); }
void LayoutWriter::ymd(const Date& value) { writer_.u8(value.year).u8(value.month).u8(value.day); }
void LayoutWriter::hms(const TimeOfDay& value) { writer_.u8(value.hour).u8(value.minute).u8(value.second); }

void LayoutWriter::fn_time(const FnTime& value)
{
    ymd(value.date);
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

} // namespace kb::shtrih

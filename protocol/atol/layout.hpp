// One description of a byte layout, used in both directions: what the host encodes can be decoded again.
//
// A message struct has `template <class L, class M> static void layout(L& l, M& m)`, which names its fields
// in wire order. With LayoutReader the fields are filled from bytes, with LayoutWriter bytes are made from
// the fields; `L::kReading` tells which, where the form depends on the length. Numbers of the register are
// BCD with the highest digits first, numbers of the fiscal drive (A4h) binary with the lowest byte first.
#pragma once

#include "protocol/atol/dialect.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"

#include <optional>

namespace kb::atol {

/// A day as on the wire; all zeros means "none".
struct Date {
    std::uint8_t year = 0; ///< since 2000
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    bool operator==(const Date&) const = default;
    /// nullopt for a day that does not exist.
    [[nodiscard]] std::optional<std::chrono::year_month_day> to_day() const;
    /// Precondition: 2000..2099.
    static Date from_day(std::chrono::year_month_day day);
};

struct TimeOfDay {
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    bool operator==(const TimeOfDay&) const = default;
};

/// Day and minute of a document of the fiscal drive.
struct FnTime {
    Date date;
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    bool operator==(const FnTime&) const = default;
    /// nullopt for an instant that does not exist, all zeros included.
    [[nodiscard]] std::optional<LocalSeconds> to_local() const;
};

/// nullopt for an instant that does not exist.
std::optional<LocalSeconds> to_local(const Date& date, const TimeOfDay& time);
TimeOfDay time_of_day(LocalSeconds time);

class LayoutReader {
public:
    static constexpr bool kReading = true;

    LayoutReader(BytesView bytes, std::string_view what, const Dialect& dialect)
        : reader_(bytes),
          what_(what),
          dialect_(dialect)
    {}

    template <class T>
    void u8(T& value)
    {
        value = static_cast<T>(reader_.u8());
    }
    /// Binary, highest byte first.
    template <class T>
    void u16_be(T& value)
    {
        const unsigned high = reader_.u8();
        value = static_cast<T>(high << 8U | reader_.u8());
    }
    /// Binary, lowest byte first.
    template <class T>
    void uint_le(T& value, std::size_t width)
    {
        value = static_cast<T>(reader_.uint(width));
    }
    template <class T>
    void bcd(T& value, std::size_t width)
    {
        value = static_cast<T>(digits(width));
    }
    /// One of the numbers of which it is not known whether they are binary or BCD.
    template <class T>
    void number(T& value, std::size_t width, NumberForm form)
    {
        if (form == NumberForm::bcd)
            bcd(value, width);
        else
            uint_le(value, width);
    }
    void money(Kopecks& value, std::size_t width);
    /// Thousandths in five BCD bytes.
    void quantity(Quantity& value);
    /// UTF-8 here, the register's page to the end of the message there; trailing zeros are cut off.
    void text_rest(std::string& value, std::size_t at_most);
    /// One byte a character; padding of 00 or blanks behind is cut off when read.
    void ascii(std::string& value, std::size_t width);
    void bytes(Bytes& value, std::size_t count);
    void bytes_rest(Bytes& value);
    void dmy(Date& value);
    void ymd(Date& value);
    void hms(TimeOfDay& value);
    void fn_date(Date& value);
    void fn_time(FnTime& value);

    /// A field of `width` bytes that not every firmware has.
    template <class T, class F>
    void tail(std::optional<T>& value, std::size_t width, F field)
    {
        value.reset();
        if (reader_.left() >= width)
            field(value.emplace());
    }

    [[nodiscard]] const Dialect& dialect() const { return dialect_; }
    [[nodiscard]] std::size_t left() const { return reader_.left(); }
    void set_error(Errc code, std::string_view field);

    /// Newer firmware appends fields: unread bytes are fine.
    [[nodiscard]] Result<void> rest_ok() const;
    [[nodiscard]] Result<void> done() const;

private:
    std::uint64_t digits(std::size_t width);
    void calendar(Date& value, bool year_first);

    ByteReader reader_;
    std::string_view what_;
    const Dialect& dialect_;
    std::optional<Error> error_;
};

class LayoutWriter {
public:
    static constexpr bool kReading = false;

    LayoutWriter(std::string_view what, const Dialect& dialect) : what_(what), dialect_(dialect) {}

    template <class T>
    void u8(T value)
    {
        uint_le(value, 1);
    }
    template <class T>
    void u16_be(T value)
    {
        big_endian(static_cast<std::uint64_t>(value));
    }
    template <class T>
    void uint_le(T value, std::size_t width)
    {
        little_endian(static_cast<std::uint64_t>(value), width);
    }
    template <class T>
    void bcd(T value, std::size_t width)
    {
        digits(static_cast<std::uint64_t>(value), width);
    }
    template <class T>
    void number(T value, std::size_t width, NumberForm form)
    {
        if (form == NumberForm::bcd)
            bcd(value, width);
        else
            uint_le(value, width);
    }
    void money(Kopecks value, std::size_t width);
    void quantity(Quantity value);
    void text_rest(std::string_view value, std::size_t at_most);
    void ascii(std::string_view value, std::size_t width);
    void bytes(const Bytes& value, std::size_t count);
    void bytes_rest(const Bytes& value) { writer_.bytes(value); }
    void dmy(const Date& value);
    void ymd(const Date& value);
    void hms(const TimeOfDay& value);
    void fn_date(const Date& value);
    void fn_time(const FnTime& value);

    template <class T, class F>
    void tail(const std::optional<T>& value, std::size_t, F field)
    {
        if (value)
            field(*value);
    }

    [[nodiscard]] const Dialect& dialect() const { return dialect_; }
    void set_error(Errc code, std::string_view field);
    /// The bytes, or the first value that does not fit its field.
    [[nodiscard]] Result<Bytes> take();

private:
    void big_endian(std::uint64_t value);
    void little_endian(std::uint64_t value, std::size_t width);
    void digits(std::uint64_t value, std::size_t width);

    ByteWriter writer_;
    std::string_view what_;
    const Dialect& dialect_;
    std::optional<Error> error_;
};

} // namespace kb::atol

// One description of a byte layout, used in both directions: the host encodes what the emulator decodes, and
// back.
//
// A message struct has `template <class L, class M> static void layout(L& l, M& m)`, which names its fields
// in wire order. With LayoutReader the fields are filled from bytes, with LayoutWriter bytes are made from
// the fields; `L::kReading` tells which, where the form depends on the length.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"

#include <optional>
#include <type_traits>

namespace kb::shtrih {

/// A day as on the wire; all zeros means "none". Base commands write it DD MM YY, FN commands YY MM DD.
struct Date {
    std::uint8_t year = 0; ///< since 2000
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    bool operator==(const Date&) const = default;
    /// nullopt for a day that does not exist.
    [[nodiscard]] std::optional<std::chrono::year_month_day> to_day() const;
    /// Precondition: 2000..2255.
    static Date from_day(std::chrono::year_month_day day);
};

/// Hours, minutes, seconds as on the wire.
struct TimeOfDay {
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    bool operator==(const TimeOfDay&) const = default;
};

/// Day and minute of an FN document: YY MM DD HH MM.
struct FnTime {
    Date date;
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    bool operator==(const FnTime&) const = default;
    /// nullopt for an instant that does not exist, all zeros included.
    [[nodiscard]] std::optional<LocalSeconds> to_local() const;
    /// Seconds are cut off. Precondition: years 2000..2255.
    static FnTime from_local(LocalSeconds time);
};

/// nullopt for an instant that does not exist.
std::optional<LocalSeconds> to_local(const Date& date, const TimeOfDay& time);
TimeOfDay time_of_day(LocalSeconds time);

class LayoutReader {
public:
    static constexpr bool kReading = true;

    LayoutReader(BytesView bytes, std::string_view what) : reader_(bytes), what_(what) {}

    template <class T>
    void uint(T& value, std::size_t width)
    {
        value = static_cast<T>(reader_.uint(width));
    }
    template <class T>
    void u8(T& value)
    {
        uint(value, 1);
    }
    template <class T>
    void u16(T& value)
    {
        uint(value, 2);
    }
    template <class T>
    void u32(T& value)
    {
        uint(value, 4);
    }
    template <class T>
    void u64(T& value)
    {
        uint(value, 8);
    }
    void money(Kopecks& value, std::size_t width = 5);
    /// All FFh: the register shall calculate it (nullopt).
    void money_or_auto(std::optional<Kopecks>& value);
    void quantity(Quantity& value);
    /// UTF-8 here, CP1251 padded with 00 on the wire.
    void text(std::string& value, std::size_t width);
    /// UTF-8 here, CP1251 to the end of the message on the wire, trailing 00 cut off when read.
    void text_rest(std::string& value, std::size_t at_most);
    /// Digits and the like, one byte each; padding of 00 or blanks is cut off when read.
    void digits(std::string& value, std::size_t width, char pad);
    void bytes(Bytes& value, std::size_t count);
    void bytes_rest(Bytes& value);
    void dmy(Date& value);
    void ymd(Date& value);
    void hms(TimeOfDay& value);
    void fn_time(FnTime& value);

    /// A field of `width` bytes that only newer firmware has.
    template <class T, class F>
    void tail(std::optional<T>& value, std::size_t width, F field)
    {
        value.reset();
        if (reader_.left() >= width)
            field(value.emplace());
    }

    [[nodiscard]] std::size_t left() const { return reader_.left(); }
    void set_error(Errc code, std::string_view field);

    /// Newer firmware appends fields: unread bytes are fine.
    [[nodiscard]] Result<void> rest_ok() const;
    [[nodiscard]] Result<void> done() const;

private:
    ByteReader reader_;
    std::string_view what_;
    std::optional<Error> error_;
};

class LayoutWriter {
public:
    static constexpr bool kReading = false;

    explicit LayoutWriter(std::string_view what) : what_(what) {}

    template <class T>
    void uint(T value, std::size_t width)
    {
        number(static_cast<std::uint64_t>(value), width);
    }
    template <class T>
    void u8(T value)
    {
        uint(value, 1);
    }
    template <class T>
    void u16(T value)
    {
        uint(value, 2);
    }
    template <class T>
    void u32(T value)
    {
        uint(value, 4);
    }
    template <class T>
    void u64(T value)
    {
        uint(value, 8);
    }
    void money(Kopecks value, std::size_t width = 5);
    void money_or_auto(const std::optional<Kopecks>& value);
    void quantity(Quantity value);
    void text(std::string_view value, std::size_t width);
    void text_rest(std::string_view value, std::size_t at_most);
    void digits(std::string_view value, std::size_t width, char pad);
    void bytes(const Bytes& value, std::size_t count);
    void bytes_rest(const Bytes& value) { writer_.bytes(value); }
    void dmy(const Date& value);
    void ymd(const Date& value);
    void hms(const TimeOfDay& value);
    void fn_time(const FnTime& value);

    template <class T, class F>
    void tail(const std::optional<T>& value, std::size_t, F field)
    {
        if (value)
            field(*value);
    }

    void set_error(Errc code, std::string_view field);
    /// The bytes, or the first value that does not fit its field.
    [[nodiscard]] Result<Bytes> take();

private:
    void number(std::uint64_t value, std::size_t width);

    ByteWriter writer_;
    std::string_view what_;
    std::optional<Error> error_;
};

} // namespace kb::shtrih

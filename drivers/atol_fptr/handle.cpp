#include "drivers/atol_fptr/handle.hpp"

#include "drivers/atol_fptr/errors.hpp"
#include "drivers/atol_fptr/wide.hpp"

#include <algorithm>
#include <cmath>

namespace kb::atol_fptr {
namespace {

constexpr int kFirstTry = 256;
// Whatever a broken library says of its sizes: no value of a register is longer.
constexpr int kLongest = 1 << 20;

// The library tells how much room a value needs, with its end mark or without: one more is always given.
template <class Get>
std::wstring read_text(Get get)
{
    std::wstring text(kFirstTry, L'\0');
    int needed = get(text.data(), kFirstTry);
    if (needed > kFirstTry) {
        needed = std::min(needed, kLongest);
        text.assign(static_cast<std::size_t>(needed) + 1, L'\0');
        get(text.data(), needed + 1);
    }
    text.resize(text.find(L'\0') == std::wstring::npos ? text.size() : text.find(L'\0'));
    return text;
}

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace

Result<std::unique_ptr<Handle>> Handle::create(std::shared_ptr<const Library> library, std::string name)
{
    RawHandle raw = nullptr;
    if (library->api().create(&raw) != 0 || raw == nullptr) {
        return fail(Errc::unsupported,
                    "ATOL library " + library->path() + ": it gives no handle; install it anew");
    }
    return std::unique_ptr<Handle>(new Handle(std::move(library), std::move(name), raw));
}

Handle::~Handle()
{
    if (api().is_opened(raw_) != 0) {
        api().close(raw_);
    }
    api().destroy(&raw_);
}

Result<void> Handle::open(const std::string& settings_json)
{
    const std::wstring json = to_wide(settings_json);
    if (api().set_settings(raw_, json.c_str()) != 0) {
        return failure("set_settings");
    }
    if (api().open(raw_) != 0 || api().is_opened(raw_) == 0) {
        return failure("open");
    }
    opened_ = true;
    return {};
}

tl::unexpected<Error> Handle::failure(std::string_view what) const
{
    const int number = api().error_code(raw_);
    const auto get = [this](wchar_t* text, int size) { return api().error_description(raw_, text, size); };
    Error error = to_error(number, to_utf8(read_text(get)), "atol-fptr " + std::string(what) + ", " + name_);
    if (opened_ && is_lost(number)) {
        error.code =
            Errc::port_lost; // "no connection" while opening is a silent register, now it is a lost one
    }
    return tl::unexpected<Error>(std::move(error));
}

Handle& Handle::set(Param id, std::uint32_t value)
{
    api().set_param_int(raw_, static_cast<int>(id), value);
    return *this;
}

Handle& Handle::set(Param id, const std::string& value)
{
    const std::wstring wide = to_wide(value);
    api().set_param_str(raw_, static_cast<int>(id), wide.c_str());
    return *this;
}

Handle& Handle::set(Param id, LocalSeconds value)
{
    const auto day = std::chrono::floor<std::chrono::days>(value);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(value - day);
    api().set_param_datetime(
        raw_, static_cast<int>(id), static_cast<int>(date.year()),
        static_cast<int>(static_cast<unsigned>(date.month())),
        static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return *this;
}

Result<void> Handle::call(Function function, std::string_view what)
{
    if (function(raw_) != 0) {
        return failure(what);
    }
    return {};
}

Result<void> Handle::query(Data kind, std::string_view what)
{
    set(Param::data_type, static_cast<std::uint32_t>(kind));
    return call(api().query_data, what);
}

Result<void> Handle::query(FnData kind, std::string_view what)
{
    set(Param::fn_data_type, static_cast<std::uint32_t>(kind));
    return call(api().fn_query_data, what);
}

bool Handle::flag(Param id) const { return api().get_param_bool(raw_, static_cast<int>(id)) != 0; }

std::uint32_t Handle::number(Param id) const { return api().get_param_int(raw_, static_cast<int>(id)); }

std::string Handle::text(Param id) const
{
    const auto get = [this, id](wchar_t* text, int size) {
        return api().get_param_str(raw_, static_cast<int>(id), text, size);
    };
    return trimmed(to_utf8(read_text(get)));
}

Bytes Handle::bytes(Param id) const
{
    Bytes value(kFirstTry);
    int needed = api().get_param_bytearray(raw_, static_cast<int>(id), value.data(), kFirstTry);
    if (needed > kFirstTry) {
        needed = std::min(needed, kLongest);
        value.assign(static_cast<std::size_t>(needed), 0);
        needed =
            std::min(needed, api().get_param_bytearray(raw_, static_cast<int>(id), value.data(), needed));
    }
    value.resize(static_cast<std::size_t>(std::max(needed, 0)));
    return value;
}

Result<Kopecks> Handle::kopecks(Param id, std::string_view what) const
{
    // The library's interface tells sums as rubles in a double: the nearest kopeck is the sum that was meant,
    // far beyond what a drawer or a receipt can hold.
    constexpr double kKopecks = 100;
    constexpr double kMost = 9e13;
    const double rubles = api().get_param_double(raw_, static_cast<int>(id));
    if (!(std::abs(rubles) * kKopecks < kMost)) {
        return fail(Errc::bad_value,
                    "atol-fptr " + std::string(what) + ", " + name_ + ": not a sum of money");
    }
    return Kopecks(std::llround(rubles * kKopecks));
}

Result<LocalSeconds> Handle::time(Param id, std::string_view what) const
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    api().get_param_datetime(raw_, static_cast<int>(id), &year, &month, &day, &hour, &minute, &second);
    return local_from_parts(year, month, day, hour, minute, second, "atol-fptr " + std::string(what));
}

} // namespace kb::atol_fptr

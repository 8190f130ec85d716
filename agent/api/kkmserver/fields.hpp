// Reads the members of a KkmServer command as tolerantly as its clients need: names in any capitals, numbers
// and flags as texts, decimals with the noise of floating point, null and "" for what is not there. The first
// fault is kept. For .cpp files only: it brings nlohmann/json.hpp along.
// Source: docs/sources.md#kkmserver, section 4.
#pragma once

#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kb::agent::kkmserver {

/// What is wrong with a command, for people: nothing was done then.
struct Fault {
    std::string member; ///< "CheckStrings[2].Register.Price"; empty: the command as a whole
    std::string text;   ///< reason and cure, in Russian
};

class Fields {
public:
    using Json = nlohmann::json;

    /// `path` is empty for the root. Object and fault outlive the reader and those it gives out.
    Fields(const Json& object, std::string path, std::optional<Fault>& fault);

    /// Whether the member is there and says something: neither null nor "".
    [[nodiscard]] bool has(std::string_view name) const;
    /// Numbers and flags become texts; spaces around it are dropped.
    std::string text(std::string_view name);
    /// As text(), with the spaces around it: a line to be printed.
    std::string line(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<bool> flag(std::string_view name);
    /// Rounded to kopecks, half away from zero, since clients multiply in floating point.
    std::optional<Kopecks> money(std::string_view name);
    /// Rounded to millionths.
    std::optional<Quantity> quantity(std::string_view name);
    /// "2017-06-21T15:30:45", with or without time and zone, or "21.06.2017". A zone is taken into account:
    /// `offset` is that of the point of sale.
    std::optional<LocalSeconds> time(std::string_view name, std::chrono::seconds offset);
    /// nullopt: not there.
    std::optional<Fields> object(std::string_view name);
    /// nullptr: not there.
    const Json::array_t* array(std::string_view name, std::size_t at_most);
    /// One element of array(); an element that is no object is a fault, and is read as an empty one.
    Fields element(std::string_view name, const Json::array_t& array, std::size_t index);

    void complain(std::string_view name, std::string text);
    [[nodiscard]] bool ok() const { return !fault_; }

private:
    [[nodiscard]] const Json* find(std::string_view name) const;
    std::optional<std::string> decimal(std::string_view name);
    std::optional<std::int64_t> scaled(std::string_view name, std::size_t decimals);
    [[nodiscard]] std::string path_of(std::string_view name) const;

    const Json& object_;
    std::string path_;
    std::optional<Fault>& fault_;
};

/// "2017-06-21T15:30:45+03:00" and the other forms of Fields::time(); nullopt: none of them.
std::optional<LocalSeconds> local_time_of(std::string_view text, std::chrono::seconds offset);

} // namespace kb::agent::kkmserver

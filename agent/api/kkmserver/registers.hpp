// The registers as KkmServer's units: numbered, chosen by number or owner, and what is told of them.
// For .cpp files only, as fields.hpp. Source: docs/sources.md#kkmserver, sections 4 and 6.
#pragma once

#include "agent/api/kkmserver/fields.hpp"
#include "agent/device.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kb::agent::kkmserver {

using Devices = std::vector<std::shared_ptr<Device>>;

/// Which register a command is for. All that is given has to fit.
struct Wanted {
    std::int64_t number = 0;     ///< NumDevice, 1..; 0: any
    std::string kkt_serial;      ///< KktNumber or IdDevice; leading zeros make no difference
    std::string inn;             ///< InnKkm, of the owner
    std::uint8_t tax_system = 0; ///< bit of TaxVariant; 0: any
};
Wanted read_wanted(Fields& command);

/// Those that fit, in the order of their numbers. A register that has never told its factory number fits none
/// but a number.
Devices those_wanted(const Devices& all, const Wanted& wanted);
/// The first one that can begin at once, else the first one. `off`: factory numbers of those switched off by
/// OnOffUnut. Precondition: not empty.
std::shared_ptr<Device> first_free(const Devices& candidates, const std::set<std::string>& off);

/// NumDevice; 0: there is no such register now.
std::int64_t number_of(const Devices& all, const std::string& kkt_serial);
/// The name that its owner gave it, else its model.
std::string unit_name(const Device& device);

/// Member Info of GetDataKKT. `on`: not switched off.
nlohmann::ordered_json info_of(const Device& device, bool on);
/// One element of ListUnit; `since`: first met then, by the computer's clock.
nlohmann::ordered_json unit_of(const Device& device, std::int64_t number, bool on, LocalSeconds since);
/// Whether List asks for it.
bool fits_filter(const nlohmann::ordered_json& unit, Fields& list);

} // namespace kb::agent::kkmserver

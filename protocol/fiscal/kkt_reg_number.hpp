// РНМ, the number the tax service gives a register: it carries a check number over the owner and the
// register. Source: docs/sources.md#ffd, section 5.3.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kb::fiscal {

/// Whether the check number fits. False also for anything not made of 16 digits. Test registrations often
/// fail: warn, do not refuse.
bool kkt_reg_number_matches(std::string_view kkt_reg_number, std::string_view inn,
                            std::string_view kkt_serial);

/// The 16 digits for a serial number of the registration, at most ten digits.
/// Errc::bad_value when inn (10 or 12 digits) or kkt_serial (1..20 characters) has a wrong form.
Result<std::string> make_kkt_reg_number(std::uint64_t number, std::string_view inn,
                                        std::string_view kkt_serial);

} // namespace kb::fiscal

#include "protocol/fiscal/kkt_reg_number.hpp"

#include "protocol/core/crc.hpp"

namespace kb::fiscal {

namespace {

constexpr std::size_t kSerialDigits = 10; // the number of the registration; six check digits follow

bool digits_only(std::string_view text)
{
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string left_padded(std::string_view text, std::size_t width)
{
    return std::string(width - text.size(), '0') + std::string(text);
}

} // namespace

Result<std::string> make_kkt_reg_number(std::uint64_t number, std::string_view inn,
                                        std::string_view kkt_serial)
{
    if ((inn.size() != 10 && inn.size() != 12) || !digits_only(inn))
        return fail(Errc::bad_value, "inn: \"" + std::string(inn) + "\", 10 or 12 digits are wanted");
    if (kkt_serial.empty() || kkt_serial.size() > 20)
        return fail(Errc::bad_value, "kkt_serial: 1..20 characters are wanted");
    const std::string digits = std::to_string(number);
    if (digits.size() > kSerialDigits)
        return fail(Errc::bad_value, "kkt_reg_number: " + digits + " has more than ten digits");
    const std::string serial = left_padded(digits, kSerialDigits);
    const std::uint16_t check =
        crc16_ccitt(as_bytes(serial + left_padded(inn, 12) + left_padded(kkt_serial, 20)));
    return serial + left_padded(std::to_string(check), 6);
}

bool kkt_reg_number_matches(std::string_view kkt_reg_number, std::string_view inn,
                            std::string_view kkt_serial)
{
    if (kkt_reg_number.size() != 16 || !digits_only(kkt_reg_number))
        return false;
    const std::uint64_t number = std::stoull(std::string(kkt_reg_number.substr(0, kSerialDigits)));
    const auto right = make_kkt_reg_number(number, inn, kkt_serial);
    return right && *right == kkt_reg_number;
}

} // namespace kb::fiscal

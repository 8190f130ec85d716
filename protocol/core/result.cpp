#include "protocol/core/result.hpp"

#include <array>
#include <cstdio>

namespace kb {
namespace {

constexpr std::string_view kUnnamed = "unnamed";

} // namespace

std::string_view to_string(Errc code)
{
    switch (code) {
    case Errc::port_not_found:
        return "port_not_found";
    case Errc::port_denied:
        return "port_denied";
    case Errc::port_busy:
        return "port_busy";
    case Errc::port_lost:
        return "port_lost";
    case Errc::port_stuck:
        return "port_stuck";
    case Errc::no_answer:
        return "no_answer";
    case Errc::bad_frame:
        return "bad_frame";
    case Errc::bad_checksum:
        return "bad_checksum";
    case Errc::protocol_violation:
        return "protocol_violation";
    case Errc::endless_noise:
        return "endless_noise";
    case Errc::wrong_speed:
        return "wrong_speed";
    case Errc::wrong_protocol:
        return "wrong_protocol";
    case Errc::foreign_device:
        return "foreign_device";
    case Errc::in_boot_loader:
        return "in_boot_loader";
    case Errc::duplicate_device:
        return "duplicate_device";
    case Errc::duplicate_serial:
        return "duplicate_serial";
    case Errc::device_refused:
        return "device_refused";
    case Errc::device_busy:
        return "device_busy";
    case Errc::wrong_mode:
        return "wrong_mode";
    case Errc::wrong_password:
        return "wrong_password";
    case Errc::wrong_device:
        return "wrong_device";
    case Errc::unsupported:
        return "unsupported";
    case Errc::no_data:
        return "no_data";
    case Errc::no_paper:
        return "no_paper";
    case Errc::waits_for_continue:
        return "waits_for_continue";
    case Errc::no_kkt_serial:
        return "no_kkt_serial";
    case Errc::library_missing:
        return "library_missing";
    case Errc::bad_length:
        return "bad_length";
    case Errc::bad_value:
        return "bad_value";
    case Errc::bad_encoding:
        return "bad_encoding";
    case Errc::bad_tlv:
        return "bad_tlv";
    case Errc::bad_json:
        return "bad_json";
    case Errc::not_representable:
        return "not_representable";
    case Errc::overflow:
        return "overflow";
    case Errc::bad_config:
        return "bad_config";
    case Errc::cancelled:
        return "cancelled";
    case Errc::timed_out:
        return "timed_out";
    case Errc::not_found:
        return "not_found";
    case Errc::conflict:
        return "conflict";
    case Errc::storage_full:
        return "storage_full";
    case Errc::storage_busy:
        return "storage_busy";
    case Errc::storage_damaged:
        return "storage_damaged";
    case Errc::storage_failed:
        return "storage_failed";
    case Errc::network_failed:
        return "network_failed";
    case Errc::tls_untrusted:
        return "tls_untrusted";
    case Errc::unauthorised:
        return "unauthorised";
    case Errc::peer_refused:
        return "peer_refused";
    case Errc::too_many:
        return "too_many";
    }
    return kUnnamed;
}

std::optional<Errc> errc_of(std::string_view name)
{
    for (int code = 0; to_string(static_cast<Errc>(code)) != kUnnamed; ++code) {
        if (to_string(static_cast<Errc>(code)) == name) {
            return static_cast<Errc>(code);
        }
    }
    return std::nullopt;
}

std::string_view to_string(Outcome outcome)
{
    switch (outcome) {
    case Outcome::not_done:
        return "not_done";
    case Outcome::refused:
        return "refused";
    case Outcome::unknown:
        return "unknown";
    }
    return kUnnamed;
}

std::string Error::message() const
{
    std::string text{to_string(code)};
    text.append(" (").append(to_string(outcome)).append("): ").append(details());
    return text;
}

std::string Error::details() const
{
    std::string text = context;
    if (device_code) {
        std::array<char, 16> number{};
        std::snprintf(number.data(), number.size(), " [0x%02X]", static_cast<unsigned>(*device_code));
        text += number.data();
    }
    return text;
}

} // namespace kb

// What went wrong, and what the caller may do next.
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kb {

/// The question every caller has after a failure: may I send it again?
enum class Outcome {
    not_done, ///< the device (or peer) certainly did nothing: safe to send again
    refused,  ///< it answered "no": sending the same again changes nothing
    unknown,  ///< the command left, the answer did not come: ask the FN before anything else
};

/// One name per failure; the same word appears in logs, API answers, the cabinet and the documentation.
enum class Errc {
    // the line to the device
    port_not_found,     ///< no such port
    port_denied,        ///< the user may not open it
    port_busy,          ///< another program holds it
    port_lost,          ///< it went away: EOF, HUP, EIO, connection reset
    port_stuck,         ///< it neither opens nor takes bytes in time: its driver or USB device hangs
    no_answer,          ///< nothing came in time
    bad_frame,          ///< bytes came, but not in the form of the protocol
    bad_checksum,       ///< a frame with a wrong LRC or CRC
    protocol_violation, ///< a well-formed frame that is not the answer to what was asked
    endless_noise,      ///< bytes come without end and make no sense
    // who is on the line
    wrong_speed,    ///< a register answers, but at another speed than configured
    wrong_protocol, ///< a register answers, but not in the protocol of the configured family
    foreign_device, ///< something answers, but it is no register: a modem, a scanner, a scale
    // which register it is
    in_boot_loader,   ///< its boot loader is there instead: it waits for new firmware
    duplicate_device, ///< the same register is served on another port already
    duplicate_serial, ///< another register, with another FN, tells the same factory number
    // the device
    device_refused,     ///< the device's own error code, see Error::device_code
    device_busy,        ///< it works on something else (printing, OFD exchange): ask later
    wrong_mode,         ///< not allowed in its present mode (open receipt, shift, data output)
    wrong_password,     ///< operator or administrator password refused
    wrong_device,       ///< something answers, but it is not the wanted register
    unsupported,        ///< this model or firmware does not know the command
    no_data,            ///< the FN or table has no such record
    no_paper,           ///< nothing can be printed, so nothing can be sold
    waits_for_continue, ///< paper is back, a document is half printed: "continue printing" is wanted
    no_kkt_serial,      ///< the register has no factory number, or does not tell it
    library_missing,    ///< the maker's library that the register is configured with is not on this computer
    // values and layouts
    bad_length,        ///< a byte string too short or too long for its layout
    bad_value,         ///< a field outside its range or form
    bad_encoding,      ///< text that is not valid in its code page
    bad_tlv,           ///< a TLV structure that does not hold together
    bad_json,          ///< not JSON, or not the expected members
    not_representable, ///< the target format cannot hold this value exactly
    overflow,          ///< arithmetic left the 64-bit range
    // configuration and programs
    bad_config, ///< a key that is unknown, missing or has a wrong value
    cancelled,  ///< stopped on request before it was done
    timed_out,  ///< an overall deadline passed
    not_found,  ///< nothing under that name or number
    conflict,   ///< the same identity with other content
    // storage
    storage_full,    ///< no room on the disk
    storage_busy,    ///< another process owns the journal, or holds it longer than we wait
    storage_damaged, ///< the file is not a sound database
    storage_failed,  ///< any other I/O failure of the store
    // network and peers
    network_failed, ///< name, route, connection or TLS transport
    tls_untrusted,  ///< the peer's certificate is not to be trusted
    unauthorised,   ///< token or password refused
    peer_refused,   ///< the peer answered with an error status
    too_many,       ///< a limit of rate or size
};

/// The stable snake_case name of the code: "port_lost".
std::string_view to_string(Errc code);
/// The code of that name; nullopt for a word that is none (a newer program's, say).
std::optional<Errc> errc_of(std::string_view name);
/// "not_done", "refused" or "unknown".
std::string_view to_string(Outcome outcome);

struct Error {
    Errc code;
    Outcome outcome = Outcome::not_done;
    std::string context;            ///< what was being done to which thing: "shtrih FF3A fd 163, COM3"
    std::optional<int> device_code; ///< the vendor's number, where the device gave one

    /// "wrong_mode (refused): shtrih FF3A fd 163 [0x73]", for logs and people.
    [[nodiscard]] std::string message() const;
    /// "shtrih FF3A fd 163 [0x73]": the same without what the code says already.
    [[nodiscard]] std::string details() const;
};

/// A value or the reason why there is none. A struct, so that dropping it is a warning.
template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {
    using tl::expected<T, Error>::expected;
};

/// The short way to return an error: `return fail(Errc::bad_value, "price: negative");`
inline tl::unexpected<Error> fail(Errc code, std::string context, Outcome outcome = Outcome::not_done,
                                  std::optional<int> device_code = std::nullopt)
{
    return tl::unexpected<Error>(Error{code, outcome, std::move(context), device_code});
}

/// Passes somebody's error on: `if (!x) return pass(x);`
template <class T>
tl::unexpected<Error> pass(const Result<T>& failed)
{
    return tl::unexpected<Error>(failed.error());
}

} // namespace kb

// What one emulated register is told when it starts: each option a row, used alike by the command line, by
// --register and by a fleet file, so that a key has one name and one check everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kb::emulator {

struct RegisterOptions {
    std::string name;
    std::string family; ///< empty: whichever has the model
    std::string model;  ///< empty: the family's first
    std::string listen; ///< "pty:PATH" or "tcp:HOST:PORT"
    std::string framing = "auto";
    std::optional<std::uint32_t> baud;
    std::string state; ///< file in which it survives; empty: forgotten at its end
    std::string sales; ///< "2/s", "30/min", "100/h"
    std::uint32_t think_ms = 0;
    std::uint32_t print_ms = 150;
    std::uint32_t preload = 0;
    std::optional<std::uint64_t> seed; ///< absent: its place among the registers, from 1
    std::string ffd;                   ///< "1.05", "1.1", "1.2"; empty: as the model is by itself
    std::string serial;
    std::string fn_serial;
    std::vector<std::string> quirks;
    bool ofd_silent = false;
};

struct RegisterKey {
    std::string_view name;    ///< in a file and in --register; on the command line with hyphens
    std::string_view what;    ///< for --help
    std::string_view example; ///< a value, as a person would write it
    bool flag;                ///< true or false; on the command line without a value
    /// Takes the value; what is wanted instead when it does not fit, else nothing.
    std::optional<std::string> (*set)(RegisterOptions& options, const std::string& value);
};
std::span<const RegisterKey> register_keys();
/// nullptr when there is none of this name.
const RegisterKey* find_register_key(std::string_view name);
std::string register_key_names();

struct Complaint {
    std::string key;
    std::string what; ///< and what to do about it
    [[nodiscard]] std::string text() const { return key + ": " + what; }
};
/// "name=till-2 model=nano-f listen=pty:/tmp/till-2": sets each word.
std::optional<Complaint> set_words(RegisterOptions& options, const std::string& words);
/// What one value cannot tell: does this model speak so, does it have such a number.
std::optional<Complaint> check_register(const RegisterOptions& options);
/// Fills names and seeds that were left out, and checks that no two registers share a name, line or file. The
/// second of such a pair and its complaint.
struct Clash {
    std::size_t index;
    Complaint complaint;
};
std::optional<Clash> settle_registers(std::vector<RegisterOptions>& registers);

/// The time between two sales of "2/s", "30/min", "5" (a second), in nanoseconds.
std::optional<std::int64_t> sales_pause_ns(const std::string& rate);

} // namespace kb::emulator

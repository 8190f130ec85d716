// What an error byte of an ATOL register means, for people and for the program: may the same command be sent
// again?
#pragma once

#include "protocol/atol/command_codes.hpp"

#include <span>
#include <string_view>

namespace kb::atol {

/// What helps after a refusal.
enum class RetryClass : char {
    none = '-',  ///< no error, or the normal end of data
    retry = 'R', ///< the same command again, after the cause is removed
    state = 'S', ///< put the state right (shift, receipt, mode), then again
    wrong = 'D', ///< the request itself is wrong: never again as it is
    setup = 'C', ///< settings or service
    fatal = 'F', ///< drive or hardware
};

struct ErrorInfo {
    std::uint8_t code;
    RetryClass retry;
    Errc errc;
    std::string_view name;    ///< English, snake_case, for logs and APIs
    std::string_view text_ru; ///< short, for people
};

/// The codes of register 37h, which says more about kReadExtended.
struct ExtendedErrorInfo {
    std::uint16_t code;
    RetryClass retry;
    std::string_view name;
    std::string_view text_ru;
};

/// In order of the codes (docs/sources.md#atol, section 8).
std::span<const ErrorInfo> all_errors();
std::span<const ExtendedErrorInfo> all_extended_errors();
/// nullptr for a number without a meaning.
const ErrorInfo* find_error(std::uint8_t code);
const ExtendedErrorInfo* find_extended_error(std::uint16_t code);

inline constexpr std::uint8_t kReadExtended = 0xEE; ///< register 37h tells what it was
inline constexpr std::uint8_t kWrongMode = 0x66;
inline constexpr std::uint8_t kNoSuchDocument = 0xAC;
inline constexpr std::uint8_t kNoData = 0xDA; ///< also the normal end of a document's pieces

/// The Error of a refusal. Outcome::not_done where the same command may be sent again, Outcome::unknown where
/// a command that makes a fiscal document or moves cash was cut short by printer or drive trouble (it may be
/// done), else Outcome::refused.
Error refusal(std::uint16_t command, std::uint8_t error);
/// Adds what register 37h told about a refusal with kReadExtended. `command` and `extended` as the register
/// has them; nothing is added when it speaks of another command.
void add_extended(Error& refused, std::uint16_t command, std::uint16_t of_command, std::uint16_t extended);

/// What follows the head of a successful answer. A refusal is refusal(); Errc::protocol_violation when
/// `answer` does not belong to `command`.
Result<BytesView> answer_data(std::uint16_t command, BytesView answer);
/// The device's side: an answer that refuses a command.
Bytes encode_refusal(std::uint8_t error, std::uint8_t extra = 0);

} // namespace kb::atol

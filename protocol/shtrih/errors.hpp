// What a Shtrih-M error byte means, for people and for the program: may the same command be sent again?
#pragma once

#include "protocol/shtrih/command_codes.hpp"

#include <span>
#include <string_view>

namespace kb::shtrih {

/// What helps after a refusal.
enum class RetryClass : char {
    none = '-',   ///< no error, or the normal end of data
    retry = 'R',  ///< the same command again, after a moment or the action the text names
    state = 'S',  ///< look at mode and FN, act, then try again
    fatal = 'F',  ///< service, another drive, or power
    wrong = 'P',  ///< the request itself is wrong: never again as it is
    legacy = 'L', ///< of devices before the fiscal drive
};

struct ErrorInfo {
    std::uint8_t code;
    RetryClass retry;
    Errc errc;
    std::string_view name;    ///< English, snake_case, for logs and APIs
    std::string_view text_ru; ///< short, for people
};

/// All codes of registers with a fiscal drive, in order (docs/sources.md#shtrih, section 10).
std::span<const ErrorInfo> all_errors();
/// Meanings the same numbers had before the fiscal drive, where they differ.
std::span<const ErrorInfo> all_legacy_errors();
/// nullptr for a number without a meaning.
const ErrorInfo* find_error(std::uint8_t code);
const ErrorInfo* find_legacy_error(std::uint8_t code);

/// The Error of a refusal. Outcome::not_done where the same command may be sent again, Outcome::unknown where
/// a command that makes a fiscal document was cut short by printer or drive trouble (the document may exist),
/// else Outcome::refused.
Error refusal(std::uint16_t command, std::uint8_t error);
/// Whether it is the refusal 08h of the FN: no such document, or a document read to its end.
bool is_end_of_data(const Error& error);

/// Outcome when a command was accepted and its answer cannot be had: not_done for one that only reads, else
/// unknown.
Outcome outcome_without_answer(std::uint16_t command);
Outcome outcome_without_answer(Command command);

/// What follows the command code and the error byte 00. A refusal is refusal(); Errc::protocol_violation when
/// `answer` does not belong to `command`.
Result<BytesView> answer_data(std::uint16_t command, BytesView answer);

/// The device's side: an answer that refuses `command`.
Bytes encode_refusal(std::uint16_t command, std::uint8_t error);
/// The short form `FF ERR` in which some firmware refuses an FN command it does not know.
Bytes encode_short_refusal(std::uint8_t error);

} // namespace kb::shtrih

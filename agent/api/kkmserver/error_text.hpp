// What a KkmServer client may be told. A public client closes and opens the shift and registers the receipt
// again, under a new key, when it finds «смен» in an error, and sends again on «лиценз»: as long as nobody
// knows whether a document was made, no text contains these stems.
// Source: docs/sources.md#kkmserver, section 5.
#pragma once

#include <string>
#include <string_view>

namespace kb::agent::kkmserver {

/// What is certain while a text is told.
enum class Made {
    nothing, ///< nothing was made, and nothing will be made of this command
    unknown, ///< something may have been made, or may still be
};

/// Whether a stem that makes clients repeat a receipt is in it, in capitals or not.
bool has_danger_stem(std::string_view text);

/// The text as it may be told: all texts of all answers but those of success come through here.
std::string told(Made made, std::string text);

} // namespace kb::agent::kkmserver

// What the parts of POST /library share: asking a register, its marking codes, and having it work.
#pragma once

#include "drivers/emulator/marking.hpp"
#include "drivers/emulator/sale.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace kb::emulator {

/// {"refused":WORD,"reason":TEXT}
nlohmann::json refused(const char* word, const std::string& reason);
/// The word of a refusal: the name of its Why.
const char* word_of(Why why);

/// What the register has against the "mark" of a position; nullopt: nothing, or there is none.
std::optional<nlohmann::json> fault_of_mark(const MarkingDesk& desk, const nlohmann::json& in);

/// [{"tag":1008,"text":"a@b.ru"}, …] as TLVs. A tag has one value: "text" (CP866; with "width": padded to
/// it), "byte", "sum" (kopecks), "time" ("2026-03-25T14:05:00"), "hex" or "inside", a list of tags. Throws
/// BadRequest.
Bytes tlvs_of(const nlohmann::json& tags, const std::string& where);

} // namespace kb::emulator

// What the two halves of POST /library share: asking a register, and having it work.
#pragma once

#include "drivers/emulator/sale.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace kb::emulator {

/// {"refused":WORD,"reason":TEXT}
nlohmann::json refused(const char* word, const std::string& reason);
/// The word of a refusal: the name of its Why.
const char* word_of(Why why);

/// [{"tag":1008,"text":"a@b.ru"}, …] as TLVs. A tag has one value: "text" (CP866; with "width": padded to
/// it), "byte", "sum" (kopecks), "time" ("2026-03-25T14:05:00"), "hex" or "inside", a list of tags. Throws
/// BadRequest.
Bytes tlvs_of(const nlohmann::json& tags, const std::string& where);

} // namespace kb::emulator

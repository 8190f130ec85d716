// RegisterCheck, part by part. For .cpp files only, as fields.hpp.
#pragma once

#include "agent/api/kkmserver/translation.hpp"

namespace kb::agent::kkmserver {

/// A Register line; `line` complains of what is wrong. Source: docs/sources.md#kkmserver, section 4.2.
fiscal::Position read_position(Fields& line, const RegisterFacts& facts);

/// The code of tag 1199 for a KkmServer rate: percent, 100 + percent for a rate within the price, -1 without
/// VAT. nullopt: none of those in force.
std::optional<std::uint8_t> vat_rate_of(std::int64_t tax);

/// AgentSign, AgentData and PurveyorData, alike in a receipt and in its positions.
struct AgentFields {
    std::optional<std::uint32_t> flags;
    fiscal::Agent agent;
    fiscal::Supplier supplier;
    std::string supplier_inn;
};
AgentFields read_agent(Fields& fields);

/// A receipt, a correction or, with IsFiscalCheck false, a text.
Translated read_check(Fields& check, const RegisterFacts& facts);

/// CheckStrings of a document that is not fiscal, positions as text.
std::vector<fiscal::PrintItem> read_text_lines(Fields& command, const RegisterFacts& facts);

} // namespace kb::agent::kkmserver

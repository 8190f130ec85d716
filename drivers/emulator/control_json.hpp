// Reading the members of a control request, each error naming the field and its cure.
#pragma once

#include "drivers/emulator/sale.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <string>

namespace kb::emulator {

/// Thrown inside the control handlers only; becomes {error, field, cure}.
struct BadRequest {
    int status = 400;
    std::string error;
    std::string field;
    std::string cure;
};

bool flag_of(const nlohmann::json& in, const std::string& field);
bool flag_of(const nlohmann::json& in, const std::string& field, bool otherwise);
std::int64_t number_of(const nlohmann::json& in, const std::string& field, std::int64_t least,
                       std::int64_t most);
std::int64_t number_of(const nlohmann::json& in, const std::string& field, std::int64_t least,
                       std::int64_t most, std::int64_t otherwise);
std::string text_of(const nlohmann::json& in, const std::string& field, const std::string& otherwise);
/// One of the given words.
std::string word_of(const nlohmann::json& in, const std::string& field,
                    std::initializer_list<const char*> words);
/// Refuses members that nobody reads.
void only_fields(const nlohmann::json& in, std::initializer_list<const char*> fields);

/// {"name":"Чай","price":9900,"quantity":"1.5","vat":1}; faults name `where`.
Item item_from_json(const nlohmann::json& in, const std::string& where);

struct SaleRequest {
    Receipt receipt;
    Closing closing;
};
/// The body of POST /sale.
SaleRequest sale_from_json(const nlohmann::json& in, std::uint8_t tax_systems);

} // namespace kb::emulator

// The pieces that tasks are put together from, and the words they use.
// Source: docs/sources.md#atol-fptr, section 5.
#pragma once

#include "drivers/atol_fptr/json_object.hpp"
#include "drivers/atol_fptr/tasks.hpp"

namespace kb::atol_fptr {

inline constexpr std::chrono::milliseconds kLongestPosition{1'000};

/// operator{name, vatin}; nothing without a name: the register's own cashier.
void put_operator(JsonObject& json, const fiscal::Request& request);
/// Lines and codes that belong to nothing fiscal.
std::vector<std::string> print_items(const std::vector<fiscal::PrintItem>& items);
/// agentInfo and supplierInfo, of a receipt or of a position.
JsonObject agent_info(std::uint32_t flags, const fiscal::Agent& agent);
JsonObject supplier_info(const std::vector<std::string>& phones, const std::string& name,
                         const std::string& inn);
std::vector<std::string> industry_info(const std::vector<fiscal::IndustryAttribute>& attributes);

/// Of a code of tag 1199; Errc::not_representable naming `path`.
Result<std::string> tax_word(std::uint8_t rate, const std::string& path);
/// One element of items. `path` is where the caller gave it: "items[2]". `mark_result`: tag 2106, of a mark
/// that was checked.
Result<std::string> position_json(const fiscal::Position& position, fiscal::FfdVersion ffd,
                                  const std::string& path, std::optional<std::uint8_t> mark_result);
std::string base64(BytesView bytes);

/// "2026.03.25", "2026.03.25 14:05:00"
std::string task_date(LocalSeconds time);
std::string task_time(LocalSeconds time);

Result<LibraryTask> receipt_task(const fiscal::Request& request, const TaskFacts& facts);

} // namespace kb::atol_fptr

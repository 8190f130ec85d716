// Real damage: whole pages of a journal's file overwritten, those of one table or of one index.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kb::storage::test {

/// Pages of a table or index that hold rows, in the order of its keys.
std::vector<std::int64_t> leaf_pages_of(const std::filesystem::path& file, const std::string& name);
std::int64_t root_page_of(const std::filesystem::path& file, const std::string& name);
/// Overwrites a page from `from` on with what is no page.
void break_page(const std::filesystem::path& file, std::int64_t page, std::size_t from = 0);

} // namespace kb::storage::test

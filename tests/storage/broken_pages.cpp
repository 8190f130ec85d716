// SQLite itself is asked where its pages are; the file must not be open elsewhere.
#include "tests/storage/broken_pages.hpp"

#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

namespace kb::storage::test {

namespace {

constexpr std::size_t kPage = 4096;

} // namespace

std::vector<std::int64_t> leaf_pages_of(const std::filesystem::path& file, const std::string& name)
{
    SQLite::Database database(file.string());
    SQLite::Statement rows(database,
                           "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path");
    rows.bind(1, name);
    std::vector<std::int64_t> pages;
    while (rows.executeStep())
        pages.push_back(rows.getColumn(0).getInt64());
    return pages;
}

std::int64_t root_page_of(const std::filesystem::path& file, const std::string& name)
{
    SQLite::Database database(file.string());
    SQLite::Statement row(database, "SELECT rootpage FROM sqlite_schema WHERE name = ?");
    row.bind(1, name);
    row.executeStep();
    return row.getColumn(0).getInt64();
}

void break_page(const std::filesystem::path& file, std::int64_t page, std::size_t from)
{
    std::string bytes = kb::test::read_file(file);
    const std::size_t start = static_cast<std::size_t>(page - 1) * kPage;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(start + from),
              bytes.begin() + static_cast<std::ptrdiff_t>(start + kPage), '\xEE');
    kb::test::write_file(file, bytes);
}

} // namespace kb::storage::test

// Names come from the random device, so that tests running side by side never meet.
#include "tests/support/temp_dir.hpp"

#include <fstream>
#include <random>
#include <sstream>

namespace kb::test {

namespace fs = std::filesystem;

TempDir::TempDir()
{
    std::random_device random;
    do
        path_ = fs::temp_directory_path() / ("kb-test-" + std::to_string(random()));
    while (!fs::create_directory(path_));
}

TempDir::~TempDir()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void write_file(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary) << content;
}

std::string read_file(const fs::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

} // namespace kb::test

#include "agent/local_token.hpp"

#include "protocol/core/bytes.hpp"

#include <fstream>
#include <random>

namespace kb::agent {

namespace fs = std::filesystem;

fs::path local_token_file(const fs::path& data_dir) { return data_dir / "local.token"; }

Result<std::string> make_local_token(const fs::path& data_dir)
{
    return make_token(local_token_file(data_dir));
}

Result<std::string> make_token(const fs::path& file)
{
    constexpr int kWords = 8;  // 256 bits
    std::random_device random; // the system's generator
    ByteWriter bytes;
    for (int word = 0; word < kWords; ++word) {
        bytes.u32(random());
    }
    const std::string token = to_hex(bytes.view());
    fs::path fresh = file;
    fresh += ".new";
    std::error_code error;
    {
        std::ofstream out(fresh, std::ios::trunc);
        // Before the secret is in it.
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
        out << token << '\n' << std::flush;
        if (!out || error) {
            return fail(Errc::storage_failed, fresh.string() + ": cannot be written");
        }
    }
    fs::rename(fresh, file, error);
    if (error) {
        return fail(Errc::storage_failed, file.string() + ": " + error.message());
    }
    return token;
}

Result<std::string> load_local_token(const fs::path& data_dir)
{
    return load_token(local_token_file(data_dir));
}

Result<std::string> load_token(const fs::path& file)
{
    std::error_code error;
    std::ifstream in(file);
    std::string token;
    if (in && std::getline(in, token) && !token.empty()) {
        return token;
    }
    const bool absent = !fs::exists(file, error) && !error;
    return fail(absent ? Errc::not_found : Errc::storage_failed,
                file.string() + (absent
                                     ? ": no agent has run with this data folder"
                                     : ": cannot be read by this user; run as the agent's user or as root"));
}

} // namespace kb::agent

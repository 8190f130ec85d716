// LoadLibrary behind shared_library.hpp.
#include "drivers/transport/shared_library.hpp"

#include <windows.h>

#include <array>
#include <filesystem>

namespace kb {

Result<std::shared_ptr<const SharedLibrary>> SharedLibrary::load(const std::string& file)
{
    const std::filesystem::path path(std::u8string(file.begin(), file.end()));
    // A library with a path finds its own neighbours beside it, and nothing is looked for in the folder the
    // program happens to run in.
    const DWORD how = path.is_absolute() ? LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
                                         : LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;
    HMODULE handle = LoadLibraryExW(path.c_str(), nullptr, how);
    if (handle == nullptr) {
        const DWORD error = GetLastError();
        std::error_code ignored;
        const bool absent =
            path.is_absolute() ? !std::filesystem::exists(path, ignored) : error == ERROR_MOD_NOT_FOUND;
        return fail(absent ? Errc::not_found : Errc::unsupported,
                    file + ": " + std::system_category().message(static_cast<int>(error)));
    }
    std::array<wchar_t, MAX_PATH> found{};
    const DWORD length = GetModuleFileNameW(handle, found.data(), static_cast<DWORD>(found.size()));
    const auto told = std::filesystem::path(std::wstring(found.data(), length)).u8string();
    std::string where = length == 0 ? file : std::string(told.begin(), told.end());
    // Never freed: see load().
    return std::shared_ptr<const SharedLibrary>(new SharedLibrary(handle, std::move(where)));
}

SharedLibrary::Symbol SharedLibrary::symbol(const char* name) const
{
    return reinterpret_cast<Symbol>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

} // namespace kb

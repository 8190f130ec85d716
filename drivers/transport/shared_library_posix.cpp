// dlopen behind shared_library.hpp.
#include "drivers/transport/shared_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>

namespace kb {
namespace {

std::string path_of(void* handle, const std::string& asked)
{
    link_map* map = nullptr;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr && *map->l_name != '\0') {
        return map->l_name;
    }
    return asked;
}

} // namespace

Result<std::shared_ptr<const SharedLibrary>> SharedLibrary::load(const std::string& file)
{
    // RTLD_NOW: what it lacks is told here and not in the middle of a call. RTLD_LOCAL: its own copies of
    // common libraries do not meet ours.
    void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
        const char* why = dlerror();
        std::error_code ignored;
        const bool bare = file.find('/') == std::string::npos;
        const std::string text = why == nullptr ? file : why;
        // The loader has one text for "no such file" and for a file whose own needs are missing: the latter
        // begins with the name of another file.
        const bool absent = bare ? text.starts_with(file) : !std::filesystem::exists(file, ignored);
        return fail(absent ? Errc::not_found : Errc::unsupported, text);
    }
    return std::shared_ptr<const SharedLibrary>(new SharedLibrary(handle, path_of(handle, file)));
}

SharedLibrary::Symbol SharedLibrary::symbol(const char* name) const
{
    return reinterpret_cast<Symbol>(dlsym(handle_, name));
}

} // namespace kb

// A library of a device's maker, loaded while the program runs: never linked, never shipped, perhaps absent.
#pragma once

#include "protocol/core/result.hpp"

#include <memory>
#include <string>

namespace kb {

class SharedLibrary {
public:
    /// `file`: a path, or a bare name for the system's own search. Errc::not_found when there is no such
    /// file, Errc::unsupported when the system cannot load it (another architecture, something of its own
    /// missing); the context is what the system says. It stays loaded until the program ends: threads of its
    /// own may outlive everything that used it.
    static Result<std::shared_ptr<const SharedLibrary>> load(const std::string& file);

    /// nullptr when it exports no such name.
    template <class Function>
    [[nodiscard]] Function* find(const char* name) const
    {
        return reinterpret_cast<Function*>(symbol(name));
    }
    /// Where the system found it; as it was asked for where the system does not tell.
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    SharedLibrary(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

    /// The export's address, as the system gives it.
    using Symbol = void (*)();
    [[nodiscard]] Symbol symbol(const char* name) const;

    void* handle_;
    std::string path_;
};

} // namespace kb

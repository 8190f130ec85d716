// One handle of the ATOL library: parameters in, one call, parameters out. It blocks, and belongs to one
// thread. Source: docs/sources.md#atol-fptr, section 1.
#pragma once

#include "drivers/atol_fptr/library.hpp"
#include "drivers/atol_fptr/parameters.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/time.hpp"

#include <string_view>

namespace kb::atol_fptr {

class Handle {
public:
    /// `name`: of the port, for errors.
    static Result<std::unique_ptr<Handle>> create(std::shared_ptr<const Library> library, std::string name);
    /// Closes the port and gives the handle back.
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    /// Takes the settings and opens the port.
    Result<void> open(const std::string& settings_json);

    // Parameters of the next call; every call forgets them.
    Handle& set(Param id, std::uint32_t value);
    Handle& set(Param id, const std::string& value);
    Handle& set(Param id, LocalSeconds value);

    /// `function` returned 0, or the library's error with `what` was being done.
    using Function = int (*)(RawHandle);
    Result<void> call(Function function, std::string_view what);
    Result<void> query(Data kind, std::string_view what);
    Result<void> query(FnData kind, std::string_view what);

    // What the last call has left.
    [[nodiscard]] bool flag(Param id) const;
    [[nodiscard]] std::uint32_t number(Param id) const;
    [[nodiscard]] std::string text(Param id) const; ///< without the padding around it
    [[nodiscard]] Bytes bytes(Param id) const;
    /// Rubles of the library as kopecks; Errc::bad_value for what is no sum of money.
    [[nodiscard]] Result<Kopecks> kopecks(Param id, std::string_view what) const;
    /// Errc::bad_value for a day that does not exist.
    [[nodiscard]] Result<LocalSeconds> time(Param id, std::string_view what) const;

    [[nodiscard]] const Library& library() const { return *library_; }
    [[nodiscard]] const Api& api() const { return library_->api(); }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    Handle(std::shared_ptr<const Library> library, std::string name, RawHandle raw)
        : library_(std::move(library)),
          name_(std::move(name)),
          raw_(raw)
    {}

    [[nodiscard]] tl::unexpected<Error> failure(std::string_view what) const;

    std::shared_ptr<const Library> library_;
    std::string name_;
    RawHandle raw_;
    bool opened_ = false;
};

/// A fiscal tag as the parameter it is.
constexpr Param tag_param(unsigned tag) { return static_cast<Param>(tag); }

} // namespace kb::atol_fptr

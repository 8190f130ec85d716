// The ATOL driver library ("Драйвер ККТ 10", libfptr10), found and bound while the program runs. It is the
// maker's and stays on the maker's terms: this house neither links nor ships it.
// Source: docs/sources.md#atol-fptr, section 1.
#pragma once

#include "drivers/transport/shared_library.hpp"
#include "protocol/core/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kb::atol_fptr {

using RawHandle = void*;

/// The exports that are used here; all of them must be there.
struct Api {
    const char* (*get_version_string)() = nullptr;
    int (*create)(RawHandle* handle) = nullptr;
    void (*destroy)(RawHandle* handle) = nullptr;
    int (*set_settings)(RawHandle handle, const wchar_t* json) = nullptr;
    int (*open)(RawHandle handle) = nullptr;
    int (*close)(RawHandle handle) = nullptr;
    int (*is_opened)(RawHandle handle) = nullptr;
    int (*error_code)(RawHandle handle) = nullptr;
    int (*error_description)(RawHandle handle, wchar_t* text, int size) = nullptr;

    void (*set_param_int)(RawHandle handle, int id, unsigned value) = nullptr;
    void (*set_param_str)(RawHandle handle, int id, const wchar_t* value) = nullptr;
    void (*set_param_datetime)(RawHandle handle, int id, int year, int month, int day, int hour, int minute,
                               int second) = nullptr;
    int (*get_param_bool)(RawHandle handle, int id) = nullptr;
    unsigned (*get_param_int)(RawHandle handle, int id) = nullptr;
    double (*get_param_double)(RawHandle handle, int id) = nullptr;
    int (*get_param_str)(RawHandle handle, int id, wchar_t* value, int size) = nullptr;
    int (*get_param_bytearray)(RawHandle handle, int id, unsigned char* value, int size) = nullptr;
    void (*get_param_datetime)(RawHandle handle, int id, int* year, int* month, int* day, int* hour,
                               int* minute, int* second) = nullptr;

    int (*query_data)(RawHandle handle) = nullptr;
    int (*fn_query_data)(RawHandle handle) = nullptr;
    int (*process_json)(RawHandle handle) = nullptr;
    int (*begin_read_records)(RawHandle handle) = nullptr;
    int (*read_next_record)(RawHandle handle) = nullptr;
    int (*end_read_records)(RawHandle handle) = nullptr;
    int (*read_model_flags)(RawHandle handle) = nullptr;
    int (*write_date_time)(RawHandle handle) = nullptr;

    int (*check_document_closed)(RawHandle handle) = nullptr;
    int (*continue_print)(RawHandle handle) = nullptr;
    int (*cancel_receipt)(RawHandle handle) = nullptr;
    int (*beep)(RawHandle handle) = nullptr;
    int (*cut)(RawHandle handle) = nullptr;
};

class Library {
public:
    /// `configured`: the file of `library` in the configuration; empty: the usual places.
    /// Errc::library_missing naming every place and what to install; Errc::unsupported for one that cannot be
    /// loaded or is too old.
    static Result<std::shared_ptr<const Library>> load(const std::string& configured);

    [[nodiscard]] const Api& api() const { return api_; }
    [[nodiscard]] const std::string& path() const { return file_->path(); }
    /// "10.10.7.0"
    [[nodiscard]] const std::string& version() const { return version_; }

private:
    Library(std::shared_ptr<const SharedLibrary> file, Api api, std::string version)
        : file_(std::move(file)),
          api_(api),
          version_(std::move(version))
    {}

    std::shared_ptr<const SharedLibrary> file_;
    Api api_;
    std::string version_;
};

/// Where a library is looked for when the configuration names none, in order.
std::vector<std::string> usual_places();

} // namespace kb::atol_fptr

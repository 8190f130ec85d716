// Looks for the library and takes its exports.
#include "drivers/atol_fptr/library.hpp"

#include <filesystem>

namespace kb::atol_fptr {
namespace {

constexpr const char* kCure =
    "install the maker's driver «Драйвер ККТ» (ДТО) of version 10 for this system, or set "
    "library = \"/path/to/the/file\" in the register's [[device]] section";

/// Takes the exports one after another and remembers the first that is not there.
class Binder {
public:
    explicit Binder(const SharedLibrary& file) : file_(file) {}

    template <class Function>
    void take(Function*& into, const char* name)
    {
        const std::string full = std::string("libfptr_") + name;
        into = file_.find<Function>(full.c_str());
        if (into == nullptr && missing_.empty()) {
            missing_ = full;
        }
    }
    [[nodiscard]] const std::string& missing() const { return missing_; }

private:
    const SharedLibrary& file_;
    std::string missing_;
};

std::string bind(const SharedLibrary& file, Api& api)
{
    Binder binder(file);
    binder.take(api.get_version_string, "get_version_string");
    binder.take(api.create, "create");
    binder.take(api.destroy, "destroy");
    binder.take(api.set_settings, "set_settings");
    binder.take(api.open, "open");
    binder.take(api.close, "close");
    binder.take(api.is_opened, "is_opened");
    binder.take(api.error_code, "error_code");
    binder.take(api.error_description, "error_description");
    binder.take(api.set_param_int, "set_param_int");
    binder.take(api.set_param_str, "set_param_str");
    binder.take(api.set_param_datetime, "set_param_datetime");
    binder.take(api.get_param_bool, "get_param_bool");
    binder.take(api.get_param_int, "get_param_int");
    binder.take(api.get_param_double, "get_param_double");
    binder.take(api.get_param_str, "get_param_str");
    binder.take(api.get_param_bytearray, "get_param_bytearray");
    binder.take(api.get_param_datetime, "get_param_datetime");
    binder.take(api.query_data, "query_data");
    binder.take(api.fn_query_data, "fn_query_data");
    binder.take(api.process_json, "process_json");
    binder.take(api.begin_read_records, "begin_read_records");
    binder.take(api.read_next_record, "read_next_record");
    binder.take(api.end_read_records, "end_read_records");
    binder.take(api.read_model_flags, "read_model_flags");
    binder.take(api.write_date_time, "write_date_time");
    binder.take(api.check_document_closed, "check_document_closed");
    binder.take(api.continue_print, "continue_print");
    binder.take(api.cancel_receipt, "cancel_receipt");
    binder.take(api.beep, "beep");
    binder.take(api.cut, "cut");
    return binder.missing();
}

} // namespace

std::vector<std::string> usual_places()
{
    // The first is the system's own search.
    if constexpr (std::filesystem::path::preferred_separator == '\\') {
        return {"fptr10.dll", "C:\\Program Files\\ATOL\\Drivers10\\KKT\\bin\\fptr10.dll",
                "C:\\Program Files (x86)\\ATOL\\Drivers10\\KKT\\bin\\fptr10.dll"};
    }
    return {"libfptr10.so", "/usr/lib/libfptr10.so", "/usr/lib/x86_64-linux-gnu/libfptr10.so",
            "/usr/lib64/libfptr10.so", "/usr/local/lib/libfptr10.so"};
}

Result<std::shared_ptr<const Library>> Library::load(const std::string& configured)
{
    const std::vector<std::string> places =
        configured.empty() ? usual_places() : std::vector<std::string>{configured};
    std::string looked;
    for (const std::string& place : places) {
        looked += (looked.empty() ? "" : ", ") + place;
        const auto file = SharedLibrary::load(place);
        if (!file) {
            if (file.error().code == Errc::not_found) {
                continue;
            }
            return fail(Errc::unsupported, "ATOL library " + place + " cannot be loaded (" +
                                               file.error().context + "); " + kCure);
        }
        Api api;
        const std::string missing = bind(**file, api);
        const char* told = api.get_version_string == nullptr ? nullptr : api.get_version_string();
        const std::string version = told == nullptr ? "" : told;
        if (!missing.empty()) {
            std::string which = (*file)->path();
            if (!version.empty()) {
                which.append(" of version ").append(version);
            }
            which.append(" is too old: it has no ").append(missing).append("; ").append(kCure);
            return fail(Errc::unsupported, "ATOL library " + which);
        }
        return std::shared_ptr<const Library>(new Library(*file, api, version));
    }
    return fail(Errc::library_missing, "ATOL library not found; looked for: " + looked + "; " + kCure);
}

} // namespace kb::atol_fptr

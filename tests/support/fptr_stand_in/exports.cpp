// A stand-in for the ATOL driver library: the same exports, written from the documents, on a virtual
// register. It is a demo's and a test's library only and never installed. A TCP port names the register's
// control address; for a serial port the environment variable KB_FPTR_REGISTER does. Source:
// docs/sources.md#atol-fptr, section 1.
#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/register_client.hpp"
#include "tests/support/fptr_stand_in/session.hpp"
#include "tests/support/fptr_stand_in/stand_in.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>

using namespace stand_in;

namespace {

struct Misbehaviour {
    std::string function;
    int error = 0;
    std::string text;
    bool hang = false;
    bool done = false;
    bool nothing = false;
    int after = 0;
    int count = 0;
};

// Never destroyed: a thread that hangs here may outlive main().
struct Mood {
    std::mutex mutex;
    std::condition_variable released;
    Misbehaviour next;
    unsigned releases = 0;
    int hanging = 0;
    std::string settings;
    std::string task;
};

Mood& mood()
{
    static Mood* const all = new Mood;
    return *all;
}

std::atomic<int> handles{0};

/// What the test wants of this call, used up by asking; error 0 without "hang": nothing.
Misbehaviour misbehaviour_of(const char* function)
{
    const std::lock_guard lock(mood().mutex);
    Misbehaviour& next = mood().next;
    if (next.count == 0 || next.function != function)
        return {};
    if (next.after > 0) {
        --next.after;
        return {};
    }
    --next.count;
    return next;
}

void hang()
{
    std::unique_lock lock(mood().mutex);
    ++mood().hanging;
    const unsigned seen = mood().releases;
    mood().released.wait(lock, [seen] { return mood().releases != seen; });
    --mood().hanging;
}

Session& session_of(void* handle) { return *static_cast<Session*>(handle); }

/// One operation by the maker's rules: parameters go in and are forgotten, results and the error stay.
int operate(void* handle, const char* function, int (Session::*operation)())
{
    Session& session = session_of(handle);
    session.out.clear();
    session.error_text = "Ошибка";
    if (!session.on_its_thread()) {
        session.error = kErrorInternal;
        session.error_text = "дескриптор используется другим потоком";
        return -1;
    }
    const Misbehaviour wanted = misbehaviour_of(function);
    if (wanted.hang && !wanted.done)
        hang();
    session.error = 0;
    if (!wanted.nothing && (wanted.error == 0 || wanted.done))
        session.error = (session.*operation)();
    if (wanted.hang && wanted.done)
        hang();
    if (wanted.error != 0) {
        session.error = wanted.error;
        session.error_text = wanted.text;
    }
    session.in.clear();
    if (session.error != 0) {
        session.out.clear();
        return -1;
    }
    session.error_text = "Ошибок нет";
    return 0;
}

int put_text(const std::wstring& text, wchar_t* value, int size)
{
    const int needed = static_cast<int>(text.size()) + 1;
    if (value != nullptr && size > 0) {
        const std::size_t copied = std::min(text.size(), static_cast<std::size_t>(size) - 1);
        std::copy_n(text.data(), copied, value);
        value[copied] = L'\0';
    }
    return needed;
}

const Value* result_of(void* handle, int id)
{
    const Values& out = session_of(handle).out;
    const auto at = out.find(id);
    return at == out.end() ? nullptr : &at->second;
}

template <class T>
const T* result_as(void* handle, int id)
{
    const Value* value = result_of(handle, id);
    return value == nullptr ? nullptr : std::get_if<T>(value);
}

} // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT const char* libfptr_get_version_string() { return "10.10.7.0"; }

EXPORT int libfptr_create(void** handle)
{
    *handle = new Session;
    ++handles;
    return 0;
}

EXPORT void libfptr_destroy(void** handle)
{
    delete static_cast<Session*>(*handle);
    *handle = nullptr;
    --handles;
}

EXPORT int libfptr_set_settings(void* handle, const wchar_t* settings)
{
    Session& session = session_of(handle);
    {
        const std::lock_guard lock(mood().mutex);
        mood().settings = narrow_of(settings);
    }
    session.error = session.set_settings(settings);
    return session.error == 0 ? 0 : -1;
}

EXPORT int libfptr_open(void* handle) { return operate(handle, "open", &Session::open); }

EXPORT int libfptr_close(void* handle)
{
    if (misbehaviour_of("close").hang)
        hang();
    session_of(handle).close();
    return 0;
}

EXPORT int libfptr_is_opened(void* handle) { return session_of(handle).opened() ? 1 : 0; }

EXPORT int libfptr_error_code(void* handle) { return session_of(handle).error; }

EXPORT int libfptr_error_description(void* handle, wchar_t* value, int size)
{
    return put_text(wide_of(session_of(handle).error_text), value, size);
}

EXPORT void libfptr_reset_error(void* handle) { session_of(handle).error = 0; }

EXPORT void libfptr_set_param_bool(void* handle, int id, int value)
{
    session_of(handle).in[id] = static_cast<unsigned>(value);
}

EXPORT void libfptr_set_param_int(void* handle, int id, unsigned value) { session_of(handle).in[id] = value; }

EXPORT void libfptr_set_param_str(void* handle, int id, const wchar_t* value)
{
    session_of(handle).in[id] = std::wstring(value);
}

EXPORT void libfptr_set_param_datetime(void* handle, int id, int year, int month, int day, int hour,
                                       int minute, int second)
{
    session_of(handle).in[id] = DateTime{year, month, day, hour, minute, second};
}

EXPORT int libfptr_get_param_bool(void* handle, int id)
{
    const auto* value = result_as<unsigned>(handle, id);
    return value != nullptr && *value != 0 ? 1 : 0;
}

EXPORT unsigned libfptr_get_param_int(void* handle, int id)
{
    const auto* value = result_as<unsigned>(handle, id);
    return value == nullptr ? 0 : *value;
}

EXPORT double libfptr_get_param_double(void* handle, int id)
{
    const auto* value = result_as<double>(handle, id);
    return value == nullptr ? 0 : *value;
}

EXPORT int libfptr_get_param_str(void* handle, int id, wchar_t* value, int size)
{
    const auto* text = result_as<std::wstring>(handle, id);
    return put_text(text == nullptr ? std::wstring() : *text, value, size);
}

EXPORT int libfptr_get_param_bytearray(void* handle, int id, unsigned char* value, int size)
{
    const auto* bytes = result_as<std::vector<unsigned char>>(handle, id);
    if (bytes == nullptr)
        return 0;
    std::copy_n(bytes->data(), std::min(bytes->size(), static_cast<std::size_t>(std::max(size, 0))), value);
    return static_cast<int>(bytes->size());
}

EXPORT void libfptr_get_param_datetime(void* handle, int id, int* year, int* month, int* day, int* hour,
                                       int* minute, int* second)
{
    const auto* value = result_as<DateTime>(handle, id);
    const DateTime time = value == nullptr ? DateTime{1970, 1, 1, 0, 0, 0} : *value;
    *year = time.year;
    *month = time.month;
    *day = time.day;
    *hour = time.hour;
    *minute = time.minute;
    *second = time.second;
}

EXPORT int libfptr_query_data(void* handle) { return operate(handle, "query_data", &Session::query_data); }

EXPORT int libfptr_fn_query_data(void* handle)
{
    return operate(handle, "fn_query_data", &Session::fn_query_data);
}

EXPORT int libfptr_process_json(void* handle)
{
    const auto& in = session_of(handle).in;
    if (const auto task = in.find(kJsonData); task != in.end()) {
        const std::lock_guard lock(mood().mutex);
        mood().task = narrow_of(std::get<std::wstring>(task->second));
    }
    return operate(handle, "process_json", &Session::process_json);
}

EXPORT int libfptr_begin_read_records(void* handle)
{
    return operate(handle, "begin_read_records", &Session::begin_read_records);
}

EXPORT int libfptr_read_next_record(void* handle)
{
    return operate(handle, "read_next_record", &Session::read_next_record);
}

EXPORT int libfptr_end_read_records(void* handle)
{
    return operate(handle, "end_read_records", &Session::end_read_records);
}

EXPORT int libfptr_read_model_flags(void* handle)
{
    return operate(handle, "read_model_flags", &Session::read_model_flags);
}

EXPORT int libfptr_write_date_time(void* handle)
{
    return operate(handle, "write_date_time", &Session::write_date_time);
}

EXPORT int libfptr_check_document_closed(void* handle)
{
    return operate(handle, "check_document_closed", &Session::check_document_closed);
}

EXPORT int libfptr_continue_print(void* handle)
{
    return operate(handle, "continue_print", &Session::continue_print);
}

EXPORT int libfptr_cancel_receipt(void* handle)
{
    return operate(handle, "cancel_receipt", &Session::cancel_receipt);
}

EXPORT int libfptr_beep(void* handle) { return operate(handle, "beep", &Session::beep); }

EXPORT int libfptr_cut(void* handle) { return operate(handle, "cut", &Session::cut); }

EXPORT void kb_stand_in_misbehave(const char* text)
{
    const auto json = nlohmann::json::parse(text);
    const std::lock_guard lock(mood().mutex);
    mood().next = Misbehaviour{json.value("function", ""), json.value("error", 0),
                               json.value("text", ""),     json.value("hang", false),
                               json.value("done", false),  json.value("nothing", false),
                               json.value("after", 0),     json.value("count", json.empty() ? 0 : 1)};
}

EXPORT void kb_stand_in_register(const char* (*ask)(const char*)) { ask_through(ask); }

EXPORT void kb_stand_in_release()
{
    const std::lock_guard lock(mood().mutex);
    ++mood().releases;
    mood().released.notify_all();
}

EXPORT int kb_stand_in_hanging()
{
    const std::lock_guard lock(mood().mutex);
    return mood().hanging;
}

EXPORT int kb_stand_in_handles() { return handles; }

EXPORT const char* kb_stand_in_task()
{
    const std::lock_guard lock(mood().mutex);
    return mood().task.c_str();
}

EXPORT const char* kb_stand_in_settings()
{
    const std::lock_guard lock(mood().mutex);
    return mood().settings.c_str();
}

// The Windows service control manager behind service.hpp. Not part of the Linux build; unverified until the
// Windows port compiles it.
#include "agent/service/service.hpp"

#include <windows.h>

namespace kb::agent::service {
namespace {

constexpr wchar_t kName[] = L"kkt-agent";

SERVICE_STATUS_HANDLE g_handle = nullptr;
const std::function<int()>* g_body = nullptr;
const std::function<void()>* g_stop = nullptr;
int g_result = 0;

void report(DWORD state, DWORD exit_code = NO_ERROR)
{
    SERVICE_STATUS status{};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    status.dwControlsAccepted =
        state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN : 0;
    status.dwWin32ExitCode = exit_code;
    status.dwWaitHint = 5'000; // the agent stops within 5 s
    SetServiceStatus(g_handle, &status);
}

DWORD WINAPI on_control(DWORD control, DWORD, void*, void*)
{
    switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_PRESHUTDOWN:
        report(SERVICE_STOP_PENDING);
        (*g_stop)();
        return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
        return NO_ERROR;
    default:
        return ERROR_CALL_NOT_IMPLEMENTED;
    }
}

void WINAPI service_main(DWORD, wchar_t**)
{
    g_handle = RegisterServiceCtrlHandlerExW(kName, on_control, nullptr);
    if (g_handle == nullptr) {
        return;
    }
    report(SERVICE_START_PENDING);
    g_result = (*g_body)();
    report(SERVICE_STOPPED, g_result == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR);
}

} // namespace

void notify(std::string_view state)
{
    if (g_handle == nullptr) {
        return; // started from a console
    }
    if (state.substr(0, 7) == "READY=1") {
        report(SERVICE_RUNNING);
    } else if (state.substr(0, 10) == "STOPPING=1") {
        report(SERVICE_STOP_PENDING);
    }
}

std::optional<std::chrono::microseconds> watchdog_interval()
{
    return std::nullopt; // the control manager restarts what ends; it does not ask for signs of life
}

int run(const std::function<int()>& body, const std::function<void()>& stop)
{
    g_body = &body;
    g_stop = &stop;
    wchar_t name[] = L"kkt-agent";
    const SERVICE_TABLE_ENTRYW table[] = {{name, service_main}, {nullptr, nullptr}};
    if (StartServiceCtrlDispatcherW(table)) {
        return g_result;
    }
    return GetLastError() == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT ? body() : 1; // a console: just run
}

void be_small() {}

void leave_start_behind()
{
    const auto all = static_cast<SIZE_T>(-1); // "as much as can go", as the function's documentation has it
    ::SetProcessWorkingSetSize(::GetCurrentProcess(), all, all);
}

void let_others_go_first() { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL); }

} // namespace kb::agent::service

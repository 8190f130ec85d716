// The console of Windows understands colours once it is told to.
#include "agent/service/terminal.hpp"

#include <windows.h>

namespace kb::agent::service {

namespace {

bool is_console(DWORD which)
{
    const HANDLE handle = GetStdHandle(which);
    DWORD mode = 0;
    if (!GetConsoleMode(handle, &mode))
        return false;
    SetConsoleOutputCP(CP_UTF8);
    return SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

} // namespace

bool output_is_terminal() { return is_console(STD_OUTPUT_HANDLE); }
bool errors_are_terminal() { return is_console(STD_ERROR_HANDLE); }

} // namespace kb::agent::service

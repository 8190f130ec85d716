// Opening a COM port; Windows gives it to one process alone by nature.
#include "drivers/transport/serial_platform.hpp"

#include <windows.h>

namespace kb::detail {
namespace {

tl::unexpected<Error> open_failure(DWORD reason, const std::string& path)
{
    switch (reason) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return fail(Errc::port_not_found,
                    "open " + path +
                        ": no such port; check the cable and power of the register, then the name");
    case ERROR_ACCESS_DENIED: // what Windows says when somebody has the port open
    case ERROR_SHARING_VIOLATION:
        return fail(Errc::port_busy, "open " + path + ": another program holds the port; stop it");
    default:
        return fail(Errc::port_lost, "open " + path + ": Windows error " + std::to_string(reason));
    }
}

} // namespace

SerialHandle::~SerialHandle()
{
    if (owns_) {
        ::CloseHandle(native_);
    }
}

Result<SerialHandle> open_serial_port(const SerialSettings& settings)
{
    // Names from COM10 on are reachable only through the device namespace.
    const std::string full = settings.path.starts_with("\\\\.\\") ? settings.path : "\\\\.\\" + settings.path;
    HANDLE opened = ::CreateFileA(full.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_OVERLAPPED, nullptr);
    if (opened == INVALID_HANDLE_VALUE) {
        return open_failure(::GetLastError(), settings.path);
    }
    SerialHandle handle(opened);
    DCB line{};
    line.DCBlength = sizeof(line);
    if (!::GetCommState(opened, &line)) {
        return open_failure(::GetLastError(), settings.path);
    }
    line.BaudRate = settings.baud;
    line.ByteSize = 8;
    line.Parity = NOPARITY;
    line.StopBits = ONESTOPBIT;
    line.fBinary = TRUE;
    line.fParity = FALSE;
    line.fOutxCtsFlow = FALSE;
    line.fOutxDsrFlow = FALSE;
    line.fDtrControl = DTR_CONTROL_ENABLE;
    line.fRtsControl = RTS_CONTROL_ENABLE;
    line.fOutX = FALSE;
    line.fInX = FALSE;
    line.fNull = FALSE;
    line.fAbortOnError = FALSE;
    // A read returns as soon as one byte is there; how long to wait is decided above.
    COMMTIMEOUTS waits{};
    waits.ReadIntervalTimeout = MAXDWORD;
    waits.ReadTotalTimeoutMultiplier = MAXDWORD;
    waits.ReadTotalTimeoutConstant = MAXDWORD - 1;
    if (!::SetCommState(opened, &line) || !::SetCommTimeouts(opened, &waits)) {
        return open_failure(::GetLastError(), settings.path);
    }
    ::PurgeComm(opened, PURGE_RXCLEAR | PURGE_TXCLEAR);
    return handle;
}

Result<void> discard_serial_input(asio::serial_port& port, const std::string& name)
{
    if (!::PurgeComm(port.native_handle(), PURGE_RXCLEAR)) {
        return fail(Errc::port_lost,
                    name + ": discard input: Windows error " + std::to_string(::GetLastError()));
    }
    return {};
}

std::string node_stamp(const std::string& /*path*/) { return {}; }

void CloseSerial::operator()(asio::serial_port& port) const
{
    boost::system::error_code ignored;
    if (port.is_open()) {
        ::PurgeComm(port.native_handle(), PURGE_TXABORT | PURGE_TXCLEAR);
    }
    port.close(ignored);
}

} // namespace kb::detail

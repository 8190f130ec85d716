#include "tests/emulator/common/emulated_register.hpp"

#include <atomic>
#include <filesystem>
#include <stdexcept>

namespace kb::test {

std::string new_pty_address()
{
    // Unique on this machine without asking the system who we are: the address of a static differs by
    // process, too.
    static std::atomic<unsigned> count{0};
    static const auto start = std::chrono::steady_clock::now().time_since_epoch().count();
    const auto name = "kb-emulated-" + std::to_string(start) + "-" + std::to_string(count++);
    return "pty:" + (std::filesystem::temp_directory_path() / name).string();
}

std::string new_tcp_address()
{
    asio::io_context io;
    const asio::ip::tcp::acceptor probe(io, {asio::ip::address_v4::loopback(), 0});
    return "tcp:127.0.0.1:" + std::to_string(probe.local_endpoint().port());
}

PortUrl url_of(const std::string& listen)
{
    const bool pty = listen.starts_with("pty:");
    const auto url = parse_port_url(pty ? "serial:" + listen.substr(4) + "?baud=115200" : listen);
    if (!url) {
        throw std::runtime_error(url.error().message());
    }
    return *url;
}

emulator::Identity test_identity(const std::string& kkt_serial)
{
    emulator::Identity who;
    who.kkt_serial = kkt_serial;
    who.inn = "7707000008";
    who.reg_number = "0000000001037562";
    who.user = "ООО \"Ромашка\"";
    who.address = "101000, г. Москва, ул. Тестовая, д. 1";
    who.place = "Магазин";
    who.ofd_inn = "7709000003";
    who.ofd_name = "ООО \"ОФД-Тест\"";
    who.ofd_host = "ofd.example";
    who.fns_site = "www.nalog.gov.ru";
    who.sender_email = "noreply@example.org";
    who.kkt_version = "C.3";
    return who;
}

} // namespace kb::test

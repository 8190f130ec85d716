// A register that is only reached through its maker's library, in this process: the library is a stand-in,
// loaded like the real one, that asks the register by its control address.
#pragma once

#include "drivers/blocking_thread.hpp"
#include "drivers/emulator/control.hpp"
#include "drivers/emulator/control_server.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "tests/emulator/common/emulated_register.hpp"

#include <stdexcept>

namespace kb::test {

inline constexpr std::uint32_t kFptrDocuments = 40;

class FptrRegister final : public EmulatedRegister {
public:
    /// `ffd`: as tag 1209.
    explicit FptrRegister(asio::io_context& io, std::uint8_t ffd = 4)
        : faults_(1),
          sales_(7),
          kkt_(who(ffd), emulator::Times{&wall, std::chrono::steady_clock::now}, nullptr),
          control_(kkt_, faults_, 7),
          server_(io, [this](const std::string& method, const std::string& target, const std::string& body) {
              return control_.handle(method, target, body);
          })
    {
        kkt_.set_print_time(std::chrono::milliseconds(1));
        kkt_.first_start("9999078900002271", wall() + std::chrono::days(1000), wall());
        kkt_.preload(kFptrDocuments, 3);
        kkt_.on_power_lost = [this] { control_.link_lost(); };
        if (const auto listening = server_.listen("127.0.0.1:0"); !listening) {
            throw std::runtime_error(listening.error().message());
        }
    }
    // The driver is gone by now; its library closes the port on a thread of its own.
    ~FptrRegister() override { wait_for_blocking_threads(std::chrono::seconds(20)); }

    emulator::VirtualKkt& kkt() override { return kkt_; }
    emulator::Faults& faults() override { return faults_; }
    void hang_up() override { control_.hang_up(); }
    void power_on() override { kkt_.power_on(); }
    [[nodiscard]] PortUrl url() const override
    {
        const std::string address = server_.url(); // "http://127.0.0.1:8410"
        return url_of("tcp:" + address.substr(address.find("//") + 2));
    }
    void ring() override
    {
        auto [receipt, closing] = sales_.next(kkt_.cash());
        if (const auto closed = kkt_.ring(receipt, closing); !closed) {
            throw std::runtime_error("the keypad refused a sale");
        }
    }

private:
    static emulator::Identity who(std::uint8_t ffd)
    {
        emulator::Identity identity = test_identity("00106105123456");
        identity.kkt_version = "5.8.100";
        identity.ffd = ffd;
        return identity;
    }

    static LocalSeconds wall() { return *local_from_text("2026-03-25T14:05:00"); }

    emulator::Faults faults_;
    emulator::RandomSales sales_;
    emulator::VirtualKkt kkt_;
    emulator::Control control_;
    emulator::ControlServer server_;
};

} // namespace kb::test

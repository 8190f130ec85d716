// A PC with ports in memory, registers plugged in there, and an agent's device manager on it.
#pragma once

#include "agent/clock.hpp"
#include "agent/device_manager.hpp"
#include "agent/metrics.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_register.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <map>
#include <set>

namespace kb::agent::test {

using namespace std::chrono_literals;

inline constexpr UsbId kShtrih{0x1FC9, 0x0083};
inline constexpr UsbId kBootLoader{0x1FC9, 0x0089};
inline constexpr UsbId kAtol{0x2912, 0x0005};
inline constexpr UsbId kAdapter{0x0403, 0x6001};
inline constexpr UsbId kScanner{0x05F9, 0x4204};

inline KnownPlaces places_of_the_test()
{
    KnownPlaces places;
    places.registers = {kShtrih, kAtol};
    places.boot_loaders = {kBootLoader};
    places.usual_addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    return places;
}
inline const KnownPlaces kPlaces = places_of_the_test();

inline DeviceConfig section(const std::string& name, const std::string& port)
{
    DeviceConfig config;
    config.name = name;
    config.port = port;
    config.poll_busy = 1ms;
    config.poll_quiet = 1ms;
    return config;
}

inline Register register_no(const std::string& kkt_serial, const std::string& fn_serial,
                            std::uint32_t documents)
{
    Register one;
    one.kkt_serial = kkt_serial;
    one.fn_serial = fn_serial;
    one.last_fd = documents;
    return one;
}

/// Ends before the registers plugged in there: declare it after them.
class ShopOfRegisters {
public:
    ~ShopOfRegisters() { close(); }

    void open(std::vector<DeviceConfig> configs)
    {
        const DeviceServices services{worker_, clock_, metrics_, [] {}, [] {}};
        DeviceManager::Machine machine;
        machine.list = [this] { return around_; };
        machine.tools.connect = [this](asio::any_io_executor executor, ConnectRequest request) {
            return connect(std::move(executor), std::move(request));
        };
        machine.tools.stamp = [](const PortUrl& /*url*/) { return std::string(); };
        machine.known_places = &kPlaces;
        manager_.emplace(io_, std::move(configs), services, machine);
        manager_->start();
    }
    void close()
    {
        if (manager_) {
            manager_->stop();
            never_.cancel();
            run_until([&] { return manager_->ended(); });
            manager_.reset();
        }
    }

    ListedPort& plug(const std::string& path, Register* device, UsbId id = kShtrih,
                     const std::string& place = "1-1")
    {
        ListedPort port;
        port.path = path;
        port.usb = id;
        port.usb_place = place;
        port.usb_address = ++addresses_;
        port.usb_interface = 0;
        ListedUsb usb;
        usb.id = id;
        usb.place = place;
        usb.address = port.usb_address;
        around_.ports.push_back(port);
        around_.usb.push_back(usb);
        connect_line(path, device);
        return around_.ports.back();
    }
    /// A USB device without a serial port.
    void plug_usb(UsbId id, const std::string& place, Register* device = nullptr)
    {
        ListedUsb usb;
        usb.id = id;
        usb.place = place;
        usb.address = ++addresses_;
        around_.usb.push_back(usb);
        PortUrl url;
        url.kind = PortUrl::Kind::usb;
        url.usb = id;
        connect_line(url.text(), device);
    }
    /// A port that is not listed: the network.
    void connect_line(const std::string& key, Register* device)
    {
        lines_[key] = device;
        if (device != nullptr) {
            device->plugged = true;
            ++device->cable;
        }
    }
    void unplug(const std::string& path)
    {
        const auto gone = std::find_if(around_.ports.begin(), around_.ports.end(),
                                       [&](const ListedPort& port) { return port.path == path; });
        REQUIRE(gone != around_.ports.end());
        const unsigned address = gone->usb_address;
        around_.ports.erase(gone);
        std::erase_if(around_.usb, [&](const ListedUsb& usb) { return usb.address == address; });
        if (Register* device = lines_[path]; device != nullptr) {
            ++device->cable;
            device->plugged = false;
        }
        lines_.erase(path);
    }
    /// The system's news of everything since the last call.
    void tell()
    {
        const PortChange change = changes(told_, around_);
        told_ = around_;
        manager_->on_ports_changed(change);
    }

    template <class Condition>
    void run_until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) {
                FAIL_CHECK("it did not come to pass");
                return;
            }
            io_.run_one_for(20ms);
        }
    }
    const Device& device(std::size_t index) { return *manager_->devices()[index]; }
    bool reads(std::size_t index, const Register& wanted)
    {
        return device(index).state() == DeviceState::ready && device(index).behind() == 0U &&
               device(index).sample().info.kkt_serial == wanted.kkt_serial && device(index).sample().fn &&
               device(index).sample().fn->fn_serial == wanted.fn_serial &&
               device(index).sample().fn->last_fd_number == wanted.last_fd;
    }
    void until_reads(std::size_t index, const Register& wanted)
    {
        run_until([&] { return reads(index, wanted); });
    }
    bool absent(std::size_t index, std::string_view reason)
    {
        return device(index).state() == DeviceState::absent && device(index).sample().state_reason == reason;
    }
    void until_absent(std::size_t index, std::string_view reason)
    {
        run_until([&] { return absent(index, reason); });
    }

    template <class Work>
    auto journal(Work work)
    {
        std::promise<std::invoke_result_t<Work&, storage::Journal&>> promise;
        worker_.submit(work, [&](auto value) { promise.set_value(std::move(value)); });
        return promise.get_future().get();
    }
    std::uint64_t documents()
    {
        return *journal([](storage::Journal& open) { return open.documents().count(); });
    }
    bool complete(const Register& device)
    {
        return journal([&](storage::Journal& open) {
                   return open.documents().missing(device.fn_serial, device.last_fd);
               })
            .empty();
    }
    int events(const std::string& kind)
    {
        const auto rows = journal([](storage::Journal& open) { return open.telemetry().recent_events(200); });
        return static_cast<int>(
            std::count_if(rows->begin(), rows->end(), [&](const auto& row) { return row.kind == kind; }));
    }

    void run_once() { io_.run_one_for(1ms); }
    /// Whoever opens this port waits until the shop closes.
    void hang(const std::string& path) { hanging_.insert(path); }
    /// Or until this.
    void let_go() { never_.cancel(); }

    std::vector<std::string> asked; ///< every port that was opened, in order

private:
    Task<Connection> connect(asio::any_io_executor executor, ConnectRequest request)
    {
        const std::string key = key_of(request.url);
        asked.push_back(key);
        if (hanging_.contains(key)) {
            boost::system::error_code ignored;
            never_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await never_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            co_return fail(Errc::cancelled, key);
        }
        const auto line = lines_.find(key);
        if (line == lines_.end()) {
            co_return fail(Errc::port_not_found, key);
        }
        if (line->second == nullptr) {
            co_return fail(Errc::no_answer, key);
        }
        Connection connection;
        connection.url = request.url;
        connection.driver = std::make_unique<FakeDriver>(executor, *line->second);
        connection.vendor = "test";
        co_return connection;
    }

    kb::test::TempDir dir_;
    SystemClock clock_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    Metrics metrics_;
    storage::Worker worker_{storage::test::open_journal(dir_.path())};
    PortPicture around_;
    PortPicture told_;
    unsigned addresses_ = 256;
    std::map<std::string, Register*> lines_;
    std::set<std::string> hanging_;
    asio::steady_timer never_{io_};
    std::optional<DeviceManager> manager_;
};

} // namespace kb::agent::test

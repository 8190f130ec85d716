// Registers that move between ports, restart, are exchanged, or look alike: on a machine in memory.
#include "agent/clock.hpp"
#include "agent/device_manager.hpp"
#include "agent/metrics.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_register.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;
using kb::agent::test::FakeDriver;
using kb::agent::test::Register;

namespace {

constexpr UsbId kShtrih{0x1FC9, 0x0083};
constexpr UsbId kBootLoader{0x1FC9, 0x0089};
constexpr UsbId kAtol{0x2912, 0x0005};
constexpr UsbId kAdapter{0x0403, 0x6001};
constexpr UsbId kScanner{0x05F9, 0x4204};

KnownPlaces places_of_the_test()
{
    KnownPlaces places;
    places.registers = {kShtrih, kAtol};
    places.boot_loaders = {kBootLoader};
    places.usual_addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    return places;
}
const KnownPlaces kPlaces = places_of_the_test();

DeviceConfig section(const std::string& name, const std::string& port)
{
    DeviceConfig config;
    config.name = name;
    config.port = port;
    config.poll_busy = 1ms;
    config.poll_quiet = 1ms;
    return config;
}

Register register_no(const std::string& kkt_serial, const std::string& fn_serial, std::uint32_t documents)
{
    Register one;
    one.kkt_serial = kkt_serial;
    one.fn_serial = fn_serial;
    one.last_fd = documents;
    return one;
}

/// A PC with ports in memory, and an agent's device manager on it.
class Shop {
public:
    ~Shop() { close(); }

    void open(std::vector<DeviceConfig> configs)
    {
        const DeviceServices services{worker_, clock_, metrics_, [] {}, [] {}};
        DeviceManager::Machine machine;
        machine.list = [this] { return around_; };
        machine.connect = [this](asio::any_io_executor executor, ConnectRequest request) {
            return connect(std::move(executor), std::move(request));
        };
        machine.known_places = &kPlaces;
        manager_.emplace(io_, std::move(configs), services, machine);
        manager_->start();
    }
    void close()
    {
        if (manager_) {
            manager_->stop();
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
    void unplug_usb(const std::string& place)
    {
        std::erase_if(around_.usb, [&](const ListedUsb& usb) { return usb.place == place; });
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

    std::vector<std::string> asked; ///< every port that was opened, in order

private:
    Task<Connection> connect(asio::any_io_executor executor, ConnectRequest request)
    {
        const std::string key = key_of(request.url);
        asked.push_back(key);
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
    std::optional<DeviceManager> manager_;
};

} // namespace

TEST_CASE("a cable pulled and put into another port changes nothing", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 5);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.until_absent(0, "port_not_found");
    a.last_fd = 8;
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    shop.until_reads(0, a);
    CHECK(shop.device(0).port() == "serial:/dev/nowhereACM1");
    CHECK(shop.documents() == 8);
    CHECK(a.read.size() == 8); // each number once
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("where a register was found is remembered over restarts of the agent", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 3);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.close();
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM7", &a, kShtrih, "1-9");
    shop.plug("/dev/nowhereACM0", nullptr, kScanner, "1-1"); // the name has another owner now
    shop.asked.clear();
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    CHECK(shop.asked == std::vector<std::string>{"/dev/nowhereACM7"}); // the new owner is left in peace
}

TEST_CASE("two registers that look alike on USB and change their ports keep their names", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0002", "9999000000000002", 6);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    a.last_fd = 5;
    b.last_fd = 7;
    shop.tell();
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    CHECK(shop.device(0).port() == "serial:/dev/nowhereACM1");
    CHECK(shop.device(1).port() == "serial:/dev/nowhereACM0");
    CHECK(shop.complete(a));
    CHECK(shop.complete(b));
    CHECK(shop.documents() == 12);
    CHECK(a.read.size() == 5);
    CHECK(b.read.size() == 7);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a register of another section is not taken for the one that is switched off", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1"); // only this one comes back, under the other's name
    shop.tell();
    shop.until_reads(1, b);
    shop.until_absent(0, "wrong_device");
    CHECK(shop.device(1).port() == "serial:/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a register exchanged for another is served in its place, and people are told", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register spare = register_no("0003", "9999000000000003", 4);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM0", &spare);
    shop.tell();
    shop.until_reads(0, spare);
    CHECK(shop.events("device_replaced") == 1);
    CHECK(shop.documents() == 6);
}

TEST_CASE("an unknown register elsewhere is not taken for the configured one", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register guest = register_no("0004", "9999000000000004", 9);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM1", &guest, kShtrih, "1-2");
    shop.tell();
    shop.until_absent(0, "port_not_found");
    CHECK(shop.documents() == 2);
}

TEST_CASE("a port changed in the configuration is obeyed, whoever is there", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.close();
    shop.open({section("Касса 1", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, b);
}

TEST_CASE("two registers that exchange their adapters are both found", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    shop.plug("/dev/nowhereUSB0", &a, kAdapter, "1-1").usb_serial = "X";
    shop.plug("/dev/nowhereUSB1", &b, kAdapter, "1-2").usb_serial = "Y";
    shop.open({section("Касса 1", "serial:/dev/nowhereUSB0"), section("Касса 2", "serial:/dev/nowhereUSB1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.connect_line("/dev/nowhereUSB0", &b); // the adapters stay where they are
    shop.connect_line("/dev/nowhereUSB1", &a);
    shop.run_until([&] { return shop.device(0).port() == "serial:/dev/nowhereUSB1"; });
    shop.run_until([&] { return shop.device(1).port() == "serial:/dev/nowhereUSB0"; });
    shop.until_reads(0, a);
    shop.until_reads(1, b);
}

TEST_CASE("a new FN in the same register begins a new range of the same register", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 5);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    a.fn_serial = "9999000000000077";
    a.last_fd = 2;
    shop.plug("/dev/nowhereACM0", &a);
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.documents() == 7);
    CHECK(shop.events("fn_replaced") == 1);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a register in its boot loader is named so and asked nothing until it is back", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1.3");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM9", nullptr, kBootLoader, "1-1.3");
    shop.asked.clear();
    shop.tell();
    shop.until_absent(0, "in_boot_loader");
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM9") == 0);
    shop.unplug("/dev/nowhereACM9");
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1.3");
    shop.tell();
    shop.until_reads(0, a);
}

TEST_CASE("somebody else's boot loader does not explain why this register is away", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug_usb(kBootLoader, "1-2");
    shop.tell();
    shop.until_absent(0, "port_not_found");
}

TEST_CASE("of two registers with one factory number both are read, and people are told", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0001", "9999000000000002", 6);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.run_until([&] { return shop.documents() == 10; });
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    CHECK(shop.complete(a));
    CHECK(shop.complete(b));
    const auto reason = [&](std::size_t index) { return shop.device(index).sample().state_reason; };
    CHECK(reason(0) + reason(1) == "duplicate_serial"); // whoever came second
}

TEST_CASE("one register on two ways is served on one of them, and loses nothing when that one goes",
          "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 4);
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("сеть", "tcp:10.0.0.5:7778")});
    shop.until_reads(0, a);
    shop.until_absent(1, "port_not_found");
    const int cable = a.cable;
    shop.connect_line("tcp:10.0.0.5:7778", &a);
    a.cable = cable; // the USB line goes on
    shop.until_absent(1, "duplicate_device");
    CHECK(shop.reads(0, a));
    a.last_fd = 6;
    shop.run_until([&] { return shop.documents() == 6; });
    shop.unplug("/dev/nowhereACM0");
    a.plugged = true;
    a.last_fd = 7;
    shop.tell();
    shop.run_until([&] { return shop.documents() == 7; });
    CHECK(a.read.size() == 7);
}

TEST_CASE("with port = auto a register is found by its USB identity before anybody else is asked",
          "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(shop.asked == std::vector<std::string>{"/dev/nowhereACM0"});
}

TEST_CASE("with port = auto a stranger is asked once, and again only when it is plugged in anew", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.open({section("", "auto")});
    const auto times_asked = [&](const std::string& port) {
        return std::count(shop.asked.begin(), shop.asked.end(), port);
    };
    const std::string usual = "tcp:192.168.137.111:7778";
    shop.run_until([&] { return times_asked(usual) == 3; }); // three rounds of searching
    CHECK(times_asked("/dev/nowhereUSB0") == 1);
    shop.unplug("/dev/nowhereUSB0");
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.tell();
    shop.run_until([&] { return times_asked("/dev/nowhereUSB0") == 2; });
    shop.plug("/dev/nowhereS0", &a, kScanner, "1-4"); // a register behind an adapter of no known make
    shop.tell();
    shop.until_reads(0, a);
    CHECK(times_asked("/dev/nowhereUSB0") == 2);
}

TEST_CASE("two sections with port = auto take one register each", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("", "auto"), section("", "auto")});
    shop.run_until([&] { return shop.documents() == 5; });
    shop.run_until(
        [&] { return (shop.reads(0, a) && shop.reads(1, b)) || (shop.reads(0, b) && shop.reads(1, a)); });
}

TEST_CASE("with port = auto a port that is given to another section is left to it", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("", "auto"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(1, b);
    shop.until_absent(0, "wrong_device");
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.reads(1, b));
}

TEST_CASE("a register that no driver makes a port of is reached on USB itself", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug_usb(kShtrih, "1-1", &a);
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(shop.device(0).port() == "usb:1FC9:0083");
}

TEST_CASE("the second port of a composite register is never asked", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    const unsigned address = shop.plug("/dev/nowhereACM1", &a, kAtol, "1-1").usb_address;
    ListedPort& second = shop.plug("/dev/nowhereACM0", nullptr, kAtol, "1-1");
    second.usb_address = address;
    second.usb_interface = 2;
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM0") == 0);
}

TEST_CASE("a pulled cable is noticed at once, also between two polls far apart", "[devices]")
{
    Shop shop;
    Register a = register_no("0001", "9999000000000001", 2);
    shop.plug("/dev/nowhereACM0", &a);
    DeviceConfig slow = section("Касса 1", "serial:/dev/nowhereACM0");
    slow.poll_busy = 600'000ms;
    slow.poll_quiet = 600'000ms;
    shop.open({slow});
    shop.until_reads(0, a);
    shop.tell();
    shop.unplug("/dev/nowhereACM0");
    shop.tell();
    shop.run_until([&] { return shop.device(0).state() == DeviceState::absent; });
    a.last_fd = 3;
    shop.plug("/dev/nowhereACM2", &a);
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.documents() == 3);
}

TEST_CASE("what is remembered of registers survives its own JSON, and nonsense is nothing", "[devices]")
{
    KnownDevices devices;
    KnownDevice usb;
    usb.kkt_serial = "0001";
    usb.usb = kShtrih;
    usb.usb_serial = "\"\xFF\""; // no UTF-8
    devices["Касса \"1\""] = usb;
    KnownDevice tcp;
    tcp.kkt_serial = "0002";
    tcp.fn_serial = "9999";
    tcp.configured = "auto";
    tcp.port = "tcp:10.0.0.5:7778";
    devices["b"] = tcp;
    const KnownDevices again = decode_known_devices(encode(devices));
    REQUIRE(again.size() == 2);
    CHECK(again.at("b") == devices.at("b"));
    CHECK(again.at("Касса \"1\"").usb == kShtrih);
    for (const char* nonsense : {"", "{", "[]", "7", R"({"a":7})", R"({"a":{"usb":"1FC9"}})"}) {
        for (const auto& [name, device] : decode_known_devices(nonsense)) {
            CHECK(device == KnownDevice{});
        }
    }
}

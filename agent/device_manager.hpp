// All registers of this PC: one Device each on its own strand, and the search for the port each of them is
// on.
#pragma once

#include "agent/device.hpp"
#include "agent/known_device.hpp"
#include "agent/port_search.hpp"
#include "drivers/registry.hpp"
#include "drivers/transport/hotplug.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// A register is known by its own factory number and FN. Whatever the ports are called, it is found again;
/// who answers on its port with another number is looked at as somebody else.
class DeviceManager {
public:
    /// How the manager sees this PC; tests give it another.
    struct Machine {
        std::function<PortPicture()> list = &list_everything;
        std::function<Task<Connection>(asio::any_io_executor, ConnectRequest)> connect = &connect_device;
        const KnownPlaces* known_places = &kb::known_places();
    };

    DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs, const DeviceServices& services);
    DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs, const DeviceServices& services,
                  Machine machine);

    void start();
    void stop();
    [[nodiscard]] bool ended() const;
    [[nodiscard]] const std::vector<std::shared_ptr<Device>>& devices() const { return devices_; }

    /// The journal has forgotten numbers of some FN: every device compares again.
    void compare_again();
    /// Something was plugged in or pulled: whoever that may concern is woken.
    void on_ports_changed(const PortChange& change);

private:
    /// One [[device]] section.
    struct Slot {
        DeviceConfig config;
        std::string section;
        KnownDevice known;
        std::string asking;      ///< key of the port it is asking just now
        Driver* asked = nullptr; ///< who answers there
        std::string in_use;      ///< key of the port it has open
        std::string fn_serial;
        unsigned usb_address = 0; ///< of the device behind in_use
        /// Ports that may be anybody's, and when no register answered there.
        std::map<std::string, std::chrono::steady_clock::time_point> silent;
    };
    /// A register that has answered and told who it is.
    struct Answer {
        Reached reached;
        PortUrl url;
        std::string fn_serial;
    };
    enum class Verdict { ours, somebody_elses, twin, refused, unknown_one };

    Task<Reached> connect(asio::any_io_executor strand, std::size_t index);
    asio::awaitable<void> load();
    Task<Answer> ask(asio::any_io_executor strand, std::size_t index, PlaceToLook place);
    /// Some other section has this register already.
    [[nodiscard]] bool is_served(const std::string& kkt_serial, const std::string& fn_serial,
                                 std::size_t asking) const;
    [[nodiscard]] Verdict judge(std::size_t index, const Answer& answer) const;
    [[nodiscard]] std::optional<std::size_t> owner_of(const std::string& kkt_serial,
                                                      const std::string& fn_serial, std::size_t asking) const;
    /// It has its register, on the port in_use.
    [[nodiscard]] bool serves(std::size_t index) const;
    [[nodiscard]] std::string fn_of(std::size_t index) const;
    /// Why this place is not to be asked now; empty: nothing against it.
    [[nodiscard]] std::optional<Error> obstacle(std::size_t index, const PlaceToLook& place,
                                                const PortPicture& around) const;
    static void note_place(Slot& slot, const PortUrl& url, const PortPicture& around);
    Reached take(std::size_t index, Answer answer, const PortPicture& around);
    /// Its own section, should it be looking for it, learns where this register is.
    void pass_on(const PlaceToLook& place, const Answer& answer, std::size_t asking,
                 const PortPicture& around);
    void store();

    asio::any_io_executor executor_;
    DeviceServices services_;
    Machine machine_;
    std::unique_ptr<PortWatch> watch_;
    std::vector<Slot> slots_;
    std::vector<std::shared_ptr<Device>> devices_;
    bool loaded_ = false;
    bool stopping_ = false;
    std::string stored_;

    /// Registers that were met once more while another port serves them, by port: not asked again meanwhile.
    struct Duplicate {
        std::string kkt_serial;
        std::string fn_serial;
    };
    std::map<std::string, Duplicate> duplicates_;
};

} // namespace kb::agent

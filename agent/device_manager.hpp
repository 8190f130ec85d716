// All registers of this PC: one Device each on its own strand, and the search for the port each of them is
// on.
#pragma once

#include "agent/device.hpp"
#include "agent/device_memory.hpp"
#include "agent/port_search.hpp"
#include "drivers/finder.hpp"
#include "drivers/transport/tap.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// A register is known by its own factory number and FN. Whatever the ports are called, it is found again;
/// who answers on its port with another number is looked at as somebody else. All strands run on one thread:
/// what they share here needs no lock.
class DeviceManager {
public:
    /// How the manager sees this PC; tests give it another.
    struct Machine {
        std::function<PortPicture()> list = &list_everything;
        Finder::Tools tools{};
        const KnownPlaces* known_places = &kb::known_places();
    };

    DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs, const DeviceServices& services);
    DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs, const DeviceServices& services,
                  Machine machine);

    void start();
    void stop();
    [[nodiscard]] bool ended() const;
    [[nodiscard]] const std::vector<std::shared_ptr<Device>>& devices() const { return devices_; }

    /// Hears the line of the device at `index`, whichever it has.
    [[nodiscard]] LineTap& tap(std::size_t index) { return *slots_[index]->tap; }

    /// The journal has forgotten numbers of some FN: every device compares again.
    void compare_again();
    /// Something was plugged in or pulled: whoever that may concern is woken.
    void on_ports_changed(const PortChange& change);

private:
    /// When a port is asked again that was asked for nothing.
    struct Rest {
        Steady::time_point until;
        bool longer = false; ///< it was so the last time, too
    };
    /// One [[device]] section.
    struct Slot {
        DeviceConfig config;
        std::string section;
        std::string asking;                 ///< key of the port it is asking just now
        Driver* asked = nullptr;            ///< who answers there
        std::string in_use;                 ///< key of the port it has open
        std::string fn_serial;              ///< as told when it was taken
        unsigned usb_address = 0;           ///< of the device behind in_use
        std::map<std::string, Rest> silent; ///< guesses without a register
        std::shared_ptr<LineTap> tap = std::make_shared<LineTap>();
    };
    class Asking;
    /// A register that has answered and told who it is.
    struct Answer {
        Reached reached;
        RegisterNumbers numbers;
    };
    enum class Verdict {
        ours,
        twin,           ///< ours, but another register of this number is served
        duplicate,      ///< served already, on another port
        somebody_elses, ///< of another section, which looks for it
        stranger,       ///< of no section
    };
    /// What a search has come to so far.
    struct Finding {
        std::optional<Error> first;       ///< of the likeliest place: what people are told
        std::optional<Answer> substitute; ///< a stranger where the configuration points
        PortUrl substitute_at;
    };

    // device_finding.cpp: the search for one register
    Task<Reached> connect(asio::any_io_executor strand, std::size_t index);
    Task<std::optional<Reached>> look_at(asio::any_io_executor strand, std::size_t index, PlaceToLook place,
                                         Finding& finding);
    Task<Answer> ask(asio::any_io_executor strand, std::size_t index, PlaceToLook place);
    [[nodiscard]] bool rests(const Slot& slot, const PlaceToLook& place) const;
    static void let_rest(Slot& slot, const PlaceToLook& place, Errc found);
    Reached take(std::size_t index, Answer answer, const PortUrl& url);
    void note_place(Slot& slot, const PortUrl& url);
    /// Its own section, should it be looking for it, learns where this register is.
    void pass_on(const PlaceToLook& place, const Answer& answer, std::size_t asking);

    // device_claims.cpp: whose register and whose port
    /// Why this place is not to be asked now; empty: nothing against it.
    [[nodiscard]] std::optional<Error> obstacle(std::size_t index, const PlaceToLook& place,
                                                const PortPicture& around) const;
    [[nodiscard]] bool is_its_own(std::size_t index, const PlaceToLook& place) const;
    [[nodiscard]] Verdict judge(std::size_t index, const RegisterNumbers& told) const;
    [[nodiscard]] std::optional<std::size_t> owner_of(const RegisterNumbers& told, std::size_t asking) const;
    /// Some other section has this register already.
    [[nodiscard]] bool is_served(const RegisterNumbers& told, std::size_t asking) const;
    /// It has its register, on the port in_use.
    [[nodiscard]] bool serves(std::size_t index) const;
    [[nodiscard]] RegisterNumbers served_numbers(std::size_t index) const;
    [[nodiscard]] const KnownDevice& known(std::size_t index) const
    {
        return memory_.of(slots_[index]->section);
    }

    asio::any_io_executor executor_;
    Machine machine_;
    Finder finder_;
    DeviceMemory memory_;
    std::unique_ptr<PortWatch> watch_;
    std::vector<std::shared_ptr<Slot>> slots_; ///< shared with searches that are broken off
    std::vector<std::shared_ptr<Device>> devices_;
    bool stopping_ = false;

    /// Registers that were met once more while another port serves them, by port: not asked again meanwhile.
    struct Duplicate {
        RegisterNumbers numbers;
        Steady::time_point until;
    };
    std::map<std::string, Duplicate> duplicates_;

    /// Ports on which a section met another's register, by port: that one may come there first. Two sections
    /// whose cables were exchanged would else stand in each other's way for ever.
    struct Promise {
        std::size_t owner = 0;
        Steady::time_point until;
    };
    std::map<std::string, Promise> promised_;
};

} // namespace kb::agent

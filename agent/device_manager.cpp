// Who answers on which port, and whose register that is.
#include "agent/device_manager.hpp"

#include "agent/async.hpp"
#include "agent/log.hpp"

#include <algorithm>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::string_view kSetting = "devices.known";
// A port that may be anybody's is asked again only after this, unless something new is plugged in there.
constexpr auto kLeaveAlone = 10min;

// Puts a value back to what it was when nothing was going on, however that ends.
template <class T>
class Meanwhile {
public:
    Meanwhile(T& place, T value) : place_(place) { place_ = std::move(value); }
    ~Meanwhile() { place_ = T{}; }
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;

private:
    T& place_;
};

std::optional<PortUrl> configured_port(const DeviceConfig& config)
{
    auto url = parse_port_url(config.port);
    if (!url) {
        return std::nullopt; // "auto"; anything else was refused with the configuration
    }
    if (config.baud != 0 && url->kind == PortUrl::Kind::serial) {
        url->baud = config.baud;
    }
    return *std::move(url);
}

// Of a port as it was stored; empty when it is none.
std::string key_of_text(const std::string& port)
{
    const auto url = parse_port_url(port);
    return url ? key_of(*url) : std::string();
}

Error duplicate(const PlaceToLook& place, const std::string& kkt_serial)
{
    return Error{
        Errc::duplicate_device, Outcome::not_done,
        place.url.text() + ": register № " + kkt_serial +
            " is served on another port already; remove one of the two [[device]] sections, or give one "
            "of them the other register's port",
        std::nullopt};
}

void keep_first(std::optional<Error>& first, const Error& error)
{
    if (!first) {
        first = error;
    }
}

} // namespace

DeviceManager::DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs,
                             const DeviceServices& services)
    : DeviceManager(io, std::move(configs), services, Machine{})
{}

DeviceManager::DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs,
                             const DeviceServices& services, Machine machine)
    : executor_(io.get_executor()),
      services_(services),
      machine_(std::move(machine))
{
    const std::vector<std::string> sections = section_names(configs);
    for (std::size_t index = 0; index < configs.size(); ++index) {
        asio::any_io_executor strand = asio::make_strand(io);
        Slot slot;
        slot.config = configs[index];
        slot.section = sections[index];
        slots_.push_back(std::move(slot));
        devices_.push_back(std::make_shared<Device>(
            strand, std::move(configs[index]), [this, strand, index] { return connect(strand, index); },
            services));
    }
}

void DeviceManager::start()
{
    watch_ = std::make_unique<PortWatch>(
        executor_, [this](const PortChange& change) { on_ports_changed(change); }, machine_.list);
    for (const auto& device : devices_) {
        device->start();
    }
}

void DeviceManager::stop()
{
    stopping_ = true;
    watch_.reset();
    for (const Slot& slot : slots_) {
        if (slot.asked != nullptr) {
            slot.asked->cancel();
        }
    }
    for (const auto& device : devices_) {
        device->stop();
    }
}

bool DeviceManager::ended() const
{
    return std::all_of(devices_.begin(), devices_.end(), [](const auto& device) { return device->ended(); });
}

void DeviceManager::compare_again()
{
    for (const auto& device : devices_) {
        device->compare_again();
    }
}

void DeviceManager::on_ports_changed(const PortChange& change)
{
    for (const ListedPort& port : change.left.ports) {
        duplicates_.erase(port.path);
        log::info("port: gone", {{"port", port.path}, {"description", port.description}});
    }
    for (const ListedPort& port : change.arrived.ports) {
        duplicates_.erase(port.path);
        log::info("port: plugged in", {{"port", port.path}, {"description", port.description}});
    }
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        Slot& slot = slots_[index];
        const auto is_its = [&](const auto& left) {
            return slot.usb_address != 0 && left.address == slot.usb_address;
        };
        const bool lost = std::any_of(change.left.ports.begin(), change.left.ports.end(),
                                      [&](const ListedPort& port) { return port.path == slot.in_use; }) ||
                          std::any_of(change.left.usb.begin(), change.left.usb.end(), is_its);
        for (const auto* moved : {&change.left.ports, &change.arrived.ports}) {
            for (const ListedPort& port : *moved) {
                slot.silent.erase(port.path);
            }
        }
        if (lost || !serves(index)) {
            devices_[index]->look_now();
        }
    }
}

Task<Reached> DeviceManager::connect(asio::any_io_executor strand, std::size_t index)
{
    Slot& slot = slots_[index];
    slot.in_use.clear();
    slot.usb_address = 0;
    slot.fn_serial.clear();
    co_await load();
    const PortPicture around = machine_.list();
    SearchedDevice searched;
    searched.configured = configured_port(slot.config);
    searched.known = slot.known;

    std::optional<Error> first;       // of the likeliest place: what people are told
    std::optional<Answer> substitute; // a register nobody knows
    const std::vector<PlaceToLook> places = places_to_look(searched, around, *machine_.known_places);
    for (const PlaceToLook& place : places) {
        if (stopping_) {
            co_return fail(Errc::cancelled, "stopped on request");
        }
        if (const auto against = obstacle(index, place, around)) {
            keep_first(first, *against);
            continue;
        }
        if (place.anybodys) {
            const auto silent = slot.silent.find(place.key);
            if (silent != slot.silent.end() && Steady::now() - silent->second < kLeaveAlone) {
                continue;
            }
            slot.silent[place.key] = Steady::now();
        }
        auto answer = co_await ask(strand, index, place);
        if (!answer) {
            keep_first(first, answer.error());
            continue;
        }
        const Verdict verdict = judge(index, *answer);
        if (verdict == Verdict::ours || verdict == Verdict::twin) {
            if (substitute) {
                substitute->reached.driver->close();
            }
            if (verdict == Verdict::twin) {
                answer->reached.warning = to_string(Errc::duplicate_serial);
            }
            co_return take(index, *std::move(answer), around);
        }
        const bool is_its_place = !searched.configured || key_of(*searched.configured) == place.key;
        if (verdict == Verdict::unknown_one && !substitute && is_its_place) {
            substitute = *std::move(answer);
            continue;
        }
        answer->reached.driver->close();
        if (verdict == Verdict::refused) {
            duplicates_[place.key] = Duplicate{answer->reached.info->kkt_serial, answer->fn_serial};
            keep_first(first, duplicate(place, answer->reached.info->kkt_serial));
        } else {
            pass_on(place, *answer, index, around);
            keep_first(first,
                       Error{Errc::wrong_device, Outcome::not_done,
                             place.url.text() + ": here is register № " + answer->reached.info->kkt_serial +
                                 ", not № " + slot.known.kkt_serial + "; switch that one on, check its cable",
                             std::nullopt});
        }
    }
    if (substitute) {
        // The wanted one is nowhere, and nobody else's register has taken its place: it was exchanged.
        co_return take(index, *std::move(substitute), around);
    }
    if (in_boot_loader(slot.known, around, *machine_.known_places)) {
        co_return fail(Errc::in_boot_loader,
                       "the register's boot loader is there instead of the register: let the firmware update "
                       "end, or switch the register off and on");
    }
    if (!first) {
        co_return fail(Errc::port_not_found, "no port that a register may be on; check its power and cable");
    }
    co_return tl::unexpected<Error>(*first);
}

// What is remembered of former lives of this program.
asio::awaitable<void> DeviceManager::load()
{
    if (loaded_) {
        co_return;
    }
    auto work = [](storage::Journal& journal) { return journal.settings().get(kSetting); };
    const auto setting = co_await in_journal(services_.journal, std::move(work));
    if (loaded_) {
        co_return; // another device was quicker
    }
    loaded_ = true;
    if (!setting || !*setting) {
        co_return;
    }
    stored_ = **setting;
    const KnownDevices devices = decode_known_devices(stored_);
    for (Slot& slot : slots_) {
        const auto found = devices.find(slot.section);
        // Another port in the configuration than then: people want what is there, whoever that is.
        if (found != devices.end() && found->second.configured == slot.config.port) {
            slot.known = found->second;
        }
    }
}

// Nobody's open line is disturbed, nor a port that the configuration gives to a register that is not there
// yet: its own section asks there, and passes on who else answers.
std::optional<Error> DeviceManager::obstacle(std::size_t index, const PlaceToLook& place,
                                             const PortPicture& around) const
{
    const ListedUsb* device = listed_usb(place.url, around);
    const auto own = configured_port(slots_[index].config);
    const bool is_its_own = (own && key_of(*own) == place.key) ||
                            (slots_[index].known.met() && key_of_text(slots_[index].known.port) == place.key);
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        const Slot& slot = slots_[other];
        if (other == index) {
            continue;
        }
        const bool its_device = device != nullptr && device->address == slot.usb_address;
        if (serves(other) && (slot.in_use == place.key || its_device)) {
            return Error{Errc::wrong_device, Outcome::not_done,
                         place.url.text() + ": another register is served here: № " + slot.known.kkt_serial,
                         std::nullopt};
        }
        if (slot.asking == place.key) {
            return Error{Errc::port_busy, Outcome::not_done,
                         place.url.text() + ": another register is looked for here just now", std::nullopt};
        }
        const auto configured = configured_port(slot.config);
        if (!configured || serves(other) || is_its_own) {
            continue;
        }
        const ListedUsb* given = listed_usb(*configured, around);
        if (key_of(*configured) == place.key || (device != nullptr && device == given)) {
            return Error{Errc::wrong_device, Outcome::not_done,
                         place.url.text() +
                             ": this port belongs to another [[device]] section: " + slot.section,
                         std::nullopt};
        }
    }
    const auto met = duplicates_.find(place.key);
    if (met != duplicates_.end() && is_served(met->second.kkt_serial, met->second.fn_serial, index)) {
        return duplicate(place, met->second.kkt_serial);
    }
    return std::nullopt;
}

Task<DeviceManager::Answer> DeviceManager::ask(asio::any_io_executor strand, std::size_t index,
                                               PlaceToLook place)
{
    Slot& slot = slots_[index];
    const Meanwhile<std::string> asking(slot.asking, place.key);
    ConnectRequest request;
    request.url = place.url;
    request.family = slot.config.family;
    request.options.password = slot.config.password;
    auto connection = co_await machine_.connect(strand, std::move(request));
    if (!connection) {
        co_return pass(connection);
    }
    Answer answer;
    answer.url = connection->url;
    answer.reached.port = connection->url.text();
    answer.reached.driver = std::move(connection->driver);
    const Meanwhile<Driver*> asked(slot.asked, answer.reached.driver.get());
    auto info = co_await answer.reached.driver->identify();
    if (!info) {
        answer.reached.driver->close();
        co_return pass(info);
    }
    answer.reached.info = *std::move(info);
    // In the middle of a sale, and without a drive, it does not tell; the number of the register is enough
    // then.
    if (const auto fn = co_await answer.reached.driver->fn_status(false)) {
        answer.fn_serial = fn->fn_serial;
    } else if (fn.error().code == Errc::port_lost) {
        answer.reached.driver->close();
        co_return pass(fn);
    }
    co_return answer;
}

bool DeviceManager::serves(std::size_t index) const
{
    return !slots_[index].in_use.empty() && devices_[index]->reached();
}

std::string DeviceManager::fn_of(std::size_t index) const
{
    const auto& fn = devices_[index]->sample().fn;
    return fn ? fn->fn_serial : slots_[index].fn_serial;
}

// Which section's register this is. Of two with one number the FN decides; where that is new, whoever asks.
std::optional<std::size_t> DeviceManager::owner_of(const std::string& kkt_serial,
                                                   const std::string& fn_serial, std::size_t asking) const
{
    std::optional<std::size_t> by_number;
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        const KnownDevice& known = slots_[index].known;
        // A register without a number of its own is known by its drive.
        const bool alike = kkt_serial.empty() ? !fn_serial.empty() && known.fn_serial == fn_serial
                                              : known.kkt_serial == kkt_serial;
        if (!alike) {
            continue;
        }
        if (known.fn_serial == fn_serial) {
            return index;
        }
        if (!by_number || index == asking) {
            by_number = index;
        }
    }
    return by_number;
}

// One drive is in one register: the same drive is the same register once more, over another way. Without it
// only the register's number tells, and two that nothing else tells apart must not both be read.
bool DeviceManager::is_served(const std::string& kkt_serial, const std::string& fn_serial,
                              std::size_t asking) const
{
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        if (other == asking || !serves(other)) {
            continue;
        }
        const std::string its_fn = fn_of(other);
        const bool told_apart = !fn_serial.empty() && !its_fn.empty();
        const bool same_number = !kkt_serial.empty() && slots_[other].known.kkt_serial == kkt_serial;
        if (told_apart ? fn_serial == its_fn : same_number) {
            return true;
        }
    }
    return false;
}

DeviceManager::Verdict DeviceManager::judge(std::size_t index, const Answer& answer) const
{
    const std::string& serial = answer.reached.info->kkt_serial;
    if (is_served(serial, answer.fn_serial, index)) {
        return Verdict::refused;
    }
    bool twin = false;
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        twin = twin || (other != index && serves(other) && !serial.empty() &&
                        slots_[other].known.kkt_serial == serial);
    }
    const auto owner = owner_of(serial, answer.fn_serial, index);
    if (owner && *owner != index && !serves(*owner)) {
        return Verdict::somebody_elses;
    }
    if (twin) {
        return Verdict::twin;
    }
    return owner || !slots_[index].known.met() ? Verdict::ours : Verdict::unknown_one;
}

void DeviceManager::pass_on(const PlaceToLook& place, const Answer& answer, std::size_t asking,
                            const PortPicture& around)
{
    const auto owner = owner_of(answer.reached.info->kkt_serial, answer.fn_serial, asking);
    if (!owner || *owner == asking || serves(*owner)) {
        return;
    }
    note_place(slots_[*owner], answer.url, around);
    log::info("device: met while another was looked for",
              {{"device", slots_[*owner].section}, {"port", place.url.text()}});
    devices_[*owner]->look_now();
}

void DeviceManager::note_place(Slot& slot, const PortUrl& url, const PortPicture& around)
{
    KnownDevice& known = slot.known;
    known.port = url.text();
    known.usb.reset();
    known.usb_serial.clear();
    known.usb_place.clear();
    slot.usb_address = 0;
    if (const ListedPort* port = listed_port(url, around); port != nullptr && port->usb) {
        known.usb = port->usb;
        known.usb_serial = port->usb_serial;
        known.usb_place = port->usb_place;
        slot.usb_address = port->usb_address;
    } else if (const ListedUsb* device = listed_usb(url, around); device != nullptr) {
        known.usb = device->id;
        known.usb_serial = device->serial;
        known.usb_place = device->place;
        slot.usb_address = device->address;
    }
}

Reached DeviceManager::take(std::size_t index, Answer answer, const PortPicture& around)
{
    Slot& slot = slots_[index];
    const KnownDevice was = slot.known;
    slot.known.kkt_serial = answer.reached.info->kkt_serial;
    if (!answer.fn_serial.empty() || was.kkt_serial != slot.known.kkt_serial) {
        slot.known.fn_serial = answer.fn_serial;
    }
    slot.known.configured = slot.config.port;
    note_place(slot, answer.url, around);
    if (!was.kkt_serial.empty() && was.kkt_serial != slot.known.kkt_serial) {
        answer.reached.instead_of = was.kkt_serial;
    }
    if (!was.port.empty() && was.port != slot.known.port) {
        log::info("device: found on another port",
                  {{"device", slot.section}, {"was", was.port}, {"port", slot.known.port}});
    }
    slot.fn_serial = answer.fn_serial;
    slot.in_use = key_of(answer.url);
    duplicates_.erase(slot.in_use);
    store();
    return std::move(answer.reached);
}

void DeviceManager::store()
{
    KnownDevices devices = decode_known_devices(stored_); // of sections that are not in the file now, too
    for (const Slot& slot : slots_) {
        if (slot.known.met()) {
            devices[slot.section] = slot.known;
        }
    }
    std::string text = encode(devices);
    if (text == stored_) {
        return;
    }
    stored_ = text;
    services_.journal.submit(
        [text](storage::Journal& journal) { return journal.settings().set(kSetting, text); },
        [](const Result<void>& stored) {
            if (!stored) {
                log::error("journal: the known registers were not stored",
                           {{"error", stored.error().message()}});
            }
        });
}

} // namespace kb::agent

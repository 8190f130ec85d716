// The search for one register: port after port is asked who is there, until it is the wanted one.
#include "agent/device_manager.hpp"
#include "agent/log.hpp"

namespace kb::agent {
namespace {

// Long enough to open a port and ask who is there, also for the second time.
constexpr std::chrono::seconds kPromise{30};

/// Something that knows the protocol was there: worth telling even of a port that was only a guess.
bool register_answered(Errc code)
{
    return code == Errc::wrong_password || code == Errc::wrong_mode || code == Errc::device_refused ||
           code == Errc::device_busy || code == Errc::wrong_speed || code == Errc::wrong_protocol ||
           code == Errc::wrong_device || code == Errc::duplicate_device;
}

/// Nobody was asked anything: trying again disturbs nobody.
bool was_not_opened(Errc code)
{
    return code == Errc::port_not_found || code == Errc::port_denied || code == Errc::port_busy;
}

std::string called(const RegisterNumbers& numbers)
{
    return (numbers.kkt_serial.empty() ? "without a number" : "№ " + numbers.kkt_serial) +
           (numbers.fn_serial.empty() ? "" : " (FN " + numbers.fn_serial + ")");
}

} // namespace

/// While a port is asked: others keep away from it, and stop() reaches who answers. Holds the slot, since a
/// search that is broken off may outlive the manager.
class DeviceManager::Asking {
public:
    Asking(std::shared_ptr<Slot> slot, std::string key) : slot_(std::move(slot))
    {
        slot_->asking = std::move(key);
    }
    ~Asking()
    {
        slot_->asking.clear();
        slot_->asked = nullptr;
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

    void who(Driver& driver) { slot_->asked = &driver; }

private:
    std::shared_ptr<Slot> slot_;
};

Task<Reached> DeviceManager::connect(asio::any_io_executor strand, std::size_t index)
{
    Slot& slot = *slots_[index];
    slot.in_use.clear();
    slot.usb_address = 0;
    slot.fn_serial.clear();
    if (co_await memory_.load()) {
        for (const auto& each : slots_) {
            KnownDevice& known = memory_.of(each->section);
            if (known.configured != each->config.port) {
                known = {}; // another port in the configuration than then: whoever is there is wanted
            }
        }
    }
    SearchedDevice searched;
    searched.configured = configured_port(slot.config);
    searched.known = known(index);
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        const auto configured = configured_port(slots_[other]->config);
        const auto last = parse_port_url(known(other).port);
        if (other != index && configured) {
            searched.of_others.push_back(*configured);
        }
        if (other != index && last) {
            searched.of_others.push_back(*last);
        }
    }
    const std::vector<PlaceToLook> places = places_to_look(searched, machine_.list(), *machine_.known_places);
    Finding finding;
    for (const PlaceToLook& place : places) {
        if (stopping_) {
            co_return fail(Errc::cancelled, "stopped on request");
        }
        PlaceToLook next = place;
        auto found = co_await look_at(strand, index, std::move(next), finding);
        if (found && *found) {
            co_return std::move(**found);
        }
        const bool worth_telling = !found && (!place.guess || register_answered(found.error().code));
        if (worth_telling && !finding.first) {
            finding.first = found.error();
        }
    }
    if (finding.substitute) {
        // The wanted one is nowhere, and nobody else's register has taken its place: it was exchanged.
        co_return take(index, *std::move(finding.substitute), finding.substitute_at);
    }
    if (in_boot_loader(known(index), machine_.list(), *machine_.known_places)) {
        co_return fail(Errc::in_boot_loader,
                       "the register's boot loader is there instead of the register: let the firmware update "
                       "end, or switch the register off and on");
    }
    if (!finding.first) {
        co_return fail(Errc::port_not_found,
                       "no register on any port that is free; check its power and cable");
    }
    co_return tl::unexpected<Error>(*finding.first);
}

// nullopt: the search goes on, and there is nothing to tell people.
Task<std::optional<Reached>> DeviceManager::look_at(asio::any_io_executor strand, std::size_t index,
                                                    PlaceToLook place, Finding& finding)
{
    if (auto against = obstacle(index, place, machine_.list())) {
        if (is_its_own(index, place)) {
            co_return tl::unexpected<Error>(*std::move(against));
        }
        co_return std::optional<Reached>();
    }
    if (rests(*slots_[index], place)) {
        co_return std::optional<Reached>();
    }
    auto answer = co_await ask(strand, index, place);
    if (!answer) {
        let_rest(*slots_[index], place, answer.error().code);
        co_return pass(answer);
    }
    const Verdict verdict = judge(index, answer->numbers);
    if (verdict == Verdict::ours || verdict == Verdict::twin) {
        if (finding.substitute) {
            finding.substitute->reached.driver->close();
        }
        if (verdict == Verdict::twin) {
            answer->reached.warning = Errc::duplicate_serial;
        }
        co_return take(index, *std::move(answer), place.url);
    }
    const auto configured = configured_port(slots_[index]->config);
    if (verdict == Verdict::stranger && !finding.substitute &&
        (!configured || key_of(*configured) == place.key)) {
        finding.substitute = *std::move(answer);
        finding.substitute_at = place.url;
        co_return std::optional<Reached>();
    }
    answer->reached.driver->close();
    if (verdict == Verdict::duplicate) {
        if (!answer->numbers.fn_serial.empty()) { // else it may turn out to be another one
            duplicates_[place.key] = Duplicate{answer->numbers, Steady::now() + Finder::kLongRest};
        }
        co_return fail(
            Errc::duplicate_device,
            place.url.text() + ": register " + called(answer->numbers) +
                " is served on another port already; remove one of the two [[device]] sections, or "
                "give one of them the other register's port");
    }
    pass_on(place, *answer, index);
    const RegisterNumbers& wanted = known(index).numbers;
    co_return fail(Errc::wrong_device,
                   place.url.text() + ": here is register " + called(answer->numbers) +
                       (wanted.none()
                            ? ", which belongs to another [[device]] section; plug this section's in"
                            : ", not " + called(wanted) + "; switch that one on, check its cable"));
}

bool DeviceManager::rests(const Slot& slot, const PlaceToLook& place) const
{
    const auto silent = slot.silent.find(place.key);
    return place.anybodys && silent != slot.silent.end() && Steady::now() < silent->second.until;
}

void DeviceManager::let_rest(Slot& slot, const PlaceToLook& place, Errc found)
{
    if (!place.anybodys || was_not_opened(found)) {
        return;
    }
    Rest& rest = slot.silent[place.key];
    rest.until = Steady::now() + (rest.longer ? Finder::kLongRest : Finder::kFirstRest);
    rest.longer = true;
}

Task<DeviceManager::Answer> DeviceManager::ask(asio::any_io_executor strand, std::size_t index,
                                               PlaceToLook place)
{
    const Slot& slot = *slots_[index];
    Asking asking(slots_[index], place.key);
    ConnectRequest request;
    request.url = place.url;
    request.family = slot.config.family;
    request.options = slot.config.driver_options();
    request.tap = slot.tap;
    auto connection = co_await finder_.connect(strand, std::move(request));
    if (!connection) {
        co_return pass(connection);
    }
    Answer answer;
    answer.reached.port = connection->url.text();
    answer.reached.vendor = connection->vendor;
    answer.reached.driver = std::move(connection->driver);
    Driver& driver = *answer.reached.driver;
    asking.who(driver);
    auto info = co_await driver.identify();
    if (!info) {
        driver.close();
        co_return pass(info);
    }
    forget_zero_serial(*info);
    answer.numbers.kkt_serial = info->kkt_serial;
    answer.reached.info = *std::move(info);
    const auto status = co_await driver.status();
    if (!status) {
        driver.close();
        co_return pass(status);
    }
    if (!status->may_read_archive && !status->may_read_records) {
        co_return answer; // in the middle of a sale the FN is not asked: the number is enough then
    }
    const auto fn = co_await driver.fn_status(false);
    if (fn) {
        answer.numbers.fn_serial = fn->fn_serial;
    } else if (fn.error().code == Errc::port_lost || fn.error().code == Errc::cancelled) {
        driver.close();
        co_return pass(fn);
    } // else there is no FN in it, or it does not tell now
    co_return answer;
}

void DeviceManager::pass_on(const PlaceToLook& place, const Answer& answer, std::size_t asking)
{
    const auto owner = owner_of(answer.numbers, asking);
    if (!owner || *owner == asking || serves(*owner)) {
        return;
    }
    promised_[place.key] = Promise{*owner, Steady::now() + kPromise};
    note_place(*slots_[*owner], place.url);
    log::info("device: met while another was looked for",
              {{"device", slots_[*owner]->section}, {"port", place.url.text()}});
    devices_[*owner]->look_now();
}

void DeviceManager::note_place(Slot& slot, const PortUrl& url)
{
    KnownDevice& known = memory_.of(slot.section);
    known.port = url.text();
    known.usb.reset();
    known.usb_serial.clear();
    known.usb_interface.reset();
    known.usb_place.clear();
    slot.usb_address = 0;
    const PortPicture around = machine_.list();
    if (const ListedPort* port = listed_port(url, around); port != nullptr && port->usb) {
        known.usb = port->usb;
        known.usb_serial = port->usb_serial;
        known.usb_interface = port->usb_interface;
        known.usb_place = port->usb_place;
        slot.usb_address = port->usb_address;
    } else if (const ListedUsb* device = listed_usb(url, around); device != nullptr) {
        known.usb = device->id;
        known.usb_serial = device->serial;
        known.usb_place = device->place;
        slot.usb_address = device->address;
    }
}

Reached DeviceManager::take(std::size_t index, Answer answer, const PortUrl& url)
{
    Slot& slot = *slots_[index];
    KnownDevice& known = memory_.of(slot.section);
    const KnownDevice was = known;
    known.numbers.kkt_serial = answer.numbers.kkt_serial;
    if (!answer.numbers.fn_serial.empty() || was.numbers.kkt_serial != answer.numbers.kkt_serial) {
        known.numbers.fn_serial = answer.numbers.fn_serial;
    }
    known.configured = slot.config.port;
    note_place(slot, url);
    if (was.met() && !is_known_as(was.numbers, answer.numbers)) {
        answer.reached.instead_of = was.numbers.kkt_serial;
    }
    if (!was.port.empty() && was.port != known.port) {
        log::info("device: found on another port",
                  {{"device", slot.section}, {"was", was.port}, {"port", known.port}});
    }
    slot.fn_serial = answer.numbers.fn_serial;
    slot.in_use = key_of(url);
    slot.silent.clear();
    duplicates_.erase(slot.in_use);
    promised_.erase(slot.in_use);
    memory_.store();
    return std::move(answer.reached);
}

} // namespace kb::agent

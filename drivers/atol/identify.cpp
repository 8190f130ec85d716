// Who the register is: asked once after connecting.
#include "drivers/atol/driver.hpp"
#include "protocol/atol/text.hpp"
#include "protocol/fiscal/document.hpp"

namespace kb::atol {
namespace {

constexpr std::uint8_t kAutonomousMode = 2; // bit 1 of the work modes
constexpr std::uint8_t kNotEntered = 0xFF;

std::string unpadded(std::string text)
{
    const auto end = text.find_last_not_of(std::string_view("\0 ", 2));
    text.erase(end == std::string::npos ? 0 : end + 1);
    return text;
}

// "3.0": two numbers in which it is not known whether they are BCD; nobody has seen one above 9.
std::string version_text(const Bytes& version)
{
    return std::to_string(version[0]) + "." + std::to_string(version[1]);
}

} // namespace

Task<fiscal::DeviceInfo> AtolDriver::identify()
{
    line_.session().resume();
    full_.reset();
    expiry_.reset();
    ofd_asked_ = false;
    confirmed_below_ = 0;
    operator_.reset();

    const auto footing = co_await line_.connect();
    if (!footing) {
        co_return pass(footing);
    }
    const auto full = co_await read_full();
    if (!full && full.error().code != Errc::unsupported) {
        co_return pass(full);
    }
    const std::uint8_t code = footing->device ? footing->device->model : full ? full->model : std::uint8_t{0};
    model_ = find_model(code);
    // Newer firmware answers in this transport to other commands, which only the maker's library knows.
    if (!full || (model_ != nullptr && model_->platform == Platform::before_fn)) {
        const std::string name = footing->device ? footing->device->name : "model " + std::to_string(code);
        co_return fail(Errc::unsupported,
                       "atol: " + name +
                           (full ? " has no fiscal drive" : " does not know the full status (3Fh)") +
                           "; for firmware of platform 5 write family = \"atol-fptr\", " + port_name(),
                       Outcome::refused);
    }

    fiscal::DeviceInfo info;
    info.family = "atol";
    info.protocol = line_.transport() == LineTransport::v3 ? "atol v3" : "atol v2";
    info.model = footing->device && !footing->device->name.empty() ? footing->device->name
                 : model_ != nullptr                               ? std::string(model_->name)
                                                                   : "ATOL " + std::to_string(code);
    info.has_cutter = model_ != nullptr && model_->cutter == Has::yes;
    info.has_cover_sensor = true;
    if (const auto read = co_await identify_firmware(info, *full); !read) {
        co_return pass(read);
    }
    const auto fn = co_await ask_fn();
    if (!fn && fn.error().outcome != Outcome::refused) {
        co_return pass(fn); // a register without its drive is still a register
    }
    if (const auto read = co_await identify_registration(info); !read) {
        co_return pass(read);
    }
    if (const auto read = co_await identify_ofd(info); !read) {
        co_return pass(read);
    }
    if (const auto read = co_await identify_limits(); !read) {
        co_return pass(read);
    }
    // What does not tell it is of the time of 1.05.
    ffd_ = info.ffd != fiscal::FfdVersion::unknown ? info.ffd : fiscal::FfdVersion::v1_05;
    tax_systems_ = info.tax_systems;
    co_return info;
}

Task<void> AtolDriver::identify_firmware(fiscal::DeviceInfo& info, const FullStatusReply& full)
{
    info.firmware_version = full.version;
    const FirmwareVersion version_question;
    const auto version = co_await line_.ask(version_question);
    if (version) {
        info.firmware_version = version_text(version->version);
        info.firmware_build = version->build;
    } else if (version.error().outcome != Outcome::refused) {
        co_return pass(version);
    }
    const auto serial = co_await register_value(reg::kSerial);
    if (!serial) {
        co_return pass(serial);
    }
    if (const auto digits = read_serial(*serial)) {
        info.kkt_serial = *digits;
    } else if (full.serial.front() != kNotEntered) {
        info.kkt_serial = to_hex(full.serial); // its last eight digits
    }
    const auto ffd = co_await register_value(reg::kFfd);
    if (!ffd) {
        co_return pass(ffd);
    }
    if (const auto version_of = read_ffd(*ffd)) {
        info.ffd = *version_of;
    }
    co_return Result<void>{};
}

Task<void> AtolDriver::identify_registration(fiscal::DeviceInfo& info)
{
    autonomous_ = false;
    const FnRegistration question;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        if (reply.error().outcome == Outcome::refused) {
            co_return Result<void>{}; // not registered yet, or no drive
        }
        co_return pass(reply);
    }
    info.inn = reply->inn;
    info.kkt_reg_number = reply->kkt_reg_number;
    info.tax_systems = reply->tax_systems;
    autonomous_ = (reply->modes & kAutonomousMode) != 0;
    const auto fd_number = reply->fd_number();
    if (fd_number && *fd_number != 0 && *fd_number <= last_fd_number_) {
        co_return co_await identify_user(info, *fd_number);
    }
    co_return Result<void>{};
}

// The owner's name and address stand in the registration's document only, and the drive keeps its body for
// some weeks. What cannot be read now stays empty: it is told by every document as well.
Task<void> AtolDriver::identify_user(fiscal::DeviceInfo& info, std::uint32_t registration_fd)
{
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    if (!to_device_status(*full, nullptr, line_.dialect()).may_read_archive) {
        co_return Result<void>{};
    }
    const auto document = co_await read_once(registration_fd);
    if (!document) {
        if (document.error().code == Errc::port_lost || document.error().code == Errc::cancelled) {
            co_return pass(document);
        }
        co_return Result<void>{};
    }
    if (document->form != fiscal::DocumentForm::full) {
        co_return Result<void>{};
    }
    const auto decoded = fiscal::decode(document->raw);
    if (decoded && decoded->registration) {
        info.user = decoded->registration->user;
        info.address = decoded->registration->address;
    }
    co_return Result<void>{};
}

Task<void> AtolDriver::identify_ofd(fiscal::DeviceInfo& info)
{
    ofd_server_.clear();
    ofd_sender_ = fiscal::OfdSender::unknown;
    const auto channel = co_await table_value(place::kOfdChannel);
    if (!channel) {
        co_return pass(channel);
    }
    const std::uint8_t told = channel->empty() ? std::uint8_t{0} : channel->back();
    ofd_sender_ = ofd_sender(told);
    if (told == ofd_channel::kOverTransport) {
        info.warnings.push_back(fiscal::DeviceWarning::ofd_needs_vendor_driver);
    }
    const auto host = co_await table_value(place::kOfdHost);
    if (!host) {
        co_return pass(host);
    }
    const auto port = co_await table_value(place::kOfdPort);
    if (!port) {
        co_return pass(port);
    }
    const std::string name = unpadded(from_wire(*host));
    if (!name.empty()) {
        ofd_server_ = name;
        if (port->size() >= 2) {
            ofd_server_ += ":" + std::to_string((*port)[0] << 8U | (*port)[1]);
        }
    }
    co_return Result<void>{};
}

} // namespace kb::atol

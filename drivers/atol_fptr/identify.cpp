// Who the register is: asked once after connecting.
#include "drivers/atol_fptr/driver.hpp"
#include "protocol/atol/abilities.hpp"
#include "protocol/fiscal/ffd_tags.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace kb::atol_fptr {
namespace {

namespace tag = fiscal::tag;

constexpr std::uint32_t kFirmware = 0; // UNIT_TYPE

fiscal::FfdVersion ffd_of(std::uint32_t told)
{
    switch (told) {
    case 100:
        return fiscal::FfdVersion::v1_0;
    case 105:
        return fiscal::FfdVersion::v1_05;
    case 110:
        return fiscal::FfdVersion::v1_1;
    case 120:
        return fiscal::FfdVersion::v1_2;
    default:
        return fiscal::FfdVersion::unknown;
    }
}

// "5.8.100": the last part is the build, as the maker counts them.
void split_version(const std::string& text, fiscal::DeviceInfo& info)
{
    info.firmware_version = text;
    const auto dot = text.rfind('.');
    if (dot == std::string::npos) {
        return;
    }
    std::uint32_t build = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + dot + 1, end, build);
    if (read.ec == std::errc{} && read.ptr == end) {
        info.firmware_version = text.substr(0, dot);
        info.firmware_build = build;
    }
}

// What is refused stays unknown: an unregistered register is still a register. A lost line ends it all.
bool refused(const Result<void>& asked)
{
    return !asked && asked.error().code != Errc::port_lost && asked.error().code != Errc::no_answer;
}

Result<void> ask_device(Handle& handle, fiscal::DeviceInfo& info)
{
    if (auto serial = handle.query(Data::serial_number, "serial number"); !serial) {
        return serial;
    }
    info.kkt_serial = handle.text(Param::serial_number);
    if (auto model = handle.query(Data::model_info, "model"); !model) {
        return model;
    }
    info.model = handle.text(Param::model_name);
    handle.set(Param::unit_type, kFirmware);
    if (auto version = handle.query(Data::unit_version, "firmware"); !version) {
        return version;
    }
    split_version(handle.text(Param::unit_version), info);
    info.has_cover_sensor = true; // its state is told for every model
    return {};
}

Result<void> ask_registration(Handle& handle, fiscal::DeviceInfo& info)
{
    auto versions = handle.query(FnData::ffd_versions, "FFD");
    if (versions) {
        info.ffd = ffd_of(handle.number(Param::ffd_version));
        if (info.ffd == fiscal::FfdVersion::unknown) {
            info.ffd = ffd_of(handle.number(Param::device_ffd_version));
        }
    } else if (!refused(versions)) {
        return versions;
    }
    auto registration = handle.query(FnData::registration, "registration");
    if (registration) {
        info.inn = handle.text(tag_param(tag::inn));
        info.kkt_reg_number = handle.text(tag_param(tag::kkt_reg_number));
        info.user = handle.text(tag_param(tag::user));
        info.address = handle.text(tag_param(tag::address));
        info.tax_systems = static_cast<std::uint8_t>(handle.number(tag_param(tag::tax_systems)));
    } else if (!refused(registration)) {
        return registration;
    }
    return {};
}

// Where the register sends to is told by a task only: {"ofd":{"host":"…","port":…}}.
Result<std::string> ask_ofd_server(Handle& handle)
{
    handle.set(Param::json_data, std::string(R"({"type":"getRegistrationInfo"})"));
    const auto done = handle.call(handle.api().process_json, "getRegistrationInfo");
    if (!done) {
        if (refused(done)) {
            return std::string();
        }
        return pass(done);
    }
    const auto answer = nlohmann::json::parse(handle.text(Param::json_data), nullptr, false);
    const auto ofd = answer.is_object() ? answer.find("ofd") : answer.end();
    if (!answer.is_object() || ofd == answer.end() || !ofd->is_object()) {
        return std::string();
    }
    const auto member = [&](const char* name) {
        const auto at = ofd->find(name);
        return at == ofd->end() ? std::string() : at->is_string() ? at->get<std::string>() : at->dump();
    };
    const std::string host = member("host");
    const std::string port = member("port");
    return host.empty() || port.empty() ? host : host + ":" + port;
}

struct Identity {
    fiscal::DeviceInfo info;
    std::string fn_serial;
    std::string ofd_server;
    std::uint32_t platform = 0;
};

Result<Identity> ask_identity(Handle& handle)
{
    Identity found;
    if (const auto asked = ask_device(handle, found.info); !asked) {
        return pass(asked);
    }
    if (const auto asked = ask_registration(handle, found.info); !asked) {
        return pass(asked);
    }
    auto server = ask_ofd_server(handle);
    if (!server) {
        return pass(server);
    }
    found.ofd_server = *std::move(server);
    const auto drive = handle.query(FnData::info, "FN");
    if (drive) {
        found.fn_serial = handle.text(Param::serial_number);
    } else if (!refused(drive)) {
        return pass(drive);
    }
    found.info.family = "atol";
    found.info.protocol = std::string(atol::kLibraryProtocol) + " " + handle.library().version();
    const auto flags = handle.call(handle.api().read_model_flags, "model flags");
    if (flags) {
        // 25: platform 2.5, 50: platform 5
        found.platform = handle.number(Param::platform_version);
        found.info.protocol += found.platform == 0 ? "" : ", platform " + std::to_string(found.platform);
    } else if (!refused(flags)) {
        return pass(flags);
    }
    return found;
}

} // namespace

Task<fiscal::DeviceInfo> FptrDriver::identify()
{
    mode_.reset();
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<Identity>(Handle&)> work = &ask_identity;
    auto found = co_await ask(std::move(work));
    if (!found) {
        co_return pass(found);
    }
    fn_serial_ = found->fn_serial;
    ofd_server_ = found->ofd_server;
    ffd_ = found->info.ffd;
    tax_systems_ = found->info.tax_systems;
    platform_ = found->platform;
    co_return std::move(found->info);
}

} // namespace kb::atol_fptr

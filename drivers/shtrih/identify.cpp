// Who the register is: asked once after connecting.
#include "drivers/shtrih/driver.hpp"
#include "protocol/shtrih/modes.hpp"

#include <cstdio>

namespace kb::shtrih {
namespace {

constexpr std::uint8_t kAutonomousMode = 2; // bit 1 of the work modes
constexpr std::uint32_t kNoSerial = 0xFFFFFFFF;
constexpr std::uint64_t kNoInn = 0xFFFFFFFFFFFF;

// The long number of table 18 where there is one, else the short one of the full status.
std::string short_serial(const FullStatusReply& full)
{
    if (full.serial_low == kNoSerial) {
        return {};
    }
    const std::uint64_t high = full.serial_high.value_or(0);
    return std::to_string(high << 32U | full.serial_low);
}

std::string digits_only(std::string text)
{
    const auto end = text.find_last_not_of(" \t");
    text.erase(end == std::string::npos ? 0 : end + 1);
    return text.find_first_not_of('0') == std::string::npos ? std::string() : text;
}

} // namespace

Task<fiscal::DeviceInfo> ShtrihDriver::identify()
{
    line_.session().resume();
    mode_.reset();
    leaves_by_itself_.reset();
    ofd_asked_ = false;
    confirmed_below_ = 0;
    has_exchange_table_ = true;

    const auto footing = co_await line_.connect();
    if (!footing) {
        co_return pass(footing);
    }
    // A reading that an earlier program did not finish keeps the device from everything else.
    const auto mode = co_await read_mode();
    if (!mode) {
        co_return pass(mode);
    }
    if (mode_of(mode->mode) == Mode::data_output) {
        reading_ = true;
    }
    if (reading_) {
        const auto ready = co_await finish_reading();
        if (!ready) {
            co_return pass(ready);
        }
    }

    const ModelParameters parameters_question;
    const auto parameters = co_await line_.ask(parameters_question);
    if (!parameters && parameters.error().outcome != Outcome::refused) {
        co_return pass(parameters);
    }
    const ModelParametersReply* known = parameters ? &*parameters : nullptr;
    const FullStatus full_question;
    const auto full = co_await line_.ask(full_question);
    if (!full) {
        co_return pass(full);
    }

    fiscal::DeviceInfo info;
    // Where the tables are follows from what is known without the serial number, the model's name also from
    // it; a model that only its number tells may keep things elsewhere.
    identity_ = kb::shtrih::identify(footing->device, known, "");
    has_cover_sensor_ = known != nullptr && known->has(model_flag::kCoverSensor);
    if (const auto read = co_await identify_tables(info); !read) {
        co_return pass(read);
    }
    if (auto exact = kb::shtrih::identify(footing->device, known, info.kkt_serial);
        exact.class_id != identity_.class_id) {
        identity_ = std::move(exact);
        if (const auto read = co_await identify_tables(info); !read) {
            co_return pass(read);
        }
    }
    if (info.kkt_serial.empty()) {
        info.kkt_serial = short_serial(*full);
    }
    if (const auto read = co_await identify_registration(info); !read) {
        co_return pass(read);
    }
    if (const auto checked = co_await check_sd_table(); !checked) {
        co_return pass(checked);
    }
    const auto fn = co_await ask_fn();
    if (!fn && fn.error().outcome != Outcome::refused) {
        co_return pass(fn); // a register without its drive is still a register
    }

    const auto sd_table = identity_.device_class.sd_table;
    identity_ = kb::shtrih::identify(footing->device, known, info.kkt_serial);
    identity_.device_class.sd_table = sd_table;
    info.family = std::string(to_string(identity_.family));
    info.model = identity_.model;
    info.firmware_version = full->version_text();
    info.firmware_build = full->build;
    info.firmware_date = full->firmware_date.to_day();
    if (info.inn.empty() && full->inn != kNoInn && full->inn != 0) {
        info.inn = std::to_string(full->inn);
    }
    info.protocol = "shtrih " + std::string(line_.framing() == LineFraming::v1 ? "v1" : "v2") + " " +
                    std::to_string(footing->device.protocol_version) + "." +
                    std::to_string(footing->device.protocol_subversion);
    info.has_cutter = identity_.device_class.cutter;
    info.has_cover_sensor = has_cover_sensor_;
    ffd_ = info.ffd;
    tax_systems_ = info.tax_systems;
    co_return info;
}

Task<void> ShtrihDriver::identify_tables(fiscal::DeviceInfo& info)
{
    const DeviceClass& where = identity_.device_class;
    struct Text {
        TableField place;
        std::string& into;
    };
    Text texts[] = {
        {where.kkt_serial, info.kkt_serial},
        {where.kkt_reg_number, info.kkt_reg_number},
        {{where.fn_table, fn_field::kUser}, info.user},
        {{where.fn_table, fn_field::kAddress}, info.address},
    };
    for (Text& text : texts) {
        if (text.place.table == 0) {
            continue;
        }
        auto value = co_await table_text(text.place.table, text.place.field);
        if (!value) {
            co_return pass(value);
        }
        text.into = *std::move(value);
    }
    info.kkt_serial = digits_only(std::move(info.kkt_serial));
    info.kkt_reg_number = digits_only(std::move(info.kkt_reg_number));

    const auto version = co_await known_number(where.ffd);
    if (!version) {
        co_return pass(version);
    }
    info.ffd_assumed = !version->has_value();
    info.ffd = *version ? ffd_version(**version) : kAssumedFfd;
    const auto sender = co_await known_number(where.ofd_sender);
    if (!sender) {
        co_return pass(sender);
    }
    ofd_sender_ = *sender ? ofd_sender(**sender) : fiscal::OfdSender::unknown;
    auto host = co_await table_text(where.ofd_table, ofd_field::kServer);
    if (!host) {
        co_return pass(host);
    }
    const auto port = co_await table_number(where.ofd_table, ofd_field::kPort);
    if (!port) {
        co_return pass(port);
    }
    ofd_server_ = host->empty() ? "" : *host + (*port ? ":" + std::to_string(**port) : "");
    co_return Result<void>{};
}

Task<std::optional<std::uint32_t>> ShtrihDriver::known_number(TableField place)
{
    if (place.table == 0) {
        co_return std::optional<std::uint32_t>();
    }
    co_return co_await table_number(place.table, place.field);
}

Task<void> ShtrihDriver::identify_registration(fiscal::DeviceInfo& info)
{
    const FiscalisationResult question;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        if (reply.error().outcome == Outcome::refused) {
            co_return Result<void>{}; // not registered yet, or no drive
        }
        co_return pass(reply);
    }
    info.inn = digits_only(reply->inn);
    if (info.kkt_reg_number.empty()) {
        info.kkt_reg_number = digits_only(reply->kkt_reg_number);
    }
    info.tax_systems = reply->tax_systems;
    autonomous_ = (reply->work_modes & kAutonomousMode) != 0;
    co_return Result<void>{};
}

Task<void> ShtrihDriver::check_sd_table()
{
    std::uint8_t& table = identity_.device_class.sd_table;
    if (table == 0) {
        co_return Result<void>{};
    }
    // The same number is another table on other firmware: its name tells.
    TableStructure question;
    question.table = table;
    const auto structure = co_await line_.ask(question);
    if (!structure) {
        if (structure.error().outcome != Outcome::refused) {
            co_return pass(structure);
        }
        table = 0;
    } else if (fold_name(structure->name).find(fold_name("SD")) == std::string::npos) {
        table = 0;
    }
    co_return Result<void>{};
}

} // namespace kb::shtrih

// Shtrih-M registers: both framings, both media, desktop and cash core.
#include "drivers/emulator/line.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "drivers/shtrih/emulator.hpp"
#include "tests/emulator/common/emulated_register.hpp"

#include <stdexcept>

namespace kb::test {
namespace {

using shtrih::EmulatorFace;

constexpr std::uint32_t kDocuments = 40;

struct Numbers {
    std::string kkt_serial;
    std::string fn_serial = "9999078900002270";
};

class ShtrihRegister final : public EmulatedRegister {
public:
    ShtrihRegister(asio::io_context& io, const char* model, shtrih::Framing framing,
                   const std::string& listen, const Numbers& numbers)
        : model_(*shtrih::find_emulator_model(model)),
          faults_(1),
          sales_(7),
          kkt_(who(model_, numbers),
               emulator::Times{[this] { return wall(); }, std::chrono::steady_clock::now}, nullptr),
          face_(kkt_, model_, faults_, options(framing, listen)),
          listen_(listen)
    {
        kkt_.set_print_time(std::chrono::milliseconds(1));
        const LocalSeconds start = wall();
        kkt_.first_start(numbers.fn_serial, start + std::chrono::days(1000), start);
        kkt_.preload(kDocuments, 3);
        line_ = std::make_unique<emulator::Line>(io, kkt_, face_, faults_, emulator::LineOptions{listen, {}});
        if (const auto opened = line_->open(); !opened) {
            throw std::runtime_error(opened.error().message());
        }
        kkt_.on_power_lost = [this, &io] { asio::post(io, [this] { line_->power_lost(); }); };
    }

    emulator::VirtualKkt& kkt() override { return kkt_; }
    emulator::Faults& faults() override { return faults_; }
    void hang_up() override { line_->hang_up(); }
    void power_on() override
    {
        kkt_.power_on();
        face_.power_up();
    }
    [[nodiscard]] PortUrl url() const override { return url_of(listen_); }
    void ring() override
    {
        auto [receipt, closing] = sales_.next(kkt_.cash());
        if (const auto closed = kkt_.ring(receipt, closing); !closed) {
            throw std::runtime_error("the keypad refused a sale");
        }
    }

private:
    static emulator::Identity who(const shtrih::EmulatorModel& model, const Numbers& numbers)
    {
        emulator::Identity identity = test_identity(
            numbers.kkt_serial.empty() ? "00493612" + std::string(model.serial_digits) + "000001"
                                       : numbers.kkt_serial);
        identity.six_decimals = model.firmware->six_decimals;
        identity.ffd = model.ffd;
        return identity;
    }

    static shtrih::FaceOptions options(shtrih::Framing framing, const std::string& listen)
    {
        shtrih::FaceOptions face;
        face.framing = framing;
        face.over_tcp = listen.starts_with("tcp:");
        face.stray_ff = face.over_tcp && framing == shtrih::Framing::v1;
        return face;
    }

    // A wall clock that stands on a plain day; the steady one runs.
    static LocalSeconds wall() { return *local_from_text("2026-03-25T14:05:00"); }

    const shtrih::EmulatorModel& model_;
    emulator::Faults faults_;
    emulator::RandomSales sales_;
    emulator::VirtualKkt kkt_;
    EmulatorFace face_;
    std::unique_ptr<emulator::Line> line_;
    std::string listen_;
};

/// All scenarios over one line of one model.
Way way(const char* name, const char* id, shtrih::Framing framing, std::string (*address)())
{
    const shtrih::EmulatorModel& model = *shtrih::find_emulator_model(id);
    Way row;
    row.name = name;
    row.family = model.family;
    row.model = model.name;
    row.sd_card = model.firmware->sd_table != 0;
    row.prints = true;
    row.closing_command = "FF45";
    // A model that does not tell its version is taken for 1.05.
    row.ffd_assumed = model.firmware->ffd.table == 0;
    row.ffd = row.ffd_assumed ? fiscal::FfdVersion::v1_05 : static_cast<fiscal::FfdVersion>(model.ffd);
    if (!model.firmware->serial_in_fn_table)
        row.kkt_serial = "1"; // the short number of 11h
    row.start = [=](asio::io_context& io) {
        return std::make_unique<ShtrihRegister>(io, id, framing, address(), Numbers{});
    };
    return row;
}

/// Reading and selling with one more model.
Way brief(const char* name, const char* id, shtrih::Framing framing, std::string (*address)())
{
    Way row = way(name, id, framing, address);
    row.scope = Scope::reading_and_selling;
    return row;
}

} // namespace

std::unique_ptr<EmulatedRegister> emulated_shtrih(asio::io_context& io, const std::string& listen,
                                                  const std::string& kkt_serial, const std::string& fn_serial)
{
    return std::make_unique<ShtrihRegister>(io, "shtrih-m-02f", shtrih::Framing::v1, listen,
                                            Numbers{kkt_serial, fn_serial});
}

std::vector<Way> shtrih_ways();

std::vector<Way> shtrih_ways()
{
    using shtrih::Framing;
    return {
        way("shtrih v1 over a pty", "shtrih-m-02f", Framing::v1, &new_pty_address),
        way("shtrih v1 over TCP", "shtrih-m-02f", Framing::v1, &new_tcp_address),
        way("shtrih v2 over a pty", "nano-f", Framing::v2, &new_pty_address),
        way("shtrih v2 over TCP", "smartpos-f", Framing::v2, &new_tcp_address),
        way("ЭЛВЕС-МФ over a pty", "elves-mf", Framing::v1, &new_pty_address),
        brief("ШТРИХ-М-01Ф over a pty", "shtrih-m-01f", Framing::v1, &new_pty_address),
        brief("ШТРИХ-ФР-01Ф over TCP", "fr-01f", Framing::v1, &new_tcp_address),
        brief("ШТРИХ-ФР-02Ф v2 over a pty", "fr-02f", Framing::v2, &new_pty_address),
        brief("ШТРИХ-ЛАЙТ-01Ф over a pty", "light-01f", Framing::v1, &new_pty_address),
        brief("ШТРИХ-ЛАЙТ-02Ф v2 over TCP", "light-02f", Framing::v2, &new_tcp_address),
        brief("ШТРИХ-МИНИ-01Ф over a pty", "mini-01f", Framing::v1, &new_pty_address),
        brief("ШТРИХ-ON-LINE v2 over TCP", "on-line", Framing::v2, &new_tcp_address),
        brief("ШТРИХ-MOBILE-Ф v1 over a pty", "mobile-f", Framing::v1, &new_pty_address),
        brief("ШТРИХ-MOBILE-Ф v2 over TCP", "mobile-f", Framing::v2, &new_tcp_address),
        brief("ЭЛВЕС-МФ over TCP", "elves-mf", Framing::v1, &new_tcp_address),
        brief("ЭЛВЕС-ФР-Ф over a pty", "elves-fr-f", Framing::v1, &new_pty_address),
        brief("РИТЕЙЛ-01Ф over a pty", "retail-01f", Framing::v1, &new_pty_address),
        brief("РИТЕЙЛ-01Ф over TCP", "retail-01f", Framing::v1, &new_tcp_address),
        brief("РР-01Ф over a pty", "rr-01f", Framing::v1, &new_pty_address),
        brief("РР-02Ф over TCP", "rr-02f", Framing::v1, &new_tcp_address),
        brief("РР-03Ф v1 over TCP", "rr-03f", Framing::v1, &new_tcp_address),
        brief("РР-03Ф v2 over a pty", "rr-03f", Framing::v2, &new_pty_address),
        brief("РР-04Ф v1 over a pty", "rr-04f", Framing::v1, &new_pty_address),
        brief("РР-04Ф v2 over TCP", "rr-04f", Framing::v2, &new_tcp_address),
    };
}

} // namespace kb::test

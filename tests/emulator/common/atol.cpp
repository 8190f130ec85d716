// ATOL registers: both transports, both media, and a unit whose first byte decides.
#include "drivers/atol/emulator.hpp"
#include "drivers/emulator/line.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "tests/emulator/common/emulated_register.hpp"

#include <stdexcept>

namespace kb::test {
namespace {

using emulator::atol::AtolFace;
using emulator::atol::Framing;
using emulator::atol::Options;

constexpr std::uint32_t kDocuments = 40;
constexpr std::uint8_t kFfd105 = 2;

class AtolRegister final : public EmulatedRegister {
public:
    AtolRegister(asio::io_context& io, const char* model, Framing framing, const std::string& listen)
        : faults_(1),
          sales_(7),
          kkt_(who(), emulator::Times{[] { return wall(); }, std::chrono::steady_clock::now}, nullptr),
          face_(kkt_, *emulator::atol::find_model(model), faults_, options(framing, listen)),
          listen_(listen)
    {
        kkt_.set_print_time(std::chrono::milliseconds(1));
        const LocalSeconds start = wall();
        kkt_.first_start("9999078900002270", start + std::chrono::days(1000), start);
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
    static emulator::Identity who()
    {
        emulator::Identity identity = test_identity("00106061000001");
        identity.ffd = kFfd105;
        return identity;
    }

    static Options options(Framing framing, const std::string& listen)
    {
        Options face;
        face.framing = framing;
        face.over_tcp = listen.starts_with("tcp:");
        return face;
    }

    // A wall clock that stands on a plain day; the steady one runs.
    static LocalSeconds wall() { return *local_from_text("2026-03-25T14:05:00"); }

    emulator::Faults faults_;
    emulator::RandomSales sales_;
    emulator::VirtualKkt kkt_;
    AtolFace face_;
    std::unique_ptr<emulator::Line> line_;
    std::string listen_;
};

Way way(const char* name, const char* model, Framing framing, std::string (*address)(), Scope scope,
        const char* configured_family)
{
    Way out;
    out.name = name;
    out.family = "atol";
    out.configured_family = configured_family;
    out.prints = true;
    out.closing_command = "4A";
    out.reads_without_paper = true;
    out.ends_readings = false;
    out.sd_card = false;
    out.firmware_date = false; // the wire has no date of the firmware
    out.ffd = fiscal::FfdVersion::v1_05;
    out.scope = scope;
    out.start = [=](asio::io_context& io) {
        return std::make_unique<AtolRegister>(io, model, framing, address());
    };
    return out;
}

} // namespace

std::vector<Way> atol_ways();

std::vector<Way> atol_ways()
{
    return {
        way("atol v2 over a pty", "30f", Framing::v2, &new_pty_address, Scope::all, "atol"),
        way("atol v3 over a pty", "22ptk", Framing::v3, &new_pty_address, Scope::all, "auto"),
        way("atol v3 over TCP", "91f", Framing::v3, &new_tcp_address, Scope::all, "atol"),
        way("atol v2 found over a pty", "20f", Framing::v2, &new_pty_address, Scope::reading_and_selling,
            "auto"),
        way("atol whichever over a pty", "55f", Framing::automatic, &new_pty_address,
            Scope::reading_and_selling, "atol"),
    };
}

} // namespace kb::test

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

class ShtrihRegister final : public EmulatedRegister {
public:
    ShtrihRegister(asio::io_context& io, const char* model, shtrih::Framing framing,
                   const std::string& listen)
        : model_(*shtrih::find_emulator_model(model)),
          faults_(1),
          sales_(7),
          kkt_(who(model_), emulator::Times{[this] { return wall(); }, std::chrono::steady_clock::now},
               nullptr),
          face_(kkt_, model_, faults_, options(framing, listen)),
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
    static emulator::Identity who(const shtrih::EmulatorModel& model)
    {
        emulator::Identity identity = test_identity("00493612" + std::string(model.serial_digits) + "000001");
        identity.six_decimals = model.cash_core;
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

Way way(const char* name, const char* model, shtrih::Framing framing, std::string (*address)(), bool sd_card)
{
    return {name, "shtrih", sd_card, [=](asio::io_context& io) {
                return std::make_unique<ShtrihRegister>(io, model, framing, address());
            }};
}

} // namespace

std::vector<Way> shtrih_ways();

std::vector<Way> shtrih_ways()
{
    using shtrih::Framing;
    return {
        way("shtrih v1 over a pty", "shtrih-m-02f", Framing::v1, &new_pty_address, true),
        way("shtrih v1 over TCP", "shtrih-m-02f", Framing::v1, &new_tcp_address, true),
        way("shtrih v2 over a pty", "nano-f", Framing::v2, &new_pty_address, true),
        way("shtrih v2 over TCP", "smartpos-f", Framing::v2, &new_tcp_address, false),
    };
}

} // namespace kb::test

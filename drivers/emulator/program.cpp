#include "drivers/emulator/program.hpp"

#include "drivers/emulator/control_server.hpp"
#include "drivers/emulator/ctl.hpp"
#include "drivers/emulator/line.hpp"
#include "drivers/emulator/make.hpp"
#include "drivers/emulator/state_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <ctime>
#include <iostream>

namespace kb::emulator {

namespace {

constexpr auto kFnLife = std::chrono::days{1110};
constexpr auto kOfdTick = std::chrono::seconds{1};
constexpr int kBadUsage = 2;

LocalSeconds wall_clock()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    return LocalSeconds{std::chrono::seconds{now + parts.tm_gmtoff}};
}

int complain(const std::string& what)
{
    std::cerr << "kkt-emulator: " << what << '\n';
    return 1;
}

int misuse(const std::string& what)
{
    std::cerr << "kkt-emulator: " << what << '\n';
    return kBadUsage;
}

const char* name_of_ffd(std::uint8_t ffd) { return ffd == 2 ? "1.05" : ffd == 3 ? "1.1" : "1.2"; }

Identity identity_of(const RunOptions& options, const Chosen& chosen)
{
    Identity who;
    who.kkt_serial = options.serial;
    who.ffd = options.ffd.empty()     ? chosen.model->ffd
              : options.ffd == "1.05" ? 2
              : options.ffd == "1.1"  ? 3
                                      : 4;
    chosen.make->identify(*chosen.model, options.seed, who);
    who.inn = "7707000008";
    who.reg_number = reg_number_for(options.seed, who.inn, who.kkt_serial);
    who.user = "ООО \"Ромашка\"";
    who.address = "101000, г. Москва, ул. Тестовая, д. 1";
    who.place = "Магазин";
    who.ofd_inn = "7709000003";
    who.ofd_name = "ООО \"ОФД-Тест\"";
    who.ofd_host = "ofd.example";
    who.fns_site = "www.nalog.gov.ru";
    who.sender_email = "noreply@example.org";
    return who;
}

// "2/s", "30/min", "5" (a second) as the time between two sales.
std::optional<std::chrono::nanoseconds> pause_of(const std::string& rate)
{
    double count = 0;
    const auto parsed = std::from_chars(rate.data(), rate.data() + rate.size(), count);
    const std::string unit(parsed.ptr, rate.data() + rate.size());
    const double seconds = unit == "/s" || unit.empty() ? 1 : unit == "/min" ? 60 : unit == "/h" ? 3600 : 0;
    if (parsed.ec != std::errc{} || count <= 0 || seconds == 0)
        return std::nullopt;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds / count * 1e9)};
}

// Calls `what` again and again, on an even beat.
class Beat {
public:
    Beat(asio::io_context& context, std::chrono::nanoseconds pause, std::function<void()> what)
        : timer_(context),
          pause_(pause),
          what_(std::move(what))
    {
        timer_.expires_after(pause_);
        wait();
    }

private:
    void wait()
    {
        timer_.async_wait([this](boost::system::error_code cancelled) {
            if (cancelled)
                return;
            what_();
            timer_.expires_at(timer_.expiry() + pause_);
            wait();
        });
    }

    asio::steady_timer timer_;
    std::chrono::nanoseconds pause_;
    std::function<void()> what_;
};

Result<void> prepare(VirtualKkt& kkt, StateFile* store, const RunOptions& options)
{
    if (store != nullptr) {
        if (auto loaded = store->load(kkt); !loaded)
            return loaded;
    }
    const LocalSeconds now = wall_clock();
    const LocalSeconds today = std::chrono::floor<std::chrono::days>(now);
    const LocalSeconds start = now - std::chrono::seconds{options.preload * std::int64_t{90}};
    const std::string fn_serial = options.fn_serial.empty()
                                      ? fmt::format("9999078900{:06}", options.seed % 1'000'000)
                                      : options.fn_serial;
    kkt.first_start(fn_serial, today + kFnLife, start);
    if (options.preload > kkt.fn().last_fd())
        kkt.preload(options.preload - kkt.fn().last_fd(), options.seed);
    if (options.ofd_silent)
        kkt.set_ofd_silent(true);
    return {};
}

} // namespace

std::string list_models(bool json)
{
    auto rows = nlohmann::json::array();
    std::string text;
    std::string habits;
    for (const Make& make : makes()) {
        auto quirks = nlohmann::json::array();
        for (const Quirk& quirk : make.quirks) {
            quirks.push_back(quirk.name);
            habits += fmt::format("  {:<14} {} ({})\n", quirk.name, quirk.what, make.name);
        }
        for (const ModelRow& model : make.models) {
            rows.push_back({{"family", model.family},
                            {"model", model.id},
                            {"name", model.name},
                            {"class", model.group},
                            {"framings", model.framings},
                            {"transports", model.transports},
                            {"quirks", quirks},
                            {"sd_card", model.sd_card},
                            {"ffd", name_of_ffd(model.ffd)},
                            {"serial_digits", model.serial_digits}});
            text += fmt::format("{:<7} {:<16} {:<10} {:<8} {}\n", model.family, model.id, model.group,
                                fmt::format("{}", fmt::join(model.framings, ",")), model.name);
        }
    }
    return json ? rows.dump() + "\n" : text + "\nHabits of some units, --quirk NAME:\n" + habits;
}

int run_emulator(const RunOptions& options)
{
    const auto chosen = choose_model(options.family, options.model);
    if (!chosen)
        return misuse(chosen.error().context);
    const Make& make = *chosen->make;
    const ModelRow& model = *chosen->model;
    if (const auto fits = check_framing(model, options.framing); !fits)
        return misuse("--framing: " + fits.error().context);
    for (const std::string& quirk : options.quirks)
        if (const auto known = check_quirk(make, quirk); !known)
            return misuse("--quirk: " + known.error().context);
    if (!options.serial.empty())
        if (const auto fits = check_serial(model, options.serial); !fits)
            return misuse("--serial: " + fits.error().context);
    const auto pause = options.sales.empty() ? std::nullopt : pause_of(options.sales);
    if (!options.sales.empty() && !pause)
        return misuse("--sales: \"" + options.sales + "\", want 2/s, 30/min or 100/h");

    std::unique_ptr<StateFile> store;
    if (!options.state.empty()) {
        auto opened = StateFile::open(options.state);
        if (!opened)
            return complain(opened.error().message());
        store = std::move(*opened);
    }
    VirtualKkt kkt(identity_of(options, *chosen), Times{wall_clock, std::chrono::steady_clock::now},
                   store.get());
    kkt.set_print_time(std::chrono::milliseconds{options.print_ms});
    if (auto ready = prepare(kkt, store.get(), options); !ready)
        return complain(ready.error().message());

    asio::io_context context(1);
    Faults faults(options.seed);
    const FaceRequest wanted{std::string(model.id), options.framing, options.listen.starts_with("tcp:"),
                             options.quirks, std::chrono::milliseconds{options.think_ms}};
    const std::unique_ptr<Face> face = make.face(kkt, faults, wanted);
    Line line(context, kkt, *face, faults, LineOptions{options.listen, options.baud});
    if (auto opened = line.open(); !opened)
        return complain(opened.error().message());

    Control control(kkt, faults, options.seed);
    control.on_hang_up = [&line] { line.hang_up(); };
    control.on_cable = [&line](bool in) { line.plug(in); };
    control.on_power_on = [&face] { face->power_up(); };
    kkt.on_power_lost = [&context, &line] { asio::post(context, [&line] { line.power_lost(); }); };
    control.describe = [&](nlohmann::json& state) {
        state["family"] = model.family;
        state["model"] = model.id;
        state["line"] = {{"name", line.wire().name()},
                         {"framing", options.framing},
                         {"baud", line.baud().value_or(0)},
                         {"client", line.wire().has_client()}};
    };
    ControlServer server(context, control);
    auto listening = server.listen(options.control.empty() ? kDefaultControl : options.control);
    if (!listening && options.control.empty())
        listening = server.listen("127.0.0.1:0");
    if (!listening)
        return complain(listening.error().message());

    Beat ofd(context, kOfdTick, [&] { kkt.tick_ofd(face->talks_to_ofd_itself()); });
    std::optional<Beat> player;
    if (pause)
        player.emplace(context, *pause, [&] { static_cast<void>(control.play()); });

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&context](boost::system::error_code, int) { context.stop(); });

    // One line that a script can wait for.
    std::cout << fmt::format("kkt-emulator ready: {} {} line {} control {}\n", model.id,
                             kkt.identity().kkt_serial, line.wire().name(), server.url())
              << std::flush;
    try {
        context.run();
    } catch (const std::exception& broken) {
        return complain(broken.what());
    }
    return 0;
}

} // namespace kb::emulator

#include "drivers/emulator/register.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

namespace kb::emulator {

namespace {

constexpr auto kFnLife = std::chrono::days{1110};
constexpr auto kOfdTick = std::chrono::seconds{1};

LocalSeconds wall_clock()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    return LocalSeconds{std::chrono::seconds{now + parts.tm_gmtoff}};
}

Identity identity_of(const RegisterOptions& options, const Chosen& chosen)
{
    Identity who;
    who.kkt_serial = options.serial;
    who.ffd = options.ffd.empty()     ? chosen.model->ffd
              : options.ffd == "1.05" ? 2
              : options.ffd == "1.1"  ? 3
                                      : 4;
    chosen.make->identify(*chosen.model, *options.seed, who);
    who.inn = "7707000008";
    who.reg_number = reg_number_for(*options.seed, who.inn, who.kkt_serial);
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

FaceRequest face_request(const RegisterOptions& options, const ModelRow& model)
{
    return {std::string(model.id), options.framing, options.listen.starts_with("tcp:"), options.quirks,
            std::chrono::milliseconds{options.think_ms}};
}

} // namespace

// Calls `what` again and again, on an even beat.
class Register::Beat {
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

Register::Register(asio::io_context& context, const RegisterOptions& options, const Chosen& chosen,
                   std::unique_ptr<StateFile> store)
    : options_(options),
      model_(*chosen.model),
      store_(std::move(store)),
      faults_(*options.seed),
      kkt_(identity_of(options, chosen), Times{wall_clock, std::chrono::steady_clock::now}, store_.get()),
      face_(chosen.make->face(kkt_, faults_, face_request(options, model_))),
      line_(context, kkt_, *face_, faults_, LineOptions{options.listen, options.baud}),
      control_(kkt_, faults_, *options.seed)
{}

Register::~Register() = default;

Result<std::unique_ptr<Register>> Register::start(asio::io_context& context, const RegisterOptions& options)
{
    const auto chosen = choose_model(options.family, options.model);
    if (!chosen)
        return pass(chosen);
    std::unique_ptr<StateFile> store;
    if (!options.state.empty()) {
        auto opened = StateFile::open(options.state);
        if (!opened)
            return pass(opened);
        store = std::move(*opened);
    }
    std::unique_ptr<Register> made(new Register(context, options, *chosen, std::move(store)));
    if (const auto ready = made->prepare(); !ready)
        return pass(ready);
    if (const auto opened = made->open(context); !opened)
        return pass(opened);
    return made;
}

Result<void> Register::prepare()
{
    if (store_ != nullptr) {
        if (auto loaded = store_->load(kkt_); !loaded)
            return loaded;
    }
    kkt_.set_print_time(std::chrono::milliseconds{options_.print_ms});
    const LocalSeconds now = wall_clock();
    const LocalSeconds today = std::chrono::floor<std::chrono::days>(now);
    const LocalSeconds start = now - std::chrono::seconds{options_.preload * std::int64_t{90}};
    const std::string fn_serial = options_.fn_serial.empty()
                                      ? fmt::format("9999078900{:06}", *options_.seed % 1'000'000)
                                      : options_.fn_serial;
    kkt_.first_start(fn_serial, today + kFnLife, start);
    if (options_.preload > kkt_.fn().last_fd())
        kkt_.preload(options_.preload - kkt_.fn().last_fd(), *options_.seed);
    if (options_.ofd_silent)
        kkt_.set_ofd_silent(true);
    return {};
}

Result<void> Register::open(asio::io_context& context)
{
    if (auto opened = line_.open(); !opened)
        return opened;
    control_.on_hang_up = [this] { line_.hang_up(); };
    control_.on_cable = [this](bool in) { line_.plug(in); };
    control_.on_power_on = [this] { face_->power_up(); };
    control_.describe = [this](nlohmann::json& state) {
        state["name"] = options_.name;
        state["family"] = model_.family;
        state["model"] = model_.id;
        state["line"] = {{"name", line_.wire().name()},
                         {"framing", options_.framing},
                         {"baud", line_.baud().value_or(0)},
                         {"client", line_.wire().has_client()}};
    };
    kkt_.on_power_lost = [this, &context] {
        control_.link_lost();
        asio::post(context, [this] { line_.power_lost(); });
    };
    ofd_ = std::make_unique<Beat>(context, kOfdTick, [this] { kkt_.tick_ofd(face_->talks_to_ofd_itself()); });
    if (!options_.sales.empty())
        player_ = std::make_unique<Beat>(
            context, std::chrono::nanoseconds{sales_pause_ns(options_.sales).value_or(1'000'000'000)},
            [this] { static_cast<void>(control_.play()); });
    return {};
}

std::string Register::summary() const
{
    return fmt::format("{} {} line {}", model_.id, kkt_.identity().kkt_serial, line_.wire().name());
}

} // namespace kb::emulator

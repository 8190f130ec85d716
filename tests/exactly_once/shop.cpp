#include "tests/exactly_once/shop.hpp"

#include "agent/log.hpp"
#include "drivers/atol/emulator.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "drivers/registry.hpp"
#include "drivers/shtrih/emulator.hpp"
#include "protocol/fiscal/document.hpp"
#include "storage/journal.hpp"
#include "tests/emulator/common/emulated_register.hpp"

#include <stdexcept>

namespace kb::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kFnSerial = "9999078900002270";
constexpr const char* kCaller = "native";

/// Clocks jump here by more than a day: nothing is to expire by that.
agent::JobDesk::Policy desk_policy()
{
    agent::JobDesk::Policy policy;
    policy.wait_at_most = std::chrono::hours(24 * 365);
    return policy;
}

} // namespace

const std::vector<Make>& makes()
{
    static const std::vector<Make> all{{"shtrih v1", "shtrih"},
                                       {"shtrih v2", "shtrih"},
                                       {"atol v2", "atol"},
                                       {"atol v3", "atol"},
                                       {"atol library", "atol-fptr", false}};
    return all;
}

struct TestRegister::Impl {
    explicit Impl(const std::string& make) : faults(1), began(Steady::now())
    {
        if (make == "atol library") {
            behind_its_library();
            return;
        }
        const bool shtrih = make.starts_with("shtrih");
        family = shtrih ? "shtrih" : "atol";
        const bool second = make.ends_with("v2");
        const char* model_name = !shtrih ? (second ? "30f" : "22ptk") : (second ? "nano-f" : "shtrih-m-02f");
        emulator::Identity identity = test_identity("00106061000001");
        if (shtrih) {
            const auto& model = *shtrih::find_emulator_model(model_name);
            identity.kkt_serial = "00493612" + std::string(model.serial_digits) + "000001";
            identity.ffd = model.ffd;
            identity.six_decimals = model.firmware->six_decimals;
            kkt.emplace(identity, times(), nullptr);
            first_start();
            shtrih::FaceOptions options;
            options.framing = second ? shtrih::Framing::v2 : shtrih::Framing::v1;
            face = std::make_unique<shtrih::EmulatorFace>(*kkt, model, faults, options);
        } else {
            identity.ffd = 2;
            kkt.emplace(identity, times(), nullptr);
            first_start();
            emulator::atol::Options options;
            options.framing = second ? emulator::atol::Framing::v2 : emulator::atol::Framing::v3;
            face = std::make_unique<emulator::atol::AtolFace>(*kkt, *emulator::atol::find_model(model_name),
                                                              faults, options);
        }
    }

    void behind_its_library()
    {
        family = "atol-fptr";
        emulator::Identity identity = test_identity("00106105123456");
        identity.kkt_version = "5.8.100";
        identity.ffd = 4;
        kkt.emplace(identity, times(), nullptr);
        first_start();
        library.emplace(*kkt, faults, KB_FPTR_STAND_IN);
    }

    emulator::Times times()
    {
        return {[this] { return wall(); }, &Steady::now};
    }

    void first_start()
    {
        kkt->first_start(kFnSerial, wall() + std::chrono::days(1000), wall());
        kkt->set_print_time(300ms);
    }

    [[nodiscard]] LocalSeconds wall() const
    {
        return *local_from_text("2026-03-25T09:00:00") + ahead +
               std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - began);
    }

    std::string family;
    emulator::Faults faults;
    Steady::time_point began;
    std::chrono::seconds ahead{0};
    std::optional<emulator::VirtualKkt> kkt;
    std::unique_ptr<emulator::Face> face; ///< to a line of ours
    std::optional<LibraryLine> library;   ///< instead
};

TestRegister::TestRegister(const std::string& make) : impl_(std::make_unique<Impl>(make)) {}
TestRegister::~TestRegister() = default;
emulator::VirtualKkt& TestRegister::kkt() { return *impl_->kkt; }
emulator::Face& TestRegister::face() { return *impl_->face; }
LibraryLine* TestRegister::library() { return impl_->library ? &*impl_->library : nullptr; }
emulator::Faults& TestRegister::faults() { return impl_->faults; }
const std::string& TestRegister::family() const { return impl_->family; }
void TestRegister::jump_clock(std::chrono::seconds by) { impl_->ahead += by; }

void TestRegister::power_on()
{
    impl_->kkt->power_on();
    if (impl_->face) {
        impl_->face->power_up();
    }
}

std::vector<TestRegister::Fiscal> TestRegister::documents(std::uint32_t first) const
{
    std::vector<Fiscal> found;
    const emulator::VirtualFn& fn = impl_->kkt->fn();
    for (std::uint32_t number = first; number <= fn.last_fd(); ++number) {
        const emulator::FnDocument* record = fn.find(number);
        const BytesView body = impl_->kkt->body(number);
        ByteWriter whole;
        whole.u16(record->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
        Fiscal document;
        document.fd_number = number;
        document.type = record->type;
        document.total = Kopecks{static_cast<std::int64_t>(record->sum)};
        const auto decoded = fiscal::decode(whole.take());
        if (!decoded) {
            throw std::runtime_error("the FN holds no document: " + decoded.error().message());
        }
        document.marker = decoded->receipt ? decoded->receipt->extra : "";
        found.push_back(std::move(document));
    }
    return found;
}

TestClock::TestClock() : began_(Steady::now()) {}

UtcMs TestClock::now() const
{
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began_);
    return *utc_from_text("2026-03-25T06:00:00Z") + passed + ahead_;
}

LocalSeconds TestClock::local_now() const
{
    return LocalSeconds{std::chrono::floor<std::chrono::seconds>(now().time_since_epoch()) + 3h};
}

AgentLife::AgentLife(const std::filesystem::path& folder, TestRegister& device, const Clock& clock,
                     agent::JobPolicy policy, std::vector<cabinet_api::CommandKind> cabinet_commands)
    : register_(device),
      clock_(clock),
      policy_(policy)
{
    if (LibraryLine* library = device.library(); library != nullptr) {
        library->begin_life(io_);
        line_ = library;
    } else {
        memory_line_ = std::make_unique<MemoryLine>(io_, device.kkt(), device.face(), device.faults());
        line_ = memory_line_.get();
    }
    auto opened = storage::Journal::open(folder, clock.now());
    if (!opened) {
        throw std::runtime_error("journal: " + opened.error().message());
    }
    if (opened->damaged) {
        throw std::runtime_error("journal: damaged: " + opened->damaged->reason);
    }
    journal_ =
        std::make_unique<storage::Worker>(std::move(opened->journal), storage::Worker::Thread::callers);
    agent::JobDesk::Services desk{
        io_.get_executor(), *journal_, clock_,
        [this]() -> const std::vector<std::shared_ptr<agent::Device>>& { return devices_; }};
    desk_ = std::make_unique<agent::JobDesk>(std::move(desk), desk_policy());
    agent::DeviceServices services{*journal_, clock_, metrics_, [] {}, [] {}};
    services.jobs = &policy_;
    services.on_job = [this](const std::string& job_id) { desk_->on_job(job_id); };
    agent::DeviceConfig config;
    config.port = "memory";
    config.family = device.family();
    config.cabinet_commands = std::move(cabinet_commands);
    device_ = std::make_shared<agent::Device>(
        asio::make_strand(io_), "memory", config, [this] { return reach(); }, std::move(services));
    devices_.push_back(device_);
    device.kkt().on_power_lost = [this] {
        asio::post(io_, [this] {
            line_->hang_up(2s); // of the register's own USB port
            later(3s, [this] { register_.power_on(); });
        });
    };
    device_->start();
}

Task<agent::Reached> AgentLife::reach()
{
    agent::Reached reached;
    reached.port = "memory";
    reached.vendor = register_.family();
    if (const LibraryLine* library = register_.library(); library != nullptr) {
        ConnectRequest request;
        request.url = LibraryLine::url();
        request.family = register_.family();
        request.options.library = library->file();
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        auto connection = co_await connect_device(executor, std::move(request));
        if (!connection) {
            co_return pass(connection);
        }
        reached.driver = std::move(connection->driver);
        reached.vendor = connection->vendor;
        co_return reached;
    }
    auto line = memory_line_->open();
    if (!line) {
        co_return pass(line);
    }
    auto driver = make_driver(register_.family(), *std::move(line), {});
    if (!driver) {
        co_return pass(driver);
    }
    reached.driver = *std::move(driver);
    co_return reached;
}

AgentLife::~AgentLife()
{
    if (LibraryLine* library = register_.library(); library != nullptr) {
        library->end_life();
    }
    register_.kkt().on_power_lost = [] {};
    if (!register_.kkt().powered()) {
        register_.power_on();
    }
}

void AgentLife::later(std::chrono::milliseconds delay, std::function<void()> action)
{
    auto timer = std::make_shared<Timer>(io_);
    timer->expires_after(delay);
    timer->async_wait([timer, action = std::move(action)](boost::system::error_code cancelled) {
        if (!cancelled) {
            action();
        }
    });
}

Shop::Shop(const std::string& make) : device(make)
{
    agent::log::start(agent::log::Form::text, "error");
    start();
}
Shop::~Shop() = default;

void Shop::start()
{
    ++lives;
    agent = std::make_unique<AgentLife>(folder.path(), device, clock, policy, cabinet_commands);
}

void Shop::cut_power(power_cut::Unsynced unsynced, std::mt19937& random)
{
    const auto left = disk.after_cut(unsynced, random); // before the agent's end stores anything
    kill();
    disk.become(left);
    start();
}

void Shop::step()
{
    if (!time.run_one_step(agent->io())) {
        throw std::runtime_error("the agent has nothing to do, not even to wait");
    }
}

bool Shop::run_until(const std::function<bool()>& done, std::chrono::seconds at_most)
{
    const auto end = Steady::now() + at_most;
    while (!done()) {
        if (Steady::now() >= end) {
            return false;
        }
        step();
    }
    return true;
}

void Shop::ask(Caller& caller) { ask(std::shared_ptr<Caller>(std::shared_ptr<void>(), &caller)); }

void Shop::ask(std::shared_ptr<Caller> caller)
{
    caller->answer.reset();
    asio::co_spawn(
        agent->io(),
        [](agent::JobDesk& desk, std::shared_ptr<Caller> told) -> asio::awaitable<void> {
            agent::AskedJob asked = told->asked;
            auto answer = co_await desk.accept(std::move(asked));
            told->answer.emplace(std::move(answer));
        }(agent->desk(), std::move(caller)),
        asio::detached);
}

void Shop::look(Caller& caller)
{
    const auto job = stored(caller.asked.key);
    if (job) {
        caller.seen.emplace();
        caller.seen->job = *job;
    }
}

bool Shop::final_state(Caller& caller, std::chrono::seconds at_most, const std::function<void()>& between)
{
    const auto end = Steady::now() + at_most;
    unsigned asked_in_life = 0;
    auto ask_again_at = Steady::now();
    std::size_t steps = 0;
    while (Steady::now() < end) {
        const bool taken = caller.answer && *caller.answer;
        if (taken && asked_in_life != lives) {
            asked_in_life = lives;
            if (!stored(caller.asked.key)) {
                throw std::runtime_error("a promised job is gone: " + caller.asked.key);
            }
        }
        if (!taken && (asked_in_life != lives || (caller.answer && Steady::now() >= ask_again_at))) {
            asked_in_life = lives;
            ask_again_at = Steady::now() + 1s;
            ask(caller);
        }
        step();
        if (between) {
            between();
        }
        // Looking into the journal after every single step would be most of the work.
        if (++steps % 8 == 0) {
            look(caller);
            if (caller.seen && storage::is_final(caller.seen->job.state)) {
                return true;
            }
        }
    }
    return false;
}

std::optional<storage::Job> Shop::stored(const std::string& key)
{
    std::optional<storage::Job> found;
    agent->journal().submit(
        [&key](storage::Journal& journal) { return journal.jobs().find_by_key(kCaller, key); },
        [&found](Result<std::optional<storage::Job>> job) {
            if (job) {
                found = *std::move(job);
            }
        });
    return found;
}

fiscal::Request Shop::receipt(std::uint32_t number)
{
    // Few sums, so that different receipts are alike to whoever looks at the sum alone.
    const auto& goods = emulator::shop_goods();
    fiscal::Request request;
    request.kind = fiscal::RequestKind::receipt;
    request.cashier = "Иванова А.А.";
    request.receipt.emplace();
    for (std::uint32_t i = 0; i <= number % 3; ++i) {
        const auto& choice = goods[(number / 3 + i) % 4];
        fiscal::Position position;
        position.item.name = choice.name;
        position.item.price = Kopecks{static_cast<std::int64_t>(choice.price)};
        position.item.quantity = Quantity::units(1 + number % 2);
        position.item.vat_rate = 6;
        request.receipt->positions.push_back(std::move(position));
    }
    return request;
}

bool Shop::ring_same()
{
    emulator::Receipt rung;
    const fiscal::Request same = receipt(4);
    for (const auto& position : same.receipt->positions) {
        emulator::Item item;
        item.name = position.item.name;
        item.price = static_cast<std::uint64_t>(position.item.price->count());
        item.quantity = *position.item.quantity;
        item.sum = static_cast<std::uint64_t>(cost(*position.item.price, item.quantity)->count());
        rung.items.push_back(std::move(item));
    }
    emulator::Closing closing;
    closing.payments[0] = rung.total();
    const bool taken = device.kkt().ring(std::move(rung), closing).has_value();
    rung_by_hand += taken ? 1 : 0;
    return taken;
}

} // namespace kb::test

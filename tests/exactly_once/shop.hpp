// One register, an agent that may die at any moment and comes back, and a caller who asks again until he is
// told: the whole way of a receipt in one process and in stepped time.
#pragma once

#include "agent/device.hpp"
#include "agent/jobs/desk.hpp"
#include "agent/metrics.hpp"
#include "drivers/emulator/faults.hpp"
#include "drivers/emulator/virtual_kkt.hpp"
#include "tests/exactly_once/library_line.hpp"
#include "tests/exactly_once/memory_line.hpp"
#include "tests/exactly_once/test_disk.hpp"
#include "tests/support/temp_dir.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kb::test {

/// A way to a register: a protocol over a line of ours, or its maker's library.
struct Make {
    std::string name;   ///< "shtrih v1"
    std::string family; ///< of the configuration
    /// Its bytes pass through our hands.
    bool raw_line = true;
};
const std::vector<Make>& makes();

/// The register; it outlives every agent.
class TestRegister {
public:
    explicit TestRegister(const std::string& make);
    ~TestRegister();
    TestRegister(const TestRegister&) = delete;
    TestRegister& operator=(const TestRegister&) = delete;

    [[nodiscard]] emulator::VirtualKkt& kkt();
    /// Precondition: library() is none.
    [[nodiscard]] emulator::Face& face();
    /// The way through its maker's library; nullptr: it has a line of ours.
    [[nodiscard]] LibraryLine* library();
    [[nodiscard]] emulator::Faults& faults();
    [[nodiscard]] const std::string& family() const;
    void power_on();
    /// The register's clock runs ahead by this from now on.
    void jump_clock(std::chrono::seconds by);

    struct Fiscal {
        std::uint32_t fd_number = 0;
        unsigned type = 0;
        std::string marker; ///< tag 1192
        Kopecks total;
    };
    /// Every document of the FN from `first` on, by the FN itself.
    [[nodiscard]] std::vector<Fiscal> documents(std::uint32_t first) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A wall clock that goes with the steady one, and may be set.
class TestClock final : public Clock {
public:
    TestClock();
    [[nodiscard]] UtcMs now() const override;
    [[nodiscard]] LocalSeconds local_now() const override;
    void jump(std::chrono::seconds by) { ahead_ += by; }

private:
    Steady::time_point began_;
    std::chrono::seconds ahead_{0};
};

/// One life of the agent.
class AgentLife {
public:
    AgentLife(const std::filesystem::path& folder, TestRegister& device, const Clock& clock,
              agent::JobPolicy policy, std::vector<cabinet_api::CommandKind> cabinet_commands);
    /// It dies as by SIGKILL: nothing is ended, nothing is stored any more.
    ~AgentLife();
    AgentLife(const AgentLife&) = delete;
    AgentLife& operator=(const AgentLife&) = delete;

    asio::io_context& io() { return io_; }
    agent::JobDesk& desk() { return *desk_; }
    TestLine& line() { return *line_; }
    agent::Device& device() { return *device_; }
    storage::Worker& journal() { return *journal_; }
    /// After `delay`, if this life lasts so long.
    void later(std::chrono::milliseconds delay, std::function<void()> action);

private:
    Task<agent::Reached> reach();

    asio::io_context io_;
    TestRegister& register_;
    const Clock& clock_;
    agent::JobPolicy policy_;
    agent::Metrics metrics_;
    std::unique_ptr<MemoryLine> memory_line_; ///< unless the register has a library
    TestLine* line_ = nullptr;
    std::unique_ptr<storage::Worker> journal_;
    std::unique_ptr<agent::JobDesk> desk_;
    std::shared_ptr<agent::Device> device_;
    std::vector<std::shared_ptr<agent::Device>> devices_;
};

/// All of it.
class Shop {
public:
    explicit Shop(const std::string& make);
    ~Shop();

    SteppedTime time; ///< first: everything else goes by it
    TempDir folder;
    TestDisk disk{folder.path()};
    TestRegister device;
    TestClock clock;
    agent::JobPolicy policy;
    /// Of the configuration.
    std::vector<cabinet_api::CommandKind> cabinet_commands{
        cabinet_api::CommandKind::x_report, cabinet_api::CommandKind::close_shift,
        cabinet_api::CommandKind::message, cabinet_api::CommandKind::print};
    std::unique_ptr<AgentLife> agent;
    unsigned lives = 0; ///< agents so far

    /// A new agent, on the journal that is there.
    void start();
    void kill() { agent.reset(); }
    /// The computer's power goes and comes back: a new agent on what the disk has kept.
    void cut_power(power_cut::Unsynced unsynced, std::mt19937& random);
    /// One step of whatever goes on. Precondition: an agent lives.
    void step();
    /// Steps until `done`, or virtual time is up; true: done.
    bool run_until(const std::function<bool()>& done, std::chrono::seconds at_most);
    /// A caller who hands a request in and, should the agent die or refuse for want of a journal, again.
    struct Caller {
        agent::AskedJob asked;
        std::optional<agent::JobAnswer> answer; ///< of the last time
        std::optional<agent::JobView> seen;     ///< as it was told last
    };
    void ask(Caller& caller);
    /// The same for one that nobody may be waiting for any more.
    void ask(std::shared_ptr<Caller> caller);
    void look(Caller& caller);
    /// Asks until there is a job and it is final; kills and restarts are the test's matter, between steps. An
    /// agent that has promised the job and does not know it any more: std::runtime_error.
    bool final_state(Caller& caller, std::chrono::seconds at_most, const std::function<void()>& between = {});
    /// How the job of a key stands in the journal, whoever is alive.
    std::optional<storage::Job> stored(const std::string& key);

    /// A plausible receipt: the same number gives the same receipt.
    static fiscal::Request receipt(std::uint32_t number);
    /// Somebody rings receipt(4) on the register's keypad; refused while a receipt is open. True: it was
    /// rung.
    bool ring_same();
    std::size_t rung_by_hand = 0; ///< so often, in this shop
};

} // namespace kb::test

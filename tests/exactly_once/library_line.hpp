// A virtual register behind its maker's library (its stand-in) in one process and in stepped time. The
// library blocks on a thread of its own, but in turns with the test: it goes on only while a step of the test
// waits for it, up to its next command to the register. So an agent may die between any two of its commands,
// and each of them takes the time that the register's faults want.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/blocking_thread.hpp"
#include "drivers/emulator/control.hpp"
#include "drivers/transport/port_url.hpp"
#include "drivers/transport/shared_library.hpp"
#include "tests/exactly_once/test_line.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace kb::test {

/// One at a time: there is one library in the process.
class LibraryLine final : public TestLine, private BlockingWorker {
public:
    /// Both outlive it. `file`: of the stand-in.
    LibraryLine(emulator::VirtualKkt& kkt, emulator::Faults& faults, std::string file);
    /// Precondition: no agent lives.
    ~LibraryLine() override;

    /// Where an agent finds the register, and with which library.
    [[nodiscard]] static PortUrl url();
    [[nodiscard]] const std::string& file() const { return file_; }
    /// An agent lives, on `io`.
    void begin_life(asio::io_context& io);
    /// It dies as by SIGKILL: none of its commands reaches the register any more. Before `io` ends.
    void end_life();

    using TestLine::hang_up;
    void hang_up(std::chrono::milliseconds away) override;

private:
    // of the test's thread
    void go_on();
    void take_turns();
    void put_question();
    void give_answer(std::string answer);
    [[nodiscard]] std::string answer_to(const std::string& question);
    void work_off_without_a_line();

    // of the library's
    void be_the_library();
    const char* ask(const char* question);

    // of both
    void take(std::function<void()> work) override;

    std::string file_;
    emulator::Control control_;
    std::shared_ptr<const SharedLibrary> library_;
    asio::io_context* io_ = nullptr; ///< of the agent that lives
    std::unique_ptr<Timer> answer_due_;
    std::optional<Steady::time_point> away_until_;

    std::mutex mutex_; ///< of all below
    std::condition_variable changed_;
    bool librarys_turn_ = false;
    bool ending_ = false;
    bool connected_ = false; ///< an agent lives
    bool scheduled_ = false; ///< a step is to come in which the library goes on
    bool at_work_ = false;   ///< with current_
    std::deque<std::function<void()>> work_;
    std::function<void()> current_;
    std::optional<std::string> question_; ///< waits for the register
    std::string answer_;
    std::thread thread_; ///< last: it uses all of them
};

} // namespace kb::test

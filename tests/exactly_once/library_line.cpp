#include "tests/exactly_once/library_line.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace kb::test {

namespace {

constexpr std::uint64_t kSeed = 7;

/// The stand-in asks through a plain function: the line that it is to ask.
std::function<const char*(const char*)> ask_of_the_line;

const char* ask_now(const char* question) { return ask_of_the_line(question); }

void ask_through(const SharedLibrary& library, const char* (*ask)(const char*))
{
    using Register = void(const char* (*)(const char*));
    auto* const set = library.find<Register>("kb_stand_in_register");
    if (set == nullptr) {
        throw std::runtime_error(library.path() + " is not the stand-in");
    }
    set(ask);
}

} // namespace

LibraryLine::LibraryLine(emulator::VirtualKkt& kkt, emulator::Faults& faults, std::string file)
    : file_(std::move(file)),
      control_(kkt, faults, kSeed)
{
    auto loaded = SharedLibrary::load(file_);
    if (!loaded) {
        throw std::runtime_error(loaded.error().message());
    }
    library_ = *std::move(loaded);
    ask_of_the_line = [this](const char* question) { return ask(question); };
    ask_through(*library_, &ask_now);
    thread_ = std::thread([this] { be_the_library(); });
}

LibraryLine::~LibraryLine()
{
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
    ask_through(*library_, nullptr);
    ask_of_the_line = nullptr;
}

PortUrl LibraryLine::url() { return parse_port_url("tcp:127.0.0.1:5555").value(); }

void LibraryLine::begin_life(asio::io_context& io)
{
    io_ = &io;
    answer_due_ = std::make_unique<Timer>(io);
    const std::lock_guard lock(mutex_);
    connected_ = true;
    scheduled_ = false;
}

void LibraryLine::end_life()
{
    {
        const std::lock_guard lock(mutex_);
        connected_ = false;
    }
    answer_due_.reset();
    io_ = nullptr;
    work_off_without_a_line();
}

void LibraryLine::hang_up(std::chrono::milliseconds away)
{
    away_until_ = Steady::now() + away;
    control_.link_lost();
}

// -- the library's thread

void LibraryLine::be_the_library()
{
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return librarys_turn_ || ending_; });
        if (ending_) {
            return;
        }
        std::function<void()> work = std::move(current_);
        lock.unlock();
        work();
        work = nullptr; // what it owns ends on this thread, too
        lock.lock();
        at_work_ = false;
        librarys_turn_ = false;
        changed_.notify_all();
    }
}

const char* LibraryLine::ask(const char* question)
{
    std::unique_lock lock(mutex_);
    if (!connected_) {
        return "{}"; // nobody is there
    }
    question_ = question;
    librarys_turn_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return librarys_turn_; });
    return answer_.c_str();
}

// -- the test's thread

void LibraryLine::take(std::function<void()> work)
{
    bool orphaned = false;
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        const bool of_the_library = std::this_thread::get_id() == thread_.get_id();
        orphaned = !connected_ && !of_the_library;
        if (connected_ && !scheduled_) {
            scheduled_ = true;
            asio::post(*io_, [this] { take_turns(); });
        }
    }
    if (orphaned) {
        work_off_without_a_line(); // what the dead agent's driver gives back when it is destroyed
    }
}

/// Lets the library run until it asks the register, or has done its work.
void LibraryLine::go_on()
{
    std::unique_lock lock(mutex_);
    librarys_turn_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !librarys_turn_; });
}

void LibraryLine::take_turns()
{
    {
        const std::lock_guard lock(mutex_);
        if (!at_work_ && work_.empty()) {
            scheduled_ = false;
            return;
        }
        if (!at_work_) {
            at_work_ = true;
            current_ = std::move(work_.front());
            work_.pop_front();
        }
    }
    go_on();
    const std::lock_guard lock(mutex_);
    if (question_) {
        asio::post(*io_, [this] { put_question(); }); // an agent may die with the command still in its hands
    } else {
        asio::post(*io_, [this] { take_turns(); });
    }
}

void LibraryLine::put_question()
{
    std::string question;
    {
        const std::lock_guard lock(mutex_);
        question = *question_;
    }
    auto answer = nlohmann::json::parse(answer_to(question));
    const std::chrono::milliseconds took{answer.value("wait_ms", 0)};
    answer.erase("wait_ms"); // it passes here, in stepped time
    answer_due_->expires_after(took);
    answer_due_->async_wait([this, text = answer.dump()](boost::system::error_code cancelled) {
        if (!cancelled) {
            give_answer(text); // or when the register has it already
        }
    });
}

void LibraryLine::give_answer(std::string answer)
{
    {
        const std::lock_guard lock(mutex_);
        question_.reset();
        answer_ = std::move(answer);
    }
    take_turns();
}

std::string LibraryLine::answer_to(const std::string& question)
{
    constexpr const char* kNobody = R"({"refused":"no_connection","reason":"nobody answers"})";
    constexpr const char* kLost = R"({"refused":"link_lost","reason":"the connection is lost"})";
    if (away_until_ && Steady::now() < *away_until_) {
        return kNobody;
    }
    if (pass(1, Direction::to_device) == 0) {
        return kLost;
    }
    const auto heard = control_.handle("POST", "/library", question);
    return pass(1, Direction::to_host) == 0 ? kLost : heard.body;
}

/// What a dead agent has left: its library finds nobody on the line, and lets go of the port.
void LibraryLine::work_off_without_a_line()
{
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            question_.reset();
            answer_ = "{}";
            if (!at_work_ && work_.empty()) {
                return;
            }
            if (!at_work_) {
                at_work_ = true;
                current_ = std::move(work_.front());
                work_.pop_front();
            }
        }
        go_on();
    }
}

} // namespace kb::test

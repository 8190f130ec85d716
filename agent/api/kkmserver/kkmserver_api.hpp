// The interface of KkmServer, so that shop software that speaks it prints on any register: one address, a
// command in JSON, an answer in JSON. docs/kkmserver.md tells what is served and what differs.
#pragma once

#include "agent/api/kkmserver/error_text.hpp"
#include "agent/api/kkmserver/names.hpp"
#include "agent/jobs/desk.hpp"
#include "http/access.hpp"
#include "http/router.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kb::agent {

namespace kkmserver {
struct Call;
class Answer;
struct Translated;
} // namespace kkmserver

class KkmServerApi {
public:
    struct Services {
        asio::any_io_executor executor;
        JobDesk& desk;
        storage::Worker& journal;
        const Clock& clock;
        std::string user;     ///< of Basic authentication; empty: Admin and User, when there is a password
        std::string password; ///< of those users; without user and password nobody is asked
        std::vector<std::string> origins; ///< pages that may call; none: those that know the password
    };

    /// The longest command that is taken.
    static constexpr std::size_t kMostBytes = std::size_t{4} << 20U;
    /// The longest that a command waits for its register. A server of this API gives its handlers more.
    static constexpr std::chrono::seconds kLongestWait{600};

    explicit KkmServerApi(Services services);
    KkmServerApi(const KkmServerApi&) = delete;
    KkmServerApi& operator=(const KkmServerApi&) = delete;

    [[nodiscard]] const kb::http::Router& router() const { return router_; }
    /// Who may ask: loopback names, this user, pages of these origins.
    [[nodiscard]] kb::http::Guard guard() const;
    [[nodiscard]] kb::http::Finish finish() const;

private:
    using Answer = kkmserver::Answer;
    using Call = kkmserver::Call;
    using Made = kkmserver::Made;
    using Status = kkmserver::Status;

    // Arguments by reference live in the coroutine that awaits.
    asio::awaitable<void> execute(std::string body, kb::http::ResponderPtr responder);
    asio::awaitable<void> answer_to(const Call& call, Answer& answer);

    // Commands that make the register do something: jobs.
    asio::awaitable<void> work(const Call& call, Answer& answer);
    asio::awaitable<bool> known_already(const Call& call, Answer& answer);
    asio::awaitable<void> again(const Call& call, JobView view, Answer& answer);
    asio::awaitable<void> hand_in(const Call& call, std::string kkt_serial, kkmserver::Translated translated,
                                  Answer& answer);
    void tell(Answer& answer, const JobView& view) const;
    void place(Answer& answer, const std::string& kkt_serial) const;

    // Commands that are answered from what is known.
    asio::awaitable<void> rezult(const Call& call, Answer& answer);
    asio::awaitable<void> list(const Call& call, Answer& answer);
    asio::awaitable<void> data_kkt(const Call& call, Answer& answer);
    asio::awaitable<void> data_check(const Call& call, Answer& answer);
    asio::awaitable<void> counters(const Call& call, Answer& answer);
    asio::awaitable<void> line_length(const Call& call, Answer& answer);
    asio::awaitable<void> on_off(const Call& call, Answer& answer);
    void server_data(Answer& answer) const;

    /// Factory numbers of the registers that are switched off, as far as the journal can tell.
    asio::awaitable<std::set<std::string>> switched_off();
    /// nullptr: there is none, and the answer says so.
    asio::awaitable<std::shared_ptr<Device>> choose(const Call& call, Answer& answer);
    /// Whether there is a line to it now; else the answer says why not.
    bool is_there(const Device& device, Answer& answer) const;
    /// A document of the FN that the journal has, or is about to have. `fd_number` 0: the last one.
    Task<fiscal::FiscalDocument> document_of(std::shared_ptr<Device> device, std::uint32_t fd_number,
                                             std::chrono::milliseconds at_most);
    [[nodiscard]] std::chrono::seconds zone() const;

    Services services_;
    kb::http::Origins origins_;
    kb::http::Router router_;
    LocalSeconds started_at_;
};

} // namespace kb::agent

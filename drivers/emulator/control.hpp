// What a person or a test may do to the virtual register, as JSON requests: the keypad page, `kkt-emulator
// ctl` and every test speak this. Pure of sockets, so that it can be tested without them.
#pragma once

#include "drivers/emulator/faults.hpp"
#include "drivers/emulator/random_sale.hpp"
#include "drivers/emulator/virtual_kkt.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>

namespace kb::emulator {

struct ControlAnswer {
    int status = 200;
    std::string type = "application/json";
    std::string body;
};

class Control {
public:
    Control(VirtualKkt& kkt, Faults& faults, std::uint64_t seed);

    /// `target` is path and query as in the request line.
    ControlAnswer handle(const std::string& method, const std::string& target, const std::string& body);
    /// Everything there is to know about the register, as GET /state tells it.
    nlohmann::json state() const;
    /// One plausible sale, as `--sales` makes them: opens and closes shifts as needed.
    Answer<Closed> play();

    /// The line breaks and comes back by itself.
    void hang_up();
    /// The power went: whoever had a connection has none any more.
    void link_lost();

    std::function<void()> on_hang_up;
    std::function<void(bool in)> on_cable;
    std::function<void()> on_power_on;
    /// Adds what only the program knows (line, model) to GET /state.
    std::function<void(nlohmann::json&)> describe;

private:
    nlohmann::json documents(std::uint32_t from, std::uint32_t limit) const;
    nlohmann::json document(std::uint32_t fd_number) const;
    nlohmann::json paper_strip(std::uint64_t from) const;
    nlohmann::json closed(const Answer<Closed>& done) const;
    nlohmann::json sale(const nlohmann::json& in);
    nlohmann::json shift_open(const nlohmann::json& in);
    nlohmann::json shift_close(const nlohmann::json& in);
    nlohmann::json cable(const nlohmann::json& in);
    nlohmann::json fault(const nlohmann::json& in);
    nlohmann::json paper(const nlohmann::json& in);
    nlohmann::json cover(const nlohmann::json& in);
    nlohmann::json sd(const nlohmann::json& in);
    nlohmann::json clock(const nlohmann::json& in);
    nlohmann::json fn(const nlohmann::json& in);
    nlohmann::json ofd(const nlohmann::json& in);
    nlohmann::json power(const nlohmann::json& in);
    nlohmann::json cash(const nlohmann::json& in);
    nlohmann::json x_report(const nlohmann::json& in);
    nlohmann::json faults_list() const;
    // control_marking.cpp
    nlohmann::json marking(const nlohmann::json& in);
    nlohmann::json marking_state() const;

    // control_library.cpp
    nlohmann::json library(const nlohmann::json& in);
    nlohmann::json library_op(const std::string& op, const nlohmann::json& in);
    nlohmann::json library_read(const std::string& op, const nlohmann::json& in);
    nlohmann::json library_state() const;
    nlohmann::json library_record(std::uint32_t fd_number) const;
    void reboot();
    // control_library_marking.cpp
    /// nullopt: nothing of marking codes.
    std::optional<nlohmann::json> library_marking(const std::string& op, const nlohmann::json& in);

    // control_library_work.cpp
    /// nullopt: no such work.
    std::optional<nlohmann::json> library_work(const std::string& op, const nlohmann::json& in);

    VirtualKkt& kkt_;
    Faults& faults_;
    RandomSales random_;
    bool cable_in_ = true;
    std::int64_t link_ = 1; ///< counts the connections lost
    Instant away_until_{};
};

/// The keypad page, GET /.
extern const char* const kKeypadPage;

} // namespace kb::emulator

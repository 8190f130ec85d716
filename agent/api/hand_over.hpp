// The way from a server with a thread of its own to the thread where registers, jobs and handlers live, and
// back. What shop programs ask all the time, how a register or a job is, goes in rounds: whatever was asked
// while one round was under way makes the next one, each path once. So every answer is as true as one made on
// the spot, none is older than its question, and the registers' thread has one short task a round, however
// many ask.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/steady.hpp"
#include "http/message.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

class HandOver : public std::enable_shared_from_this<HandOver> {
public:
    /// Called on the registers' thread.
    struct House {
        asio::any_io_executor executor;
        /// The JSON that answers this path now; nullopt: it takes longer, or is no JSON with status 200.
        std::function<std::optional<std::string>(const std::string& path)> at_once;
        /// `came`: when the server had it whole.
        std::function<void(const kb::http::Request&, const kb::http::ResponderPtr&, Steady::time_point came)>
            handle;
    };

    HandOver(House house, asio::any_io_executor server);

    // On the server's thread.
    /// To be answered in a round: a GET of this path without a query, whose headers mean nothing.
    void ask(const std::string& path, kb::http::ResponderPtr responder);
    /// To be handled by itself.
    void pass_on(const kb::http::Request& request, kb::http::ResponderPtr responder);

    /// On the registers' thread: nothing is called there any more; who asks then is told that nobody answers.
    void stop() { stopped_ = true; }

private:
    struct Asked {
        std::vector<kb::http::ResponderPtr> by;
        std::optional<std::string> text;
    };
    using Round = std::map<std::string, Asked>; ///< by path

    void begin();
    void answer(Round& round);
    void deliver(const Round& round);

    House house_;
    asio::any_io_executor server_;
    bool stopped_ = false; ///< of the registers' thread

    // Of the server's thread.
    Round next_;
    bool under_way_ = false;
};

} // namespace kb::agent

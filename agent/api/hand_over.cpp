#include "agent/api/hand_over.hpp"

#include "agent/log.hpp"

#include <exception>
#include <thread>
#include <utility>

namespace kb::agent {

namespace {

/// One answer for all who asked the same.
class ForAll final : public kb::http::Responder {
public:
    explicit ForAll(std::vector<kb::http::ResponderPtr> all) : all_(std::move(all)) {}
    void send(kb::http::Response response) override
    {
        for (const kb::http::ResponderPtr& one : all_)
            one->send(response);
    }
    /// Of a path that streams nobody asks in rounds.
    std::shared_ptr<kb::http::Stream> open_stream(kb::http::Response head) override
    {
        return all_.front()->open_stream(std::move(head));
    }

private:
    std::vector<kb::http::ResponderPtr> all_;
};

} // namespace

HandOver::HandOver(House house, asio::any_io_executor server)
    : house_(std::move(house)),
      server_(std::move(server))
{}

void HandOver::pass_on(const kb::http::Request& request, kb::http::ResponderPtr responder)
{
    asio::post(house_.executor,
               [self = shared_from_this(), request, responder = std::move(responder), came = Steady::now()] {
                   if (!self->stopped_)
                       self->house_.handle(request, responder, came);
               });
}

void HandOver::ask(const std::string& path, kb::http::ResponderPtr responder)
{
    next_[path].by.push_back(std::move(responder));
    if (std::exchange(under_way_, true))
        return;
    // Behind the connections that are ready now: what they ask goes with this round.
    asio::post(server_, [self = shared_from_this()] { self->begin(); });
}

void HandOver::begin()
{
    asio::post(house_.executor, [self = shared_from_this(), round = std::exchange(next_, {})]() mutable {
        self->answer(round);
        HandOver& here = *self;
        asio::post(here.server_,
                   [self = std::move(self), round = std::move(round)]() { self->deliver(round); });
    });
}

void HandOver::answer(Round& round)
{
    for (auto& [path, asked] : round) {
        if (stopped_)
            return;
        try {
            asked.text = house_.at_once(path);
        } catch (const std::exception& error) {
            // Whoever asked for it is told that nobody answers; the next round must come all the same.
            log::error("api: an answer failed", {{"error", error.what()}});
            asked.by.clear();
        }
        if (asked.text || asked.by.empty())
            continue;
        kb::http::Request request;
        request.method = "GET";
        request.path = path;
        house_.handle(request, std::make_shared<ForAll>(std::exchange(asked.by, {})), Steady::now());
    }
}

void HandOver::deliver(const Round& round)
{
    for (const auto& [path, asked] : round)
        if (asked.text)
            for (const kb::http::ResponderPtr& responder : asked.by) {
                responder->send(kb::http::json_response(*asked.text));
                std::this_thread::yield(); // many of them are a long time for a register's line
            }
    under_way_ = !next_.empty();
    if (under_way_)
        asio::post(server_, [self = shared_from_this()] { self->begin(); });
}

} // namespace kb::agent

// Drives an Exchange: does what it says, tells it what happened.
#include "drivers/session.hpp"

#include <algorithm>

namespace kb {

using Steady = std::chrono::steady_clock;

Session::Session(std::unique_ptr<Transport> line) : line_(std::move(line)) {}

void Session::count(const Exchange& exchange)
{
    const ExchangeCounters trouble = exchange.counters();
    counters_.retries += trouble.retries;
    counters_.bad_frames += trouble.bad_frames;
}

Result<Bytes> Session::broken(const Exchange& exchange, Error error, bool written)
{
    count(exchange);
    ++counters_.failed;
    error.outcome = written ? exchange.outcome_if_lost() : Outcome::not_done;
    return tl::unexpected<Error>(std::move(error));
}

void Session::cancel()
{
    cancelled_ = true;
    line_->cancel();
}

Task<Bytes> Session::run(Exchange& exchange, std::chrono::milliseconds at_most)
{
    ++counters_.exchanges;
    bool written = false;
    if (const auto dropped = line_->discard_input(); !dropped) {
        co_return broken(exchange, dropped.error(), written);
    }
    const auto end = Steady::now() + at_most;
    Step step = exchange.begin();
    while (true) {
        if (cancelled_) {
            Error stopped{Errc::cancelled, Outcome::unknown, line_->name() + ": stopped on request",
                          std::nullopt};
            co_return broken(exchange, std::move(stopped), written);
        }
        if (auto* write = std::get_if<Write>(&step)) {
            Bytes bytes = std::move(write->bytes);
            const std::size_t size = bytes.size();
            written = true;
            const auto done = co_await line_->write(std::move(bytes), kWriteWait);
            if (!done) {
                co_return broken(exchange, done.error(), written);
            }
            counters_.bytes_written += size;
            step = exchange.on_written();
        } else if (const auto* read = std::get_if<Read>(&step)) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
            if (left <= std::chrono::milliseconds::zero()) {
                Error late{Errc::timed_out, Outcome::unknown,
                           line_->name() + ": no end of the answer within " +
                               std::to_string(at_most.count()) + " ms",
                           std::nullopt};
                co_return broken(exchange, std::move(late), written);
            }
            const auto bytes = co_await line_->read(std::min(read->at_most, left));
            if (bytes) {
                counters_.bytes_read += bytes->size();
                step = exchange.on_bytes(*bytes);
            } else if (bytes.error().code == Errc::no_answer) {
                ++counters_.timeouts;
                step = exchange.on_timeout();
            } else {
                co_return broken(exchange, bytes.error(), written);
            }
        } else if (auto* done = std::get_if<Done>(&step)) {
            count(exchange);
            co_return std::move(done->reply);
        } else {
            count(exchange);
            ++counters_.failed;
            co_return tl::unexpected<Error>(std::move(std::get<Error>(step)));
        }
    }
}

} // namespace kb

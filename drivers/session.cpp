// Drives an Exchange: does what it says, tells it what happened.
#include "drivers/session.hpp"

#include <algorithm>

namespace kb {

namespace {

// A frame that the system does not take within this time never left the PC.
constexpr std::chrono::milliseconds kWriteWait{3'000};

// Several times the longest answer of any vendor, repeats included.
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

void count(LineCounters& counters, const Exchange& exchange)
{
    const ExchangeCounters trouble = exchange.counters();
    counters.retries += trouble.retries;
    counters.bad_frames += trouble.bad_frames;
}

Result<Bytes> broken(LineCounters& counters, const Exchange& exchange, Error error, bool written)
{
    count(counters, exchange);
    ++counters.failed;
    error.outcome = written ? exchange.outcome_if_lost() : Outcome::not_done;
    return tl::unexpected<Error>(std::move(error));
}

} // namespace

void Session::cancel()
{
    state_.cancelled = true;
    line_->cancel();
}

Task<Bytes> run(Exchange& exchange, Transport& line, LineState& state, std::chrono::milliseconds at_most)
{
    LineCounters& counters = state.counters;
    ++counters.exchanges;
    bool written = false;
    std::size_t received = 0;
    if (const auto dropped = line.discard_input(); !dropped) {
        co_return broken(counters, exchange, dropped.error(), written);
    }
    const auto end = Steady::now() + at_most;
    Step step = exchange.begin();
    while (true) {
        if (state.cancelled) {
            Error stopped{Errc::cancelled, Outcome::unknown, line.name() + ": stopped on request",
                          std::nullopt};
            co_return broken(counters, exchange, std::move(stopped), written);
        }
        if (auto* write = std::get_if<Write>(&step)) {
            Bytes bytes = std::move(write->bytes);
            const std::size_t size = bytes.size();
            written = true;
            const auto done = co_await line.write(std::move(bytes), kWriteWait);
            if (!done) {
                co_return broken(counters, exchange, done.error(), written);
            }
            counters.bytes_written += size;
            step = exchange.on_written();
        } else if (const auto* read = std::get_if<Read>(&step)) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
            if (left <= std::chrono::milliseconds::zero()) {
                Error late{Errc::timed_out, Outcome::unknown,
                           line.name() + ": no end of the answer within " + std::to_string(at_most.count()) +
                               " ms",
                           std::nullopt};
                co_return broken(counters, exchange, std::move(late), written);
            }
            const auto bytes = co_await line.read(std::min(read->at_most, left));
            if (bytes) {
                counters.bytes_read += bytes->size();
                received += bytes->size();
                if (received > kMostBytes) {
                    Error noise{Errc::endless_noise, Outcome::unknown,
                                line.name() + ": bytes without end and without an answer", std::nullopt};
                    co_return broken(counters, exchange, std::move(noise), written);
                }
                step = exchange.on_bytes(*bytes);
            } else if (bytes.error().code == Errc::no_answer) {
                ++counters.timeouts;
                step = exchange.on_timeout();
            } else {
                co_return broken(counters, exchange, bytes.error(), written);
            }
        } else if (auto* done = std::get_if<Done>(&step)) {
            count(counters, exchange);
            co_return std::move(done->reply);
        } else {
            count(counters, exchange);
            ++counters.failed;
            co_return tl::unexpected<Error>(std::move(std::get<Error>(step)));
        }
    }
}

} // namespace kb

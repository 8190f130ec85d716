// What the printing files of the driver share: commands given again while the printer is at work.
#pragma once

#include "drivers/shtrih/driver.hpp"
#include "protocol/shtrih/modes.hpp"

#include <utility>

namespace kb::shtrih {

/// The register's "I am still printing the command before".
inline constexpr int kStillPrinting = 0x50;
inline constexpr std::chrono::milliseconds kPrinterWait{30'000};

template <class Reply>
Result<void> without_value(const Result<Reply>& reply)
{
    return reply ? Result<void>{} : Result<void>(pass(reply));
}

/// After a command that makes no document, whatever becomes of it.
inline Error no_document(Error error)
{
    error.outcome = error.outcome == Outcome::unknown ? Outcome::not_done : error.outcome;
    return error;
}

/// What a register that takes marking codes now has against one. Nothing of it passes by itself: a sale put
/// back for "wrong mode" or "busy" would hold up those behind it. Where its table of codes is not what the
/// driver has made of it, the attempt is not_done: the next one fills it anew.
Error of_mark(Error error);

template <class C>
Task<typename C::Reply> ShtrihDriver::ask_when_free(C command)
{
    constexpr int kMostRounds = 20; // a printer that is free and busy by turns must not hold us for ever
    auto reply = co_await line_.ask(command);
    for (int round = 0; round < kMostRounds && !reply && reply.error().device_code == kStillPrinting;
         ++round) {
        const auto free = co_await wait_for_printing(kPrinterWait);
        if (!free) {
            co_return pass(free);
        }
        reply = co_await line_.ask(command);
    }
    co_return reply;
}

template <class C>
Task<void> ShtrihDriver::give(C command)
{
    const auto reply = co_await ask_when_free(std::move(command));
    co_return without_value(reply);
}

} // namespace kb::shtrih

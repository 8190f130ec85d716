#include "drivers/finder.hpp"

namespace kb {
namespace {

bool is_stranger(Errc code) { return code == Errc::foreign_device || code == Errc::endless_noise; }

/// What a whole search has found out, as against a port that could not be opened.
bool is_verdict(Errc code)
{
    return is_stranger(code) || code == Errc::wrong_speed || code == Errc::wrong_protocol ||
           code == Errc::no_answer;
}

/// Whether the whole search's verdict still explains what is found when asked as configured only: a register
/// at another speed is silent, or answers without sense.
bool says_more(Errc whole, Errc as_configured)
{
    return whole == Errc::wrong_speed || whole == Errc::wrong_protocol || whole == as_configured;
}

} // namespace

Task<Connection> Finder::connect(asio::any_io_executor executor, ConnectRequest request)
{
    const std::string port = request.url.text();
    std::string stamp = tools_.stamp(request.url);
    auto known = known_.find(port);
    if (known != known_.end() && known->second.stamp != stamp) {
        known_.erase(known);
        known = known_.end();
    }
    const bool resting = known != known_.end() && tools_.now() < known->second.until;
    if (resting && is_stranger(known->second.verdict.code)) {
        co_return tl::unexpected<Error>(known->second.verdict);
    }
    request.diagnose = !resting;
    auto found = co_await tools_.connect(executor, std::move(request));
    known = known_.find(port); // others may have come in between
    if (found || !is_verdict(found.error().code)) {
        if (known != known_.end()) {
            known_.erase(known);
        }
        co_return found;
    }
    if (resting && known != known_.end() && says_more(known->second.verdict.code, found.error().code)) {
        co_return tl::unexpected<Error>(known->second.verdict);
    }
    note(port, std::move(stamp), found.error());
    co_return found;
}

void Finder::note(const std::string& port, std::string stamp, const Error& verdict)
{
    const auto before = known_.find(port);
    const bool confirmed = before != known_.end() && is_stranger(before->second.verdict.code);
    const bool may_be_starting = is_stranger(verdict.code) && !confirmed;
    const auto until = tools_.now() + (may_be_starting ? kFirstRest : kLongRest);
    known_.insert_or_assign(port, Memory{std::move(stamp), verdict, until});
}

} // namespace kb

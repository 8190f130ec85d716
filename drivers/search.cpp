#include "drivers/search.hpp"

#include "drivers/stranger.hpp"

#include <algorithm>

namespace kb {
namespace {

enum class Ask { wanted, others, all };

/// For a register on the network to notice that its only client has gone.
constexpr std::chrono::milliseconds kPeerNoticesClose{300};

class Search {
public:
    Search(SearchTools tools, ConnectRequest request) : tools_(std::move(tools)), request_(std::move(request))
    {}

    Task<Connection> run();

private:
    using MaybeFound = std::optional<Connection>;

    Task<MaybeFound> as_configured();
    Task<Error> why_not();
    /// Opens the port at one speed and asks; nullopt: nobody answers. Errors are of the port.
    Task<MaybeFound> ask_at(unsigned speed, Ask whom);
    Task<MaybeFound> open_and_ask(unsigned speed, Ask whom);
    Task<std::unique_ptr<Driver>> ask(std::unique_ptr<Transport>& line, Ask whom, std::string_view& vendor);

    [[nodiscard]] bool may_ask(const Vendor& vendor, Ask whom) const
    {
        const bool wanted = tools_.wanted == nullptr || tools_.wanted == &vendor;
        return vendor.find != nullptr && (whom == Ask::all || (whom == Ask::wanted) == wanted);
    }
    [[nodiscard]] bool anybody(Ask whom) const
    {
        return std::any_of(tools_.vendors.begin(), tools_.vendors.end(),
                           [&](const Vendor& vendor) { return may_ask(vendor, whom); });
    }
    /// The last try was enough: whatever is there, it is no register.
    [[nodiscard]] bool is_foreign() const
    {
        const Stranger kind = judge(tries_.back());
        return kind == Stranger::text || kind == Stranger::echo || kind == Stranger::noise;
    }
    [[nodiscard]] bool answers_without_sense() const
    {
        return std::any_of(tries_.begin(), tries_.end(), [](const Heard& heard) { return heard.read > 0; });
    }
    [[nodiscard]] Error wrong_speed(const Connection& found) const;
    [[nodiscard]] Error wrong_protocol(const Connection& found) const;

    SearchTools tools_;
    ConnectRequest request_;
    std::vector<Heard> tries_;
};

Error Search::wrong_speed(const Connection& found) const
{
    const std::string works = std::to_string(found.url.baud.value_or(0));
    const std::string set = std::to_string(request_.url.baud.value_or(0));
    return Error{Errc::wrong_speed, Outcome::not_done,
                 request_.url.text() + ": the register answers at " + works + " baud, " + set +
                     " is configured; write baud = " + works +
                     " (or 0: search), or set the register's port to " + set,
                 std::nullopt};
}

Error Search::wrong_protocol(const Connection& found) const
{
    const bool other_speed = request_.url.baud && found.url.baud != request_.url.baud;
    return Error{Errc::wrong_protocol, Outcome::not_done,
                 request_.url.text() + ": a register answers in the protocol of \"" + found.vendor + "\"" +
                     (other_speed ? " at " + std::to_string(*found.url.baud) + " baud" : "") +
                     ", family = \"" + request_.family + "\" is configured; write family = \"" +
                     found.vendor + "\" or \"auto\"" + (other_speed ? ", and baud = 0" : ""),
                 std::nullopt};
}

Task<Connection> Search::run()
{
    auto found = co_await as_configured();
    if (!found) {
        co_return pass(found);
    }
    if (*found) {
        co_return std::move(**found);
    }
    auto why = co_await why_not();
    if (!why) {
        co_return pass(why);
    }
    co_return tl::unexpected<Error>(*std::move(why));
}

Task<Search::MaybeFound> Search::as_configured()
{
    std::vector<unsigned> speeds = speeds_to_try(request_.url);
    const bool searching = speeds.size() > 1;
    for (std::size_t at = 0; at < speeds.size(); ++at) {
        auto found = co_await ask_at(speeds[at], Ask::wanted);
        if (!found || *found || is_foreign()) {
            co_return found;
        }
        if (searching && at + 1 == usual_speeds().size() && answers_without_sense()) {
            speeds.insert(speeds.end(), rare_speeds().begin(), rare_speeds().end());
        }
    }
    co_return MaybeFound();
}

Task<Error> Search::why_not()
{
    if (!request_.diagnose || is_foreign()) {
        co_return nobody_there(request_.url, tries_);
    }
    const std::size_t asked = tries_.size(); // what is heard below was not asked for as configured
    if (anybody(Ask::others)) {
        for (std::size_t at = 0; at < asked; ++at) {
            const auto found = co_await ask_at(tries_[at].baud, Ask::others);
            if (!found) {
                co_return pass(found);
            }
            if (*found) {
                co_return wrong_protocol(**found);
            }
        }
    }
    if (request_.url.baud && speed_matters(request_.url)) {
        for (const unsigned speed : usual_speeds()) {
            if (speed == *request_.url.baud) {
                continue;
            }
            const auto found = co_await ask_at(speed, Ask::all);
            if (!found) {
                co_return pass(found);
            }
            if (*found) {
                const bool wanted = tools_.wanted == nullptr || tools_.wanted->name == (*found)->vendor;
                co_return wanted ? wrong_speed(**found) : wrong_protocol(**found);
            }
            if (is_foreign()) {
                break;
            }
        }
    }
    co_return nobody_there(request_.url, tries_);
}

// A register on the network, real or emulated, serves one client at a time and resets any other. It may need
// a moment to notice that the line of the last question was closed: until then our next connection is that
// other one. So a reopened connection that is lost before a byte came is not ready yet, and is asked once
// more after a pause. A port that is really gone is lost again.
Task<Search::MaybeFound> Search::ask_at(unsigned speed, Ask whom)
{
    const std::size_t before = tries_.size(); // each is a line that was opened and closed here
    auto found = co_await open_and_ask(speed, whom);
    const bool reopened = request_.url.kind == PortUrl::Kind::tcp && before > 0;
    const bool lost = !found && found.error().code == Errc::port_lost;
    if (!reopened || !lost || tries_.size() == before || tries_.back().read > 0) {
        co_return found;
    }
    tries_.pop_back(); // nobody was asked
    Timer pause(co_await asio::this_coro::executor, kPeerNoticesClose);
    boost::system::error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return co_await open_and_ask(speed, whom);
}

Task<Search::MaybeFound> Search::open_and_ask(unsigned speed, Ask whom)
{
    Connection connection;
    connection.url = request_.url;
    if (request_.url.kind == PortUrl::Kind::serial) {
        connection.url.baud = speed;
    }
    PortUrl target = connection.url;
    auto opened = co_await tools_.open(std::move(target));
    if (!opened) {
        co_return pass(opened);
    }
    auto asking = std::make_unique<AskingTransport>(*std::move(opened), speed);
    AskingTransport& ears = *asking; // lives on in the driver when one takes the line
    std::unique_ptr<Transport> line = std::move(asking);
    std::string_view vendor;
    auto driver = co_await ask(line, whom, vendor);
    tries_.push_back(ears.heard());
    if (driver) {
        ears.found();
        connection.driver = *std::move(driver);
        connection.vendor = std::string(vendor);
        co_return MaybeFound(std::move(connection));
    }
    line->close();
    if (driver.error().code != Errc::no_answer && driver.error().code != Errc::endless_noise) {
        co_return pass(driver);
    }
    co_return MaybeFound();
}

// Whichever vendor's device answers on the line; Errc::no_answer when none does.
Task<std::unique_ptr<Driver>> Search::ask(std::unique_ptr<Transport>& line, Ask whom,
                                          std::string_view& vendor)
{
    for (const Vendor& row : tools_.vendors) {
        if (!may_ask(row, whom)) {
            continue;
        }
        auto driver = co_await row.find(line, request_.options);
        if (driver || driver.error().code != Errc::no_answer) {
            vendor = row.name;
            co_return driver;
        }
    }
    co_return fail(Errc::no_answer, line->name());
}

} // namespace

Task<Connection> search(SearchTools tools, ConnectRequest request)
{
    Search one(std::move(tools), std::move(request));
    co_return co_await one.run();
}

} // namespace kb

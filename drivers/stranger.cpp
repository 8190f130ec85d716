#include "drivers/stranger.hpp"

#include <algorithm>

namespace kb {
namespace {

// A word is too long to be chance.
constexpr std::size_t kLeastText = 6;
// Fewer bytes may be the one answer of a device that is asked in the wrong way.
constexpr std::size_t kLeastNoise = 64;

void keep(Bytes& first, BytesView bytes)
{
    const std::size_t room = kHeardBytes - std::min(kHeardBytes, first.size());
    const BytesView part = bytes.first(std::min(room, bytes.size()));
    first.insert(first.end(), part.begin(), part.end());
}

bool is_text(std::uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || byte == '\r' || byte == '\n' || byte == '\t';
}

std::string quoted(BytesView bytes)
{
    constexpr std::size_t kShown = 40;
    std::string text = "\"";
    for (const std::uint8_t byte : bytes.first(std::min(kShown, bytes.size()))) {
        text += is_text(byte) && byte >= 0x20 ? static_cast<char>(byte) : ' ';
    }
    return text + (bytes.size() > kShown ? "...\"" : "\"");
}

std::string shown_hex(BytesView bytes)
{
    constexpr std::size_t kShown = 16;
    return to_hex(bytes.first(std::min(kShown, bytes.size()))) + (bytes.size() > kShown ? " ..." : "");
}

Error verdict(Errc code, std::string what)
{
    return Error{code, Outcome::not_done, std::move(what), std::nullopt};
}

Error silence(const PortUrl& url)
{
    const std::string where = url.text();
    if (url.kind == PortUrl::Kind::tcp) {
        return verdict(Errc::no_answer,
                       where + ": connected, but no register answers; another program may be talking "
                               "to it: stop that program, or restart the register");
    }
    return verdict(Errc::no_answer,
                   where + ": the port takes what is sent, but no register answers at " +
                       (url.baud ? "this speed" : "any usual speed") +
                       "; check that it is switched on, that the cable leads to it, and that "
                       "its settings give this port to the PC");
}

} // namespace

Task<void> AskingTransport::write(Bytes bytes, std::chrono::milliseconds at_most)
{
    if (asking_) {
        heard_.written += bytes.size();
        if (heard_.written > kMostAsked) {
            return asked_enough();
        }
        keep(heard_.sent, bytes);
    }
    return line_->write(std::move(bytes), at_most);
}

Task<void> AskingTransport::asked_enough()
{
    co_return fail(Errc::no_answer, line_->name() + ": asked enough, nobody answers");
}

Task<Bytes> AskingTransport::read(std::chrono::milliseconds at_most)
{
    return asking_ ? listen(at_most) : line_->read(at_most);
}

Task<Bytes> AskingTransport::listen(std::chrono::milliseconds at_most)
{
    auto bytes = co_await line_->read(at_most);
    if (!bytes) {
        heard_.silences += bytes.error().code == Errc::no_answer ? 1U : 0U;
        co_return bytes;
    }
    heard_.read += bytes->size();
    keep(heard_.came, *bytes);
    if (heard_.read > kMostHeard) {
        co_return fail(Errc::endless_noise, line_->name() + ": bytes without end, none of a register");
    }
    co_return bytes;
}

Stranger judge(const Heard& heard)
{
    if (heard.read == 0) {
        return Stranger::silent;
    }
    const auto letters =
        static_cast<std::size_t>(std::count_if(heard.came.begin(), heard.came.end(), is_text));
    if (letters >= kLeastText && letters * 10 >= heard.came.size() * 9) {
        return Stranger::text;
    }
    const std::size_t length = std::min(heard.sent.size(), heard.came.size());
    if (length >= 4 && heard.read <= heard.written &&
        std::equal(heard.came.begin(), heard.came.begin() + static_cast<std::ptrdiff_t>(length),
                   heard.sent.begin())) {
        return Stranger::echo;
    }
    const bool never_quiet = heard.silences == 0 && heard.read >= kLeastNoise;
    if (never_quiet || heard.read > AskingTransport::kMostHeard) {
        return Stranger::noise;
    }
    return Stranger::unclear;
}

Error nobody_there(const PortUrl& url, std::span<const Heard> tries)
{
    const std::string where = url.text();
    // The clearest voice decides: text and echo say what they are, noise is at least never quiet.
    const auto said = [&](Stranger kind) {
        return std::find_if(tries.begin(), tries.end(),
                            [&](const Heard& heard) { return judge(heard) == kind; });
    };
    const auto foreign = [&](const std::string& what) {
        return verdict(
            Errc::foreign_device,
            where + ": " + what +
                "; it is asked again after a minute, then every ten, and at once when plugged in anew: "
                "give the register's port in the configuration");
    };
    if (const auto text = said(Stranger::text); text != tries.end()) {
        return foreign("a device that says " + quoted(text->came) +
                       " and is no register: a scanner, a modem or a console");
    }
    if (const auto echo = said(Stranger::echo); echo != tries.end()) {
        return foreign("a device that sends back what it is sent: a modem or a loop, no register");
    }
    if (const auto noise = said(Stranger::noise); noise != tries.end()) {
        return verdict(Errc::endless_noise, where + ": the line is never quiet (" +
                                                std::to_string(noise->read) + " bytes, first " +
                                                shown_hex(noise->came) +
                                                "); it is asked again after a minute, then every ten, "
                                                "and at once when plugged in anew: check the cable and "
                                                "what is on it");
    }
    if (const auto unclear = said(Stranger::unclear); unclear != tries.end()) {
        return foreign("a device that answers " + shown_hex(unclear->came) +
                       ", which is no register's protocol at any speed tried");
    }
    return silence(url);
}

} // namespace kb

// Runs commands in the framing the register speaks.
#include "drivers/shtrih/line.hpp"

namespace kb::shtrih {
namespace {

using std::chrono::milliseconds;

// A question to a stranger: short patience, few tries (docs/sources.md#shtrih, section 1.2, baud search).
constexpr milliseconds kControlWait{1000};
constexpr milliseconds kProbeLimit{3000};

// Nobody speaking this protocol there shows as silence or as bytes without sense, by the speed and the
// device.
bool is_nobody(const Error& error)
{
    switch (error.code) {
    case Errc::no_answer:
    case Errc::bad_frame:
    case Errc::bad_checksum:
    case Errc::bad_length:
    case Errc::protocol_violation:
    case Errc::timed_out:
        return true;
    default:
        return false;
    }
}

Task<DeviceTypeReply> ask_v1(Transport& line, LineState& state, Bytes request)
{
    v1::Link link;
    v1::Timing timing;
    timing.control = kControlWait;
    timing.old_answer = kControlWait;
    timing.enq_attempts = 1;
    v1::CommandExchange exchange(link, std::move(request), timing);
    const auto answer = co_await run(exchange, line, state, kProbeLimit);
    if (!answer) {
        co_return pass(answer);
    }
    co_return decode_reply<DeviceType>(*answer);
}

Task<DeviceTypeReply> ask_v2(Transport& line, LineState& state, Bytes request)
{
    v2::Link link;
    v2::Timing timing;
    timing.ping = kControlWait;
    timing.ping_attempts = 1;
    v2::CommandExchange exchange(link, std::move(request), timing);
    const auto answer = co_await run(exchange, line, state, kProbeLimit);
    if (!answer) {
        co_return pass(answer);
    }
    co_return decode_reply<DeviceType>(*answer);
}

Task<DeviceTypeReply> ask_in(LineFraming framing, Transport& line, LineState& state, const Bytes& request)
{
    return framing == LineFraming::v1 ? ask_v1(line, state, request) : ask_v2(line, state, request);
}

} // namespace

Task<Footing> find_footing(Transport& line, LineState& state)
{
    const DeviceType question;
    const auto request = encode_request(question);
    if (!request) {
        co_return pass(request);
    }
    // v1 once more at the end: the first question may be lost in the noise of opening the port.
    for (const LineFraming framing : {LineFraming::v1, LineFraming::v2, LineFraming::v1}) {
        const auto device = co_await ask_in(framing, line, state, *request);
        if (device) {
            co_return Footing{framing, *device};
        }
        if (!is_nobody(device.error())) {
            co_return pass(device);
        }
    }
    co_return fail(Errc::no_answer, line.name() + ": no Shtrih-M register answers");
}

Task<Footing> Line::connect()
{
    // Of a stranger both framings are tried shortly first: the full patience of the wrong one takes seconds.
    if (!answered_) {
        auto footing = co_await search();
        if (footing || !is_nobody(footing.error())) {
            co_return footing;
        }
    }
    // A device that answered before most likely still does, in the same framing.
    v1_ = {};
    v2_ = {};
    const DeviceType question;
    auto known = co_await ask(question);
    if (known) {
        use(framing_);
        co_return Footing{framing_, *std::move(known)};
    }
    if (!answered_ || !is_nobody(known.error())) {
        co_return pass(known);
    }
    co_return co_await search();
}

Task<Footing> Line::search()
{
    v1_ = {};
    v2_ = {};
    LineState state;
    auto footing = co_await find_footing(session_.line(), state);
    if (footing) {
        use(footing->framing);
    }
    co_return footing;
}

Task<Bytes> Line::talk(Command command, Bytes request)
{
    const milliseconds limit = info(command).timeout + kLongestExchange;
    if (framing_ == LineFraming::v1) {
        v1::CommandExchange exchange(v1_, std::move(request));
        auto answer = co_await session_.run(exchange, limit);
        if (!answer) {
            v1_.settled = false;
            co_return explained(answer.error());
        }
        co_return answer;
    }
    v2::CommandExchange exchange(v2_, std::move(request));
    auto answer = co_await session_.run(exchange, limit);
    if (!answer) {
        v2_.synced = false;
        co_return explained(answer.error());
    }
    co_return answer;
}

tl::unexpected<Error> Line::explained(Error error) const
{
    if (error.code == Errc::wrong_password) {
        error.context += "; the register refuses password " + std::to_string(password_) +
                         ": give the system administrator's (table 2, row 30, field 1; 30 from the factory) "
                         "in the key password of its [[device]] section";
    }
    const std::string where = session_.line().name();
    if (error.context.find(where) == std::string::npos) {
        error.context += ", " + where;
    }
    return tl::unexpected<Error>(std::move(error));
}

} // namespace kb::shtrih

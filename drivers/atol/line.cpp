// Runs commands in the transport the register speaks.
#include "drivers/atol/line.hpp"

#include "protocol/atol/registers.hpp"

namespace kb::atol {
namespace {

using std::chrono::milliseconds;

// A question to a stranger: short patience, few tries (docs/sources.md#atol, section 2.7).
constexpr milliseconds kAbortWait{300};
constexpr milliseconds kReplyWait{1000};
// Longer than a v2 device waits for the rest of what it may take for a frame: the Abort just sent holds an
// STX.
constexpr milliseconds kQuiet{600};
constexpr milliseconds kProbeLimit{5000};

// Nobody speaking this protocol there shows as silence or as bytes without sense, by the speed and the
// device. Another maker's register may answer ENQ by NAK for ever.
bool is_nobody(const Error& error)
{
    switch (error.code) {
    case Errc::no_answer:
    case Errc::bad_frame:
    case Errc::bad_checksum:
    case Errc::bad_length:
    case Errc::bad_value:
    case Errc::protocol_violation:
    case Errc::device_busy:
    case Errc::timed_out:
        return !error.device_code;
    default:
        return false;
    }
}

Task<DeviceTypeReply> ask_v3(Transport& line, LineState& state, Bytes request, const Dialect& dialect)
{
    v3::Link link;
    v3::Timing timing;
    timing.abort = kAbortWait;
    timing.reply = kReplyWait;
    timing.grace = kReplyWait;
    timing.attempts = 2;
    timing.restarts = 1;
    v3::CommandExchange exchange(link, std::move(request), timing);
    const auto answer = co_await run(exchange, line, state, kProbeLimit);
    if (!answer) {
        co_return pass(answer);
    }
    co_return decode_reply<DeviceType>(*answer, dialect);
}

Task<DeviceTypeReply> ask_v2(Transport& line, LineState& state, Bytes request, const Dialect& dialect)
{
    v2::Link link;
    v2::Timing timing;
    timing.quiet = kQuiet;
    timing.enq_attempts = 2;
    timing.busy_attempts = 2;
    timing.frame_attempts = 2;
    timing.read_attempts = 3;
    v2::CommandExchange exchange(link, std::move(request), timing);
    const auto answer = co_await run(exchange, line, state, kProbeLimit);
    if (!answer) {
        co_return pass(answer);
    }
    co_return decode_reply<DeviceType>(*answer, dialect);
}

Task<DeviceTypeReply> ask_in(LineTransport transport, Transport& line, LineState& state, const Bytes& request,
                             const Dialect& dialect)
{
    return transport == LineTransport::v3 ? ask_v3(line, state, request, dialect)
                                          : ask_v2(line, state, request, dialect);
}

} // namespace

Task<Footing> find_footing(Transport& line, LineState& state, const Dialect& dialect)
{
    const DeviceType question;
    const auto request = encode_request(question, dialect);
    if (!request) {
        co_return pass(request);
    }
    for (const LineTransport transport : {LineTransport::v3, LineTransport::v2}) {
        auto device = co_await ask_in(transport, line, state, *request, dialect);
        if (device) {
            co_return Footing{transport, *std::move(device)};
        }
        if (device.error().device_code) {
            co_return Footing{transport, std::nullopt};
        }
        if (!is_nobody(device.error())) {
            co_return pass(device);
        }
    }
    co_return fail(Errc::no_answer, line.name() + ": no ATOL register answers");
}

Dialect dialect_of(const DriverOptions& options)
{
    constexpr std::string_view kPrefix = "atol.";
    Dialect dialect;
    for (const auto& [key, value] : options.vendor_keys) {
        if (key.starts_with(kPrefix)) {
            (void)set_key(dialect, key.substr(kPrefix.size()), value);
        }
    }
    return dialect;
}

Line::Line(std::unique_ptr<Transport> transport, const DriverOptions& options)
    : session_(std::move(transport)),
      dialect_(dialect_of(options)),
      password_(options.password)
{
    // Not the numbers an earlier program ended with: a late result of its tasks is then nobody's.
    const auto ticks = Steady::now().time_since_epoch().count();
    v3_.task = static_cast<std::uint8_t>(ticks % (v3::kLastId + 1));
}

Task<Footing> Line::connect()
{
    // Of a stranger both transports are tried shortly first: the full patience of the wrong one takes
    // seconds.
    if (!answered_) {
        auto footing = co_await search();
        if (footing || !is_nobody(footing.error())) {
            co_return footing;
        }
    }
    // A device that answered before most likely still does, in the same transport.
    v2_ = {};
    v3_.ready = false;
    const DeviceType question;
    auto known = co_await ask(question);
    if (known) {
        use(transport_);
        co_return Footing{transport_, *std::move(known)};
    }
    if (known.error().device_code) {
        use(transport_);
        co_return Footing{transport_, std::nullopt};
    }
    if (!answered_ || !is_nobody(known.error())) {
        co_return pass(known);
    }
    co_return co_await search();
}

Task<Footing> Line::search()
{
    v2_ = {};
    v3_.ready = false;
    LineState state;
    auto footing = co_await find_footing(session_.line(), state, dialect_);
    if (footing) {
        use(footing->transport);
    }
    co_return footing;
}

Task<Bytes> Line::answer_to(Command command, Bytes request)
{
    auto answer = co_await talk(command, std::move(request));
    if (!answer) {
        co_return explained(answer.error());
    }
    const auto code = static_cast<std::uint16_t>(command);
    std::optional<Error> refused;
    if (answer->refused) {
        const Bytes& bytes = answer->bytes;
        refused = refusal(code, bytes[0] == 0x55 ? bytes[1] : bytes[0]);
    } else if (const auto data = answer_data(code, answer->bytes); !data) {
        refused = data.error();
    }
    if (!refused) {
        co_return std::move(answer->bytes);
    }
    if (refused->device_code == kReadExtended) {
        const auto added = co_await add_extended_error(*refused, command);
        if (!added) {
            refused->context += "; register 37h: " + added.error().context;
        }
    }
    co_return explained(*std::move(refused));
}

Task<Line::Answer> Line::talk(Command command, Bytes request)
{
    const milliseconds limit = info(command).timeout + kLongestExchange;
    Answer told;
    if (transport_ == LineTransport::v2) {
        v2::CommandExchange exchange(v2_, std::move(request));
        auto answer = co_await session_.run(exchange, limit);
        if (!answer) {
            v2_.settled = false;
            co_return pass(answer);
        }
        told.bytes = *std::move(answer);
        co_return told;
    }
    v3::CommandExchange exchange(v3_, std::move(request));
    auto answer = co_await session_.run(exchange, limit);
    if (!answer) {
        // Whatever ended it: a task that may still be at work is asked for before the buffer is cleared.
        v3_.ready = false;
        if (!v3_.unfinished) {
            v3_.unfinished = exchange.unfinished();
        }
        co_return pass(answer);
    }
    told.bytes = *std::move(answer);
    told.refused = exchange.refused();
    co_return told;
}

// The next command overwrites the register, so it is read at once and by the bare exchange.
Task<void> Line::add_extended_error(Error& error, Command command)
{
    ReadRegister question;
    question.number = reg::kExtendedError;
    auto request = encode_request(question, dialect_);
    if (!request) {
        co_return pass(request);
    }
    const auto answer = co_await talk(ReadRegister::kCommand, *std::move(request));
    if (!answer) {
        co_return pass(answer);
    }
    const auto value = decode_reply<ReadRegister>(answer->bytes, dialect_);
    if (!value) {
        co_return pass(value);
    }
    const auto told = read_extended_error(value->value);
    if (!told) {
        co_return pass(told);
    }
    add_extended(error, static_cast<std::uint16_t>(command), told->command, told->error);
    co_return Result<void>{};
}

tl::unexpected<Error> Line::explained(Error error) const
{
    if (error.code == Errc::wrong_password) {
        error.context += "; if it is the access password, put the right one into the configuration: "
                         "[device.atol] access_password; the password of the modes is `password`";
    }
    const std::string where = session_.line().name();
    if (error.context.find(where) == std::string::npos) {
        error.context += ", " + where;
    }
    return tl::unexpected<Error>(std::move(error));
}

} // namespace kb::atol

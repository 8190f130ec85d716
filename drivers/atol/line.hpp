// One ATOL register's line: transport found, commands asked, errors told with the line's name.
#pragma once

#include "drivers/session.hpp"
#include "drivers/vendor.hpp"
#include "protocol/atol/codec.hpp"
#include "protocol/atol/exchange_v2.hpp"
#include "protocol/atol/exchange_v3.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kb::atol {

enum class LineTransport { v2, v3 };

/// Who answered, and in which transport. Without a device: it refuses A5h, as registers of other firmware
/// may.
struct Footing {
    LineTransport transport;
    std::optional<DeviceTypeReply> device;
};
/// Asks a stranger: by Abort of v3, then by ENQ of v2, at most twice each; then by A5h who it is. Nothing of
/// it changes anything, also on devices of other makers. Errc::no_answer when nobody speaks either; other
/// errors are of the line. Silence takes some three seconds.
Task<Footing> find_footing(Transport& line, LineState& state, const Dialect& dialect);

/// The dialect the configuration asks for. Keys are checked where they are read: a wrong one is passed over.
Dialect dialect_of(const DriverOptions& options);

class Line {
public:
    Line(std::unique_ptr<Transport> transport, const DriverOptions& options);

    /// Finds the transport again; needed once, and after the device was switched off and on.
    Task<Footing> connect();
    /// Of a device that has answered in this transport.
    void use(LineTransport transport)
    {
        transport_ = transport;
        answered_ = true;
    }
    [[nodiscard]] LineTransport transport() const { return transport_; }
    [[nodiscard]] const Dialect& dialect() const { return dialect_; }
    /// Of the modes, as configured.
    [[nodiscard]] std::uint32_t password() const { return password_; }

    /// The reply to one command. A refusal with an extended error is told whole; a wrong password names its
    /// cure.
    template <class C>
    Task<typename C::Reply> ask(C command)
    {
        auto request = encode_request(command, dialect_);
        if (!request) {
            co_return pass(request);
        }
        const auto answer = co_await answer_to(C::kCommand, *std::move(request));
        if (!answer) {
            co_return pass(answer);
        }
        auto reply = decode_reply<C>(*answer, dialect_);
        if (!reply) {
            co_return explained(reply.error());
        }
        co_return reply;
    }

    [[nodiscard]] Session& session() { return session_; }
    [[nodiscard]] const Session& session() const { return session_; }

private:
    struct Answer {
        Bytes bytes;
        bool refused = false; ///< as v3 tells beside the bytes
    };

    Task<Bytes> answer_to(Command command, Bytes request);
    Task<Footing> search();
    Task<Answer> talk(Command command, Bytes request);
    Task<void> add_extended_error(Error& error, Command command);
    [[nodiscard]] tl::unexpected<Error> explained(Error error) const;

    Session session_;
    Dialect dialect_;
    std::uint32_t password_;
    LineTransport transport_ = LineTransport::v3;
    bool answered_ = false; ///< in transport_, at any time
    v2::Link v2_;
    v3::Link v3_;
};

} // namespace kb::atol

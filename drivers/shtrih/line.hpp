// One Shtrih-M register's line: framing found, commands asked, errors told with the line's name.
#pragma once

#include "drivers/session.hpp"
#include "drivers/vendor.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/exchange_v1.hpp"
#include "protocol/shtrih/exchange_v2.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kb::shtrih {

enum class LineFraming { v1, v2 };

/// Asks by FCh, in v1 and then in v2, who is on the line: the framing is settled by the first answer.
/// Errc::no_answer when neither gets one; other errors are of the line. Silence takes some four seconds.
struct Footing {
    LineFraming framing;
    DeviceTypeReply device;
};
Task<Footing> find_footing(Transport& line, LineState& state);

class Line {
public:
    Line(std::unique_ptr<Transport> transport, const DriverOptions& options)
        : session_(std::move(transport)),
          password_(options.password)
    {}

    /// Finds the framing again; needed once, and after the device was switched off and on.
    Task<Footing> connect();
    /// Of a device that has answered in this framing.
    void use(LineFraming framing)
    {
        framing_ = framing;
        answered_ = true;
    }
    [[nodiscard]] LineFraming framing() const { return framing_; }

    /// The reply to one command; the password is filled in. A wrong password names its cure.
    template <class C>
    Task<typename C::Reply> ask(C command)
    {
        auto request = request_of(std::move(command));
        if (!request) {
            co_return pass(request);
        }
        const auto answer = co_await talk(C::kCommand, *std::move(request));
        if (!answer) {
            co_return pass(answer);
        }
        auto reply = decode_reply<C>(*answer);
        if (!reply) {
            co_return explained(reply.error());
        }
        co_return reply;
    }

    /// The data of the reply as it came, without code and error byte.
    template <class C>
    Task<Bytes> ask_raw(C command)
    {
        auto request = request_of(std::move(command));
        if (!request) {
            co_return pass(request);
        }
        const auto answer = co_await talk(C::kCommand, *std::move(request));
        if (!answer) {
            co_return pass(answer);
        }
        const auto data = answer_data(static_cast<std::uint16_t>(C::kCommand), *answer);
        if (!data) {
            co_return explained(data.error());
        }
        co_return Bytes(data->begin(), data->end());
    }

    [[nodiscard]] Session& session() { return session_; }
    [[nodiscard]] const Session& session() const { return session_; }

private:
    template <class C>
    Result<Bytes> request_of(C command) const
    {
        if constexpr (requires { command.password; }) {
            command.password = password_;
        }
        return encode_request(command);
    }
    Task<Footing> search();
    Task<Bytes> talk(Command command, Bytes request);
    [[nodiscard]] tl::unexpected<Error> explained(Error error) const;

    Session session_;
    std::uint32_t password_;
    LineFraming framing_ = LineFraming::v1;
    bool answered_ = false; ///< in framing_, at any time
    v1::Link v1_;
    v2::Link v2_;
};

} // namespace kb::shtrih

// A cabinet inside the test: real sockets and real TLS, answers as the test wants them, bad ones included.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kb::agent::test {

struct Asked {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body; ///< as sent
    [[nodiscard]] std::string header(const std::string& name) const;
};

struct Answer {
    enum class How {
        send,
        drop, ///< close the connection instead: the answer is lost
        hang, ///< never answer
    };
    How how = How::send;
    int status = 200;
    std::string body = "{}";
    std::vector<std::pair<std::string, std::string>> headers = {};
};

class FakeCabinet {
public:
    /// Called on the connection's thread, one request at a time over all connections.
    using Handler = std::function<Answer(const Asked&)>;

    explicit FakeCabinet(Handler handler, bool tls = false);
    ~FakeCabinet();
    FakeCabinet(const FakeCabinet&) = delete;
    FakeCabinet& operator=(const FakeCabinet&) = delete;

    [[nodiscard]] std::string url() const;
    /// With TLS: the certificate in PEM, to be trusted or not.
    [[nodiscard]] std::string certificate() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace kb::agent::test

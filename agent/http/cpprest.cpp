// The HTTP client on cpprestsdk: no exception leaves it, every request has an overall deadline.
#include "agent/http/client.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cpprest/http_client.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>

#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace kb::agent::http {
namespace {

namespace rest = web::http;

/// One request under way. Whoever answers first (peer, deadline, stop) wins; the others find it answered.
/// The deadline does not wait for the library: a name lookup, for one, cannot be cancelled.
class Call {
public:
    Call(std::function<void(Reply)> done, boost::asio::io_service& service, std::string what)
        : done_(std::move(done)),
          timer_(service),
          name_(std::move(what))
    {}

    /// `on_end` runs when the time is over before anybody answered.
    void arm(std::chrono::milliseconds at_most, std::function<void()> on_end)
    {
        const std::lock_guard lock(mutex_);
        timer_.expires_after(at_most);
        timer_.async_wait([on_end = std::move(on_end)](const boost::system::error_code& error) {
            if (!error) {
                on_end();
            }
        });
    }

    void answer(Reply reply)
    {
        if (answered_.exchange(true)) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            timer_.cancel();
        }
        done_(std::move(reply));
    }

    [[nodiscard]] const std::string& name() const { return name_; } ///< "POST https://..." for errors

    pplx::cancellation_token_source cancel;
    std::atomic<bool> too_long = false;

private:
    std::function<void(Reply)> done_;
    std::mutex mutex_; // a timer is no thread-safe object
    boost::asio::steady_timer timer_;
    std::string name_;
    std::atomic<bool> answered_ = false;
};

Reply failed(Errc code, std::string context, Outcome outcome, std::optional<int> status = std::nullopt)
{
    return Reply{fail(code, std::move(context), outcome, status), std::nullopt};
}

std::optional<std::chrono::seconds> read_retry_after(const rest::http_response& response)
{
    // Only the form in seconds is read; a date would trust the peer's clock against ours.
    const auto found = response.headers().find("Retry-After");
    unsigned seconds = 0;
    if (found == response.headers().end()) {
        return std::nullopt;
    }
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return std::chrono::seconds(seconds);
}

/// The head of a refusal's body: problem+json tells people what to do, and fits.
std::string excerpt(const std::string& body)
{
    constexpr std::size_t kEnough = 4'000;
    return body.size() <= kEnough ? body : body.substr(0, kEnough);
}

Reply read_answer(const std::string& name, int status, std::string body,
                  std::optional<std::chrono::seconds> retry_after)
{
    if (status >= 200 && status < 400) {
        return {Response{status, std::move(body)}, std::nullopt};
    }
    const std::string context = name + ": " + std::to_string(status) + " " + excerpt(body);
    const Errc code = status == 401 || status == 403   ? Errc::unauthorised
                      : status == 413 || status == 429 ? Errc::too_many
                                                       : Errc::peer_refused;
    // After 5xx nobody knows how far the peer came; every call is idempotent, so that is no more than a note.
    Reply reply = failed(code, context, status >= 500 ? Outcome::unknown : Outcome::refused, status);
    reply.retry_after = retry_after;
    return reply;
}

Reply read_exception(const Call& call, const std::exception& error)
{
    const std::string text = error.what();
    if (call.too_long) {
        return failed(Errc::too_many, call.name() + ": the answer is too long", Outcome::unknown);
    }
    if (const auto* http = dynamic_cast<const rest::http_exception*>(&error)) {
        // OpenSSL's verdict reaches us as a bare number: the library drops the category of the error code.
        const auto code = static_cast<unsigned long>(http->error_code().value());
        if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
            return failed(Errc::tls_untrusted,
                          call.name() + ": the certificate is not by a trusted authority, not for this name "
                                        "or not for this day; check ca_file, the address and the clock",
                          Outcome::not_done);
        }
    }
    return failed(Errc::network_failed, call.name() + ": " + text, Outcome::unknown);
}

bool is_loopback(const std::string& host)
{
    if (host == "localhost") {
        return true;
    }
    std::string bare = host;
    if (bare.size() > 2 && bare.front() == '[') {
        bare = bare.substr(1, bare.size() - 2);
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(bare, error);
    return !error && address.is_loopback();
}

// The library's own check lets "https://[" pass.
bool is_host(const std::string& host)
{
    if (host.find_first_of("[]") == std::string::npos) {
        return !host.empty();
    }
    if (host.size() < 3 || host.front() != '[' || host.back() != ']') {
        return false;
    }
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(host.substr(1, host.size() - 2), error);
    return !error;
}

/// cpprestsdk's threads, which would be 40 by default.
boost::asio::io_service& pool()
{
    static std::once_flag once;
    std::call_once(once, [] { crossplat::threadpool::initialize_with_threads(2); });
    return crossplat::threadpool::shared_instance().service();
}

rest::client::http_client_config configure(const ClientOptions& options)
{
    rest::client::http_client_config config;
    // The library's own limit is per piece of traffic; ours is per request and shorter.
    config.set_timeout(std::chrono::minutes(10));
    config.set_ssl_context_callback([ca_file = options.ca_file](boost::asio::ssl::context& context) {
        context.set_options(boost::asio::ssl::context::default_workarounds |
                            boost::asio::ssl::context::no_sslv2 | boost::asio::ssl::context::no_sslv3 |
                            boost::asio::ssl::context::no_tlsv1 | boost::asio::ssl::context::no_tlsv1_1);
        if (!ca_file.empty()) {
            SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new()); // forget the system's
            context.load_verify_file(ca_file);
        }
    });
    return config;
}

/// What callbacks may still need after the client itself is gone.
struct Shared {
    std::mutex mutex;
    bool stopped = false;
    std::set<std::shared_ptr<Call>> under_way;
    std::map<std::string, std::shared_ptr<rest::client::http_client>> by_origin; ///< each pools connections

    void end(const std::shared_ptr<Call>& call, Reply reply)
    {
        {
            const std::lock_guard lock(mutex);
            under_way.erase(call);
        }
        call->answer(std::move(reply));
    }
};

class CpprestClient final : public Client {
public:
    explicit CpprestClient(ClientOptions options) : options_(std::move(options)) {}
    ~CpprestClient() override { stop(); }
    CpprestClient(const CpprestClient&) = delete;
    CpprestClient& operator=(const CpprestClient&) = delete;

    void send(Request request, std::function<void(Reply)> done) override
    {
        if (const auto allowed = check_url(request.url); !allowed) {
            done(Reply{pass(allowed), std::nullopt});
            return;
        }
        auto call = std::make_shared<Call>(std::move(done), pool(), request.method + " " + request.url);
        bool stopped = false;
        {
            const std::lock_guard lock(shared_->mutex);
            stopped = shared_->stopped;
            if (!stopped) {
                shared_->under_way.insert(call);
            }
        }
        if (stopped) {
            call->answer(failed(Errc::cancelled, call->name(), Outcome::not_done));
            return;
        }
        call->arm(request.at_most, [shared = shared_, call] {
            shared->end(call, failed(Errc::timed_out, call->name(), Outcome::unknown));
            call->cancel.cancel();
        });
        try {
            start(std::move(request), call);
        } catch (const std::exception& error) {
            shared_->end(call, read_exception(*call, error));
        }
    }

    void stop() override
    {
        std::set<std::shared_ptr<Call>> calls;
        {
            const std::lock_guard lock(shared_->mutex);
            shared_->stopped = true;
            calls.swap(shared_->under_way);
        }
        for (const auto& call : calls) {
            call->answer(failed(Errc::cancelled, call->name(), Outcome::unknown));
            call->cancel.cancel();
        }
    }

private:
    std::shared_ptr<rest::client::http_client> client_for(const web::uri& url)
    {
        const std::string origin = url.authority().to_string();
        const std::lock_guard lock(shared_->mutex);
        auto& client = shared_->by_origin[origin];
        if (!client) {
            client = std::make_shared<rest::client::http_client>(url.authority(), configure(options_));
        }
        return client;
    }

    void start(Request request, const std::shared_ptr<Call>& call)
    {
        const web::uri url(request.url);
        const auto client = client_for(url);
        rest::http_request outgoing(request.method);
        outgoing.set_request_uri(url.resource());
        if (!request.body.empty()) {
            outgoing.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
        }
        for (const auto& [name, value] : request.headers) {
            outgoing.headers().remove(name);
            outgoing.headers().add(name, value);
        }
        outgoing.set_progress_handler(
            [weak = std::weak_ptr<Call>(call), limit = options_.max_answer](auto direction, auto bytes) {
                const auto watched = weak.lock();
                if (watched && direction == rest::message_direction::download && bytes > limit) {
                    watched->too_long = true;
                    watched->cancel.cancel();
                }
            });
        client->request(outgoing, call->cancel.get_token())
            .then([](const rest::http_response& response) {
                return response.extract_vector().then([response](std::vector<unsigned char> body) {
                    return std::make_pair(response, std::move(body));
                });
            })
            .then([shared = shared_,
                   call](const pplx::task<std::pair<rest::http_response, std::vector<unsigned char>>>& task) {
                try {
                    const auto [response, body] = task.get();
                    shared->end(call, read_answer(call->name(), response.status_code(),
                                                  std::string(body.begin(), body.end()),
                                                  read_retry_after(response)));
                } catch (const std::exception& error) {
                    shared->end(call, read_exception(*call, error));
                }
            });
    }

    ClientOptions options_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

} // namespace

std::unique_ptr<Client> make_client(ClientOptions options)
{
    return std::make_unique<CpprestClient>(std::move(options));
}

Result<void> check_url(const std::string& url)
{
    if (!web::uri::validate(url)) {
        return fail(Errc::bad_config, "url \"" + url + "\": not an address; write https://host[:port]");
    }
    const web::uri parsed(url);
    if (!is_host(parsed.host())) {
        return fail(Errc::bad_config,
                    "url \"" + url + "\": \"" + parsed.host() + "\" is no host; write https://host[:port]");
    }
    if (parsed.scheme() == "https") {
        return {};
    }
    if (parsed.scheme() == "http" && is_loopback(parsed.host())) {
        return {};
    }
    return fail(Errc::bad_config,
                "url \"" + url + "\": use https; plain http is allowed to this computer itself only");
}

} // namespace kb::agent::http

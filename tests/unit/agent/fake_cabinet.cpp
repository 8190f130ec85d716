// Beast, blocking, a thread per connection: a test's server need not be quick.
#include "tests/unit/agent/fake_cabinet.hpp"

#include "drivers/asio.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace kb::agent::test {
namespace {

namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Code = boost::system::error_code;

struct Identity {
    std::string certificate;
    std::string key;
};

template <class Write>
std::string pem(Write write)
{
    BIO* memory = BIO_new(BIO_s_mem());
    write(memory);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

/// A fresh self-signed certificate for 127.0.0.1: nothing in the repository that could expire.
Identity make_identity()
{
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    const std::string common = "a test's cabinet";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common.data()),
                               static_cast<int>(common.size()), -1, 0);
    X509_set_issuer_name(certificate, name);
    for (const auto& [id, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"},
                                    std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    Identity identity;
    identity.certificate = pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
    identity.key =
        pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(certificate);
    EVP_PKEY_free(key);
    return identity;
}

} // namespace

std::string Asked::header(const std::string& name) const
{
    for (const auto& [key, value] : headers) {
        if (beast::iequals(key, name)) {
            return value;
        }
    }
    return {};
}

struct FakeCabinet::Impl {
    explicit Impl(Handler given)
        : handler(std::move(given)),
          acceptor(io, {asio::ip::address_v4::loopback(), 0})
    {}

    template <class Stream>
    void converse(Stream& stream)
    {
        beast::flat_buffer buffer;
        Code error;
        while (true) {
            beast::http::request_parser<beast::http::string_body> parser;
            parser.body_limit(64U << 20U);
            beast::http::read(stream, buffer, parser, error);
            if (error) {
                return;
            }
            const auto& request = parser.get();
            Asked asked{
                std::string(request.method_string()), std::string(request.target()), {}, request.body()};
            for (const auto& field : request) {
                asked.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
            }
            Answer answer;
            {
                const std::lock_guard lock(mutex);
                answer = handler(asked);
            }
            if (answer.how == Answer::How::drop) {
                return;
            }
            if (answer.how == Answer::How::hang) {
                char ignored = 0;
                stream.read_some(asio::buffer(&ignored, 1), error); // until the peer or we close
                return;
            }
            beast::http::response<beast::http::string_body> response;
            response.result(static_cast<unsigned>(answer.status));
            response.set(beast::http::field::content_type, "application/json");
            for (const auto& [name, value] : answer.headers) {
                response.set(name, value);
            }
            response.body() = answer.body;
            response.keep_alive(request.keep_alive());
            response.prepare_payload();
            beast::http::write(stream, response, error);
            if (error || !request.keep_alive()) {
                return;
            }
        }
    }

    void serve(Tcp::socket& socket)
    {
        Code error;
        if (tls) {
            asio::ssl::stream<Tcp::socket&> stream(socket, *tls);
            stream.handshake(asio::ssl::stream_base::server, error);
            if (!error) {
                converse(stream);
            }
        } else {
            converse(socket);
        }
        socket.shutdown(Tcp::socket::shutdown_both, error);
    }

    void accept()
    {
        while (true) {
            auto socket = std::make_shared<Tcp::socket>(io);
            Code error;
            acceptor.accept(*socket, error);
            const std::lock_guard lock(mutex);
            if (error || stopping) {
                return;
            }
            sockets.push_back(socket);
            threads.emplace_back([this, socket] { serve(*socket); });
        }
    }

    Handler handler;
    asio::io_context io;
    Tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls;
    Identity identity;
    std::mutex mutex;
    bool stopping = false;
    std::list<std::shared_ptr<Tcp::socket>> sockets;
    std::list<std::thread> threads;
    std::thread acceptor_thread;
};

FakeCabinet::FakeCabinet(Handler handler, bool tls) : impl_(std::make_shared<Impl>(std::move(handler)))
{
    if (tls) {
        impl_->identity = make_identity();
        impl_->tls.emplace(asio::ssl::context::tls_server);
        impl_->tls->use_certificate(asio::buffer(impl_->identity.certificate), asio::ssl::context::pem);
        impl_->tls->use_private_key(asio::buffer(impl_->identity.key), asio::ssl::context::pem);
    }
    impl_->acceptor_thread = std::thread([this] { impl_->accept(); });
}

FakeCabinet::~FakeCabinet()
{
    Code ignored;
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        for (const auto& socket : impl_->sockets) {
            socket->shutdown(Tcp::socket::shutdown_both, ignored);
        }
    }
    Tcp::socket last(impl_->io); // wakes the blocked accept()
    last.connect(impl_->acceptor.local_endpoint(), ignored);
    impl_->acceptor_thread.join();
    for (std::thread& thread : impl_->threads) {
        thread.join();
    }
}

std::string FakeCabinet::url() const
{
    return (impl_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(impl_->acceptor.local_endpoint().port());
}

std::string FakeCabinet::certificate() const { return impl_->identity.certificate; }

} // namespace kb::agent::test

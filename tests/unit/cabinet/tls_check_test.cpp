// Bad certificates and keys are told in plain words, each with its cure.
#include "cabinet/config.hpp"
#include "cabinet/tls_certificates.hpp"
#include "cabinet/tls_check.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fstream>
#include <sstream>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using namespace std::chrono_literals;

namespace {

UtcMs today() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string content(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}
void write(const std::string& file, const std::string& text)
{
    std::ofstream(file, std::ios::binary) << text;
}

std::string taken(BIO* out)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string bytes(data, static_cast<std::size_t>(size));
    BIO_free_all(out);
    return bytes;
}
std::string certificate_as_der(const std::string& file)
{
    const std::string pem = content(file);
    BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
    BIO* out = BIO_new(BIO_s_mem());
    i2d_X509_bio(out, certificate);
    X509_free(certificate);
    BIO_free_all(in);
    return taken(out);
}
/// The key once more: DER, or locked with a password.
std::string key_as(const std::string& file, bool locked)
{
    const std::string pem = content(file);
    BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    BIO* out = BIO_new(BIO_s_mem());
    if (locked)
        PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr);
    else
        i2d_PrivateKey_bio(out, key);
    EVP_PKEY_free(key);
    BIO_free_all(in);
    return taken(out);
}
/// A self-signed certificate for an RSA key of so many bits.
void make_rsa(const std::string& certificate_file, const std::string& key_file, unsigned bits)
{
    EVP_PKEY* key = EVP_RSA_gen(bits);
    X509* certificate = X509_new();
    X509_set_pubkey(certificate, key);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_sign(certificate, key, EVP_sha256());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    write(certificate_file, taken(out));
    out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    write(key_file, taken(out));
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/// A good pair that a test then spoils.
struct Pair {
    Pair()
    {
        REQUIRE(make_certificates(dir.path() + "/tls", {"localhost"}));
        REQUIRE(make_certificates(dir.path() + "/other", {"localhost"}));
    }
    std::vector<std::string> told(Language language = Language::english, UtcMs now = today())
    {
        std::vector<std::string> lines;
        for (const TlsProblem& problem : check_tls(certificate, key, now, language)) {
            CHECK_FALSE(problem.cure.empty());
            lines.push_back((problem.about_key ? "key: " : "certificate: ") + problem.reason);
        }
        return lines;
    }

    TempDir dir;
    std::string certificate = dir.path() + "/tls/server.pem";
    std::string key = dir.path() + "/tls/server.key";
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a pair that belongs together is fine", "[cabinet][tls]")
{
    Pair pair;
    CHECK(pair.told().empty());
    make_rsa(pair.certificate, pair.key, 2048);
    CHECK(pair.told().empty());
}

TEST_CASE("each thing wrong with a certificate is told in plain words", "[cabinet][tls]")
{
    Pair pair;
    std::string wanted;
    SECTION("not there")
    {
        pair.certificate = pair.dir.path() + "/none.pem";
        wanted = "there is no file " + pair.certificate;
    }
    SECTION("a folder")
    {
        pair.certificate = pair.dir.path();
        wanted = pair.certificate + " is a folder";
    }
    SECTION("empty")
    {
        write(pair.certificate, "");
        wanted = "there is no PEM certificate in " + pair.certificate;
    }
    SECTION("some text")
    {
        write(pair.certificate, "hello\n");
        wanted = "there is no PEM certificate in " + pair.certificate;
    }
    SECTION("cut short")
    {
        write(pair.certificate, content(pair.certificate).substr(0, 300));
        wanted = "the certificate in " + pair.certificate + " is damaged";
    }
    SECTION("binary")
    {
        write(pair.certificate, certificate_as_der(pair.certificate));
        wanted = "the certificate is binary (DER), PEM is wanted";
    }
    CHECK(pair.told() == Lines{"certificate: " + wanted});
}

TEST_CASE("each thing wrong with a key is told in plain words", "[cabinet][tls]")
{
    Pair pair;
    std::string wanted;
    SECTION("not there")
    {
        pair.key = pair.dir.path() + "/none.key";
        wanted = "there is no file " + pair.key;
    }
    SECTION("some text")
    {
        write(pair.key, "hello\n");
        wanted = "there is no PEM key in " + pair.key;
    }
    SECTION("cut short")
    {
        write(pair.key, content(pair.key).substr(0, 60));
        wanted = "the key in " + pair.key + " is damaged";
    }
    SECTION("binary")
    {
        write(pair.key, key_as(pair.key, false));
        wanted = "the key is binary (DER), PEM is wanted";
    }
    SECTION("locked with a password, which nobody is asked for")
    {
        write(pair.key, key_as(pair.key, true));
        wanted = "the key is encrypted, and a service has nobody to ask for its password";
    }
    SECTION("of another certificate")
    {
        pair.key = pair.dir.path() + "/other/server.key";
        wanted = "the key does not belong to the certificate";
    }
    SECTION("too short")
    {
        make_rsa(pair.certificate, pair.key, 1024);
        wanted = "the key is too short (1024 bits): nobody takes such";
    }
    CHECK(pair.told() == Lines{"key: " + wanted});
}

TEST_CASE("files exchanged are told as such, both of them", "[cabinet][tls]")
{
    Pair pair;
    std::swap(pair.certificate, pair.key);
    CHECK(pair.told(Language::russian) ==
          Lines{"certificate: в файле " + pair.certificate + " ключ, а не сертификат",
                "key: в файле " + pair.key + " сертификат, а не ключ"});
}

TEST_CASE("a certificate out of its time is told, but can be served with", "[cabinet][tls]")
{
    Pair pair;
    const auto later = check_tls(pair.certificate, pair.key, today() + 826 * 24h, Language::english);
    REQUIRE(later.size() == 1);
    CHECK_THAT(later[0].reason, Catch::StartsWith("the certificate expired on 20"));
    CHECK(later[0].can_serve);
    const auto earlier = check_tls(pair.certificate, pair.key, today() - 2 * 24h, Language::english);
    REQUIRE(earlier.size() == 1);
    CHECK_THAT(earlier[0].reason, Catch::StartsWith("the certificate is valid only from 20"));
    CHECK(earlier[0].can_serve);
}

TEST_CASE("what a configuration names is looked at, and told with its lines", "[cabinet][tls][config]")
{
    Pair pair;
    const std::string file = pair.dir.path() + "/cabinet.toml";
    write(file, "data_dir = \"nowhere\"\n"
                "catalogue = \"catalogue.toml\"\n"
                "[tls]\n"
                "certificate = \"tls/server.pem\"\n"
                "key = \"other/server.key\"\n");
    const auto loaded = load_config(file, Language::russian);
    REQUIRE(loaded.ok());
    const auto checked = check_files(loaded, today() + 826 * 24h, Language::russian);
    REQUIRE(checked.problems.size() == 2);
    CHECK_THAT(checked.problems[0].text("f"),
               Catch::StartsWith("f:1: data_dir: папки " + pair.dir.path() + "/nowhere нет. "));
    CHECK_THAT(checked.problems[1].text("f"),
               Catch::StartsWith("f:5: tls.key: ключ не подходит к сертификату. "));
    REQUIRE(checked.warnings.size() == 1);
    CHECK_THAT(checked.warnings[0].text("f"),
               Catch::StartsWith("f:4: tls.certificate: срок сертификата истёк 20"));
}

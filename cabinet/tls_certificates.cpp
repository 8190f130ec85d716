#include "cabinet/tls_certificates.hpp"

#include "cabinet/openssl_owners.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace kb::cabinet {

namespace {

namespace fs = std::filesystem;

constexpr long kDays = 24L * 3600;
constexpr long kServerLife = 825 * kDays; // what browsers accept at most for a private authority
constexpr long kAuthorityLife = 3650 * kDays;

void check(bool well, const char* what)
{
    if (!well)
        throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key make_key()
{
    Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "no key");
    return key;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

/// Self-signed when issuer is nullptr.
Certificate make_certificate(EVP_PKEY* key, const std::string& name, long life, X509* issuer,
                             EVP_PKEY* issuer_key, const std::vector<std::pair<int, std::string>>& extensions)
{
    Certificate certificate(X509_new());
    check(certificate != nullptr, "no certificate");
    X509_set_version(certificate.get(), 2); // v3
    unsigned char serial[16];
    check(RAND_bytes(serial, sizeof serial) == 1, "no random serial");
    serial[0] &= 0x7F; // a positive number
    const std::unique_ptr<BIGNUM, Freed<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDays); // a PC whose clock is behind
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), life);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), issuer == nullptr ? subject : X509_get_subject_name(issuer));
    for (const auto& [kind, value] : extensions)
        extend(certificate.get(), issuer == nullptr ? certificate.get() : issuer, kind, value);
    check(X509_sign(certificate.get(), issuer_key, EVP_sha256()) != 0, "no signature");
    return certificate;
}

void write_file(const fs::path& path, BIO* from, bool secret)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(from, &data);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (secret) // before the content is there
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    file.write(data, size);
    file.close();
    if (!file)
        throw std::runtime_error("cannot write " + path.string());
}

void write_key(const fs::path& path, EVP_PKEY* key)
{
    const Bio out(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "no key text");
    write_file(path, out.get(), true);
}

void write_certificate(const fs::path& path, X509* certificate)
{
    const Bio out(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(out.get(), certificate) == 1, "no certificate text");
    write_file(path, out.get(), false);
}

bool is_address(const std::string& name)
{
    return name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
}

} // namespace

Result<void> make_certificates(const std::string& folder, const std::vector<std::string>& names)
{
    const fs::path place(folder);
    try {
        if (fs::exists(place / "server.pem"))
            return {};
        fs::create_directories(place);
        fs::permissions(place, fs::perms::owner_all);
        const Key authority_key = make_key();
        const Certificate authority = make_certificate(authority_key.get(), "KKT Bridge private CA",
                                                       kAuthorityLife, nullptr, authority_key.get(),
                                                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                                        {NID_subject_key_identifier, "hash"}});
        std::string alternatives;
        for (const std::string& name : names)
            alternatives +=
                (alternatives.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
        const Key key = make_key();
        const Certificate server =
            make_certificate(key.get(), names.front(), kServerLife, authority.get(), authority_key.get(),
                             {{NID_basic_constraints, "critical,CA:FALSE"},
                              {NID_key_usage, "critical,digitalSignature"},
                              {NID_ext_key_usage, "serverAuth"},
                              {NID_subject_key_identifier, "hash"},
                              {NID_authority_key_identifier, "keyid"},
                              {NID_subject_alt_name, alternatives}});
        write_key(place / "ca.key", authority_key.get());
        write_certificate(place / "ca.pem", authority.get());
        write_key(place / "server.key", key.get());
        write_certificate(place / "server.pem", server.get());
        return {};
    } catch (const std::exception& error) {
        return fail(Errc::storage_failed, "certificates in " + folder + ": " + error.what());
    }
}

} // namespace kb::cabinet

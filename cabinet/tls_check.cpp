#include "cabinet/tls_check.hpp"

#include "cabinet/openssl_owners.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

namespace kb::cabinet {

namespace {

namespace fs = std::filesystem;

constexpr int kLeastSecurityBits = 112; // what Debian's OpenSSL and today's browsers take: RSA of 2048 bits

bool holds(const std::string& text, std::string_view mark) { return text.find(mark) != std::string::npos; }
bool holds_certificate(const std::string& text) { return holds(text, "-----BEGIN CERTIFICATE-----"); }
/// "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"
bool holds_key(const std::string& text)
{
    return holds(text, "-----BEGIN ") && holds(text, "PRIVATE KEY-----");
}
bool is_encrypted(const std::string& text)
{
    return holds(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") || holds(text, "Proc-Type: 4,ENCRYPTED");
}

Bio reader(const std::string& text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Never asks anybody for a password.
int no_password(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*user*/) { return 0; }

Certificate certificate_of(const std::string& text)
{
    return Certificate(PEM_read_bio_X509(reader(text).get(), nullptr, no_password, nullptr));
}
Key key_of(const std::string& text)
{
    return Key(PEM_read_bio_PrivateKey(reader(text).get(), nullptr, no_password, nullptr));
}
bool is_binary_certificate(const std::string& bytes)
{
    return Certificate(d2i_X509_bio(reader(bytes).get(), nullptr)) != nullptr;
}
bool is_binary_key(const std::string& bytes)
{
    return Key(d2i_PrivateKey_bio(reader(bytes).get(), nullptr)) != nullptr;
}

std::string day_of(const ASN1_TIME* time)
{
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return "?";
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return text;
}

class TlsCheck {
public:
    TlsCheck(const std::string& certificate_file, const std::string& key_file, Language language)
        : certificate_file_(certificate_file),
          key_file_(key_file),
          language_(language)
    {}

    std::vector<TlsProblem> run(UtcMs now)
    {
        const auto certificate_text = read(certificate_file_, false);
        const auto key_text = read(key_file_, true);
        const Certificate certificate = certificate_text ? take_certificate(*certificate_text) : nullptr;
        const Key key = key_text ? take_key(*key_text) : nullptr;
        if (certificate)
            check_dates(certificate.get(), now);
        if (certificate && key)
            check_pair(certificate.get(), key.get());
        ERR_clear_error(); // what was tried above must not look like an error of the next connection
        return std::move(problems_);
    }

private:
    [[nodiscard]] std::string say(const std::string& russian, const std::string& english) const
    {
        return in(language_, russian, english);
    }
    void add(bool about_key, std::string reason, std::string cure, bool can_serve = false)
    {
        problems_.push_back({about_key, can_serve, std::move(reason), std::move(cure)});
    }

    std::optional<std::string> read(const std::string& file, bool about_key)
    {
        std::error_code error;
        const std::string cure =
            about_key
                ? say("Укажите файл ключа (PEM); новую пару сделает kkt-cabinet init --tls self-signed.",
                      "Name the key's file (PEM); kkt-cabinet init --tls self-signed makes a new pair.")
                : say("Укажите файл сертификата (PEM); новую пару сделает kkt-cabinet init --tls "
                      "self-signed.",
                      "Name the certificate's file (PEM); kkt-cabinet init --tls self-signed makes a new "
                      "pair.");
        if (!fs::exists(file, error) && (!error || error == std::errc::no_such_file_or_directory)) {
            add(about_key, say("файла " + file + " нет", "there is no file " + file), cure);
            return std::nullopt;
        }
        if (fs::is_directory(file, error)) {
            add(about_key, say(file + " — это папка", file + " is a folder"), cure);
            return std::nullopt;
        }
        std::ifstream stream(file, std::ios::binary);
        std::ostringstream text;
        if (!stream || (stream.peek() != std::ifstream::traits_type::eof() && !(text << stream.rdbuf()))) {
            add(about_key,
                say("файл " + file + " не читается: нет прав", "the file " + file + " may not be read"),
                say("Дайте право на чтение пользователю, под которым работает kkt-cabinet.",
                    "Give the user kkt-cabinet runs as the right to read it."));
            return std::nullopt;
        }
        return text.str();
    }

    Certificate take_certificate(const std::string& text)
    {
        const std::string& file = certificate_file_;
        if (!holds_certificate(text)) {
            if (holds_key(text))
                add(false,
                    say("в файле " + file + " ключ, а не сертификат",
                        "the file " + file + " holds a key, not a certificate"),
                    say("Похоже, certificate и key перепутаны местами.",
                        "Certificate and key seem to be exchanged."));
            else if (is_binary_certificate(text))
                add(false,
                    say("сертификат в двоичном виде (DER), а нужен PEM",
                        "the certificate is binary (DER), PEM is wanted"),
                    say("Переведите: ", "Convert it: ") + "openssl x509 -inform der -in " + file + " -out " +
                        file + ".pem");
            else
                add(false,
                    say("в файле " + file + " нет сертификата PEM", "there is no PEM certificate in " + file),
                    say("Файл должен начинаться строкой -----BEGIN CERTIFICATE-----.",
                        "The file must begin with the line -----BEGIN CERTIFICATE-----."));
            return nullptr;
        }
        auto certificate = certificate_of(text);
        if (!certificate)
            add(false,
                say("сертификат в файле " + file + " повреждён",
                    "the certificate in " + file + " is damaged"),
                say("Скопируйте его заново, вместе со строками BEGIN и END.",
                    "Copy it once more, with its lines BEGIN and END."));
        return certificate;
    }

    Key take_key(const std::string& text)
    {
        const std::string& file = key_file_;
        if (!holds_key(text)) {
            if (holds_certificate(text))
                add(true,
                    say("в файле " + file + " сертификат, а не ключ",
                        "the file " + file + " holds a certificate, not a key"),
                    say("Похоже, certificate и key перепутаны местами.",
                        "Certificate and key seem to be exchanged."));
            else if (is_binary_key(text))
                add(true,
                    say("ключ в двоичном виде (DER), а нужен PEM", "the key is binary (DER), PEM is wanted"),
                    say("Переведите: ", "Convert it: ") + "openssl pkey -inform der -in " + file + " -out " +
                        file + ".pem");
            else
                add(true, say("в файле " + file + " нет ключа PEM", "there is no PEM key in " + file),
                    say("Файл должен начинаться строкой -----BEGIN PRIVATE KEY-----.",
                        "The file must begin with the line -----BEGIN PRIVATE KEY-----."));
            return nullptr;
        }
        if (is_encrypted(text)) {
            add(true,
                say("ключ зашифрован паролем, а спросить пароль службе не у кого",
                    "the key is encrypted, and a service has nobody to ask for its password"),
                say("Снимите пароль: ", "Take the password off: ") + "openssl pkey -in " + file + " -out " +
                    file + ".open");
            return nullptr;
        }
        auto key = key_of(text);
        if (!key)
            add(true, say("ключ в файле " + file + " повреждён", "the key in " + file + " is damaged"),
                say("Скопируйте его заново, вместе со строками BEGIN и END.",
                    "Copy it once more, with its lines BEGIN and END."));
        return key;
    }

    void check_dates(const X509* certificate, UtcMs now)
    {
        std::time_t at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        const ASN1_TIME* from = X509_get0_notBefore(certificate);
        const ASN1_TIME* to = X509_get0_notAfter(certificate);
        if (X509_cmp_time(to, &at) < 0)
            add(false,
                say("срок сертификата истёк " + day_of(to), "the certificate expired on " + day_of(to)),
                say("Выпустите новый; для своего: уберите старые файлы из папки tls и повторите kkt-cabinet "
                    "init --tls "
                    "self-signed.",
                    "Issue a new one; a private one: move the old files out of the folder tls, then "
                    "kkt-cabinet init "
                    "--tls self-signed."),
                true);
        else if (X509_cmp_time(from, &at) > 0)
            add(false,
                say("сертификат действует только с " + day_of(from),
                    "the certificate is valid only from " + day_of(from)),
                say("Проверьте дату на этом компьютере.", "Check this computer's date."), true);
    }

    void check_pair(X509* certificate, EVP_PKEY* key)
    {
        if (X509_check_private_key(certificate, key) != 1)
            add(true, say("ключ не подходит к сертификату", "the key does not belong to the certificate"),
                say("Укажите тот ключ, для которого выпущен сертификат " + certificate_file_ + ".",
                    "Name the key the certificate " + certificate_file_ + " was issued for."));
        else if (EVP_PKEY_get_security_bits(key) < kLeastSecurityBits)
            add(true,
                say("ключ слишком короткий (" + std::to_string(EVP_PKEY_get_bits(key)) +
                        " бит): такой не примут",
                    "the key is too short (" + std::to_string(EVP_PKEY_get_bits(key)) +
                        " bits): nobody takes such"),
                say("Выпустите сертификат с ключом RSA от 2048 бит или P-256.",
                    "Issue the certificate for a key of RSA 2048 bits or more, or P-256."));
    }

    const std::string& certificate_file_;
    const std::string& key_file_;
    Language language_;
    std::vector<TlsProblem> problems_;
};

} // namespace

std::vector<TlsProblem> check_tls(const std::string& certificate_file, const std::string& key_file, UtcMs now,
                                  Language language)
{
    return TlsCheck(certificate_file, key_file, language).run(now);
}

} // namespace kb::cabinet

#include "cabinet/auth/secrets.hpp"

#include <sodium.h>

#include <array>
#include <cctype>
#include <stdexcept>

namespace kb::cabinet::auth {

namespace {

void ready()
{
    static const bool initialised = sodium_init() >= 0;
    if (!initialised)
        throw std::runtime_error("libsodium has no source of randomness");
}

const unsigned char* bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(const unsigned char* data, std::size_t size)
{
    std::string text(size * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), data, size);
    text.pop_back();
    return text;
}

constexpr std::string_view kCodeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

std::string random_code(std::size_t length)
{
    ready();
    std::string code;
    while (code.size() < length)
        code += kCodeAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kCodeAlphabet.size()))];
    return code;
}

} // namespace

std::string hash_password(const std::string& password)
{
    ready();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        throw std::runtime_error("not enough memory to hash a password");
    return hash.data();
}

bool verify_password(const std::string& hash, const std::string& password)
{
    ready();
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

void waste_time_on(const std::string& password)
{
    static const std::string nobodys = hash_password("nobody's password");
    (void)verify_password(nobodys, password);
}

std::string make_token()
{
    ready();
    std::array<unsigned char, 32> random{};
    randombytes_buf(random.data(), random.size());
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_ENCODED_LEN(random.size(), kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), kVariant);
    text.pop_back();
    return text;
}

std::string make_id()
{
    ready();
    std::array<unsigned char, 8> random{};
    randombytes_buf(random.data(), random.size());
    return hex(random.data(), random.size());
}

std::string make_enrolment_code() { return random_code(8); }

std::string normal_code(std::string_view typed)
{
    std::string code;
    for (const char c : typed)
        if (c != '-' && c != ' ')
            code += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return code;
}

std::string make_password()
{
    return random_code(5) + "-" + random_code(5) + "-" + random_code(5) + "-" + random_code(5);
}

std::string hash_secret(std::string_view secret)
{
    ready();
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(), bytes(secret), secret.size(), nullptr, 0);
    return hex(hash.data(), hash.size());
}

bool same_secret(std::string_view one, std::string_view other)
{
    return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string sha256_hex(std::string_view text)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), bytes(text), text.size());
    return hex(hash.data(), hash.size());
}

} // namespace kb::cabinet::auth

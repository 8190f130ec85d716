// Passwords, tokens and codes: made, hashed, compared. Only hashes are ever stored.
#pragma once

#include <string>
#include <string_view>

namespace kb::cabinet::auth {

/// Argon2id with a salt, about a tenth of a second and 64 MiB.
std::string hash_password(const std::string& password);
bool verify_password(const std::string& hash, const std::string& password);
/// As long as verify_password, for an account that does not exist: the answer's time tells nothing.
void waste_time_on(const std::string& password);

/// 256 random bits, base64url, 43 characters.
std::string make_token();
/// 16 random hex digits, for ids that are not secret.
std::string make_id();
/// 8 characters of an alphabet without look-alikes (no 0 O 1 I L).
std::string make_enrolment_code();
/// Upper case, without spaces and dashes: as a person types it.
std::string normal_code(std::string_view typed);
/// A password people can type: 4 groups of 5 characters.
std::string make_password();

/// For tokens and codes, which are random enough for a plain hash: BLAKE2b-256, hex.
std::string hash_secret(std::string_view secret);
bool same_secret(std::string_view one, std::string_view other);
/// SHA-256, hex.
std::string sha256_hex(std::string_view text);

} // namespace kb::cabinet::auth

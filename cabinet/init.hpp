// A new cabinet: folder, database, owner, certificates, configuration.
#pragma once

#include "protocol/core/result.hpp"

#include <string>

namespace kb::cabinet {

struct InitOptions {
    std::string data_dir;
    std::string email;
    std::string password; ///< empty: one is made
    std::string tenant = "Мой кабинет";
    std::string web_root;
    std::string catalogue;
    bool self_signed = false;
};
struct InitResult {
    std::string password;    ///< the made one; empty when it was given
    std::string config_file; ///< written unless it was there
    std::string ca_file;     ///< empty without self_signed
};
/// Errc::conflict when the e-mail has an account already, Errc::bad_value naming the option.
Result<InitResult> init_cabinet(const InitOptions& options);

/// A pairing code from the command line. `tenant` may be empty when there is only one.
Result<std::string> make_enrolment_code(const std::string& data_dir, const std::string& tenant);

} // namespace kb::cabinet

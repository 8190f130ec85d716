#include "cabinet/init.hpp"

#include "cabinet/api/context.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/config.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/documents.hpp"
#include "cabinet/tls_certificates.hpp"

#include <filesystem>
#include <fstream>

namespace kb::cabinet {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kShortestPassword = 10;

UtcMs now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

Result<void> make_account(const std::string& file, const InitOptions& options, const std::string& email,
                          const std::string& password)
{
    bool taken = false;
    auto stored = store::guarded([&] {
        store::Writer writer(file);
        const std::string hash = auth::hash_password(password);
        (void)writer.run([&](store::Connection& db) {
            taken = store::find_user(db, email).has_value();
            if (!taken)
                store::add_tenant(db, options.tenant, email, hash);
        });
    });
    if (stored && taken)
        return fail(Errc::conflict, "--email: " + email + " has an account in this cabinet already");
    return stored;
}

} // namespace

Result<InitResult> init_cabinet(const InitOptions& options)
{
    const std::string email = store::fold_case(options.email);
    const std::size_t at = email.find('@');
    if (at == std::string::npos || at == 0 || at + 1 == email.size() || email.find(' ') != std::string::npos)
        return fail(Errc::bad_value, "--email: \"" + options.email + "\" is no e-mail address");
    if (!options.password.empty() && options.password.size() < kShortestPassword)
        return fail(Errc::bad_value,
                    "password: shorter than " + std::to_string(kShortestPassword) + " characters");
    std::error_code error;
    const fs::path folder = fs::absolute(options.data_dir, error).lexically_normal();
    fs::create_directories(folder, error);
    if (error)
        return fail(Errc::storage_failed, "--data: " + folder.string() + ": " + error.message());
    fs::permissions(folder, fs::perms::owner_all, error);

    InitResult result;
    result.config_file = (folder / "cabinet.toml").string();
    const std::string database = database_file(folder.string());
    if (auto prepared = store::prepare_database(database); !prepared)
        return pass(prepared);
    if (options.self_signed) {
        if (auto made = make_certificates((folder / "tls").string(), {"localhost", "127.0.0.1"}); !made)
            return pass(made);
        result.ca_file = (folder / "tls" / "ca.pem").string();
    }
    std::string password = options.password;
    if (password.empty())
        result.password = password = auth::make_password();
    if (auto made = make_account(database, options, email, password); !made)
        return pass(made);
    if (!fs::exists(result.config_file)) {
        std::ofstream file(result.config_file);
        file << config_template(folder.string(), options.web_root, options.catalogue);
        file.close();
        if (!file)
            return fail(Errc::storage_failed, "cannot write " + result.config_file);
    }
    Result<InitResult> done(std::move(result));
    return done;
}

Result<std::string> make_enrolment_code(const std::string& data_dir, const std::string& tenant)
{
    const std::string code = auth::make_enrolment_code();
    bool known = false;
    const std::string file = database_file(data_dir);
    if (!fs::exists(file))
        return fail(Errc::not_found, "no cabinet in " + data_dir + "; make one with kkt-cabinet init");
    if (auto prepared = store::prepare_database(file); !prepared)
        return pass(prepared);
    Result<void> stored;
    auto opened = store::guarded([&] {
        store::Writer writer(file);
        stored = writer.run([&](store::Connection& db) {
            const auto owner = store::find_tenant(db, tenant);
            known = owner.has_value();
            if (known)
                store::add_enrolment_code(db, *owner, auth::hash_secret(code), now() + api::kCodeLife, now());
        });
    });
    if (!opened)
        return pass(opened);
    if (!stored)
        return pass(stored);
    if (!known)
        return fail(Errc::not_found, tenant.empty()
                                         ? "--tenant: this cabinet has not exactly one owner; name one"
                                         : "--tenant: no owner is called \"" + tenant + "\"");
    return code;
}

} // namespace kb::cabinet

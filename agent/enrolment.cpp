// The file behind enrolment.hpp.
#include "agent/enrolment.hpp"

#include "agent/service/ownership.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace kb::agent {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path enrolment_file(const fs::path& data_dir) { return data_dir / "enrolment.json"; }

Result<std::optional<Enrolment>> load_enrolment(const fs::path& data_dir)
{
    const fs::path file = enrolment_file(data_dir);
    std::error_code error;
    if (!fs::exists(file, error) && !error) {
        return std::optional<Enrolment>{};
    }
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) {
        return fail(Errc::storage_failed, file.string() + ": cannot be read by this user");
    }
    const Json json = Json::parse(text.str(), nullptr, false);
    Enrolment found;
    for (const auto& [name, member] :
         {std::pair{"agent_id", &found.agent_id}, std::pair{"token", &found.token},
          std::pair{"cabinet_name", &found.cabinet_name}, std::pair{"cabinet_url", &found.cabinet_url}}) {
        if (!json.is_object() || !json.contains(name) || !json[name].is_string()) {
            return fail(Errc::bad_json, file.string() + ": " + name + ": missing; enrol again");
        }
        *member = json[name].get<std::string>();
    }
    return std::optional(found);
}

Result<void> save_enrolment(const fs::path& data_dir, const Enrolment& enrolment)
{
    const fs::path file = enrolment_file(data_dir);
    const fs::path fresh = data_dir / "enrolment.json.new";
    const Json json = {{"agent_id", enrolment.agent_id},
                       {"token", enrolment.token},
                       {"cabinet_name", enrolment.cabinet_name},
                       {"cabinet_url", enrolment.cabinet_url}};
    std::error_code error;
    {
        std::ofstream out(fresh, std::ios::trunc);
        // Before the secret is in it.
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
        out << json.dump(2) << '\n' << std::flush;
        if (!out || error) {
            return fail(Errc::storage_failed, fresh.string() + ": cannot be written");
        }
    }
    service::give_to_owner_of(data_dir, fresh); // kktctl may run as root, the agent does not
    fs::rename(fresh, file, error);
    if (error) {
        return fail(Errc::storage_failed, file.string() + ": " + error.message());
    }
    return {};
}

} // namespace kb::agent

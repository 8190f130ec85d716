// What kktctl can do; each command returns its exit code.
#pragma once

#include "agent/kktctl/console.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace kb::agent::kktctl {

struct Context {
    Console console;
    std::filesystem::path config_file;
    Config config; ///< checked, but for config_check
};

struct DocumentQuery {
    std::string fn_serial;
    std::optional<std::uint16_t> type;
    std::string from; ///< YYYY-MM-DD, included
    std::string to;   ///< YYYY-MM-DD, included
    std::size_t at_most = 50;
};

int doctor(const Context& context);
int devices(const Context& context);
int status(const Context& context);
int documents_ls(const Context& context, const DocumentQuery& query);
int documents_show(const Context& context, const std::string& fn_serial, std::uint32_t fd_number);
/// One JSON object a line, oldest first.
int documents_export(const Context& context, const DocumentQuery& query);
/// At most so many of the waiting documents and of those set aside are listed; 0: all.
int queue_ls(const Context& context, std::size_t at_most);
/// One that was set aside, by its number there.
int queue_show(const Context& context, std::int64_t id);
/// Where a document is on its way: waiting, set aside, delivered.
int queue_show_document(const Context& context, const std::string& fn_serial, std::uint32_t fd_number);
int queue_check(const Context& context);
int journal_check(const Context& context);
int config_check(const Context& context);
int enroll(const Context& context, const std::string& code);

} // namespace kb::agent::kktctl

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

struct RecordQuery {
    std::string device; ///< name, port, factory number or place in the configuration; empty: the only one
    std::string port;   ///< instead of `device`: one that need not be in the configuration
    std::string family = "auto";
    std::string duration = "60s"; ///< "60s", "2m"
    std::filesystem::path out;    ///< empty: named by the time, in the current folder
};

/// What requests have in common.
struct JobOptions {
    std::string device;      ///< factory number; empty: the only register
    std::string key;         ///< the same key leads to the same job; empty: a new one
    std::string cashier;     ///< of the receipt or report
    std::uint32_t wait = 60; ///< seconds
};

/// What a person decides of a job whose FN can no longer be asked.
struct JobDecision {
    bool made = false;
    std::string name;
    std::string reason;
    std::uint32_t fd_number = 0; ///< of the document, when it is known
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
/// The masked traffic of a register for a while, as an `.exchange` file: by the agent when it runs, else over
/// the port itself.
int record(const Context& context, const RecordQuery& query);
/// What is understood of an `.exchange` file: command by command, and by the driver of its family (empty: as
/// the file's head tells).
int replay(const Context& context, const std::filesystem::path& file, const std::string& family);

/// The address of the agent's page, token included.
int page(const Context& context);

// Requests to a register, through the agent. They end as kDone, kFailed (refused, cancelled, expired: nothing
// was made), kUnknown or kWaiting.

/// A receipt as JSON of a file, or of the input for "-".
int receipt(const Context& context, const std::string& file, const JobOptions& options);
int shift(const Context& context, bool open, const JobOptions& options);
/// `sum` in rubles: "100" or "100.50".
int cash(const Context& context, bool in, const std::string& sum, const JobOptions& options);
/// "x" or "state".
int report(const Context& context, const std::string& which, const JobOptions& options);
int job_ls(const Context& context, bool all, const JobOptions& options);
int job_show(const Context& context, const std::string& id);
int job_cancel(const Context& context, const std::string& id);
int job_decide(const Context& context, const std::string& id, const JobDecision& decision);
/// Off: the register's queue is paused, with the reason that is shown to everybody who waits. On: it goes on.
int queue_switch(const Context& context, bool on, const std::string& reason, const std::string& device);

} // namespace kb::agent::kktctl

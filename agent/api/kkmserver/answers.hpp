// Answers in KkmServer's form. For .cpp files only: it brings nlohmann/json.hpp along.
// Source: docs/sources.md#kkmserver, sections 2 and 5.
#pragma once

#include "agent/api/kkmserver/error_text.hpp"
#include "agent/api/kkmserver/fields.hpp"
#include "agent/api/kkmserver/names.hpp"
#include "agent/jobs/desk.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kb::agent::kkmserver {

/// One answer. Texts get in only with the word on what is certain; Error stays "" for all that is well or
/// still under way, since clients take any other for a failure.
class Answer {
public:
    using Json = nlohmann::ordered_json;

    Answer(std::string command, std::string id) : command_(std::move(command)), id_(std::move(id)) {}

    void of_register(std::int64_t number, std::string name);
    /// Members of the command itself; they come first.
    [[nodiscard]] Json& members() { return members_; }

    /// The command has failed. `made`: what is certain of it.
    void fail(Status status, Made made, std::string text);
    /// The command goes on; `text` may be empty.
    void go_on(std::string text);
    /// The command is done; `text`, what people should know all the same, may be empty.
    void done(Status status = Status::ok, std::string text = {});
    void warn(const std::vector<std::string>& warnings);
    /// GetRezult's, around that of the command asked for. Status and Error are those of the inner one, since
    /// some clients look no deeper.
    void wrap(const Answer& inner);

    [[nodiscard]] Status status() const { return status_; }
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] Json json() const;

private:
    std::string command_;
    std::string id_;
    Json members_ = Json::object();
    Status status_ = Status::ok;
    std::string error_;
    std::string message_;
    std::string warning_;
    std::int64_t number_ = 0;
    std::string name_;
};

/// How a job stands: its state, and of a done one the numbers of its document.
void tell_job(Answer& answer, const JobView& view);

/// Why a request was not taken, member by member.
std::string refusal_text(const JobRefusal& refusal);

/// A body ready to send.
std::string body_of(const Answer::Json& json);

} // namespace kb::agent::kkmserver

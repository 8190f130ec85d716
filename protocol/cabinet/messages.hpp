// The contract between agent and cabinet (docs/cabinet-api.yaml), both directions of every message, in one
// place so that the two programs cannot disagree.
//
// Every decode_* takes JSON text of any origin. On failure Error::context is "<field path>: <reason>", e.g.
// "samples[0].fn.phase: not a whole number"; split_field() takes it apart. Unknown members are ignored, so
// that a newer peer can say more. encode_* never fails.
#pragma once

#include "protocol/fiscal/device_state.hpp"
#include "protocol/fiscal/fiscal_document.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::cabinet_api {

// Limits both sides keep.
inline constexpr std::size_t kMaxDocuments = 2000;           ///< in one batch
inline constexpr std::size_t kMaxSamples = 500;              ///< in one request
inline constexpr std::size_t kMaxEvents = 1000;              ///< in one request
inline constexpr std::size_t kMaxRawBytes = 66'000;          ///< of one document: more than any FFD limit
inline constexpr std::size_t kMaxBodyBytes = 8U << 20U;      ///< of a request as sent (gzip or not)
inline constexpr std::size_t kMaxInflatedBytes = 32U << 20U; ///< of a request after gunzip
inline constexpr std::size_t kMaxDepth = 32;                 ///< of nested JSON
inline constexpr std::size_t kMaxArgsBytes = 256U << 10U;    ///< of one command: a receipt of 1000 positions

struct EnrollRequest {
    std::string code; ///< 8 characters as shown in the cabinet, any case
    std::string hostname;
    std::string agent_version;
};
struct EnrollResponse {
    std::string agent_id;
    std::string token; ///< 256 bits, base64url; shown this once
    std::string cabinet_name;
};

enum class DocumentSource { archive, print };

struct DocumentMessage {
    fiscal::FiscalDocument document;
    DocumentSource source = DocumentSource::archive;
    std::string kkt_serial;
    UtcMs read_at{};
};
struct DocumentsRequest {
    std::vector<DocumentMessage> documents;
};

/// A document of a batch that could not be read: it is answered as rejected and does not stop the others.
struct BadDocument {
    std::uint32_t index = 0;     ///< its place in the batch, from 0
    std::string fn_serial;       ///< empty: not even this could be read
    std::uint32_t fd_number = 0; ///< 0: not even this could be read
    std::string kkt_serial;      ///< empty: not even this could be read
    Error error;                 ///< context as described on top: "documents[3].raw: base64: ..."
};
struct DecodedDocuments {
    std::vector<DocumentMessage> documents;
    std::vector<BadDocument> bad;
};

struct FdRange {
    std::uint32_t from = 0;
    std::uint32_t to = 0; ///< inclusive
    bool operator==(const FdRange&) const = default;
};
struct RejectedDocument {
    std::uint32_t fd_number = 0;
    std::string code;   ///< Errc name: "conflict", "bad_tlv", "bad_value", ...
    std::string reason; ///< for people
    bool operator==(const RejectedDocument&) const = default;
};
/// What the cabinet durably holds of one FN, for every FN named in the request.
struct FnAnswer {
    std::string fn_serial;
    std::uint32_t contiguous_from = 0;    ///< 0: holds nothing yet
    std::uint32_t contiguous_through = 0; ///< end of the first gapless range
    /// Below the highest held number, from 1; at most kMaxMissing, oldest first.
    std::vector<FdRange> missing;
    std::vector<RejectedDocument> rejected;
};
inline constexpr std::size_t kMaxMissing = 200;
/// A rejected document that does not say whose it is: named by its place in the request instead.
struct UnnamedDocument {
    std::uint32_t index = 0;
    std::string code;
    std::string reason;
    bool operator==(const UnnamedDocument&) const = default;
};
struct DocumentsResponse {
    std::vector<FnAnswer> fns;
    std::vector<UnnamedDocument> unnamed;
};

struct StatusRequest {
    std::vector<fiscal::DeviceSample> samples; ///< info.kkt_serial names the device and must not be empty
};

enum class Severity { info, warning, error, critical };
/// What an event of kind "document_set_aside" or "document_conflict" is about: a document the agent could not
/// take out of the register, or got twice with other contents.
struct SetAsideDocument {
    std::string fn_serial;
    std::uint32_t fd_number = 0;
    std::string code; ///< Errc name
};
struct EventMessage {
    std::string id; ///< unique per agent, made by it: sending twice changes nothing
    UtcMs at{};
    std::string kkt_serial; ///< empty: about the agent or the PC
    std::string kind;       ///< "device_state", "fn_replaced", "clock_drift", ...
    Severity severity = Severity::info;
    std::string text;
    std::string data_json = "{}"; ///< one JSON object
};
struct EventsRequest {
    std::vector<EventMessage> events;
};
/// nullopt: the event is of another kind, or its data do not name a document.
std::optional<SetAsideDocument> set_aside_of(const EventMessage& event);

struct AcceptedResponse {
    std::uint32_t accepted = 0;
};

/// What an owner may have done at a register from afar, where both its configuration and he allow it.
enum class CommandKind {
    x_report,    ///< no arguments
    close_shift, ///< no arguments
    message,     ///< {"text": lines that are no receipt}
    print,       ///< {"request": a receipt as the agent's native API takes it}
};
std::string_view to_string(CommandKind kind);
/// nullopt: a kind of a newer cabinet.
std::optional<CommandKind> command_kind_of(std::string_view word);

struct Command {
    std::string id;
    std::string kind;
    std::string kkt_serial;       ///< empty: for the agent itself
    std::string args_json = "{}"; ///< one JSON object
    UtcMs expires_at{};
    bool taken = false; ///< the agent has said so before: if it knows nothing of it now, it must not begin it
    /// False: only what became of it is asked, its time is over or the owner has withdrawn his permission.
    bool may_begin = true;
};
struct CommandsResponse {
    std::vector<Command> commands;
    /// The cabinet's clock, which expires_at goes by: the PC's may be wrong.
    std::optional<UtcMs> now;
};

enum class CommandOutcome {
    done,
    not_done,
    refused,
    unknown, ///< it cannot be found out any more
    taken,   ///< not an end: it is durable at the agent, and another result follows
};
struct CommandResult {
    CommandOutcome outcome = CommandOutcome::done;
    std::string detail; ///< for people
    std::string code;   ///< "not_allowed", "expired", "lost", "unknown_command" or an Errc name; empty: done
    std::string fn_serial;                  ///< of the document that was made
    std::optional<std::uint32_t> fd_number; ///< nullopt: the kind makes none
    std::uint32_t fiscal_sign = 0;
};

struct ConfigResponse {
    std::uint32_t version = 0;
    std::string hash;               ///< SHA-256 of config, hex
    std::string config_json = "{}"; ///< one JSON object: the desired state
};

std::string encode(const EnrollRequest& message);
std::string encode(const EnrollResponse& message);
std::string encode(const DocumentsRequest& message);
std::string encode(const DocumentsResponse& message);
std::string encode(const StatusRequest& message);
std::string encode(const EventsRequest& message);
/// The data of such an event.
std::string encode(const SetAsideDocument& document);
std::string encode(const AcceptedResponse& message);
std::string encode(const CommandsResponse& message);
std::string encode(const CommandResult& message);
std::string encode(const ConfigResponse& message);
/// One sample as in StatusRequest, for whoever stores or shows it alone.
std::string encode(const fiscal::DeviceSample& sample);

Result<EnrollRequest> decode_enroll_request(std::string_view json);
Result<EnrollResponse> decode_enroll_response(std::string_view json);
/// Fails as a whole only when the batch is not JSON, has no list of documents or is over the limits; any
/// fault of one document puts that one into `bad`.
Result<DecodedDocuments> decode_documents_request(std::string_view json);
Result<DocumentsResponse> decode_documents_response(std::string_view json);
Result<StatusRequest> decode_status_request(std::string_view json);
Result<EventsRequest> decode_events_request(std::string_view json);
Result<AcceptedResponse> decode_accepted_response(std::string_view json);
Result<CommandsResponse> decode_commands_response(std::string_view json);
Result<CommandResult> decode_command_result(std::string_view json);
Result<ConfigResponse> decode_config_response(std::string_view json);
Result<fiscal::DeviceSample> decode_sample(std::string_view json);

std::string_view to_string(DocumentSource source);
std::string_view to_string(Severity severity);
std::string_view to_string(CommandOutcome outcome);
/// "full" or "short".
std::string_view to_string(fiscal::DocumentForm form);
// The words of a DeviceSample in JSON, SQL and UI.
std::string_view to_string(fiscal::DeviceStatus::Mode mode);
std::string_view to_string(fiscal::Paper paper);
std::string_view to_string(fiscal::Cover cover);
std::string_view to_string(fiscal::SdCard::State state);
std::string_view to_string(fiscal::DeviceWarning warning);
std::string_view to_string(fiscal::OfdSender sender);
std::string_view to_string(fiscal::Confidence confidence);

} // namespace kb::cabinet_api

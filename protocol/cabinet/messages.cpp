#include "protocol/cabinet/messages.hpp"

#include "protocol/cabinet/base64.hpp"
#include "protocol/cabinet/sample_json.hpp"
#include "protocol/core/json_reader.hpp"

#include <array>
#include <charconv>

namespace kb::cabinet_api {

using nlohmann::json;

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxData = 16'384;
constexpr std::size_t kMaxFns = 2000;
constexpr std::size_t kMaxCommands = 100;
constexpr std::size_t kMaxConfig = 1U << 20U;

using fiscal::DocumentForm;
using fiscal::DocumentType;

constexpr std::array kForms{std::pair{"full"sv, DocumentForm::full},
                            std::pair{"short"sv, DocumentForm::short_record}};
constexpr std::array kSources{std::pair{"archive"sv, DocumentSource::archive},
                              std::pair{"print"sv, DocumentSource::print}};
constexpr std::array kSeverities{
    std::pair{"info"sv, Severity::info}, std::pair{"warning"sv, Severity::warning},
    std::pair{"error"sv, Severity::error}, std::pair{"critical"sv, Severity::critical}};
constexpr std::array kOutcomes{
    std::pair{"done"sv, CommandOutcome::done}, std::pair{"not_done"sv, CommandOutcome::not_done},
    std::pair{"refused"sv, CommandOutcome::refused}, std::pair{"unknown"sv, CommandOutcome::unknown},
    std::pair{"taken"sv, CommandOutcome::taken}};
constexpr std::array kCommandKinds{
    std::pair{"x_report"sv, CommandKind::x_report}, std::pair{"close_shift"sv, CommandKind::close_shift},
    std::pair{"message"sv, CommandKind::message}, std::pair{"print"sv, CommandKind::print}};

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value)
{
    for (const auto& [text, known] : table)
        if (known == value)
            return text;
    return {};
}

std::string element(const char* array, std::size_t index)
{
    return array + ("[" + std::to_string(index) + "]");
}

bool is_document_type(std::int64_t code)
{
    switch (static_cast<DocumentType>(code)) {
    case DocumentType::registration:
    case DocumentType::shift_open:
    case DocumentType::receipt:
    case DocumentType::bso:
    case DocumentType::shift_close:
    case DocumentType::fn_close:
    case DocumentType::ofd_ticket:
    case DocumentType::re_registration:
    case DocumentType::state_report:
    case DocumentType::receipt_correction:
    case DocumentType::bso_correction:
        return true;
    }
    return false;
}

/// One JSON object held as text inside a message; its depth adds to that of the message around it.
json embedded(const std::string& text)
{
    json value = json::parse(text, nullptr, false);
    return value.is_object() ? value : json::object();
}

std::string read_embedded(JsonReader& from, const char* key, std::size_t max_bytes)
{
    if (!from.has(key))
        return "{}";
    std::string text = dump_json(*from.object(key).first);
    if (text.size() > max_bytes)
        from.complain(key, "longer than " + std::to_string(max_bytes) + " bytes", Errc::too_many);
    return text;
}

/// Reads a whole message: parses, lets `read` take the members, gives the first fault.
template <class Message, class Read>
Result<Message> decode(std::string_view text, Read read)
{
    const auto root = parse_json(text, kMaxDepth);
    if (!root)
        return pass(root);
    std::optional<Error> failure;
    JsonReader reader(*root, "", failure);
    Message message;
    read(reader, message, failure);
    if (failure)
        return tl::unexpected<Error>(*std::move(failure));
    Result<Message> result(std::move(message));
    return result;
}

DocumentMessage read_document(JsonReader& from)
{
    DocumentMessage message;
    auto& document = message.document;
    document.fn_serial = from.name("fn_serial", 16);
    document.fd_number = static_cast<std::uint32_t>(from.integer("fd_number", 1, UINT32_MAX));
    const std::int64_t type = from.integer("type", 1, 255);
    if (from.ok() && !is_document_type(type))
        from.complain("type", "not a fiscal document code");
    document.type = static_cast<DocumentType>(type);
    document.form = from.word("form", kForms);
    document.datetime = from.local_time("datetime");
    document.fiscal_sign = from.u32("fiscal_sign");
    document.ticket_received = from.boolean("ticket_received");
    message.source = from.word("source", kSources);
    message.kkt_serial = from.name("kkt_serial", kMaxName);
    message.read_at = from.instant("read_at");
    const std::string raw = from.text("raw", kMaxRawBytes / 3 * 4);
    if (auto bytes = from_base64(raw))
        document.raw = *std::move(bytes);
    else
        from.complain("raw", bytes.error().context, Errc::bad_encoding);
    return message;
}

/// As much of its key as can be read.
BadDocument bad_document(std::uint32_t index, const json& object, Error error)
{
    const auto readable = [&](auto read) {
        std::optional<Error> fault;
        JsonReader from(object, "", fault);
        auto value = read(from);
        return fault ? decltype(value){} : value;
    };
    return {index, readable([](JsonReader& from) { return from.name("fn_serial", 16); }),
            readable([](JsonReader& from) {
                return static_cast<std::uint32_t>(from.integer("fd_number", 1, UINT32_MAX));
            }),
            readable([](JsonReader& from) { return from.name("kkt_serial", kMaxName); }), std::move(error)};
}

} // namespace

std::string_view to_string(DocumentSource source) { return word_of(kSources, source); }
std::string_view to_string(Severity severity) { return word_of(kSeverities, severity); }
std::string_view to_string(CommandOutcome outcome) { return word_of(kOutcomes, outcome); }
std::string_view to_string(DocumentForm form) { return word_of(kForms, form); }
std::string_view to_string(CommandKind kind) { return word_of(kCommandKinds, kind); }

std::optional<CommandKind> command_kind_of(std::string_view word)
{
    for (const auto& [text, kind] : kCommandKinds)
        if (text == word)
            return kind;
    return std::nullopt;
}

std::string encode(const EnrollRequest& message)
{
    return dump_json(
        {{"code", message.code}, {"hostname", message.hostname}, {"agent_version", message.agent_version}});
}

Result<EnrollRequest> decode_enroll_request(std::string_view text)
{
    return decode<EnrollRequest>(text, [](JsonReader& from, EnrollRequest& into, auto&) {
        into.code = from.name("code", 16);
        into.hostname = from.text("hostname", 255);
        into.agent_version = from.text("agent_version", kMaxName);
    });
}

std::string encode(const EnrollResponse& message)
{
    return dump_json(
        {{"agent_id", message.agent_id}, {"token", message.token}, {"cabinet_name", message.cabinet_name}});
}

Result<EnrollResponse> decode_enroll_response(std::string_view text)
{
    return decode<EnrollResponse>(text, [](JsonReader& from, EnrollResponse& into, auto&) {
        into.agent_id = from.name("agent_id", kMaxName);
        into.token = from.name("token", 256);
        into.cabinet_name = from.text("cabinet_name", 255, true);
    });
}

std::string encode(const DocumentsRequest& message)
{
    std::string out = R"({"documents":[)";
    for (const auto& each : message.documents) { // by hand: this is the one message with megabytes in it
        const auto& document = each.document;
        out += out.back() == '[' ? R"({"fn_serial":)" : R"(,{"fn_serial":)";
        out += dump_json(document.fn_serial);
        out += R"(,"fd_number":)" + std::to_string(document.fd_number);
        out += R"(,"type":)" + std::to_string(static_cast<unsigned>(document.type));
        out.append(R"(,"form":")").append(to_string(document.form));
        out += R"(","datetime":")" + to_text(document.datetime);
        out += R"(","fiscal_sign":)" + std::to_string(document.fiscal_sign);
        out += R"(,"ticket_received":)";
        out += document.ticket_received ? "true" : "false";
        out += R"(,"raw":")" + to_base64(document.raw);
        out.append(R"(","source":")").append(to_string(each.source));
        out += R"(","kkt_serial":)" + dump_json(each.kkt_serial);
        out += R"(,"read_at":")" + to_text(each.read_at) + R"("})";
    }
    out += "]}";
    return out;
}

Result<DecodedDocuments> decode_documents_request(std::string_view text)
{
    return decode<DecodedDocuments>(text, [](JsonReader& from, DecodedDocuments& into, auto&) {
        const auto* items = from.array("documents", kMaxDocuments);
        into.documents.reserve(items->size());
        for (std::size_t i = 0; i < items->size(); ++i) {
            std::optional<Error> fault;
            JsonReader reader((*items)[i], element("documents", i), fault);
            DocumentMessage message = read_document(reader);
            if (!fault)
                into.documents.push_back(std::move(message));
            else
                into.bad.push_back(
                    bad_document(static_cast<std::uint32_t>(i), (*items)[i], *std::move(fault)));
        }
    });
}

std::string encode(const DocumentsResponse& message)
{
    json fns = json::array();
    for (const FnAnswer& fn : message.fns) {
        json missing = json::array();
        for (const FdRange& range : fn.missing)
            missing.push_back(json::array({range.from, range.to}));
        json rejected = json::array();
        for (const RejectedDocument& each : fn.rejected)
            rejected.push_back({{"fd_number", each.fd_number}, {"code", each.code}, {"reason", each.reason}});
        fns.push_back({{"fn_serial", fn.fn_serial},
                       {"contiguous_from", fn.contiguous_from},
                       {"contiguous_through", fn.contiguous_through},
                       {"missing", std::move(missing)},
                       {"rejected", std::move(rejected)}});
    }
    json unnamed = json::array();
    for (const UnnamedDocument& each : message.unnamed)
        unnamed.push_back({{"index", each.index}, {"code", each.code}, {"reason", each.reason}});
    return dump_json({{"fns", std::move(fns)}, {"unnamed", std::move(unnamed)}});
}

Result<DocumentsResponse> decode_documents_response(std::string_view text)
{
    return decode<DocumentsResponse>(text, [](JsonReader& from, DocumentsResponse& into, auto& failure) {
        const auto* fns = from.array("fns", kMaxFns);
        for (std::size_t i = 0; i < fns->size() && !failure; ++i) {
            const std::string path = element("fns", i);
            JsonReader reader((*fns)[i], path, failure);
            FnAnswer fn;
            fn.fn_serial = reader.name("fn_serial", 16);
            fn.contiguous_from = reader.u32("contiguous_from");
            fn.contiguous_through = reader.u32("contiguous_through");
            const auto* missing = reader.array("missing", kMaxMissing);
            for (std::size_t k = 0; k < missing->size() && !failure; ++k) {
                const json& range = (*missing)[k];
                const auto is_number = [&](std::size_t at) {
                    return range[at].is_number_unsigned() &&
                           range[at].template get<std::uint64_t>() <= UINT32_MAX;
                };
                if (!range.is_array() || range.size() != 2 || !is_number(0) || !is_number(1) ||
                    range[0] > range[1])
                    reader.complain(element("missing", k).c_str(), "not a range [from, to]");
                else
                    fn.missing.push_back({range[0].get<std::uint32_t>(), range[1].get<std::uint32_t>()});
            }
            const auto* rejected = reader.array("rejected", kMaxDocuments);
            for (std::size_t k = 0; k < rejected->size() && !failure; ++k) {
                JsonReader one((*rejected)[k], path + "." + element("rejected", k), failure);
                const auto fd_number = one.u32("fd_number");
                std::string code = one.name("code", kMaxName);
                fn.rejected.push_back({fd_number, std::move(code), one.text("reason", kMaxText, true)});
            }
            into.fns.push_back(std::move(fn));
        }
        if (!from.has("unnamed"))
            return;
        const auto* unnamed = from.array("unnamed", kMaxDocuments);
        for (std::size_t i = 0; i < unnamed->size() && !failure; ++i) {
            JsonReader one((*unnamed)[i], element("unnamed", i), failure);
            const auto index = static_cast<std::uint32_t>(one.integer("index", 0, kMaxDocuments - 1));
            std::string code = one.name("code", kMaxName);
            into.unnamed.push_back({index, std::move(code), one.text("reason", kMaxText, true)});
        }
    });
}

std::string encode(const StatusRequest& message)
{
    json samples = json::array();
    for (const auto& sample : message.samples)
        samples.push_back(sample_to_json(sample));
    return dump_json({{"samples", std::move(samples)}});
}

Result<StatusRequest> decode_status_request(std::string_view text)
{
    return decode<StatusRequest>(text, [](JsonReader& from, StatusRequest& into, auto& failure) {
        const auto* samples = from.array("samples", kMaxSamples);
        for (std::size_t i = 0; i < samples->size() && !failure; ++i)
            into.samples.push_back(
                read_sample((*samples)[i], element("samples", i), KktSerial::needed, failure));
    });
}

std::string encode(const fiscal::DeviceSample& sample) { return dump_json(sample_to_json(sample)); }

Result<fiscal::DeviceSample> decode_sample(std::string_view text)
{
    const auto root = parse_json(text, kMaxDepth);
    if (!root)
        return pass(root);
    std::optional<Error> failure;
    Result<fiscal::DeviceSample> sample(read_sample(*root, "", KktSerial::may_be_empty, failure));
    if (failure)
        return tl::unexpected<Error>(*std::move(failure));
    return sample;
}

std::string encode(const EventsRequest& message)
{
    json events = json::array();
    for (const EventMessage& event : message.events)
        events.push_back({{"id", event.id},
                          {"at", to_text(event.at)},
                          {"device", {{"kkt_serial", event.kkt_serial}}},
                          {"kind", event.kind},
                          {"severity", to_string(event.severity)},
                          {"text", event.text},
                          {"data", embedded(event.data_json)}});
    return dump_json({{"events", std::move(events)}});
}

Result<EventsRequest> decode_events_request(std::string_view text)
{
    return decode<EventsRequest>(text, [](JsonReader& from, EventsRequest& into, auto& failure) {
        const auto* events = from.array("events", kMaxEvents);
        for (std::size_t i = 0; i < events->size() && !failure; ++i) {
            JsonReader reader((*events)[i], element("events", i), failure);
            EventMessage event;
            event.id = reader.name("id", kMaxName);
            event.at = reader.instant("at");
            if (reader.has("device")) {
                const auto [device, path] = reader.object("device");
                event.kkt_serial = JsonReader(*device, path, failure).optional_name("kkt_serial", kMaxName);
            }
            event.kind = reader.name("kind", kMaxName);
            event.severity = reader.word("severity", kSeverities);
            event.text = reader.text("text", kMaxText, true);
            event.data_json = read_embedded(reader, "data", kMaxData);
            into.events.push_back(std::move(event));
        }
    });
}

std::string encode(const SetAsideDocument& document)
{
    return dump_json({{"fn_serial", document.fn_serial},
                      {"fd_number", std::to_string(document.fd_number)},
                      {"code", document.code}});
}

std::optional<SetAsideDocument> set_aside_of(const EventMessage& event)
{
    const bool conflict = event.kind == "document_conflict";
    if (!conflict && event.kind != "document_set_aside")
        return std::nullopt;
    const json data = embedded(event.data_json);
    std::optional<Error> fault;
    JsonReader from(data, "", fault);
    SetAsideDocument document;
    document.fn_serial = from.name("fn_serial", 16);
    document.code = conflict ? "conflict" : from.name("code", kMaxName);
    const std::string number = from.text("fd_number", 10); // data hold texts only
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), document.fd_number);
    if (fault || error != std::errc() || end != number.data() + number.size() || document.fd_number == 0)
        return std::nullopt;
    return document;
}

std::string encode(const AcceptedResponse& message) { return dump_json({{"accepted", message.accepted}}); }

Result<AcceptedResponse> decode_accepted_response(std::string_view text)
{
    return decode<AcceptedResponse>(
        text, [](JsonReader& from, AcceptedResponse& into, auto&) { into.accepted = from.u32("accepted"); });
}

std::string encode(const CommandsResponse& message)
{
    json commands = json::array();
    for (const Command& command : message.commands)
        commands.push_back({{"id", command.id},
                            {"kind", command.kind},
                            {"kkt_serial", command.kkt_serial},
                            {"args", embedded(command.args_json)},
                            {"expires_at", to_text(command.expires_at)},
                            {"taken", command.taken},
                            {"may_begin", command.may_begin}});
    json out{{"commands", std::move(commands)}};
    if (message.now)
        out["now"] = to_text(*message.now);
    return dump_json(out);
}

Result<CommandsResponse> decode_commands_response(std::string_view text)
{
    return decode<CommandsResponse>(text, [](JsonReader& from, CommandsResponse& into, auto& failure) {
        const auto* commands = from.array("commands", kMaxCommands);
        for (std::size_t i = 0; i < commands->size() && !failure; ++i) {
            JsonReader reader((*commands)[i], element("commands", i), failure);
            Command command;
            command.id = reader.name("id", kMaxName);
            command.kind = reader.name("kind", kMaxName);
            command.kkt_serial = reader.optional_name("kkt_serial", kMaxName);
            command.args_json = read_embedded(reader, "args", kMaxArgsBytes);
            command.expires_at = reader.instant("expires_at");
            command.taken = reader.has("taken") && reader.boolean("taken");
            command.may_begin = !reader.has("may_begin") || reader.boolean("may_begin");
            into.commands.push_back(std::move(command));
        }
        if (from.has("now"))
            into.now = from.instant("now");
    });
}

std::string encode(const CommandResult& message)
{
    json out{{"outcome", to_string(message.outcome)}, {"detail", message.detail}};
    if (!message.code.empty())
        out["code"] = message.code;
    if (message.fd_number)
        out["document"] = {{"fn_serial", message.fn_serial},
                           {"fd_number", *message.fd_number},
                           {"fiscal_sign", message.fiscal_sign}};
    return dump_json(out);
}

Result<CommandResult> decode_command_result(std::string_view text)
{
    return decode<CommandResult>(text, [](JsonReader& from, CommandResult& into, auto& failure) {
        into.outcome = from.word("outcome", kOutcomes);
        into.detail = from.optional_text("detail", kMaxText);
        into.code = from.optional_name("code", kMaxName);
        if (!from.has("document"))
            return;
        const auto [document, path] = from.object("document");
        JsonReader reader(*document, path, failure);
        into.fn_serial = reader.name("fn_serial", 16);
        into.fd_number = static_cast<std::uint32_t>(reader.integer("fd_number", 1, UINT32_MAX));
        into.fiscal_sign = reader.u32("fiscal_sign");
    });
}

std::string encode(const ConfigResponse& message)
{
    return dump_json(
        {{"version", message.version}, {"hash", message.hash}, {"config", embedded(message.config_json)}});
}

Result<ConfigResponse> decode_config_response(std::string_view text)
{
    return decode<ConfigResponse>(text, [](JsonReader& from, ConfigResponse& into, auto&) {
        into.version = from.u32("version");
        into.hash = from.name("hash", 64);
        into.config_json = read_embedded(from, "config", kMaxConfig);
    });
}

} // namespace kb::cabinet_api

#include "protocol/cabinet/command_request.hpp"
#include "protocol/cabinet/messages.hpp"
#include "protocol/core/field_error.hpp"
#include "protocol/fiscal/request_json.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::cabinet_api;

namespace {

/// The message with one piece of its text replaced.
std::string with(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

template <class T>
void check_fails(const Result<T>& result, Errc code, const std::string& field, const std::string& reason)
{
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    const auto [got_field, got_reason] = split_field(result.error());
    CHECK(got_field == field);
    CHECK_THAT(std::string(got_reason), Catch::Contains(reason));
}

} // namespace

TEST_CASE("enrolment goes both ways", "[cabinet_messages]")
{
    const auto request = decode_enroll_request(encode(EnrollRequest{"K7QX29AB", "касса-1", "0.1.0"}));
    REQUIRE(request);
    CHECK(request->code == "K7QX29AB");
    CHECK(request->hostname == "касса-1");
    CHECK(request->agent_version == "0.1.0");
    const auto response = decode_enroll_response(encode(EnrollResponse{"42", "abc_-9", "Кабинет"}));
    REQUIRE(response);
    CHECK(response->agent_id == "42");
    CHECK(response->token == "abc_-9");
    CHECK(response->cabinet_name == "Кабинет");
}

TEST_CASE("a documents batch decodes to what it says", "[cabinet_messages]")
{
    const auto batch = decode_documents_request(test::read_fixture("cabinet/documents_request.json"));
    REQUIRE(batch);
    CHECK(batch->bad.empty());
    REQUIRE(batch->documents.size() == 2);
    const auto& first = batch->documents[0];
    CHECK(first.document.fn_serial == "9999078900001234");
    CHECK(first.document.fd_number == 4);
    CHECK(first.document.type == fiscal::DocumentType::receipt);
    CHECK(first.document.form == fiscal::DocumentForm::full);
    CHECK(to_text(first.document.datetime) == "2024-03-01T10:00:00");
    CHECK(first.document.fiscal_sign == 305419896);
    CHECK(first.document.ticket_received);
    CHECK(to_hex(first.document.raw) == "0300DC00");
    CHECK(first.source == DocumentSource::archive);
    CHECK(first.kkt_serial == "00106900000001");
    CHECK(to_text(first.read_at) == "2024-03-01T07:00:02.250Z");
    const auto& second = batch->documents[1];
    CHECK(second.document.form == fiscal::DocumentForm::short_record);
    CHECK(second.document.fiscal_sign == 4294967295U);
    CHECK(second.source == DocumentSource::print);
}

TEST_CASE("a documents batch encodes to the same that was decoded", "[cabinet_messages]")
{
    const auto batch = decode_documents_request(test::read_fixture("cabinet/documents_request.json"));
    REQUIRE(batch);
    const std::string text = encode(DocumentsRequest{batch->documents});
    const auto again = decode_documents_request(text);
    REQUIRE(again);
    CHECK(again->documents.size() == 2);
    CHECK(encode(DocumentsRequest{again->documents}) == text);
    CHECK(encode(DocumentsRequest{}) == R"({"documents":[]})");
}

TEST_CASE("one poisoned document does not stop the others", "[cabinet_messages]")
{
    const std::string fixture = test::read_fixture("cabinet/documents_request.json");
    const auto [from, to, field] = GENERATE(table<std::string, std::string, std::string>(
        {{R"("AwDcAA==")", R"("AwDcAA=")", "documents[0].raw"},
         {R"("AwDcAA==")", "17", "documents[0].raw"},
         {R"("type":3)", R"("type":8)", "documents[0].type"},
         {R"("type":3)", R"("type":"3")", "documents[0].type"},
         {R"("form":"full")", R"("form":"whole")", "documents[0].form"},
         {"2024-03-01T10:00:00", "2024-02-30T10:00:00", "documents[0].datetime"},
         {"305419896", "4294967296", "documents[0].fiscal_sign"},
         {"305419896", "-1", "documents[0].fiscal_sign"},
         {"305419896", "1.5", "documents[0].fiscal_sign"},
         {R"("ticket_received":true,)", "", "documents[0].ticket_received"},
         {R"("source":"archive")", R"("source":null)", "documents[0].source"},
         {R"("kkt_serial":"00106900000001")", R"("kkt_serial":"001/069")", "documents[0].kkt_serial"},
         {"07:00:02.250Z", "07:00:02.250", "documents[0].read_at"}}));
    CAPTURE(to, field);
    const auto batch = decode_documents_request(with(fixture, from, to));
    REQUIRE(batch);
    CHECK(batch->documents.size() == 1);
    REQUIRE(batch->bad.size() == 1);
    CHECK(batch->bad[0].fn_serial == "9999078900001234");
    CHECK(batch->bad[0].fd_number == 4);
    CHECK(split_field(batch->bad[0].error).field == field);
}

TEST_CASE("a document that does not say whose it is has its place for a name, and stops no other",
          "[cabinet_messages]")
{
    const std::string fixture = test::read_fixture("cabinet/documents_request.json");
    struct Poison {
        std::string from;
        std::string to;
        std::uint32_t index;
        std::string fn_serial;
        std::uint32_t fd_number;
        std::string field;
    };
    const std::string serial = R"("fn_serial":"9999078900001234",)";
    const std::string fn = "9999078900001234";
    const auto poison = GENERATE_COPY(
        Poison{R"("fd_number":5)", R"("fd_number":0)", 1, fn, 0, "documents[1].fd_number"},
        Poison{R"("fd_number":5)", R"("fd_number":"5")", 1, fn, 0, "documents[1].fd_number"},
        Poison{R"("fd_number":5,)", "", 1, fn, 0, "documents[1].fd_number"},
        Poison{R"("fd_number":5)", R"("fd_number":4294967296)", 1, fn, 0, "documents[1].fd_number"},
        Poison{serial, "", 0, "", 4, "documents[0].fn_serial"},
        Poison{serial, R"("fn_serial":"99 99",)", 0, "", 4, "documents[0].fn_serial"},
        Poison{serial, R"("fn_serial":["x"],)", 0, "", 4, "documents[0].fn_serial"});
    CAPTURE(poison.to);
    const auto batch = decode_documents_request(with(fixture, poison.from, poison.to));
    REQUIRE(batch);
    CHECK(batch->documents.size() == 1);
    REQUIRE(batch->bad.size() == 1);
    CHECK(batch->bad[0].index == poison.index);
    CHECK(batch->bad[0].fn_serial == poison.fn_serial);
    CHECK(batch->bad[0].fd_number == poison.fd_number);
    CHECK(batch->bad[0].kkt_serial == "00106900000001");
    CHECK(split_field(batch->bad[0].error).field == poison.field);
}

TEST_CASE("what is no document at all is told by its place", "[cabinet_messages]")
{
    const auto batch = decode_documents_request(R"({"documents":[7,null,{},"x",[[]]]})");
    REQUIRE(batch);
    CHECK(batch->documents.empty());
    REQUIRE(batch->bad.size() == 5);
    for (std::uint32_t i = 0; i < 5; ++i) {
        CHECK(batch->bad[i].index == i);
        CHECK(batch->bad[i].fn_serial.empty());
        CHECK(batch->bad[i].fd_number == 0);
        CHECK(batch->bad[i].error.context.starts_with("documents[" + std::to_string(i) + "]"));
    }
}

TEST_CASE("only a broken envelope refuses the batch whole", "[cabinet_messages]")
{
    check_fails(decode_documents_request(R"({"documents":{}})"), Errc::bad_json, "documents", "not an array");
    check_fails(decode_documents_request("{}"), Errc::bad_json, "documents", "missing");
    check_fails(decode_documents_request("[]"), Errc::bad_json, "", "not an object");
}

TEST_CASE("text that is not JSON is refused with its place", "[cabinet_messages]")
{
    check_fails(decode_documents_request(""), Errc::bad_json, "", "not JSON at byte 1");
    check_fails(decode_documents_request(R"({"documents":[)"), Errc::bad_json, "", "not JSON at byte 15");
    check_fails(decode_documents_request("{\"documents\":\"\xC3\x28\"}"), Errc::bad_json, "", "not JSON");
    check_fails(decode_events_request(std::string(100'000, '[')), Errc::bad_json, "", "nested deeper");
    check_fails(decode_accepted_response(R"({"accepted":1e999})"), Errc::bad_json, "", "out of range");
}

TEST_CASE("a batch over the limit is refused", "[cabinet_messages]")
{
    DocumentsRequest request;
    DocumentMessage document;
    document.document.fn_serial = "1";
    document.document.fd_number = 1;
    request.documents.assign(kMaxDocuments + 1, document);
    check_fails(decode_documents_request(encode(request)), Errc::too_many, "documents", "more than 2000");
}

TEST_CASE("the answer to a batch goes both ways", "[cabinet_messages]")
{
    const DocumentsResponse response{
        {{"9999078900001234", 1, 163, {{165, 170}, {172, 172}}, {{171, "conflict", "other bytes: \"x\""}}}},
        {}};
    const std::string text = encode(response);
    CHECK_THAT(text, Catch::Contains(R"("missing":[[165,170],[172,172]])"));
    const auto back = decode_documents_response(text);
    REQUIRE(back);
    REQUIRE(back->fns.size() == 1);
    CHECK(back->fns[0].fn_serial == "9999078900001234");
    CHECK(back->fns[0].contiguous_from == 1);
    CHECK(back->fns[0].contiguous_through == 163);
    CHECK(back->fns[0].missing == response.fns[0].missing);
    CHECK(back->fns[0].rejected == response.fns[0].rejected);
    CHECK(back->unnamed.empty());
    check_fails(decode_documents_response(with(text, "[165,170]", "[170,165]")), Errc::bad_value,
                "fns[0].missing[0]", "not a range");
    check_fails(decode_documents_response(with(text, "[165,170]", "7")), Errc::bad_value, "fns[0].missing[0]",
                "not a range");
}

TEST_CASE("an answer tells by their place of documents that had no name", "[cabinet_messages]")
{
    const DocumentsResponse response{{}, {{3, "bad_json", "documents[3].fd_number: missing"}}};
    const std::string text = encode(response);
    const auto back = decode_documents_response(text);
    REQUIRE(back);
    CHECK(back->unnamed == response.unnamed);
    CHECK(
        decode_documents_response(R"({"fns":[]})")->unnamed.empty()); // a cabinet from before there were any
    check_fails(decode_documents_response(with(text, R"("index":3)", R"("index":2000)")), Errc::bad_value,
                "unnamed[0].index", "outside 0..1999");
    check_fails(decode_documents_response(R"({"fns":[],"unnamed":{}})"), Errc::bad_json, "unnamed",
                "not an array");
}

TEST_CASE("a device sample goes both ways without loss", "[cabinet_messages]")
{
    const auto request = decode_status_request(test::read_fixture("cabinet/status_request.json"));
    REQUIRE(request);
    REQUIRE(request->samples.size() == 1);
    const auto& sample = request->samples[0];
    CHECK(sample.info.kkt_serial == "00106900000001");
    CHECK(sample.info.model == "ШТРИХ-М-02Ф");
    CHECK(sample.info.firmware_date ==
          std::chrono::year_month_day{std::chrono::year{2023}, std::chrono::June, std::chrono::day{15}});
    CHECK(sample.status.mode == fiscal::DeviceStatus::Mode::shift_open);
    CHECK(sample.shift->shift_number == 12);
    CHECK(sample.fn->last_fd_number == 163);
    CHECK(sample.ofd->first_unsent_fd == 161U);
    CHECK(sample.sd_card->state == fiscal::SdCard::State::missing);
    CHECK(sample.clock_drift_s == 5);
    CHECK(sample.cash_in_drawer == Kopecks(150050));
    CHECK(sample.unread_documents == 2U);
    CHECK_FALSE(sample.status.may_read_records); // an agent of before says nothing of it
    const std::string text = encode(sample);
    const auto again = decode_sample(text);
    REQUIRE(again);
    CHECK(encode(*again) == text);
}

TEST_CASE("what a device did not say stays unsaid", "[cabinet_messages]")
{
    fiscal::DeviceSample sample;
    sample.info.kkt_serial = "1";
    sample.state = "absent";
    const auto back = decode_sample(encode(sample));
    REQUIRE(back);
    CHECK_FALSE(back->shift);
    CHECK_FALSE(back->fn);
    CHECK_FALSE(back->ofd);
    CHECK_FALSE(back->sd_card);
    CHECK_FALSE(back->device_clock);
    CHECK_FALSE(back->cash_in_drawer);
    CHECK_FALSE(back->unread_documents);
    CHECK_FALSE(back->info.firmware_date);
}

TEST_CASE("a register without its number is known on its PC, not in the cabinet", "[cabinet_messages]")
{
    fiscal::DeviceSample sample;
    sample.state = "ready";
    const auto here = decode_sample(encode(sample));
    REQUIRE(here);
    CHECK(here->info.kkt_serial.empty());
    StatusRequest request;
    request.samples = {sample};
    check_fails(decode_status_request(encode(request)), Errc::bad_value, "samples[0].device.kkt_serial",
                "empty");
}

TEST_CASE("a device's warnings go both ways, and words of newer agents are passed over", "[cabinet_messages]")
{
    fiscal::DeviceSample sample;
    sample.info.kkt_serial = "1";
    sample.state = "ready";
    sample.info.warnings = {fiscal::DeviceWarning::ofd_needs_vendor_driver};
    const std::string text = encode(sample);
    CHECK_THAT(text, Catch::Contains(R"("warnings":["ofd_needs_vendor_driver"])"));
    CHECK(decode_sample(text)->info.warnings == sample.info.warnings);
    CHECK(decode_sample(with(text, R"(["ofd_)", R"(["of_tomorrow","ofd_)"))->info.warnings ==
          sample.info.warnings);
    CHECK_FALSE(decode_sample(with(text, R"(["ofd_needs_vendor_driver"])", "[7]")));
}

TEST_CASE("what a device did not tell and what is assumed of it go both ways", "[cabinet_messages]")
{
    fiscal::DeviceSample sample;
    sample.info.kkt_serial = "1";
    sample.state = "ready";
    sample.info.ffd = fiscal::FfdVersion::v1_05;
    sample.info.ffd_assumed = true;
    sample.ofd = fiscal::OfdStatus{};
    sample.ofd->sender = fiscal::OfdSender::host_program;
    const auto back = decode_sample(encode(sample));
    REQUIRE(back);
    CHECK(back->info.ffd_assumed);
    CHECK(back->ofd->sender == fiscal::OfdSender::host_program);
    // An older agent says neither.
    sample.info.ffd_assumed = false;
    sample.ofd->sender = fiscal::OfdSender::unknown;
    const std::string text = encode(sample);
    CHECK(text.find("ffd_assumed") == std::string::npos);
    CHECK(text.find("sender") == std::string::npos);
    CHECK(decode_sample(text)->ofd->sender == fiscal::OfdSender::unknown);
}

TEST_CASE("a wrong sample is refused with the path of the field", "[cabinet_messages]")
{
    const std::string fixture = test::read_fixture("cabinet/status_request.json");
    check_fails(decode_status_request(with(fixture, R"("phase":3)", R"("phase":300)")), Errc::bad_value,
                "samples[0].fn.phase", "outside 0..255");
    check_fails(decode_status_request(with(fixture, R"("paper":"present")", R"("paper":"yes")")),
                Errc::bad_value, "samples[0].status.paper", "not one of: unknown, present, absent");
    check_fails(decode_status_request(with(fixture, "2025-04-15", "2025-4-15")), Errc::bad_value,
                "samples[0].fn.expires_on", "not a date");
    check_fails(
        decode_status_request(with(fixture, R"("device":{"kkt_serial":"00106900000001"})", R"("device":{})")),
        Errc::bad_json, "samples[0].device.kkt_serial", "missing");
}

TEST_CASE("events go both ways and keep their data", "[cabinet_messages]")
{
    EventMessage event;
    event.id = "a1-7";
    event.at = utc_from_text("2024-03-01T07:00:00.500Z").value();
    event.kkt_serial = "00106900000001";
    event.kind = "fn_replaced";
    event.severity = Severity::warning;
    event.text = "ФН заменён";
    event.data_json = R"({"old":"1","new":["2",3]})";
    const auto back = decode_events_request(encode(EventsRequest{{event, event}}));
    REQUIRE(back);
    REQUIRE(back->events.size() == 2);
    CHECK(back->events[1].id == event.id);
    CHECK(back->events[1].at == event.at);
    CHECK(back->events[1].kkt_serial == event.kkt_serial);
    CHECK(back->events[1].kind == event.kind);
    CHECK(back->events[1].severity == event.severity);
    CHECK(back->events[1].text == event.text);
    CHECK(back->events[1].data_json == R"({"new":["2",3],"old":"1"})");
    check_fails(decode_events_request(R"({"events":[{"id":"","at":"2024-03-01T07:00:00Z"}]})"),
                Errc::bad_value, "events[0].id", "empty");
}

TEST_CASE("an event tells which document it is about, or of none", "[cabinet_messages]")
{
    EventMessage event;
    event.kind = "document_set_aside";
    event.data_json = encode(SetAsideDocument{"9999078900001234", 17, "bad_tlv"});
    const auto document = set_aside_of(event);
    REQUIRE(document);
    CHECK(document->fn_serial == "9999078900001234");
    CHECK(document->fd_number == 17);
    CHECK(document->code == "bad_tlv");
    event.kind = "document_conflict";
    event.data_json = R"({"fn_serial":"9999078900001234","fd_number":"17"})";
    CHECK(set_aside_of(event)->code == "conflict");
    event.kind = "fn_replaced";
    CHECK_FALSE(set_aside_of(event));
    event.kind = "document_set_aside";
    for (const char* data : {"{}", R"({"fn_serial":"9999","fd_number":"17"})",
                             R"({"fn_serial":"9999","fd_number":17,"code":"x"})",
                             R"({"fn_serial":"9999","fd_number":"0","code":"x"})",
                             R"({"fn_serial":"9999","fd_number":"17x","code":"x"})",
                             R"({"fn_serial":"9999","fd_number":"4294967296","code":"x"})",
                             R"({"fn_serial":"","fd_number":"17","code":"x"})"}) {
        CAPTURE(data);
        event.data_json = data;
        CHECK_FALSE(set_aside_of(event));
    }
}

TEST_CASE("commands, results and configuration go both ways", "[cabinet_messages]")
{
    const Command command{"c-1", "read_again", "0010", R"({"from":1})",
                          utc_from_text("2024-03-01T07:00:00Z").value()};
    CommandsResponse given;
    given.commands = {command};
    const auto commands = decode_commands_response(encode(given));
    REQUIRE(commands);
    REQUIRE(commands->commands.size() == 1);
    CHECK(commands->commands[0].id == "c-1");
    CHECK(commands->commands[0].args_json == R"({"from":1})");
    CHECK(commands->commands[0].expires_at == command.expires_at);
    CHECK(commands->commands[0].may_begin);
    CHECK_FALSE(commands->commands[0].taken);
    CHECK_FALSE(commands->now);
    CommandResult lost;
    lost.outcome = CommandOutcome::unknown;
    lost.detail = "нет ответа";
    const auto result = decode_command_result(encode(lost));
    REQUIRE(result);
    CHECK(result->outcome == CommandOutcome::unknown);
    CHECK(result->detail == "нет ответа");
    const auto config = decode_config_response(encode(ConfigResponse{3, "ab12", R"({"poll_s":5})"}));
    REQUIRE(config);
    CHECK(config->version == 3);
    CHECK(config->config_json == R"({"poll_s":5})");
    CHECK(decode_accepted_response(encode(AcceptedResponse{17}))->accepted == 17);
}

TEST_CASE("how far a command is, and the document it made, go both ways", "[cabinet_messages]")
{
    CommandsResponse message;
    message.commands.emplace_back();
    message.commands[0].id = "c-2";
    message.commands[0].kind = "print";
    message.commands[0].taken = true;
    message.commands[0].may_begin = false;
    message.now = utc_from_text("2024-03-01T07:00:00Z").value();
    const auto commands = decode_commands_response(encode(message));
    REQUIRE(commands);
    CHECK(commands->commands[0].taken);
    CHECK_FALSE(commands->commands[0].may_begin);
    CHECK(commands->now == message.now);

    CommandResult done;
    done.fn_serial = "9999078900001234";
    done.fd_number = 7;
    done.fiscal_sign = 3735928559;
    const auto result = decode_command_result(encode(done));
    REQUIRE(result);
    CHECK(result->outcome == CommandOutcome::done);
    CHECK(result->code.empty());
    CHECK(result->fn_serial == done.fn_serial);
    CHECK(result->fd_number == 7U);
    CHECK(result->fiscal_sign == 3735928559);
    check_fails(decode_command_result(R"({"outcome":"done","document":{"fn_serial":"1","fd_number":0}})"),
                Errc::bad_value, "document.fd_number", "outside");
    // A cabinet from before there was more to tell, and an agent likewise.
    CHECK(decode_commands_response(
              R"({"commands":[{"id":"c","kind":"k","args":{},"expires_at":"2024-03-01T07:00:00Z"}]})")
              ->commands[0]
              .may_begin);
    CHECK_FALSE(decode_command_result(R"({"outcome":"unknown"})")->fd_number);
}

TEST_CASE("what an agent allows goes with the sample, kinds of newer agents are passed over",
          "[cabinet_messages]")
{
    fiscal::DeviceSample sample;
    sample.state = "ready";
    CHECK(encode(sample).find("cabinet_commands") == std::string::npos);
    sample.cabinet_commands = {"x_report", "dance", "print"};
    const auto back = decode_sample(encode(sample));
    REQUIRE(back);
    CHECK(back->cabinet_commands == std::vector<std::string>{"x_report", "print"});
}

TEST_CASE("a command's arguments become a request to the register", "[cabinet_messages]")
{
    CHECK(request_of(CommandKind::x_report, "{}")->kind == fiscal::RequestKind::x_report);
    CHECK(request_of(CommandKind::close_shift, "{}")->kind == fiscal::RequestKind::shift_close);
    const auto message = request_of(CommandKind::message, message_args("первая\r\n\nтретья"));
    REQUIRE(message);
    CHECK(message->kind == fiscal::RequestKind::text);
    REQUIRE(message->lines.size() == 3);
    CHECK(message->lines[0].text == "первая");
    CHECK(message->lines[1].text.empty());
    CHECK(message->lines[2].text == "третья");
    check_fails(request_of(CommandKind::message, "{}"), Errc::bad_json, "text", "");

    const auto receipt = fiscal::request_from_json(
        R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"12.50","quantity":1,"vat":"none"}]})");
    REQUIRE(receipt);
    CHECK(*request_of(CommandKind::print, print_args(*receipt)) == *receipt);
    check_fails(request_of(CommandKind::print, R"({"request":{"kind":"shift_close"}})"), Errc::bad_value,
                "kind", "only receipts");
    check_fails(request_of(CommandKind::print, "{}"), Errc::bad_json, "request", "");
}

TEST_CASE("text that is not UTF-8 leaves as JSON all the same", "[cabinet_messages]")
{
    const auto back = decode_enroll_request(encode(EnrollRequest{"A", "bad\xFF", "1"}));
    REQUIRE(back);
    CHECK(back->hostname == "bad\xEF\xBF\xBD");
}

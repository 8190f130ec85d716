// Every command and reply in both directions: by default values, and by every fixture row.
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "tests/support/exchange_script.hpp"
#include "tests/unit/shtrih/any_command.hpp"

#include <algorithm>
#include <set>

using namespace kb;
using namespace kb::shtrih;
using kb::test::hex;

namespace {

/// Body of a fixture frame, whichever protocol.
Bytes body_of(const test::Row& row, std::size_t column)
{
    const Bytes frame = hex(row[column]);
    if (frame.empty())
        return {};
    if (row[1] == "v1") {
        v1::FrameDecoder decoder;
        decoder.feed(frame);
        return decoder.next().value().value();
    }
    v2::FrameDecoder decoder;
    decoder.feed(frame);
    return decoder.next().value().value().data;
}

Bytes frame_body(const std::string& id, std::size_t column)
{
    for (const test::Row& row : test::load_rows("shtrih/frames.txt"))
        if (row[0] == id)
            return body_of(row, column);
    throw std::runtime_error("no row " + id);
}

/// Reads the bytes as a request of the command they name and makes them again; false for other commands.
bool request_comes_back(const Bytes& request)
{
    const test::AnyCommand* command = test::find_command(request_code(request).value());
    if (command == nullptr)
        return false;
    CHECK(to_hex(command->request_again(test::ExactBytes(request).view()).value()) == to_hex(request));
    // One byte short or one too many never goes unnoticed where the length is fixed.
    Bytes longer = request;
    longer.push_back('A');
    if (const auto more = command->request_again(test::ExactBytes(longer).view()); more)
        CHECK(to_hex(*more) == to_hex(longer));
    const BytesView shorter = BytesView(request).first(request.size() - 1);
    if (shorter.size() > request_code_size(command->code))
        if (const auto less = command->request_again(test::ExactBytes(shorter).view()); less)
            CHECK(less->size() >= shorter.size());
    return true;
}

/// The same for an answer, which does not always tell its whole code.
bool answer_comes_back(const Bytes& answer, std::uint16_t code)
{
    const test::AnyCommand* command = test::find_command(code);
    if (command == nullptr)
        return false;
    const auto again = command->answer_again(test::ExactBytes(answer).view());
    const std::size_t echo = answer_code_size(code);
    if (!again) {
        REQUIRE(answer.size() == echo + 1);
        CHECK(again.error().device_code == answer[echo]);
        CHECK(to_hex(encode_refusal(code, answer[echo])) == to_hex(answer));
        return true;
    }
    CHECK(to_hex(*again) == to_hex(answer));
    for (std::size_t size = 0; size < answer.size(); ++size) {
        const test::ExactBytes torn(BytesView(answer).first(size));
        if (const auto less = command->answer_again(torn.view()); less)
            CHECK(less->size() + 4 >= size);
    }
    Bytes longer = answer;
    longer.push_back(0);
    CHECK(command->answer_again(test::ExactBytes(longer).view()));
    return true;
}

/// Codes that appear in the fixtures for the frames' sake only.
const std::set<std::uint16_t> kNotOurs = {0xFF3D, 0xFF70};

std::uint16_t answer_code(const Bytes& answer)
{
    if (answer[0] == 0xFF && answer.size() > 2)
        return static_cast<std::uint16_t>(0xFF00 | answer[1]);
    return answer[0];
}

} // namespace

TEST_CASE("every command and its reply come back as they went, with default values", "[shtrih]")
{
    for (const test::AnyCommand& command : test::all_command_types()) {
        INFO(info(static_cast<Command>(command.code)).name);
        const auto request = command.default_request();
        REQUIRE(request);
        CHECK(request_code(*request).value() == command.code);
        CHECK(command.reads_default(*request));
        CHECK(command.request_again(*request).value() == *request);
        const auto answer = command.default_answer();
        REQUIRE(answer);
        CHECK(answers_to(command.code, *answer));
        CHECK(command.answer_again(*answer));
    }
}

TEST_CASE("every known code has exactly one command struct", "[shtrih]")
{
    std::set<std::uint16_t> codes;
    for (const test::AnyCommand& command : test::all_command_types())
        CHECK(codes.insert(command.code).second);
    for (const CommandInfo& known : all_commands())
        CHECK(codes.count(static_cast<std::uint16_t>(known.command)) == 1);
    CHECK(codes.size() == all_commands().size());
}

TEST_CASE("every request and answer of the fixture frames is read and made again", "[shtrih][fixture]")
{
    int requests = 0;
    int answers = 0;
    for (const test::Row& row : test::load_rows("shtrih/frames.txt")) {
        INFO(row[0] << " " << row[3]);
        if (const Bytes request = body_of(row, 4); !request.empty()) {
            CHECK(request_comes_back(request) != (kNotOurs.count(request_code(request).value()) == 1));
            ++requests;
        }
        if (const Bytes answer = body_of(row, 5); !answer.empty()) {
            CHECK(answer_comes_back(answer, answer_code(answer)) !=
                  (kNotOurs.count(answer_code(answer)) == 1));
            ++answers;
        }
    }
    CHECK(requests > 90);
    CHECK(answers > 40);
}

TEST_CASE("every payload of the vendor's unit tests is read and made again", "[shtrih][fixture]")
{
    for (const test::Row& row : test::load_rows("shtrih/payloads.txt")) {
        INFO(row[0] << " " << row[2]);
        const Bytes bytes = hex(row[3]);
        if (row[1] == "request")
            CHECK(request_comes_back(bytes));
        else if (row[1] == "answer")
            CHECK(answer_comes_back(bytes, answer_code(bytes)));
        else if (row[1] == "short")
            CHECK(decode_request<ServiceReboot>(bytes).value() == ServiceReboot{});
        else if (row[1] == "packet") {
            v2::FrameDecoder decoder;
            decoder.feed(bytes);
            CHECK(decoder.next().value());
        }
    }
}

TEST_CASE("identification is read as real devices answer it", "[shtrih][fixture]")
{
    const auto smartpos = decode_reply<DeviceType>(frame_body("R1", 5)).value();
    CHECK(smartpos.name == "ШТРИХ-СМАРТПОС-Ф");
    CHECK(smartpos.model == 45);
    CHECK(smartpos.protocol_version == 2);
    const auto retail = decode_reply<DeviceType>(frame_body("R29", 5)).value();
    CHECK(retail.name == "РИТЕЙЛ-01Ф");
    CHECK(retail.protocol_subversion == 14);
    CHECK(retail.model == 22);

    const auto parameters = decode_reply<ModelParameters>(frame_body("R30", 5)).value();
    CHECK(parameters.flags == 0x00006C200740A05A);
    CHECK_FALSE(parameters.has(model_flag::kProtocolV2));
    CHECK(parameters.has(model_flag::kFn));
    CHECK(parameters.font1_width == 12);
    CHECK(parameters.rnm_digits == 16);
    CHECK(parameters.graphics_lines == 950);
    CHECK(parameters.fn_table == 18);
    CHECK(parameters.ofd_table == 19);
    CHECK_FALSE(parameters.ffd_table);
    const auto core = decode_reply<ModelParameters>(test::row_bytes("shtrih/payloads.txt", "U13", 3)).value();
    CHECK(core.ffd_table == 10);
    CHECK(core.ffd_field == 29);
    CHECK(core.embedded_table == 16);
}

TEST_CASE("both status answers are read as real devices give them", "[shtrih][fixture]")
{
    const auto full = decode_reply<FullStatus>(frame_body("R18", 5)).value();
    CHECK(full.op == 30);
    CHECK(full.version_text() == "C.2");
    CHECK(full.build == 34865);
    CHECK(full.firmware_date == Date{19, 6, 13});
    CHECK(full.document_number == 16);
    CHECK(full.flags == 0x0090);
    CHECK(full.mode == 2);
    CHECK(full.port == 128);
    CHECK(full.fm_version == "NA");
    CHECK(to_text(to_local(full.date, full.time).value()) == "2019-08-02T19:18:56");
    CHECK(full.serial_low == 300008);
    CHECK(full.last_closed_shift == 1);
    CHECK(full.inn == 7734384850);
    CHECK(full.fm_mode == 0);
    CHECK_FALSE(full.serial_high);

    const auto printing = decode_reply<ShortStatus>(frame_body("R33", 5)).value();
    CHECK(printing.mode == 8);
    CHECK(printing.submode == 5);
    CHECK(printing.operations == 2);
    CHECK(printing.last_print_result == 5);
    const auto idle = decode_reply<ShortStatus>(frame_body("R28", 5)).value();
    CHECK(idle.reserved == hex("4A 8E 08"));
    CHECK_FALSE(idle.last_print_result);
}

TEST_CASE("full status comes in 48, 50 and 52 bytes", "[shtrih]")
{
    FullStatusReply reply;
    CHECK(encode_reply<FullStatus>(reply)->size() == 48);
    reply.fm_flags_high = 1;
    reply.fm_mode = 2;
    CHECK(encode_reply<FullStatus>(reply)->size() == 50);
    reply.serial_high = 3;
    const auto longest = encode_reply<FullStatus>(reply).value();
    CHECK(longest.size() == 52);
    CHECK(decode_reply<FullStatus>(longest).value() == reply);
}

TEST_CASE("tables are read as real devices answer", "[shtrih][fixture]")
{
    const auto table = decode_reply<TableStructure>(frame_body("R3", 5)).value();
    CHECK(table.name == "СЛУЖЕБНАЯ");
    CHECK(table.rows == 1);
    CHECK(table.fields == 50);
    const auto field = decode_reply<FieldStructure>(frame_body("R4", 5)).value();
    CHECK(field.name == "1209: ФФД, 0NA - 1.0, 2 - 1.05, 4 - 1.2");
    CHECK(field.type == FieldStructureReply::Type::number);
    CHECK(field.max == 4);
    CHECK(decode_reply<ReadTable>(frame_body("R5", 5))->as_number().value() == 4);
    CHECK(TableValueReply{hex("CA C0 D1 D1 C8 D0 20 31 00 00")}.as_text() == "КАССИР 1");
    CHECK_FALSE(TableValueReply{}.as_number());
    CHECK_FALSE(TableValueReply{Bytes(9, 1)}.as_number());
}

TEST_CASE("the structure of a text field ends after its size", "[shtrih]")
{
    const FieldStructureReply text{"Сервер", FieldStructureReply::Type::text, 64, 0, 0};
    const auto answer = encode_reply<FieldStructure>(text).value();
    CHECK(answer.size() == 2 + 40 + 2);
    CHECK(decode_reply<FieldStructure>(answer).value() == text);
}

TEST_CASE("the drive's state, expiry and archive are read as real devices answer", "[shtrih][fixture]")
{
    const auto status = decode_reply<FnStatus>(frame_body("C44", 5)).value();
    CHECK(status.phase == 3);
    CHECK(status.shift_open == 1);
    CHECK(status.fn_serial == "9999078900002270");
    CHECK(status.last_fd_number == 163);
    CHECK(to_text(status.last_document_at.to_local().value()) == "2026-03-25T14:05:00");

    const auto expiry = decode_reply<FnExpiry>(frame_body("R6", 5)).value();
    CHECK(expiry.expires_on == Date{24, 2, 1});
    CHECK(expiry.registrations_left == 29);

    const auto receipt = decode_reply<FindDocument>(test::row_bytes("shtrih/payloads.txt", "U3", 3)).value();
    CHECK(receipt.type == 3);
    CHECK(receipt.fd_number == 163);
    CHECK(receipt.fiscal_sign == 776727275);
    CHECK(std::get<ArchiveRecordReply::Receipt>(receipt.details).sum == Kopecks(20000));
    const auto shift = decode_reply<FindDocument>(test::row_bytes("shtrih/payloads.txt", "U4", 3)).value();
    CHECK(std::get<ArchiveRecordReply::Shift>(shift.details).number == 1);
    CHECK(to_text(shift.at.to_local().value()) == "2017-07-06T02:53:00");

    CHECK(decode_reply<UnsentCount>(frame_body("R31", 5))->count == 133);
    CHECK(decode_reply<UnsentCount>(hex("FF 3F 00 85 00 01 00"))->count == 0x10085);
    CHECK(decode_reply<CloseReceipt>(frame_body("R9", 5))->document.fiscal_sign == 0xFF3560F3);
    const auto ofd = decode_reply<OfdStatus>(frame_body("C65", 5)).value();
    CHECK(ofd.messages == 4);
    CHECK(ofd.first_fd_number == 160);
    CHECK(ofd.has(ofd_flag::kMessageReady));
    CHECK_FALSE(ofd.has(ofd_flag::kConnected));
}

TEST_CASE("the result of the fiscalisation is read in all its lengths", "[shtrih]")
{
    FiscalisationReply reply;
    reply.at = {{21, 5, 4}, 3, 2};
    reply.inn = "7707083893";
    reply.kkt_reg_number = "0000000001000000";
    reply.tax_systems = 1;
    reply.work_modes = 8;
    reply.fd_number = 1;
    reply.fiscal_sign = 0x12345678;
    const auto size_of = [&] {
        const Bytes answer = encode_reply<FiscalisationResult>(reply).value();
        CHECK(decode_reply<FiscalisationResult>(answer).value() == reply);
        return answer.size() - 3;
    };
    CHECK(size_of() == 47);
    reply.first_at = reply.at;
    CHECK(size_of() == 52);
    reply.extended_modes = 16;
    CHECK(size_of() == 53);
    reply.first_at.reset();
    CHECK(size_of() == 48);
    reply.ofd_inn = "7704211201";
    reply.reasons = 64;
    CHECK(size_of() == 64);
    reply.first_at = reply.at;
    CHECK(size_of() == 69);
}

TEST_CASE("archive records of every type come back as they went", "[shtrih]")
{
    using R = ArchiveRecordReply;
    const FnTime at{{24, 3, 1}, 9, 15};
    const R::Registration registration{"7707083893", "0000000001000000", 1, 0, {}};
    R::Registration again = registration;
    again.reason = 2;
    const std::vector<R> records = {{1, 1, at, 1, 11, registration},
                                    {11, 0, at, 2, 12, again},
                                    {2, 0, at, 3, 13, R::Shift{7}},
                                    {5, 0, at, 4, 14, R::Shift{7}},
                                    {6, 0, at, 5, 15, R::Shift{8}},
                                    {3, 1, at, 6, 16, R::Receipt{1, Kopecks(20000)}},
                                    {41, 1, at, 7, 17, R::Receipt{4, Kopecks(1)}},
                                    {21, 0, at, 8, 18, R::StateReport{2, {24, 2, 1}}},
                                    {99, 0, at, 9, 19, {}}};
    for (const R& record : records)
        CHECK(decode_reply<FindDocument>(encode_reply<FindDocument>(record).value()).value() == record);
    const auto four =
        decode_reply<FindDocument>(hex("FF 0A 00 03 00 11 03 18 14 35 A3 00 00 00 EB EA 4B 2E 01"
                                       "20 4E 00 00"));
    CHECK(std::get<R::Receipt>(four->details).sum == Kopecks(20000));
}

TEST_CASE("a sale's item and its end are made as the vendor's layouts say", "[shtrih][fixture]")
{
    Operation milk;
    milk.quantity = Quantity::units(2);
    milk.price = Kopecks(10000);
    milk.vat_code = 0xCB;
    milk.name = "Молоко";
    CHECK(encode_request(milk).value() == frame_body("C77", 4));
    CloseReceipt close;
    close.payments[0] = Kopecks(20000);
    CHECK(encode_request(close).value() == frame_body("C79", 4));
    Correction correction;
    correction.total = correction.payments[0] = Kopecks(12000);
    correction.taxes[0] = Kopecks(2164);
    CHECK(encode_request(correction).value() == frame_body("C89", 4));
    PrintString text;
    text.text = "TEST";
    CHECK(encode_request(text).value() == frame_body("C10", 4));
    ReadCashRegister extended;
    extended.number = 4144;
    CHECK(encode_request(extended).value() == frame_body("C13", 4));
    CHECK(encode_request(ErrorText{}).value() == frame_body("R32", 4));
    CHECK(encode_request(ErrorText{0x4F, true}).value() == hex("6B 4F 00 00 00"));
}

TEST_CASE("a value that does not fit its field is refused before anything is sent", "[shtrih]")
{
    Operation item;
    item.price = Kopecks(std::int64_t{1} << 40);
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.price = Kopecks(-1);
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.price = Kopecks(1);
    item.amount = Kopecks(0xFFFFFFFFFF);
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.amount.reset();
    item.quantity = Quantity::from_millionths(std::int64_t{1} << 48);
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.quantity = Quantity::from_millionths(-1);
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.quantity = Quantity::units(1);
    item.name = std::string(129, 'x');
    CHECK(encode_request(item).error().code == Errc::bad_length);
    item.name = "漢字";
    CHECK(encode_request(item).error().code == Errc::not_representable);
    item.name = "\xFF";
    CHECK(encode_request(item).error().code == Errc::bad_encoding);
    PrintString text;
    text.text = std::string(41, 'x');
    CHECK(encode_request(text).error().code == Errc::bad_length);
    CHECK(encode_request(WriteOfdBlock{30, 0, Bytes(256, 0)}).error().code == Errc::bad_length);
}

TEST_CASE("totals are read in both lengths", "[shtrih]")
{
    for (const std::size_t count : {4U, 16U}) {
        const TotalsReply totals{std::vector<Kopecks>(count, Kopecks(123456789012))};
        const auto answer = encode_reply<ServiceTotals>(totals).value();
        CHECK(answer.size() == 2 + count * 8);
        CHECK(decode_reply<ServiceTotals>(answer).value() == totals);
    }
    CHECK(decode_reply<ServiceTotals>(Bytes{0xFE, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF}).error().code ==
          Errc::not_representable);
}

TEST_CASE("days and times that do not exist are told apart from those that do", "[shtrih]")
{
    CHECK_FALSE(FnTime{}.to_local());
    CHECK_FALSE(Date{}.to_day());
    CHECK_FALSE(Date({24, 2, 30}).to_day());
    CHECK_FALSE(FnTime({{24, 2, 28}, 24, 0}).to_local());
    const auto time = local_from_text("2026-03-25T14:05:07").value();
    CHECK(to_text(FnTime::from_local(time).to_local().value()) == "2026-03-25T14:05:00");
    CHECK(to_text(to_local(FnTime::from_local(time).date, time_of_day(time)).value()) ==
          "2026-03-25T14:05:07");
}

// Every command and reply in both directions: by default values, and by every fixture row.
#include "protocol/atol/bcd.hpp"
#include "protocol/atol/codec.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/atol/registers.hpp"
#include "protocol/atol/text.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "tests/support/exchange_script.hpp"

#include <algorithm>
#include <set>

using namespace kb;
using namespace kb::atol;
using kb::test::hex;

namespace {

const Dialect kUsual;

// The checks below are templates over some fifty commands: they tell what is wrong as a text, so that one
// CHECK outside is enough and the file compiles in bearable time.

template <class C>
std::string default_comes_back()
{
    const C command{};
    const auto request = encode_request(command, kUsual);
    if (!request)
        return "request: " + request.error().message();
    if (request_code(*request).value() != static_cast<std::uint16_t>(C::kCommand))
        return "code of " + to_hex(*request);
    const auto read = decode_request<C>(test::ExactBytes(*request).view(), kUsual);
    if (!read || !(*read == command))
        return "request " + to_hex(*request) + " does not come back";
    const typename C::Reply reply{};
    const auto answer = encode_reply<C>(reply, kUsual);
    if (!answer)
        return "reply: " + answer.error().message();
    if (!answers_to(static_cast<std::uint16_t>(C::kCommand), *answer) && answer->size() != 2)
        return "head of " + to_hex(*answer);
    return "";
}

template <class C>
std::string request_comes_back(const Bytes& request)
{
    const auto command = decode_request<C>(test::ExactBytes(request).view(), kUsual);
    if (!command)
        return command.error().message();
    const auto again = encode_request(*command, kUsual);
    if (!again || *again != request)
        return "made again: " + (again ? to_hex(*again) : again.error().message());
    // One byte short or one too many never goes unnoticed where the length is fixed.
    for (const bool longer : {true, false}) {
        Bytes other = request;
        if (longer)
            other.push_back('A');
        else
            other.pop_back();
        if (other.size() < kPasswordSize + request_code_size(static_cast<std::uint16_t>(C::kCommand)))
            continue;
        const auto more = decode_request<C>(test::ExactBytes(other).view(), kUsual);
        if (!more)
            continue;
        const auto back = encode_request(*more, kUsual);
        if (!back || *back != other)
            return std::string(longer ? "one byte more" : "one byte less") + " is taken and changed";
    }
    return "";
}

template <class C>
std::string answer_comes_back(const Bytes& answer)
{
    const auto reply = decode_reply<C>(test::ExactBytes(answer).view(), kUsual);
    if (!reply)
        return reply.error().message();
    const auto again = encode_reply<C>(*reply, kUsual);
    if (!again || *again != answer)
        return "made again: " + (again ? to_hex(*again) : again.error().message());
    for (std::size_t size = 0; size < answer.size(); ++size) {
        const test::ExactBytes torn(BytesView(answer).first(size));
        const auto less = decode_reply<C>(torn.view(), kUsual);
        if (less && encode_reply<C>(*less, kUsual).value() != Bytes(torn.view().begin(), torn.view().end()))
            return "torn to " + std::to_string(size) + " bytes it is taken and changed";
    }
    return "";
}

template <class... C, class F>
void for_each_command(CommandList<C...>, F visit)
{
    (visit.template operator()<C>(static_cast<std::uint16_t>(C::kCommand)), ...);
}

/// The application's part of a fixture's data; empty for packets to the buffer itself.
Bytes request_of(const test::Row& row)
{
    Bytes data = hex(row[5]);
    if (row[1] == "v2")
        return data;
    if (data.size() > 3 && data[0] == 0xC1)
        return Bytes(data.begin() + 3, data.end());
    return {};
}

Bytes answer_of(const std::string& vector)
{
    for (const test::Row& row : test::load_rows("atol/frames.txt")) {
        if (row[0] != vector)
            continue;
        const Bytes data = hex(row[5]);
        const std::size_t head = row[1] == "v2" ? 0 : data[0] == 0xA6 || data[0] == 0xA7 ? 2 : 1;
        return Bytes(data.begin() + static_cast<std::ptrdiff_t>(head), data.end());
    }
    throw std::runtime_error("no vector " + vector);
}

Bytes payload(const std::string& id) { return test::row_bytes("atol/payloads.txt", id, 4); }

/// Commands that appear in the vectors for the frames' sake only.
const std::set<std::uint16_t> kNotOurs = {0x8F};

} // namespace

TEST_CASE("every command and its reply come back as they went, with default values", "[atol]")
{
    for_each_command(AllCommands{}, []<class C>(std::uint16_t code) {
        const std::string wrong = default_comes_back<C>();
        INFO(name_of(code));
        CHECK(wrong.empty());
    });
}

TEST_CASE("every request of the fixtures is read as its command and made again byte for byte",
          "[atol][fixture]")
{
    std::vector<Bytes> requests;
    for (const test::Row& row : test::load_rows("atol/frames.txt"))
        if (row[3] == "host" && !request_of(row).empty())
            requests.push_back(request_of(row));
    for (const test::Row& row : test::load_rows("atol/payloads.txt"))
        if (row[1] == "request")
            requests.push_back(hex(row[4]));
    REQUIRE(requests.size() > 55);
    for (const Bytes& request : requests) {
        const std::uint16_t asked = request_code(request).value();
        bool known = kNotOurs.count(asked) != 0;
        for_each_command(AllCommands{}, [&]<class C>(std::uint16_t code) {
            if (code != asked)
                return;
            known = true;
            const std::string wrong = request_comes_back<C>(request);
            INFO(to_hex(request) << ": " << wrong);
            CHECK(wrong.empty());
        });
        INFO(to_hex(request));
        CHECK(known);
    }
}

TEST_CASE("every answer of the payloads is read and made again byte for byte", "[atol][fixture]")
{
    for (const test::Row& row : test::load_rows("atol/payloads.txt")) {
        if (row[1] != "answer")
            continue;
        const Bytes number = hex(row[2]);
        const std::uint16_t asked =
            static_cast<std::uint16_t>(number.size() == 2 ? number[0] << 8 | number[1] : number[0]);
        bool known = false;
        for_each_command(AllCommands{}, [&]<class C>(std::uint16_t code) {
            if (code != asked)
                return;
            known = true;
            const std::string wrong = answer_comes_back<C>(hex(row[4]));
            INFO(row[0] << ": " << wrong);
            CHECK(wrong.empty());
        });
        CHECK(known);
    }
}

TEST_CASE("numbers are BCD with the highest digits first", "[atol][fixture]")
{
    for (const test::Row& row : test::load_rows("atol/primitives.txt")) {
        INFO(row[0]);
        if (row[2] == "bcd") {
            const std::uint64_t value = std::stoull(row[3]);
            CHECK(to_bcd(value, std::stoull(row[4])).value() == hex(row[5]));
            CHECK(from_bcd(hex(row[5])) == value);
        } else if (row[2] == "text") {
            CHECK(to_wire(row[3]).value() == hex(row[5]));
            CHECK(from_wire(hex(row[5])) == row[3]);
        } else {
            CHECK(Bytes{v3::crc8(hex(row[3]))} == hex(row[5]));
        }
    }
    CHECK(to_bcd(100, 1).error().code == Errc::not_representable);
    CHECK_FALSE(from_bcd(hex("1A")));
    CHECK_FALSE(from_bcd(hex("A1")));
}

TEST_CASE("the register's page has its own places for a few signs", "[atol]")
{
    const std::string text = "№ 5 = 3 € и $1 д’Артаньян ё Ё ■";
    const auto wire = to_wire(text);
    REQUIRE(wire);
    CHECK(from_wire(*wire) == text);
    CHECK(to_wire("№").value() == hex("24"));
    CHECK(to_wire("$").value() == hex("FC"));
    CHECK(to_wire("€").value() == hex("F2"));
    CHECK(to_wire("'").value() == hex("27"));
    CHECK(to_wire("■").value() == hex("FF"));
    CHECK(to_wire("ї").value() == hex("F5"));
    CHECK(to_wire("漢").error().code == Errc::not_representable);
    CHECK(to_wire("\xFF").error().code == Errc::bad_encoding);
    for (unsigned byte = 0; byte < 256; ++byte)
        CHECK_FALSE(from_wire(Bytes{static_cast<std::uint8_t>(byte)}).empty());
}

TEST_CASE("the full status says what it says", "[atol][fixture]")
{
    const auto status = decode_reply<FullStatus>(answer_of("3"), kUsual);
    REQUIRE(status);
    CHECK(status->cashier == 1);
    CHECK(status->hall_number == 1);
    CHECK(status->date == Date{25, 12, 31});
    CHECK(status->time == TimeOfDay{14, 25, 30});
    CHECK(status->flags == 0x43);
    CHECK(to_hex(status->serial) == "00106123");
    CHECK(status->model == 61);
    CHECK(status->version == "50");
    CHECK(status->mode == 1);
    CHECK(to_hex(status->receipt_number) == "0012");
    CHECK(to_hex(status->closed_shift) == "0003");
    CHECK(status->receipt_state == 0);
    CHECK(status->sum == Kopecks(0));
    CHECK(status->decimals == std::uint8_t{2});
    CHECK(status->port == std::uint8_t{4});

    Bytes older = answer_of("3");
    older.resize(28);
    const auto short_one = decode_reply<FullStatus>(older, kUsual);
    REQUIRE(short_one);
    CHECK_FALSE(short_one->port);
    older.resize(27);
    CHECK(decode_reply<FullStatus>(older, kUsual).error().code == Errc::bad_length);
    Bytes no_digit = answer_of("3");
    no_digit[3] = 0x2A;
    CHECK(decode_reply<FullStatus>(no_digit, kUsual).error().code == Errc::bad_value);
}

TEST_CASE("short answers say what they say", "[atol][fixture]")
{
    const auto state = decode_reply<StateCode>(answer_of("5"), kUsual);
    REQUIRE(state);
    CHECK(state->mode == 1);
    CHECK(state->has(state_flag::kNoPaper));
    CHECK(decode_reply<StateCode>(answer_of("6"), kUsual)->mode == 0x23);
    CHECK(decode_reply<CashInDrawer>(answer_of("20e.2"), kUsual)->sum == Kopecks(123456));
    CHECK(decode_reply<LeaveMode>(answer_of("9"), kUsual));
    const auto paid = decode_reply<Payment>(answer_of("19"), kUsual);
    REQUIRE(paid);
    CHECK(paid->remainder == Kopecks(0));
    CHECK(paid->change == Kopecks(0));
    for (const char* id : {"D1a", "D1b"}) {
        const auto version = decode_reply<FirmwareVersion>(payload(id), kUsual);
        REQUIRE(version);
        CHECK(version->build == 5652);
        CHECK(to_hex(version->version) == "030002");
    }
    const auto type = decode_reply<DeviceType>(payload("D29a"), kUsual);
    REQUIRE(type);
    CHECK(type->model == 61);
    CHECK(type->name == "АТОЛ 30Ф");
}

TEST_CASE("answers of the drive say what they say", "[atol][fixture]")
{
    const auto fn = decode_reply<FnStatus>(answer_of("43"), kUsual);
    REQUIRE(fn);
    CHECK(fn->phase == 3);
    CHECK(fn->shift_open == 1);
    CHECK(to_text(fn->last_document_at.to_local().value()) == "2025-12-31T14:25:00");
    CHECK(fn->fn_serial == "9960440300000001");
    CHECK(fn->last_fd_number == 137);

    const auto ofd = decode_reply<FnExchange>(answer_of("44"), kUsual);
    REQUIRE(ofd);
    CHECK(ofd->unsent == 2);
    CHECK(ofd->first_fd_number == 136);
    CHECK(ofd->has(exchange_flag::kHasMessages));
    CHECK_FALSE(ofd->has(exchange_flag::kWaitsForTicket));

    const auto shift = decode_reply<FnShift>(answer_of("45"), kUsual);
    REQUIRE(shift);
    CHECK(shift->open == 1);
    CHECK(shift->shift_number == 4);
    CHECK(shift->receipt_number == 12);

    CHECK(decode_reply<FnReadDocument>(answer_of("48"), kUsual)->value == hex("FC 03 02 00 08 07"));
    const auto end = decode_reply<FnReadDocument>(answer_of("49"), kUsual);
    REQUIRE_FALSE(end);
    CHECK(end.error().code == Errc::no_data);
    CHECK(end.error().device_code == kNoData);

    const auto expiry = decode_reply<FnExpiry>(payload("D22a"), kUsual);
    REQUIRE(expiry);
    CHECK(expiry->expires_on.to_day() == std::chrono::year(2027) / 3 / 15);
    const auto version = decode_reply<FnVersion>(payload("D23a"), kUsual);
    REQUIRE(version);
    CHECK(version->version == "fn_v_1_2");

    const auto registration = decode_reply<FnRegistration>(payload("D25a"), kUsual);
    REQUIRE(registration);
    CHECK(registration->inn == "7707000008");
    CHECK(registration->kkt_reg_number == "0000000001037562");
    CHECK(registration->tax_systems == 1);
    CHECK(registration->fd_number() == 1U);

    const auto record = decode_reply<FnFindDocument>(payload("D24a"), kUsual);
    REQUIRE(record);
    const auto document = fiscal::read_short_record(record->value);
    REQUIRE(document);
    CHECK(document->fd_number == 137);
    CHECK(document->total == Kopecks(1800));

    const auto opened = decode_reply<FnOpenDocument>(payload("D26a"), kUsual);
    REQUIRE(opened);
    CHECK(opened->type == std::uint16_t{3});
    CHECK(opened->length == std::uint16_t{9});
    CHECK_FALSE(decode_reply<FnOpenDocument>(payload("D26b"), kUsual)->type);
}

TEST_CASE("registers say what they say", "[atol][fixture]")
{
    const auto value = [](const Bytes& answer) {
        return decode_reply<ReadRegister>(answer, kUsual).value().value;
    };
    const auto shift = read_shift_register(value(answer_of("50")));
    REQUIRE(shift);
    CHECK(shift->state == ShiftRegister::State::open);
    CHECK(to_text(shift->moment.value()) == "2026-01-01T14:25:30");
    CHECK(read_shift_register(hex("02"))->state == ShiftRegister::State::over_24h);
    CHECK_FALSE(read_shift_register(hex("00 00 00 00 00 00 00"))->moment);
    CHECK(read_shift_register(hex("03")).error().code == Errc::bad_value);
    CHECK(read_shift_register({}).error().code == Errc::bad_length);

    CHECK(read_number(value(answer_of("51")), "cash").value() == 123456);
    CHECK(read_number(hex("1F"), "cash").error().code == Errc::bad_value);

    const auto numbers = read_receipt_and_shift(value(payload("D27a")));
    REQUIRE(numbers);
    CHECK(numbers->receipt_number == 12);
    CHECK(numbers->shift_number == 4);

    CHECK(read_serial(hex("00 10 61 23 45 67 89")).value() == "00106123456789");
    CHECK(read_serial(hex("FF FF FF FF")).error().code == Errc::bad_value);
    CHECK(read_ffd(hex("02 02")).value() == fiscal::FfdVersion::v1_05);
    CHECK(read_ffd(hex("04 04")).value() == fiscal::FfdVersion::v1_2);
    CHECK(read_ffd(hex("09")).value() == fiscal::FfdVersion::unknown);
    CHECK(read_line_width(hex("30 00")).value() == 48);
    const auto extended = read_extended_error(hex("00 E8 02 07 00 00 00 00"));
    REQUIRE(extended);
    CHECK(extended->command == 0xE8);
    CHECK(extended->error == 0x0207);
}

TEST_CASE("values that do not fit their fields are told before the line is touched", "[atol]")
{
    CashIn too_much;
    too_much.sum = Kopecks(10'000'000'000);
    CHECK(encode_request(too_much, kUsual).error().code == Errc::not_representable);
    EndItem fine_part;
    fine_part.quantity = Quantity::from_millionths(500);
    CHECK(encode_request(fine_part, kUsual).error().code == Errc::not_representable);
    EndItem negative;
    negative.price = Kopecks(-1);
    CHECK(encode_request(negative, kUsual).error().code == Errc::not_representable);
    EndItem long_name;
    for (int i = 0; i < 129; ++i)
        long_name.name += "Ы";
    CHECK(encode_request(long_name, kUsual).error().code == Errc::bad_length);
    PrintLine foreign;
    foreign.text = "漢";
    CHECK(encode_request(foreign, kUsual).error().code == Errc::not_representable);
    Dialect bad;
    bad.access_password = 12345;
    CHECK(encode_request(FullStatus{}, bad).error().code == Errc::not_representable);
}

TEST_CASE("an item's name loses the zeros that some programs pad it with", "[atol]")
{
    Bytes padded = encode_request(EndItem{}, kUsual).value();
    padded.insert(padded.end(), {0x8A, 0xAE, 0x00, 0x00});
    CHECK(decode_request<EndItem>(padded, kUsual)->name == "Ко");
}

TEST_CASE("what the documents leave open follows the dialect", "[atol]")
{
    Dialect other;
    other.access_password = 1111;
    CHECK(encode_request(FullStatus{}, other).value() == hex("11 11 3F"));

    OpenReceipt silent;
    silent.print = false;
    CHECK(encode_request(silent, kUsual).value() == hex("00 00 92 04 01"));
    Dialect two;
    two.no_print_flag = 2;
    CHECK(encode_request(silent, two).value() == hex("00 00 92 02 01"));

    ReceiptTax tax;
    tax.sum = Kopecks(300);
    Dialect five;
    five.tax_sum_bytes = 5;
    CHECK(encode_request(tax, five).value() == hex("00 00 B8 00 00 01 00 00 00 03 00"));

    EndItem item;
    item.item_kind = 15;
    item.payment_method = 7;
    Dialect bcd;
    bcd.item_codes = NumberForm::bcd;
    const Bytes binary_item = encode_request(item, kUsual).value();
    const Bytes bcd_item = encode_request(item, bcd).value();
    CHECK(binary_item[3 + 29] == 15);
    CHECK(bcd_item[3 + 29] == 0x15);
    CHECK(bcd_item[3 + 30] == 7);

    Dialect four;
    four.partial_cut = 4;
    CHECK(encode_request(Cut{}, kUsual).value() == hex("00 00 75 01"));
    CHECK(encode_request(Cut{}, four).value() == hex("00 00 75 04"));

    Dialect fn;
    fn.fn_numbers = NumberForm::bcd;
    CHECK(decode_reply<FnShift>(hex("55 00 01 00 04 00 12"), fn)->receipt_number == 12);

    CHECK(requisite_text("№", kUsual).value() == hex("FC"));
    Dialect wire;
    wire.requisite_text = RequisiteText::wire;
    CHECK(requisite_text("№", wire).value() == hex("24"));
}

TEST_CASE("a long requisite goes in blocks that fit a frame", "[atol]")
{
    const auto one = requisite_blocks(hex("F0 03 06 00 61 40 62 2E 72 75"), true);
    REQUIRE(one);
    REQUIRE(one->size() == 1);
    CHECK(encode_request(one->front(), kUsual).value() ==
          hex("00 00 E8 01 01 00 F0 03 06 00 61 40 62 2E 72 75"));

    const auto many = requisite_blocks(Bytes(450, 0x41), false);
    REQUIRE(many);
    REQUIRE(many->size() == 3);
    Bytes joined;
    for (std::size_t at = 0; at < many->size(); ++at) {
        const WriteRequisite& block = (*many)[at];
        CHECK(block.blocks == 3);
        CHECK(block.block == at);
        CHECK(encode_request(block, kUsual).value().size() <= 250);
        joined.insert(joined.end(), block.data.begin(), block.data.end());
    }
    CHECK(joined == Bytes(450, 0x41));
    CHECK(requisite_blocks(Bytes(60'000, 0), false).error().code == Errc::too_many);
}

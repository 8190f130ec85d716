// Recordings of an ATOL line: whose answer is whose, and what is left of both.
#include "protocol/atol/codec.hpp"
#include "protocol/atol/exchange_v3.hpp"
#include "protocol/atol/frame_v2.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/atol/registers.hpp"
#include "protocol/atol/traffic.hpp"
#include "protocol/fiscal/masking.hpp"
#include "protocol/fiscal/tlv.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::atol;
using kb::test::hex;

namespace {

constexpr std::uint16_t kAccess = 1234;

Dialect with_password()
{
    Dialect dialect;
    dialect.access_password = kAccess;
    return dialect;
}

template <class C>
Bytes request(const C& command, const Dialect& dialect = with_password())
{
    const auto bytes = encode_request(command, dialect);
    REQUIRE(bytes);
    return *bytes;
}

template <class C>
Bytes reply(const typename C::Reply& answer)
{
    const auto bytes = encode_reply<C>(answer, Dialect{});
    REQUIRE(bytes);
    return *bytes;
}

/// A conversation over v2 with all its control bytes.
class Talk {
public:
    Talk& ask(const Bytes& data)
    {
        return line(true, hex("05")).line(false, hex("06")).line(true, v2::encode_frame(data));
    }
    Talk& taken() { return line(false, hex("06")).line(true, hex("04")); }
    Talk& answer(const Bytes& data)
    {
        line(false, hex("05")).line(true, hex("06")).line(false, v2::encode_frame(data));
        return line(true, hex("06")).line(false, hex("04"));
    }
    Talk& line(bool from_host, const Bytes& bytes)
    {
        file_.lines.push_back({from_host, bytes, ""});
        return *this;
    }
    [[nodiscard]] const ExchangeFile& file() const { return file_; }
    [[nodiscard]] std::vector<std::string> masked() const
    {
        std::vector<std::string> bodies;
        for (const TrafficItem& item : read_traffic(mask_traffic(file_)))
            if (item.kind == TrafficItem::Kind::frame)
                bodies.push_back(to_hex(item.body));
        return bodies;
    }

private:
    ExchangeFile file_;
};

/// The inner TLVs of a receipt: FD number, cashier, total.
Bytes a_document()
{
    namespace tag = fiscal::tag;
    fiscal::TlvWriter w{tag::receipt};
    w.number(tag::fd_number, 7).text(tag::cashier, "Кассирова").money(tag::total, Kopecks{12345});
    const auto full = w.take();
    REQUIRE(full);
    return Bytes(full->begin() + 4, full->end());
}

Bytes masked_document()
{
    Bytes document = a_document();
    fiscal::mask_tlvs(document, fiscal::tag::receipt, fiscal::Extent::whole);
    return document;
}

Bytes piece(BytesView part)
{
    ValueReply answer;
    answer.value.assign(part.begin(), part.end());
    return reply<FnReadDocument>(answer);
}

std::string zeros(std::size_t bytes) { return std::string(bytes * 2, '0'); }

} // namespace

TEST_CASE("of an ATOL request and its answer only what is known to be harmless is left", "[traffic]")
{
    FnRegistrationReply person;
    person.inn = "771234567890";
    person.kkt_reg_number = "0000000001037562    ";
    person.rest = hex("41424344"
                      "0700000011223344");
    FnRegistrationReply nobody = person;
    nobody.inn = "000000000000";
    nobody.rest = hex("00000000"
                      "0700000011223344");
    EnterMode mode;
    mode.password = 87654321;
    ReadTable cashier;
    cashier.table = 3;
    ReadTable host;
    host.table = place::kOfdHost.table;
    host.row = place::kOfdHost.row;
    host.field = place::kOfdHost.field;
    ReadRegister serial;
    serial.number = reg::kSerial;
    ReadRegister unknown;
    unknown.number = 0x77;
    PrintLine text;
    text.text = "Иванов";
    const auto plain = [](const auto& command) { return to_hex(request(command, Dialect{})); };

    struct Row {
        const char* what;
        Bytes request;
        Bytes answer;
        std::string masked_request;
        std::string masked_answer;
    };
    const Row rows[] = {
        {"the access password", request(StateCode{}), hex("550000"), plain(StateCode{}), "550000"},
        {"the password of a mode", request(mode), hex("550000"), plain(EnterMode{}), "550000"},
        {"a line to print", request(text), hex("550000"), "00004C" + zeros(6), "550000"},
        {"a command nobody knows", hex("123477C8E2E0ED"), hex("5500C8E2E0ED"), "000077" + zeros(4),
         "5500C8" + zeros(3)},
        {"a refusal with something behind it", request(FnStatus{}), hex("55D400C8E2"), plain(FnStatus{}),
         "55D400" + zeros(2)},
        {"a table of names", request(cashier), hex("5500C8E2E0ED"), plain(cashier), "5500" + zeros(4)},
        {"the OFD's name", request(host), hex("55006F66642E7275"), plain(host), "55006F66642E7275"},
        {"a register that is known", request(serial), hex("550012345678"), plain(serial), "550012345678"},
        {"one that is not", request(unknown), hex("550012345678"), plain(unknown), "5500" + zeros(4)},
        {"a person's INN", request(FnRegistration{}), reply<FnRegistration>(person), plain(FnRegistration{}),
         to_hex(reply<FnRegistration>(nobody))},
        {"more than a record of a receipt has", request(FnFindDocument{}),
         hex("5500"
             "0301"
             "1A03190E05"
             "07000000"
             "11223344"
             "01"
             "3930000000"
             "C8E2"),
         plain(FnFindDocument{}),
         "5500030"
         "11A03190E050700000011223344013930000000"
         "0000"},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const auto masked = Talk().ask(row.request).taken().answer(row.answer).masked();
        REQUIRE(masked.size() == 2);
        CHECK(masked[0] == row.masked_request);
        CHECK(masked[1] == row.masked_answer);
    }
}

TEST_CASE("an ATOL document is masked as a whole, with its header and without", "[traffic]")
{
    const Bytes document = a_document();
    const Bytes expected = masked_document();
    REQUIRE(expected != document);
    FnOpenDocument open;
    open.fd_number = 7;
    FnOpenDocumentReply header;
    header.type = 3;
    header.length = static_cast<std::uint16_t>(document.size());
    for (const FnOpenDocumentReply& opened : {header, FnOpenDocumentReply{}}) {
        for (std::size_t cut = 1; cut < document.size(); ++cut) {
            Talk talk;
            talk.ask(request(open)).taken().answer(reply<FnOpenDocument>(opened));
            talk.ask(request(FnReadDocument{})).taken().answer(piece(BytesView(document).first(cut)));
            talk.ask(request(FnReadDocument{})).taken().answer(piece(BytesView(document).subspan(cut)));
            talk.ask(request(FnReadDocument{})).taken().answer(hex("55DA00"));
            const auto masked = talk.masked();
            REQUIRE(masked.size() == 8);
            CHECK(masked[3].substr(4) + masked[5].substr(4) == to_hex(expected));
            CHECK(masked[7] == "55DA00");
        }
    }
}

TEST_CASE("on v2, once an answer is missing, nothing is taken for one until it cannot be another",
          "[traffic]")
{
    FullStatusReply full;
    full.model = 57;
    full.version = "30";
    const Bytes status = reply<FullStatus>(full);
    const Bytes late = hex("5500C8E2E0ED");
    Talk talk;
    talk.ask(request(FnReadDocument{})).taken(); // its answer comes too late
    talk.ask(request(StateCode{})).taken().answer(late);
    talk.ask(request(StateCode{})).taken().answer(hex("550000"));
    talk.ask(request(FullStatus{})).taken().answer(late);
    talk.answer(status);
    talk.ask(request(StateCode{})).taken().answer(hex("550000"));
    const auto masked = talk.masked();
    REQUIRE(masked.size() == 10);
    CHECK(masked[2] == zeros(late.size()));
    CHECK(masked[4] == zeros(3));
    CHECK(masked[6] == zeros(late.size()));
    CHECK(masked[7] == to_hex(status));
    CHECK(masked[9] == "550000");

    // A frame that was not taken, and an answer that was sent twice, are no such thing.
    Talk again;
    again.ask(request(StateCode{})).line(false, hex("15")).line(true, v2::encode_frame(request(StateCode{})));
    again.taken().line(false, hex("05")).line(true, hex("06")).line(false, v2::encode_frame(hex("550000")));
    again.line(true, hex("15")).line(false, v2::encode_frame(hex("550000")));
    again.line(true, hex("06")).line(false, hex("04"));
    for (const std::string& body : again.masked())
        CHECK((body == to_hex(request(StateCode{}, Dialect{})) || body == "550000"));
    CHECK(again.masked().size() == 4);
}

TEST_CASE("on v3 the task's number says whose answer it is, whenever and however it comes", "[traffic]")
{
    using namespace v3::buffer;
    ExchangeFile file;
    const auto packet = [&](bool from_host, std::uint8_t id, const Bytes& head, const Bytes& data) {
        Bytes all = head;
        all.insert(all.end(), data.begin(), data.end());
        file.lines.push_back({from_host, v3::encode_packet(id, all), ""});
    };
    const Bytes document = a_document();
    FnOpenDocument open;
    open.fd_number = 7;
    packet(true, 1, {kAdd, kNeedResult, 10}, request(open));
    packet(false, 1, {kResult}, reply<FnOpenDocument>({}));
    packet(true, 2, {kAck, 10}, {});
    packet(true, 3, {kAdd, kNeedResult, 11}, request(FnReadDocument{}));
    packet(true, 3, {kAdd, kNeedResult, 11}, request(FnReadDocument{})); // the same packet again
    packet(false, 3, {kInProgress}, hex("C8E2"));
    packet(true, 4, {kReq, 11}, {});
    packet(false, v3::kAsyncId, {kAsyncResult, 11}, piece(document)); // on its own, and
    packet(false, 4, {kResult}, piece(document));                     // as it was asked for
    packet(false, v3::kAsyncId, {kAsyncResult, 99}, hex("5500C8E2")); // of nobody's task
    packet(true, 5, {kAdd, kNeedResult, 12}, request(FnReadDocument{}));
    packet(false, 5, {kError}, hex("55DA00"));
    CHECK(recorded_transport(file) == RecordedTransport::v3);

    const ExchangeFile masked = mask_traffic(file);
    REQUIRE(masked.lines.size() == file.lines.size());
    const auto items = read_traffic(masked);
    const auto body = [&](std::size_t at) { return to_hex(items[at].body); };
    const std::string read = to_hex(request(FnReadDocument{}, Dialect{}));
    const std::string shown = "5500" + to_hex(masked_document());
    CHECK(body(0) == "C1010A" + to_hex(request(open, Dialect{})));
    CHECK(body(2) == "C20A");
    CHECK(body(3) == "C1010B" + read);
    CHECK(body(4) == body(3));
    CHECK(body(5) == "A20000");
    CHECK(body(6) == "C30B");
    CHECK(body(7) == "A60B" + shown);
    CHECK(body(8) == "A3" + shown);
    CHECK(body(9) == "A663" + zeros(4));
    CHECK(body(11) == "A455DA00");

    const auto commands = commands_of(masked);
    REQUIRE(commands.size() == 3);
    CHECK(commands[0].fd_number == 7U);
    CHECK(commands[1].end == TrafficCommand::End::done);
    CHECK(commands[2].end == TrafficCommand::End::refused);
}

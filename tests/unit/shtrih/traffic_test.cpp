// Recordings of a Shtrih-M line: taken apart, told by name, and masked down to the byte.
#include "protocol/fiscal/masking.hpp"
#include "protocol/fiscal/tlv.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/traffic.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::shtrih;
using kb::test::hex;

namespace {

/// A v1 conversation of request and answer bodies.
class Talk {
public:
    Talk& host(const Bytes& body)
    {
        file_.lines.push_back({true, v1::encode_frame(body), ""});
        return *this;
    }
    Talk& device(const Bytes& body)
    {
        file_.lines.push_back({false, v1::encode_frame(body), ""});
        return *this;
    }
    Talk& bytes(bool from_host, const Bytes& raw)
    {
        file_.lines.push_back({from_host, raw, ""});
        return *this;
    }
    [[nodiscard]] const ExchangeFile& file() const { return file_; }
    /// The bodies of the frames, masked.
    [[nodiscard]] std::vector<Bytes> masked() const
    {
        std::vector<Bytes> bodies;
        for (const TrafficItem& item : read_traffic(mask_traffic(file_)))
            if (item.kind == TrafficItem::Kind::frame)
                bodies.push_back(item.body);
        return bodies;
    }

private:
    ExchangeFile file_;
};

template <class C>
Bytes request(const C& command)
{
    const auto bytes = encode_request(command);
    REQUIRE(bytes);
    return *bytes;
}

template <class C>
Bytes reply(const typename C::Reply& answer)
{
    const auto bytes = encode_reply<C>(answer);
    REQUIRE(bytes);
    return *bytes;
}

Bytes opened(std::uint16_t type, std::size_t length)
{
    OpenDocumentReply answer;
    answer.type = type;
    answer.length = static_cast<std::uint16_t>(length);
    return reply<OpenDocument>(answer);
}

Bytes piece(BytesView block)
{
    BlockReply answer;
    answer.block.assign(block.begin(), block.end());
    return reply<ReadDocumentPiece>(answer);
}

/// The inner TLVs of a receipt: FD number, cashier, e-mail, total.
Bytes a_document()
{
    namespace tag = fiscal::tag;
    fiscal::TlvWriter w{tag::receipt};
    w.number(tag::fd_number, 7).text(tag::cashier, "Кассирова").text(tag::buyer_contact, "a@b.example");
    w.money(tag::total, Kopecks{12345});
    const auto full = w.take();
    REQUIRE(full);
    return Bytes(full->begin() + 4, full->end());
}

Bytes joined(const std::vector<Bytes>& answers)
{
    Bytes all;
    for (const Bytes& answer : answers)
        all.insert(all.end(), answer.begin() + 3, answer.end());
    return all;
}

} // namespace

TEST_CASE("every byte of a recording is a control, a frame or noise, wherever its lines end", "[traffic]")
{
    Talk talk;
    talk.bytes(true, hex("05")).bytes(false, hex("15"));
    talk.bytes(true, hex("0205101E")).bytes(true, hex("0000000B"));     // one frame on two lines
    talk.bytes(false, hex("FF0602")).bytes(false, hex("0310000013FF")); // a stray FF as behind TCP, and noise
    talk.bytes(true, hex("06"));
    const auto items = read_traffic(talk.file());
    REQUIRE(items.size() == 8);
    using Kind = TrafficItem::Kind;
    const std::tuple<Kind, std::size_t, std::size_t, const char*> rows[] = {
        {Kind::control, 0, 0, "05"}, {Kind::control, 1, 0, "15"}, {Kind::frame, 2, 0, "101E000000"},
        {Kind::control, 4, 0, "FF"}, {Kind::control, 4, 1, "06"}, {Kind::frame, 4, 2, "100000"},
        {Kind::noise, 5, 5, "FF"},   {Kind::control, 6, 0, "06"}};
    for (std::size_t at = 0; at < items.size(); ++at) {
        const auto& [kind, line, offset, body] = rows[at];
        INFO(at);
        CHECK(items[at].kind == kind);
        CHECK(items[at].line == line);
        CHECK(items[at].offset == offset);
        CHECK(to_hex(items[at].body) == body);
    }
}

TEST_CASE("commands are told by name with what came of them", "[traffic]")
{
    Talk talk;
    talk.host(request(ShortStatus{})).device(reply<ShortStatus>({}));
    talk.host(request(OpenDocument{30, 7})).device(opened(3, 120));
    talk.host(request(ReadDocumentPiece{})).device(encode_refusal(0xFF3B, 0x08));
    talk.host(hex("E61E000000"));
    talk.host(request(FnStatus{})).device(hex("FF010003"));
    const auto commands = commands_of(talk.file());
    using End = TrafficCommand::End;
    const std::tuple<const char*, End, const char*> rows[] = {
        {"10 short status", End::done, "mode="},
        {"FF3A open document", End::done, "type=3 bytes=120"},
        {"FF3B read document piece", End::refused, "FF3B"},
        {"E6 unknown command", End::no_answer, ""},
        {"FF01 FN status", End::not_understood, "FF01"}};
    REQUIRE(commands.size() == std::size(rows));
    for (std::size_t at = 0; at < commands.size(); ++at) {
        const auto& [name, end, answer] = rows[at];
        CHECK(commands[at].name == name);
        CHECK(commands[at].end == end);
        CHECK_THAT(commands[at].answer, Catch::Contains(answer));
    }
    CHECK(commands[1].fd_number == 7U);
    CHECK_FALSE(commands[0].fd_number);
}

TEST_CASE("of a request and its answer only what is known to be harmless is left", "[traffic]")
{
    FullStatusReply of_a_person;
    of_a_person.inn = 771234567890;
    FullStatusReply of_a_company;
    of_a_company.inn = 7707083893;
    FullStatusReply hidden = of_a_person;
    hidden.inn = 0;
    ModelParametersReply passwords;
    passwords.inspector_password = 0x11223344;
    passwords.administrator_password = 0x55667788;
    passwords.graphics_line_bytes = 40;
    passwords.graphics_lines = 600;
    passwords.fn_table = 18;
    passwords.ofd_table = 19;
    passwords.embedded_table = 0;
    passwords.ffd_table = 17;
    passwords.ffd_field = 17;
    passwords.more = hex("414243");
    ModelParametersReply factory = passwords;
    factory.inspector_password = 0;
    factory.administrator_password = 30;
    factory.more = hex("000000");
    ArchiveRecordReply registration;
    registration.type = 1;
    ArchiveRecordReply::Registration details;
    details.inn = "771234567890";
    details.kkt_reg_number = "0000000001037562";
    registration.details = details;
    ArchiveRecordReply nobody = registration;
    std::get<ArchiveRecordReply::Registration>(nobody.details).inn = "000000000000";

    struct Row {
        const char* what;
        Bytes request;
        Bytes answer;
        Bytes masked_request;
        Bytes masked_answer;
    };
    const auto asks = [](auto command) {
        command.password = 0x12345678;
        return request(command);
    };
    const Row rows[] = {
        {"a password", asks(ShortStatus{}), hex("104F"), request(ShortStatus{}), hex("104F")},
        {"a command nobody knows", hex("E678563412C8E2E0ED"), hex("E600C8E2E0ED"), hex("E60000000000000000"),
         hex("E60000000000")},
        {"a line to print", hex("177856341202C8E2E0ED"), hex("17001E"), hex("17000000000000000000"),
         hex("170000")},
        {"a request that is longer than it may be", hex("1078563412C8E2"), hex("104F"), hex("10000000000000"),
         hex("104F")},
        {"bytes behind a refusal", asks(ShortStatus{}), hex("104FC8E2"), request(ShortStatus{}),
         hex("104F0000")},
        {"an answer to something else", asks(ShortStatus{}), hex("1F00C8E2"), request(ShortStatus{}),
         hex("1F000000")},
        {"a short refusal of the drive", asks(FnStatus{}), hex("FF37"), request(FnStatus{}), hex("FF37")},
        {"an answer that is too short for its fields", asks(FnStatus{}), hex("FF0100C8E2"),
         request(FnStatus{}), hex("FF01000000")},
        {"passwords among the model's parameters", request(ModelParameters{}),
         reply<ModelParameters>(passwords), request(ModelParameters{}), reply<ModelParameters>(factory)},
        {"a person's INN as a number", asks(FullStatus{}), reply<FullStatus>(of_a_person),
         request(FullStatus{}), reply<FullStatus>(hidden)},
        {"a company's INN as a number", asks(FullStatus{}), reply<FullStatus>(of_a_company),
         request(FullStatus{}), reply<FullStatus>(of_a_company)},
        {"a person's INN in the archive", asks(FindDocument{}), reply<FindDocument>(registration),
         request(FindDocument{}), reply<FindDocument>(nobody)},
        {"a tag of the registration", asks(RegistrationParameter{}), hex("FF0E00FD0304008AA0E1E1"),
         request(RegistrationParameter{}), hex("FF0E00FD03040058585858")},
        {"a message to the OFD", asks(ReadOfdBlock{}), hex("FF3100DD8092"), request(ReadOfdBlock{}),
         hex("FF3100000000")},
        {"a table, as long as the model is not known", asks(ReadTable{30, 18, 1, 1}), hex("1F0031323334"),
         request(ReadTable{30, 18, 1, 1}), hex("1F0000000000")},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const auto masked = Talk().host(row.request).device(row.answer).masked();
        REQUIRE(masked.size() == 2);
        CHECK(to_hex(masked[0]) == to_hex(row.masked_request));
        CHECK(to_hex(masked[1]) == to_hex(row.masked_answer));
    }
}

TEST_CASE("of the tables only the fields that tell which device it is are left", "[traffic]")
{
    DeviceTypeReply desktop;
    desktop.name = "ШТРИХ-М-02Ф";
    struct Row {
        std::uint8_t table;
        std::uint8_t field;
        const char* value;
        const char* masked;
    };
    const Row rows[] = {
        {18, 1, "30303439333631323334353637383930", "30303439333631323334353637383930"}, // factory number
        {18, 2, "373730373038333839330000", "373730373038333839330000"},                 // a company's INN
        {18, 2, "373731323334353637383930", "303030303030303030303030"},                 // a person's
        {18, 7, "C8CF20C8E2E0EDEEE2", "585820585858585858"},                             // user
        {18, 8, "C8E2E0EDEEE2", "000000000000"},                                         // cashier
        {2, 2, "C8E2E0EDEEE2", "000000000000"},                                          // cashier
        {2, 1, "78563412", "00000000"},                                                  // his password
        {21, 4, "70617373776F7264", "0000000000000000"},                                 // of a network, say
        {17, 17, "04", "04"},                                                            // FFD version
    };
    for (const Row& row : rows) {
        INFO(int{row.table} << "." << int{row.field});
        const auto masked = Talk()
                                .host(request(DeviceType{}))
                                .device(reply<DeviceType>(desktop))
                                .host(request(ReadTable{30, row.table, 1, row.field}))
                                .device(reply<ReadTable>({hex(row.value)}))
                                .masked();
        REQUIRE(masked.size() == 4);
        CHECK(to_hex(masked[1]) == to_hex(reply<DeviceType>(desktop)));
        CHECK(to_hex(BytesView(masked[3]).subspan(2)) == row.masked);
    }
}

TEST_CASE("a document is masked as a whole, wherever its pieces end", "[traffic]")
{
    const Bytes document = a_document();
    Bytes expected = document;
    fiscal::mask_tlvs(expected, fiscal::tag::receipt, fiscal::Extent::whole);
    REQUIRE(expected != document);
    for (std::size_t cut = 1; cut < document.size(); ++cut) {
        Talk talk;
        talk.host(request(OpenDocument{30, 7})).device(opened(3, document.size()));
        talk.host(request(ReadDocumentPiece{})).device(piece(BytesView(document).first(cut)));
        talk.host(request(ReadDocumentPiece{})).device(piece(BytesView(document).subspan(cut)));
        const auto masked = talk.masked();
        REQUIRE(masked.size() == 6);
        CHECK(to_hex(joined({masked[3], masked[5]})) == to_hex(expected));
    }
}

TEST_CASE("pieces of which nobody can tell where they stand become zeros", "[traffic]")
{
    const Bytes document = a_document();
    const Bytes half = piece(BytesView(document).subspan(20));
    const Bytes nothing(half.size() - 3, 0);
    SECTION("the beginning was not recorded")
    {
        const auto masked = Talk().host(request(ReadDocumentPiece{})).device(half).masked();
        CHECK(joined({masked[1]}) == nothing);
    }
    SECTION("a piece before is missing")
    {
        Talk talk;
        talk.host(request(OpenDocument{30, 7})).device(opened(3, document.size()));
        talk.host(request(ReadDocumentPiece{})); // no answer came
        talk.host(request(ReadDocumentPiece{})).device(half);
        CHECK(joined({talk.masked()[4]}) == nothing);
    }
    SECTION("there is more than the document has")
    {
        Talk talk;
        talk.host(request(OpenDocument{30, 7})).device(opened(3, 4));
        talk.host(request(ReadDocumentPiece{})).device(half);
        CHECK(joined({talk.masked()[3]}) == nothing);
    }
    SECTION("what was promised as a document is none")
    {
        const Bytes text = hex("8AA0E1E1A8E0AEA2A0");
        Talk talk;
        talk.host(request(OpenDocument{30, 7})).device(opened(3, text.size()));
        talk.host(request(ReadDocumentPiece{})).device(piece(text));
        CHECK(joined({talk.masked()[3]}) == Bytes(text.size(), 0));
    }
}

TEST_CASE("an answer that was given twice is masked alike, another one to the same request whole",
          "[traffic]")
{
    const Bytes document = a_document();
    const Bytes whole = piece(document);
    Talk talk;
    talk.host(request(OpenDocument{30, 7})).device(opened(3, document.size()));
    talk.host(request(ReadDocumentPiece{})).device(whole);
    talk.bytes(true, hex("15")).device(whole);
    talk.bytes(true, hex("15")).device(piece(hex("8AA0E1E1")));
    const auto masked = talk.masked();
    REQUIRE(masked.size() == 6);
    CHECK(masked[3] != whole);
    CHECK(masked[4] == masked[3]);
    CHECK(to_hex(masked[5]) == "FF000000000000");
}

TEST_CASE("a damaged frame stays a damaged one and shows nothing", "[traffic]")
{
    Bytes damaged = v1::encode_frame(hex("170000000002C8E2E0ED"));
    damaged.back() ^= 0x40;
    Talk talk;
    talk.host(request(ShortStatus{})).device(reply<ShortStatus>({}));
    talk.bytes(true, damaged).bytes(true, hex("C8E2E0ED"));
    const ExchangeFile masked = mask_traffic(talk.file());
    const auto items = read_traffic(masked);
    REQUIRE(items.size() == 3);
    CHECK(items[2].kind == TrafficItem::Kind::noise);
    CHECK(to_hex(items[2].body) == "020A" + std::string(2 * (damaged.size() - 2 + 4), '0'));
}

TEST_CASE("numbered packets are masked with their numbers kept and their check sums right", "[traffic]")
{
    ExchangeFile file;
    const auto host = [&](std::uint16_t number, const Bytes& data) {
        file.lines.push_back({true, v2::encode_frame(number, data), "3 ms"});
    };
    const auto device = [&](std::uint16_t number, const Bytes& data) {
        file.lines.push_back({false, v2::encode_frame(number, data), ""});
    };
    ShortStatus secret;
    secret.password = 0x9F8F9F8F; // both bytes that are stuffed
    host(7, request(secret));
    host(7, request(secret)); // sent again
    device(7, reply<ShortStatus>({}));
    file.lines.push_back({true, v2::encode_ping(), ""});
    device(7, reply<ShortStatus>({}));
    file.lines.push_back({false, hex("8F0500C8E2E0"), ""});
    const ExchangeFile masked = mask_traffic(file);
    REQUIRE(masked.lines.size() == file.lines.size());
    CHECK(masked.lines[0].bytes == v2::encode_frame(7, request(ShortStatus{})));
    CHECK(masked.lines[0].comment == "3 ms");
    CHECK(masked.lines[1].bytes == masked.lines[0].bytes);
    CHECK(masked.lines[2].bytes == file.lines[2].bytes);
    CHECK(masked.lines[3].bytes == v2::encode_ping());
    CHECK(masked.lines[4].bytes == file.lines[4].bytes);
    CHECK(to_hex(masked.lines[5].bytes) == "8F0000000000");
}

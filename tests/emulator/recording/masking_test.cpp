// A whole conversation with a register full of people's data, recorded, masked and replayed: proven by bytes.
#include "drivers/recording.hpp"
#include "drivers/registry.hpp"
#include "drivers/shtrih/line.hpp"
#include "drivers/transport/open.hpp"
#include "protocol/fiscal/tlv.hpp"
#include "tests/emulator/recording/private_sale.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>

using namespace kb;
using namespace kb::test;
using emulator::TlvOut;
namespace tag = kb::fiscal::tag;

namespace {

constexpr std::uint32_t kPassword = 0x5A6B7C; // nothing else on the line has these bytes
constexpr std::uint32_t kSales = 30;

Bytes bytes_of(const ExchangeFile& file, bool from_host)
{
    Bytes all;
    for (const ExchangeLine& line : file.lines)
        if (line.from_host == from_host)
            all.insert(all.end(), line.bytes.begin(), line.bytes.end());
    return all;
}

/// What is inside the frames, without stuffing.
std::vector<Bytes> bodies_of(const TrafficTools& tools, const ExchangeFile& file)
{
    std::vector<Bytes> all;
    for (const TrafficItem& item : tools.read(file))
        if (item.kind == TrafficItem::Kind::frame)
            all.push_back(item.body);
    return all;
}

Bytes joined(const std::vector<Bytes>& pieces)
{
    Bytes all;
    for (const Bytes& piece : pieces)
        all.insert(all.end(), piece.begin(), piece.end());
    return all;
}

/// FF 3B 00 and as many bytes as the register gives out at once.
bool is_full_piece(const Bytes& body)
{
    constexpr std::size_t kPiece = 200;
    return body.size() == 3 + kPiece && body[0] == 0xFF && body[1] == 0x3B;
}

std::ptrdiff_t count_of(const std::vector<Bytes>& among, const std::string& secret)
{
    return std::count_if(among.begin(), among.end(), [&](const Bytes& one) { return tells(one, secret); });
}

struct Heard {
    ExchangeFile file;
    RecordingOrigin origin;
    std::vector<fiscal::FiscalDocument> documents;
};

Task<Heard> talk(Driver& driver, std::uint32_t first, std::uint32_t last)
{
    Heard heard;
    auto info = co_await driver.identify();
    if (!info)
        co_return pass(info);
    heard.origin.info = *std::move(info);
    if (const auto status = co_await driver.status(); !status)
        co_return pass(status);
    if (const auto fn = co_await driver.fn_status(true); !fn)
        co_return pass(fn);
    if (const auto ofd = co_await driver.ofd_status(); !ofd)
        co_return pass(ofd);
    for (std::uint32_t number = first; number <= last; ++number) {
        auto document = co_await driver.read_document(number);
        if (!document)
            co_return pass(document);
        heard.documents.push_back(*std::move(document));
    }
    co_return heard;
}

/// What another program does on the same line: texts and names from the host, names from the register.
Task<void> disturb(shtrih::Line& line)
{
    if (const auto footing = co_await line.connect(); !footing)
        co_return pass(footing);
    shtrih::WriteTable name;
    name.table = 2;
    name.field = 2;
    name.value = emulator::cp1251_lossy(kCashier);
    if (const auto written = co_await line.ask(name); !written)
        co_return pass(written);
    shtrih::ReadTable read;
    read.table = 2;
    read.field = 2;
    if (const auto told = co_await line.ask(read); !told || told->as_text() != kCashier)
        co_return fail(Errc::bad_value, "the cashier's name was not told");
    shtrih::PrintString text;
    text.text = kBuyer + " " + kPhone;
    if (const auto printed = co_await line.ask(text); !printed)
        co_return pass(printed);
    shtrih::SendTlv tlv;
    tlv.tlv = TlvOut().text(tag::buyer_contact, kEmail).bytes();
    [[maybe_unused]] const auto refused_without_a_receipt = co_await line.ask(tlv);
    co_return Result<void>{};
}

/// The register's password becomes kPassword.
Task<void> set_password(shtrih::Line& line)
{
    if (const auto footing = co_await line.connect(); !footing)
        co_return pass(footing);
    shtrih::WriteTable password;
    password.table = 2;
    password.row = 30;
    password.field = 1;
    password.value = ByteWriter().u32(kPassword).take();
    const auto written = co_await line.ask(password);
    if (!written)
        co_return pass(written);
    co_return Result<void>{};
}

/// Another program on the line of a Shtrih-M register.
void run_on_line(asio::io_context& io, EmulatedRegister& device, std::uint32_t password,
                 const std::shared_ptr<LineTap>& tap, Task<void> (*program)(shtrih::Line&))
{
    auto opened = run_now(io, open_transport(io.get_executor(), device.url()));
    REQUIRE(opened);
    DriverOptions options;
    options.password = password;
    shtrih::Line line(tapped(*std::move(opened), tap), options);
    const auto ran = run_now(io, program(line));
    INFO((ran ? "" : ran.error().message()));
    REQUIRE(ran);
}

Heard record(asio::io_context& io, EmulatedRegister& device, const Way& way)
{
    const bool shtrih = way.family != "atol"; // its protocol, whoever is asked first
    const auto tap = std::make_shared<LineTap>();
    if (shtrih)
        run_on_line(io, device, DriverOptions{}.password, tap, &set_password);
    const std::uint32_t before = device.kkt().fn().last_fd();
    for (std::uint32_t further = 0; further < kSales; ++further)
        sell(device, further);

    tap->begin(4U << 20U);
    ConnectRequest request;
    request.url = device.url();
    request.family = way.configured_family;
    request.options = way.options;
    request.options.password = shtrih ? kPassword : request.options.password;
    request.tap = tap;
    Heard heard;
    {
        auto connection = run_now(io, connect_device(io.get_executor(), request));
        REQUIRE(connection);
        auto told = run_now(io, talk(*connection->driver, before + 1, before + kSales));
        INFO((told ? "" : told.error().message()));
        REQUIRE(told);
        heard = *std::move(told);
        heard.origin.vendor = connection->vendor;
    }
    if (shtrih)
        run_on_line(io, device, kPassword, tap, &disturb);
    CHECK_FALSE(tap->full());
    heard.file.lines = tap->end();
    heard.origin.made = "recorded by a test";
    return heard;
}

/// The same tags in the same places, alike in every number; texts of the same length.
void check_alike(const fiscal::Tlv& was, const fiscal::Tlv& is)
{
    INFO("tag " << was.tag);
    CHECK(is.tag == was.tag);
    CHECK(is.value.size() == was.value.size());
    REQUIRE(is.children.size() == was.children.size());
    const bool number = was.info != nullptr && was.info->type != fiscal::TlvType::string &&
                        was.info->type != fiscal::TlvType::bytes;
    if (number)
        CHECK(is.value == was.value);
    for (std::size_t at = 0; at < was.children.size(); ++at)
        check_alike(was.children[at], is.children[at]);
}

} // namespace

TEST_CASE("nothing private of a whole conversation is in its recording, and it replays to the same documents",
          "[recording]")
{
    for (const Way& way : all_ways()) {
        if (!way.raw_line)
            continue; // a library shows none of its bytes
        DYNAMIC_SECTION(way.name)
        {
            asio::io_context io;
            const auto device = way.start(io);
            const Heard heard = record(io, *device, way);
            const auto tools = traffic_tools(heard.origin.vendor);
            REQUIRE(tools);
            std::vector<Bytes> raw_documents;
            for (const fiscal::FiscalDocument& document : heard.documents)
                raw_documents.push_back(document.raw);

            // All of it was on the line: else the rest would prove nothing.
            const std::vector<Bytes> raw_bodies = bodies_of(**tools, heard.file);
            const Bytes raw = joined(raw_bodies);
            for (const std::string& secret : secrets()) {
                INFO(secret);
                CHECK((tells(raw, secret) || tells(joined(raw_documents), secret)));
            }
            CHECK(holds(joined(raw_documents), emulator::cp866_lossy(kCashier)));
            if (heard.origin.vendor == "shtrih") {
                CHECK(holds(raw, emulator::cp1251_lossy(kUser)));
                CHECK(holds(raw, ByteWriter().u32(kPassword).take()));
            }
            // Where documents come in pieces of a fixed size, some of it is split over two of them.
            const bool in_fixed_pieces =
                std::count_if(raw_bodies.begin(), raw_bodies.end(), is_full_piece) >= kSales;
            const bool split =
                std::any_of(secrets().begin(), secrets().end(), [&](const std::string& secret) {
                    return count_of(raw_bodies, secret) < count_of(raw_documents, secret);
                });
            CHECK((split || !in_fixed_pieces));

            const auto recording = make_recording(heard.file.lines, heard.origin);
            REQUIRE(recording);
            const std::string text = write_exchange(*recording);
            const auto file = parse_exchange(text);
            REQUIRE(file);

            // The masked file is the same conversation ...
            const std::vector<Bytes> bodies = bodies_of(**tools, *file);
            REQUIRE(bodies.size() == raw_bodies.size());
            for (std::size_t at = 0; at < bodies.size(); ++at)
                CHECK(bodies[at].size() == raw_bodies[at].size());

            // ... and the driver reads the same documents out of it.
            auto driver = make_driver(heard.origin.vendor, (*tools)->replay(*file), DriverOptions{});
            REQUIRE(driver);
            const std::uint32_t first = heard.documents.front().fd_number;
            const auto told = run_now(io, talk(**driver, first, heard.documents.back().fd_number));
            INFO((told ? "" : told.error().message()));
            REQUIRE(told);
            CHECK(told->origin.info.model == heard.origin.info.model);
            CHECK(told->origin.info.kkt_serial == heard.origin.info.kkt_serial);
            CHECK(told->origin.info.kkt_reg_number == heard.origin.info.kkt_reg_number);
            CHECK(told->origin.info.ffd == heard.origin.info.ffd);
            CHECK(told->origin.info.firmware_build == heard.origin.info.firmware_build);
            REQUIRE(told->documents.size() == heard.documents.size());
            Bytes masked_documents;
            for (std::size_t at = 0; at < heard.documents.size(); ++at) {
                const fiscal::FiscalDocument& was = heard.documents[at];
                const fiscal::FiscalDocument& is = told->documents[at];
                CHECK(is.type == was.type);
                CHECK(is.fd_number == was.fd_number);
                CHECK(is.fiscal_sign == was.fiscal_sign);
                CHECK(is.datetime == was.datetime);
                const auto was_tree = fiscal::read_document_tlv(was.raw);
                const auto is_tree = fiscal::read_document_tlv(is.raw);
                REQUIRE(was_tree);
                REQUIRE(is_tree);
                check_alike(*was_tree, *is_tree);
                masked_documents.insert(masked_documents.end(), is.raw.begin(), is.raw.end());
            }

            // Nothing of anybody is in it, not in the text, not on the wire, not in the frames, not in the
            // documents.
            for (const std::string& secret : secrets()) {
                INFO(secret);
                CHECK(text.find(secret) == std::string::npos);
                CHECK_FALSE(hints(bytes_of(*file, true), secret));
                CHECK_FALSE(hints(bytes_of(*file, false), secret));
                CHECK_FALSE(hints(joined(bodies), secret));
                CHECK_FALSE(hints(masked_documents, secret));
            }
            CHECK_FALSE(holds(bytes_of(*file, true), ByteWriter().u32(kPassword).take()));
            CHECK_FALSE(holds(bytes_of(*file, false), ByteWriter().u32(kPassword).take()));
            CHECK(make_recording(file->lines, heard.origin)->lines.size() == file->lines.size());
        }
    }
}

TEST_CASE("of a line that nobody can mask no recording is made", "[recording]")
{
    for (const Vendor& vendor : vendors()) {
        DYNAMIC_SECTION(vendor.name)
        {
            RecordingOrigin origin;
            origin.vendor = std::string(vendor.name);
            const auto made = make_recording({{true, {0x05}, ""}}, origin);
            CHECK(made.has_value() == (vendor.traffic != nullptr));
            if (!made)
                CHECK(made.error().code == Errc::unsupported);
        }
    }
    RecordingOrigin nobody;
    CHECK(make_recording({{true, {0x05}, ""}}, nobody).error().code == Errc::not_found);
    nobody.vendor = "shtrih";
    CHECK(make_recording({}, nobody).error().code == Errc::no_data);
}

#include "drivers/registry.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/drivers/scripted_transport.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

constexpr const char* kFnSerial = "9999078900002270";

struct Rig {
    explicit Rig(std::vector<ExchangeLine> script, ScriptOptions options = {})
    {
        auto made =
            make_driver("shtrih", std::make_unique<ScriptedTransport>(std::move(script), log, options), {});
        REQUIRE(made);
        driver = *std::move(made);
    }
    explicit Rig(const std::string& fixture, ScriptOptions options = {})
        : Rig(load_exchange(fixture), options)
    {}

    Result<fiscal::FiscalDocument> read(std::uint32_t number)
    {
        return run_now(io, driver->read_document(number));
    }

    asio::io_context io;
    ScriptLog log;
    std::unique_ptr<Driver> driver;
};

// One command as it passes the line: ENQ, NAK, frame, ACK, answer, ACK.
void say(std::vector<ExchangeLine>& script, const std::string& request, const std::string& answer)
{
    script.push_back({true, {0x05}, ""});
    script.push_back({false, {0x15}, ""});
    script.push_back({true, shtrih::v1::encode_frame(hex(request)), ""});
    script.push_back({false, {0x06}, ""});
    script.push_back({false, shtrih::v1::encode_frame(hex(answer)), ""});
    script.push_back({true, {0x06}, ""});
}

void say_mode(std::vector<ExchangeLine>& script, const std::string& mode_and_submode)
{
    say(script, "10 1E000000", "10 00 1E 9002" + mode_and_submode + "00 99 49 00 00 00 FFFFFF");
}

const std::string kFnState = "FF01 00 03 00 00 01 00 1103181435 39393939303738393030303032323730 A4000000";

void check_receipt(const Result<fiscal::FiscalDocument>& document, std::uint32_t number)
{
    REQUIRE(document);
    CHECK(document->fd_number == number);
    CHECK(document->fn_serial == kFnSerial);
    CHECK(document->type == fiscal::DocumentType::receipt);
    CHECK(document->form == fiscal::DocumentForm::full);
    CHECK(document->fiscal_sign == 776727275U + number - 163U);
    CHECK(to_text(document->datetime) == "2017-03-24T20:53:00");
    CHECK(document->raw[0] == 3);
    CHECK(fiscal::head_of(document->raw));
}

} // namespace

TEST_CASE("documents are read piece by piece, the end asked for where the register needs it",
          "[drivers][shtrih]")
{
    for (const bool byte_by_byte : {false, true}) {
        Rig rig("shtrih/driver-read-two-documents.exchange", {std::nullopt, byte_by_byte});
        const auto first = rig.read(163);
        INFO(rig.log.mismatch);
        check_receipt(first, 163);
        CHECK(first->ticket_received);
        const auto second = rig.read(164);
        check_receipt(second, 164);
        CHECK_FALSE(second->ticket_received);
        CHECK(rig.log.exhausted);
    }
}

TEST_CASE("a register that leaves data output by itself is not asked for the end again", "[drivers][shtrih]")
{
    Rig rig("shtrih/driver-read-two-documents-short-end.exchange");
    check_receipt(rig.read(163), 163);
    const auto second = rig.read(164);
    INFO(rig.log.mismatch);
    check_receipt(second, 164);
    CHECK(second->ticket_received);
    CHECK(rig.log.exhausted);
}

TEST_CASE("a document whose body the FN dropped is its short record", "[drivers][shtrih]")
{
    Rig rig("shtrih/driver-read-forgotten-document.exchange");
    const auto document = rig.read(163);
    INFO(rig.log.mismatch);
    REQUIRE(document);
    CHECK(document->form == fiscal::DocumentForm::short_record);
    CHECK(document->fd_number == 163);
    CHECK(document->fiscal_sign == 776727275);
    CHECK(to_text(document->datetime) == "2017-03-24T20:53:00");
    CHECK_FALSE(document->ticket_received);
    CHECK(to_hex(document->raw) == "03001103181435A3000000EBEA4B2E01204E000000");
    CHECK(rig.log.exhausted);
}

TEST_CASE("a reading that somebody left in the middle is read to its end first", "[drivers][shtrih]")
{
    Rig rig("shtrih/driver-read-after-broken-reading.exchange");
    const auto document = rig.read(163);
    INFO(rig.log.mismatch);
    check_receipt(document, 163);
    CHECK(rig.log.exhausted);
}

TEST_CASE("a sale that takes the register breaks the reading off as busy, with nothing half returned",
          "[drivers][shtrih]")
{
    Rig rig("shtrih/driver-reading-broken-by-sale.exchange");
    const auto document = rig.read(163);
    INFO(rig.log.mismatch);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == Errc::device_busy);
    CHECK(document.error().outcome == Outcome::not_done);
    CHECK(rig.log.exhausted);
}

TEST_CASE("of a document half printed the record is read, never the body", "[drivers][shtrih]")
{
    const std::pair<std::string, Errc> waits[] = {{"0202", Errc::no_paper},
                                                  {"0203", Errc::waits_for_continue}};
    for (const auto& [mode, code] : waits) {
        std::vector<ExchangeLine> script;
        say(script, "FF01 1E000000", kFnState);
        say(script, "FF0A 1E000000 A3000000", "FF0A 00 03001103181435A3000000EBEA4B2E01204E000000");
        say_mode(script, mode);
        Rig rig(script);
        const auto record = run_now(rig.io, rig.driver->read_short_record(163));
        INFO(rig.log.mismatch);
        REQUIRE(record);
        CHECK(record->form == fiscal::DocumentForm::short_record);
        CHECK(record->fiscal_sign == 776727275);
        CHECK(record->fn_serial == kFnSerial);
        const auto body = rig.read(163);
        REQUIRE_FALSE(body);
        CHECK(body.error().code == code);
        CHECK(body.error().outcome == Outcome::not_done);
        CHECK(rig.log.exhausted);
        CHECK(to_hex(rig.log.written).find("FF3A") == std::string::npos);
    }
}

TEST_CASE("firmware that gives no record while it waits makes no document unreadable", "[drivers][shtrih]")
{
    // 58h waits for "continue", 6Bh no paper, 72h not in this sub-mode, 73h not in this mode, 02h OFD
    // exchange.
    const std::pair<std::string, Errc> refusals[] = {{"58", Errc::waits_for_continue},
                                                     {"6B", Errc::no_paper},
                                                     {"72", Errc::wrong_mode},
                                                     {"73", Errc::wrong_mode},
                                                     {"02", Errc::device_busy}};
    for (const auto& [answer, code] : refusals) {
        std::vector<ExchangeLine> script;
        say(script, "FF01 1E000000", kFnState);
        say(script, "FF0A 1E000000 A3000000", "FF0A " + answer);
        Rig rig(script);
        const auto record = run_now(rig.io, rig.driver->read_short_record(163));
        INFO(answer << rig.log.mismatch);
        REQUIRE_FALSE(record);
        CHECK(record.error().code == code);
        CHECK(has_to_wait(record.error().code));
        CHECK(record.error().device_code.has_value());
    }
}

TEST_CASE("nothing of the archive is touched while a receipt is open", "[drivers][shtrih]")
{
    for (const std::string mode : {"0800", "1800", "4805"}) {
        std::vector<ExchangeLine> script;
        say_mode(script, mode);
        // A receipt that prints is asked for again some times.
        for (int i = 0; i < 20; ++i) {
            say_mode(script, mode);
        }
        Rig rig(script);
        const auto document = rig.read(163);
        REQUIRE_FALSE(document);
        CHECK((document.error().code == Errc::wrong_mode || document.error().code == Errc::device_busy));
        CHECK(rig.log.mismatch.empty());
        CHECK(to_hex(rig.log.written).find("FF3A") == std::string::npos);
    }
}

TEST_CASE("refusals of opening a document are told apart", "[drivers][shtrih]")
{
    const std::pair<std::string, Errc> refusals[] = {{"02", Errc::device_busy},
                                                     {"73", Errc::wrong_mode},
                                                     {"4F", Errc::wrong_password},
                                                     {"37", Errc::unsupported}};
    for (const auto& [code, errc] : refusals) {
        std::vector<ExchangeLine> script;
        say_mode(script, "0200");
        say(script, "FF01 1E000000", kFnState);
        say(script, "FF3A 1E000000 A3000000", "FF3A" + code);
        Rig rig(script);
        const auto document = rig.read(163);
        INFO(code << " " << rig.log.mismatch);
        REQUIRE_FALSE(document);
        CHECK(document.error().code == errc);
        CHECK_THAT(document.error().context, Catch::Contains("script"));
        CHECK(rig.log.exhausted);
    }
}

TEST_CASE("a wrong password names the cure", "[drivers][shtrih]")
{
    std::vector<ExchangeLine> script;
    say(script, "10 1E000000", "10 4F");
    Rig rig(script);
    const auto status = run_now(rig.io, rig.driver->status());
    REQUIRE_FALSE(status);
    CHECK(status.error().code == Errc::wrong_password);
    CHECK_THAT(status.error().context, Catch::Contains("password 30") && Catch::Contains("table 2"));
}

TEST_CASE("a number the FN does not have is no data", "[drivers][shtrih]")
{
    std::vector<ExchangeLine> script;
    say_mode(script, "0400");
    say(script, "FF01 1E000000", kFnState);
    say(script, "FF3A 1E000000 F4010000", "FF3A 08");
    say(script, "FF0A 1E000000 F4010000", "FF0A 08");
    Rig rig(script);
    const auto document = rig.read(500);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == Errc::no_data);
}

TEST_CASE("a document of another number or drive, and one that does not hold together, is refused",
          "[drivers][shtrih]")
{
    // The fixture's document 163 with one byte changed: of its FN, its number, or a length inside.
    struct Change {
        std::size_t piece; ///< line of the fixture
        std::size_t at;    ///< byte of that frame
        std::uint8_t value;
        Errc errc;
    };
    const auto original = load_exchange("shtrih/driver-read-two-documents-short-end.exchange");
    const std::size_t first_piece = 6 * 3 + 4;
    const std::size_t frame_head = 2 + 3; // STX, LEN; FF 3B 00
    const Change changes[] = {
        {first_piece, frame_head + 4, '8', Errc::bad_value},       // 1041: another drive
        {first_piece, frame_head + 60 + 4, 0xA5, Errc::bad_value}, // 1040: another number
        {first_piece, frame_head + 2, 0xFF, Errc::bad_tlv},        // length of 1041
    };
    for (const Change& change : changes) {
        auto script = original;
        Bytes& frame = script.at(change.piece).bytes;
        frame.at(change.at) = change.value;
        const BytesView body = BytesView(frame).subspan(2, frame.size() - 3);
        frame = shtrih::v1::encode_frame(Bytes(body.begin(), body.end()));
        Rig rig(script);
        const auto document = rig.read(163);
        INFO(change.at << " " << rig.log.mismatch);
        REQUIRE_FALSE(document);
        CHECK(document.error().code == change.errc);
    }
}

TEST_CASE("a document longer or shorter than announced is refused", "[drivers][shtrih]")
{
    for (const bool longer : {true, false}) {
        std::vector<ExchangeLine> script;
        say_mode(script, "0200");
        say(script, "FF01 1E000000", kFnState);
        say(script, "FF3A 1E000000 A3000000", "FF3A 00 0300 0600");
        if (longer) {
            say(script, "FF3B 1E000000", "FF3B 00 FC03 0300 204E00");
        } else {
            say(script, "FF3B 1E000000", "FF3B 00 FC03 01");
            say(script, "FF3B 1E000000", "FF3B 08");
            say_mode(script, "0200");
        }
        Rig rig(script);
        const auto document = rig.read(163);
        INFO(rig.log.mismatch);
        REQUIRE_FALSE(document);
        CHECK(document.error().code == Errc::bad_length);
        CHECK(rig.log.exhausted);
    }
}

TEST_CASE("a line cut at any step of a reading is a lost port, and the next connection recovers",
          "[drivers][shtrih]")
{
    std::size_t steps = 0;
    {
        Rig whole("shtrih/driver-read-two-documents-short-end.exchange");
        REQUIRE(whole.read(163));
        steps = whole.log.steps;
    }
    REQUIRE(steps > 20);
    std::size_t answered = 0;
    for (std::size_t cut = 0; cut < steps; ++cut) {
        Rig rig("shtrih/driver-read-two-documents-short-end.exchange", {cut, false});
        const auto document = rig.read(163);
        INFO("cut at step " << cut << " of " << steps);
        if (document) {
            // Only the question about tickets was cut: the document was in hand.
            check_receipt(document, 163);
            CHECK_FALSE(document->ticket_received);
            ++answered;
        } else {
            CHECK(document.error().code == Errc::port_lost);
        }
        CHECK_FALSE(run_now(rig.io, rig.driver->status()));
    }
    CHECK(answered < 8);

    Rig next("shtrih/driver-read-after-broken-reading.exchange");
    check_receipt(next.read(163), 163);
}

// Errors, models, modes and the dialect: what each row means.
#include "protocol/atol/codec.hpp"
#include "protocol/atol/models.hpp"
#include "protocol/atol/modes.hpp"
#include "protocol/atol/registers.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace kb;
using namespace kb::atol;
using kb::test::hex;

namespace {

Error refused(std::uint16_t command, std::uint8_t error) { return refusal(command, error); }

FullStatusReply status_in(std::uint8_t mode, std::uint8_t flags, std::uint8_t receipt = 0)
{
    FullStatusReply status;
    status.mode = mode;
    status.flags = flags;
    status.receipt_state = receipt;
    return status;
}

} // namespace

TEST_CASE("every error has a name of its own and a text", "[atol]")
{
    std::set<std::string_view> names;
    for (const ErrorInfo& error : all_errors()) {
        INFO(unsigned{error.code});
        CHECK(names.insert(error.name).second);
        CHECK_FALSE(error.text_ru.empty());
        CHECK(find_error(error.code) == &error);
    }
    CHECK(find_error(0x02) == nullptr);
    CHECK(find_error(0xFF) == nullptr);
    std::set<std::string_view> extended;
    for (const ExtendedErrorInfo& error : all_extended_errors()) {
        CHECK(extended.insert(error.name).second);
        CHECK(find_extended_error(error.code) == &error);
    }
    CHECK(find_extended_error(0x0300) == nullptr);
}

TEST_CASE("a refusal says whether the same may be sent again", "[atol]")
{
    constexpr std::uint16_t kClose = 0x4A;
    constexpr std::uint16_t kPrint = 0x4C;
    // No paper: a line was not printed, but a receipt may be in the drive already.
    CHECK(refused(kPrint, 0x67).outcome == Outcome::not_done);
    CHECK(refused(kClose, 0x67).outcome == Outcome::unknown);
    CHECK(refused(kClose, 0x67).code == Errc::no_paper);
    CHECK(refused(0x49, 0x67).outcome == Outcome::unknown); // the cash may be in the counters already
    CHECK(refused(0x92, 0x1A).code == Errc::waits_for_continue);
    CHECK(refused(0x5A, 0x1A).outcome == Outcome::unknown);
    CHECK(refused(kClose, 0x86).outcome == Outcome::refused);
    CHECK(refused(kClose, 0x86).code == Errc::bad_value);
    CHECK(refused(kClose, 0xD5).outcome == Outcome::refused);
    CHECK(refused(0x92, 0x9B).code == Errc::wrong_mode);
    CHECK(refused(0x56, 0x8C).code == Errc::wrong_password);
    CHECK(refused(0x45, 0x7A).code == Errc::unsupported);
    CHECK(refused(0xA446, kNoData).code == Errc::no_data);
    CHECK(refused(kPrint, 0x67).device_code == 0x67);
    CHECK_THAT(refused(kPrint, 0x67).context, Catch::Contains("4C print line") && Catch::Contains("бумаги"));
    CHECK(refused(kPrint, 0x02).code == Errc::device_refused);
    CHECK_THAT(refused(0x8F, 0x02).context, Catch::Contains("8F"));
}

TEST_CASE("the register's extended error settles what its error byte left open", "[atol]")
{
    constexpr std::uint16_t kClose = 0x4A;
    Error open = refused(kClose, kReadExtended);
    CHECK(open.outcome == Outcome::unknown);
    Error settled = open;
    add_extended(settled, kClose, kClose, 0x0206);
    CHECK(settled.outcome == Outcome::refused);
    CHECK_THAT(settled.context, Catch::Contains("0206") && Catch::Contains("обязательного"));
    Error interrupted = open;
    add_extended(interrupted, kClose, kClose, 0x0301);
    CHECK(interrupted.outcome == Outcome::unknown);
    Error foreign = open;
    add_extended(foreign, kClose, 0xE8, 0x0206);
    CHECK(foreign.outcome == Outcome::unknown);
    CHECK(foreign.context == open.context);
    Error drive = refused(0xA446, kReadExtended);
    add_extended(drive, 0xA446, 0xA4, 0x0303);
    CHECK_THAT(drive.context, Catch::Contains("0303"));
}

TEST_CASE("refusals are seen in every form of answer", "[atol]")
{
    CHECK(answer_data(0x92, hex("55 67 00")).error().device_code == 0x67);
    CHECK(answer_data(0x3F, hex("55 8C")).error().device_code == 0x8C);
    CHECK(answer_data(0x4D, hex("55 7A 00")).error().device_code == 0x7A);
    CHECK(answer_data(0x45, hex("55 7A 00")).error().device_code == 0x7A);
    CHECK(answer_data(0xA5, hex("55 7A")).error().device_code == 0x7A);
    CHECK(answer_data(0xA5, hex("7A 00")).error().device_code == 0x7A);
    CHECK(answer_data(0x91, hex("55 6C")).error().device_code == 0x6C);
    // By one program's reading 01 is a success.
    CHECK(answer_data(0x92, hex("55 01 00")));
    CHECK(encode_refusal(0x67) == hex("55 67 00"));
}

TEST_CASE("an answer to something else is told from a refusal", "[atol]")
{
    CHECK(answer_data(0x92, hex("44 01 01")).error().code == Errc::protocol_violation);
    CHECK(answer_data(0x92, hex("44 01 01")).error().outcome == Outcome::unknown);
    CHECK(answer_data(0x3F, hex("4D 00 00")).error().outcome == Outcome::not_done);
    CHECK(answer_data(0x3F, hex("55 00")).error().code == Errc::protocol_violation);
    CHECK(answer_data(0x45, {}).error().code == Errc::protocol_violation);
    CHECK(answer_data(0x92, hex("55 00")).error().code == Errc::protocol_violation);
}

TEST_CASE("models are found by their code, and say how sure their row is", "[atol]")
{
    const Model* usual = find_model(61);
    REQUIRE(usual != nullptr);
    CHECK(usual->name == "АТОЛ 30Ф");
    CHECK(usual->platform == Platform::v2_5_or_5);
    CHECK(usual->confidence == Confidence::two_sources);
    CHECK(usual->line_width == 32);
    CHECK(usual->cutter == Has::no);
    CHECK(find_model(93)->platform == Platform::v5);
    CHECK(find_model(24)->platform == Platform::before_fn);
    CHECK(find_model(1) == nullptr);
    CHECK(find_model(100) == nullptr);
    for (const Model& model : all_models())
        CHECK(find_model(model.code) == &model);
}

TEST_CASE("models are found by the name a register tells, with or without its maker's", "[atol]")
{
    CHECK(model_by_name("АТОЛ 30Ф") == find_model(61));
    CHECK(model_by_name("30Ф") == find_model(61));
    CHECK(model_by_name("PT-5Ф") == find_model(89));
    CHECK(model_by_name("АТОЛ 22 v2 Ф") == find_model(95));
    CHECK(model_by_name("АТОЛ 27 FP7 Ф") == find_model(99));
    CHECK(model_by_name("АТОЛ 22Ф (АТОЛ FPrint-22ПТК)") == find_model(63));
    CHECK(model_by_name("АТОЛ 22Ф") == find_model(63));
    CHECK(model_by_name("АТОЛ СТБ 6Ф") == find_model(94));
    CHECK(model_by_name("АТОЛ 22") == nullptr);
    CHECK(model_by_name("(") == nullptr);
    CHECK(model_by_name("Казначей ФА") == find_model(76));
    CHECK(model_by_name("ATOL 61") == nullptr); // a model that told its code only
    CHECK(model_by_name("") == nullptr);
    for (const Model& model : all_models())
        CHECK(model_by_name(model.name)->name == model.name);
}

TEST_CASE("who carries documents to the OFD is known of two channels", "[atol]")
{
    CHECK(ofd_sender(ofd_channel::kEthernet) == fiscal::OfdSender::itself);
    CHECK(ofd_sender(ofd_channel::kOverTransport) == fiscal::OfdSender::host_program);
    CHECK(ofd_sender(0) == fiscal::OfdSender::unknown);
    CHECK(ofd_sender(1) == fiscal::OfdSender::unknown);
}

TEST_CASE("modes are told in the house's words", "[atol]")
{
    using M = fiscal::DeviceStatus::Mode;
    struct Row {
        std::uint8_t mode;
        std::uint8_t flags;
        std::uint8_t receipt;
        M told;
        bool may_read;
    };
    const Row rows[] = {
        {0x00, 0x41, 0, M::shift_closed, true},  {0x00, 0x43, 0, M::shift_open, true},
        {0x01, 0x43, 0, M::shift_open, true},    {0x01, 0x43, 1, M::receipt_open, false},
        {0x01, 0x43, 7, M::receipt_open, false}, {0x41, 0x43, 1, M::receipt_open, false},
        {0x00, 0x43, 1, M::receipt_open, false}, // left open by a power cut
        {0x22, 0x43, 0, M::printing, false},     {0x23, 0x43, 0, M::printing, false},
        {0x17, 0x41, 0, M::printing, false},     {0x03, 0x41, 0, M::shift_closed, true},
        {0x57, 0x41, 0, M::blocked, false},      {0xE7, 0x41, 0, M::blocked, false},
        {0x15, 0x41, 0, M::blocked, false},      {0x99, 0x41, 0, M::unknown, false},
    };
    for (const Row& row : rows) {
        INFO(std::hex << unsigned{row.mode} << " " << unsigned{row.receipt});
        const StateCodeReply state{row.mode, 0};
        const auto status = to_device_status(status_in(row.mode, row.flags, row.receipt), &state, {});
        CHECK(status.mode == row.told);
        CHECK(status.may_read_archive == row.may_read);
        CHECK(status.vendor_mode == row.mode);
        CHECK(is_mode(row.mode) == (row.told != M::unknown));
        CHECK_FALSE(mode_text_ru(row.mode).empty());
    }
}

TEST_CASE("paper, cover and drawer are told as far as they can be trusted", "[atol]")
{
    const StateCodeReply none{0, state_flag::kNoPaper};
    const StateCodeReply some{0, 0};
    const FullStatusReply full =
        status_in(0, status_flag::kCoverOpen | status_flag::kPaper | status_flag::kDrawer);
    Dialect dialect;
    CHECK(to_device_status(full, &none, dialect).paper == fiscal::Paper::absent);
    CHECK(to_device_status(full, &some, dialect).paper == fiscal::Paper::present);
    CHECK(to_device_status(full, nullptr, dialect).paper == fiscal::Paper::unknown);
    CHECK(to_device_status(full, nullptr, dialect).cover == fiscal::Cover::open);
    CHECK_FALSE(drawer_open(full, dialect));
    dialect.paper_absent_flag = FlagMeaning::yes_when_set;
    dialect.drawer_open_flag = FlagMeaning::yes_when_clear;
    CHECK(to_device_status(full, nullptr, dialect).paper == fiscal::Paper::absent);
    CHECK(drawer_open(full, dialect) == false);

    FullStatusReply shift = status_in(0, 0);
    shift.closed_shift = hex("12 34");
    CHECK(closed_shift(shift, dialect) == 1234U);
    dialect.status_numbers = DigitOrder::little_endian;
    CHECK(closed_shift(shift, dialect) == 3412U);
    shift.closed_shift = hex("AB 34");
    CHECK_FALSE(closed_shift(shift, dialect));
    shift.date = {25, 12, 31};
    shift.time = {14, 25, 30};
    CHECK(to_text(clock_of(shift).value()) == "2025-12-31T14:25:30");
    CHECK_FALSE(clock_of(status_in(0, 0)));
}

TEST_CASE("every key of the dialect can be written, and a wrong value is told with what may be", "[atol]")
{
    Dialect dialect;
    for (const DialectKey& key : dialect_keys()) {
        INFO(key.name);
        CHECK(set_key(dialect, key.name, key.usual));
        CHECK(dialect == Dialect{});
        for (const std::string_view word : key.words) {
            Dialect changed;
            CHECK(set_key(changed, key.name, word));
            CHECK((changed == Dialect{}) == (word == key.usual));
        }
        const auto wrong = set_key(dialect, key.name, "nonsense");
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == Errc::bad_config);
        CHECK_THAT(wrong.error().context,
                   Catch::Contains(std::string(key.name)) &&
                       Catch::Contains(std::string(key.words.empty() ? "0..9999" : key.usual)));
    }
    CHECK(set_key(dialect, "access_password", "1111"));
    CHECK(dialect.access_password == 1111);
    CHECK_FALSE(set_key(dialect, "access_password", "10000"));
    CHECK_FALSE(set_key(dialect, "access_password", "-1"));
    CHECK_FALSE(set_key(dialect, "access_password", ""));
    CHECK_FALSE(set_key(dialect, "colour", "red"));
}

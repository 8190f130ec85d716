// The tables of errors, commands, models and modes.
#include "protocol/shtrih/errors.hpp"
#include "protocol/shtrih/models.hpp"
#include "protocol/shtrih/modes.hpp"
#include "tests/support/exchange_script.hpp"

#include <set>

using namespace kb;
using namespace kb::shtrih;
using namespace std::chrono_literals;
using kb::test::hex;

TEST_CASE("every error code has one name and one text", "[shtrih]")
{
    std::set<std::string_view> names;
    for (const ErrorInfo& error : all_errors()) {
        INFO(error.name);
        CHECK(names.insert(error.name).second);
        CHECK_FALSE(error.text_ru.empty());
        CHECK(find_error(error.code) == &error);
    }
    for (const ErrorInfo& error : all_legacy_errors()) {
        CHECK(names.insert(error.name).second);
        CHECK(error.retry == RetryClass::legacy);
        CHECK(find_legacy_error(error.code) == &error);
    }
    CHECK(find_error(0xFF) == nullptr);
    CHECK(find_legacy_error(0x50) == nullptr);
}

TEST_CASE("a refusal says what the caller may do next", "[shtrih]")
{
    CHECK(refusal(0x10, 0x4F).code == Errc::wrong_password);
    CHECK(refusal(0x10, 0x4F).outcome == Outcome::refused);
    CHECK(refusal(0xFF0A, 0x08).code == Errc::no_data);
    CHECK(is_end_of_data(refusal(0xFF3B, 0x08)));
    CHECK_FALSE(is_end_of_data(refusal(0xFF3B, 0x02)));
    CHECK(refusal(0x17, 0x50).code == Errc::device_busy);
    CHECK(refusal(0x17, 0x50).outcome == Outcome::not_done);
    CHECK(refusal(0xFF3A, 0x73).code == Errc::wrong_mode);
    CHECK(refusal(0xFF63, 0x37).code == Errc::unsupported);
    CHECK(refusal(0x10, 0xF7).code == Errc::device_refused);
    CHECK(refusal(0x10, 0xF7).device_code == 0xF7);
    CHECK(refusal(0xC2, 0x37).context.find("shtrih C2") == 0);
}

TEST_CASE("printer trouble at the end of a receipt leaves its fate open", "[shtrih]")
{
    for (const unsigned error : {0x50U, 0x58U, 0x6BU, 0x72U, 0x2FU})
        CHECK(refusal(0xFF45, static_cast<std::uint8_t>(error)).outcome == Outcome::unknown);
    CHECK(refusal(0xFF45, 0x45).outcome == Outcome::refused);
    CHECK(refusal(0x88, 0x6B).outcome == Outcome::refused);
}

TEST_CASE("answers are matched with their command", "[shtrih]")
{
    CHECK(answer_data(0x10, hex("10 00 1E")).value().size() == 1);
    CHECK(answer_data(0xFF01, hex("FF 01 00 03")).value().size() == 1);
    CHECK(answer_data(0xFEF4, hex("FE 00 01")).value().size() == 1);
    CHECK(answer_data(0xFEF4, hex("FE 37")).error().device_code == 0x37);
    CHECK(answer_data(0xFF01, hex("FF 37")).error().device_code == 0x37);
    CHECK(encode_short_refusal(0x37) == hex("FF 37"));
    for (const char* foreign : {"", "10", "11 00", "FF 10 00"})
        CHECK(answer_data(0x10, hex(foreign)).error().code == Errc::protocol_violation);
    for (const char* foreign : {"FF", "FF 00", "FF 02 00", "FE 01 00"})
        CHECK(answer_data(0xFF01, hex(foreign)).error().code == Errc::protocol_violation);
    CHECK(answer_data(0xFF45, hex("FF 46 00")).error().outcome == Outcome::unknown);
    CHECK(answer_data(0xFF01, hex("FF 46 00")).error().outcome == Outcome::not_done);
}

TEST_CASE("codes of one and two bytes are read", "[shtrih]")
{
    CHECK(request_code(hex("FC")).value() == 0xFC);
    CHECK(request_code(hex("FF 01")).value() == 0xFF01);
    CHECK(request_code(hex("FE F3 00")).value() == 0xFEF3);
    CHECK(request_code(hex("")).error().code == Errc::bad_length);
    CHECK(request_code(hex("FF")).error().code == Errc::bad_length);
}

TEST_CASE("slow commands are given the time they need", "[shtrih]")
{
    CHECK(answer_timeout(0x10) == 3s);
    CHECK(answer_timeout(0xE0) == 120s);
    CHECK(answer_timeout(0x41) == 65s);
    CHECK(answer_timeout(0xB8) == 100s);
    CHECK(answer_timeout(0x99) == 30s);
    CHECK(effect_of(0xFF3B) == Effect::moves_cursor);
    CHECK(effect_of(0x99) == Effect::changes);
    CHECK(find_command(0x99) == nullptr);
}

TEST_CASE("names with Latin letters, blanks and long dashes are the same name", "[shtrih]")
{
    CHECK(fold_name("ШТРИХ-M-01Ф") == fold_name("Штрих-М-01Ф"));
    CHECK(fold_name("PP–03Ф") == fold_name("РР 03ф"));
    CHECK(fold_name("РИТЕЙЛ-01Ф") != fold_name("РИТЕЙЛ-02Ф"));
    CHECK(fold_name("漢") == "漢");
}

TEST_CASE("a device is known by its name first, its code last", "[shtrih]")
{
    DeviceTypeReply type;
    type.name = "ШТРИХ-M-02Ф"; // Latin M
    type.model = 250;
    Identity found = identify(type, nullptr, "");
    CHECK(found.model == "ШТРИХ-М-02Ф");
    CHECK(found.family == Family::shtrih);
    CHECK(found.class_id == ClassId::desktop);
    CHECK(found.device_class.fn_table == 18);
    CHECK(found.device_class.sd_table == 14);

    type.name = "PP-04Ф";
    CHECK(identify(type, nullptr, "").family == Family::rr);
    type.name = "ШТРИХ-ЭЛВЕС-МФ";
    found = identify(type, nullptr, "");
    CHECK(found.family == Family::elves);
    CHECK(found.model == "ЭЛВЕС-МФ");
    CHECK(found.device_class.kkt_reg_number == TableField{11, 2});
    CHECK(found.device_class.kkt_serial.table == 0); // 11h tells it
    CHECK(found.device_class.ffd.table == 0);
    CHECK_FALSE(found.device_class.ofd_relay);
    type.name = "РИТЕЙЛ-77Ф";
    CHECK(identify(type, nullptr, "").family == Family::retail);
    CHECK(identify(type, nullptr, "").model == "РИТЕЙЛ-77Ф");
    type.name = "";
    CHECK(identify(type, nullptr, "0000000041000001").class_id == ClassId::nano);
    type.model = 19;
    CHECK(identify(type, nullptr, "").class_id == ClassId::mobile);
    CHECK(identify(type, nullptr, "").device_class.sd_table == 0);
    type.model = 200;
    CHECK(identify(type, nullptr, "").row == nullptr);
}

TEST_CASE("table numbers that the device itself tells win", "[shtrih]")
{
    DeviceTypeReply type;
    type.model = 45;
    type.name = "ШТРИХ-СМАРТПОС-Ф";
    ModelParametersReply parameters;
    parameters.flags = 0x0000083FF7C00008; // cash core
    parameters.fn_table = 23;
    parameters.ofd_table = 24;
    parameters.ffd_table = 10;
    parameters.ffd_field = 38;
    const Identity found = identify(type, &parameters, "");
    CHECK(found.class_id == ClassId::cash_core);
    CHECK(found.device_class.fn_table == 23);
    CHECK(found.device_class.kkt_reg_number == TableField{23, 3});
    CHECK(found.device_class.ffd == TableField{10, 38});
    CHECK(found.device_class.item_tlv == ItemTlv::before_operation);
    CHECK_FALSE(found.device_class.cutter);

    type.name = "UNKNOWN";
    type.model = 200;
    CHECK(identify(type, &parameters, "").class_id == ClassId::cash_core);
}

TEST_CASE("tables of another firmware line prove that line, whatever the name says", "[shtrih]")
{
    DeviceTypeReply type;
    type.name = "ШТРИХ-М-01Ф";
    ModelParametersReply parameters; // of vector U11: FN table 14, OFD table 15
    parameters.flags = 0x00001E0037000018;
    parameters.fn_table = 14;
    parameters.ofd_table = 15;
    const Identity found = identify(type, &parameters, "");
    CHECK(found.model == "ШТРИХ-М-01Ф");
    CHECK(found.class_id == ClassId::mobile);
    CHECK(found.device_class.sd_table == 0);
    CHECK(found.device_class.item_tlv == ItemTlv::before_operation);
}

TEST_CASE("ЭЛВЕС-МФ is not believed when it names a place of the FFD version", "[shtrih]")
{
    DeviceTypeReply type;
    type.model = 153;
    ModelParametersReply parameters;
    parameters.ffd_table = 17;
    parameters.ffd_field = 17;
    const Identity found = identify(type, &parameters, "");
    CHECK(found.class_id == ClassId::elves_mf);
    CHECK(found.device_class.ffd.table == 0);
}

TEST_CASE("who is it: the name before the factory number, the number before the code", "[shtrih]")
{
    DeviceTypeReply type;
    type.name = "РИТЕЙЛ-01Ф";
    type.model = 152;                       // a Nano's
    const char* of_rr = "0049361214000001"; // РР-03Ф
    CHECK(identify(type, nullptr, of_rr).model == "РИТЕЙЛ-01Ф");
    CHECK(identify(type, nullptr, of_rr).family == Family::retail);
    CHECK(identify(type, nullptr, of_rr).class_id == ClassId::desktop);
    type.name.clear();
    CHECK(identify(type, nullptr, of_rr).model == "РР-03Ф");
    CHECK(identify(type, nullptr, of_rr).family == Family::rr);
    CHECK(identify(type, nullptr, "").model == "ШТРИХ-НАНО-Ф");
    CHECK(identify(type, nullptr, "").class_id == ClassId::nano);
    // A name that no row has stays the model's; number and code say what it is built on.
    type.name = "КАССА-5";
    const Identity unknown = identify(type, nullptr, of_rr);
    CHECK(unknown.model == "КАССА-5");
    CHECK(unknown.family == Family::rr);
    CHECK(unknown.confidence == fiscal::Confidence::guess);
}

TEST_CASE("models are told by the factory number where it is known", "[shtrih]")
{
    REQUIRE(model_by_serial("0000000012345678") != nullptr);
    CHECK(model_by_serial("0000000012345678")->name == "РИТЕЙЛ-01Ф");
    CHECK(model_by_serial("0000000043345678")->name == "ШТРИХ-СМАРТПОС-Ф");
    CHECK(model_by_serial("0000000099345678") == nullptr);
    CHECK(model_by_serial("12") == nullptr);
}

TEST_CASE("every model's own words lead to its row, and no two rows share them", "[shtrih]")
{
    std::set<std::string> names;
    std::set<std::string_view> digits;
    std::set<unsigned> codes;
    for (const Model& model : all_models()) {
        INFO(model.name);
        CHECK(model_by_name(model.name) == &model);
        CHECK_FALSE(model.evidence.empty());
        CHECK(names.insert(fold_name(model.name)).second);
        for (const std::string_view other : model.other_names) {
            if (!other.empty()) {
                CHECK(model_by_name(other) == &model);
                CHECK(names.insert(fold_name(other)).second);
            }
        }
        for (const std::string_view two : model.serial_digits) {
            if (!two.empty()) {
                CHECK(model_by_serial("00000000" + std::string(two) + "000000") == &model);
                CHECK(digits.insert(two).second);
            }
        }
        for (const auto& code : model.codes) {
            if (code) {
                CHECK(find_model(*code) == &model);
                CHECK(codes.insert(*code).second);
            }
        }
        // The family's mark in the name is the row's family: an unknown sister is taken for the same.
        DeviceTypeReply sister;
        sister.name = std::string(model.name) + "-XXL";
        CHECK(identify(sister, nullptr, "").family == model.family);
    }
    CHECK(find_model(200) == nullptr);
}

TEST_CASE("modes become the words of the house", "[shtrih]")
{
    using Mode = fiscal::DeviceStatus::Mode;
    CHECK(to_device_status(2, 0, 0, false).mode == Mode::shift_open);
    CHECK(to_device_status(2, 0, 0, false).may_read_archive);
    CHECK(to_device_status(3, 0, 0, false).mode == Mode::shift_expired);
    CHECK(to_device_status(4, 0, 0, false).may_read_archive);
    CHECK(to_device_status(0x28, 0, 0, false).mode == Mode::receipt_open);
    CHECK_FALSE(to_device_status(0x28, 0, 0, false).may_read_archive);
    CHECK(to_device_status(8, 5, 0, false).mode == Mode::receipt_open);
    CHECK(to_device_status(2, 5, 0, false).mode == Mode::printing);
    CHECK_FALSE(to_device_status(2, 5, 0, false).may_read_archive);
    CHECK(to_device_status(2, 1, 0, false).paper == fiscal::Paper::absent);
    CHECK(to_device_status(2, 3, 0, false).waits_for_continue);
    CHECK_FALSE(to_device_status(2, 3, 0, false).may_read_archive);
    CHECK(to_device_status(2, 3, 0, false).may_read_records);
    CHECK_FALSE(to_device_status(8, 3, 0, false).may_read_records);
    CHECK(to_device_status(1, 0, 0, false).mode == Mode::data_output);
    CHECK(to_device_status(9, 0, 0, false).mode == Mode::blocked);
    CHECK(to_device_status(0, 9, 0, false).mode == Mode::unknown);
    CHECK(to_device_status(0, 9, 0, false).paper == fiscal::Paper::unknown);
    CHECK(to_device_status(2, 0, 0x0400, true).cover == fiscal::Cover::open);
    CHECK(to_device_status(2, 0, 0, true).cover == fiscal::Cover::closed);
    CHECK(to_device_status(2, 0, 0x0400, false).cover == fiscal::Cover::unknown);
    CHECK(to_device_status(0x18, 5, 0, false).vendor_mode == 0x1805);
    CHECK(open_document(0x48) == OpenDocumentKind::non_fiscal);
    CHECK_FALSE(open_document(0x58));
    CHECK(mode_text_ru(0x18) == "открыт чек: расход");
    for (unsigned mode = 0; mode < 256; ++mode)
        CHECK_FALSE(mode_text_ru(static_cast<std::uint8_t>(mode)).empty());
    CHECK(submode_text_ru(3) == "ожидание продолжения печати");
    CHECK(submode_text_ru(6) == "подрежим неизвестен");
}

TEST_CASE("the two orders of receipt types are never mixed", "[shtrih]")
{
    CHECK(to_operation_tag(0) == 1); // sale
    CHECK(to_operation_tag(1) == 3); // purchase
    CHECK(to_operation_tag(2) == 2); // sale return
    CHECK(to_operation_tag(3) == 4);
    for (std::uint8_t type = 0; type < 4; ++type)
        CHECK(to_receipt_type(to_operation_tag(type)) == type);
}

TEST_CASE("VAT rates have their rows and codes, on Nano their own", "[shtrih]")
{
    CHECK(vat_code(VatRate::vat20, false) == 0x01);
    CHECK(vat_code(VatRate::none, false) == 0x08);
    CHECK(vat_code(VatRate::vat7_107, true) == 0x88);
    CHECK(vat_code(VatRate::vat22, false) == 0xCB);
    CHECK(vat_code(VatRate::vat22, true) == 0x90);
    CHECK(vat_code(VatRate::vat22_122, true) == 0xA0);
    CHECK(vat_row(VatRate::vat0) == 3);
    for (std::uint8_t rate = 1; rate <= 12; ++rate)
        for (const bool nano : {false, true})
            CHECK(vat_from_code(vat_code(static_cast<VatRate>(rate), nano)) == static_cast<VatRate>(rate));
    CHECK_FALSE(vat_from_code(0x40));
}

TEST_CASE("port codes mean what the vendor's document says", "[shtrih]")
{
    CHECK(byte_timeout(100) == 100ms);
    CHECK(byte_timeout(151) == 300ms);
    CHECK(byte_timeout(249) == 15s);
    CHECK(byte_timeout(250) == 30s);
    CHECK(byte_timeout(255) == 105s);
    CHECK(baud_rate(6) == 115200);
    CHECK_FALSE(baud_rate(10));
    CHECK(baud_code(4800) == 1);
    CHECK_FALSE(baud_code(300));
    CHECK(tcp_port_of(57) == 12345);
    CHECK(tcp_port_of(0xFF) == 61503);
    CHECK(default_password(30) == 30);
}

TEST_CASE("the SD card table becomes the words of the house", "[shtrih]")
{
    using State = fiscal::SdCard::State;
    CHECK(to_sd_card({0xFE, 0, 0, 0, 0, 0}).state == State::missing);
    CHECK(to_sd_card({0, 512, 1000, 500, 0, 2}).state == State::present);
    CHECK(to_sd_card({0, 512, 1000, 500, 3, 0}).state == State::failing);
    CHECK(to_sd_card({1, 512, 1000, 500, 0, 0}).state == State::failing);
    CHECK(to_sd_card({0, 512, 1000, 500, 0, 2}).free_sectors == 500);
    CHECK(ffd_version(4) == fiscal::FfdVersion::v1_2);
    CHECK(ffd_version(9) == fiscal::FfdVersion::unknown);
}

#include "tlv_fixture.hpp"

#include "protocol/fiscal/receipt_text.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::fiscal;
using kb::test::load_tlv;

namespace {

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines)
        text += line + '\n';
    return text;
}

std::size_t characters(const std::string& line)
{
    return static_cast<std::size_t>(std::count_if(
        line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace

TEST_CASE("a receipt on paper of 40 characters", "[fiscal]")
{
    const auto document = decode(load_tlv("e5").bytes).value();
    CHECK(joined(receipt_text(document, 40)) == "             ООО \"Ромашка\"\n"
                                                "ИНН: 7707000008\n"
                                                "101000, г. Москва, ул. Тестовая, д. 1\n"
                                                "Место расчетов: Магазин\n"
                                                "              Кассовый чек\n"
                                                "                 Приход\n"
                                                "Кассир: Кассир 1\n"
                                                "Смена 1                            Чек 1\n"
                                                "----------------------------------------\n"
                                                "Чайник\n"
                                                "1 x 300.00                       =300.00\n"
                                                "  НДС 20%                         =50.00\n"
                                                "  Полный расчет, Товар\n"
                                                "Яблоки\n"
                                                "0.5 кг x 101.00                   =50.50\n"
                                                "  НДС 10%                          =4.59\n"
                                                "  Полный расчет, Товар\n"
                                                "----------------------------------------\n"
                                                "ИТОГ                             =350.50\n"
                                                "НАЛИЧНЫМИ                         =50.50\n"
                                                "БЕЗНАЛИЧНЫМИ                     =300.00\n"
                                                "СУММА НДС 20%                     =50.00\n"
                                                "СУММА НДС 10%                      =4.59\n"
                                                "СНО: ОСН\n"
                                                "Эл. адр. покупателя: +79990000000\n"
                                                "Эл. адр. отправителя:\n"
                                                "noreply@example.org\n"
                                                "Сайт ФНС: www.nalog.gov.ru\n"
                                                "----------------------------------------\n"
                                                "01.03.24 09:15\n"
                                                "РН ККТ: 0000000001011546\n"
                                                "ФН: 9999078900001234\n"
                                                "ФД: 3                     ФП: 3735928559\n"
                                                "t=20240301T0915&s=350.50&fn=999907890000\n"
                                                "1234&i=3&fp=3735928559&n=1\n");
}

TEST_CASE("every document fits its paper at every width", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        const auto document = decode(fixture.bytes).value();
        for (std::size_t width = 20; width <= 70; ++width) {
            const auto lines = receipt_text(document, width);
            REQUIRE(lines.size() > 4);
            for (const std::string& line : lines) {
                INFO(fixture.name << " at " << width << ": " << line);
                REQUIRE(characters(line) <= std::clamp<std::size_t>(width, 24, 64));
            }
        }
    }
}

TEST_CASE("reports tell counters and warnings, a correction its basis", "[fiscal][fixture]")
{
    const auto text = [](const char* name) {
        return joined(receipt_text(decode(load_tlv(name).bytes).value()));
    };
    CHECK(text("e9").find("ПРЕВЫШЕНО ВРЕМЯ ОЖИДАНИЯ ОТВЕТА ОФД") != std::string::npos);
    CHECK(text("e9").find("ФД НЕ ПЕРЕДАНЫ С                  01.03.24") != std::string::npos);
    CHECK(text("e19").find("СЧЕТЧИКИ ИТОГОВ СМЕНЫ") != std::string::npos);
    CHECK(text("e7").find("Основание: Акт № 17 от 28.02.24") != std::string::npos);
    CHECK(text("e15").find("1 шт. (1/2) x 300.00               =150.00") != std::string::npos);
    CHECK(text("e17").find("СУММА НДС 22%") != std::string::npos);
    CHECK(text("e14").find('\x1D') == std::string::npos);
}

// The Russian words paper and screens use for coded values. Source: docs/sources.md#ffd, section 4.
#include "protocol/fiscal/receipt_text.hpp"

#include <algorithm>

namespace kb::fiscal {

namespace {

struct Name {
    unsigned code;
    std::string_view text;
};

template <std::size_t N>
std::string_view find(const Name (&names)[N], unsigned code)
{
    const auto* found = std::find_if(std::begin(names), std::end(names),
                                     [code](const Name& name) { return name.code == code; });
    return found == std::end(names) ? std::string_view{} : found->text;
}

constexpr Name kDocuments[] = {{1, "Отчет о регистрации"},
                               {11, "Отчет об изменении параметров регистрации"},
                               {2, "Отчет об открытии смены"},
                               {21, "Отчет о текущем состоянии расчетов"},
                               {3, "Кассовый чек"},
                               {31, "Кассовый чек коррекции"},
                               {4, "Бланк строгой отчетности"},
                               {41, "БСО коррекции"},
                               {5, "Отчет о закрытии смены"},
                               {6, "Отчет о закрытии фискального накопителя"},
                               {7, "Подтверждение оператора"}};

constexpr Name kOperations[] = {{1, "Приход"}, {2, "Возврат прихода"}, {3, "Расход"}, {4, "Возврат расхода"}};

constexpr Name kTaxSystems[] = {{1, "ОСН"},  {2, "УСН доход"}, {4, "УСН доход - расход"},
                                {8, "ЕНВД"}, {16, "ЕСХН"},     {32, "Патент"}};

constexpr Name kVatRates[] = {{1, "НДС 20%"},   {2, "НДС 10%"},    {3, "НДС 20/120"}, {4, "НДС 10/110"},
                              {5, "НДС 0%"},    {6, "Без НДС"},    {7, "НДС 5%"},     {8, "НДС 7%"},
                              {9, "НДС 5/105"}, {10, "НДС 7/107"}, {11, "НДС 22%"},   {12, "НДС 22/122"}};

constexpr Name kPaymentMethods[] = {
    {1, "Предоплата 100%"},           {2, "Предоплата"},        {3, "Аванс"},         {4, "Полный расчет"},
    {5, "Частичный расчет и кредит"}, {6, "Передача в кредит"}, {7, "Оплата кредита"}};

constexpr Name kItemKinds[] = {{1, "Товар"},
                               {2, "Подакцизный товар"},
                               {3, "Работа"},
                               {4, "Услуга"},
                               {5, "Ставка азартной игры"},
                               {6, "Выигрыш азартной игры"},
                               {7, "Лотерейный билет"},
                               {8, "Выигрыш лотереи"},
                               {9, "Предоставление РИД"},
                               {10, "Платеж"},
                               {11, "Агентское вознаграждение"},
                               {12, "Составной предмет расчета или выплата"},
                               {13, "Иной предмет расчета"},
                               {14, "Имущественное право"},
                               {15, "Внереализационный доход"},
                               {16, "Расходы, уменьшающие налог"},
                               {17, "Торговый сбор"},
                               {18, "Курортный сбор"},
                               {19, "Залог"},
                               {20, "Расходы, уменьшающие доход"},
                               {21, "Взносы на ОПС ИП"},
                               {22, "Взносы на ОПС"},
                               {23, "Взносы на ОМС ИП"},
                               {24, "Взносы на ОМС"},
                               {25, "Взносы на ОСС"},
                               {26, "Платеж казино"},
                               {27, "Выдача денежных средств"},
                               {30, "Подакцизный товар без кода маркировки"},
                               {31, "Подакцизный товар с кодом маркировки"},
                               {32, "Товар без кода маркировки"},
                               {33, "Товар с кодом маркировки"}};

constexpr Name kUnits[] = {{0, "шт."},    {10, "г"},     {11, "кг"},     {12, "т"},      {20, "см"},
                           {21, "дм"},    {22, "м"},     {30, "кв. см"}, {31, "кв. дм"}, {32, "кв. м"},
                           {40, "мл"},    {41, "л"},     {42, "куб. м"}, {50, "кВт·ч"},  {51, "Гкал"},
                           {70, "сутки"}, {71, "час"},   {72, "мин"},    {73, "с"},      {80, "Кбайт"},
                           {81, "Мбайт"}, {82, "Гбайт"}, {83, "Тбайт"}};

} // namespace

std::string_view document_name_ru(DocumentType type) { return find(kDocuments, static_cast<unsigned>(type)); }
std::string_view operation_name_ru(Operation operation)
{
    return find(kOperations, static_cast<unsigned>(operation));
}
std::string_view tax_system_name_ru(std::uint32_t bit) { return find(kTaxSystems, bit); }
std::string_view vat_rate_name_ru(std::uint8_t rate) { return find(kVatRates, rate); }
std::string_view payment_method_name_ru(std::uint8_t code) { return find(kPaymentMethods, code); }
std::string_view item_kind_name_ru(std::uint8_t code) { return find(kItemKinds, code); }
std::string_view unit_name_ru(std::uint8_t code) { return find(kUnits, code); }

} // namespace kb::fiscal

// Positions of a receipt. Source: docs/sources.md#ffd, sections 3, 4.5, 4.7-4.9 and 7.
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/request_faults.hpp"
#include "protocol/fiscal/request_words.hpp"
#include "protocol/fiscal/vat.hpp"

namespace kb::fiscal {

namespace {

constexpr std::uint8_t kCreditPayment = 7;

std::string number(std::uint64_t value) { return std::to_string(value); }

// ---- price, quantity, sum

void check_quantity(Faults& faults, const Place& place, Quantity quantity)
{
    const RequestLimits& limits = faults.limits();
    if (quantity <= Quantity{})
        faults.add(place, "quantity_not_positive",
                   {"количество " + quantity.to_text() +
                        "; укажите больше нуля (для возврата есть операция «возврат прихода»)",
                    "quantity " + quantity.to_text() +
                        "; give more than zero (for a return there is the operation sell_return)"});
    else if (quantity > limits.max_quantity)
        faults.add(place, "quantity_too_big",
                   {"количество " + quantity.to_text() + ", касса принимает до " +
                        limits.max_quantity.to_text() + "; разделите на несколько позиций",
                    "quantity " + quantity.to_text() + ", the register takes up to " +
                        limits.max_quantity.to_text() + "; divide it into several positions"});
    else if (limits.quantity_step > 1 && quantity.millionths() % limits.quantity_step != 0) {
        const std::string step = Quantity::from_millionths(limits.quantity_step).to_text();
        faults.add(
            place, "quantity_step",
            {"количество " + quantity.to_text() + " точнее, чем умеет касса (до " + step + "); округлите",
             "quantity " + quantity.to_text() + " is finer than the register's step of " + step +
                 "; round it"});
    }
}

void check_numbers(Faults& faults, const Place& place, const Item& item)
{
    if (!item.price)
        faults.add(place.in("price"), "price_missing",
                   {"не указана цена; укажите цену за единицу", "no price; give the price of one unit"});
    else
        check_sum(faults, place.in("price"), *item.price);
    if (!item.quantity)
        faults.add(place.in("quantity"), "quantity_missing",
                   {"не указано количество; укажите, например 1", "no quantity; give it, for example 1"});
    else
        check_quantity(faults, place.in("quantity"), *item.quantity);
    if (item.sum)
        check_sum(faults, place.in("sum"), *item.sum);
    else if (item.price && item.quantity)
        faults.add(place.in("sum"), "sum_missing",
                   {"не указана стоимость; у части упаковки её не вычислить, укажите",
                    "no sum; it cannot be reckoned for a part of a pack, give it"});
}

// ---- VAT

// A caller may have reckoned VAT piece by piece: half a kopeck of rounding each.
bool vat_sum_fits(const Item& item, std::int64_t expected)
{
    const std::int64_t pieces = item.quantity.value_or(Quantity{}).millionths() / Quantity::kScale;
    const std::int64_t tolerance = 1 + pieces / 2;
    const std::int64_t is = item.vat_sum->count();
    return is > expected ? is - expected <= tolerance : expected - is <= tolerance;
}

void check_vat(Faults& faults, const Place& place, const Item& item)
{
    if (!item.vat_rate) {
        faults.add(place.in("vat"), "vat_missing",
                   {R"(не указана ставка НДС; укажите, без НДС — "none")",
                    R"(no VAT rate; give one, "none" if there is no VAT)"});
        return;
    }
    const std::size_t rate = *item.vat_rate;
    if (rate == 0 || rate >= kVatRateCodes) {
        faults.add(place.in("vat"), "vat_unknown",
                   {"неизвестная ставка НДС " + number(rate) + "; допустимы 1..12",
                    "unknown VAT rate " + number(rate) + "; 1..12 are known"});
        return;
    }
    const bool is_5_7 = rate >= 7 && rate <= 10;
    if ((is_5_7 && !faults.limits().vat_5_7) || (rate >= 11 && !faults.limits().vat_22))
        faults.add(place.in("vat"), "vat_unsupported",
                   {"касса не знает ставку «" + std::string(vat_rate_name_ru(*item.vat_rate)) +
                        "»; обновите прошивку или таблицу ставок кассы",
                    "the register does not know the rate \"" +
                        std::string(word_of(words::kVatRates, *item.vat_rate)) +
                        "\"; update its firmware or its table of rates"});
    if (!item.vat_sum || !item.sum || *item.sum < Kopecks{})
        return;
    const VatShare& share = vat_share(rate);
    const std::int64_t expected = share.whole == 0 ? 0 : share_of(item.sum->count(), share.part, share.whole);
    if (item.vat_sum->count() < 0 || (share.whole == 0 && item.vat_sum->count() != 0) ||
        (share.whole != 0 && !vat_sum_fits(item, expected)))
        faults.add(place.in("vat_sum"), "vat_sum_mismatch",
                   {"НДС " + item.vat_sum->to_rubles() + ", а с " + item.sum->to_rubles() +
                        " по этой ставке выходит " + Kopecks(expected).to_rubles() +
                        "; исправьте или не указывайте, посчитает касса",
                    "VAT of " + item.vat_sum->to_rubles() + ", but of " + item.sum->to_rubles() +
                        " at this rate it is " + Kopecks(expected).to_rubles() +
                        "; correct it, or leave it to the register"});
}

// ---- codes

void check_codes(Faults& faults, const Place& place, const Position& position, std::size_t positions)
{
    const Item& item = position.item;
    const unsigned method = item.payment_method.value_or(0);
    if (method < 1 || method > 7)
        faults.add(place.in("payment_method"), "payment_method_unknown",
                   {"неизвестный способ расчёта " + number(method) + "; допустимы 1..7",
                    "unknown payment method " + number(method) + "; 1..7 are known"});
    if (method == kCreditPayment && positions > 1)
        faults.add(place.in("payment_method"), "credit_payment_not_alone",
                   {"оплата кредита должна быть единственной позицией чека; пробейте её отдельным чеком",
                    "a credit payment has to be the only position; make a receipt of its own of it"});

    const unsigned kind = item.item_kind.value_or(0);
    const bool marked_kind = kind >= 30 && kind <= 33;
    if (!((kind >= 1 && kind <= 27) || marked_kind))
        faults.add(place.in("item_kind"), "item_kind_unknown",
                   {"неизвестный предмет расчёта " + number(kind) + "; допустимы 1..27, 30..33",
                    "unknown item kind " + number(kind) + "; 1..27 and 30..33 are known"});
    else if (marked_kind && !position.marking) // with a mark, that is what the fault is about
        check_only_1_2(faults, place.in("item_kind"), true,
                       "укажите вид товара без маркировки: goods или excise", "take goods or excise");

    if (item.unit && word_of(words::kUnits, *item.unit).empty())
        faults.add(place.in("unit"), "unit_unknown",
                   {"неизвестная мера количества " + number(*item.unit) + "; возьмите код из ФФД (тег 2108)",
                    "unknown unit " + number(*item.unit) + "; take a code of tag 2108"});
    if (position.department > faults.limits().max_department)
        faults.add(place.in("department"), "department_unknown",
                   {"отдел " + number(position.department) + ", у кассы отделов " +
                        number(faults.limits().max_department) + "; исправьте",
                    "department " + number(position.department) + ", the register has " +
                        number(faults.limits().max_department) + "; correct it"});
}

// ---- a part of a pack

void check_fraction(Faults& faults, const Place& place, const Position& position)
{
    const Item& item = position.item;
    if (!item.fraction)
        return;
    const std::uint64_t numerator = item.fraction->numerator.value_or(0);
    const std::uint64_t denominator = item.fraction->denominator.value_or(0);
    check_only_1_2(faults, place.in("fraction"), true, "укажите дробное количество",
                   "give a fractional quantity");
    if (numerator == 0 || numerator >= denominator)
        faults.add(place.in("fraction"), "fraction_not_below_one",
                   {"часть упаковки " + number(numerator) + "/" + number(denominator) +
                        "; числитель должен быть от 1 и меньше знаменателя",
                    "part of a pack " + number(numerator) + "/" + number(denominator) +
                        "; the numerator is at least 1 and less than the denominator"});
    if (!position.marking)
        faults.add(
            place.in("fraction"), "fraction_without_mark",
            {"часть упаковки бывает только у товара с кодом маркировки; укажите код или дробное "
             "количество",
             "only marked goods are sold in parts of a pack; give the code, or a fractional quantity"});
    if (item.unit.value_or(words::kPiece) != words::kPiece)
        faults.add(place.in("unit"), "fraction_unit",
                   {"часть упаковки считается в штуках; уберите меру количества",
                    "parts of a pack are counted in pieces; leave the unit out"});
    if (item.quantity && *item.quantity != Quantity::units(1))
        faults.add(place.in("quantity"), "fraction_quantity",
                   {"у части упаковки количество 1, а часть задаёт дробь; исправьте",
                    "the quantity of a part of a pack is 1, the fraction tells the part; correct it"});
}

// ---- texts

void check_name(Faults& faults, const Place& place, const std::string& name)
{
    if (name.empty())
        faults.add(place, "name_missing",
                   {"не указано наименование; укажите, что продано", "no name; say what was sold"});
    check_text(faults, place, tag::item_name, name, faults.limits().name_characters);
}

void check_product_code(Faults& faults, const Place& place, const Bytes& code)
{
    constexpr std::size_t kLongest = 32; // section 7
    check_only_before_1_2(faults, place, !code.empty(), "передайте код маркировки в marking",
                          "give the mark as scanned in marking");
    if (code.size() > kLongest)
        faults.add(place, "product_code_too_long",
                   {"код товара " + number(code.size()) + " байт, помещается 32; проверьте код",
                    "product code of " + number(code.size()) + " bytes, 32 fit; check it"});
}

} // namespace

void check_industry(Faults& faults, const Place& place, const std::vector<IndustryAttribute>& attributes)
{
    check_only_1_2(faults, place, !attributes.empty(), "уберите отраслевой реквизит",
                   "leave the industry attribute out");
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const IndustryAttribute& attribute = attributes[i];
        const Place here = place.at(i);
        check_digits(faults, here.in("foiv_id"), tag::foiv_id, attribute.foiv_id, 3);
        check_dotted_date(faults, here.in("date"), attribute.date);
        check_text(faults, here.in("number"), tag::basis_number, attribute.number);
        check_text(faults, here.in("value"), tag::industry_value, attribute.value);
        if (attribute.foiv_id.empty() || attribute.value.empty())
            faults.add(here, "industry_incomplete",
                       {"в отраслевом реквизите нужны идентификатор ФОИВ и значение; укажите оба",
                        "an industry attribute has a FOIV id and a value; give both"});
    }
}

void check_position(Faults& faults, const Place& place, const Position& position,
                    const ReceiptRequest& request)
{
    const Item& item = position.item;
    check_name(faults, place.in("name"), item.name);
    check_numbers(faults, place, item);
    check_vat(faults, place, item);
    check_codes(faults, place, position, request.positions.size());
    check_marking(faults, place, position, request);
    check_fraction(faults, place, position);
    check_agent(faults, place, item, request.receipt);
    check_only_1_2(faults, place.in("unit"), item.unit.has_value(), "укажите единицу текстом: unit_text",
                   "give the unit as a text: unit_text");
    check_only_before_1_2(faults, place.in("unit_text"), !item.unit_text.empty(), "укажите unit",
                          "give unit instead");
    check_text(faults, place.in("unit_text"), tag::unit_text, item.unit_text);
    check_product_code(faults, place.in("product_code"), item.product_code);
    if (item.excise)
        check_sum(faults, place.in("excise"), *item.excise);
    check_digits(faults, place.in("country"), tag::country, item.country, 3);
    check_text(faults, place.in("customs_declaration"), tag::customs_declaration, item.customs_declaration);
    check_text(faults, place.in("extra"), tag::item_extra, item.extra);
    check_industry(faults, place.in("industry"), item.industry);
}

} // namespace kb::fiscal

// Rules of texts, people and lines to print: each refusing, and next to it what just passes.
#include "request_support.hpp"

using namespace kb;
using namespace kb::fiscal;
using namespace kb::test;

TEST_CASE("texts", "[fiscal][request]")
{
    check_rules({
        {"a name of 128", [](Sale& s) { s.item().name = letters(128); }, {}},
        {"a name of 129", [](Sale& s) { s.item().name = letters(129); }, {"text_too_long@items[0].name"}},
        {"a name at the register's limit",
         [](Sale& s) {
             s.limits.name_characters = 64;
             s.item().name = letters(64);
         },
         {}},
        {"a name above it",
         [](Sale& s) {
             s.limits.name_characters = 64;
             s.item().name = letters(65);
         },
         {"text_too_long@items[0].name"}},
        {"no name", [](Sale& s) { s.item().name = ""; }, {"name_missing@items[0].name"}},
        {"a name of spaces", [](Sale& s) { s.item().name = "   "; }, {"text_blank@items[0].name"}},
        {"a tab", [](Sale& s) { s.item().name = "Чай\tчёрный"; }, {"control_character@items[0].name"}},
        {"NUL", [](Sale& s) { s.item().name = std::string("a\0b", 3); }, {"control_character@items[0].name"}},
        {"№ and ё are there", [](Sale& s) { s.item().name = "Чай №5, чёрный"; }, {}},
        {"« is not",
         [](Sale& s) { s.item().name = "Чай «Майский»"; },
         {"character_not_printable@items[0].name"}},
        {"broken UTF-8", [](Sale& s) { s.item().name = "Чай\xD0"; }, {"bad_utf8@items[0].name"}},
        {"a register without small letters",
         [](Sale& s) {
             s.limits.can_print = [](char32_t c) { return c < U'а'; };
             s.item().name = "ЧАЙ a";
         },
         {}},
        {"a small letter for it",
         [](Sale& s) { s.limits.can_print = [](char32_t c) { return c < U'а'; }; },
         {"character_not_printable@items[0].name"}},
        {"what a register prints and the FN does not keep",
         [](Sale& s) {
             s.limits.can_print = [](char32_t) { return true; };
             s.item().name = "«";
         },
         {"character_not_printable@items[0].name"}},
        {"a cashier of 64", [](Sale& s) { s.request.cashier = letters(64); }, {}},
        {"a cashier of 65", [](Sale& s) { s.request.cashier = letters(65); }, {"text_too_long@cashier"}},
        {"extra of a receipt, 16", [](Sale& s) { s.receipt.extra = letters(16); }, {}},
        {"extra of a receipt, 17", [](Sale& s) { s.receipt.extra = letters(17); }, {"text_too_long@extra"}},
        {"extra of an item, 64", [](Sale& s) { s.item().extra = letters(64); }, {}},
        {"extra of an item, 65",
         [](Sale& s) { s.item().extra = letters(65); },
         {"text_too_long@items[0].extra"}},
        {"a declaration, 32", [](Sale& s) { s.item().customs_declaration = letters(32); }, {}},
        {"a declaration, 33",
         [](Sale& s) { s.item().customs_declaration = letters(33); },
         {"text_too_long@items[0].customs_declaration"}},
        {"a unit of 17 letters",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.item().unit_text = letters(17);
         },
         {"text_too_long@items[0].unit_text"}},
        {"address, place and number of the machine",
         [](Sale& s) {
             s.receipt.address = "Тверь, ул. Ленина, 1";
             s.receipt.place = "курьер";
             s.receipt.machine_number = "0123456789";
         },
         {}},
        {"a number of a machine above 20",
         [](Sale& s) { s.receipt.machine_number = std::string(21, '1'); },
         {"text_too_long@machine_number"}},
    });
}

TEST_CASE("a character that cannot be printed is told with its place and what to take instead",
          "[fiscal][request]")
{
    Request request = tea_sold();
    request.receipt->positions[0].item.name = "Чай «Майский»";
    REQUIRE(fill_in(request));
    const auto faults = check_request(request, limits_1_2());
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].ru ==
          "позиция 1 «Чай «Майский»»: наименование предмета расчета: символа «\u00AB» (U+00AB, "
          "5-й по счёту) в чеке быть не может; замените на \"");
    CHECK(faults[0].en ==
          "position 1 \"Чай «Майский»\": item name: a receipt cannot have the character \"\u00AB\" "
          "(U+00AB, number 5); replace it by \"");
}

TEST_CASE("numbers with check digits, phones and addresses", "[fiscal][request]")
{
    static const auto contact = [](Sale& s, const char* text) { s.receipt.buyer_contact = text; };
    check_rules({
        {"a cashier's INN", [](Sale& s) { s.request.cashier_inn = "500100732259"; }, {}},
        {"misspelt", [](Sale& s) { s.request.cashier_inn = "500100732258"; }, {"inn_invalid@cashier_inn"}},
        {"a company's as a cashier's",
         [](Sale& s) { s.request.cashier_inn = "7707000008"; },
         {"inn_of_company@cashier_inn"}},
        {"zeros as a cashier's",
         [](Sale& s) { s.request.cashier_inn = "000000000000"; },
         {"inn_invalid@cashier_inn"}},
        {"a company as buyer",
         [](Sale& s) {
             s.receipt.buyer.emplace();
             s.receipt.buyer->inn = "7707000008";
         },
         {}},
        {"misspelt buyer",
         [](Sale& s) {
             s.receipt.buyer.emplace();
             s.receipt.buyer->inn = "7707000009";
         },
         {"inn_invalid@buyer.inn"}},
        {"misspelt buyer before FFD 1.2",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.receipt.buyer.emplace();
             s.receipt.buyer->inn = "77070000080";
         },
         {"inn_invalid@buyer.inn"}},
        {"a phone", [](Sale& s) { contact(s, "+79161234567"); }, {}},
        {"a phone without +", [](Sale& s) { contact(s, "79161234567"); }, {"contact_invalid@buyer.contact"}},
        {"a phone with spaces",
         [](Sale& s) { contact(s, "+7 916 1234567"); },
         {"contact_invalid@buyer.contact"}},
        {"a phone of 18 digits", [](Sale& s) { contact(s, "+791612345678901234"); }, {}},
        {"a phone of 19",
         [](Sale& s) { contact(s, "+7916123456789012345"); },
         {"contact_invalid@buyer.contact"}},
        {"an address", [](Sale& s) { contact(s, "buyer@example.org"); }, {}},
        {"an address in Russian", [](Sale& s) { contact(s, "иван@почта.рф"); }, {}},
        {"without its domain",
         [](Sale& s) { contact(s, "buyer@example"); },
         {"contact_invalid@buyer.contact"}},
        {"with two @", [](Sale& s) { contact(s, "a@b@example.org"); }, {"contact_invalid@buyer.contact"}},
        {"without a name", [](Sale& s) { contact(s, "@example.org"); }, {"contact_invalid@buyer.contact"}},
        {"two of them", [](Sale& s) { contact(s, "a@b.ru,c@d.ru"); }, {"contact_invalid@buyer.contact"}},
        {"the shop's address", [](Sale& s) { s.receipt.sender_email = "shop@example.ru"; }, {}},
        {"a phone instead",
         [](Sale& s) { s.receipt.sender_email = "+79161234567"; },
         {"email_invalid@sender_email"}},
    });
}

TEST_CASE("who gets the receipt is told when it is not printed", "[fiscal][request]")
{
    check_rules({
        {"not printed and sent",
         [](Sale& s) {
             s.asked.electronic_only = true;
             s.receipt.buyer_contact = "+79161234567";
         },
         {}},
        {"not printed and not sent",
         [](Sale& s) { s.asked.electronic_only = true; },
         {"contact_missing@buyer.contact"}},
        {"where it must be printed",
         [](Sale& s) {
             s.asked.electronic_only = true;
             s.receipt.buyer_contact = "+79161234567";
             s.limits.electronic_only = false;
         },
         {"electronic_only_unsupported@electronic_only"}},
        {"by internet",
         [](Sale& s) {
             s.receipt.internet_payment = true;
             s.receipt.buyer_contact = "+79161234567";
         },
         {}},
        {"by internet and not sent",
         [](Sale& s) { s.receipt.internet_payment = true; },
         {"contact_missing@buyer.contact"}},
        {"by internet before FFD 1.2",
         [](Sale& s) {
             s.receipt.internet_payment = true;
             s.receipt.buyer_contact = "+79161234567";
             s.limits.ffd = FfdVersion::v1_05;
         },
         {"wants_ffd_1_2@internet_payment"}},
    });
}

TEST_CASE("buyer and attributes", "[fiscal][request]")
{
    static const auto buyer = [](Sale& s) -> Buyer& {
        return s.receipt.buyer ? *s.receipt.buyer : s.receipt.buyer.emplace();
    };
    check_rules({
        {"all there is of a buyer",
         [](Sale& s) {
             buyer(s) = {"Иванов И.И.", "500100732259", "1990-02-01", "643", "21", "4510 123456", "Тверь"};
         },
         {}},
        {"name and INN before FFD 1.2",
         [](Sale& s) {
             buyer(s) = {"Иванов И.И.", "500100732259", "", "", "", "", ""};
             s.limits.ffd = FfdVersion::v1_05;
         },
         {}},
        {"an address before FFD 1.2",
         [](Sale& s) {
             buyer(s).address = "Тверь";
             s.limits.ffd = FfdVersion::v1_05;
         },
         {"wants_ffd_1_2@buyer"}},
        {"a day that is none",
         [](Sale& s) { buyer(s).birth_date = "1990-02-30"; },
         {"date_invalid@buyer.birth_date"}},
        {"a day as the formats write it", [](Sale& s) { buyer(s).birth_date = "28.02.1990"; }, {}},
        {"a citizenship in letters",
         [](Sale& s) { buyer(s).citizenship = "RU"; },
         {"code_invalid@buyer.citizenship"}},
        {"a document without its kind",
         [](Sale& s) { buyer(s).document = "4510 123456"; },
         {"buyer_document_incomplete@buyer.document_code"}},
        {"a kind without a document",
         [](Sale& s) { buyer(s).document_code = "21"; },
         {"buyer_document_incomplete@buyer.document"}},
        {"a user attribute",
         [](Sale& s) {
             s.receipt.user_attribute = UserAttribute{"Заказ", "42"};
         },
         {}},
        {"without its value",
         [](Sale& s) {
             s.receipt.user_attribute = UserAttribute{"Заказ", ""};
         },
         {"user_attribute_incomplete@user_attribute"}},
        {"an operational attribute",
         [](Sale& s) {
             s.receipt.operational = OperationalAttribute{LocalSeconds{}, 0, "A"};
         },
         {}},
        {"without its id",
         [](Sale& s) {
             s.receipt.operational = OperationalAttribute{LocalSeconds{}, {}, "A"};
         },
         {"operational_incomplete@operational"}},
        {"before FFD 1.2",
         [](Sale& s) {
             s.receipt.operational = OperationalAttribute{LocalSeconds{}, 0, "A"};
             s.limits.ffd = FfdVersion::v1_1;
         },
         {"wants_ffd_1_2@operational"}},
        {"industry attributes",
         [](Sale& s) {
             s.receipt.industry = {{"030", "21.11.2023", "1944", "UUID=1"}};
             s.item().industry = {{"020", "2023-11-21", "", "x"}};
         },
         {}},
        {"of no federal body",
         [](Sale& s) {
             s.item().industry = {{"30", "21.11.2023", "1944", "UUID=1"}};
         },
         {"code_invalid@items[0].industry[0].foiv_id"}},
        {"of a day that is none",
         [](Sale& s) {
             s.receipt.industry = {{"030", "21.13.2023", "1944", "UUID=1"}};
         },
         {"date_invalid@industry[0].date"}},
        {"that say nothing",
         [](Sale& s) {
             s.receipt.industry = {{"030", "", "", ""}};
         },
         {"industry_incomplete@industry[0]"}},
        {"industry attributes before FFD 1.2",
         [](Sale& s) {
             s.item().industry = {{"030", "21.11.2023", "1944", "UUID=1"}};
             s.limits.ffd = FfdVersion::v1_1;
         },
         {"wants_ffd_1_2@items[0].industry"}},
        {"what the register makes",
         [](Sale& s) { s.receipt.vat.vat_20 = Kopecks{1}; },
         {"not_of_a_request@receipt"}},
    });
}

TEST_CASE("agents tell what their kind has to", "[fiscal][request]")
{
    static const auto agent = [](Sale& s, std::uint32_t flags) -> Item& {
        s.item().agent_flags = flags;
        s.item().supplier_inn = "5000000017";
        s.item().supplier = Supplier{{}, "ООО \"Поставщик\""};
        return s.item();
    };
    const std::string at = "@items[0].";
    check_rules({
        {"a commissioner", [](Sale& s) { agent(s, 32); }, {}},
        {"an attorney without the supplier's name",
         [](Sale& s) { agent(s, 16).supplier.reset(); },
         {"agent_incomplete" + at + "supplier.name"}},
        {"the same in FFD 1.05",
         [](Sale& s) {
             agent(s, 16).supplier.reset();
             s.limits.ffd = FfdVersion::v1_05;
         },
         {}},
        {"an agent without the supplier's INN",
         [](Sale& s) { agent(s, 64).supplier_inn = ""; },
         {"agent_without_supplier" + at + "supplier_inn"}},
        {"a foreign supplier", [](Sale& s) { agent(s, 64).supplier_inn = "000000000000"; }, {}},
        {"a supplier misspelt",
         [](Sale& s) { agent(s, 64).supplier_inn = "5000000018"; },
         {"inn_invalid" + at + "supplier_inn"}},
        {"a bank agent who tells nothing",
         [](Sale& s) { agent(s, 1); },
         {"agent_incomplete" + at + "agent.transfer_operator_phones",
          "agent_incomplete" + at + "agent.operation", "agent_incomplete" + at + "agent.agent_phones",
          "agent_incomplete" + at + "agent.transfer_operator_name",
          "agent_incomplete" + at + "agent.transfer_operator_address",
          "agent_incomplete" + at + "agent.transfer_operator_inn"}},
        {"a bank subagent who tells all",
         [](Sale& s) {
             agent(s, 2).agent =
                 Agent{{"+74951234567"}, "перевод", {"+74951234568"}, {}, "Банк", "Москва", "7707000008"};
         },
         {}},
        {"a paying agent who tells nothing",
         [](Sale& s) { agent(s, 4); },
         {"agent_incomplete" + at + "agent.agent_phones",
          "agent_incomplete" + at + "agent.payment_operator_phones",
          "agent_incomplete" + at + "supplier.phones"}},
        {"a paying subagent who tells all",
         [](Sale& s) {
             agent(s, 8).agent = Agent{{}, "", {"+74951234568"}, {"+74951234569"}, "", "", ""};
             s.item().supplier->phones = {"+74951234570"};
         },
         {}},
        {"a phone in another form",
         [](Sale& s) {
             agent(s, 32).supplier->phones = {"+74951234567", "8 495 1234567"};
         },
         {"phone_invalid" + at + "supplier.phones[1]"}},
        {"an operation of 25 letters",
         [](Sale& s) { agent(s, 32).agent = Agent{{}, letters(25), {}, {}, "", "", ""}; },
         {"text_too_long" + at + "agent.operation"}},
        {"an agent of no kind",
         [](Sale& s) { agent(s, 128 + 32); },
         {"agent_flags_unknown" + at + "agent_flags"}},
        {"a supplier and no agent",
         [](Sale& s) { s.item().supplier_inn = "5000000017"; },
         {"agent_flags_missing" + at + "agent_flags"}},
        {"of the whole receipt before FFD 1.2",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.receipt.agent_flags = 32;
             s.item().supplier_inn = "5000000017";
         },
         {}},
        {"of the whole receipt without the supplier's INN",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.receipt.agent_flags = 32;
         },
         {"agent_without_supplier" + at + "supplier_inn"}},
        {"data of an agent of the receipt without a flag",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.receipt.supplier_phones = {"+74951234567"};
         },
         {"agent_flags_missing@agent_flags"}},
    });
}

TEST_CASE("lines to print", "[fiscal][request]")
{
    using Kind = PrintItem::Kind;
    static const auto line = [](Sale& s, PrintItem::Kind kind, std::string text, const char* type = "EAN13") {
        s.asked.after.push_back({kind, std::move(text), PrintItem::Align::left, false, type});
    };
    const Faulty barcode{"barcode_invalid@after[0].barcode"};
    check_rules({
        {"longer than the paper", [](Sale& s) { line(s, Kind::text, letters(200)); }, {}},
        {"an empty line", [](Sale& s) { line(s, Kind::text, ""); }, {}},
        {"a tab", [](Sale& s) { line(s, Kind::text, "a\tb"); }, {"control_character@after[0].text"}},
        {"what a register prints itself",
         [](Sale& s) {
             s.limits.can_print = [](char32_t) { return true; };
             line(s, Kind::text, "«");
         },
         {}},
        {"an EAN-13", [](Sale& s) { line(s, Kind::barcode, "4600439931256"); }, {}},
        {"its last digit wrong",
         [](Sale& s) { line(s, Kind::barcode, "4600439931257"); },
         {"barcode_check_digit@after[0].barcode"}},
        {"twelve digits", [](Sale& s) { line(s, Kind::barcode, "460043993125"); }, barcode},
        {"a letter in it", [](Sale& s) { line(s, Kind::barcode, "46004399312A6"); }, barcode},
        {"an EAN-8", [](Sale& s) { line(s, Kind::barcode, "96385074", "EAN8"); }, {}},
        {"an EAN-8 of 13", [](Sale& s) { line(s, Kind::barcode, "4600439931256", "EAN8"); }, barcode},
        {"CODE128", [](Sale& s) { line(s, Kind::barcode, "order 42a", "CODE128"); }, {}},
        {"CODE128 in Russian", [](Sale& s) { line(s, Kind::barcode, "заказ", "CODE128"); }, barcode},
        {"CODE128 of 40", [](Sale& s) { line(s, Kind::barcode, std::string(40, 'a'), "CODE128"); }, {}},
        {"CODE128 of 41", [](Sale& s) { line(s, Kind::barcode, std::string(41, 'a'), "CODE128"); }, barcode},
        {"CODE39", [](Sale& s) { line(s, Kind::barcode, "ORDER-42", "CODE39"); }, {}},
        {"CODE39 in small letters", [](Sale& s) { line(s, Kind::barcode, "order-42", "CODE39"); }, barcode},
        {"a type that this register has no command for",
         [](Sale& s) {
             s.limits.barcodes = "EAN13";
             line(s, Kind::barcode, "order 42a", "CODE128");
         },
         {"barcode_unsupported@after[0].type"}},
        {"an EAN-13 where nothing but QR codes is printed",
         [](Sale& s) {
             s.limits.barcodes = {};
             line(s, Kind::barcode, "4600439931256");
         },
         {"barcode_unsupported@after[0].type"}},
        {"a type nobody knows is told once",
         [](Sale& s) {
             s.limits.barcodes = {};
             line(s, Kind::barcode, "1", "PDF417");
         },
         {"barcode_type_unknown@after[0].barcode"}},
        {"an empty bar code", [](Sale& s) { line(s, Kind::barcode, "", "CODE39"); }, barcode},
        {"a type nobody has",
         [](Sale& s) { line(s, Kind::barcode, "1", "PDF417"); },
         {"barcode_type_unknown@after[0].barcode"}},
        {"a QR code", [](Sale& s) { line(s, Kind::qr, "https://example.org/?a=1"); }, {}},
        {"an empty one", [](Sale& s) { line(s, Kind::qr, ""); }, {"qr_invalid@after[0].qr"}},
        {"a QR code of 501",
         [](Sale& s) { line(s, Kind::qr, std::string(501, 'a')); },
         {"qr_invalid@after[0].qr"}},
    });
}

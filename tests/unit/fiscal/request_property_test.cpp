// Requests of all shapes through their JSON and back. Another seed each run, told when something is wrong.
#include "request_support.hpp"

#include "protocol/fiscal/request_json.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <nlohmann/json.hpp>

#include <random>

using namespace kb;
using namespace kb::fiscal;
using namespace kb::test;

namespace {

/// Makes up requests: any form the JSON can hold, sense or nonsense.
class Imagination {
public:
    explicit Imagination(std::uint32_t seed) : random_(seed) {}

    Request request()
    {
        Request made;
        made.kind = static_cast<RequestKind>(code(words::kKinds));
        if (chance(2))
            made.kind = RequestKind::receipt;
        made.cashier = text();
        made.cashier_inn = text();
        switch (made.kind) {
        case RequestKind::receipt:
            made.receipt = receipt_request();
            break;
        case RequestKind::cash_in:
        case RequestKind::cash_out:
            made.sum = money();
            break;
        case RequestKind::copy:
            made.fd_number = static_cast<std::uint32_t>(below(UINT32_MAX));
            break;
        case RequestKind::text:
            made.lines = list([this] { return line(); });
            break;
        case RequestKind::set_time:
            made.time = maybe([this] { return time(); });
            break;
        default:
            break;
        }
        return made;
    }

    std::uint64_t below(std::uint64_t limit) // limit > 0
    {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
    }

private:
    bool chance(std::uint64_t of) { return below(of) == 0; }
    template <class F>
    auto maybe(F make) -> std::optional<decltype(make())>
    {
        return chance(2) ? std::optional<decltype(make())>(make()) : std::nullopt;
    }
    template <class F>
    auto list(F make) -> std::vector<decltype(make())>
    {
        std::vector<decltype(make())> made;
        for (std::uint64_t i = below(4); i > 0; --i)
            made.push_back(make());
        return made;
    }
    std::uint32_t code(Words words) { return words[below(words.size())].code; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }

    std::string text()
    {
        static const char* const kPieces[] = {"a",  "Ж",    "№",    "\"",   "\\",   "/", "\n",       "\x1D",
                                              "€",  "日本", "😀",    " ",    "0",    "{", "\xC2\xAB", ",",
                                              "\t", "ё",    "</s>", "\x7F", "null", "'"};
        std::string made;
        if (chance(3))
            return made;
        for (std::uint64_t i = below(9); i > 0; --i)
            made += kPieces[below(std::size(kPieces))];
        return made;
    }
    Kopecks money()
    {
        const auto count = static_cast<std::int64_t>(below(1'000'000'000'000));
        const Kopecks sum{chance(4) ? -count : chance(2) ? count % 100'000 : count};
        return sum;
    }
    Quantity quantity()
    {
        const auto count = static_cast<std::int64_t>(below(100'000'000'000));
        return Quantity::from_millionths(chance(5) ? -count : chance(2) ? count % 5'000'000 : count);
    }
    LocalSeconds time() { return LocalSeconds(std::chrono::seconds(below(4'000'000'000))); }
    std::string day()
    {
        static const char* const kDays[] = {"",           "21.11.2023", "2023-11-21", "29.02.2024",
                                            "30.02.2024", "x",          "2023-1-1"};
        return kDays[below(std::size(kDays))];
    }

    Agent agent()
    {
        return {list([this] { return text(); }),
                text(),
                list([this] { return text(); }),
                list([this] { return text(); }),
                text(),
                text(),
                text()};
    }
    IndustryAttribute industry() { return {text(), day(), text(), text()}; }
    PrintItem line()
    {
        PrintItem made;
        made.kind = static_cast<PrintItem::Kind>(below(3));
        made.text = text();
        made.align = static_cast<PrintItem::Align>(below(3));
        if (made.kind == PrintItem::Kind::text)
            made.wide = chance(2);
        if (made.kind == PrintItem::Kind::barcode && chance(2))
            made.barcode_type = text();
        return made;
    }

    Position position()
    {
        Position made;
        Item& item = made.item;
        item.name = text();
        item.price = maybe([this] { return money(); });
        item.quantity = maybe([this] { return quantity(); });
        item.unit = maybe([this] { return byte(); });
        if (chance(3))
            item.fraction =
                Fraction{"", maybe([this] { return below(100); }), maybe([this] { return below(100); })};
        item.sum = maybe([this] { return money(); });
        item.unit_text = text();
        item.vat_rate = maybe([this] { return static_cast<std::uint8_t>(code(words::kVatRates)); });
        item.vat_sum = maybe([this] { return money(); });
        item.payment_method =
            maybe([this] { return static_cast<std::uint8_t>(code(words::kPaymentMethods)); });
        item.item_kind = maybe([this] { return byte(); });
        for (std::uint64_t i = below(3); i > 0; --i)
            item.product_code.push_back(byte());
        item.agent_flags = maybe([this] { return static_cast<std::uint32_t>(below(128)); });
        item.agent = maybe([this] { return agent(); });
        item.supplier = maybe([this] { return Supplier{list([this] { return text(); }), text()}; });
        item.supplier_inn = text();
        item.industry = list([this] { return industry(); });
        item.excise = maybe([this] { return money(); });
        item.country = text();
        item.customs_declaration = text();
        item.extra = text();
        made.department = byte();
        if (chance(3))
            made.marking = Marking{text(), byte()};
        return made;
    }

    ReceiptRequest receipt_request()
    {
        ReceiptRequest made;
        made.operation = static_cast<Operation>(code(words::kOperations));
        made.correction = chance(3);
        Receipt& receipt = made.receipt;
        if (made.correction) {
            receipt.correction_type =
                maybe([this] { return static_cast<std::uint8_t>(code(words::kCorrectionTypes)); });
            receipt.correction_basis = maybe([this] {
                return CorrectionBasis{text(), maybe([this] { return time(); }), text()};
            });
        }
        receipt.tax_system = maybe([this] { return code(words::kTaxSystems); });
        receipt.buyer =
            maybe([this] { return Buyer{text(), text(), day(), text(), text(), text(), text()}; });
        receipt.buyer_contact = text();
        receipt.internet_payment = maybe([this] { return chance(2); });
        receipt.address = text();
        receipt.place = text();
        receipt.machine_number = text();
        receipt.sender_email = text();
        receipt.extra = text();
        receipt.user_attribute = maybe([this] { return UserAttribute{text(), text()}; });
        receipt.operational = maybe([this] {
            return OperationalAttribute{maybe([this] { return time(); }), maybe([this] { return byte(); }),
                                        text()};
        });
        receipt.industry = list([this] { return industry(); });
        receipt.agent_flags = maybe([this] { return static_cast<std::uint32_t>(below(128)); });
        if (chance(3))
            receipt.agent = agent();
        receipt.supplier_phones = list([this] { return text(); });
        for (auto* part : {&receipt.payments.cash, &receipt.payments.electronic, &receipt.payments.advance,
                           &receipt.payments.credit, &receipt.payments.counter})
            if (chance(3))
                *part = chance(4) ? Kopecks{} : money();
        made.positions = list([this] { return position(); });
        made.total = maybe([this] { return money(); });
        made.electronic_only = chance(4);
        made.before = list([this] { return line(); });
        made.after = list([this] { return line(); });
        return made;
    }

    std::mt19937 random_;
};

/// The same JSON with the members of every object in another order.
nlohmann::ordered_json shuffled(const nlohmann::ordered_json& value, Imagination& imagination)
{
    if (value.is_array()) {
        auto copy = nlohmann::ordered_json::array();
        for (const auto& element : value)
            copy.push_back(shuffled(element, imagination));
        return copy;
    }
    if (!value.is_object())
        return value;
    std::vector<std::string> keys;
    for (const auto& member : value.items())
        keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(imagination.below(keys.size() + 1)),
                    member.key());
    auto copy = nlohmann::ordered_json::object();
    for (const std::string& key : keys)
        copy[key] = shuffled(value.at(key), imagination);
    return copy;
}

} // namespace

TEST_CASE("a request comes out of its JSON as it went in, in one form only", "[fiscal][request]")
{
    const std::uint32_t seed = std::random_device{}();
    INFO("seed " << seed);
    Imagination imagination(seed);
    for (int i = 0; i < 1000; ++i) {
        Request request = imagination.request();
        REQUIRE(fill_in(request));
        const Request once = request;
        REQUIRE(fill_in(request));
        REQUIRE(request == once); // filled in is filled in

        const std::string json = request_to_json(request);
        INFO(json);
        const auto back = request_from_json(json);
        INFO((back ? "" : back.error().context));
        REQUIRE(back);
        REQUIRE(*back == request);
        REQUIRE(request_to_json(*back) == json);

        const auto other_order = shuffled(nlohmann::ordered_json::parse(json), imagination).dump();
        const auto same = request_from_json(other_order);
        REQUIRE(same);
        REQUIRE(request_to_json(*same) == json);
    }
}

TEST_CASE("checks of any request end with faults or without, in each format", "[fiscal][request]")
{
    const std::uint32_t seed = std::random_device{}();
    INFO("seed " << seed);
    Imagination imagination(seed);
    for (int i = 0; i < 300; ++i) {
        const Request asked = imagination.request();
        for (const FfdVersion ffd : {FfdVersion::v1_05, FfdVersion::v1_1, FfdVersion::v1_2}) {
            RequestLimits limits = limits_1_2();
            limits.ffd = ffd;
            Request request = asked;
            REQUIRE(fill_in(request));
            fit_to(request, ffd);
            const Request once = request;
            fit_to(request, ffd);
            REQUIRE(request == once); // fitted is fitted
            for (const RequestFault& fault : check_request(request, limits)) {
                INFO(fault.path << ' ' << fault.code << ' ' << fault.ru << ' ' << fault.en);
                REQUIRE_FALSE(fault.code.empty());
                REQUIRE_THAT(fault.ru, Catch::Contains("; "));
                REQUIRE_THAT(fault.en, Catch::Contains("; "));
            }
        }
    }
}

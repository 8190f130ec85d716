#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/masking.hpp"
#include "protocol/fiscal/tlv.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::ExactBytes;

namespace {

Bytes a_receipt()
{
    TlvWriter w{tag::receipt};
    w.text(tag::fn_serial, "9999078900001234").number(tag::fd_number, 7).text(tag::inn, "500100732259");
    w.text(tag::user, "ИП Иванов Иван")
        .text(tag::cashier, "Петрова Анна")
        .text(tag::cashier_inn, "500100732259");
    w.text(tag::buyer_contact, "+79161234567").text(tag::sender_email, "shop@example.ru");
    w.open(tag::buyer).text(tag::buyer_name, "Сидоров").text(tag::buyer_birth_date, "01.02.1990").close();
    w.open(tag::item).text(tag::item_name, "Чай").money(tag::price, Kopecks{100});
    w.raw(tag::product_code, kb::test::hex("444D0123456789AB"));
    w.open(tag::product_code_12).text(tag::code_gs1m, "0104600439931256215Xyz").close().close();
    auto full = w.take();
    REQUIRE(full);
    return *std::move(full);
}

Bytes masked(Bytes full)
{
    mask_tlvs(full);
    return full;
}

std::string text_at(const Tlv& tree, std::initializer_list<Tag> path)
{
    const Tlv* at = &tree;
    for (const Tag step : path) {
        at = at->find(step);
        REQUIRE(at != nullptr);
    }
    return *text_of(*at);
}

} // namespace

TEST_CASE("people and codes are masked, everything else stays, and the lengths do", "[masking]")
{
    const Bytes before = a_receipt();
    const Bytes after = masked(before);
    REQUIRE(after.size() == before.size());
    const auto tree = read_document_tlv(after);
    REQUIRE(tree);
    CHECK(text_at(*tree, {tag::cashier}) == "XXXXXXX XXXX");
    CHECK(text_at(*tree, {tag::cashier_inn}) == "000000000000");
    CHECK(text_at(*tree, {tag::buyer_contact}) == "+00000000000");
    CHECK(text_at(*tree, {tag::sender_email}) == "XXXX@XXXXXXX.XX");
    CHECK(text_at(*tree, {tag::buyer, tag::buyer_name}) == "XXXXXXX");
    CHECK(text_at(*tree, {tag::buyer, tag::buyer_birth_date}) == "00.00.0000");
    CHECK(text_at(*tree, {tag::user}) == "ИП XXXXXX XXXX");
    CHECK(text_at(*tree, {tag::inn}) == "000000000000");
    CHECK(to_hex(tree->find(tag::item)->find(tag::product_code)->value) == "444D000000000000");
    CHECK(text_at(*tree, {tag::item, tag::product_code_12, tag::code_gs1m}) == "0000000000000000000XXX");

    CHECK(text_at(*tree, {tag::fn_serial}) == "9999078900001234");
    CHECK(text_at(*tree, {tag::item, tag::item_name}) == "Чай");
    CHECK(masked(after) == after);
}

TEST_CASE("a company's name and INN are nobody's personal data", "[masking]")
{
    TlvWriter w{tag::receipt};
    w.text(tag::inn, "7707083893").text(tag::user, "ООО \"Ромашка\"").text(tag::supplier_inn, "7707083893");
    const auto full = w.take();
    REQUIRE(full);
    CHECK(masked(*full) == *full);
}

TEST_CASE("a tag nobody knows is masked whole", "[masking]")
{
    Bytes tlv = kb::test::hex("0F270400616263E8");
    CHECK(mask_tlvs(tlv, tag::receipt) == 1);
    CHECK(to_hex(tlv) == "0F27040000000000");
}

TEST_CASE("a run that breaks off anywhere is masked as far as it goes, and nothing beyond is touched",
          "[masking]")
{
    const Bytes whole = a_receipt();
    const Bytes expected = masked(whole);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        mask_tlvs(part);
        INFO(size);
        bool readable = false;
        for (std::size_t at = 0; at < size; ++at) {
            const bool blank = part[at] == 'X' || part[at] == '0' || part[at] == 0;
            readable = readable || (part[at] != expected[at] && !blank);
        }
        CHECK_FALSE(readable);
    }
}

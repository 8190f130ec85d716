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
    CHECK(text_at(*tree, {tag::user}) == "XX XXXXXX XXXX");
    CHECK(text_at(*tree, {tag::item, tag::item_name}) == "XXX");
    CHECK(text_at(*tree, {tag::inn}) == "000000000000");
    CHECK(to_hex(tree->find(tag::item)->find(tag::product_code)->value) == "444D000000000000");
    CHECK(text_at(*tree, {tag::item, tag::product_code_12, tag::code_gs1m}) == "0000000000000000000XXX");

    CHECK(text_at(*tree, {tag::fn_serial}) == "9999078900001234");
    CHECK(to_hex(tree->find(tag::item)->find(tag::price)->value) == "64");
    CHECK(masked(after) == after);
}

TEST_CASE("a company's INN, and what names a device or an operator, is nobody's personal data", "[masking]")
{
    TlvWriter w{tag::receipt};
    w.text(tag::inn, "7707083893").text(tag::supplier_inn, "7707083893").text(tag::ofd_name, "ООО \"ОФД\"");
    w.text(tag::kkt_reg_number, "0000000001037562").text(tag::unit_text, "кг").number(tag::fd_number, 7);
    const auto full = w.take();
    REQUIRE(full);
    CHECK(masked(*full) == *full);
}

TEST_CASE("a value that is not as its tag is published is masked whole", "[masking]")
{
    // 1018 with fifteen bytes, 1031 with nine: neither an INN nor a sum.
    Bytes inn = kb::test::hex("FA030F00"
                              "373730373038333839332041424344");
    CHECK(mask_tlvs(inn, tag::receipt) == 1);
    CHECK(as_text(BytesView(inn).subspan(4)) == "0000000000 XXXX");
    Bytes sum = kb::test::hex("07040900"
                              "414243444546474849");
    CHECK(mask_tlvs(sum, tag::receipt) == 1);
    CHECK(to_hex(sum) == "07040900000000000000000000");
}

TEST_CASE("what does not end with its last TLV is no run of them, and nothing of it is shown", "[masking]")
{
    const Bytes sound = kb::test::hex("10040400"
                                      "07000000");
    Bytes kept = sound;
    CHECK(mask_tlvs(kept, tag::receipt, Extent::whole) == 0);
    CHECK(kept == sound);

    Bytes longer = kb::test::hex("10040400"
                                 "07000000"
                                 "484F");
    mask_tlvs(longer, tag::receipt, Extent::whole);
    CHECK(longer == Bytes(longer.size(), 0));
    Bytes inside = kb::test::hex("23040600"
                                 "10040400"
                                 "0700"); // 1059 with a broken 1040
    mask_tlvs(inside, tag::receipt, Extent::whole);
    CHECK(to_hex(inside) == "23040600000000000000");
    Bytes beginning = kb::test::hex("10040400"
                                    "07000000"
                                    "484F");
    mask_tlvs(beginning, tag::receipt, Extent::beginning);
    CHECK(to_hex(beginning) == "10040400070000000000");
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

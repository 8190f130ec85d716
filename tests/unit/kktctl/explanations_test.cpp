// Every failure has words for people, in both languages.
#include "agent/explanations.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace kb;
using namespace kb::agent;

TEST_CASE("every name of a failure has a cause and a cure in both languages", "[kktctl]")
{
    std::set<std::string> causes;
    int known = 0;
    for (; to_string(static_cast<Errc>(known)) != "unnamed"; ++known) {
        const Errc code = static_cast<Errc>(known);
        INFO(to_string(code));
        CHECK(errc_of(to_string(code)) == code);
        const Explanation why = explain(code);
        for (const Text& text : {why.cause, why.cure}) {
            const std::string russian = text.in(Language::russian);
            const std::string english = text.in(Language::english);
            REQUIRE_FALSE(russian.empty());
            REQUIRE_FALSE(english.empty());
            CHECK((russian[0] == '\xD0' || russian[0] == '\xD1')); // a Russian letter in UTF-8
            CHECK(static_cast<unsigned char>(english[0]) < 0x80);
        }
        CHECK(causes.insert(why.cause.in(Language::russian)).second); // causes are kept apart
    }
    CHECK(known > 30);
    CHECK_FALSE(errc_of("no_such_name"));
    CHECK_FALSE(errc_of("unnamed"));
}

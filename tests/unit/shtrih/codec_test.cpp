// Every command struct in both directions.
#include "protocol/shtrih/codec.hpp"

#include <catch2/catch.hpp>
using namespace kb;
template <class... C>
void each(shtrih::CommandList<C...>)
{
    (
        [] {
            C command{};
            auto r = shtrih::encode_request(command);
            REQUIRE(r);
            auto b = shtrih::decode_request<C>(*r);
            REQUIRE(b);
            CHECK(*b == command);
            typename C::Reply reply{};
            auto a = shtrih::encode_reply<C>(reply);
            REQUIRE(a);
            CHECK(shtrih::decode_reply<C>(*a));
        }(),
        ...);
}
TEST_CASE("every command and its reply come back as they went, with default values", "[shtrih]")
{
    each(shtrih::AllCommands{});
}

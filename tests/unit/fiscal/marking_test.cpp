// Results of a check as the format has them: docs/sources.md#ffd, section 4.15.
#include "protocol/fiscal/marking.hpp"

#include <catch2/catch.hpp>

using kb::fiscal::MarkCheck;
using State = MarkCheck::State;

namespace {

MarkCheck with_result(unsigned result)
{
    MarkCheck check;
    check.result = static_cast<std::uint8_t>(result);
    return check;
}

} // namespace

TEST_CASE("a code is passed, refused or was not asked about, by the bits of its result", "[fiscal][marking]")
{
    struct Row {
        unsigned result;
        State state;
    };
    // The values that a document may have, and what a register prints beside the item: [M+], [M-], [M].
    const Row rows[] = {{0x0F, State::passed},  {0x0B, State::passed},  {0x01, State::refused},
                        {0x11, State::refused}, {0x05, State::refused}, {0x07, State::refused},
                        {0x00, State::offline}, {0x03, State::offline}, {0x10, State::offline},
                        {0x13, State::offline}, {0x0C, State::passed},  {0x04, State::refused}};
    for (const Row& row : rows) {
        CAPTURE(row.result);
        CHECK(kb::fiscal::state_of(with_result(row.result)) == row.state);
    }
}

TEST_CASE("what the state system adds can refuse a code, and says why", "[fiscal][marking]")
{
    MarkCheck suspended = with_result(0x0F);
    suspended.status_answer = 3;
    CHECK(kb::fiscal::state_of(suspended) == State::refused);
    CHECK(kb::fiscal::refusal_text_ru(suspended) == "система маркировки: оборот товара приостановлен");
    MarkCheck wrong = with_result(0x03);
    wrong.status_answer = 2;
    CHECK(kb::fiscal::state_of(wrong) == State::refused);
    MarkCheck no_code = with_result(0x03);
    no_code.request_result = 2;
    CHECK(kb::fiscal::state_of(no_code) == State::refused);
    CHECK(kb::fiscal::refusal_text_ru(no_code) == "система маркировки: это не код маркировки");
    MarkCheck right = with_result(0x0F);
    right.request_result = 0;
    right.status_answer = 1;
    CHECK(kb::fiscal::state_of(right) == State::passed);
    // A request that the state system could not read says nothing of the code.
    MarkCheck bad_request = with_result(0x03);
    bad_request.request_result = 1;
    CHECK(kb::fiscal::state_of(bad_request) == State::offline);
    CHECK(kb::fiscal::refusal_text_ru(with_result(0x05)) ==
          "ФН: код проверки не подтверждён, возможна подделка");
}

TEST_CASE("the words of the states are those of the local API", "[fiscal][marking]")
{
    CHECK(kb::fiscal::to_string(State::passed) == "passed");
    CHECK(kb::fiscal::to_string(State::refused) == "refused");
    CHECK(kb::fiscal::to_string(State::offline) == "offline");
}

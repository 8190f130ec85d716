// One wrong document: set aside with its reason, shown, and in nobody's way.
#include "tests/unit/cabinet/api_support.hpp"

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

TEST_CASE("a poisoned document is set aside, shown, and forgotten once it comes whole", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto broken = full_document(receipt(2));
    broken.document.raw.resize(broken.document.raw.size() - 1);
    const auto answer =
        cabinet.send_documents(alice, {full_document(receipt(1)), broken, full_document(receipt(3))});
    REQUIRE(answer.fns.size() == 1);
    CHECK(answer.fns[0].contiguous_through == 1);
    REQUIRE(answer.fns[0].rejected.size() == 1);
    CHECK(answer.fns[0].rejected[0].fd_number == 2);
    CHECK(answer.fns[0].rejected[0].code == "bad_tlv");
    const auto shown = body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"];
    REQUIRE(shown.size() == 1);
    CHECK(shown[0]["fd_number"] == 2);
    CHECK(cabinet.send_documents(alice, {full_document(receipt(2))}).fns.at(0).contiguous_through == 3);
    CHECK(body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"].empty());
}

TEST_CASE(
    "a document that does not say whose it is is set aside by its place and shown; the others are taken",
    "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto batch = nlohmann::json::parse(encode(cabinet_api::DocumentsRequest{
        {full_document(receipt(1)), full_document(receipt(2)), full_document(receipt(3))}}));
    std::string reason;
    std::string code = "bad_value";
    nlohmann::json fn_serial = kFn;
    nlohmann::json fd_number = nullptr;
    SECTION("number 0")
    {
        batch["documents"][1]["fd_number"] = 0;
        reason = "documents[1].fd_number: outside 1..4294967295";
    }
    SECTION("number of the wrong type")
    {
        batch["documents"][1]["fd_number"] = "2";
        code = "bad_json";
        reason = "documents[1].fd_number: not a whole number";
    }
    SECTION("no drive")
    {
        batch["documents"][1].erase("fn_serial");
        code = "bad_json";
        reason = "documents[1].fn_serial: missing";
        fn_serial = nullptr;
        fd_number = 2;
    }
    const auto response = cabinet.agent_post(alice, "/api/agent/v1/documents", batch.dump());
    CHECK(response.status == 200);
    const auto answer = cabinet_api::decode_documents_response(response.body);
    REQUIRE(answer);
    REQUIRE(answer->fns.size() == 1);
    CHECK(answer->fns[0].fn_serial == kFn);
    CHECK(answer->fns[0].missing == std::vector<cabinet_api::FdRange>{{2, 2}});
    CHECK(answer->fns[0].rejected.empty());
    CHECK(answer->unnamed == std::vector<cabinet_api::UnnamedDocument>{{1, code, reason}});
    const auto shown = body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"];
    REQUIRE(shown.size() == 1);
    CHECK(shown[0]["fn_serial"] == fn_serial);
    CHECK(shown[0]["fd_number"] == fd_number);
    CHECK(shown[0]["kkt_serial"] == "00106900000001");
    CHECK(shown[0]["reason"] == reason);
    CHECK(shown[0]["rejected_by"] == "cabinet");
}

TEST_CASE("a batch of nothing but unreadable documents is answered, each by its place", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto response = cabinet.agent_post(alice, "/api/agent/v1/documents", R"({"documents":[{},7]})");
    CHECK(response.status == 200);
    const auto answer = cabinet_api::decode_documents_response(response.body);
    REQUIRE(answer);
    CHECK(answer->fns.empty());
    CHECK(answer->unnamed.size() == 2);
    const auto shown = body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"];
    REQUIRE(shown.size() == 1); // nothing tells the two apart
    CHECK(shown[0]["fn_serial"].is_null());
    CHECK(shown[0]["kkt_serial"].is_null());
    CHECK(shown[0]["times"] == 2);
}

TEST_CASE("a document the agent could not take out of the register is shown until it comes", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto rejected = [&] { return body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"]; };
    cabinet_api::EventMessage event;
    event.id = "e-1";
    event.at = cabinet.clock.now();
    event.kkt_serial = "00106900000001";
    event.kind = "document_set_aside";
    event.severity = cabinet_api::Severity::error;
    event.text = "документ № 2 не читается: bad_tlv";
    event.data_json = encode(cabinet_api::SetAsideDocument{kFn, 2, "bad_tlv"});
    const auto send = [&] {
        return cabinet.agent_post(alice, "/api/agent/v1/events", encode(cabinet_api::EventsRequest{{event}}))
            .status;
    };
    CHECK(send() == 200);
    CHECK(send() == 200); // the same event: nothing is counted twice
    REQUIRE(rejected().size() == 1);
    CHECK(rejected()[0]["fd_number"] == 2);
    CHECK(rejected()[0]["code"] == "bad_tlv");
    CHECK(rejected()[0]["reason"] == event.text);
    CHECK(rejected()[0]["rejected_by"] == "agent");
    CHECK(rejected()[0]["times"] == 1);
    (void)cabinet.send_documents(alice, {full_document(receipt(2))});
    CHECK(rejected().empty());
    event.id = "e-2"; // an event that comes late tells nothing of a document that is here
    CHECK(send() == 200);
    CHECK(rejected().empty());
    event.id = "e-3"; // but a second content under its number is told all the same
    event.kind = "document_conflict";
    CHECK(send() == 200);
    REQUIRE(rejected().size() == 1);
    CHECK(rejected()[0]["code"] == "conflict");
}

#include "http/router.hpp"
#include "tests/unit/http/header_of.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <stdexcept>

using namespace kb;
using namespace kb::http;
using kb::http::test::header_of;

namespace {

/// Keeps the one answer.
class Answered : public Responder {
public:
    void send(Response response) override
    {
        if (!answer)
            answer = std::move(response);
    }
    std::shared_ptr<Stream> open_stream(Response) override { return nullptr; }
    std::optional<Response> answer;
};

Response ask(const Router& router, const std::string& method, const std::string& path)
{
    Request request;
    request.method = method;
    request.path = path;
    const auto answered = std::make_shared<Answered>();
    router.dispatch(request, answered);
    REQUIRE(answered->answer);
    return *answered->answer;
}

Router with_routes()
{
    Router router;
    router.add_plain("GET", "/api/v1/registers/{register}/receipts/{id}",
                     [](const Request&, const PathParts& parts) {
                         return Response{200, {}, parts.at("register") + "|" + parts.at("id")};
                     });
    router.add_plain("GET", "/api/v1/jobs", [](const Request&, const PathParts&) {
        return Response{200, {}, "jobs"};
    });
    router.add_plain("POST", "/api/v1/jobs", [](const Request&, const PathParts&) {
        return Response{202, {}, ""};
    });
    router.add_plain("GET", "/api/v1/throws", [](const Request&, const PathParts&) -> Response {
        throw std::runtime_error("secret detail");
    });
    return router;
}

} // namespace

TEST_CASE("a request finds its handler by method and path, placeholders decoded", "[http][router]")
{
    const Router router = with_routes();
    CHECK(ask(router, "GET", "/api/v1/registers/%D0%9A%201/receipts/a+b").body == "К 1|a+b");
    CHECK(ask(router, "GET", "/api/v1/jobs").body == "jobs");
    CHECK(ask(router, "POST", "/api/v1/jobs").status == 202);
    CHECK(router.routes().size() == 4);
    Request request;
    request.method = "GET";
    request.path = "/api/v1/registers/1/receipts/2";
    CHECK(router.pattern_of(request) == "/api/v1/registers/{register}/receipts/{id}");
}

TEST_CASE("what no handler serves is refused with the reason", "[http][router]")
{
    const Router router = with_routes();
    for (const auto* path :
         {"/", "/api/v1/job", "/api/v1/jobs/", "/api/v1/jobs/1", "//api/v1/jobs", "/api/v1"}) {
        CAPTURE(path);
        CHECK(ask(router, "GET", path).status == 404);
    }
    const Response method = ask(router, "DELETE", "/api/v1/jobs");
    CHECK(method.status == 405);
    CHECK(header_of(method, "Allow") == "GET, POST");
    for (const auto* path : {"/api/v1/registers/%zz/receipts/1", "/api/v1/registers/%FF/receipts/1",
                             "/api/v1/registers//receipts/1", "/api/v1/registers/%00/receipts/1"}) {
        CAPTURE(path);
        const Response refused = ask(router, "GET", path);
        CHECK(refused.status == 400);
        CHECK(nlohmann::json::parse(refused.body).at("field") == "path");
    }
}

TEST_CASE("a handler that throws is answered for, logged, and gives nothing away", "[http][router]")
{
    Router router = with_routes();
    std::string logged;
    router.set_failure_log([&](const Request& request, const std::string& pattern, std::string_view what) {
        logged = request.method + " " + pattern + " " + std::string(what);
    });
    const Response refused = ask(router, "GET", "/api/v1/throws");
    CHECK(refused.status == 500);
    CHECK(refused.body.find("secret") == std::string::npos);
    CHECK(logged == "GET /api/v1/throws secret detail");
}

TEST_CASE("an API tells all of that in its own form", "[http][router]")
{
    Router router = with_routes();
    router.set_fault_writer(
        [](const Fault& fault) { return json_response(R"({"Status":2,"Error":")" + fault.detail + "\"}"); });
    for (const auto* path : {"/nothing", "/api/v1/registers/%zz/receipts/1", "/api/v1/throws"}) {
        CAPTURE(path);
        const Response told = ask(router, "GET", path);
        CHECK(told.status == 200);
        CHECK_THAT(told.body, Catch::StartsWith(R"({"Status":2,"Error":)"));
    }
    const Response method = ask(router, "PUT", "/api/v1/jobs");
    CHECK(method.status == 200);
    CHECK(header_of(method, "Allow") == "GET, POST");
    CHECK(router.refusal({413, Errc::too_many, "too long"}).body == R"({"Status":2,"Error":"too long"})");
}

TEST_CASE("where it is forgiven, needless slashes lead to the same handler", "[http][router]")
{
    Router router;
    router.forgive_slashes();
    router.add_plain("GET", "/requests/{uuid}", [](const Request&, const PathParts& parts) {
        return Response{200, {}, parts.at("uuid")};
    });
    router.add_plain("GET", "/", [](const Request&, const PathParts&) { return Response{200, {}, "root"}; });
    for (const std::string path : {"/requests/u1", "/requests/u1/", "/requests//u1", "//requests//u1//"})
        CHECK(ask(router, "GET", path).body == "u1");
    for (const std::string path : {"/", "//", "///"})
        CHECK(ask(router, "GET", path).body == "root");
    CHECK(ask(router, "GET", "/requests/").status == 404);
    CHECK(ask(with_routes(), "GET", "/api/v1/jobs/").status == 404);
}

#include "cabinet/http/gzip.hpp"
#include "cabinet/http/static_files.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

namespace {

void write(const std::string& path, const std::string& text)
{
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

std::string header_of(const http::Response& response, const std::string& name)
{
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

} // namespace

TEST_CASE("gunzip gives back what gzip took, and no more than allowed", "[cabinet][http]")
{
    const std::string text(100'000, 'x');
    const std::string packed = gzip(text, 6);
    CHECK(gunzip(packed, 100'000).value() == text);
    CHECK(gunzip(packed, 99'999).error().code == Errc::too_many);
    CHECK(gunzip(gzip("", 6), 0).value().empty());
    for (std::size_t size = 0; size < packed.size(); ++size)
        CHECK_FALSE(gunzip(packed.substr(0, size), 200'000));
    CHECK_FALSE(gunzip(packed + "x", 200'000));
    CHECK_FALSE(gunzip("plain text", 100));
}

TEST_CASE("static files have the right types and caching, unknown pages are the application's",
          "[cabinet][http]")
{
    TempDir dir;
    write(dir.path() + "/web/index.html", "<html>start</html>");
    write(dir.path() + "/web/assets/app-1a2b.js", std::string(5000, ';'));
    write(dir.path() + "/secret.txt", "secret");
    const StaticFiles files(dir.path() + "/web");
    const auto start = files.answer(request("GET", "/"));
    CHECK(start.body == "<html>start</html>");
    CHECK(header_of(start, "Content-Type") == "text/html; charset=utf-8");
    CHECK(header_of(start, "Cache-Control") == "no-cache");
    CHECK(files.answer(request("GET", "/documents/9999/3")).body == start.body);
    CHECK(files.answer(request("GET", "/missing.js")).status == 404);
    for (const auto* attack :
         {"/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "//secret.txt"})
        CHECK(files.answer(request("GET", attack)).body.find("secret") == std::string::npos);
    auto script = request("GET", "/assets/app-1a2b.js");
    CHECK(header_of(files.answer(script), "Cache-Control") == "public, max-age=31536000, immutable");
    script.headers = {{"accept-encoding", "gzip, br"}};
    const auto packed = files.answer(script);
    CHECK(header_of(packed, "Content-Encoding") == "gzip");
    CHECK(gunzip(packed.body, 10'000).value().size() == 5000);
    script.headers = {{"if-none-match", header_of(packed, "ETag")}};
    CHECK(files.answer(script).status == 304);
    CHECK(StaticFiles(dir.path() + "/nowhere").answer(request("GET", "/")).status == 200);
}

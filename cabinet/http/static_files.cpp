#include "cabinet/http/static_files.hpp"

#include "cabinet/auth/secrets.hpp"
#include "cabinet/http/gzip.hpp"
#include "cabinet/log.hpp"
#include "http/problem.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace kb::cabinet {

using http::problem;
using http::Request;
using http::Response;

namespace {

std::string type_of(const std::string& name)
{
    static const std::map<std::string, std::string> types = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const auto at = types.find(std::filesystem::path(name).extension().string());
    return at == types.end() ? "application/octet-stream" : at->second;
}

bool pays_to_compress(const std::string& type)
{
    return type.starts_with("text/") || type.find("json") != std::string::npos || type == "image/svg+xml";
}

constexpr const char* kNoPages =
    "<!doctype html><meta charset=utf-8><title>KKT Bridge</title>"
    "<p>Страницы кабинета не установлены: проверьте web_root в настройках сервера.</p>";

} // namespace

StaticFiles::StaticFiles(const std::string& folder)
{
    namespace fs = std::filesystem;
    std::error_code error;
    for (auto each = fs::recursive_directory_iterator(folder, error);
         !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
        if (!each->is_regular_file(error))
            continue;
        std::ifstream in(each->path(), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        const std::string path = "/" + fs::relative(each->path(), folder).generic_string();
        File file;
        file.body = text.str();
        file.type = type_of(path);
        file.hashed_name = path.starts_with("/assets/");
        file.etag = '"' + auth::hash_secret(file.body).substr(0, 32) + '"';
        if (pays_to_compress(file.type) && file.body.size() > 1024)
            file.gzipped = gzip(file.body, 9);
        files_.emplace(path, std::move(file));
    }
    if (!files_.contains("/index.html"))
        log_warning("no web pages in {}", {folder});
}

Response StaticFiles::answer(const Request& request) const
{
    const bool is_file_name = request.path.find('.', request.path.rfind('/')) != std::string::npos;
    auto at = files_.find(request.path);
    if (at == files_.end() && !is_file_name)
        at = files_.find("/index.html");
    if (at == files_.end()) {
        if (is_file_name)
            return problem(404, Errc::not_found, "no such file");
        return {200, {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}}, kNoPages};
    }
    const File& file = at->second;
    Response response;
    response.headers = {
        {"Content-Type", file.type},
        {"ETag", file.etag},
        {"Vary", "Accept-Encoding"},
        {"Cache-Control", file.hashed_name ? "public, max-age=31536000, immutable" : "no-cache"}};
    if (request.header("if-none-match") == file.etag) {
        response.status = 304;
        return response;
    }
    const bool takes_gzip = request.header("accept-encoding").find("gzip") != std::string_view::npos;
    if (takes_gzip && !file.gzipped.empty())
        response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = takes_gzip && !file.gzipped.empty() ? file.gzipped : file.body;
    return response;
}

void add_security_headers(Response& response)
{
    // Ant Design writes its styles into the page, hence 'unsafe-inline' for styles and only for them.
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.emplace_back("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
}

} // namespace kb::cabinet

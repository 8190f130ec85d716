// The page for the people of the shop: the files of agent/page, which stand in the program as bytes. They
// hold no secret and are served without the token; what they show, they ask the API for with it.
#include "agent/api/native_api.hpp"

#include <string_view>

namespace kb::agent {

namespace {

struct PageFile {
    std::string_view name;
    const char* type;
    std::string_view bytes;
};

constexpr const char* kScript = "text/javascript; charset=utf-8";

constexpr char kIndexHtml[] = {
#include "agent/page/index.html.inc"
};
constexpr char kPageCss[] = {
#include "agent/page/page.css.inc"
};
constexpr char kPiecesCss[] = {
#include "agent/page/pieces.css.inc"
};
constexpr char kIconSvg[] = {
#include "agent/page/icon.svg.inc"
};
constexpr char kMainJs[] = {
#include "agent/page/main.js.inc"
};
constexpr char kApiJs[] = {
#include "agent/page/api.js.inc"
};
constexpr char kDomJs[] = {
#include "agent/page/dom.js.inc"
};
constexpr char kWordsJs[] = {
#include "agent/page/words.js.inc"
};
constexpr char kRuJs[] = {
#include "agent/page/ru.js.inc"
};
constexpr char kEnJs[] = {
#include "agent/page/en.js.inc"
};
constexpr char kMeaningJs[] = {
#include "agent/page/meaning.js.inc"
};
constexpr char kDevicesJs[] = {
#include "agent/page/devices.js.inc"
};
constexpr char kJobsJs[] = {
#include "agent/page/jobs.js.inc"
};
constexpr char kDecisionJs[] = {
#include "agent/page/decision.js.inc"
};
constexpr char kLogJs[] = {
#include "agent/page/log.js.inc"
};

constexpr PageFile kPageFiles[] = {
    {"index.html", "text/html; charset=utf-8", {kIndexHtml, sizeof kIndexHtml}},
    {"page.css", "text/css; charset=utf-8", {kPageCss, sizeof kPageCss}},
    {"pieces.css", "text/css; charset=utf-8", {kPiecesCss, sizeof kPiecesCss}},
    {"icon.svg", "image/svg+xml", {kIconSvg, sizeof kIconSvg}},
    {"main.js", kScript, {kMainJs, sizeof kMainJs}},
    {"api.js", kScript, {kApiJs, sizeof kApiJs}},
    {"dom.js", kScript, {kDomJs, sizeof kDomJs}},
    {"words.js", kScript, {kWordsJs, sizeof kWordsJs}},
    {"ru.js", kScript, {kRuJs, sizeof kRuJs}},
    {"en.js", kScript, {kEnJs, sizeof kEnJs}},
    {"meaning.js", kScript, {kMeaningJs, sizeof kMeaningJs}},
    {"devices.js", kScript, {kDevicesJs, sizeof kDevicesJs}},
    {"jobs.js", kScript, {kJobsJs, sizeof kJobsJs}},
    {"decision.js", kScript, {kDecisionJs, sizeof kDecisionJs}},
    {"log.js", kScript, {kLogJs, sizeof kLogJs}},
};

// Nothing from elsewhere, nothing inline, in nobody's frame; and no address of ours is told to anybody.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

kb::http::Response page_file(std::string_view name)
{
    for (const PageFile& file : kPageFiles)
        if (file.name == name) {
            kb::http::Response response;
            response.headers = {{"Content-Type", file.type},
                                {"Cache-Control", "no-cache"},
                                {"Content-Security-Policy", kPolicy},
                                {"Referrer-Policy", "no-referrer"},
                                {"X-Frame-Options", "DENY"}};
            response.body = file.bytes;
            return response;
        }
    return kb::http::problem(404, Errc::not_found, "no such file of the page", {"file", "open /"});
}

} // namespace

void NativeApi::add_page_routes()
{
    router_.add_plain("GET", "/", [](const Request&, const Parts&) { return page_file("index.html"); });
    router_.add_plain("GET", "/page/{file}",
                      [](const Request&, const Parts& parts) { return page_file(parts.at("file")); });
}

} // namespace kb::agent

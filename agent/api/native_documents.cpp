// Documents of the journal over the native API, and what is open to everybody: the API's description.
#include "agent/api/native_api.hpp"
#include "http/query.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/json.hpp"
#include "protocol/fiscal/qr.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace kb::agent {

namespace {

using Json = nlohmann::ordered_json;
using kb::http::json_response;
using kb::http::problem;
using storage::JournalDocument;

std::string as_text(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The head of a document; the body as the tax service writes it, in full only when one document is asked
/// for.
Json document_value(const JournalDocument& entry, bool whole)
{
    const fiscal::FiscalDocument& document = entry.document;
    Json json{{"fn_serial", document.fn_serial},
              {"fd_number", document.fd_number},
              {"type", static_cast<unsigned>(document.type)},
              {"datetime", to_text(document.datetime)},
              {"fiscal_sign", document.fiscal_sign},
              {"form", document.form == fiscal::DocumentForm::full ? "full" : "short"},
              {"device", entry.kkt_serial}};
    if (!whole || document.form != fiscal::DocumentForm::full)
        return json;
    const auto decoded = fiscal::decode(document.raw);
    if (!decoded)
        return json;
    if (const auto qr = fiscal::receipt_qr_of(decoded->head))
        json["qr"] = fiscal::receipt_qr_text(*qr);
    json["fns"] =
        fiscal::to_json(decoded->tree); // as text: its decimals are exact, those of a double would not be
    return json;
}

constexpr char kDescription[] = {
#include "agent/local_api_yaml.inc"
    , 0};

} // namespace

void NativeApi::add_document_routes()
{
    router_.add_plain("GET", "/api/v1/openapi.yaml", [](const Request&, const Parts&) {
        kb::http::Response response;
        response.headers = {{"Content-Type", "application/yaml; charset=utf-8"}};
        response.body = kDescription;
        return response;
    });
    router_.add("GET", "/api/v1/documents",
                [this](const Request& request, const Parts&, const Responder& responder) {
                    kb::http::Query query(request.query);
                    storage::DocumentFilter filter;
                    filter.fn_serial = query.text("fn", 16).value_or("");
                    filter.at_most = static_cast<std::size_t>(query.integer("limit", 1, 500).value_or(50));
                    filter.from = query.local_time("from", false);
                    filter.to = query.local_time("to", true);
                    if (const auto before = query.integer("before_fd", 1, 0xFFFFFFFF))
                        filter.numbers.last = static_cast<std::uint32_t>(*before - 1);
                    if (const auto& fault = query.fault()) {
                        responder->send(problem(*fault));
                        return;
                    }
                    auto work = [](storage::Worker& journal, storage::DocumentFilter wanted,
                                   Responder to) -> asio::awaitable<void> {
                        auto read = [wanted](storage::Journal& open) -> Result<Json> {
                            Json list = Json::array();
                            const auto done =
                                open.documents().for_each(wanted, [&list](const JournalDocument& entry) {
                                    list.push_back(document_value(entry, false));
                                    return true;
                                });
                            if (!done)
                                return pass(done);
                            return Json{{"documents", std::move(list)}};
                        };
                        const auto listed = co_await in_journal(journal, std::move(read));
                        to->send(listed ? json_response(as_text(*listed)) : problem(listed.error()));
                    };
                    spawn(work(services_.journal, std::move(filter), responder));
                });
    router_.add("GET", "/api/v1/documents/{fn_serial}/{fd_number}",
                [this](const Request&, const Parts& parts, const Responder& responder) {
                    const std::string& text = parts.at("fd_number");
                    const bool digits = !text.empty() && text.size() <= 10 &&
                                        text.find_first_not_of("0123456789") == std::string::npos;
                    const std::uint64_t number = digits ? std::stoull(text) : 0;
                    if (number == 0 || number > 0xFFFFFFFF) {
                        responder->send(kb::http::bad_parameter("fd_number", "a whole number from 1 on"));
                        return;
                    }
                    auto work = [](storage::Worker& journal, std::string fn, std::uint32_t fd,
                                   Responder to) -> asio::awaitable<void> {
                        auto read = [fn, fd](storage::Journal& open) {
                            return open.documents().find(fn, fd);
                        };
                        const auto found = co_await in_journal(journal, std::move(read));
                        to->send(found ? json_response(as_text(document_value(*found, true)))
                                       : problem(found.error()));
                    };
                    spawn(work(services_.journal, parts.at("fn_serial"), static_cast<std::uint32_t>(number),
                               responder));
                });
}

} // namespace kb::agent

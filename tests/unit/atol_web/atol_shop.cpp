#include "tests/unit/atol_web/atol_shop.hpp"

#include <stdexcept>

namespace kb::test {

namespace {

using namespace std::chrono_literals;

struct Answer final : http::Responder {
    void send(http::Response given) override { response = std::move(given); }
    std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
    std::optional<http::Response> response;
};

} // namespace

int Reply::error_code() const
{
    const auto parsed = nlohmann::json::parse(body, nullptr, false);
    return parsed.is_object() && parsed.contains("error") ? parsed["error"].value("code", -1) : -1;
}

std::string Reply::error_text() const
{
    const auto parsed = nlohmann::json::parse(body, nullptr, false);
    return parsed.is_object() && parsed.contains("error") ? parsed["error"].value("description", "")
                                                          : std::string();
}

std::string Reply::header(const std::string& name) const
{
    for (const auto& [key, value] : headers)
        if (key == name)
            return value;
    return {};
}

AtolShop::AtolShop(const std::string& make) : shop(make) { serve(); }
AtolShop::~AtolShop() = default;

void AtolShop::serve()
{
    api_ = std::make_unique<agent::awr::AtolWebApi>(agent::awr::AtolWebApi::Services{
        shop.agent->io().get_executor(), shop.agent->desk(), shop.agent->journal(), shop.clock, user_,
        password_, origins_, "1.2.3"});
    const bool ready = run_until(
        [this] { return shop.agent->device().state() == agent::DeviceState::ready && !serial().empty(); });
    if (!ready)
        throw std::runtime_error("the register was not reached");
}

void AtolShop::restart()
{
    api_.reset();
    shop.kill();
    shop.start();
    serve();
}

void AtolShop::set_user(std::string user, std::string password)
{
    user_ = std::move(user);
    password_ = std::move(password);
    serve();
}

void AtolShop::set_origins(std::vector<std::string> origins)
{
    origins_ = std::move(origins);
    serve();
}

std::string AtolShop::serial() { return shop.agent->device().sample().info.kkt_serial; }

Reply AtolShop::call(const std::string& method, const std::string& target, const std::string& body,
                     Headers headers)
{
    http::Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.headers = std::move(headers);
    request.body = body;
    const auto answer = std::make_shared<Answer>();
    if (auto refused = api_->guard()(request))
        answer->response = *std::move(refused);
    else
        api_->router().dispatch(request, answer);
    if (!run_until([&] { return answer->response.has_value(); }))
        return {};
    http::Response response = *std::move(answer->response);
    api_->finish()(request, response);
    return {response.status, std::move(response.body), std::move(response.headers)};
}

Reply AtolShop::ask(const std::string& uuid, const std::string& request)
{
    return post("/api/v2/requests", R"({"uuid":")" + uuid + R"(","request":)" + request + "}");
}

std::string AtolShop::status_of(const std::string& uuid)
{
    return get("/api/v2/requests/" + uuid).json().at("results").at(0).at("status");
}

nlohmann::json AtolShop::results(const std::string& uuid)
{
    for (int second = 0; second < 120; ++second) {
        const Reply reply = get("/api/v2/requests/" + uuid);
        if (reply.status != 200)
            throw std::runtime_error("results of " + uuid + ": " + std::to_string(reply.status) + " " +
                                     reply.body);
        auto results = reply.json().at("results");
        bool pending = false;
        for (const auto& one : results)
            pending = pending || one.at("status") == "inProgress" || one.at("status") == "wait";
        if (!pending)
            return results;
        run(1s);
    }
    throw std::runtime_error("results of " + uuid + ": never");
}

nlohmann::json AtolShop::done(const std::string& uuid, const std::string& request)
{
    const Reply reply = ask(uuid, request);
    if (reply.status != 201)
        throw std::runtime_error("request " + uuid + ": " + std::to_string(reply.status) + " " + reply.body);
    return results(uuid);
}

void AtolShop::run(std::chrono::seconds time)
{
    const auto end = Steady::now() + time;
    while (Steady::now() < end)
        shop.step();
}

std::string coffee()
{
    return R"({"type":"sell","taxationType":"osn","operator":{"name":"Кассир","vatin":"500100732259"},
        "clientInfo":{"emailOrPhone":"a@b.ru"},"electronically":false,
        "items":[{"type":"position","name":"Кофе","price":18.0,"quantity":1,"amount":18.0,
                  "paymentMethod":"fullPayment","paymentObject":"commodity","tax":{"type":"vat20"}}],
        "payments":[{"type":"cash","sum":18.0}]})";
}

} // namespace kb::test

#include "tests/unit/kkmserver/kkm_shop.hpp"

#include "storage/journal.hpp"

#include <catch2/catch.hpp>

namespace kb::test {

namespace {

using namespace std::chrono_literals;

class Taker final : public kb::http::Responder {
public:
    Taker(const agent::KkmServerApi& api, kb::http::Request request,
          std::shared_ptr<KkmShop::Pending> pending)
        : finish_(api.finish()),
          request_(std::move(request)),
          pending_(std::move(pending))
    {}

    void send(kb::http::Response response) override
    {
        REQUIRE_FALSE(pending_->response);
        finish_(request_, response);
        pending_->response = std::move(response);
    }
    std::shared_ptr<kb::http::Stream> open_stream(kb::http::Response) override
    {
        FAIL("no command is answered by a stream");
        return nullptr;
    }

private:
    kb::http::Finish finish_;
    kb::http::Request request_;
    std::shared_ptr<KkmShop::Pending> pending_;
};

} // namespace

KkmShop::KkmShop(Options options) : shop(options.make), options_(std::move(options))
{
    serve();
    wait_for_register();
}

void KkmShop::serve()
{
    agent::KkmServerApi::Services services{shop.agent->io().get_executor(),
                                           shop.agent->desk(),
                                           shop.agent->journal(),
                                           shop.clock,
                                           options_.user,
                                           options_.password,
                                           options_.origins};
    api_ = std::make_unique<agent::KkmServerApi>(std::move(services));
}

void KkmShop::restart()
{
    shop.kill(); // with all coroutines of the interface
    api_.reset();
    shop.start();
    serve();
    wait_for_register();
}

void KkmShop::wait_for_register()
{
    const auto known = [this] {
        const auto& sample = shop.agent->device().sample();
        return shop.agent->device().reached() && !sample.info.kkt_serial.empty() && sample.fn && sample.shift;
    };
    REQUIRE(shop.run_until(known, 60s));
}

void KkmShop::pass(std::chrono::seconds time)
{
    shop.run_until([] { return false; }, time);
}

void KkmShop::dispatch(const kb::http::Request& request, const std::shared_ptr<Pending>& pending)
{
    const auto taker = std::make_shared<Taker>(*api_, request, pending);
    if (auto refused = api_->guard()(request))
        taker->send(*std::move(refused));
    else
        api_->router().dispatch(request, taker);
}

kb::http::Response KkmShop::ask(kb::http::Request request)
{
    const auto pending = std::make_shared<Pending>();
    dispatch(request, pending);
    REQUIRE(shop.run_until([&] { return pending->response.has_value(); }, 700s));
    return *pending->response;
}

kb::http::Response KkmShop::post(const std::string& body, const std::string& path)
{
    kb::http::Request request;
    request.method = "POST";
    request.path = path;
    request.headers = {{"host", "localhost:5893"}, {"content-type", "application/json; charset=UTF-8"}};
    request.body = body;
    return ask(std::move(request));
}

Json KkmShop::send(const Json& command, const std::string& path)
{
    const auto response = post(command.dump(), path);
    REQUIRE(response.status == 200);
    return Json::parse(response.body);
}

std::shared_ptr<KkmShop::Pending> KkmShop::begin(const Json& command)
{
    kb::http::Request request;
    request.method = "POST";
    request.path = "/Execute";
    request.headers = {{"host", "127.0.0.1:5893"}};
    request.body = command.dump();
    auto pending = std::make_shared<Pending>();
    dispatch(request, pending);
    return pending;
}

std::size_t KkmShop::jobs()
{
    std::size_t count = 0;
    shop.agent->journal().submit([](storage::Journal& journal) { return journal.jobs().list({}); },
                                 [&count](Result<std::vector<storage::Job>> jobs) { count = jobs->size(); });
    return count;
}

Json small_check(const std::string& id)
{
    Json check = Json::parse(R"({"Command": "RegisterCheck", "NumDevice": 0, "Timeout": 30,
        "IsFiscalCheck": true, "TypeCheck": 0, "CashierName": "Иванова А.А.", "CashierVATIN": "500100732259",
        "CheckStrings": [{"Register": {"Name": "Чай", "Quantity": 2, "Price": 12.5, "Amount": 25,
            "Tax": -1, "SignMethodCalculation": 4, "SignCalculationObject": 1}}],
        "Cash": 25})");
    check["IdCommand"] = id;
    return check;
}

std::string paper(KkmShop& shop)
{
    std::string text;
    for (const std::string& line : shop.kkt().strip())
        text += line + "\n";
    return text;
}

} // namespace kb::test

// How many documents a second the cabinet takes in: the road of one agent from its gzip body to the commit,
// without the network. Prints one JSON line.
#include "cabinet/application.hpp"
#include "cabinet/auth/secrets.hpp"
#include "cabinet/http/gzip.hpp"
#include "cabinet/store/accounts.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/tlv.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>

namespace {

using namespace kb;
using namespace kb::cabinet;

class WallClock : public Clock {
public:
    [[nodiscard]] UtcMs now() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    [[nodiscard]] LocalSeconds local_now() const override { return LocalSeconds{}; }
};

class Waiter : public http::Responder {
public:
    void send(http::Response response) override { answer.set_value(std::move(response)); }
    std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
    std::promise<http::Response> answer;
};

constexpr std::size_t kBatch = 500;
constexpr std::uint32_t kPerFn = 25'000;
constexpr std::size_t kInFlight = 4; // as many agents

cabinet_api::DocumentMessage receipt(std::uint32_t number)
{
    using namespace fiscal;
    TlvWriter w(tag::receipt);
    const std::uint32_t fd_number = number % kPerFn + 1;
    w.text(tag::fn_serial, "99990789000" + std::to_string(10'000 + number / kPerFn));
    w.text(tag::kkt_reg_number, "0000000001011546")
        .text(tag::inn, "7707000008")
        .number(tag::fd_number, fd_number);
    w.time(tag::datetime, LocalSeconds{std::chrono::seconds{1'709'284'500 + fd_number * 60LL}});
    w.raw(tag::fiscal_sign, fiscal_sign_to_bytes(number + 1)).number(tag::shift_number, 1 + fd_number / 200);
    w.number(tag::receipt_number, fd_number % 200 + 1)
        .number(tag::operation, 1)
        .money(tag::total, Kopecks(35'050));
    w.number(tag::ffd_version, 2).text(tag::user, "ООО \"Ромашка\"").number(tag::tax_system, 1);
    w.text(tag::cashier, "Кассир 1").text(tag::address, "101000, г. Москва, ул. Тестовая, д. 1");
    for (const auto* name : {"Чайник электрический 1,7 л", "Яблоки Гренни Смит", "Пакет-майка"}) {
        w.open(tag::item).text(tag::item_name, name).money(tag::price, Kopecks(10'000));
        w.quantity(tag::quantity, Quantity::units(1))
            .money(tag::item_sum, Kopecks(10'000))
            .number(tag::vat_rate, 1);
        w.number(tag::payment_method, 4).number(tag::item_kind, 1).close();
    }
    w.money(tag::paid_cash, Kopecks(5'050)).money(tag::paid_electronic, Kopecks(30'000));
    w.money(tag::paid_advance, Kopecks(0))
        .money(tag::paid_credit, Kopecks(0))
        .money(tag::paid_counter, Kopecks(0));
    w.money(tag::vat_20, Kopecks(5'842));
    cabinet_api::DocumentMessage message;
    message.document = fiscal_document_of(w.take().value(), true).value();
    message.kkt_serial = "0010690000" + std::to_string(1000 + number / kPerFn);
    return message;
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t total = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 50'000;
    namespace fs = std::filesystem;
    const fs::path dir = fs::temp_directory_path() / ("kb-bench-ingest-" + auth::make_id());
    fs::create_directories(dir);
    const std::string file = database_file(dir.string());
    if (!store::prepare_database(file))
        return 1;
    std::vector<std::string> bodies;
    for (std::uint32_t first = 0; first < total; first += kBatch) {
        cabinet_api::DocumentsRequest request;
        for (std::uint32_t i = first; i < first + kBatch; ++i)
            request.documents.push_back(receipt(i));
        bodies.push_back(gzip(encode(request), 6));
    }
    double seconds = 0;
    bool well = true;
    {
        const WallClock clock;
        const auto catalogue = Catalogue::load(KB_CATALOGUE).value();
        store::Readers readers(file, 2);
        store::Writer writer(file);
        live::Hub hub;
        Workers workers(2);
        api::Context context{readers, writer, hub, workers, catalogue, clock};
        http::Router router;
        add_all_routes(router, context);
        const std::string token = auth::make_token();
        well = writer
                   .run([&](store::Connection& db) {
                       store::Agent agent;
                       agent.tenant = store::add_tenant(db, "bench", "bench@example.org", "");
                       agent.agent_id = "a-bench";
                       store::add_agent(db, agent, auth::hash_secret(token));
                   })
                   .has_value();
        const auto began = std::chrono::steady_clock::now();
        std::deque<std::future<http::Response>> waiting;
        const auto collect = [&] {
            well = waiting.front().get().status == 200 && well;
            waiting.pop_front();
        };
        for (const std::string& body : bodies) {
            const auto request = std::make_shared<http::Request>();
            *request = {"POST", "/api/agent/v1/documents",
                        "",     {{"authorization", "Bearer " + token}, {"content-encoding", "gzip"}},
                        body,   ""};
            const auto waiter = std::make_shared<Waiter>();
            waiting.push_back(waiter->answer.get_future());
            workers.post([&router, request, waiter] { router.dispatch(*request, waiter); });
            if (waiting.size() == kInFlight)
                collect();
        }
        while (!waiting.empty())
            collect();
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        workers.stop();
    }
    fs::remove_all(dir);
    const double rate = static_cast<double>(bodies.size() * kBatch) / seconds;
    std::cout << "{\"id\":\"ingest\",\"value\":" << static_cast<long>(rate)
              << ",\"unit\":\"documents/s\",\"limit\":5000,\"ok\":"
              << (well && rate >= 5000 ? "true" : "false") << "}" << std::endl;
    return well ? 0 : 1;
}

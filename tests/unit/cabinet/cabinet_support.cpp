#include "tests/unit/cabinet/cabinet_support.hpp"

#include "cabinet/auth/secrets.hpp"
#include "cabinet/ingest/digest.hpp"
#include "cabinet/store/accounts.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "protocol/fiscal/tlv.hpp"

#include <stdexcept>

namespace kb::cabinet::test {

namespace {

template <class T>
T must(Result<T> result)
{
    if (!result)
        throw std::runtime_error(result.error().message());
    return *std::move(result);
}

std::string prepared(const std::string& dir)
{
    if (auto made = store::prepare_database(database_file(dir)); !made)
        throw std::runtime_error(made.error().message());
    return database_file(dir);
}

} // namespace

TempDir::TempDir() : path_(std::filesystem::temp_directory_path() / ("kb-cabinet-test-" + auth::make_id()))
{
    std::filesystem::create_directories(path_);
}

TempDir::~TempDir()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Bytes receipt_bytes(const ReceiptPlan& plan)
{
    using namespace fiscal;
    const Kopecks total(plan.cash + plan.electronic);
    TlvWriter w(plan.type);
    w.text(tag::fn_serial, plan.fn_serial)
        .text(tag::kkt_reg_number, "0000000001011546")
        .text(tag::inn, "7707000008");
    w.number(tag::fd_number, plan.fd_number).time(tag::datetime, plan.datetime);
    w.raw(tag::fiscal_sign, fiscal_sign_to_bytes(plan.fiscal_sign));
    w.number(tag::shift_number, 1).number(tag::receipt_number, plan.fd_number);
    w.number(tag::operation, static_cast<std::uint64_t>(plan.operation)).money(tag::total, total);
    w.number(tag::ffd_version, 2).number(tag::tax_system, 1).text(tag::cashier, plan.cashier);
    w.open(tag::item)
        .text(tag::item_name, plan.item)
        .money(tag::price, total)
        .quantity(tag::quantity, Quantity::units(1));
    w.money(tag::item_sum, total)
        .number(tag::vat_rate, 1)
        .number(tag::payment_method, 4)
        .number(tag::item_kind, 1);
    w.close();
    w.money(tag::paid_cash, Kopecks(plan.cash)).money(tag::paid_electronic, Kopecks(plan.electronic));
    for (const Tag none : {tag::paid_advance, tag::paid_credit, tag::paid_counter})
        w.money(none, Kopecks(0));
    w.money(tag::vat_20, Kopecks(plan.vat_20));
    return must(w.take());
}

cabinet_api::DocumentMessage full_document(const ReceiptPlan& plan)
{
    cabinet_api::DocumentMessage message;
    message.document = must(fiscal::fiscal_document_of(receipt_bytes(plan), false));
    message.kkt_serial = plan.kkt_serial;
    message.read_at = utc_from_text("2024-03-01T06:15:01Z").value();
    return message;
}

cabinet_api::DocumentMessage short_record(const ReceiptPlan& plan)
{
    const auto decoded = must(fiscal::decode(receipt_bytes(plan)));
    const auto record = must(fiscal::short_record_of(decoded, true));
    cabinet_api::DocumentMessage message;
    message.document =
        must(fiscal::fiscal_document_of_record(must(fiscal::write_short_record(record)), plan.fn_serial));
    message.kkt_serial = plan.kkt_serial;
    message.read_at = utc_from_text("2024-03-01T06:15:01Z").value();
    return message;
}

store::IncomingDocument incoming(cabinet_api::DocumentMessage message)
{
    auto digest = must(ingest::digest_of(message.document));
    return {std::move(message), std::move(digest)};
}

std::string sample_json(const std::string& kkt_serial, const std::string& fn_serial, std::uint32_t last_fd)
{
    fiscal::DeviceSample sample;
    sample.taken_at = utc_from_text("2024-03-01T07:00:00Z").value();
    sample.state = "ready";
    sample.info.family = "shtrih";
    sample.info.model = "ШТРИХ-М-02Ф";
    sample.info.kkt_serial = kkt_serial;
    sample.info.firmware_date = std::chrono::year{2020} / 1 / 15;
    sample.fn = fiscal::FnStatus{};
    sample.fn->fn_serial = fn_serial;
    sample.fn->last_fd_number = last_fd;
    sample.sd_card = fiscal::SdCard{};
    sample.sd_card->state = fiscal::SdCard::State::missing;
    return encode(cabinet_api::StatusRequest{{sample}});
}

std::shared_ptr<http::Stream> Answer::open_stream(http::Response head)
{
    promise_.set_value(std::move(head));
    return self.lock();
}

bool Answer::write(std::string text)
{
    const std::lock_guard lock(mutex_);
    streamed_ += text;
    return reading_;
}

bool Answer::answered() const
{
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

std::string Answer::streamed()
{
    const std::lock_guard lock(mutex_);
    return streamed_;
}

TestCabinet::TestCabinet()
    : catalogue(must(Catalogue::load(KB_CATALOGUE))),
      readers(prepared(dir.path()), 2),
      writer(database_file(dir.path())),
      context{readers, writer, hub, workers, catalogue, clock}
{
    add_all_routes(router, context);
}

TestCabinet::~TestCabinet()
{
    hub.close();
    workers.stop();
}

TestCabinet::Owner TestCabinet::add_owner(const std::string& name)
{
    Owner owner;
    owner.email = name + "@example.org";
    const auto stored = writer.run([&](store::Connection& db) {
        owner.tenant = store::add_tenant(db, name, owner.email, "no password");
    });
    if (!stored)
        throw std::runtime_error(stored.error().message());
    enrol(owner);
    log_in_again(owner);
    return owner;
}

void TestCabinet::enrol(Owner& owner)
{
    owner.token = auth::make_token();
    owner.agent_id = "a-" + auth::make_id();
    store::Agent agent;
    agent.tenant = owner.tenant;
    agent.agent_id = owner.agent_id;
    agent.hostname = owner.email + "-pc";
    agent.enrolled_at = clock.now();
    const auto stored = writer.run(
        [&](store::Connection& db) { store::add_agent(db, agent, auth::hash_secret(owner.token)); });
    if (!stored)
        throw std::runtime_error(stored.error().message());
}

void TestCabinet::log_in_again(Owner& owner)
{
    const std::string session = auth::make_token();
    owner.csrf = auth::make_token();
    owner.cookie = "kkt_session=" + session;
    const auto stored = writer.run([&](store::Connection& db) {
        store::add_session(db, store::find_user(db, owner.email).value(), auth::hash_secret(session),
                           owner.csrf, clock.now() + api::kSessionLife, clock.now());
    });
    if (!stored)
        throw std::runtime_error(stored.error().message());
}

http::Request request(const std::string& method, const std::string& target, const std::string& body)
{
    http::Request made;
    made.method = method;
    const std::size_t mark = target.find('?');
    made.path = target.substr(0, mark);
    made.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    made.headers = {{"content-type", "application/json"}};
    made.body = body;
    made.remote_address = "192.0.2.1";
    return made;
}

std::shared_ptr<Answer> TestCabinet::start(const http::Request& made)
{
    auto answer = std::make_shared<Answer>();
    answer->self = answer;
    router.dispatch(made, answer);
    return answer;
}

http::Response TestCabinet::get(const Owner& owner, const std::string& target)
{
    auto made = request("GET", target);
    made.headers.emplace_back("cookie", owner.cookie);
    return call(made);
}

http::Response TestCabinet::post(const Owner& owner, const std::string& target, const std::string& body)
{
    auto made = request("POST", target, body);
    made.headers.emplace_back("cookie", owner.cookie);
    made.headers.emplace_back("x-csrf-token", owner.csrf);
    return call(made);
}

http::Response TestCabinet::agent_post(const Owner& owner, const std::string& target, const std::string& body)
{
    auto made = request("POST", target, body);
    made.headers.emplace_back("authorization", "Bearer " + owner.token);
    return call(made);
}

cabinet_api::DocumentsResponse TestCabinet::send_documents(const Owner& owner,
                                                           std::vector<cabinet_api::DocumentMessage> all)
{
    const auto response =
        agent_post(owner, "/api/agent/v1/documents", encode(cabinet_api::DocumentsRequest{std::move(all)}));
    return must(cabinet_api::decode_documents_response(response.body));
}

} // namespace kb::cabinet::test

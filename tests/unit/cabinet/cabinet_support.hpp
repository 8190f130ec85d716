// A cabinet in a temporary folder with a clock of its own, and documents to feed it.
#pragma once

#include "cabinet/application.hpp"
#include "cabinet/store/ingest.hpp"

#include <filesystem>
#include <future>
#include <string>
#include <vector>

namespace kb::cabinet::test {

class SteppedClock : public Clock {
public:
    [[nodiscard]] UtcMs now() const override { return now_; }
    [[nodiscard]] LocalSeconds local_now() const override { return LocalSeconds{}; }
    void step(std::chrono::milliseconds by) { now_ += by; }

private:
    UtcMs now_ = utc_from_text("2024-03-01T07:00:00Z").value();
};

class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// What a receipt is made of; every default makes a valid one.
struct ReceiptPlan {
    std::string fn_serial = "9999078900001234";
    std::uint32_t fd_number = 1;
    std::uint16_t type = 3;
    LocalSeconds datetime = local_from_text("2024-03-01T09:15:00").value();
    std::uint32_t fiscal_sign = 1;
    int operation = 1;
    std::int64_t cash = 10000;
    std::int64_t electronic = 0;
    std::int64_t vat_20 = 1667;
    std::string item = "Чайник";
    std::string cashier = "Кассир 1";
    std::string kkt_serial = "00106900000001";
};
Bytes receipt_bytes(const ReceiptPlan& plan);
cabinet_api::DocumentMessage full_document(const ReceiptPlan& plan);
cabinet_api::DocumentMessage short_record(const ReceiptPlan& plan);
/// With its digest; throws when the document is refused.
store::IncomingDocument incoming(cabinet_api::DocumentMessage message);
std::string sample_json(const std::string& kkt_serial, const std::string& fn_serial, std::uint32_t last_fd);

/// Keeps the answer of one request.
class Answer : public http::Responder, public http::Stream {
public:
    void send(http::Response response) override { promise_.set_value(std::move(response)); }
    std::shared_ptr<http::Stream> open_stream(http::Response head) override;
    bool write(std::string text) override;
    /// Waits for the answer.
    http::Response get() { return future_.get(); }
    [[nodiscard]] bool answered() const;
    [[nodiscard]] std::string streamed();
    void stop_reading() { reading_ = false; }

    std::weak_ptr<Answer> self;

private:
    std::promise<http::Response> promise_;
    std::future<http::Response> future_ = promise_.get_future();
    std::mutex mutex_;
    std::string streamed_;
    bool reading_ = true;
};

/// Everything but the network.
class TestCabinet {
public:
    TestCabinet();
    ~TestCabinet();

    struct Owner {
        std::string email;
        std::string cookie; ///< header value
        std::string csrf;
        std::string token; ///< of the owner's agent
        std::string agent_id;
        store::TenantId tenant;
    };
    /// A tenant with account, session and enrolled agent. Made straight in the store: argon2 is slow.
    Owner add_owner(const std::string& name);
    /// Her agent is a new one from now on; the one before keeps its token, which `owner` forgets.
    void enrol(Owner& owner);
    /// A new session; the one before ends after 12 hours of the clock.
    void log_in_again(Owner& owner);

    std::shared_ptr<Answer> start(const http::Request& request);
    http::Response call(const http::Request& request) { return start(request)->get(); }
    http::Response get(const Owner& owner, const std::string& target);
    http::Response post(const Owner& owner, const std::string& target, const std::string& body = "");
    http::Response agent_post(const Owner& owner, const std::string& target, const std::string& body);
    cabinet_api::DocumentsResponse send_documents(const Owner& owner,
                                                  std::vector<cabinet_api::DocumentMessage> all);

    TempDir dir;
    SteppedClock clock;
    Catalogue catalogue;
    store::Readers readers;
    store::Writer writer;
    live::Hub hub;
    Workers workers{2};
    api::Context context;
    http::Router router;
};

http::Request request(const std::string& method, const std::string& target, const std::string& body = "");

} // namespace kb::cabinet::test

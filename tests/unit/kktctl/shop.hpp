// A shop's PC for tests of kktctl: its folder, its journal, and kktctl run there as a process.
#pragma once

#include "drivers/asio.hpp"
#include "storage/journal.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>
#include <thread>

namespace kb::agent::kktctl::test {

using kb::test::read_file;
using kb::test::TempDir;
using kb::test::write_file;
using Json = nlohmann::json;

constexpr const char* kFn = "9999078900001234";
constexpr const char* kKkt = "0000000001011546";

struct Answer {
    int code = -1;
    std::string out;
    std::string err;
    [[nodiscard]] Json json() const { return Json::parse(out); }
};

/// A shop's PC: a folder with a config and, if wanted, a journal.
class Shop {
public:
    explicit Shop(const std::string& cabinet_url = "", unsigned agent_port = 9)
    {
        // Port 9 (discard): nobody listens there, so no agent runs.
        std::string config =
            "[agent]\ndata_dir = \"data\"\nlisten = \"127.0.0.1:" + std::to_string(agent_port) + "\"\n";
        if (!cabinet_url.empty())
            config += "[cabinet]\nurl = \"" + cabinet_url + "\"\n";
        write_file(dir / "agent.toml",
                   config + "[[device]]\nport = \"serial:/dev/no-such-port\"\nname = \"Касса 1\"\n");
    }

    /// Runs `kktctl --config agent.toml <arguments>` with the environment of a Russian shop.
    [[nodiscard]] Answer run(const std::string& arguments,
                             const std::string& environment = "LANG=ru_RU.UTF-8 LC_ALL=") const
    {
        const std::string command = environment + " " KB_KKTCTL " --config " + (dir / "agent.toml").string() +
                                    " " + arguments + " > " + (dir / "out").string() + " 2> " +
                                    (dir / "err").string();
        const int status = std::system(command.c_str());
        Answer answer{status / 256, read_file(dir / "out"), read_file(dir / "err")};
        // A test that fails shows what the program said last.
        UNSCOPED_INFO("kktctl " << arguments << ": status " << status << "\n" << answer.out << answer.err);
        return answer;
    }

    storage::Journal journal() const
    {
        auto opened = storage::Journal::open(dir / "data", UtcMs{});
        REQUIRE(opened);
        return std::move(opened->journal);
    }

    TempDir dir;
};

inline storage::JournalDocument document(std::uint32_t number, const std::string& tlv_hex, std::uint16_t type)
{
    storage::JournalDocument entry;
    entry.document.fn_serial = kFn;
    entry.document.fd_number = number;
    entry.document.type = static_cast<fiscal::DocumentType>(type);
    entry.document.datetime = *local_from_text("2024-03-01T09:15:00");
    entry.document.fiscal_sign = 3222222222;
    entry.document.raw = kb::test::hex(tlv_hex);
    entry.kkt_serial = kKkt;
    entry.read_at = *utc_from_text("2024-03-01T06:15:01Z");
    return entry;
}

/// 3: 1041 fn_serial, 1040 fd_number, 1012 datetime, 1020 total 350.50.
inline const std::string kReceipt = "03002A00"
                                    "11041000"
                                    "39393939303738393030303031323334"
                                    "10040400"
                                    "07000000"
                                    "F4030400"
                                    "949CE165"
                                    "FC030200"
                                    "EA88";

inline void fill(storage::Journal journal)
{
    REQUIRE(journal.documents().append({document(7, kReceipt, 3)}));
    auto short_record = document(8, "0301180301090F08000000AABBCCDD01EA88000000", 3);
    short_record.document.form = fiscal::DocumentForm::short_record;
    REQUIRE(journal.documents().append({short_record}));
    auto conflict = document(7, kReceipt, 3);
    conflict.document.fiscal_sign = 1;
    REQUIRE(journal.documents().append({conflict}));
}

/// Answers one HTTP request with a body, then ends; remembers what was asked.
class OneAnswer {
public:
    OneAnswer(int status, std::string body)
        : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
          thread_([this, status, body = std::move(body)] { serve(status, body); })
    {}
    ~OneAnswer()
    {
        if (thread_.joinable())
            thread_.join();
    }

    [[nodiscard]] unsigned port() const { return acceptor_.local_endpoint().port(); }
    std::string asked()
    {
        thread_.join();
        return asked_;
    }

private:
    void serve(int status, const std::string& body)
    {
        asio::ip::tcp::socket peer(io_);
        acceptor_.accept(peer);
        boost::system::error_code error;
        std::size_t wanted = std::string::npos;
        while (asked_.size() < wanted && !error) {
            char piece[1024];
            asked_.append(piece, peer.read_some(asio::buffer(piece), error));
            const std::size_t end = asked_.find("\r\n\r\n");
            if (end == std::string::npos)
                continue;
            const std::size_t length = asked_.find("Content-Length:");
            wanted = end + 4 + (length < end ? std::stoul(asked_.substr(length + 15)) : 0);
        }
        asio::write(peer,
                    asio::buffer("HTTP/1.1 " + std::to_string(status) +
                                 " x\r\nContent-Type: application/json\r\n"
                                 "Connection: close\r\nContent-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n" + body),
                    error);
    }

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::string asked_;
    std::thread thread_;
};

inline std::string url_of(const OneAnswer& server)
{
    return "http://127.0.0.1:" + std::to_string(server.port());
}

} // namespace kb::agent::kktctl::test

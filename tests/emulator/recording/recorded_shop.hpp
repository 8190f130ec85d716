// A shop's PC with a running agent and an emulated register, both in this process, and kktctl beside them.
#pragma once

#include "agent/application.hpp"
#include "agent/config.hpp"
#include "agent/http/client.hpp"
#include "agent/local_token.hpp"
#include "tests/emulator/recording/private_sale.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <future>
#include <thread>

namespace kb::test {

using Json = nlohmann::json;

/// A register with some sales in it, living on a thread of its own.
class RegisterThread {
public:
    explicit RegisterThread(const Way& way) : device_(way.start(io_))
    {
        for (std::uint32_t sale = 0; sale < 5; ++sale)
            sell(*device_, sale);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~RegisterThread()
    {
        io_.stop();
        thread_.join();
    }
    RegisterThread(const RegisterThread&) = delete;
    RegisterThread& operator=(const RegisterThread&) = delete;

    [[nodiscard]] std::string port() const { return device_->url().text(); }

private:
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    std::unique_ptr<EmulatedRegister> device_;
    std::thread thread_;
};

/// The first way of that family, as the scenarios know them.
inline const Way& way_named(const std::string& name)
{
    for (const Way& way : all_ways())
        if (way.name == name)
            return way;
    throw std::runtime_error("no way " + name);
}

struct Ran {
    int code = -1;
    std::string out;
    std::string err;
};

class RecordedShop {
public:
    /// `devices`: as in the configuration.
    explicit RecordedShop(const std::string& devices)
    {
        const std::string free = new_tcp_address().substr(4);
        write_file(dir / "agent.toml", "[agent]\ndata_dir = \"data\"\nlisten = \"" + free + "\"\n" + devices);
        agent::ConfigResult config = agent::load_config(dir / "agent.toml", agent::Language::russian);
        if (!config.ok())
            throw std::runtime_error(config.problems.front().text(dir / "agent.toml"));
        config_ = std::move(config.config);
    }
    ~RecordedShop()
    {
        if (application_) {
            application_->request_stop();
            thread_.join();
        }
    }
    RecordedShop(const RecordedShop&) = delete;
    RecordedShop& operator=(const RecordedShop&) = delete;

    void start_agent()
    {
        application_.emplace(config_);
        if (const auto started = application_->start(); !started)
            throw std::runtime_error(started.error().message());
        thread_ = std::thread([this] { application_->run(); });
    }

    /// Waits for it, as long as the test may take.
    void until_read()
    {
        while (true) {
            const auto page = call("GET", "/status");
            const auto& device = page.body["devices"][0];
            if (page.status == 200 && device["behind"] == 0 && device["sample"]["state"] == "ready")
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    struct Page {
        int status = 0;
        Json body;
        std::string text;
    };
    Page call(const std::string& method, const std::string& path, const std::string& body = "",
              const std::string& token = "")
    {
        agent::http::Request request;
        request.method = method;
        request.url = "http://" + config_.listen.text() + path;
        request.body = body;
        if (!token.empty())
            request.headers.emplace_back("Authorization", "Bearer " + token);
        std::promise<agent::http::Reply> promise;
        client_->send(std::move(request),
                      [&](agent::http::Reply reply) { promise.set_value(std::move(reply)); });
        const agent::http::Reply reply = promise.get_future().get();
        Page page;
        if (reply.result) {
            page = {reply.result->status, Json::parse(reply.result->body, nullptr, false),
                    reply.result->body};
        } else {
            page.status = reply.result.error().device_code.value_or(0);
            page.text = reply.result.error().context;
        }
        return page;
    }
    /// As whoever may read the agent's folder.
    Page ask(const std::string& method, const std::string& path, const std::string& body = "")
    {
        const auto token = agent::load_local_token(config_.data_dir);
        return call(method, path, body, token.value_or(""));
    }

    [[nodiscard]] Ran kktctl(const std::string& arguments) const
    {
        const std::string command = "LANG=ru_RU.UTF-8 LC_ALL= " KB_KKTCTL " --config " +
                                    (dir / "agent.toml").string() + " " + arguments + " > " +
                                    (dir / "out").string() + " 2> " + (dir / "err").string();
        const int status = std::system(command.c_str());
        Ran ran{status / 256, read_file(dir / "out"), read_file(dir / "err")};
        UNSCOPED_INFO("kktctl " << arguments << ": status " << status << "\n" << ran.out << ran.err);
        return ran;
    }

    TempDir dir;

private:
    agent::Config config_;
    std::unique_ptr<agent::http::Client> client_ = agent::http::make_client({});
    std::optional<agent::Application> application_;
    std::thread thread_;
};

} // namespace kb::test

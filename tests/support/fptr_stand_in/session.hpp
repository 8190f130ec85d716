// One handle of the stand-in: its parameters, its error, and its connection to the virtual register.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace stand_in {

struct DateTime {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};
/// "2026-03-25T14:05:00"
DateTime date_time_of(const std::string& text);
std::string text_of(const DateTime& time);

using Value = std::variant<unsigned, double, std::wstring, std::vector<unsigned char>, DateTime>;
using Values = std::map<int, Value>;

std::wstring wide_of(const std::string& utf8);
std::string narrow_of(const std::wstring& wide);

class Session {
public:
    Session();
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Each operation returns an error code and leaves its results in `out`.
    int set_settings(const std::wstring& json);
    int open();
    void close();
    [[nodiscard]] bool opened() const { return opened_; }
    int query_data();
    int fn_query_data();
    int process_json();
    int begin_read_records();
    int read_next_record();
    int end_read_records();
    int read_model_flags();
    int write_date_time();

    /// The maker's rule: a handle is not shared between threads.
    [[nodiscard]] bool on_its_thread() const { return std::this_thread::get_id() == owner_; }
    [[nodiscard]] std::string port() const { return host_ + ":" + port_; }

    Values in;
    Values out;
    int error = 0;
    std::string error_text = "Ошибок нет";

private:
    /// The register's answer; `failed` is the code when it refuses.
    nlohmann::json ask(const std::string& op, int& failed, nlohmann::json more = nlohmann::json::object());
    [[nodiscard]] unsigned given(int id, unsigned otherwise) const;
    void put(int id, unsigned value) { out[id] = value; }
    void put(int id, bool value) { out[id] = value ? 1U : 0U; }
    void put(int id, const std::string& utf8) { out[id] = wide_of(utf8); }

    void put_fn_info(const nlohmann::json& state);
    void put_registration(const nlohmann::json& state);
    void put_record(const nlohmann::json& record);

    std::thread::id owner_ = std::this_thread::get_id();
    bool configured_ = false;
    bool opened_ = false;
    std::string host_;
    std::string port_;
    std::int64_t link_ = 0;
    unsigned listings_ = 0;
    std::string listing_;
};

} // namespace stand_in

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

/// How a task ends that cannot go on.
struct TaskFault {
    int error = 0;
    std::string text;
};

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
    int check_document_closed();
    int continue_print();
    int cancel_receipt();
    int beep();
    int cut();

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

    /// The same, of one that may not fail: throws TaskFault.
    nlohmann::json command(const std::string& op, nlohmann::json more = nlohmann::json::object());

    // tasks.cpp
    nlohmann::json run_task(const nlohmann::json& task);
    void begin_task(const nlohmann::json& task);
    void begin_document();
    void cancel_quietly();
    [[nodiscard]] bool was_closed();
    [[nodiscard]] nlohmann::json operator_tags() const;
    void print_items(const nlohmann::json& items);
    nlohmann::json fiscal_result();
    nlohmann::json report_task(const std::string& type, const nlohmann::json& task);
    nlohmann::json cash_task(const nlohmann::json& task);
    nlohmann::json registration_task();
    void set_date_time(const nlohmann::json& task);
    // marking.cpp
    nlohmann::json marking_task(const std::string& type, const nlohmann::json& task);
    nlohmann::json begin_check(const nlohmann::json& task);
    nlohmann::json check_status();
    // receipts.cpp
    nlohmann::json receipt_task(const nlohmann::json& task);
    void open_receipt(const nlohmann::json& task, unsigned operation, bool correction);
    void add_items(const nlohmann::json& task, bool ffd_1_2, bool by_rate, std::int64_t& sum);

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
    std::string cashier_ = "Кассир 1"; ///< whoever has logged in last
    std::string cashier_inn_;
    bool began_ = false;       ///< a document, since the port was opened
    unsigned last_before_ = 0; ///< the FN's last number when it began
};

} // namespace stand_in

// Reads the members of one JSON object of a task as ATOL's driver does: numbers may stand in quotes, texts
// may be numbers, and what nobody asks for is passed over. For .cpp files only: it brings nlohmann/json.hpp
// along.
#pragma once

#include "agent/api/atol/errors.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent::awr {

/// Why a task cannot be carried out: ATOL's number, the member, reason and cure in Russian.
struct TaskFault {
    int code = error::bad_data;
    std::string path; ///< "request[0].items[1].price"; empty: the task as a whole
    std::string text;

    [[nodiscard]] std::string description() const { return path.empty() ? text : path + ": " + text; }
};

/// Readers of one task share the fault; the first one is kept, after it everything yields what is empty.
class TaskReader {
public:
    /// Both references outlive the reader.
    TaskReader(const nlohmann::json& object, std::string path, std::optional<TaskFault>& fault);

    /// There and not null.
    [[nodiscard]] bool has(const char* key) const;
    [[nodiscard]] bool ok() const { return !*fault_; }
    [[nodiscard]] std::string path_of(const char* key) const;

    /// A text, or a number as its digits; characters that no receipt prints are replaced where there is
    /// something alike, line ends and tabs by spaces. Empty: absent.
    [[nodiscard]] std::string text(const char* key);
    /// The same with its line ends.
    [[nodiscard]] std::string lines(const char* key);
    /// A taxpayer's number. One that was sent as a number has lost its leading zero, and gets it back.
    [[nodiscard]] std::string inn(const char* key);
    /// A phone number or an e-mail address; of a number that only lacks the form, in the form: "+7…".
    [[nodiscard]] std::string contact(const char* key);
    [[nodiscard]] std::vector<std::string> phones(const char* key);
    [[nodiscard]] std::optional<Kopecks> money(const char* key);
    [[nodiscard]] std::optional<Quantity> quantity(const char* key);
    [[nodiscard]] bool flag(const char* key);
    [[nodiscard]] std::optional<std::uint32_t> number(const char* key, std::uint32_t max);
    /// The code of a word; with `numbers`, whole numbers 0..255 stand for themselves, also in quotes.
    [[nodiscard]] std::optional<std::uint32_t> code(const char* key, fiscal::Words words, bool numbers);
    /// A list of words that are bits.
    [[nodiscard]] std::optional<std::uint32_t> flags(const char* key, fiscal::Words words);
    /// A day: "2024.03.01", "2024-03-01", "01.03.2024", whatever the time behind it.
    [[nodiscard]] std::optional<std::chrono::year_month_day> day(const char* key);
    /// A day and a time, the shop's own; a zone behind it is passed over.
    [[nodiscard]] std::optional<LocalSeconds> time(const char* key);

    /// The object of that name; one without members when it is absent.
    [[nodiscard]] TaskReader part(const char* key);
    /// The objects of a list; a single object is a list of one. Empty: absent.
    [[nodiscard]] std::vector<TaskReader> list(const char* key, std::size_t at_most);

    void complain(const char* key, std::string text, int code = error::bad_data);

private:
    const nlohmann::json* find(const char* key) const;
    std::optional<std::string> decimal(const char* key, std::size_t places);

    const nlohmann::json* object_;
    std::string path_;
    std::optional<TaskFault>* fault_;
};

/// The decimal text of a JSON number (or of a text that is one) with at most so many places. What reckoning
/// in doubles leaves behind is taken away: 30.000000000000004 is 30, 89.99999999999999 is 90. A number that
/// has more places in earnest, or an exponent, is nullopt: nobody but its owner may round it.
std::optional<std::string> decimal_text(const nlohmann::json& value, std::size_t places);

} // namespace kb::agent::awr

// Requests as the library's tasks, and what it answers to them. Pure: a request in, JSON out, and back.
// Source: docs/sources.md#atol-fptr, section 5.
#pragma once

#include "protocol/fiscal/marking.hpp"
#include "protocol/fiscal/request.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::atol_fptr {

/// What a task needs to know of the register.
struct TaskFacts {
    fiscal::FfdVersion ffd = fiscal::FfdVersion::v1_05;
    /// The library switches the register's own header and footer off for a receipt with lines behind it, and
    /// on again only for a receipt that says it has none.
    bool cliche_may_be_off = false;
    /// Of the receipt's marks, once they were checked.
    std::vector<fiscal::MarkCheck> marks{};
};

/// Without a person to wait for, and with the register's own slowness: signing, printing.
inline constexpr std::chrono::milliseconds kLongestTask{60'000};

struct LibraryTask {
    std::string name; ///< its type, "sell", for errors
    std::string json;
    std::chrono::milliseconds at_most{}; ///< longer it hangs
};

/// Of a request that went through fill_in(), fit_to() and check_request(); of a kind the library has a task
/// for: receipts, shifts, reports, cash, copy, text, cash_drawer. Errc::not_representable naming the field
/// for what it has no word for.
Result<LibraryTask> task_of(const fiscal::Request& request, const TaskFacts& facts);

/// The part of an answer that is looked at. What is missing or of another form is nullopt, 0 and true: the
/// task was carried out all the same, and the FN tells.
struct TaskAnswer {
    std::optional<std::uint32_t> fd_number;
    std::uint32_t fiscal_sign = 0;
    bool printed = true;
};
TaskAnswer answer_of(const std::string& json);

} // namespace kb::atol_fptr

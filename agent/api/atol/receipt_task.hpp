// The tasks that become receipts: sell, sellReturn, buy, buyReturn and their corrections; and the lines that
// are printed besides. Source: docs/sources.md#atol-web, tasks.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <vector>

namespace kb::agent::awr {

class TaskReader;

/// Cashier and his number, of any task.
void read_operator(TaskReader& task, fiscal::Request& request);
/// Text, bar codes and QR codes. Pictures are left out; a bar code of a kind that no register here prints
/// comes as its text.
std::vector<fiscal::PrintItem> read_lines(TaskReader& task, const char* key);
/// The rest of the task; `operation` and `correction` are told by its type.
void read_receipt(TaskReader& task, fiscal::Request& request, fiscal::Operation operation, bool correction);

} // namespace kb::agent::awr

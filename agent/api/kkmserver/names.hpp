// The commands and states of the KkmServer interface, and how its members are called where the house has
// another word. Source: docs/sources.md#kkmserver, sections 2 and 3.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kb::agent::kkmserver {

enum class Command {
    register_check,
    open_shift,
    close_shift, ///< CloseShift and ZReport
    x_report,
    ofd_report,
    depositing_cash,
    payment_cash,
    open_cash_drawer,
    print_document,
    continue_print,
    get_data_check,
    get_data_kkt,
    get_counters,
    get_line_length,
    get_rezult,
    list,
    get_server_data,
    on_off_unit,
};

/// Capitals or not; GetCounters also with the Cyrillic С that clients write. nullopt: not served here.
std::optional<Command> command_of(std::string_view name);
/// Whether it may make the register do something, so that it has to have a key.
bool works(Command command);
/// The command that asks for such a request; where there are two, the one of most clients.
std::string_view command_name_of(fiscal::RequestKind kind);

/// Clients know a sixth one, 4 for "not begun yet", but many of them take it for the end: what waits is told
/// as `run`.
enum class Status {
    ok = 0,
    run = 1, ///< not over; GetRezult tells more
    error = 2,
    not_found = 3,    ///< no such register, or (of GetRezult) no such command
    done_earlier = 5, ///< the key was used for something else: its result, and nothing more was done
};

/// The same name, capitals of ASCII or not.
bool same_name(std::string_view a, std::string_view b);

/// "items[2].price" -> "Register[2].Price": a member of a request by the name that clients know.
std::string member_name(std::string_view path);

} // namespace kb::agent::kkmserver

// A command's arguments as a request to a register: the cabinet checks by it what an owner sends, the agent
// carries it out.
#pragma once

#include "protocol/cabinet/messages.hpp"
#include "protocol/fiscal/request.hpp"

#include <string>

namespace kb::cabinet_api {

/// A request that was filled in. Errors: Errc::bad_json, bad_value and those of fiscal::request_from_json();
/// the context names the argument, the reason and the cure.
Result<fiscal::Request> request_of(CommandKind kind, const std::string& args_json);

/// The arguments of a message, and of a receipt to print, which has been filled in.
std::string message_args(const std::string& text);
std::string print_args(const fiscal::Request& receipt);

} // namespace kb::cabinet_api

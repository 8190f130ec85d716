// What the files of the web API have in common.
#pragma once

#include "http/message.hpp"

#include <string>

namespace kb::agent::awr {

/// Whose keys the jobs are under.
inline constexpr const char* kCaller = "atol";

/// The key of a request's n-th job, counted from 1; the first one's is the uuid itself.
std::string job_key(const std::string& uuid, std::size_t number);
/// The request a job with this key belongs to. `first`: it is a request's first job.
std::string uuid_of(const std::string& key, bool first);

/// The device that is meant: of the query, else of the body; empty for "default" and for none at all. What
/// cannot be read is told as it was sent: better no such device than another one.
std::string device_id_of(const kb::http::Request& request, const std::string& of_body);

} // namespace kb::agent::awr

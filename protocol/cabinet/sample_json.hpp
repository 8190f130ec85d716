// DeviceSample as JSON, apart from the other messages because it is half of them. For .cpp files only.
#pragma once

#include "protocol/fiscal/device_state.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace kb::cabinet_api {

nlohmann::json sample_to_json(const fiscal::DeviceSample& sample);
/// What the cabinet files under a register needs the register's number; on the PC it may be lacking yet.
enum class KktSerial { needed, may_be_empty };
/// Failures go into `failure`, with their path under `path`, as JsonReader does.
fiscal::DeviceSample read_sample(const nlohmann::json& object, const std::string& path, KktSerial kkt_serial,
                                 std::optional<Error>& failure);

} // namespace kb::cabinet_api

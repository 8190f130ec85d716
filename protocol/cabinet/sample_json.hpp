// DeviceSample as JSON, apart from the other messages because it is half of them. For .cpp files only.
#pragma once

#include "protocol/fiscal/device_state.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace kb::cabinet_api {

nlohmann::json sample_to_json(const fiscal::DeviceSample& sample);
/// Failures go into `failure`, with their path under `path`, as JsonReader does.
fiscal::DeviceSample read_sample(const nlohmann::json& object, const std::string& path,
                                 std::optional<Error>& failure);

} // namespace kb::cabinet_api

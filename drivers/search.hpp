// The search for the register on one port: which vendor's, at which speed, and if none, why not.
#pragma once

#include "drivers/registry.hpp"

#include <functional>
#include <span>

namespace kb {

/// What a search works with; tests bring vendors and lines of their own.
struct SearchTools {
    std::span<const Vendor> vendors; ///< outlive the search
    const Vendor* wanted = nullptr;  ///< nullptr: any
    std::function<Task<std::unique_ptr<Transport>>(PortUrl)> open;
};

/// As connect_device().
Task<Connection> search(SearchTools tools, ConnectRequest request);

} // namespace kb

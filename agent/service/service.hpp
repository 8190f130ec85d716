// What the agent tells the service manager that runs it. One pair of files per operating system.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace kb::agent::service {

/// Tells the service manager something, in systemd's words ("READY=1", "STOPPING=1", "WATCHDOG=1",
/// "STATUS=..."). Does nothing when nobody listens. Never blocks and never fails.
void notify(std::string_view state);

/// How often the manager wants a "WATCHDOG=1"; nullopt: it does not watch.
std::optional<std::chrono::microseconds> watchdog_interval();

/// Runs `body` as the operating system wants a service to run; `body` gets the function that it must keep
/// as the way to be stopped. On Linux that is all signals' work, so `body` is simply called.
int run(const std::function<int()>& body, const std::function<void()>& stop);

/// Settings of the C library that keep a small service small; call first in main.
void be_small();

/// Lets go of the pages of program and libraries that have been mapped so far: most of them are only needed
/// to start (symbols, settings, migrations, the first TLS handshake). What is still needed comes back from
/// the system's file cache by itself. Call once, when the start is over; any thread, any time is safe.
void leave_start_behind();

/// The calling thread lets the others of this program go first when they compete for a core.
void let_others_go_first();

} // namespace kb::agent::service

// isatty on the standard streams.
#include "agent/service/terminal.hpp"

#include <unistd.h>

namespace kb::agent::service {

bool output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool errors_are_terminal() { return isatty(STDERR_FILENO) == 1; }

} // namespace kb::agent::service

// A support trace of a line, in the same format as the test fixtures: a trace becomes a fixture.
#pragma once

#include "drivers/transport/transport.hpp"

#include <iosfwd>
#include <memory>

namespace kb {

/// Passes everything through and writes one `.exchange` line for each write ("> ..") and read ("< .."), with
/// the milliseconds since the start as comment. `head` becomes the "# key: value" lines at the top.
/// Personal data and marking codes are in it as they were on the line: it is for support, not for logs.
std::unique_ptr<Transport> record(std::unique_ptr<Transport> line, std::unique_ptr<std::ostream> file,
                                  const std::string& head);

} // namespace kb

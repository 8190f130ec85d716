// Work that is done in several processes at once, for what has one stepped time, one disk and one set of
// seeds to itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace kb::test {

/// The texts that work(0), work(1) ... work(count - 1) return, in this order. Every core has a process of its
/// own, which does one piece after the other. Throws std::runtime_error, naming the piece, when one of them
/// dies or throws. Call it while the program has one thread.
std::vector<std::string> in_processes(std::size_t count, const std::function<std::string(std::size_t)>& work);

} // namespace kb::test

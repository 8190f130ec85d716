// What the virtual printer puts on its strip: plain lines for the keypad page, no layout of any make.
#pragma once

#include "drivers/emulator/documents.hpp"
#include "drivers/emulator/virtual_fn.hpp"

#include <string>
#include <vector>

namespace kb::emulator {

struct Shift;

/// "350.50".
std::string rubles(std::uint64_t kopecks);
/// "приход", "возврат прихода", "расход", "возврат расхода".
std::string operation_name(Operation operation);

std::vector<std::string> receipt_lines(const Identity& who, const VirtualFn& fn, const Receipt& receipt,
                                       const Closing& closing, const Closed& closed, std::uint16_t shift);
std::vector<std::string> shift_lines(const Identity& who, const VirtualFn& fn, const std::string& title,
                                     const Shift& shift, const std::string& cashier);
std::vector<std::string> registration_lines(const Identity& who, const VirtualFn& fn,
                                            const std::string& title);
std::vector<std::string> x_report_lines(const Shift& shift, std::int64_t cash);

} // namespace kb::emulator

// The settings tables of an ATOL register: a sparse map over fields with their widths and first values.
// Source: docs/sources.md#atol, section 5.1.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"

#include <cstdint>
#include <string>

namespace kb::emulator::atol {

struct Model;

/// A field's place; rows are binary on the wire.
struct Cell {
    std::uint8_t table = 0;
    std::uint16_t row = 0;
    std::uint8_t field = 0;
};

class Tables {
public:
    Tables(VirtualKkt& kkt, const Model& model) : kkt_(kkt), model_(model) {}

    /// 0, or 91h, 92h, 93h: no such table, row, field.
    [[nodiscard]] std::uint8_t missing(Cell cell) const;
    /// Exactly the field's width. Precondition: not missing().
    [[nodiscard]] Bytes read(Cell cell) const;
    /// 0, or the register's error code: numbers want the field's width, texts may be shorter.
    std::uint8_t write(Cell cell, BytesView value);
    /// Everything back to its first value.
    void reset();

    [[nodiscard]] std::uint64_t number(Cell cell) const; ///< of a BCD field
    [[nodiscard]] std::string text(Cell cell) const;     ///< without padding
    /// The user 1..30 with this password (BCD as a number); 0 when there is none.
    [[nodiscard]] std::uint8_t user_of(std::uint64_t password) const;
    /// Whether a shift's end empties the drawer (2.1.18 bit 2).
    static bool empties_drawer(const VirtualKkt& kkt);

private:
    VirtualKkt& kkt_;
    const Model& model_;
};

} // namespace kb::emulator::atol

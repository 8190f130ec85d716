// The settings tables of a Shtrih-M register: their structure from a dump of a real unit, their values from
// the virtual register where they tell its state. Source: docs/sources.md#shtrih, section 5.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"
#include "drivers/shtrih/emulator_models.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kb::shtrih {

/// One line a table or field: "T1|rows|name", then "field|B1|min|max|value|name".
extern const char* const kTableDictionary;

struct TableField {
    std::string name; ///< UTF-8
    bool text = false;
    std::uint8_t size = 0;
    std::uint64_t min = 0, max = 0;
    std::string initial; ///< UTF-8 text, or a decimal number
};

struct Table {
    std::uint8_t number = 0; ///< on this firmware
    std::uint8_t origin = 0; ///< in the dictionary; 0: this firmware's own
    std::uint16_t rows = 0;
    std::string name;
    std::vector<TableField> fields;
};

class EmulatorTables {
public:
    EmulatorTables(emulator::VirtualKkt& kkt, const EmulatorClass& firmware);

    /// nullptr: no such table; then field(): no such field.
    [[nodiscard]] const Table* table(std::uint8_t number) const;
    /// The value's bytes, exactly as long as the field.
    [[nodiscard]] Bytes read(const Table& table, std::uint16_t row, std::uint8_t field) const;
    /// 0, or the register's error code.
    std::uint8_t write(const Table& table, std::uint16_t row, std::uint8_t field, BytesView value);
    [[nodiscard]] std::uint64_t number(std::uint8_t table, std::uint16_t row, std::uint8_t field) const;
    [[nodiscard]] std::string text(std::uint8_t table, std::uint16_t row, std::uint8_t field) const;
    /// The operator 1..30 with this password; 0 when there is none.
    [[nodiscard]] std::uint8_t operator_of(std::uint32_t password) const;

private:
    [[nodiscard]] std::optional<std::string> live_text(const Table& table, std::uint8_t field) const;
    [[nodiscard]] std::optional<std::uint64_t> live_number(const Table& table, std::uint8_t field) const;

    emulator::VirtualKkt& kkt_;
    const EmulatorClass& firmware_;
    std::vector<Table> tables_;
};

} // namespace kb::shtrih

// What the documents leave open about ATOL registers, as settings: one struct, each field with the safer
// default, each with its key in the configuration.
//
// Unverified, all of it: docs/sources.md#atol, "unverified" says what each program does and why the default.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kb::atol {

/// Text of requisites (E8h): as FFD defines it, or in the page of printed lines.
enum class RequisiteText { cp866, wire };
/// What a set bit of 3Fh means; `ignore`: it is not looked at.
enum class FlagMeaning { ignore, yes_when_set, yes_when_clear };
/// Order of the two BCD bytes of the numbers in 3Fh.
enum class DigitOrder { big_endian, little_endian };
enum class NumberForm { binary, bcd };

struct Dialect {
    std::uint16_t access_password = 0; ///< 0..9999, in front of every command
    RequisiteText requisite_text = RequisiteText::cp866;
    FlagMeaning drawer_open_flag = FlagMeaning::ignore;  ///< bit 2 of 3Fh
    FlagMeaning paper_absent_flag = FlagMeaning::ignore; ///< bit 3 of 3Fh; 45h tells the paper anyway
    DigitOrder status_numbers = DigitOrder::big_endian;  ///< receipt and shift number of 3Fh
    NumberForm fn_numbers = NumberForm::binary;          ///< shift and receipt number of A4 10
    NumberForm item_codes = NumberForm::binary;          ///< tags 1212 and 1214 above 9 in EBh
    std::uint8_t no_print_flag = 4;                      ///< "do not print" in the flags of 92h: 4 or 2
    std::uint8_t tax_sum_bytes = 7;                      ///< width of the sum in B8h: 7 or 5
    std::uint8_t partial_cut = 1;                        ///< type of a partial cut in 75h: 1 or 4
    bool operator==(const Dialect&) const = default;
};

/// One key of `[device.atol]` in the configuration.
struct DialectKey {
    std::string_view name;
    std::string_view usual;                  ///< the default, as it is written
    std::span<const std::string_view> words; ///< what may be written; empty: a whole number
    std::int64_t least = 0;
    std::int64_t most = 0;
    void (*set)(Dialect& dialect, std::string_view value); ///< precondition: an allowed value
};

std::span<const DialectKey> dialect_keys();

/// Sets one field by its key. Errc::bad_config naming the key and what may be written.
Result<void> set_key(Dialect& dialect, std::string_view key, std::string_view value);

} // namespace kb::atol

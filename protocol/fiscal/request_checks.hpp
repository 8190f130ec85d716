// What is wrong with a request, found before the register is touched. Each fault names the field, the rule
// and the cure. Sources: docs/sources.md#ffd, sections 3, 4 and 8; limits of the makes:
// docs/sources.md#shtrih, section 4.3, docs/sources.md#atol, sections 4.5 and 4.6.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

/// What the register at hand can hold. A driver tells it after identify().
struct RequestLimits {
    FfdVersion ffd = FfdVersion::v1_05;
    std::uint8_t tax_systems = 0;      ///< mask of 1062 as registered; 0: not known, any is allowed
    std::size_t name_characters = 128; ///< 1030
    std::size_t line_characters = 42;  ///< of printed text; longer lines are wrapped, not refused
    Kopecks max_sum{0xFF'FFFF'FFFEL};  ///< of price, item, payment and total
    std::int64_t quantity_step = 1;    ///< in millionths: 1000 where the register takes three decimals
    Quantity max_quantity = Quantity::from_millionths(0xFFFF'FFFF'FFFFL);
    std::uint8_t max_department = 16;
    bool vat_5_7 = true;        ///< rates 7..10 of tag 1199
    bool vat_22 = true;         ///< rates 11 and 12
    bool marking_check = false; ///< codes can be checked through the register (FFD 1.2)
    bool corrections = true;
    bool cash_moves = true; ///< cash_in and cash_out
    bool cut = true;
    bool electronic_only = true;
    /// Bar codes it prints, by PrintItem::barcode_type, with blanks between; QR codes all of them print.
    std::string_view barcodes = "EAN13 EAN8 CODE39 CODE128";
    /// Whether the register prints this character.
    bool (*can_print)(char32_t character) = nullptr; ///< nullptr: CP866
};

struct RequestFault {
    std::string path; ///< "items[2].price"
    std::string code; ///< stable snake_case name of the rule: "payments_short"
    std::string ru;   ///< "reason; cure"
    std::string en;
    bool operator==(const RequestFault&) const = default;
};

/// All faults (the first hundred, if it must be) of a request that went through fill_in() and
/// fit_to(request, limits.ffd); empty: it may go to the register.
std::vector<RequestFault> check_request(const Request& request, const RequestLimits& limits);

/// The faults in one line: "items[0].vat: no rate; give one. payments.cash: …".
std::string describe(const std::vector<RequestFault>& faults, bool russian);

} // namespace kb::fiscal

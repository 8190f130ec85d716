// Turns what happened on the virtual register into the TLV bytes of a fiscal document, every mandatory tag of
// its FFD version included (docs/sources.md#ffd, section 3).
#pragma once

#include "drivers/emulator/sale.hpp"
#include "drivers/emulator/totals.hpp"

#include <cstdint>
#include <string>

namespace kb::emulator {

/// Who the register is and whom it belongs to; fixed at registration.
struct Identity {
    std::string kkt_serial;
    std::string reg_number; ///< РНМ, 16 digits
    std::string inn;
    std::string user;
    std::string address;
    std::string place;
    std::string ofd_inn;
    std::string ofd_name;
    std::string ofd_host;
    std::uint16_t ofd_port = 7779;
    std::string fns_site;
    std::string sender_email;
    std::string kkt_version;
    std::uint8_t tax_systems = 1;
    std::uint8_t ffd = 4; ///< tag 1209: 2 = 1.05, 3 = 1.1, 4 = 1.2
    bool six_decimals = false;
};

/// Everything the FN itself puts on a document.
struct DocumentHead {
    std::string fn_serial;
    std::uint32_t fd_number = 0;
    LocalSeconds at{};
    std::uint16_t shift = 0;
    std::uint32_t key_days = 0;
    std::uint8_t warnings = 0;
    std::uint32_t unsent = 0;
    std::uint32_t unsent_first = 0;
    LocalSeconds unsent_since{};
};

struct Document {
    Bytes body; ///< inner TLVs
    std::uint32_t sign = 0;
};

/// Type 1, and with `change_reason` type 11.
Document registration_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                             std::uint32_t change_reason, const FnTotals& totals);
Document shift_open_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                           BytesView extra);
/// Types 3 and 31.
Document receipt_document(const Identity& who, const DocumentHead& head, const Receipt& receipt,
                          const Closing& closing, std::uint64_t change, std::uint16_t number);
Document shift_close_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                            BytesView extra, const FnTotals& shift, const FnTotals& all,
                            std::uint32_t shift_documents);
Document state_report(const Identity& who, const DocumentHead& head, const FnTotals& all);
Document fn_close_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                         const FnTotals& all);

/// Six bytes of tag 1077: two of service, then the printed number big-endian.
Bytes sign_field(std::uint32_t sign);
/// РНМ: a ten-digit number and its check digits (docs/sources.md#ffd, section 5.3).
std::string reg_number_for(std::uint64_t number, const std::string& inn, const std::string& kkt_serial);

} // namespace kb::emulator

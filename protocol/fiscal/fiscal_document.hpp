// A fiscal document as the house carries it from the FN to the cabinet: identity, head, and the bytes
// themselves.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>

namespace kb::fiscal {

/// FFD document codes (docs/sources.md#ffd, section 2).
enum class DocumentType : std::uint16_t {
    registration = 1,
    shift_open = 2,
    receipt = 3,
    bso = 4,
    shift_close = 5,
    fn_close = 6,
    ofd_ticket = 7,
    re_registration = 11,
    state_report = 21,
    receipt_correction = 31,
    bso_correction = 41,
};

/// How much of the document the FN still held when it was read.
enum class DocumentForm {
    full,         ///< the whole TLV document
    short_record, ///< only the archive's short record: the FN drops bodies about 30 days after the OFD's
                  ///< ticket
};

/// Identity is (fn_serial, fd_number), always (design law 1).
struct FiscalDocument {
    std::string fn_serial;       ///< 16 characters as the FN tells them
    std::uint32_t fd_number = 0; ///< 1.., without gaps in one FN
    DocumentType type{};
    LocalSeconds datetime{};       ///< register's wall clock
    std::uint32_t fiscal_sign = 0; ///< ФПД, as printed (10 decimal digits)
    DocumentForm form = DocumentForm::full;
    bool ticket_received = false; ///< the OFD has confirmed it, as far as the FN knew when read
    /// full: one outer STLV, tag = document code, with its 4-byte header (docs/sources.md#ffd, section 1).
    /// short_record: type u8, ticket u8 and the record's fields, as in docs/sources.md#ffd, section 6.4.
    Bytes raw;
};

} // namespace kb::fiscal

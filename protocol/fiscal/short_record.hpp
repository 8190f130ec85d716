// The archive's short records: what the FN still tells about a document whose body it has dropped.
// Source: docs/sources.md#ffd, section 6.4.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <optional>
#include <string>

namespace kb::fiscal {

/// One record; the fields its type has are set.
struct ShortRecord {
    DocumentType type{};
    std::uint8_t type_byte = 0; ///< as it came: newer drives add format bits above 3Fh
    bool ticket_received = false;
    LocalSeconds datetime{}; ///< to the minute
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    std::optional<Operation> operation;            ///< 3, 4, 31, 41
    std::optional<Kopecks> total;                  ///< 3, 4, 31, 41
    std::optional<std::uint32_t> shift_number;     ///< 2, 5
    std::optional<std::uint8_t> warnings;          ///< 2, 5, where the drive appends them (section 6.3)
    std::optional<std::uint32_t> unsent_documents; ///< 21
    std::optional<LocalSeconds> first_unsent_date; ///< 21; absent when the record's date is empty
    std::string inn;                               ///< 1, 11, 6
    std::string kkt_reg_number;                    ///< 1, 11, 6
    std::optional<std::uint8_t> tax_systems;       ///< 1, 11
    std::optional<std::uint8_t> mode;              ///< 1, 11
    std::optional<std::uint8_t> extended_mode;     ///< 1, 11 of FFD 1.1 and later
    std::string ofd_inn;                           ///< 1, 11 of FFD 1.1 and later
    std::optional<std::uint32_t> reason;           ///< 11: code of 1101, or the mask of 1205 from FFD 1.1
};

/// Reads type u8, ticket u8 and the fields (FiscalDocument::raw of a short record; the FN's own reply).
/// A type unknown as it is gets read with its low six bits. Errc::bad_length, bad_value naming the field.
Result<ShortRecord> read_short_record(BytesView raw);
Result<Bytes> write_short_record(const ShortRecord& record);

/// What the archive would keep of a document. Not for the OFD ticket, which has a record of its own kind.
Result<ShortRecord> short_record_of(const Document& document, bool ticket_received);

/// The head fields a record has, for lists that show both forms. `fn_serial` is not part of a record.
Head head_of(const ShortRecord& record, std::string fn_serial);
/// The house's carrier of a document only known by its record.
Result<FiscalDocument> fiscal_document_of_record(BytesView raw, std::string fn_serial);

/// The OFD's ticket as the archive keeps it (FN command 41h).
struct TicketRecord {
    LocalSeconds datetime{};
    Bytes operator_sign; ///< 18 bytes
    std::uint32_t fd_number = 0;
};
Result<TicketRecord> read_ticket_record(BytesView raw);
Result<Bytes> write_ticket_record(const TicketRecord& record);

/// YY MM DD hh mm as plain binary numbers. Errc::bad_value naming `what`.
Result<LocalSeconds> read_fn_time(BytesView five_bytes, std::string_view what);
/// The same out; seconds are cut off. Errc::not_representable outside 2000..2255.
Result<Bytes> write_fn_time(LocalSeconds time);

} // namespace kb::fiscal

// What the house asks the fiscal drive (FN) behind a Shtrih-M register, and the register's service functions.
//
// A layout describes what follows the command code (docs/sources.md#shtrih, section 4).
#pragma once

#include "protocol/shtrih/commands.hpp"
#include "protocol/shtrih/fn_replies.hpp"

#include <algorithm>

namespace kb::shtrih {

struct FnStatus {
    static constexpr Command kCommand = Command::fn_status;
    using Reply = FnStatusReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FnStatus&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FnNumber {
    static constexpr Command kCommand = Command::fn_number;
    using Reply = FnNumberReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FnNumber&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FnExpiry {
    static constexpr Command kCommand = Command::fn_expiry;
    using Reply = FnExpiryReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FnExpiry&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FnVersion {
    static constexpr Command kCommand = Command::fn_version;
    using Reply = FnVersionReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FnVersion&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct CancelFnDocument {
    static constexpr Command kCommand = Command::cancel_fn_document;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const CancelFnDocument&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FiscalisationResult {
    static constexpr Command kCommand = Command::fiscalisation_result;
    using Reply = FiscalisationReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FiscalisationResult&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FindDocument {
    static constexpr Command kCommand = Command::find_document;
    using Reply = ArchiveRecordReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint32_t fd_number = 0;
    bool operator==(const FindDocument&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u32(m.fd_number);
    }
};

/// The register is in mode 1 until ReadDocumentPiece has read everything.
struct OpenDocument {
    static constexpr Command kCommand = Command::open_document;
    using Reply = OpenDocumentReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint32_t fd_number = 0;
    bool operator==(const OpenDocument&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u32(m.fd_number);
    }
};

/// Refused with 08h at the end: see is_end_of_data().
struct ReadDocumentPiece {
    static constexpr Command kCommand = Command::read_document_piece;
    using Reply = BlockReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const ReadDocumentPiece&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct OfdTicket {
    static constexpr Command kCommand = Command::ofd_ticket;
    using Reply = OfdTicketReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint32_t fd_number = 0;
    bool operator==(const OfdTicket&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u32(m.fd_number);
    }
};

struct RegistrationParameter {
    static constexpr Command kCommand = Command::registration_parameter;
    using Reply = TlvReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t report = 1;    ///< number of the registration report
    std::uint16_t tag = 0xFFFF; ///< FFFFh: all, then read by ReadDocumentPiece
    bool operator==(const RegistrationParameter&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.report);
        l.u16(m.tag);
    }
};

/// The same under the code of other firmware.
struct RegistrationParameterAlternative {
    static constexpr Command kCommand = Command::registration_parameter_alternative;
    using Reply = TlvReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t report = 1;
    std::uint16_t tag = 0xFFFF;
    bool operator==(const RegistrationParameterAlternative&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.report);
        l.u16(m.tag);
    }
};

struct OfdStatus {
    static constexpr Command kCommand = Command::ofd_status;
    using Reply = OfdStatusReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const OfdStatus&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct UnsentCount {
    static constexpr Command kCommand = Command::unsent_count;
    using Reply = UnsentCountReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const UnsentCount&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct BeginStateReport {
    static constexpr Command kCommand = Command::begin_state_report;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const BeginStateReport&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct DoStateReport {
    static constexpr Command kCommand = Command::do_state_report;
    using Reply = StateReportReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const DoStateReport&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FnFreeMemory {
    static constexpr Command kCommand = Command::fn_free_memory;
    using Reply = FnFreeMemoryReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FnFreeMemory&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct OfdDataSize {
    static constexpr Command kCommand = Command::ofd_data_size;
    using Reply = OfdDataSizeReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const OfdDataSize&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct ReadOfdBlock {
    static constexpr Command kCommand = Command::read_ofd_block;
    using Reply = BlockReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint16_t offset = 0;
    std::uint8_t size = 0;
    bool operator==(const ReadOfdBlock&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u16(m.offset);
        l.u8(m.size);
    }
};

struct BeginOfdWrite {
    static constexpr Command kCommand = Command::begin_ofd_write;
    using Reply = MaxBlockReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint16_t size = 0;
    bool operator==(const BeginOfdWrite&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u16(m.size);
    }
};

struct WriteOfdBlock {
    static constexpr Command kCommand = Command::write_ofd_block;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint16_t offset = 0;
    Bytes block; ///< at most 255 bytes, less on v1
    bool operator==(const WriteOfdBlock&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        auto size = static_cast<std::uint8_t>(std::min<std::size_t>(m.block.size(), 0xFF));
        l.u16(m.offset);
        l.u8(size);
        l.bytes(m.block, size);
    }
};

struct OpenShiftInFn {
    static constexpr Command kCommand = Command::open_shift_in_fn;
    using Reply = NumberedDocumentReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const OpenShiftInFn&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct ShiftParameters {
    static constexpr Command kCommand = Command::shift_parameters;
    using Reply = ShiftParametersReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const ShiftParameters&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct BeginOpenShift {
    static constexpr Command kCommand = Command::begin_open_shift;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const BeginOpenShift&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct BeginCloseShift {
    static constexpr Command kCommand = Command::begin_close_shift;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const BeginCloseShift&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct CloseShiftInFn {
    static constexpr Command kCommand = Command::close_shift_in_fn;
    using Reply = NumberedDocumentReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const CloseShiftInFn&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// One block of a firmware image onto the SD card.
struct WriteSdBlock {
    static constexpr Command kCommand = Command::write_sd_block;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t kind = 1; ///< 0 loader, 1 firmware
    std::uint16_t block = 0;
    Bytes data; ///< 128 bytes; none at the end on some models
    bool operator==(const WriteSdBlock&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.kind);
        l.u16(m.block);
        l.bytes_rest(m.data);
    }
};

struct ServiceLoaderVersion {
    static constexpr Command kCommand = Command::service_loader_version;
    using Reply = LoaderVersionReply;
    std::uint32_t parameter = 0;
    bool operator==(const ServiceLoaderVersion&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.parameter);
    }
};

struct ServicePingOfd {
    static constexpr Command kCommand = Command::service_ping_ofd;
    using Reply = PingReply;
    std::uint32_t parameter = 0;
    bool operator==(const ServicePingOfd&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.parameter);
    }
};

/// No answer; the device is away for 5 to 30 seconds.
struct ServiceReboot {
    static constexpr Command kCommand = Command::service_reboot;
    using Reply = EmptyReply;
    std::uint32_t parameter = 0;
    bool operator==(const ServiceReboot&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        std::size_t width = 4;
        if constexpr (L::kReading)
            width = l.left() == 3 ? 3 : 4; // a client sends one byte less
        l.uint(m.parameter, width);
    }
};

struct ServiceTotals {
    static constexpr Command kCommand = Command::service_totals;
    using Reply = TotalsReply;
    std::uint32_t kind = 0; ///< 0 by operation; 1..4 of that operation by payment; 5 corrections
    bool operator==(const ServiceTotals&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.kind);
    }
};

} // namespace kb::shtrih

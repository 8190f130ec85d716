// What a register tells about itself, in words no vendor owns. Every optional means: the device did not say.
#pragma once

#include "protocol/core/money.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::fiscal {

enum class FfdVersion : std::uint8_t { unknown = 0, v1_0 = 1, v1_05 = 2, v1_1 = 3, v1_2 = 4 };

/// What a technician must know of a device beyond its states; its driver finds it once after connecting.
enum class DeviceWarning {
    /// Documents go to the OFD only while the maker's own library talks to the register: with this driver
    /// they pile up,
    /// and after 30 days the register stops.
    ofd_needs_vendor_driver,
};

/// How sure the house is of what it assumes of a model (docs/devices.md).
enum class Confidence {
    guess,        ///< no source but lists and catalogues
    documents,    ///< vendor documents, code or logs of real units that were read
    emulated,     ///< the common scenarios pass against an emulator of this model
    field_tested, ///< fixtures captured from real units pass
};

/// Who carries documents to the OFD.
enum class OfdSender { unknown, itself, host_program };

/// Who the device is. Asked once after connecting.
struct DeviceInfo {
    std::string family;           ///< "shtrih", "elves", "retail", "rr", "atol"
    std::string model;            ///< as people know it: "ШТРИХ-М-02Ф"
    std::string kkt_serial;       ///< factory number (заводской номер), tag 1013
    std::string kkt_reg_number;   ///< РНМ, 16 digits; empty before registration
    std::string firmware_version; ///< "C.3"
    std::uint32_t firmware_build = 0;
    std::optional<std::chrono::year_month_day> firmware_date;
    std::string protocol; ///< "shtrih v1 1.14"
    std::string inn;      ///< of the user; empty before registration
    std::string user;     ///< owner's name as registered, may be empty
    std::string address;
    FfdVersion ffd = FfdVersion::unknown;
    bool ffd_assumed = false;     ///< the device does not tell it
    std::uint8_t tax_systems = 0; ///< bit mask of tag 1062
    bool has_cutter = false;
    bool has_cover_sensor = false;
    std::vector<DeviceWarning> warnings;
};

enum class Paper { unknown, present, absent };
enum class Cover { unknown, closed, open };

/// What the register is doing now. One short command while nothing happens.
struct DeviceStatus {
    enum class Mode {
        unknown,
        shift_closed,
        shift_open,
        shift_expired, ///< over 24 h: only closing works
        receipt_open,
        data_output, ///< a document is being read out
        printing,
        blocked, ///< needs a technician (RAM, wrong inspector password, date to confirm, test run)
    };
    Mode mode = Mode::unknown;
    std::uint16_t vendor_mode = 0; ///< mode and sub-mode as the vendor numbers them, for logs
    Paper paper = Paper::unknown;
    Cover cover = Cover::unknown;
    bool waits_for_continue = false; ///< paper is back, the register waits for "continue printing"
    /// True when reading the archive now cannot disturb a sale (design law 5).
    bool may_read_archive = false;
    /// True when at least a document's short record may be asked for: one question that prints nothing and
    /// leaves the mode as it is.
    bool may_read_records = false;
};

struct ShiftState {
    bool open = false;
    std::uint32_t shift_number = 0;   ///< of the open shift, else of the last closed one
    std::uint32_t receipt_number = 0; ///< last receipt in the shift
    bool over_24h = false;
};

struct FnStatus {
    std::string fn_serial;
    std::uint8_t phase = 0; ///< 0 setup, 1 ready, 3 fiscal, 7 closed and sending, 15 archive only
    std::uint8_t current_document = 0;
    bool shift_open = false;
    std::uint8_t warnings = 0; ///< bits of docs/sources.md#ffd, section 6.3
    std::optional<LocalSeconds> last_document_at;
    std::uint32_t last_fd_number = 0; ///< 0: no document yet
    std::string version;
    bool serial_production = true; ///< false: debug drive (МГМ)
    std::optional<std::chrono::year_month_day> expires_on;
    std::optional<std::uint32_t> registrations_left;
    std::optional<std::uint32_t> documents_left; ///< of the 5-year area
    std::optional<std::uint32_t> kilobytes_left; ///< of the 30-day area
};

struct OfdStatus {
    std::uint32_t unsent_documents = 0;
    std::optional<std::uint32_t> first_unsent_fd;
    std::optional<LocalSeconds> first_unsent_at;
    bool connected = false;
    bool waiting_for_ticket = false;
    std::optional<std::uint32_t> last_ofd_code; ///< last answer code of the operator
    std::string server;                         ///< host:port, may be empty
    OfdSender sender = OfdSender::unknown;      ///< as set in the register
};

struct SdCard {
    enum class State { unknown, present, missing, failing };
    State state = State::unknown;
    std::uint32_t vendor_status = 0;
    std::uint32_t sector_size = 0; ///< bytes
    std::uint32_t total_sectors = 0;
    std::uint32_t free_sectors = 0;
    std::uint32_t io_errors = 0;
    std::uint32_t retries = 0;
};

/// Everything sampled at one moment; what the journal keeps and the cabinet shows.
struct DeviceSample {
    UtcMs taken_at{};
    std::string state; ///< device life: absent, connecting, identifying, reconciling, ready, busy, blocked
    std::string state_reason; ///< Errc name or empty
    DeviceInfo info;
    DeviceStatus status;
    std::optional<ShiftState> shift;
    std::optional<LocalSeconds> shift_opened_at;
    std::optional<FnStatus> fn;
    std::optional<OfdStatus> ofd;
    std::optional<SdCard> sd_card;
    std::optional<LocalSeconds> device_clock;
    std::optional<std::int64_t> clock_drift_s; ///< register minus PC, seconds
    std::optional<Kopecks> cash_in_drawer;
    /// Documents of the FN that the journal does not hold in full: never read, or known by their short record
    /// while the body is still to be read. Why they wait stands in state_reason.
    std::optional<std::uint64_t> unread_documents;
    /// What the configuration of this register lets the cabinet do with it; empty: nothing.
    std::vector<std::string> cabinet_commands;
};

} // namespace kb::fiscal

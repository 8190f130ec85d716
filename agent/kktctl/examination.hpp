// The doctor's judgement: from what is known to verdicts with cause and cure. Knows no ports, files or
// clocks.
#pragma once

#include "agent/kktctl/console.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent::kktctl {

enum class Level { ok, unknown, warning, problem };
std::string_view to_string(Level level);

/// What works with a register, for programs: names of fiscal::Ability and its neighbours (docs/devices.md).
struct AbilityFacts {
    std::vector<std::string> works;
    std::vector<std::string> lacks;
    std::vector<std::string> firmware_update; ///< ways of the maker's programs; empty: none are known
    std::string ffd;                          ///< "1.05"; empty: unknown
    bool ffd_assumed = false;                 ///< the register does not tell it
    std::string ofd_path;                     ///< itself, host_program, vendor_driver, unknown
    bool model_known = false;
    std::string confidence; ///< guess, documents, emulated, field_tested
};

struct Verdict {
    std::string check;   ///< pc, library, port, register, fn, sd, clock, abilities, cabinet, journal
    std::string subject; ///< of which device; empty: of the PC as a whole
    Level level = Level::unknown;
    std::string found;                       ///< what is so
    std::string cause;                       ///< why, where it is not ok
    std::string cure;                        ///< what to do about it
    std::string details;                     ///< what the layers below said, in their own words
    std::string code;                        ///< Errc name of what is wrong, where it has one
    std::vector<std::string> notes{};        ///< further lines of what is so
    std::optional<AbilityFacts> abilities{}; ///< of the check "abilities" when the register is known
};

/// What is known of one configured register: from the running agent, or asked directly.
struct DeviceEvidence {
    std::string name; ///< for people: configured name or port
    std::string port;
    std::optional<fiscal::DeviceSample> sample;
    std::string state;  ///< of the device's life, when the agent told; empty: asked directly
    std::string reason; ///< Errc name; empty: none
    std::string detail; ///< what exactly failed
};

/// Of its FN; 0 also when it is not known.
std::uint64_t unread_documents(const DeviceEvidence& device);

/// The maker's library that a configured register is spoken to through.
struct LibraryEvidence {
    std::string name; ///< of the register
    std::string path;
    std::string version;
    std::string reason; ///< Errc name; empty: it was found and can be used
    std::string detail; ///< places, what it lacks, what to install
};

struct PcEvidence {
    std::string data_dir;
    bool data_dir_exists = false;
    std::optional<std::uint64_t> free_bytes;
    bool agent_running = false;
    std::string agent_reason; ///< Errc name; empty: nobody answers there
    std::string agent_detail; ///< why it could not be asked
    UtcMs now{};
};

struct CabinetEvidence {
    std::string url; ///< empty: not configured
    bool enrolled = false;
    std::string state;  ///< as the agent says: online, offline …; empty: asked directly
    std::string reason; ///< Errc name; empty: it answered
    std::string detail;
};

struct JournalEvidence {
    bool exists = false;
    std::string reason; ///< Errc name; empty: it opened
    std::string detail;
    std::string state = "ready";
    std::uint64_t documents = 0;
    std::uint64_t missing = 0; ///< numbers the FNs have and the journal has not
    std::uint64_t unsent = 0;
    std::uint64_t set_aside = 0;
    std::optional<std::int64_t> oldest_unsent_age_s;
};

Verdict examine_pc(const Console& console, const PcEvidence& pc);
/// Port, register, FN, SD, clock and abilities of one device.
std::vector<Verdict> examine_device(const Console& console, const DeviceEvidence& device, UtcMs now);
Verdict examine_library(const Console& console, const LibraryEvidence& library);
Verdict examine_cabinet(const Console& console, const CabinetEvidence& cabinet);
Verdict examine_journal(const Console& console, const JournalEvidence& journal, bool has_cabinet);

} // namespace kb::agent::kktctl

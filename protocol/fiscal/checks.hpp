// What can be wrong with a fiscal document, alone and in its row: findings for the cabinet, never a refusal.
// Source: docs/sources.md#ffd, sections 3 and 8.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

enum class Severity { info, warning, error, alarm };
/// "info", "warning", "error", "alarm"
std::string_view to_string(Severity severity);

struct Finding {
    std::string code; ///< stable snake_case name: "payments_mismatch"
    Severity severity = Severity::warning;
    std::string fn_serial;
    std::uint32_t fd_number = 0;
    std::string path; ///< "3/1059[2]/1043"; the document's code alone when it concerns the whole
    std::string text_ru;
    std::string text_en;
};

/// The registration a document has to agree with.
struct RegistrationInForce {
    std::string kkt_reg_number;
    std::string inn;
    std::string kkt_serial;
    FfdVersion ffd = FfdVersion::unknown;
    std::optional<std::uint32_t> tax_systems; ///< 1062
    std::optional<std::uint32_t> agent_flags; ///< 1057
    bool offline = false;
};
/// Of a document 1 or 11; nullopt for others.
std::optional<RegistrationInForce> registration_in_force(const Document& document);

/// Everything one document tells: mandatory tags of its FFD version, enumerations, items, total, payments,
/// VAT, taxation, agents, numbers. `registration`: what is in force, if known. `now`: the wall clock at the
/// register.
std::vector<Finding> check_document(const Document& document,
                                    const RegistrationInForce* registration = nullptr,
                                    std::optional<LocalSeconds> now = std::nullopt);

/// The row of one drive's documents, fed in order of fd_number; starting in the middle is allowed.
class SequenceCheck {
public:
    SequenceCheck();
    SequenceCheck(SequenceCheck&&) noexcept;
    SequenceCheck& operator=(SequenceCheck&&) noexcept;
    ~SequenceCheck();

    /// What this document tells against those before it. The OFD's tickets (7) and documents of another drive
    /// are looked at, not counted.
    std::vector<Finding> feed(const Document& document);
    [[nodiscard]] const RegistrationInForce* registration() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Tags a document of this kind must have in this version, top level, as in section 3; empty when not known.
std::span<const Tag> mandatory_tags(DocumentType type, FfdVersion ffd);
/// The same for a structure inside documents (1059 ...).
std::span<const Tag> mandatory_tags_of_structure(Tag structure, FfdVersion ffd);

} // namespace kb::fiscal

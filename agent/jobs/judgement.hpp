// Whether a document in the FN is the one a job was to make. Pure: documents in, a verdict with its reasons
// out. Source: docs/sources.md#shtrih, section 8; docs/sources.md#atol, section 12.
#pragma once

#include "agent/jobs/intent.hpp"
#include "protocol/fiscal/request.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// What the FN tells of one document after the intent.
struct Seen {
    fiscal::DocumentType type{};
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    LocalSeconds datetime{};
    std::optional<fiscal::Operation> operation;
    std::optional<Kopecks> total;
    /// Of the whole document; nullopt: only the short record could be had.
    std::optional<fiscal::Receipt> body;
};
/// Of either form. Errc::bad_tlv and the like for what is no document.
Result<Seen> seen_of(const fiscal::FiscalDocument& document);

struct Judgement {
    bool ours = false;
    std::string why; ///< "marker KB-… found", "type 2 instead of 3", for the evidence
};

/// By type, operation and sum first; then the marker decides, where one was sent and the body can be had.
/// Without either, time does (not before the intent, register's clock set back by at most five minutes) and,
/// with a body, every position.
Judgement judge(const fiscal::Request& request, const Intent& intent, const Seen& seen);

/// The document the step makes; nullopt for one that makes none.
std::optional<fiscal::DocumentType> awaited(const fiscal::Request& request, JobStep step);

} // namespace kb::agent

// Takes documents in: exactly once, never over another, with everything that is counted from them.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/rejected.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

struct Batch {
    TenantId tenant;
    std::string agent_id;
    std::vector<IncomingDocument> documents;
    /// Refused before they came here: unreadable, or not what their key says.
    struct Refused {
        std::uint32_t index = 0; ///< place in the request; counts only where the key is not readable
        Rejection rejection;
    };
    std::vector<Refused> refused;
    UtcMs received_at{};
};

struct BatchResult {
    cabinet_api::DocumentsResponse answer;
    std::vector<std::size_t>
        stored;                   ///< positions in Batch::documents that are new or grew from short to full
    std::vector<EventRow> alarms; ///< conflicts, each once
};

/// Inside the writer's transaction. The key is (tenant, fn_serial, fd_number). The same bytes again: no
/// change. A full document over the short record of the same head: replaced, sums corrected by the
/// difference. Anything else under a held key: rejected with code "conflict".
BatchResult take_in(Connection& connection, const Batch& batch);

} // namespace kb::cabinet::store

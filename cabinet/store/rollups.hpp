// Sums by hour, register, operation and payment kind, kept with every document so that a report costs what it
// shows and not what was ever sold.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

#include <map>
#include <tuple>

namespace kb::cabinet::store {

/// What one document adds to the sums; nothing unless it is a receipt, BSO or correction with its operation.
struct Contribution {
    std::int64_t hour = 0; ///< local hours since 1970
    bool correction = false;
    std::int64_t operation = 0;
    std::int64_t total = 0;
    std::optional<Payments> payments; ///< absent: the total counts as unknown
    std::vector<std::pair<int, std::int64_t>> vat;
};
std::optional<Contribution> contribution_of(fiscal::DocumentType type, LocalSeconds datetime,
                                            const Digest& digest);

/// Changes of one transaction, gathered before they are written.
class RollupChanges {
public:
    /// sign: +1 adds the document, -1 takes it away again.
    void apply(const std::string& kkt_serial, const Contribution& contribution, int sign);
    void write(Connection& connection, TenantId tenant) const;

private:
    struct Row {
        std::int64_t receipts = 0;
        std::int64_t total = 0;
        Payments payments{};
        std::int64_t unknown = 0;
    };
    using Key =
        std::tuple<std::int64_t, std::string, bool, std::int64_t>; // hour, register, correction, operation
    std::map<Key, Row> rows_;
    std::map<std::pair<Key, int>, std::int64_t> vat_;
};

/// Buckets ascending by key; buckets without documents are not there.
std::vector<std::pair<std::string, Sums>> totals(Connection& connection, TenantId tenant,
                                                 const TotalsFilter& filter);

} // namespace kb::cabinet::store

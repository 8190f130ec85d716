// Whether the sums of a period are whole: which missing documents are of that period, as far as it can be
// known.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// Between two dates, both inclusive.
struct Period {
    LocalSeconds from{};
    LocalSeconds to{};
};

/// Missing numbers of one FN, and between which two times their documents were made. Numbers of an FN rise
/// with time, so that is what its neighbours say: the held document before, the held document after, or,
/// behind the last held one, when the register said its last number.
struct Gap {
    cabinet_api::FdRange numbers;
    std::optional<LocalSeconds> not_before;
    std::optional<LocalSeconds> not_after;
};
enum class Belongs { no, maybe, yes };
/// Whether the documents of a gap are of the period: all of them, none, or some, nobody knows which. Looks at
/// whole minutes: neither short records nor an FN's status know seconds.
[[nodiscard]] Belongs belongs(const Gap& gap, const Period& period);

struct FnGap {
    std::string fn_serial;
    Gap gap;
    Belongs belongs = Belongs::maybe;
};
struct RegisterCompleteness {
    std::string kkt_serial;
    std::string agent_id;
    std::string model;
    std::string state;                 ///< of its last sample; empty: none came yet
    std::uint64_t missing = 0;         ///< certainly documents of the period
    std::uint64_t missing_at_most = 0; ///< with those that may be
    std::vector<FnGap> gaps;           ///< that belong to it or may, oldest first; at most `most_gaps`
    std::optional<LocalSeconds> known_through; ///< its own clock when it last told of itself; nullopt: never
    bool sells_no_more = false;                ///< its FN is closed: nothing can follow
};

/// Of all registers, or the one asked for; ordered by serial number. Costs as much as they have gaps.
std::vector<RegisterCompleteness> completeness(Connection& connection, TenantId tenant, const Period& period,
                                               const std::optional<std::string>& kkt_serial,
                                               std::size_t most_gaps);

} // namespace kb::cabinet::store

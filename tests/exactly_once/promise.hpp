// The promise of a job, checked against the FN itself: one document of a job that is done, none of any other.
#pragma once

#include "tests/exactly_once/shop.hpp"

#include <map>
#include <string>
#include <vector>

namespace kb::test {

struct Tally {
    std::size_t receipts = 0;
    std::size_t made = 0; ///< of them: done; a promise that is kept by making nothing is worth nothing
    std::size_t faults = 0;
    std::size_t doubled = 0;             ///< jobs with more than one document, receipts that nobody asked for
    std::size_t lost = 0;                ///< done without its document, or with another's, or for another sum
    std::size_t false_confirmations = 0; ///< said to be done and not in the FN, or denied and in it
    std::size_t unknown_left = 0;        ///< not final though the register answers
    std::vector<std::string> complaints; ///< the first ones, with what was seen
    std::vector<std::string> not_made;   ///< refused or given up, and rightly said to be

    [[nodiscard]] bool kept() const
    {
        return doubled == 0 && lost == 0 && false_confirmations == 0 && unknown_left == 0;
    }
    [[nodiscard]] std::string line() const;
    void add(const Tally& other);
};

/// Compares the last told state of each job with the documents made since `first`; `by_hand` receipts of them
/// were rung on the keypad.
void tally_up(Tally& tally, const TestRegister& device, std::uint32_t first,
              const std::vector<storage::Job>& jobs, std::size_t by_hand, const std::string& what);

} // namespace kb::test

// A row of docs/exactly-once.md is a test: over all ways to a register, one fault at each place where it can
// strike, and the promise checked against the FN after each.
#pragma once

#include "tests/exactly_once/promise.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::test {

/// One thing that goes wrong in one sale.
struct Trouble {
    std::function<void()> between = [] {};               ///< after every step of the shop
    std::function<bool()> struck = [] { return false; }; ///< asked at the end of the sale
};
/// Called when the sale is about to begin.
using Begin = std::function<Trouble(Shop&, Shop::Caller&)>;

/// It went wrong before the sale was begun.
Trouble has_happened();
/// Nothing goes wrong.
Trouble no_trouble(Shop& shop, Shop::Caller& caller);
/// `action` after so many steps of the sale.
Trouble at_step(std::size_t step, std::function<void()> action);
/// The register's fault `kind` at a command of the sale: the first one is 0.
Trouble at_command(Shop& shop, emulator::FaultKind kind, std::size_t command,
                   std::chrono::milliseconds duration = std::chrono::milliseconds{2000},
                   std::uint32_t count = 1);

/// The same small sale again and again, each time with something that goes wrong, in a shop whose shift is
/// open. From time to time the shop is a new one.
class Trials {
public:
    Trials(const Make& make, Tally& tally);
    /// Checks the promise of every sale.
    ~Trials();
    Trials(const Trials&) = delete;
    Trials& operator=(const Trials&) = delete;

    /// True: the trouble struck in it. `what`, with the way's name, becomes its key.
    bool sell(const std::string& what, const Begin& begin);

    /// Of the sale that was last.
    [[nodiscard]] const storage::Job& job() const { return *job_; }
    [[nodiscard]] std::size_t steps() const { return steps_; }
    /// Ready, with the shift open; after sell(), with what went wrong put right.
    Shop& shop();
    /// The next sale is made in a new one.
    void end_shop();

private:
    void open_shop();

    const Make& make_;
    Tally& tally_;
    std::unique_ptr<Shop> shop_;
    std::uint32_t first_ = 0; ///< document of the trials in this shop
    std::vector<storage::Job> jobs_;
    std::optional<storage::Job> job_;
    std::size_t steps_ = 0;
};

/// What becomes of the sales of a row.
enum class Ends { all_made, none_made, either };
/// A fault of bytes means nothing where they do not pass through our hands.
enum class Ways { all, raw_lines };
/// Prints the row's counts as one line.
void over_all_ways(const std::string& row, Ends ends, const std::function<void(const Make&, Tally&)>& tries,
                   Ways ways = Ways::all);

/// What an undisturbed sale has until its job is final, the shortest of some: beyond it nothing strikes a
/// sale.
struct Extent {
    std::size_t steps = 0;
    std::size_t commands = 0;  ///< answered by the register
    std::size_t to_device = 0; ///< pieces of the line
    std::size_t to_host = 0;
    std::size_t writes = 0; ///< to the journal's disk
};
Extent extent_of(const Make& make);

/// Of `all` places every one in the long form, in the short one not more than `some`, others for each way.
std::vector<std::size_t> places(const Make& make, std::size_t all, std::size_t some);
bool long_form();

} // namespace kb::test

// Marking codes of FFD 1.2 as the FN and the state system behind it see them: what a test or the keypad wants
// them to say, and the FN's table of codes that were checked. Source: docs/sources.md#ffd, section 4.15.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kb::emulator {

/// What is said of a code.
struct MarkAnswer {
    enum class Fn { right, wrong, no_key };
    enum class System { right, wrong_status, suspended, no_code, silent };
    Fn fn = Fn::right;
    System system = System::right;
    bool operator==(const MarkAnswer&) const = default;

    /// Tag 2004: bit 0 checked, bit 1 found right.
    [[nodiscard]] std::uint8_t local_result() const;
    /// Tag 2106, without bit 4 (registers without an OFD).
    [[nodiscard]] std::uint8_t result() const;
};

struct CheckedMark {
    std::string code;
    std::uint8_t planned_status = 1;
    std::uint8_t result = 0;
    bool unanswered = false; ///< the state system was asked and is silent, and nobody gives up for it
};

/// Lost with the power, as the FN's own is.
class MarkingDesk {
public:
    static constexpr std::size_t kMostKept = 128;

    /// Of every code that has no word of its own.
    void say(MarkAnswer answer) { usual_ = answer; }
    void say_of(const std::string& code, MarkAnswer answer) { of_code_[code] = answer; }
    [[nodiscard]] MarkAnswer answer(const std::string& code) const;
    [[nodiscard]] MarkAnswer usual() const { return usual_; }

    void check(CheckedMark mark) { pending_ = std::move(mark); }
    [[nodiscard]] const std::optional<CheckedMark>& pending() const { return pending_; }
    void reject() { pending_.reset(); }
    /// Precondition: there is a pending one, and room.
    void accept();
    void clear();
    [[nodiscard]] const std::vector<CheckedMark>& kept() const { return kept_; }
    [[nodiscard]] const CheckedMark* find(const std::string& code) const;

private:
    MarkAnswer usual_;
    std::map<std::string, MarkAnswer> of_code_;
    std::optional<CheckedMark> pending_;
    std::vector<CheckedMark> kept_;
};

} // namespace kb::emulator

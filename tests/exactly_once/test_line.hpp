// What leads from an agent to a virtual register in one process and in stepped time, as the tests of a sale
// see it: it carries pieces, and is lost at any of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace kb::test {

/// Where a line breaks: after so many pieces in that direction, counted from now.
struct Cut {
    std::optional<std::size_t> to_device;
    std::optional<std::size_t> to_host;
};

/// A piece is a byte of a line of ours, and a whole command or its answer where a maker's library owns the
/// line.
class TestLine {
public:
    TestLine() = default;
    virtual ~TestLine() = default;
    TestLine(const TestLine&) = delete;
    TestLine& operator=(const TestLine&) = delete;

    void hang_up() { hang_up(std::chrono::milliseconds{500}); }
    /// It goes away, and comes back after `away`.
    virtual void hang_up(std::chrono::milliseconds away) = 0;
    void cut_at(Cut cut)
    {
        cut_ = cut;
        was_cut_ = false;
    }
    /// Since then.
    [[nodiscard]] bool was_cut() const { return was_cut_; }
    /// Pieces that passed since it was made.
    [[nodiscard]] std::size_t passed_to_device() const { return to_device_; }
    [[nodiscard]] std::size_t passed_to_host() const { return to_host_; }

protected:
    enum class Direction { to_device, to_host };

    /// How many of `pieces` pass; when not all do, the line has hung up.
    std::size_t pass(std::size_t pieces, Direction direction)
    {
        std::optional<std::size_t>& left = direction == Direction::to_device ? cut_.to_device : cut_.to_host;
        std::size_t& passed = direction == Direction::to_device ? to_device_ : to_host_;
        const std::size_t through = left && *left < pieces ? *left : pieces;
        passed += through;
        if (through < pieces) {
            left.reset();
            was_cut_ = true;
            hang_up();
        } else if (left) {
            *left -= pieces;
        }
        return through;
    }

private:
    Cut cut_;
    bool was_cut_ = false;
    std::size_t to_device_ = 0;
    std::size_t to_host_ = 0;
};

} // namespace kb::test

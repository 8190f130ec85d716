// Where in a document something was found, as errors and findings say it: "3/1059[2]/1023".
#pragma once

#include "protocol/fiscal/tlv.hpp"

#include <array>
#include <string>
#include <vector>

namespace kb::fiscal {

/// The way from the document down to a tag; costs nothing until text() is asked.
class TlvPath {
public:
    /// One level down to the tag that would follow `before` among its siblings.
    void push(Tag tag, const std::vector<Tlv>& before)
    {
        if (depth_ < steps_.size())
            steps_[depth_] = {tag, &before};
        ++depth_;
    }
    void pop() { --depth_; }
    [[nodiscard]] std::size_t depth() const { return depth_; }
    [[nodiscard]] std::string text() const;

private:
    struct Step {
        Tag tag;
        const std::vector<Tlv>* before;
    };
    std::array<Step, kMaxTlvDepth + 1> steps_{};
    std::size_t depth_ = 0;
};

/// "1059[2]": the step to the n-th (from 1) sibling with the tag.
std::string path_step(Tag tag, std::size_t n);

} // namespace kb::fiscal

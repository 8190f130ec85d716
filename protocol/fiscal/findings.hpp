// Collects what the checks find in one document.
#pragma once

#include "protocol/fiscal/checks.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kb::fiscal {

class Findings {
public:
    explicit Findings(const Document& document) : head_(document.head) {}

    /// `path`: below the document ("1059[2]/1043"), or empty for the whole.
    void add(Severity severity, std::string code, const std::string& path, std::string ru, std::string en)
    {
        std::string full = std::to_string(static_cast<unsigned>(head_.type));
        if (!path.empty())
            full += '/' + path;
        found_.push_back({std::move(code), severity, head_.fn_serial, head_.fd_number, std::move(full),
                          std::move(ru), std::move(en)});
    }
    void add(Severity severity, std::string code, Tag tag, std::string ru, std::string en)
    {
        add(severity, std::move(code), std::to_string(tag), std::move(ru), std::move(en));
    }

    std::vector<Finding> take() { return std::move(found_); }

private:
    const Head& head_;
    std::vector<Finding> found_;
};

/// 1037, 1018 and 1209 against the registration in force.
void check_identity(Findings& found, const Document& document, const RegistrationInForce& registration);

} // namespace kb::fiscal
